"""T-11, T-12: what was heard of a wish is answered or said not to be; of sets, and what still fits, the verdict comes first."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.derived import Derived, ReadingPart, Relaxed, SetOrSingles
from mangaassist.domain.dialogue import DialogueState, Shown
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Recalled, Surety, Wish
from mangaassist.models.writers.offline.product_lines import fit_words
from tests.writing.hand_built import HORROR, answer, target

FUNNY = Wish(wanted=(Label("mood", "funny", "funny"),), words=("dumb",))


@pytest.fixture(scope="session")
def books(shelf: SimpleNamespace) -> tuple[ProductEvidence, ...]:
    return tuple(shelf.product(name) for name in ("uzumaki", "pluto", "vagabond"))


def test_a_word_that_no_label_covers_denies_nothing_and_is_said_to_be_unheard(
    books: tuple[ProductEvidence, ...],
) -> None:
    evidence = Evidence(products=books, derived=Derived(relaxed=(Relaxed(what="words"),)))
    said = answer(Act.FIND, evidence, (), FUNNY, quotable=("dumb",))
    assert "find" not in said.partition("\n")[0].lower()
    assert "no match" not in said
    assert "“dumb”" in said


def test_a_word_that_may_describe_nothing_is_not_quoted(books: tuple[ProductEvidence, ...]) -> None:
    evidence = Evidence(products=books, derived=Derived(relaxed=(Relaxed(what="words"),)))
    assert "“dumb”" not in answer(Act.FIND, evidence, (), FUNNY)


def test_praise_of_readers_is_told_as_theirs() -> None:
    drawn = Label("mood", "beautifully drawn", "good art", by=("intricate artwork",), by_readers=True)
    assert fit_words([drawn]) == "readers praise its intricate artwork"


def test_what_another_medium_is_near_by_is_no_bare_word() -> None:
    games = Label("medium", "Minecraft", "minecraft", by=("Science", "Survival"))
    assert fit_words([games]) == "science and survival for fans of Minecraft"


def boxed(known: ProductEvidence, first: int, last: int, total: int, status: str) -> ProductEvidence:
    product = replace(
        known.product, format=Format.BOX_SET, title=f"{known.product.series_title} Box Set", volume=None,
        volume_from=first, volume_to=last, series_volumes=total, series_status=status,
    )  # fmt: skip
    return replace(known, product=product)


@pytest.mark.parametrize(
    ("last", "status", "begins"),
    [
        (23, "finished", "Yes: **Pluto: Urasawa x Tezuka Box Set** holds all 23 volumes, the whole story."),
        (23, "ongoing", "Yes: **Pluto: Urasawa x Tezuka Box Set** holds all 23 volumes that are out so far"),
        (10, "finished", "No: **Pluto: Urasawa x Tezuka Box Set** holds volumes 1 to 10 of 23."),
    ],
)
def test_whether_a_box_is_the_whole_story_is_said_first(
    books: tuple[ProductEvidence, ...], last: int, status: str, begins: str
) -> None:
    box = boxed(books[1], 1, last, 23, status)
    asked: dict[str, Any] = {"premise": "complete_set"}
    said = answer(Act.EDITION, Evidence(products=(box,)), [target(box, form=Format.BOX_SET)], **asked)
    assert re.sub(r" \([^)]*\)", "", said).startswith(begins)


def test_beside_the_sum_of_a_run_the_set_that_holds_just_these_is_named(books: tuple[ProductEvidence, ...]) -> None:
    asked = [target(books[2], volume) for volume in (4, 5, 6)]
    held: dict[str, Any] = {
        "title": "Vagabond Box 2", "set_price": "25.00", "singles_price": "30.00", "saves": "5.00", "currency": "USD",
    }  # fmt: skip
    for first, last, expected in ((4, 6, True), (4, 9, False)):
        one = SetOrSingles(asins=("B0X",), first=first, last=last, **_amounts(held))
        run = tuple(replace(books[2], product=replace(books[2].product, volume=volume)) for volume in (4, 5, 6))
        said = answer(Act.TOTAL, Evidence(products=run, derived=Derived(sets=(one,))), asked)
        assert ("holds exactly these volumes for $25.00, $5.00 less" in said) is expected


def _amounts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if value[0].isdigit() else value for name, value in fields.items()}


def standing(known: ProductEvidence, status: str) -> ProductEvidence:
    return replace(known, product=replace(known.product, series_status=status))


@pytest.mark.parametrize(
    ("states", "begins"),
    [
        (("finished", "finished"), "Both are finished: "),
        (("ongoing", "hiatus"), "None of them is finished: "),
        (("finished", "ongoing"), "**Uzumaki** is finished; "),
    ],
)
def test_which_of_several_are_finished_is_one_verdict(
    books: tuple[ProductEvidence, ...], states: tuple[str, ...], begins: str
) -> None:
    several = tuple(standing(*pair) for pair in zip(books[:2], states, strict=True))
    assert answer(Act.FINISHED, Evidence(products=several), list(map(target, several))).startswith(begins)


def listed(*several: ProductEvidence) -> tuple[Shown, ...]:
    return tuple(
        Shown(
            asin=one.asin,
            series_id=one.product.series_id,
            title=one.product.title,
            series_title=one.product.series_title,
        )
        for one in several
    )


def test_what_still_fits_a_narrowed_wish_is_not_told_again_but_what_fits_beside_it(
    shelf: SimpleNamespace, books: tuple[ProductEvidence, ...]
) -> None:
    before = DialogueState(acts=(Act.FIND,), shown=listed(*books), wish=Wish(wanted=(HORROR,)))
    narrowed = Wish(wanted=(HORROR,), unwanted=(Label("theme", "Superheroes", "superheroes"),))
    fresh, ids = shelf.product("berserk"), tuple(one.product.series_id for one in books)
    said = answer(Act.FIND, Evidence(products=(fresh, *books)), (), narrowed, state=before, is_follow_up=True, told=ids)
    assert said.count("\n- ") == 1
    assert "**Berserk**" in said
    assert "**Uzumaki**" in said.partition("\n")[0]


def test_nothing_comes_before_the_beginning_and_earlier_volumes_before_the_rest(
    books: tuple[ProductEvidence, ...],
) -> None:
    asked: dict[str, Any] = {"premise": "before"}
    assert answer(Act.START, Evidence(products=books[2:]), [target(books[2])], **asked).startswith("No, nothing")
    later = answer(Act.START, Evidence(products=books[2:]), [target(books[2], 5)], **asked)
    assert "volumes 1 to 4" in later


def test_an_earlier_part_of_the_story_comes_before_it(books: tuple[ProductEvidence, ...]) -> None:
    product = books[2].product
    parts = tuple(
        ReadingPart(series_id=one, title=one.title(), asin=None, year=0, volumes=0)
        for one in ("first", product.series_id)
    )
    asked: dict[str, Any] = {"premise": "before"}
    said = answer(
        Act.START, Evidence(products=books[2:], derived=Derived(reading_order=parts)), [target(books[2])], **asked
    )
    assert said.startswith("**First** comes before it")


def reviewed(known: ProductEvidence, told: str) -> ScoredChunk:
    made = Chunk(
        chunk_id="r", document_id="r", title=f"{known.product.series_title}: what readers think", content=told,
        source_type="reviews", category="", asin=known.asin, last_updated=datetime(2026, 9, 7, tzinfo=UTC), version=1,
    )  # fmt: skip
    return ScoredChunk(made, 0.6)


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        ("Fine.\nPraised: ink art, dread.\nCriticised: slow end.", "Readers think so: "),
        ("Fine.\nPraised: dread.\nCriticised: stiff art.", "Not all readers think so: "),
        ("Fine.\nPraised: a strong start.\nCriticised: the last part.", "I don't know how well "),
    ],
)
def test_how_a_book_is_drawn_is_told_by_readers_or_not_at_all(
    books: tuple[ProductEvidence, ...], told: str, begins: str
) -> None:
    drawn = Wish(wanted=(Label("mood", "beautifully drawn", "art good"),))
    evidence = Evidence(products=books[:1], chunks=(reviewed(books[0], told),))
    assert answer(Act.CONTENT, evidence, [target(books[0])], drawn).startswith(begins)


def test_a_question_beyond_whether_a_box_is_there_is_not_answered_yes(books: tuple[ProductEvidence, ...]) -> None:
    box = boxed(books[1], 1, 8, 8, "finished")
    asked = Evidence(products=(box,)), [target(box, form=Format.BOX_SET)]
    assert answer(Act.EDITION, *asked, fresh=("box", "set")).startswith("Yes: ")
    assert not answer(Act.EDITION, *asked, fresh=("box", "bigger", "normal")).startswith("Yes")


@pytest.mark.parametrize("surety", ["surely", "likely"])
def test_a_book_that_is_recalled_is_named_first_and_the_others_after_it(
    books: tuple[ProductEvidence, ...], surety: Surety
) -> None:
    wish = Wish(recalled=Recalled(tuple(one.product.series_id for one in books), surety))
    said = answer(Act.FIND, Evidence(products=books), (), wish, recalls="a spiral")
    first, _, others = said.partition("\n\n")
    assert first.index("**Uzumaki** by") < 50
    assert "**Pluto: Urasawa x Tezuka** or **Vagabond**" in others


def test_where_none_is_likely_no_book_is_said_to_be_the_one(books: tuple[ProductEvidence, ...]) -> None:
    wish = Wish(recalled=Recalled(tuple(one.product.series_id for one in books), "hardly"))
    said = answer(Act.FIND, Evidence(products=books), (), wish, recalls="a spiral")
    assert "sure" in said.partition("\n")[0]
    assert said.count("\n- ") == 3


def test_a_yes_to_several_guesses_is_asked_back_which_one(books: tuple[ProductEvidence, ...]) -> None:
    wish = Wish(recalled=Recalled(tuple(one.product.series_id for one in books), "hardly"))
    said = answer(Act.FIND, Evidence(products=books), (), wish)
    assert said.endswith("**Uzumaki**, **Pluto: Urasawa x Tezuka** or **Vagabond**?")
