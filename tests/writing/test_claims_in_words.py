"""What was supposed of a series is said yes or no to, with what the catalog knows (T-5)."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.claims import Claim
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.wishes import Label, Range
from mangaassist.models.writers.offline.claims_in_words import verdict
from mangaassist.models.writers.offline.focus import by_series
from tests.writing.hand_built import target, task


@pytest.fixture(scope="session")
def berserk(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk")


def told(act: Act, claim: Claim, *known: ProductEvidence) -> str:
    asked = task(act, Evidence(products=known), [target(one) for one in known])
    asked = replace(asked, meaning=replace(asked.meaning, claim=claim))
    return verdict(act, by_series(asked), asked)


def number(value: int) -> Claim:
    return Claim(volumes=Range(Decimal(value), Decimal(value)))


def test_a_wrong_maker_is_denied_and_the_right_one_named(berserk: ProductEvidence) -> None:
    assert told(Act.AUTHOR, Claim(makers=("Junji Ito",)), berserk) == (
        "No, **Berserk** is by Kentaro Miura and Studio Gaga, not by Junji Ito."
    )
    assert told(Act.AUTHOR, Claim(makers=("Kentaro Miura",)), berserk).startswith("Yes, **Berserk** is by")


def test_of_two_series_it_is_said_whether_one_made_both(berserk: ProductEvidence, shelf: SimpleNamespace) -> None:
    naruto = shelf.product("naruto")
    same = replace(naruto, product=replace(naruto.product, authors=("Kentaro Miura",)))

    assert told(Act.AUTHOR, Claim(shares_maker=True), berserk, naruto).startswith("No, not the same:")
    assert told(Act.AUTHOR, Claim(shares_maker=True), berserk, same).startswith("Yes, both are by Kentaro Miura:")


def test_a_kind_that_no_label_tells_is_denied_by_the_labels(berserk: ProductEvidence) -> None:
    romance = Label("genre", "Romance", "romance")
    drama = Label("genre", berserk.product.genres[0])

    assert told(Act.GENRE, Claim(kinds=(romance,)), berserk).startswith("No, not romance by our labels: **Berserk** is")
    assert told(Act.GENRE, Claim(kinds=(drama,)), berserk).startswith("Yes. **Berserk** is")


def test_a_kind_that_the_description_speaks_of_is_not_denied(berserk: ProductEvidence) -> None:
    described = replace(berserk, product=replace(berserk.product, description="A romance of sorts."))

    assert told(Act.GENRE, Claim(kinds=(Label("genre", "Romance", "romance"),)), described).startswith("**Berserk**")


def test_how_many_volumes_are_supposed_is_held_against_how_it_stands(berserk: ProductEvidence) -> None:
    over = replace(berserk, product=replace(berserk.product, series_status="finished", series_volumes=12))
    going = replace(berserk, product=replace(berserk.product, series_status="ongoing", series_volumes=12))

    assert told(Act.FINISHED, number(12), over) == "Yes, **Berserk** is complete with 12 volumes."
    assert told(Act.FINISHED, number(20), over) == "No, **Berserk** is complete with 12 volumes."
    assert told(Act.FINISHED, number(12), going).startswith("So far, yes:")
    assert told(Act.FINISHED, number(20), going) == "No: **Berserk** has 12 volumes so far and is still running."
    assert told(Act.FINISHED, Claim(volumes=Range(Decimal(11), None)), going).startswith("Yes:")


def test_nothing_supposed_is_nothing_said(berserk: ProductEvidence) -> None:
    assert told(Act.GENRE, Claim(), berserk) == ""
