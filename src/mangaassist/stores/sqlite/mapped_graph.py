"""A graph that another process keeps: its file mapped into memory, which all readers share, and beside it what changed since."""

import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mangaassist.stores.sqlite import graph_file
from mangaassist.stores.sqlite.vector_graph import (
    EXACT_UP_TO,
    EXPANSION_SEARCH,
    HalfVectors,
    Keys,
    VectorGraph,
    new_graph,
)

SPARE: Final = 2
"""How many times more is looked at than what is gone would take from ``k`` on the average: less than a second look costs."""
NO_KEYS: Final = np.zeros(0, np.int64)


class MappedGraph:
    """Searched and changed as ``VectorGraph`` is: one thread changes it, any thread may search it meanwhile.

    The mapped part never changes. A key of it that was removed is passed over, and what was added is a small graph of its own.
    """

    def __init__(self, mapped: Any, body: memoryview, dimensions: int) -> None:
        """``mapped`` looks at ``body``, and knows no more of it than its address."""
        self._mapped = mapped
        self._body = body
        self._lock = threading.Lock()
        self._gone: frozenset[int] = frozenset()
        self._since = VectorGraph(dimensions)

    def __len__(self) -> int:
        return len(self._mapped) - len(self._gone) + len(self._since)

    def search(self, vector: NDArray[np.floating[Any]], k: int) -> tuple[list[int], list[float]]:
        """The ``k`` nearest keys and their cosines, nearest first."""
        return _nearest(k, self._since.search(vector, k), self._nearest_mapped(vector, k))

    def nearest_of(
        self, keys: Collection[int], vector: NDArray[np.floating[Any]], k: int
    ) -> tuple[list[int], list[float]]:
        """The ``k`` nearest of these keys and their cosines, nearest first; all of them are compared."""
        return _nearest(k, self._since.nearest_of(keys, vector, k), self._compared(keys, vector))

    def add(self, keys: Sequence[int], vectors: HalfVectors) -> None:
        self._since.add(keys, vectors)

    def remove(self, keys: Sequence[int]) -> None:
        """Those of the file are passed over from now on."""
        mapped = frozenset(self._in_file(keys).tolist())
        self._gone |= mapped
        self._since.remove(sorted(set(keys) - mapped))

    def keys(self) -> Keys:
        mapped = np.asarray(self._mapped.keys, np.int64)
        return np.concatenate([mapped[~np.isin(mapped, list(self._gone))], self._since.keys()])

    def _nearest_mapped(self, vector: NDArray[np.floating[Any]], k: int) -> tuple[list[int], list[float]]:
        """Looks further until enough of what is found is still there."""
        gone, size = self._gone, len(self._mapped)
        left = max(size - len(gone), 1)
        reach = min(size, k + SPARE * k * len(gone) // left)
        while True:
            with self._lock:
                found = self._mapped.search(vector.astype(np.float16), reach)
            kept = [place for place, key in enumerate(found.keys.tolist()) if key not in gone][:k]
            if len(kept) >= min(k, size - len(gone)) or reach == size:
                return found.keys[kept].tolist(), (1.0 - found.distances[kept]).tolist()
            reach = min(size, reach * 2)

    def _compared(self, keys: Collection[int], vector: NDArray[np.floating[Any]]) -> tuple[list[int], list[float]]:
        asked = self._in_file([key for key in keys if key not in self._gone])
        if not len(asked):
            return [], []
        with self._lock:
            vectors = np.asarray(self._mapped.get(asked), np.float32)
        return asked.tolist(), (vectors @ vector).tolist()

    def _in_file(self, keys: Collection[int]) -> Keys:
        asked = np.array(sorted(keys), np.int64)
        if not len(asked):
            return NO_KEYS
        with self._lock:
            return asked[np.asarray(self._mapped.contains(asked), np.bool_)]


def graph_in(path: Path, database: bytes, dimensions: int) -> VectorGraph | MappedGraph:
    """The graph of a file, mapped where it is large; without vectors when the file is missing, damaged or of another database."""
    file = graph_file.read(path, database)
    if file is not None and file.body:
        mapped = new_graph(dimensions)
        mapped.view(file.body)
        if mapped.ndim == dimensions and len(mapped) > EXACT_UP_TO:
            mapped.expansion_search = EXPANSION_SEARCH
            return MappedGraph(mapped, file.body, dimensions)
    graph = VectorGraph(dimensions)
    graph.load(path, database)
    return graph


def _nearest(k: int, *found: tuple[list[int], list[float]]) -> tuple[list[int], list[float]]:
    """The best of several lists together."""
    pairs = [pair for keys, cosines in found for pair in zip(keys, cosines, strict=True)]
    best = sorted(pairs, key=lambda pair: -pair[1])[:k]
    return [key for key, _ in best], [cosine for _, cosine in best]
