"""O-6, O-9: what the console tells of a process is what was counted of it, with the alarms that stand."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.console.costs import Prices
from mangaassist.console.figures import Covered, Table, overview
from mangaassist.console.process_figures import Limit, ProcessFigures, Watched, figures_of
from mangaassist.console.process_knowledge import together
from mangaassist.console.turns import SHOWN, turns_of, turns_view
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.correction_rate import LEAST
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.recent_turns import CallSpan, StageSpan
from mangaassist.testing.clock import START
from mangaassist.wire.console import Overview
from mangaassist.wire.metadata import AnswerMetadata

ANSWER = AnswerMetadata(
    intent="faq", confidence=1.0, acts=("policy",), stage="rules", tier="template", model="offline", latency_ms=20.0,
    ttft_ms=10.0, timings={"intent": 3.0, "write": 8.0},
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)  # fmt: skip


def one_dollar(tokens_in: int, tokens_out: int, read: int, written: int) -> float:
    return 1.0


WORDS = "600 calls of models a minute"


class House:
    def __init__(self, name: str = "one") -> None:
        self.name = name
        self.metrics = Metrics()
        self.states: dict[Service, BreakerState] = dict.fromkeys(POLICIES, "closed")
        self.used = 0.0
        self.open_s = 0.0

    def answers(self, count: int = 1, corrected: tuple[str, ...] = (), **fields: Any) -> None:
        for _ in range(count):
            self.metrics.observe_answer(replace(ANSWER, **fields), corrected, START, begins=True)

    def figures(self) -> ProcessFigures:
        limit = Limit("model_calls", WORDS, lambda: self.used)
        watched = Watched(
            process=self.name, since=START, metrics=self.metrics, clock=lambda: self.open_s, breakers=lambda: self.states,
            limits=(limit,),
        )  # fmt: skip
        return figures_of(watched, START)

    def told(self, *others: "House", after: timedelta = timedelta(seconds=1), **prices: Any) -> Overview:
        table = Table(
            services=POLICIES, limits={"model_calls": WORDS}, prices=Prices(usd_per_connection_minute=0.5, **prices)
        )
        covered = [Covered(self.figures()), *(Covered(other.figures(), 2.0) for other in others)]
        return overview(covered, table, together(()), START + after, is_all=True, injects_faults=False)

    def alarms(self) -> list[str]:
        return [alarm.name for alarm in self.told().alarms]


@pytest.fixture
def house() -> House:
    return House()


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
    told = house.told().stages
    assert [(one.name, one.allowance_ms) for one in told] == [("intent", 50), ("write", 910)]
    assert [one.p95 for one in told] == pytest.approx([3.0, 8.0], rel=0.0101)


def test_stages_are_told_in_the_order_in_which_they_begin(house: House) -> None:
    house.answers(timings=dict.fromkeys(("write", "a stage of tomorrow", "services", "gather", "intent"), 1.0))
    assert [one.name for one in house.told().stages] == [
        "intent", "gather", "services", "write", "a stage of tomorrow",
    ]  # fmt: skip


def test_a_conversation_costs_its_models_and_its_connection(house: House) -> None:
    house.answers(cost_usd=0.25)
    with house.metrics.connections.held(lambda: house.open_s):
        house.open_s = 60.0
        cost = house.told().cost
    assert (cost.models_usd, cost.connections_usd, cost.per_conversation_usd) == (0.25, 0.5, 0.75)


def test_routing_saved_what_the_large_model_would_have_cost_more(house: House) -> None:
    house.answers(tokens_in=100, tokens_out=10, cost_usd=0.25)
    cost = house.told(large=one_dollar).cost
    assert cost.all_large_usd is not None
    assert (cost.saved_usd, cost.all_large_per_conversation_usd) == (cost.all_large_usd - 0.25, cost.all_large_usd)


def test_provisioned_throughput_is_held_against_the_same_answers_on_demand_by_the_hour(house: House) -> None:
    house.answers(cost_usd=3.0)
    house.metrics.spent.provisioned_usd = 3.0
    other = House("two")
    other.metrics.spent.provisioned_usd = 1.0
    told = house.told(other, after=timedelta(hours=2), provisioned_usd_per_hour=1.5).cost.provisioned
    assert told is not None
    assert (told.usd, told.on_demand_usd) == (3.0, 4.0), "the hours of several processes are those of one throughput"
    assert (told.on_demand_usd_per_hour, told.saved_usd_per_hour) == (2.0, 0.5)


def test_a_conversation_pays_the_hours_of_what_is_provisioned_and_the_tokens_of_the_rest(house: House) -> None:
    house.answers(cost_usd=3.0)
    house.metrics.spent.provisioned_usd = 2.0
    cost = house.told(after=timedelta(hours=2), provisioned_usd_per_hour=1.5).cost
    assert (cost.models_usd, cost.per_conversation_usd) == (1.0 + 3.0, 4.0)


def test_what_routing_saved_is_held_against_prices_by_the_token_whatever_an_hour_costs(house: House) -> None:
    house.answers(tokens_in=100, tokens_out=10, cost_usd=0.25)
    house.metrics.spent.provisioned_usd = 0.25
    by_hour, by_token = (
        house.told(after=timedelta(hours=1), large=one_dollar, provisioned_usd_per_hour=price).cost
        for price in (9.0, None)
    )
    assert by_hour.models_usd > by_token.models_usd
    assert by_hour.saved_usd == by_token.saved_usd


def test_without_a_price_of_the_hour_nothing_is_compared(house: House) -> None:
    house.answers(cost_usd=3.0)
    house.metrics.spent.provisioned_usd = 3.0
    cost = house.told().cost
    assert (cost.provisioned, cost.models_usd) == (None, 3.0)


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
    told = turns_view([turns_of(house.metrics.recent, "one")], is_all=True)
    assert (len(told.newest), len(told.slowest), told.of) == (SHOWN, SHOWN, SHOWN + 1)
    (first, *_) = told.slowest
    assert (first.latency_ms, first.trace, first.corrected) == (SHOWN, "4bf92f3577b34da6a3ce929d0e0e4736", ("prices",))
    (bar,) = first.bars
    assert (bar.name, bar.began_ms, bar.took_ms, bar.allowance_ms) == ("intent", 0.5, 3.0, 50)


def test_a_turns_questions_to_services_are_told_with_their_stage_and_what_came_of_them(house: House) -> None:
    call = CallSpan(
        service="pricing",
        question="price",
        stage="services",
        began_ms=4.0,
        took_ms=200.0,
        outcome="timeout",
        retried=True,
    )
    house.metrics.observe_answer(ANSWER, (), START, (), (call,))
    ((told,),) = (one.calls for one in turns_view([turns_of(house.metrics.recent, "one")], is_all=True).newest)
    assert (told.service, told.stage, told.began_ms, told.outcome, told.retried) == (
        "pricing", "services", 4.0, "timeout", True,
    )  # fmt: skip


# ---- several processes


def test_the_figures_of_all_processes_are_told_together_and_each_with_its_age(house: House) -> None:
    other = House("two")
    house.answers(3, ttft_ms=10.0, cost_usd=0.5)
    other.answers(1, ttft_ms=1000.0, intent="promotion", degraded=("pricing",), cost_usd=0.5)
    other.metrics.observe_call("pricing", "timeout", 0.2)
    told = house.told(other)
    assert [(one.name, one.age_s, one.answers) for one in told.processes] == [("one", 0.0, 3), ("two", 2.0, 1)]
    assert (told.answers, told.of, told.cost.models_usd) == (4, 4, 2.0)
    assert told.first_token.p99 == pytest.approx(1000.0, rel=0.0101)
    assert [(one.name, one.count) for one in told.intents] == [("faq", 3), ("promotion", 1)]
    assert (told.rate[-1], told.degraded_rate[-1]) == (4, 1)
    assert [(one.name, one.count) for one in told.degraded] == [("pricing", 1)]
    assert next(one.failed for one in told.services if one.name == "pricing") == 1


def test_to_be_told_together_changes_no_count_of_a_process(house: House) -> None:
    house.answers(2)
    for _ in range(2):
        assert house.told(House("two")).of == 2


def test_of_what_has_a_state_the_worst_of_all_processes_is_told(house: House) -> None:
    other = House("two")
    other.states["pricing"] = "open"
    other.used = 0.95
    other.metrics.raise_session_alarm(START)
    other.answers(LEAST - 2)
    other.answers(2, corrected=("prices",))
    told = house.told(other)
    pricing = next(one for one in told.services if one.name == "pricing")
    assert (pricing.breaker, pricing.not_closed_in) == ("open", 1)
    assert {alarm.name for alarm in told.alarms} == {
        "ServiceBreakerOpen", "LimitNear", "SessionAlarm", "TooManyCorrections",
    }  # fmt: skip


def test_the_slowest_and_the_newest_turns_of_all_processes_come_first(house: House) -> None:
    other = House("two")
    house.answers(latency_ms=50.0)
    other.metrics.observe_answer(replace(ANSWER, latency_ms=20.0), (), START + timedelta(seconds=5))
    told = turns_view([turns_of(house.metrics.recent, "one"), turns_of(other.metrics.recent, "two")], is_all=True)
    assert [one.process for one in told.newest] == ["two", "one"]
    assert [one.process for one in told.slowest] == ["one", "two"]
