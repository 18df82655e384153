"""M-10: what a stage may take, and what is left of it."""

import pytest

from mangaassist.turn.budget import ALLOWANCES_MS, TOTAL_MS, Budget


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
