"""O-6, O-9: what the console tells of a process is what was counted of it, with the alarms that stand."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.console.figures import Limit, Watched, overview, percentiles
from mangaassist.console.turns import SHOWN, turns_view
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.correction_rate import LEAST
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.recent_turns import StageSpan
from mangaassist.testing.clock import START
from mangaassist.wire.console import Overview
from mangaassist.wire.metadata import AnswerMetadata

ANSWER = AnswerMetadata(
    intent="faq", confidence=1.0, acts=("policy",), stage="rules", tier="template", model="offline", latency_ms=20.0,
    ttft_ms=10.0, timings={"intent": 3.0, "write": 8.0},
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)  # fmt: skip


class House:
    def __init__(self) -> None:
        self.metrics = Metrics()
        self.states: dict[Service, BreakerState] = dict.fromkeys(POLICIES, "closed")
        self.used = 0.0
        self.open_s = 0.0

    def answers(self, count: int = 1, corrected: tuple[str, ...] = (), **fields: Any) -> None:
        for _ in range(count):
            self.metrics.observe_answer(replace(ANSWER, **fields), corrected, START, begins=True)

    def told(self, **fields: Any) -> Overview:
        watched = Watched(
            process="process 1", since=START, metrics=self.metrics, clock=lambda: self.open_s,
            breakers=lambda: self.states, services=POLICIES,
            limits=(Limit("model_calls", "600 calls of models a minute", lambda: self.used),),
            usd_per_connection_minute=0.5, **fields,
        )  # fmt: skip
        return overview(watched, START + timedelta(seconds=1))

    def alarms(self) -> list[str]:
        return [alarm.name for alarm in self.told().alarms]


@pytest.fixture
def house() -> House:
    return House()


def test_percentiles_are_the_nearest_ranks() -> None:
    told = percentiles(range(1, 101))
    assert (told.p50, told.p95, told.p99) == (51, 96, 100)
    assert percentiles(()).p99 is None


def test_a_process_that_has_answered_nothing_tells_no_percentiles_and_no_cost(house: House) -> None:
    told = house.told()
    assert (told.of, told.first_token.p50, told.cost.per_conversation_usd, told.cost.saved_usd) == (0, None, None, None)
    assert told.alarms == ()


def test_intents_acts_and_tiers_are_those_of_the_newest_answers(house: House) -> None:
    house.answers(3)
    house.answers(intent="promotion", acts=("offer_on",), tier="small", cost_usd=0.002)
    told = house.told()
    assert [(one.name, one.count) for one in told.intents] == [("faq", 3), ("promotion", 1)]
    assert [(one.name, one.count) for one in told.acts] == [("policy", 3), ("offer_on", 1)]
    assert [(one.name, one.count, one.usd) for one in told.tiers] == [("template", 3, 0.0), ("small", 1, 0.002)]
    assert told.per_second == round(4 / 30, 2)


def test_stages_stand_beside_their_share_of_the_budget(house: House) -> None:
    house.answers()
    assert [(one.name, one.p95, one.allowance_ms) for one in house.told().stages] == [
        ("intent", 3.0, 50), ("write", 8.0, 910),
    ]  # fmt: skip


def test_a_conversation_costs_its_models_and_its_connection(house: House) -> None:
    house.answers(cost_usd=0.25)
    with house.metrics.connections.held(lambda: house.open_s):
        house.open_s = 60.0
        cost = house.told().cost
    assert (cost.models_usd, cost.connections_usd, cost.per_conversation_usd) == (0.25, 0.5, 0.75)


def test_routing_saved_what_the_large_model_would_have_cost_more(house: House) -> None:
    house.answers(tokens_in=100, tokens_out=10, cost_usd=0.25)
    cost = house.told(large=lambda tokens_in, tokens_out, read, written: 1.0).cost
    assert cost.saved_usd == cost.all_large_usd - 0.25


def test_services_tell_what_failed_and_what_was_not_asked(house: House) -> None:
    for outcome in ("ok", "absent", "cached", "timeout", "open"):
        house.metrics.observe_call("pricing", outcome, 0.01)
    told = next(one for one in house.told().services if one.name == "pricing")
    assert (told.calls, told.failed, told.cached) == (5, 2, 1)


@pytest.mark.parametrize(("state", "alarms"), [("open", 1), ("half_open", 1), ("closed", 0)])
def test_a_breaker_that_is_not_closed_is_an_alarm(house: House, state: BreakerState, alarms: int) -> None:
    house.states["pricing"] = state
    assert house.alarms() == ["ServiceBreakerOpen"] * alarms


@pytest.mark.parametrize(("used", "alarms"), [(0.9, ["LimitNear"]), (0.89, [])])
def test_nine_tenths_of_a_limit_are_an_alarm(house: House, used: float, alarms: list[str]) -> None:
    house.used = used
    assert house.alarms() == alarms


def test_more_than_one_answer_in_two_hundred_corrected_is_an_alarm(house: House) -> None:
    house.answers(LEAST - 2)
    house.answers(2, corrected=("prices",))
    told = house.told()
    assert (told.corrections.share, told.corrections.alarm_share) == (0.01, 0.005)
    assert [alarm.name for alarm in told.alarms] == ["TooManyCorrections"]


def test_a_sessions_alarm_stands_for_ten_minutes(house: House) -> None:
    house.metrics.raise_session_alarm(START)
    assert house.alarms() == ["SessionAlarm"]
    house.metrics.raise_session_alarm(START - timedelta(minutes=10))
    assert house.alarms() == []


def test_a_turn_is_told_by_its_stages_and_by_no_word(house: House) -> None:
    span = StageSpan("intent", 0.5, 3.0)
    for number in range(SHOWN + 1):
        house.metrics.observe_answer(replace(ANSWER, latency_ms=float(number)), ("prices",), START, (span,))
    told = turns_view(house.metrics.recent, "process 1")
    assert (len(told.newest), len(told.slowest), told.of) == (SHOWN, SHOWN, SHOWN + 1)
    (first, *_) = told.slowest
    assert (first.latency_ms, first.trace, first.corrected) == (SHOWN, "4bf92f3577b34da6a3ce929d0e0e4736", ("prices",))
    (bar,) = first.bars
    assert (bar.name, bar.began_ms, bar.took_ms, bar.allowance_ms) == ("intent", 0.5, 3.0, 50)
