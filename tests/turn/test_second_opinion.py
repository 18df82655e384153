"""G-3 stage 6, M-5, M-10: a small model may excuse an answer that our head finds astray; what goes wrong excuses nothing."""

from typing import Any, Final

import numpy as np
import pytest

from mangaassist.domain.encoding import Encoded
from mangaassist.guardrails.stages.scope import BACK_TO_TOPIC
from mangaassist.models.routing import Budgets, Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.testing.scripted_judge import ScriptedJudge
from mangaassist.testing.scripted_writer import Fail, Pause, ScriptedWriter
from mangaassist.testing.word_encoder import WordEncoder
from mangaassist.turn import sentence_risks
from mangaassist.turn.paid_calls import PaidCalls
from mangaassist.turn.second_opinion import JUDGE_S, Judged, SecondOpinion
from tests.turn.house import RECOMMEND, House

ASTRAY: Final = "The pond lies still."


async def judged(
    judge: ScriptedJudge, session_usd: float = 1.0, calls: int = 60
) -> tuple[bool | None, list[Judged], float]:
    """What is said of an answer, what became of it, and what the session has spent."""
    spending, noted = SpendLedger(MemoryCounters()), list[Judged]()
    paid = PaidCalls(Router(budgets=Budgets(session_usd, 5.0)), spending, ModelCalls(MemoryCounters(), calls))
    said = await SecondOpinion(judge, paid, noted.append).of("s", ASTRAY)
    assert judge.answers == [ASTRAY]
    return said, noted, (await spending.spent("s")).session_usd


@pytest.mark.parametrize(
    ("steps", "says", "became"),
    [
        ((True,), True, "agreed"),
        ((Pause(JUDGE_S / 2), False), False, "excused"),
        ((Pause(JUDGE_S + 0.01), False), None, "late"),
        ((None,), None, "refused"),
        ((Fail(),), None, "failed"),
    ],
)
async def test_an_opinion_says_so_in_time_or_nothing_and_is_paid_for(
    steps: Any, says: bool | None, became: Judged
) -> None:
    said, noted, spent = await judged(ScriptedJudge(*steps, cost_usd=0.002, most_usd=0.01))
    assert (said, noted) == (says, [became])
    assert spent == pytest.approx(0.002)


async def test_a_budget_that_does_not_hold_it_is_not_touched() -> None:
    told = await judged(ScriptedJudge(False, cost_usd=0.2, most_usd=0.2), session_usd=0.1)
    assert told == (None, ["unaffordable"], 0.0)


async def test_over_the_limit_of_calls_nobody_is_asked() -> None:
    assert (await judged(ScriptedJudge(False, most_usd=0.01), calls=0))[:2] == (None, ["unaffordable"])


@pytest.mark.parametrize(("says", "led_back"), [(True, True), (False, False)])
async def test_a_turn_asks_it_of_an_answer_that_the_head_finds_astray(
    monkeypatch: pytest.MonkeyPatch, says: bool, led_back: bool
) -> None:
    class Suspicious:
        def elsewhere(self, encoded: Encoded) -> list[float]:
            return np.ones(len(encoded.vectors)).tolist()

    monkeypatch.setattr(sentence_risks, "_SCOPE", Suspicious())
    writer, judge = ScriptedWriter(ASTRAY), ScriptedJudge(says)
    house = House(large=writer, small=writer)
    paid = PaidCalls(Router(), house.spending, house.model_calls)
    asking = house.without(encoder=WordEncoder(), second_opinion=SecondOpinion(judge, paid, lambda _: None))
    answered = await asking.ask(RECOMMEND)
    assert (answered.text == BACK_TO_TOPIC) is led_back
    assert judge.answers == [ASTRAY]
