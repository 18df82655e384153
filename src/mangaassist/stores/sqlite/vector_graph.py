"""An HNSW graph (usearch) over the vectors of one source type: derived from the database, kept in a file to start fast."""

import threading
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

# usearch puts the symbols of its numeric library before everybody else's, and an onnxruntime that is loaded after it
# crashes the process (seen with 2.26.6 and 1.32.0). Loaded before it, both work.
import onnxruntime  # noqa: F401 # pyright: ignore[reportUnusedImport, reportMissingTypeStubs]
from numpy.typing import NDArray
from usearch.index import Index

from mangaassist.stores.sqlite import graph_file

Keys = NDArray[np.int64]
HalfVectors = NDArray[np.float16]

CONNECTIVITY = 16
EXPANSION_ADD = 256
EXPANSION_SEARCH = 320
"""Volumes of a series are nearly alike, and such crowds are hard on a graph: 128 and 128 find 0.88 of the true ten neighbours
among this store's 6634 products. These values, and a layout in which volumes do not follow each other, find 0.998 of them
in 0.35 ms."""
EXACT_UP_TO = 512
"""Up to so many vectors all are compared: faster than a walk through the graph, and never wrong."""
SLICE = 4
"""Vectors added under the lock at a time, so that a search never waits for more than about a millisecond."""
DISORDER = 0.2
"""A graph is laid out anew when more than this part of it was added in the order in which it came."""


class VectorGraph:
    """Keys and their unit vectors, float16 [dimensions] each. A key names one vector for ever: it is never used again.

    One thread changes the graph; any thread may search it meanwhile.
    """

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._lock = threading.Lock()
        self._graph = new_graph(dimensions)
        self.unsaved = 0
        """Changes since the file was written."""
        self._in_order = 0
        """Vectors added as they came: those of one series one after the other, which leaves crowds badly connected."""
        self._compared: tuple[Keys, NDArray[np.float32]] | None = None
        """All keys and vectors of a graph that is small enough to compare them all, until it changes."""

    def __len__(self) -> int:
        return len(self._graph)

    def search(self, vector: NDArray[np.floating[Any]], k: int) -> tuple[list[int], list[float]]:
        """The ``k`` nearest keys and their cosines, nearest first."""
        with self._lock:
            size = len(self._graph)
            if not size:
                return [], []
            if size > EXACT_UP_TO:
                found = self._graph.search(vector.astype(np.float16), min(k, size))
                return found.keys.tolist(), (1.0 - found.distances).tolist()
            keys, vectors = self._compared = self._compared or self._all()
        cosines = vectors @ vector
        nearest = np.argsort(-cosines, kind="stable")[:k]
        return keys[nearest].tolist(), cosines[nearest].tolist()

    def nearest_of(
        self, keys: Collection[int], vector: NDArray[np.floating[Any]], k: int
    ) -> tuple[list[int], list[float]]:
        """The ``k`` nearest of these keys and their cosines, nearest first; all of them are compared."""
        with self._lock:
            asked = np.array(sorted(keys), np.int64)
            kept = asked[self._graph.contains(asked)] if len(self._graph) and len(asked) else asked[:0]
            vectors = np.asarray(self._graph.get(kept), np.float32) if len(kept) else None
        if vectors is None:
            return [], []
        cosines = vectors @ vector
        nearest = np.argsort(-cosines, kind="stable")[:k]
        return kept[nearest].tolist(), cosines[nearest].tolist()

    def add(self, keys: Sequence[int], vectors: HalfVectors) -> None:
        for start in range(0, len(keys), SLICE):
            part = slice(start, start + SLICE)
            with self._lock:
                self._graph.add(np.array(keys[part], np.int64), vectors[part], threads=1)
                self._compared = None
        self.unsaved += len(keys)
        self._in_order += len(keys)

    def remove(self, keys: Sequence[int]) -> None:
        if keys:
            with self._lock:
                self._graph.remove(np.array(keys, np.int64))
                self._compared = None
            self.unsaved += len(keys)

    @property
    def is_disordered(self) -> bool:
        return len(self) > EXACT_UP_TO and self._in_order > DISORDER * len(self)

    def lay_out(self, shuffled: Iterable[tuple[Keys, HalfVectors]]) -> None:
        """Take these vectors in place of all there are; searches go on in the old graph meanwhile."""
        graph = new_graph(self._dimensions)
        for keys, vectors in shuffled:
            graph.add(keys, vectors, threads=1)
        with self._lock:
            self._graph = graph
            self._compared = None
        self.unsaved += len(graph)
        self._in_order = 0

    def keys(self) -> Keys:
        return np.asarray(self._graph.keys, np.int64) if len(self._graph) else np.zeros(0, np.int64)

    def save(self, path: Path, database: bytes) -> None:
        """Write the file in one step. ``database``, 16 bytes, names the database that the keys are of."""
        body = cast(bytearray, self._graph.save()) if len(self._graph) else bytearray()
        graph_file.write(path, database, self._in_order, body)
        self.unsaved = 0

    def load(self, path: Path, database: bytes) -> bool:
        """Take the graph from its file. False, and nothing taken, when it is missing, damaged or of another database."""
        file = graph_file.read(path, database)
        if file is None:
            return False
        graph = new_graph(self._dimensions)
        if file.body:
            graph.load(file.body)
            graph.expansion_add, graph.expansion_search = EXPANSION_ADD, EXPANSION_SEARCH
        if graph.ndim != self._dimensions:
            return False
        self._graph = graph
        self._in_order = file.in_order
        return True

    def _all(self) -> tuple[Keys, NDArray[np.float32]]:
        keys = np.sort(self.keys())
        return keys, np.asarray(self._graph.get(keys), np.float32)


def new_graph(dimensions: int) -> Any:
    """Unit vectors make the inner product the cosine. Typed open: the library's stubs are incomplete."""
    return cast(Any, Index)(
        ndim=dimensions,
        metric="ip",
        dtype="f16",
        connectivity=CONNECTIVITY,
        expansion_add=EXPANSION_ADD,
        expansion_search=EXPANSION_SEARCH,
    )
