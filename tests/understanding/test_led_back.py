"""G-3 stage 6, G-5: who asks about something else is led back where a head is sure of it, and nobody whom the store serves."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.domain.meaning import HeardAct, Meaning
from mangaassist.understanding.led_back import BELIEVED, SURELY, led_back
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader

READER = MeaningReader(Lexicon())
SURE = (SURELY + 1) / 2


def guessed(act: Act, stage: str = "model", confidence: float = 0.4) -> Meaning:
    meaning = READER.without_model(READER.heard("hm"), NEW_DIALOGUE)
    return replace(meaning, acts=(HeardAct(act, confidence, stage),))


@pytest.mark.parametrize("act", [Act.FIND, Act.POLICY, Act.ABOUT])
def test_a_guess_gives_way_where_the_message_is_surely_about_something_else(act: Act) -> None:
    assert led_back(guessed(act), NEW_DIALOGUE, SURE) == HeardAct(Act.OFF_TOPIC, SURE, "model")
    assert led_back(guessed(act), NEW_DIALOGUE, SURELY - 0.01) is None


def test_a_guess_that_is_sure_of_itself_stands() -> None:
    assert led_back(guessed(Act.AGE_FIT, confidence=BELIEVED), NEW_DIALOGUE, 1.0) is None


@pytest.mark.parametrize("act", [Act.TRACK, Act.RETURN, Act.CANCEL_ORDER, Act.HUMAN, Act.COMPLAINT])
def test_nobody_with_an_order_a_return_or_a_complaint_is_sent_away(act: Act) -> None:
    assert led_back(guessed(act), NEW_DIALOGUE, 1.0) is None


def test_nobody_is_sent_away_while_an_order_is_talked_of() -> None:
    assert led_back(guessed(Act.POLICY), replace(NEW_DIALOGUE, order_topic=Act.RETURN), 1.0) is None
    assert led_back(guessed(Act.POLICY), replace(NEW_DIALOGUE, orders=("114-0000000-0000000",)), 1.0) is None


def test_what_a_rule_heard_of_the_store_stands() -> None:
    assert led_back(guessed(Act.FIND, "rules"), NEW_DIALOGUE, 1.0) is None


def test_what_a_rule_heard_of_a_book_stands_where_one_may_be_meant() -> None:
    about = guessed(Act.DETAIL, "rules")
    assert led_back(about, NEW_DIALOGUE, 1.0) is not None
    assert led_back(about, NEW_DIALOGUE, SURE - 0.05) is None
    assert led_back(about, replace(NEW_DIALOGUE, acts=(Act.FIND,)), 1.0) is None


def test_who_names_what_the_store_has_is_understood_as_before() -> None:
    assert led_back(replace(guessed(Act.ABOUT), orders=("114-0000000-0000000",)), NEW_DIALOGUE, 1.0) is None
