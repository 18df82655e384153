"""An HNSW graph (usearch) over the vectors of one source type: derived from the database, kept in a file to start fast."""

import hashlib
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

# usearch puts the symbols of its numeric library before everybody else's, and an onnxruntime that is loaded after it
# crashes the process (seen with 2.26.6 and 1.32.0). Loaded before it, both work.
import onnxruntime  # noqa: F401 # pyright: ignore[reportUnusedImport, reportMissingTypeStubs]
from numpy.typing import NDArray
from usearch.index import Index

Keys = NDArray[np.int64]
HalfVectors = NDArray[np.float16]

CONNECTIVITY = 16
EXPANSION_ADD = 128
EXPANSION_SEARCH = 128
"""Measured on 18 000 x 384 in two bytes: 0.3 ms at recall 0.999 (``benchmarks/``); half of it loses recall on hard data."""
SLICE = 4
"""Vectors added under the lock at a time, so that a search never waits for more than about a millisecond."""
_MAGIC = b"mangaassist-graph-1\n"
_DIGEST_BYTES = 32


class VectorGraph:
    """Keys and their unit vectors, float16 [dimensions] each. A key names one vector for ever: it is never used again.

    One thread changes the graph; any thread may search it meanwhile.
    """

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._lock = threading.Lock()
        self._graph = self._new()
        self.unsaved = 0
        """Changes since the file was written."""

    def __len__(self) -> int:
        return len(self._graph)

    def search(self, vector: NDArray[np.floating[Any]], k: int) -> tuple[list[int], list[float]]:
        """The ``k`` nearest keys and their cosines, nearest first."""
        with self._lock:
            if not len(self._graph):
                return [], []
            found = self._graph.search(vector.astype(np.float16), min(k, len(self._graph)))
        return found.keys.tolist(), (1.0 - found.distances).tolist()

    def add(self, keys: Sequence[int], vectors: HalfVectors) -> None:
        for start in range(0, len(keys), SLICE):
            part = slice(start, start + SLICE)
            with self._lock:
                self._graph.add(np.array(keys[part], np.int64), vectors[part], threads=1)
        self.unsaved += len(keys)

    def remove(self, keys: Sequence[int]) -> None:
        if keys:
            with self._lock:
                self._graph.remove(np.array(keys, np.int64))
            self.unsaved += len(keys)

    def fill(self, keys: Keys, vectors: HalfVectors) -> None:
        """Add many at once, before anybody searches."""
        if len(keys):
            self._graph.add(keys, vectors, threads=0)
            self.unsaved += len(keys)

    def keys(self) -> Keys:
        return np.asarray(self._graph.keys, np.int64) if len(self._graph) else np.zeros(0, np.int64)

    def save(self, path: Path, database: bytes) -> None:
        """Write the file in one step. ``database``, 16 bytes, names the database that the keys are of."""
        body = cast(bytearray, self._graph.save()) if len(self._graph) else bytearray()
        unfinished = path.with_suffix(".partial")
        with unfinished.open("wb") as file:
            for part in (_MAGIC, database, _digest(database, body), body):
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        self.unsaved = 0

    def load(self, path: Path, database: bytes) -> bool:
        """Take the graph from its file. False, and nothing taken, when it is missing, damaged or of another database."""
        try:
            content = path.read_bytes()
        except OSError:
            return False
        head = len(_MAGIC) + len(database)
        body = content[head + _DIGEST_BYTES :]
        if content[:head] != _MAGIC + database or content[head : head + _DIGEST_BYTES] != _digest(database, body):
            return False
        graph = self._new()
        if body:
            graph.load(body)
            graph.expansion_add, graph.expansion_search = EXPANSION_ADD, EXPANSION_SEARCH
        if graph.ndim != self._dimensions:
            return False
        self._graph = graph
        return True

    def _new(self) -> Any:
        """Unit vectors make the inner product the cosine. Typed open: the library's stubs are incomplete."""
        return cast(Any, Index)(
            ndim=self._dimensions,
            metric="ip",
            dtype="f16",
            connectivity=CONNECTIVITY,
            expansion_add=EXPANSION_ADD,
            expansion_search=EXPANSION_SEARCH,
        )


def _digest(database: bytes, body: bytes | bytearray) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST_BYTES, key=database).digest()


def stale(graph: VectorGraph, live: Iterable[int]) -> tuple[list[int], list[int]]:
    """Which keys the graph must drop and which it lacks, measured by those that are live in the database."""
    kept, wanted = set(graph.keys().tolist()), set(live)
    return sorted(kept - wanted), sorted(wanted - kept)
