"""A redacted word never changes what the shopper is understood to want (G-1)."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.told_aside import without_told_aside

QUESTION = "do you have one piece volume 3"


@pytest.mark.parametrize(
    "said",
    [
        f"my email is [REDACTED], {QUESTION}",
        f"my e-mail address is [REDACTED] {QUESTION}",
        f"{QUESTION}, my email is [REDACTED]",
        f"[REDACTED] is my card. {QUESTION}",
        f"[REDACTED], {QUESTION}",
        f"{QUESTION} call me at [REDACTED]",
        f"im at [REDACTED], {QUESTION}",
        f"{QUESTION} ([REDACTED])",
        f"my password is [REDACTED] {QUESTION}",
        f"phone: [REDACTED], email: [REDACTED], {QUESTION}",
        f"my card number is [REDACTED] [REDACTED] [REDACTED]. {QUESTION}",
    ],
)
def test_what_is_told_beside_a_question_is_no_part_of_it(said: str) -> None:
    assert without_told_aside(said).strip(" .,") == QUESTION


@pytest.mark.parametrize(
    "said",
    [
        "send it to [REDACTED] instead",
        "what did [REDACTED] order last week",
        "can someone call me at [REDACTED]",
        "change my email to [REDACTED]",
        "my card [REDACTED] was declined",
        "is my email [REDACTED] on the account",
        "my email is [REDACTED]",
        "my credit card is [REDACTED], why was it declined",
        "[REDACTED]",
        "where is my order",
    ],
)
def test_what_a_message_is_about_stays_in_it(said: str) -> None:
    assert without_told_aside(said) == said


def test_who_typed_a_secret_is_told_so_and_who_only_speaks_of_one_is_not() -> None:
    reader = MeaningReader(Lexicon())
    heard = reader.heard("where do i find my cvv, and where is my order")
    typed = Scene(typed_secret=True, is_guest=False)
    assert reader.without_model(heard, NEW_DIALOGUE, typed).care == "secret"
    assert reader.without_model(heard, NEW_DIALOGUE).care == ""
    distress = reader.heard("i want to kill myself")
    assert reader.without_model(distress, NEW_DIALOGUE, typed).care == "distress"


def test_of_a_message_that_held_nothing_else_nothing_is_made() -> None:
    heard = MeaningReader(Lexicon()).heard("[REDACTED] [REDACTED]")
    assert [one.act for one in heard.acts] == [Act.WORDLESS]
