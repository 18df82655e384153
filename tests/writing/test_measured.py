"""Several series are measured by what is told of their content: a verdict first, and none where nothing tells (T-11)."""

from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.models.writers.offline.comparisons import compare
from mangaassist.models.writers.offline.focus import by_series
from mangaassist.models.writers.offline.measured import ASPECTS
from mangaassist.models.writers.offline.phrasing import Phrasing
from tests.writing.hand_built import answer, target, task


@pytest.fixture(scope="session")
def two(shelf: SimpleNamespace) -> tuple[ProductEvidence, ProductEvidence]:
    return shelf.product("frieren-beyond-journeys-end"), shelf.product("delicious-in-dungeon")


def with_traits(known: ProductEvidence, *traits: str) -> ProductEvidence:
    return replace(known, product=replace(known.product, traits=traits))


def measured_by(aspect: str, *several: ProductEvidence, **understood: object) -> str:
    targets = [target(one) for one in several]
    return answer(Act.COMPARE, Evidence(products=several), targets, aspect=aspect, **understood)


def test_the_one_whose_content_has_more_of_it_is_named_first(two: tuple[ProductEvidence, ProductEvidence]) -> None:
    told = measured_by("funny", with_traits(two[0], "tone:sad"), with_traits(two[1], "tone:funny"))

    assert "**Delicious in Dungeon** is" in told.splitlines()[0]
    assert "funnier" in told.splitlines()[0]


def test_less_of_it_is_the_other_one(two: tuple[ProductEvidence, ProductEvidence]) -> None:
    told = measured_by("sad", with_traits(two[0], "tone:sad"), with_traits(two[1], "tone:funny"), aspect_less=True)

    assert "**Delicious in Dungeon** is less sad" in told


def test_what_neither_has_is_no_verdict(two: tuple[ProductEvidence, ProductEvidence]) -> None:
    told = measured_by("scary", with_traits(two[0], "scary:none"), with_traits(two[1], "scary:none"))

    assert "scarier" not in told
    assert told.startswith("Nothing")


def test_one_held_against_the_other_is_answered_by_no_where_the_other_has_more(
    two: tuple[ProductEvidence, ProductEvidence],
) -> None:
    told = measured_by("sad", with_traits(two[0], "tone:funny"), with_traits(two[1], "tone:sad"), aspect_than=True)

    assert told.startswith("No. ")


def test_that_one_is_the_one_that_was_named(two: tuple[ProductEvidence, ProductEvidence]) -> None:
    several = (with_traits(two[0], "tone:sad"), with_traits(two[1], "tone:funny"))
    asked = task(Act.COMPARE, Evidence(products=several), [target(one) for one in several], aspect="funny")
    phrasing = Phrasing(asked)

    compare(by_series(asked), asked, phrasing)

    assert phrasing.notes.chosen == "delicious-in-dungeon"


def test_likeness_is_what_both_share_and_what_sets_them_apart(two: tuple[ProductEvidence, ProductEvidence]) -> None:
    told = measured_by("alike", with_traits(two[0], "tone:sad"), with_traits(two[1], "tone:funny"))

    assert "adventure" in told.split(".")[0]
    assert "is more sad" in told
    assert "is more funny" in told


@pytest.mark.parametrize("name", ASPECTS)
def test_every_aspect_points_at_what_the_catalog_can_tell(name: str) -> None:
    aspect = ASPECTS[name]

    assert any(trait.startswith(f"{aspect.decides}:") for trait in aspect.traits)
    assert max(aspect.labels.values()) > 0
