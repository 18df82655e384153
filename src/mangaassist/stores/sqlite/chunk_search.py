"""The half of the embedded chunk index that only reads: what a process that writes it and one that follows it have in common."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from mangaassist.knowledge import words
from mangaassist.knowledge.index import (
    LINE_LIMIT_S,
    SEARCH_LIMIT_S,
    IndexHit,
    IndexQuery,
    IndexStats,
    StoredChunk,
)
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import chunk_tables as tables
from mangaassist.stores.sqlite.known_chunks import KnownChunks
from mangaassist.stores.sqlite.lanes import Lane, Limits
from mangaassist.stores.sqlite.partition import Partition, Passing, Scored

DATABASE, GRAPH = "knowledge.db", "{source_type}.graph"
READERS = 2


class SqliteChunkSearch:
    """Methods are those of ``ChunkIndex``. One thread changes the partitions; searches go on meanwhile."""

    def __init__(
        self, folder: Path, opened: tables.Opened, partitions: Mapping[str, Partition], timeout_factor: float
    ) -> None:
        self._folder = folder
        self._limits = Limits(SEARCH_LIMIT_S * timeout_factor, LINE_LIMIT_S * timeout_factor)
        self._database = opened.database
        self._version = opened.knowledge_version
        self._partitions = partitions
        self._chunks = KnownChunks()
        self._readers = self._lane(READERS, read_only=True)

    def _lane(self, threads: int, *, read_only: bool) -> Lane:
        """Its connections are to this very database: keys of another one at its place would name other chunks."""
        check = partial(tables.check, database=self._database)
        return Lane("knowledge", self._folder / DATABASE, threads, read_only, check=check)

    @property
    def knowledge_version(self) -> int:
        return self._version

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        return await self._readers.run(lambda db: self._search(db, query), self._limits)

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        return await self._readers.run(lambda db: rows.fetch(db, chunk_ids)) if chunk_ids else ()

    async def versions(self, source: str) -> Mapping[str, int]:
        return await self._readers.run(lambda db: rows.versions(db, source))

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        return await self._readers.run(lambda db: rows.newest(db, document_ids))

    async def stats(self) -> IndexStats:
        return await self._readers.run(rows.stats)

    async def ping(self) -> None:
        await self._readers.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._readers.close()

    def _search(self, db: sqlite3.Connection, query: IndexQuery) -> Sequence[IndexHit]:
        passing = {one.source_type: one.passing(db, query.only) for one in self._asked(query)}
        near, matching = self._near(query, passing), self._matching(db, query, passing)
        known = self._chunks.of(db, list(dict.fromkeys((*near, *matching))))
        if query.vector is None or not known:
            return [IndexHit(stored, 0.0, matching.get(key, 0.0)) for key, stored in known]
        cosines: list[float] = (np.stack([stored.vector for _, stored in known]) @ query.vector).tolist()
        return [
            IndexHit(stored, cosine, matching.get(key, 0.0))
            for (key, stored), cosine in zip(known, cosines, strict=True)
        ]

    def _near(self, query: IndexQuery, passing: Mapping[str, Passing]) -> Mapping[int, float]:
        if query.vector is None:
            return {}
        found = [
            hit
            for partition in self._asked(query)
            for hit in partition.near(query.vector, query.depth, query.per_family, passing[partition.source_type])
        ]
        return _best(found, query.depth)

    def _matching(
        self, db: sqlite3.Connection, query: IndexQuery, passing: Mapping[str, Passing]
    ) -> Mapping[int, float]:
        if not (asked := tuple(words.asked(query.text))):
            return {}
        found = [
            hit
            for partition in self._asked(query)
            for hit in partition.matching(db, asked, query.depth, query.per_family, passing[partition.source_type])
        ]
        return _best(found, query.depth)

    def _asked(self, query: IndexQuery) -> list[Partition]:
        return [self._partitions[source_type] for source_type in dict.fromkeys(query.source_types)]


def model_named(digest: str, dimensions: int) -> str:
    """An encoder as its index names it."""
    return f"{digest}/{dimensions}"


def _best(found: Iterable[Scored], depth: int) -> dict[int, float]:
    return dict(sorted(found, key=lambda hit: -hit[1])[:depth])
