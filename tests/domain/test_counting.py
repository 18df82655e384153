"""R-5: the bucket, in any order and by any clock, also one that jumps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.counting import FULL, MICROS, Bucket, Taken, given_back, taken

DAY_US = 86_400 * MICROS
BUCKETS = st.builds(
    Bucket, st.integers(1, 50) | st.integers(1, 1_000_000), st.integers(1, 3600) | st.floats(0.001, 3600)
)
PAUSES = st.one_of(
    st.integers(0, 2 * MICROS),
    st.integers(0, DAY_US),
    st.integers(-DAY_US, 0),
    st.sampled_from([0, 1, -1]),
)
"""What the clock moves by between two calls, in microseconds: usually a little, sometimes a day, sometimes back."""
STEPS = st.lists(st.tuples(st.booleans(), PAUSES), max_size=60)
MOMENTS = st.integers(0, 2**51)


class Tokens:
    """The same, slowly: so many tokens, of which some come with the time that has passed since they were last looked at."""

    def __init__(self, bucket: Bucket, now: int) -> None:
        self._bucket = bucket
        self._now = now
        self._held = Fraction(bucket.capacity)

    def take(self, now: int) -> bool:
        self._look(now)
        allowed = self._held >= 1
        self._held -= allowed
        return allowed

    def give_back(self, now: int) -> None:
        self._look(now)
        self._held = min(self._held + 1, Fraction(self._bucket.capacity))

    @property
    def whole(self) -> int:
        return int(self._held)

    def _look(self, now: int) -> None:
        came = Fraction(now - self._now, self._bucket.token_us)
        self._held = min(max(self._held + came, Fraction(0)), Fraction(self._bucket.capacity))
        self._now = now


def us(seconds: float) -> int:
    return round(seconds * MICROS)


@given(bucket=BUCKETS, steps=STEPS, start=MOMENTS)
def test_it_decides_as_somebody_does_who_counts_tokens(
    bucket: Bucket, steps: list[tuple[bool, int]], start: int
) -> None:
    now, full_at, tokens = start, start, Tokens(bucket, start)
    for takes, pause in steps:
        now += pause
        if takes:
            full_at, outcome = taken(full_at, now, bucket)
            assert (outcome.allowed, outcome.remaining) == (tokens.take(now), tokens.whole)
        else:
            full_at = given_back(full_at, now, bucket)
            tokens.give_back(now)


@given(bucket=BUCKETS, pauses=st.lists(PAUSES, max_size=120), start=MOMENTS, full_at=MOMENTS)
def test_no_span_of_time_gives_more_than_a_full_bucket_and_what_comes_back_in_it(
    bucket: Bucket, pauses: list[int], start: int, full_at: int
) -> None:
    """Time that a clock goes back is no time."""
    now, passed = start, 0
    grants: list[int] = []
    for pause in pauses:
        now += pause
        passed += max(0, pause)
        full_at, outcome = taken(full_at, now, bucket)
        if outcome.allowed:
            grants.append(passed)
    for first, begin in enumerate(grants):
        for last, end in enumerate(grants[first:], first):
            assert last - first + 1 <= bucket.capacity + (end - begin) // bucket.token_us


@given(bucket=BUCKETS, now=MOMENTS, came=st.integers(0, DAY_US))
def test_a_refusal_costs_nothing_and_says_exactly_when_one_is_to_be_had(bucket: Bucket, now: int, came: int) -> None:
    full_at = now + bucket.whole_us - came % bucket.token_us
    after, refused = taken(full_at, now, bucket)
    assert (refused.allowed, refused.remaining, after) == (False, 0, full_at)
    ready = now + us(refused.retry_s)
    assert not taken(after, ready - 1, bucket)[1].allowed
    assert taken(after, ready, bucket)[1].allowed


@given(bucket=BUCKETS, full_at=MOMENTS, now=MOMENTS)
def test_it_says_exactly_when_one_more_is_there(bucket: Bucket, full_at: int, now: int) -> None:
    full_at, before = taken(full_at, now, bucket)
    later = now + us(before.next_s)
    assert taken(full_at, later - 1, bucket)[1].remaining == max(0, before.remaining - 1)
    assert taken(full_at, later, bucket)[1].remaining == before.remaining


@given(bucket=BUCKETS, full_at=MOMENTS, now=MOMENTS)
def test_what_is_given_back_undoes_what_was_taken_and_never_makes_it_hold_more(
    bucket: Bucket, full_at: int, now: int
) -> None:
    after, outcome = taken(full_at, now, bucket)
    if outcome.allowed:
        assert given_back(after, now, bucket) == max(full_at, now)
    for _ in range(3):
        after = given_back(after, now, bucket)
        assert now <= after <= now + bucket.whole_us
    assert given_back(FULL, now, bucket) == now


@given(bucket=BUCKETS, full_at=MOMENTS, now=MOMENTS, pause=PAUSES)
def test_whatever_the_clock_did_it_is_full_again_one_window_after_it_was_asked(
    bucket: Bucket, full_at: int, now: int, pause: int
) -> None:
    full_at, _ = taken(full_at, now, bucket)
    full_at, _ = taken(full_at, now + pause, bucket)
    _, outcome = taken(full_at, now + pause + bucket.whole_us, bucket)
    assert (outcome.allowed, outcome.remaining) == (True, bucket.capacity - 1)


@given(bucket=BUCKETS)
def test_a_window_brings_back_no_more_than_the_capacity_and_hardly_less(bucket: Bucket) -> None:
    assert 0 <= bucket.whole_us - bucket.window_s * MICROS < bucket.capacity + 1


@pytest.mark.parametrize(("most", "every_s"), [(10, 6.0), (30, 2.0), (20, 3.0), (60, 1.0), (600, 0.1)])
def test_the_usual_limits_come_out_even(most: int, every_s: float) -> None:
    assert Bucket(most, 60).token_us == every_s * MICROS


def test_the_eleventh_of_a_burst_is_refused_and_one_is_there_every_six_seconds() -> None:
    bucket, full_at = Bucket(10, 60), FULL
    outcomes: list[Taken] = []
    for now in (*[100] * 11, 106, 106, 112, 172):
        full_at, outcome = taken(full_at, now * MICROS, bucket)
        outcomes.append(outcome)
    assert [outcome.allowed for outcome in outcomes] == [True] * 10 + [False, True, False, True, True]
    assert outcomes[10] == Taken(False, 0, 6.0)
    assert outcomes[-1] == Taken(True, 9, 6.0)
