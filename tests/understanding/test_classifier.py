"""M-2, stage 2: calibrated confidence, a question below the floor, a second wish never dropped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from mangaassist.understanding.clauses import MOST, clauses
from mangaassist.understanding.intents import IntentReader, texts_of
from mangaassist.understanding.rules import RuleBook

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess
from mangaassist.understanding.classifier import FLOOR, SECOND, IntentHead, second_wish

HEAD = IntentHead.load()
INTENTS = tuple(Intent)


def head(**scores: float) -> IntentHead:
    """A head whose scores do not depend on the features: one named intent each, the others far behind."""
    bias = np.array([scores.get(intent, -20.0) for intent in INTENTS], np.float32)
    return IntentHead(INTENTS, np.zeros((384, len(INTENTS)), np.float32), bias)


def picking() -> IntentHead:
    """A head that reads the intent off the first ten features."""
    weight = np.zeros((384, len(INTENTS)), np.float32)
    weight[: len(INTENTS)] = np.eye(len(INTENTS)) * 20
    return IntentHead(INTENTS, weight, np.zeros(len(INTENTS), np.float32))


def features(*intents: Intent) -> np.ndarray:
    rows = np.zeros((len(intents), 384), np.float32)
    rows[range(len(intents)), [INTENTS.index(intent) for intent in intents]] = 1
    return rows


def test_the_shipped_head_knows_exactly_the_ten_intents():
    assert set(HEAD.intents) == set(Intent) and len(HEAD.intents) == 10
    assert HEAD.weight.shape == (384, 10) and HEAD.weight.dtype == np.float32


@given(arrays(np.float32, 384, elements=st.floats(-1, 1, width=32)))
def test_probabilities_sum_to_one_and_fall(vector: np.ndarray):
    scored = HEAD.classify(vector)
    probabilities = [probability for _, probability in scored]
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_sure_guess_is_the_models_own():
    guess, between = head(faq=5.0).decide(np.zeros(384, np.float32))
    assert (guess.intent, guess.stage, between) == (Intent.FAQ, "model", None)
    assert guess.confidence > 0.99


def test_below_the_floor_the_two_likeliest_are_named():
    close = head(faq=1.0, return_request=0.9, checkout_help=0.8)
    guess, between = close.decide(np.zeros(384, np.float32))
    assert guess.confidence < FLOOR
    assert between == (Intent.FAQ, Intent.RETURN_REQUEST)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("where is my order", ["where is my order"]),
        (
            "I want to return this and find me something better",
            ["I want to return this", "find me something better"],
        ),
        ("where's my parcel? also any coupons for me", ["where's my parcel?", "any coupons for me"]),
        ("hi, do you have nana 3", ["hi, do you have nana 3"]),
        ("black and white manga", ["black and white manga"]),
        ("", [""]),
    ],
)
def test_a_message_is_cut_where_another_wish_may_begin(text: str, parts: list[str]):
    assert clauses(text) == parts


@given(st.text(max_size=300))
def test_any_text_gives_one_to_four_parts(text: str):
    assert 1 <= len(clauses(text)) <= MOST


def scored(intent: Intent, probability: float):
    return ((intent, probability), (Intent.CHITCHAT, 1 - probability))


def test_a_clause_with_another_intent_is_the_second_wish():
    parts = [scored(Intent.RETURN_REQUEST, 0.9), scored(Intent.RECOMMENDATION, 0.9)]
    assert second_wish(Intent.RETURN_REQUEST, parts) == Intent.RECOMMENDATION


def test_an_unsure_clause_or_small_talk_is_no_second_wish():
    unsure = [scored(Intent.RETURN_REQUEST, 0.9), scored(Intent.RECOMMENDATION, SECOND - 0.01)]
    thanks = [scored(Intent.RETURN_REQUEST, 0.9), scored(Intent.CHITCHAT, 0.99)]
    assert second_wish(Intent.RETURN_REQUEST, unsure) is None
    assert second_wish(Intent.RETURN_REQUEST, thanks) is None


def test_a_message_that_the_rules_settle_needs_no_model():
    reader = IntentReader(RuleBook(), HEAD)
    assert reader.settled("where is my order") == IntentGuess(Intent.ORDER_TRACKING, 0.98, "rules")


def test_a_message_with_a_clause_that_the_rules_do_not_know_is_read_on():
    text = "where is my order? and the blue one from the other day"
    reader = IntentReader(RuleBook(), picking())
    assert reader.settled(text) is None
    assert texts_of(text) == [text, *clauses(text)]
    read = features(Intent.ORDER_TRACKING, Intent.ORDER_TRACKING, Intent.PRODUCT_DISCOVERY)
    guess, between = reader.decide(text, read)
    assert (guess.intent, guess.secondary, guess.stage) == (Intent.ORDER_TRACKING, Intent.PRODUCT_DISCOVERY, "rules")
    assert between is None


def test_without_the_model_the_rules_still_speak():
    reader = IntentReader(RuleBook(), HEAD)
    assert reader.without_model("hmm") is None
    ruled = reader.without_model("I want a refund, then the blue one from the other day")
    assert ruled is not None and ruled.intent == Intent.RETURN_REQUEST
