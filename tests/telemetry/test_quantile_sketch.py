"""O-6: percentiles that are right to one in a hundred, of values that come and go, and of several processes together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.telemetry.quantile_sketch import LEAST, QuantileSketch

VALUES = st.lists(st.floats(LEAST, 100_000), min_size=1, max_size=60)


def sketch_of(values: list[float]) -> QuantileSketch:
    sketch = QuantileSketch()
    for value in values:
        sketch.add(value)
    return sketch


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_the_nearest_rank_to_one_in_a_hundred(values: list[float], share: float) -> None:
    exact = sorted(values)[min(int(len(values) * share), len(values) - 1)]
    assert sketch_of(values).percentile(share) == pytest.approx(exact, rel=0.0101)


@given(VALUES, VALUES)
def test_two_processes_together_are_as_one_that_had_all_values(first: list[float], second: list[float]) -> None:
    both = sketch_of(first)
    both.merge(sketch_of(second))
    assert both == sketch_of(first + second)


@given(VALUES, VALUES)
def test_a_value_that_is_gone_leaves_nothing_behind(stay: list[float], go: list[float]) -> None:
    sketch = sketch_of(stay + go)
    for value in go:
        sketch.add(value, -1)
    assert sketch == sketch_of(stay)


def test_of_nothing_there_is_no_percentile() -> None:
    assert QuantileSketch().percentile(0.5) is None


def test_what_takes_no_time_counts_as_the_least() -> None:
    assert sketch_of([0.0]).percentile(0.5) == pytest.approx(LEAST, rel=0.0101)
