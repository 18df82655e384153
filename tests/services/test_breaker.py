"""S-4: rates of failed and slow calls over a sliding minute, open for longer each time in a row, then one probe; few retries."""

from itertools import takewhile
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mangaassist.services.breaker import (
    LONGEST_OPEN_S,
    MINIMUM_CALLS,
    MOST_RETRIES_SAVED,
    OPEN_S,
    RETRY_SHARE,
    RUN_S,
    WINDOW_S,
    Breaker,
    RetryBudget,
)

CALLS = st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=200)
TIMED_CALLS = st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.booleans()), max_size=200)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(0.3)
    for _ in range(MINIMUM_CALLS):
        breaker.record(at, ok=False)
    return breaker


@given(calls=TIMED_CALLS, threshold=st.floats(0.05, 1), slow_threshold=st.floats(0.05, 1))
def test_it_opens_exactly_when_enough_of_the_last_minute_s_calls_failed_or_were_slow_or_a_run_of_them_did(
    calls: list[tuple[float, bool, bool]], threshold: float, slow_threshold: float
) -> None:
    breaker, now, past = Breaker(threshold, slow_threshold), 0.0, list[tuple[float, bool, bool]]()
    for pause, ok, slow in calls:
        now += pause
        assert breaker.allow(now)
        opened = breaker.record(now, ok, slow)
        past.append((now, ok, slow))
        window = [call for call in past if int(call[0]) > int(now) - WINDOW_S]
        failed = sum(not ok for _, ok, _ in window) / len(window)
        late = sum(slow for *_, slow in window) / len(window)
        run = [*takewhile(lambda call: not call[1] or call[2], reversed(past))]
        is_outage = len(run) >= MINIMUM_CALLS and RUN_S <= now - run[-1][0] < WINDOW_S
        should_open = is_outage or (len(window) >= MINIMUM_CALLS and (failed >= threshold or late >= slow_threshold))
        assert (breaker.state(now) == "open") == opened == should_open
        if should_open:
            return


class Outages(RuleBasedStateMachine):
    """Calls, probes and time in any order, beside what S-4 says in a few plain figures."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker(0.5, 0.5)
        self.now = 0.0
        self.opened_at: float | None = None
        self.closed_at = -float(WINDOW_S)
        self.in_a_row = 0

    @rule(seconds=st.one_of(st.floats(0, 400), st.sampled_from([OPEN_S, 2 * OPEN_S, LONGEST_OPEN_S, WINDOW_S])))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(slow=st.booleans())
    def everything_fails(self, slow: bool) -> None:
        """As many calls as it takes, all failed or all slow."""
        if self.opened_at is None:
            for _ in range(MINIMUM_CALLS):
                assert self.breaker.allow(self.now)
                if self.breaker.record(self.now, ok=slow, slow=slow):
                    self.opens(is_new_row=self.now - self.closed_at >= WINDOW_S)
                    return
            raise AssertionError("it did not open")

    @rule(ok=st.sampled_from([True, False, None]), slow=st.booleans())
    def somebody_asks(self, ok: bool | None, slow: bool) -> None:
        if self.opened_at is None:
            return
        is_due = self.now - self.opened_at >= self.open_s
        assert self.breaker.allow(self.now) == is_due
        if not is_due:
            return
        assert not self.breaker.allow(self.now)  # one probe at a time
        self.breaker.record(self.now, ok, slow)
        if ok and not slow:
            self.opened_at, self.closed_at = None, self.now
        elif ok is not None:
            self.opens(is_new_row=False)

    def opens(self, is_new_row: bool) -> None:
        self.in_a_row = 1 if is_new_row else self.in_a_row + 1
        self.opened_at = self.now

    @property
    def open_s(self) -> float:
        return min(LONGEST_OPEN_S, OPEN_S * 2 ** (self.in_a_row - 1))

    @invariant()
    def it_is_open_for_as_long_as_it_should_be(self) -> None:
        if self.opened_at is None:
            assert self.breaker.state(self.now) == "closed"
        else:
            waits = self.now - self.opened_at >= self.open_s
            assert self.breaker.state(self.now) == ("half_open" if waits else "open")


TestOutages = Outages.TestCase
TestOutages.settings = settings(max_examples=60, stateful_step_count=40)


def test_each_opening_in_a_row_lasts_longer_up_to_five_minutes() -> None:
    breaker, now, lasted = opened(), 0.0, list[float]()
    for _ in range(6):
        lasted.append(breaker.open_s)
        now += breaker.open_s
        assert breaker.allow(now)
        breaker.record(now, ok=False)
    assert lasted == [30, 60, 120, 240, 300, 300]


def test_a_minute_closed_without_opening_ends_the_row() -> None:
    breaker = opened()
    for now in (OPEN_S, OPEN_S + 1):
        assert breaker.allow(now)
        breaker.record(now, ok=True)
    for _ in range(MINIMUM_CALLS):
        breaker.record(OPEN_S + WINDOW_S - 1, ok=False)
    assert breaker.open_s == 2 * OPEN_S  # too soon after the last one
    now = OPEN_S + WINDOW_S - 1 + 2 * OPEN_S
    assert breaker.allow(now)
    breaker.record(now, ok=True)
    for _ in range(MINIMUM_CALLS):
        breaker.record(now + WINDOW_S, ok=False)
    assert breaker.open_s == OPEN_S


def test_a_probe_that_is_slow_closes_nothing() -> None:
    breaker = opened()
    assert breaker.allow(OPEN_S)
    breaker.record(OPEN_S, ok=True, slow=True)
    assert breaker.state(OPEN_S) == "open"


@given(steps=st.lists(st.booleans(), max_size=500))
def test_retries_never_exceed_a_fifth_of_the_calls_rounded_up(steps: list[bool]) -> None:
    budget, retries = RetryBudget(), 0
    for calls, wants in enumerate(steps, 1):
        budget.note_call()
        retries += wants and budget.take()
        assert retries <= ceil(calls / RETRY_SHARE)


def test_in_an_outage_every_fifth_call_is_tried_again() -> None:
    budget, retries = RetryBudget(), list[bool]()
    for _ in range(16):
        budget.note_call()
        retries.append(budget.take())
    assert [number for number, taken in enumerate(retries) if taken] == [0, 5, 10, 15]


def test_however_long_a_service_was_well_few_retries_are_saved() -> None:
    budget = RetryBudget()
    for _ in range(10_000):
        budget.note_call()
    assert sum(budget.take() for _ in range(100)) == MOST_RETRIES_SAVED


@given(calls=CALLS)
def test_its_memory_is_bounded_by_the_window_and_not_by_the_calls(calls: list[tuple[float, bool]]) -> None:
    breaker, now = Breaker(1.1), 0.0
    for pause, ok in calls:
        now += pause
        breaker.record(now, ok)
        assert len(breaker._seconds) <= WINDOW_S + 1


def test_an_outage_after_a_minute_of_good_calls_opens_it_within_three_seconds() -> None:
    breaker = Breaker(0.5)
    for tick in range(20 * WINDOW_S):
        breaker.record(tick / 20, ok=True)
    failed = (WINDOW_S + tick / 5 for tick in range(100))  # five calls a second
    opened_at = next(at for at in failed if breaker.record(at, ok=False))
    assert opened_at - WINDOW_S <= 3


def test_a_service_that_starts_anew_within_a_second_opens_nothing() -> None:
    breaker = Breaker(0.5)
    for tick in range(20 * WINDOW_S):
        breaker.record(tick / 20, ok=True)
    for tick in range(20):
        assert not breaker.record(WINDOW_S + tick / 20, ok=False)
    breaker.record(WINDOW_S + 1.1, ok=True)
    assert not breaker.record(WINDOW_S + 5, ok=False)


@given(failures=st.integers(0, MINIMUM_CALLS - 1))
def test_a_few_failures_open_nothing(failures: int) -> None:
    breaker = Breaker(0.2)
    for _ in range(failures):
        breaker.record(0.0, ok=False)
    assert breaker.allow(0.0)


@given(wait=st.floats(0, OPEN_S - 1e-6))
def test_open_lets_nothing_through_for_half_a_minute(wait: float) -> None:
    breaker = opened()
    assert not breaker.allow(wait)
    assert breaker.state(wait) == "open"


def test_after_half_a_minute_exactly_one_probe_goes_out() -> None:
    breaker = opened()
    assert breaker.state(OPEN_S) == "half_open"
    assert [breaker.allow(OPEN_S + tick / 10) for tick in range(5)] == [True, False, False, False, False]


def test_a_probe_that_succeeds_closes_it_with_a_clean_record() -> None:
    breaker = opened()
    assert breaker.allow(OPEN_S)
    breaker.record(OPEN_S, ok=True)
    assert breaker.state(OPEN_S) == "closed"
    breaker.record(OPEN_S, ok=False)
    assert breaker.allow(OPEN_S)


def test_a_probe_that_tells_nothing_is_followed_by_another() -> None:
    breaker = opened()
    assert breaker.allow(OPEN_S)
    breaker.record(OPEN_S, ok=None)
    assert breaker.allow(OPEN_S)


def test_a_call_that_began_before_it_opened_does_not_close_it() -> None:
    breaker = opened()
    breaker.record(1.0, ok=True)
    assert not breaker.allow(1.0)


def test_calls_that_tell_nothing_change_no_rate() -> None:
    breaker = Breaker(0.3)
    for _ in range(100):
        breaker.record(0.0, ok=None)
    assert (breaker.calls, breaker.error_rate) == (0, 0.0)


def test_failures_older_than_a_minute_are_forgotten() -> None:
    breaker = Breaker(0.3)
    for _ in range(MINIMUM_CALLS - 1):
        breaker.record(0.0, ok=False)
    breaker.record(WINDOW_S, ok=False)
    assert breaker.error_rate == pytest.approx(1.0)
    assert breaker.calls == 1
    assert breaker.allow(WINDOW_S)
