"""T-4: a book is described instead of named, and the words that describe it are found; what else "the … one" says is none."""

import pytest

from mangaassist.understanding.descriptions import descriptions, with_names
from tests.understanding.demo_lexicon import read


def described(text: str) -> list[str]:
    return [words for one in descriptions(read(text)) for words in one.words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the robot one, is that finished", ["robot"]),
        ("is the viking one violent", ["viking"]),
        ("the doll one. how long?", ["doll"]),
        ("the manga one with the monsters", ["manga with the monsters"]),
        ("add that lighthouse one", ["lighthouse"]),
    ],
)
def test_what_stands_before_one_or_behind_it_describes_a_book(text: str, words: list[str]) -> None:
    assert described(text) == words


def test_a_description_may_end_anywhere_behind_its_first_telling_word() -> None:
    assert described("is the one about the plane long") == ["about the plane", "about the plane long"]


@pytest.mark.parametrize(
    "text",
    [
        "the second one",
        "the last one, is it done",
        "the other one",
        "that one",
        "the cheap one",
        "how many is that per series",
    ],
)
def test_a_place_a_measure_and_a_mere_pointing_word_describe_nothing(text: str) -> None:
    assert described(text) == []


def test_a_title_takes_the_place_of_what_describes_it() -> None:
    text = "not the robot one, the viking one. price?"
    found = descriptions(read(text))
    named = tuple((one.start, one.ends[0], title) for one, title in zip(found, ("Pluto", "Emma"), strict=True))
    assert with_names(text, named) == 'not "Pluto", "Emma". price?'
