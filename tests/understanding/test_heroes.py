"""T-5: what is said of a main character, wherever it stands beside the word for one."""

import pytest

from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.mentions import MentionReader

READER = MentionReader(Lexicon())


def roles(text: str) -> dict[str, str]:
    return {mention.value: mention.role for mention in READER.read(analyse(text)) if mention.kind == "mood"}


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("smart evil main character", {"clever hero", "villain protagonist"}, set()),
        ("isekai where the mc isnt op", set(), {"overpowered hero"}),
        ("mc is not overpowered", set(), {"overpowered hero"}),
        ("strong girl mc", {"female lead", "strong hero"}, set()),
        ("the protagonist is a genius", {"clever hero"}, set()),
        ("an adult as the main character", {"grown-up"}, set()),
        ("weak mc gets strong", {"underdog hero"}, set()),
        ("no male lead", set(), {"male lead"}),
    ],
)
def test_what_is_said_of_a_main_character_is_wanted_or_refused(text: str, wanted: set[str], unwanted: set[str]) -> None:
    found = roles(text)
    assert wanted <= {value for value, role in found.items() if role == "wanted"}
    assert unwanted == {value for value, role in found.items() if role == "unwanted"}


@pytest.mark.parametrize("text", ["for my girl, something smart", "a guy recommended it", "old books", "a bad day"])
def test_the_same_words_say_nothing_of_a_character_that_nobody_names(text: str) -> None:
    assert not {"female lead", "male lead", "clever hero", "grown-up", "villain protagonist"} & set(roles(text))


def test_a_person_the_book_is_for_is_not_its_lead() -> None:
    assert "female lead" not in roles("for a girl with a strong lead")
