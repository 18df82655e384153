"""M-2, stage 2: calibrated confidence, and what is below the floor at which the shopper is asked (test_act_decision.py)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mangaassist.domain.intents import Intent
from mangaassist.understanding.act_decision import FLOOR
from mangaassist.understanding.classifier import IntentHead

HEAD = IntentHead.load()
INTENTS = tuple(Intent)


def head(**scores: float) -> IntentHead:
    """A head whose scores do not depend on the features: one named intent each, the others far behind."""
    bias = np.array([scores.get(intent, -20.0) for intent in INTENTS], np.float32)
    return IntentHead(INTENTS, np.zeros((384, len(INTENTS)), np.float32), bias)


def test_the_shipped_head_knows_exactly_the_ten_intents():
    assert set(HEAD.intents) == set(Intent) and len(HEAD.intents) == 10
    assert HEAD.weight.shape == (384, 10) and HEAD.weight.dtype == np.float32


@given(arrays(np.float32, 384, elements=st.floats(-1, 1, width=32)))
def test_probabilities_sum_to_one_and_fall(vector: np.ndarray):
    scored = HEAD.classify(vector)
    probabilities = [probability for _, probability in scored]
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)
    assert probabilities == sorted(probabilities, reverse=True)


def test_the_intent_that_the_features_speak_for_is_the_likeliest():
    (first, probability), *_ = head(faq=5.0).classify(np.zeros(384, np.float32))
    assert first is Intent.FAQ
    assert probability > 0.99


def test_the_two_likeliest_come_first_where_neither_is_sure():
    scored = head(faq=1.0, return_request=0.99, checkout_help=0.98).classify(np.zeros(384, np.float32))
    assert [intent for intent, _ in scored[:2]] == [Intent.FAQ, Intent.RETURN_REQUEST]
    assert scored[0][1] < FLOOR
