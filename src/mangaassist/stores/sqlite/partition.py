"""One source type of the chunk index: questions about it never wade through the thousands of chunks of another."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from mangaassist.domain.chunks import SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import word_search
from mangaassist.stores.sqlite.mapped_graph import MappedGraph
from mangaassist.stores.sqlite.vector_graph import VectorGraph
from mangaassist.stores.sqlite.word_search import WordMemory

OVERFETCH = 400
"""The most that is looked at for a list with few of each family: 0.7 ms, and more than any series has volumes."""

Scored = tuple[int, float]
"""The key of a chunk, and its score."""


class Partition:
    """The graph of its vectors, the families of its keys, and what its words gave so far. One thread changes it; any searches."""

    def __init__(self, source_type: SourceType, graph: VectorGraph | MappedGraph) -> None:
        self.source_type: SourceType = source_type
        self.graph = graph
        self.families: dict[int, str] = {}
        self._words = WordMemory(0)

    def put(self, families: Mapping[int, str]) -> None:
        self.families.update(families)
        self._words = WordMemory(len(self.families))

    def drop(self, keys: Iterable[int]) -> None:
        for key in keys:
            self.families.pop(key, None)
        self._words = WordMemory(len(self.families))

    def near(self, vector: Vector, depth: int, per_family: int | None) -> list[Scored]:
        """The nearest keys and their cosines, nearest first."""
        keys, scores = self.graph.search(vector, depth if per_family is None else max(depth, OVERFETCH))
        return list(self._few_of_each(zip(keys, scores, strict=True), depth, per_family))

    def matching(
        self, db: sqlite3.Connection, asked: tuple[str, ...], depth: int, per_family: int | None
    ) -> list[Scored]:
        """The keys whose words answer best and their scores, best first."""
        limit = depth if per_family is None else max(depth, OVERFETCH)
        found = word_search.matching(db, self.source_type, self._words, asked, limit)
        return list(self._few_of_each(found, depth, per_family))

    def _few_of_each(self, scored: Iterable[Scored], most: int, per_family: int | None) -> Iterator[Scored]:
        seen: dict[str, int] = {}
        given = 0
        for key, score in scored:
            family = self.families.get(key)
            if family is None:  # replaced since the search began
                continue
            if per_family is not None and family:
                seen[family] = seen.get(family, 0) + 1
                if seen[family] > per_family:
                    continue
            yield key, score
            given += 1
            if given == most:
                return


def shuffled(keys: Iterable[int]) -> list[int]:
    """The same order every time, but none in which vectors that are alike follow each other."""
    return np.random.default_rng(0).permutation(np.array(sorted(keys), np.int64)).tolist()
