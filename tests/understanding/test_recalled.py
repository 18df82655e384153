"""T-10: whoever tells what happens in a book and asks which one it is names no wish: all that is told describes the one book."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.wishes import Recalled, Surety, Wish
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import Talk, card


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("what was that one about a lighthouse keeper who writes letters", "a lighthouse keeper who writes letters"),
        ("forgot the name, a boy draws robots that come alive", "a boy draws robots that come alive"),
        ("there was this manga where sisters run a bath house", "sisters run a bath house"),
        ("looking for a book i read as a kid, a fox marries a tailor", "as a kid a fox marries a tailor"),
        ("do you know the series with the singing whales", "the singing whales"),
    ],
)
def test_what_is_told_of_a_book_stands_without_the_words_that_ask_for_it(message: str, told: str) -> None:
    assert read(message).recalls == told


@pytest.mark.parametrize(
    "message",
    [
        "a lighthouse keeper who writes letters",
        "is naruto the one where they run funny",
        "do you have the one with the box",
        "something about singing whales",
        "whats the one about",
    ],
)
def test_a_wish_a_named_title_and_a_mere_pointer_recall_nothing(message: str) -> None:
    assert not read(message).recalls


@pytest.mark.parametrize(
    ("surety", "message", "asks_back"),
    [
        ("hardly", "yes that one, is it finished", True),
        ("hardly", "yes the second one, is it finished", False),
        ("surely", "yes that one, is it finished", False),
    ],
)
def test_a_yes_to_several_guesses_says_nothing_of_any_of_them(surety: Surety, message: str, asks_back: bool) -> None:
    wish = Wish(recalled=Recalled(("uzumaki", "monster"), surety))
    state = DialogueState(acts=(Act.FIND,), shown=(card("uzumaki"), card("monster")), wish=wish)
    meaning = Talk(state=state).say(message)
    assert (meaning.act is Act.FIND) is asks_back
