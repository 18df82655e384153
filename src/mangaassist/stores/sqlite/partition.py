"""One source type of the chunk index: questions about it never wade through the thousands of chunks of another."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from mangaassist.domain.chunks import SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.index import ChunkFilter
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import word_search
from mangaassist.stores.sqlite.mapped_graph import MappedGraph
from mangaassist.stores.sqlite.vector_graph import VectorGraph
from mangaassist.stores.sqlite.word_search import WordMemory

OVERFETCH = 400
"""The most that is looked at for a list with few of each family: 0.7 ms, and more than any series has volumes."""

WIDER = 4
"""How much further a search looks when too few of what it found may pass."""

Scored = tuple[int, float]
"""The key of a chunk, and its score."""
Passing = frozenset[int] | None
"""The keys that may be found; None: any."""


COMPARED_UP_TO = 4000
"""So many that a filter lets pass are all compared, in about two milliseconds; of more the graph gives the nearest."""


class Partition:
    """The graph of its vectors, families and languages of its keys, and what its words gave so far. One thread changes it; any
    searches.
    """

    def __init__(self, source_type: SourceType, graph: VectorGraph | MappedGraph) -> None:
        self.source_type: SourceType = source_type
        self.graph = graph
        self.families: dict[int, str] = {}
        self._languages: dict[int, str] = {}
        """Of the keys that have one."""
        self._words = WordMemory(0)

    def put(self, families: Mapping[int, str], languages: Mapping[int, str]) -> None:
        """Both by key; ``languages`` of those that have one."""
        self.families.update(families)
        self._languages.update(languages)
        self._words = WordMemory(len(self.families))

    def drop(self, keys: Iterable[int]) -> None:
        for key in keys:
            self.families.pop(key, None)
            self._languages.pop(key, None)
        self._words = WordMemory(len(self.families))

    def passing(self, db: sqlite3.Connection, only: ChunkFilter) -> Passing:
        """The keys that a filter lets pass; None when it is all of them."""
        languages = self._languages.copy() if only.language is not None else {}
        if only.asin is None and only.series_id is None:
            others = frozenset(key for key, language in languages.items() if language != only.language)
            return frozenset(self.families.copy()) - others if others else None
        keys = rows.keys_of(db, self.source_type, only)
        return frozenset(key for key in keys if languages.get(key, only.language) == only.language)

    def near(self, vector: Vector, depth: int, per_family: int | None, passing: Passing = None) -> list[Scored]:
        """The nearest keys that pass and their cosines, nearest first."""
        most = depth if per_family is None else max(depth, OVERFETCH)
        if passing is None:
            found = self.graph.search(vector, most)
        elif len(passing) <= COMPARED_UP_TO:
            found = self.graph.nearest_of(passing, vector, most)
        else:
            found = self._nearest_passing(vector, most, passing)
        return list(self._few_of_each(zip(*found, strict=True), depth, per_family))

    def _nearest_passing(self, vector: Vector, most: int, passing: frozenset[int]) -> tuple[list[int], list[float]]:
        """Looks further and further away until enough have passed; compares them all where that is no more work."""
        reach = most
        while reach < COMPARED_UP_TO:
            keys, scores = self.graph.search(vector, reach)
            found = [place for place, key in enumerate(keys) if key in passing][:most]
            if len(found) == most:
                return [keys[place] for place in found], [scores[place] for place in found]
            reach *= WIDER
        return self.graph.nearest_of(passing, vector, most)

    def matching(
        self,
        db: sqlite3.Connection,
        asked: tuple[str, ...],
        depth: int,
        per_family: int | None,
        passing: Passing = None,
    ) -> list[Scored]:
        """The keys that pass whose words answer best and their scores, best first."""
        limit = depth if per_family is None else max(depth, OVERFETCH)
        found = word_search.matching(db, self.source_type, self._words, asked, limit, passing)
        return list(self._few_of_each(found, depth, per_family))

    def align(self, db: sqlite3.Connection, graph: VectorGraph | MappedGraph, dimensions: int) -> None:
        """Bring a graph in line with the families: it loses what is gone, and gets from the database what it lacks."""
        kept = set(graph.keys().tolist())
        graph.remove([key for key in kept if key not in self.families])
        for keys, vectors in rows.vectors(db, [key for key in self.families if key not in kept], dimensions):
            graph.add(keys.tolist(), vectors)

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
