"""M-10: what a stage may take, and what is left of it."""

import asyncio

import pytest

from mangaassist.services.turn_calls import TurnCall
from mangaassist.turn.budget import ALLOWANCES_MS, MOST_SPANS, TOTAL_MS, Budget


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_allowances_add_up_to_the_target_of_1500_ms() -> None:
    assert TOTAL_MS == 1500
    assert ALLOWANCES_MS["services"] == 200
    assert ALLOWANCES_MS["first_token"] == 900


def test_stages_take_their_turns_in_the_order_in_which_they_run() -> None:
    budget = Budget(Clock())
    order = ("edge", "intent", "embed", "search", "rerank", "services", "prompt", "first_token", "headroom")
    assert sorted(ALLOWANCES_MS, key=budget.deadline) == list(order)


def test_what_one_stage_leaves_over_the_next_may_use() -> None:
    clock = Clock()
    budget = Budget(clock)
    assert budget.left_s("embed") == pytest.approx(0.180)
    clock.now += 0.020
    assert budget.left_s("embed") == pytest.approx(0.160)
    assert budget.left_s("services") == pytest.approx(0.530)


def test_a_stage_that_is_late_gets_nothing_and_never_less_than_nothing() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += 2
    assert budget.left_s("embed") == 0
    assert budget.left_s("headroom") == 0


def test_a_factor_makes_every_limit_that_many_times_as_long() -> None:
    clock = Clock()
    budget = Budget(clock, 10)
    clock.now += 1
    assert budget.left_s("embed") == pytest.approx(0.8)
    assert budget.deadline("services") == pytest.approx(105.5)


def test_timings_are_milliseconds_and_add_up_over_repeats() -> None:
    clock = Clock()
    budget = Budget(clock)
    for _ in range(2):
        with budget.timed("services"):
            clock.now += 0.012
    assert budget.report() == {"services": 24.0}


def test_the_first_token_is_noted_once() -> None:
    clock = Clock()
    budget = Budget(clock)
    clock.now += 0.005
    budget.note_first_token()
    clock.now += 0.005
    budget.note_first_token()
    assert budget.first_token_ms == pytest.approx(5)


def asked(service: str) -> TurnCall:
    return TurnCall(service, "question", began_s=100.1, took_s=0.02, outcome="ok", retried=False)


async def test_a_question_to_a_service_belongs_to_the_innermost_stage_of_whoever_asked_it() -> None:
    budget = Budget(Clock())

    async def asks(stage: str) -> None:
        with budget.timed(stage):
            await asyncio.sleep(0)
            budget.note_call(asked(stage))

    with budget.timed("gather"):
        await asyncio.gather(asks("find"), asks("services"))
        budget.note_call(asked("after"))
    budget.note_call(asked("outside"))
    assert {call.service: call.stage for call in budget.calls()} == {
        "find": "find", "services": "services", "after": "gather", "outside": "",
    }  # fmt: skip
    assert {(call.began_ms, call.took_ms) for call in budget.calls()} == {(100.0, 20.0)}


def test_a_turn_that_asks_without_end_keeps_no_more_of_it_than_the_first() -> None:
    budget = Budget(Clock())
    for number in range(MOST_SPANS + 5):
        budget.note_call(asked(str(number)))
    assert [call.service for call in budget.calls()] == [str(number) for number in range(MOST_SPANS)]
