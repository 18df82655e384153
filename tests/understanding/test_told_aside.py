"""A redacted word never changes what the shopper is understood to want (G-1)."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.told_aside import without_told_aside
from tests.understanding.talks import Talk

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
    ("said", "left"),
    [
        ("what do you pack them in? the books got here spotless", "what do you pack them in?"),
        ("my last box set arrived in pristine condition, is the padding paper", "is the padding paper"),
        ("everything turned up undamaged thanks so much", "thanks so much"),
        ("everything turned up undamaged, thanks! is there plastic in it", "is there plastic in it"),
        ("it arrived fine but page 9 is torn", "it arrived fine but page 9 is torn"),
        ("it arrived not so well, what now", "it arrived not so well, what now"),
        ("everything came perfect", "everything came perfect"),
        ("it arrived damaged, what now", "it arrived damaged, what now"),
    ],
)
def test_that_something_came_well_is_no_part_of_what_is_asked(said: str, left: str) -> None:
    assert without_told_aside(said) == left


def test_who_got_it_undamaged_reports_no_damage() -> None:
    said = without_told_aside("both volumes arrived unharmed, how are they protected")
    assert Act.DAMAGED not in [heard.act for heard in Talk().say(said).acts]


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
