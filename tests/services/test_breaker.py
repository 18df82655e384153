"""S-4: error rate over a sliding minute, open for half a minute, then one probe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.services.breaker import MINIMUM_CALLS, OPEN_S, WINDOW_S, Breaker

CALLS = st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=200)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker(0.3)
    for _ in range(MINIMUM_CALLS):
        breaker.record(at, ok=False)
    return breaker


@given(calls=CALLS, threshold=st.floats(0.05, 1))
def test_it_opens_exactly_when_the_last_minute_holds_enough_calls_and_enough_of_them_failed(
    calls: list[tuple[float, bool]], threshold: float
) -> None:
    breaker, now, past = Breaker(threshold), 0.0, list[tuple[int, bool]]()
    for pause, ok in calls:
        now += pause
        assert breaker.allow(now)
        breaker.record(now, ok)
        past.append((int(now), ok))
        window = [fine for second, fine in past if second > int(now) - WINDOW_S]
        should_open = len(window) >= MINIMUM_CALLS and window.count(False) / len(window) >= threshold
        assert (breaker.state(now) == "open") == should_open
        if should_open:
            return


@given(calls=CALLS)
def test_its_memory_is_bounded_by_the_window_and_not_by_the_calls(calls: list[tuple[float, bool]]) -> None:
    breaker, now = Breaker(1.1), 0.0
    for pause, ok in calls:
        now += pause
        breaker.record(now, ok)
        assert len(breaker._seconds) <= WINDOW_S + 1


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


def test_a_probe_that_fails_keeps_it_open_for_another_half_minute() -> None:
    breaker = opened()
    assert breaker.allow(OPEN_S)
    breaker.record(OPEN_S + 1, ok=False)
    assert not breaker.allow(OPEN_S + 1 + OPEN_S - 0.1)
    assert breaker.allow(OPEN_S + 1 + OPEN_S)


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
