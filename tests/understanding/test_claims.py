"""What somebody takes to be so of a series, and asks to hear confirmed (T-5, T-10)."""

from decimal import Decimal

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.claims import NO_CLAIM
from mangaassist.domain.wishes import Range
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import last_of


@pytest.mark.parametrize(
    "text",
    [
        "is akira by naoki urasawa",
        "akira is by naoki urasawa right",
        "did naoki urasawa do akira",
        "i thought akira was by naoki urasawa",
    ],
)
def test_who_shall_have_made_it_is_asked_of_the_catalog(text: str) -> None:
    meaning = last_of([text])

    assert meaning.act is Act.AUTHOR
    assert meaning.claim.makers == ("Naoki Urasawa",)


@pytest.mark.parametrize(
    "text",
    [
        "is naruto by the guy who did one piece?",
        "isnt naruto by the same author as one piece",
        "so naruto is by the one piece guy?",
    ],
)
def test_two_series_are_supposed_to_share_their_maker(text: str) -> None:
    meaning = last_of([text])

    assert (meaning.act, meaning.claim.shares_maker) == (Act.AUTHOR, True)
    assert [one.series_id for one in meaning.targets] == ["naruto", "one-piece"]


@pytest.mark.parametrize(
    ("text", "volumes"),
    [
        ("naruto ended at 72 right?", Range(Decimal(72), Decimal(72))),
        ("so naruto has like 20 volumes?", Range(Decimal(20), Decimal(20))),
        ("one piece has over 100 volumes right", Range(Decimal(101), None)),
    ],
)
def test_how_many_volumes_it_shall_have_is_held_against_how_it_stands(text: str, volumes: Range) -> None:
    meaning = last_of([text])

    assert (meaning.act, meaning.claim.volumes) == (Act.FINISHED, volumes)


@pytest.mark.parametrize(
    "text", ["is berserk a romance", "isnt berserk the romance one", "hi so berserk is a romance right"]
)
def test_of_which_kind_it_shall_be_is_said_yes_or_no_to(text: str) -> None:
    meaning = last_of([text])

    assert (meaning.act, [one.value for one in meaning.claim.kinds]) == (Act.GENRE, ["Romance"])


def test_what_else_is_told_of_it_makes_the_question_no_unknown_one() -> None:
    meaning = last_of(["hi is berserk the romance one with the red haired guy"])

    assert meaning.act is Act.GENRE


@pytest.mark.parametrize(
    "text",
    [
        "is naruto by masashi kishimoto in stock",
        "do you have 3 volumes of naruto",
        "is naruto 3 in stock",
        "something by naoki urasawa please",
        "i want a romance like naruto",
        "naruto is a romance, i want more of those",
    ],
)
def test_what_asks_for_something_else_supposes_nothing(text: str) -> None:
    assert last_of([text]).claim == NO_CLAIM


def test_only_what_is_asked_is_a_claim() -> None:
    assert read("naruto is by masashi kishimoto").claim == NO_CLAIM
