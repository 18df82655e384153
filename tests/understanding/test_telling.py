"""What is only told is answered as that where a head is sure of it, and nobody who asks is (T-10)."""

import numpy as np
import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE
from mangaassist.domain.meaning import Care, HeardAct, Meaning
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.telling import LIKELY, SURELY, told
from mangaassist.understanding.telling_head import KINDS, TellingHead

READER = MeaningReader(Lexicon())
FELT = READER.heard("that chapter left me hollow")
ASKED = READER.heard("why is everything so dear?")


def chances(likely: float, kind: str = "moved") -> tuple[float, ...]:
    return (1 - likely, *(likely if one == kind else 0.0 for one in KINDS[1:]))


def guessed(act: Act = Act.RECOMMEND, stage: str = "model", confidence: float = 0.4, care: Care = "") -> Meaning:
    meaning = READER.without_model(FELT, NEW_DIALOGUE)
    return replace(meaning, acts=(HeardAct(act, confidence, stage),), care=care)


def test_a_guess_gives_way_to_what_is_likely_only_told() -> None:
    assert told(guessed(), FELT, NEW_DIALOGUE, chances(LIKELY + 0.01)) == "moved"
    assert told(guessed(), FELT, NEW_DIALOGUE, chances(LIKELY - 0.01)) == ""
    assert told(guessed(), FELT, NEW_DIALOGUE, chances(0.9, "glad")) == "glad"


@pytest.mark.parametrize("own", [guessed(stage="rules"), guessed(confidence=0.95)])
def test_what_is_heard_for_sure_gives_way_only_to_what_is_surer(own: Meaning) -> None:
    assert told(own, FELT, NEW_DIALOGUE, chances(SURELY - 0.01)) == ""
    assert told(own, FELT, NEW_DIALOGUE, chances(SURELY + 0.01)) == "moved"


def test_a_question_is_taken_for_a_sigh_only_where_that_is_sure() -> None:
    assert told(guessed(), ASKED, NEW_DIALOGUE, chances(SURELY - 0.01)) == ""
    assert told(guessed(), ASKED, NEW_DIALOGUE, chances(SURELY + 0.01)) == "moved"


@pytest.mark.parametrize("act", [Act.TRACK, Act.POLICY, Act.CART_TOTAL, Act.CODE])
def test_what_rules_hear_of_orders_carts_pages_and_offers_stands(act: Act) -> None:
    assert told(guessed(act, "rules"), FELT, NEW_DIALOGUE, chances(1.0)) == ""


@pytest.mark.parametrize("act", [Act.HUMAN, Act.THANKS, Act.BYE])
def test_other_talk_stands(act: Act) -> None:
    assert told(guessed(act, confidence=0.7), FELT, NEW_DIALOGUE, chances(1.0)) == ""
    assert told(guessed(act, "rules"), FELT, NEW_DIALOGUE, chances(1.0)) == ""
    assert told(guessed(act), FELT, NEW_DIALOGUE, chances(SURELY - 0.01)) == ""


def test_whoever_needs_care_gets_it_and_bad_news_are_told() -> None:
    assert told(guessed(care="distress"), FELT, NEW_DIALOGUE, chances(1.0)) == ""
    assert told(guessed(care="sorrow"), FELT, NEW_DIALOGUE, chances(1.0, "life")) == "life"


def test_nothing_is_taken_for_talk_while_an_order_is_talked_of() -> None:
    assert told(guessed(), FELT, replace(NEW_DIALOGUE, order_topic=Act.CHANGE_ORDER), chances(1.0)) == ""


def test_what_asks_for_an_extreme_looks_for_a_book() -> None:
    assert told(guessed(), READER.heard("oldest manga in the shop"), NEW_DIALOGUE, chances(1.0)) == ""


def test_a_message_that_only_tells_becomes_that_act() -> None:
    meaning = READER.only_told(guessed(), FELT, NEW_DIALOGUE, chances(0.99))

    assert (meaning.act, meaning.telling, meaning.sought) == (Act.TELLING, "moved", ())


def test_another_encoders_vector_tells_nothing() -> None:
    head = TellingHead.load()

    assert head.chances(np.ones(3, np.float32), np.ones(3, np.float32))[0] == 1.0
    assert sum(head.chances(*2 * (np.ones(len(head.weight) // 2, np.float32),))) == pytest.approx(1.0)


def test_what_is_told_of_a_title_that_is_known_is_no_mere_talk() -> None:
    known = replace(FELT, experienced=((0, "unlike"),))

    assert told(guessed(), known, NEW_DIALOGUE, chances(1.0)) == ""
