"""M-2: where our own reading is unsure, by what it knows itself; everywhere else no model is asked."""

from typing import Any

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Label, Wish
from mangaassist.understanding.act_decision import FLOOR
from mangaassist.understanding.doubt import Doubt, doubt_of

BOOK = (Target(series_id="pluto"),)


def meant(act: Act, confidence: float = 0.95, stage: Any = "rules", **fields: Any) -> Meaning:
    return Meaning(
        text="hm",
        guess=IntentGuess(Intent.FAQ, confidence, "rules"),
        acts=(HeardAct(act, confidence, stage),),
        **fields,
    )


@pytest.mark.parametrize(
    ("meaning", "doubt"),
    [
        (meant(Act.POLICY, between=(Intent.FAQ, Intent.PROMOTION)), Doubt.BETWEEN),
        (meant(Act.POLICY, 0.0, degraded=(Degradation("classifier", "x"),)), Doubt.UNHEARD),
        (meant(Act.TRACK, FLOOR - 0.01, "model"), Doubt.GUESSED),
        (meant(Act.TRACK, FLOOR, "model"), None),
        (meant(Act.TRACK, FLOOR - 0.01), None),
        (meant(Act.DETAIL, 0.5, "dialogue", targets=BOOK, left_over="waterproof"), Doubt.LEFT_OVER),
        (meant(Act.DETAIL, targets=BOOK, left_over="waterproof"), None),
        (meant(Act.DETAIL, targets=BOOK), None),
        (meant(Act.PRICE), Doubt.UNRESOLVED),
        (meant(Act.PRICE, targets=BOOK), None),
        (meant(Act.PRICE, here="B0AKIRA001"), None),
        (meant(Act.PRICE, unknown=("zeppelin",)), None),
        (meant(Act.PRICE, sought=(Wish(wanted=(Label("genre", "Horror"),)),)), None),
        (meant(Act.UNSURE, describes=("robot",)), Doubt.UNRESOLVED),
        (meant(Act.UNSURE), None),
        (meant(Act.FIND), None),
        (meant(Act.POLICY, degraded=(Degradation("classifier", "x"),)), None),
        (meant(Act.POLICY, between=(Intent.FAQ, Intent.PROMOTION), care="distress"), None),
    ],
)
def test_a_reading_is_doubted_for_a_reason(meaning: Meaning, doubt: Doubt | None) -> None:
    assert doubt_of(meaning) is doubt
