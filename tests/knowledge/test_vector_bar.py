"""The numbers that bind: vector search over 18 000 chunks at recall@10 of at least 0.99, far faster than comparing all."""

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from mangaassist.stores.sqlite.vector_graph import VectorGraph

T = TypeVar("T")

CHUNKS, DIMENSIONS, SERIES = 18_000, 384, 300


def test_eighteen_thousand_chunks_of_nearly_alike_volumes_keep_the_bar() -> None:
    rng = np.random.default_rng(5)
    # What vectors of sentences are like: some dimensions matter more, and volumes of a series lie close together.
    spread = np.linspace(2, 0.2, DIMENSIONS)
    series = rng.normal(size=(SERIES, DIMENSIONS)) * spread
    vectors = unit(series[rng.integers(0, SERIES, CHUNKS)] + 0.35 * rng.normal(size=(CHUNKS, DIMENSIONS)) * spread)
    asked = unit(series[rng.integers(0, SERIES, 300)] + rng.normal(size=(300, DIMENSIONS)) * spread)
    graph = VectorGraph(DIMENSIONS)
    graph.lay_out([(np.arange(CHUNKS), vectors.astype(np.float16))])

    found = 0
    took: list[int] = []
    comparing_all: list[int] = []
    for question in asked:
        (keys, _), search_ns = timed(lambda: graph.search(question, 10))  # noqa: B023  called at once
        cosines, exact_ns = timed(lambda: vectors @ question)  # noqa: B023
        tenth = np.partition(cosines, -10)[-10] - 5e-4  # two bytes hold a cosine to about that
        found += int((cosines[keys] >= tenth).sum())
        took.append(search_ns)
        comparing_all.append(exact_ns)
    assert found >= 0.99 * 10 * len(asked)
    # Beside other processes a millisecond is no fixed amount of work; the benchmark measures it on a quiet machine.
    assert np.median(took) < np.median(comparing_all) / 1.5


def timed(work: Callable[[], T]) -> tuple[T, int]:
    """The result, and the nanoseconds of the fastest of three runs."""
    times: list[int] = []
    for _ in range(3):
        began = time.perf_counter_ns()
        result = work()
        times.append(time.perf_counter_ns() - began)
    return result, min(times)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
