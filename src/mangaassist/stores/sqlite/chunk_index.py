"""The embedded chunk index (K-3): SQLite keeps text, metadata and vector in one transaction, graphs over them are derived."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mangaassist.domain.chunks import SourceType
from mangaassist.errors import StartFailed
from mangaassist.knowledge import words
from mangaassist.knowledge.index import (
    LINE_LIMIT_S,
    SEARCH_LIMIT_S,
    IndexHit,
    IndexQuery,
    IndexStats,
    Poisoned,
    Revision,
    StoredChunk,
)
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite.known_chunks import KnownChunks
from mangaassist.stores.sqlite.lanes import Lane, Limits, connect
from mangaassist.stores.sqlite.partition import Partition, Passing, Scored, shuffled
from mangaassist.stores.sqlite.vector_graph import DISORDER, HalfVectors, Keys

DATABASE, GRAPH = "knowledge.db", "{source_type}.graph"
READERS = 2
SAVE_AFTER = 2000
"""Changed vectors after which the graph files are written anew; what they lack is added at the next start."""

Progress = Callable[[str, int, int], None]


class SqliteChunkIndex:
    """Use ``open``. One process uses a folder at a time; methods are those of ``ChunkIndex``."""

    def __init__(
        self,
        folder: Path,
        dimensions: int,
        opened: rows.Opened,
        partitions: Mapping[str, Partition],
        timeout_factor: float,
    ) -> None:
        self._folder = folder
        self._limits = Limits(SEARCH_LIMIT_S * timeout_factor, LINE_LIMIT_S * timeout_factor)
        self._dimensions = dimensions
        self._database = opened.database
        self._version = opened.knowledge_version
        self._partitions = partitions
        self._chunks = KnownChunks()
        self._writer = Lane("knowledge", folder / DATABASE, 1, read_only=False)
        self._readers = Lane("knowledge", folder / DATABASE, READERS, read_only=True)
        self._closed = False

    @classmethod
    async def open(
        cls,
        folder: Path,
        dimensions: int,
        model: str,
        progress: Progress | None = None,
        timeout_factor: float = 1.0,
    ) -> "SqliteChunkIndex":
        """Open or create the index of a folder.

        ``model`` names the encoder: an index of another one is none of its, because its vectors mean something else.
        ``progress`` gets (source type, vectors done, vectors in all) while graphs are built. A search may take
        ``timeout_factor`` times as long as M-10 says.
        Raises ``StartFailed``, saying what to do, when the folder cannot be used or its database is damaged.
        """
        return await asyncio.to_thread(cls._open, folder, dimensions, model, progress or _silent, timeout_factor)

    @classmethod
    def _open(
        cls, folder: Path, dimensions: int, model: str, progress: Progress, timeout_factor: float
    ) -> "SqliteChunkIndex":
        path = folder / DATABASE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                opened = rows.prepare(db, model_named(model, dimensions))
                partitions = {name: _partition(db, folder, name, dimensions, opened, progress) for name in rows.TYPES}
        except rows.OtherModel as error:
            raise StartFailed(f"The knowledge database {path} is of another encoder ({error}).") from error
        except rows.OtherSchema as error:
            raise StartFailed(f"The knowledge database {path} {error}. Move it away: it is built anew.") from error
        except sqlite3.DatabaseError as error:
            raise StartFailed(
                f"The knowledge database {path} cannot be used ({error}). Check the disk, then move the folder"
                f" {folder} away: it is built anew from the sources at the next start."
            ) from error
        except OSError as error:
            raise StartFailed(f"The knowledge folder {folder} cannot be used ({error}).") from error
        return cls(folder, dimensions, opened, partitions, timeout_factor)

    @property
    def knowledge_version(self) -> int:
        return self._version

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        for revision in revisions:
            _check(revision, self._dimensions)
        return await self._writer.run(lambda db: self._write(db, revisions))

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        return await self._readers.run(lambda db: self._search(db, query), self._limits)

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        return await self._readers.run(lambda db: rows.fetch(db, chunk_ids)) if chunk_ids else ()

    async def versions(self, source: str) -> Mapping[str, int]:
        return await self._readers.run(lambda db: rows.versions(db, source))

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        return await self._readers.run(lambda db: rows.newest(db, document_ids))

    async def set_aside(self, poisoned: Poisoned) -> None:
        await self._writer.run(lambda db: rows.set_aside(db, poisoned))

    async def poisoned(self, limit: int) -> Sequence[Poisoned]:
        return await self._readers.run(lambda db: rows.poisoned(db, limit))

    async def stats(self) -> IndexStats:
        return await self._readers.run(rows.stats)

    async def ping(self) -> None:
        await self._readers.run(lambda db: db.execute("SELECT 1").fetchone())

    async def consolidate(self) -> None:
        await self._writer.run(self._consolidate)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):  # the files are derived: what cannot be written is built at the next start
            await self.consolidate()
        await self._readers.close()
        await self._writer.close()

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

    def _write(self, db: sqlite3.Connection, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        """One transaction; the graphs follow what is committed, and a crash between the two is caught up with at start."""
        with rows.transaction(db):
            changes = [rows.apply(db, revision) for revision in revisions]
            version = rows.next_knowledge_version(db) if any(changes) else self._version
        if any(changes):
            for change in filter(None, changes):
                self._follow(change)
            self._version = version
            if sum(partition.graph.unsaved for partition in self._partitions.values()) >= SAVE_AFTER:
                with contextlib.suppress(OSError):
                    self._save_graphs()
        return tuple(change is not None for change in changes)

    def _follow(self, change: rows.Applied) -> None:
        for source_type, keys in change.dropped.items():
            self._partitions[source_type].drop(keys)
            self._partitions[source_type].graph.remove(keys)
        for source_type, added in change.added.items():
            self._partitions[source_type].put(dict.fromkeys(added.keys, change.family), added.languages)
            self._partitions[source_type].graph.add(added.keys, np.stack(added.vectors))

    def _consolidate(self, db: sqlite3.Connection) -> None:
        for partition in self._partitions.values():
            partition.consolidate(db, self._dimensions)
        self._save_graphs()

    def _save_graphs(self) -> None:
        for name, partition in self._partitions.items():
            if partition.graph.unsaved:
                partition.graph.save(self._folder / GRAPH.format(source_type=name), self._database)


def model_named(digest: str, dimensions: int) -> str:
    """An encoder as its index names it."""
    return f"{digest}/{dimensions}"


def _best(found: Iterable[Scored], depth: int) -> dict[int, float]:
    return dict(sorted(found, key=lambda hit: -hit[1])[:depth])


def _partition(
    db: sqlite3.Connection, folder: Path, name: SourceType, dimensions: int, opened: rows.Opened, progress: Progress
) -> Partition:
    """A partition as the database has it: its graph from the file where that is sound, brought up to date."""
    partition = Partition(name, dimensions)
    partition.put(dict(rows.families(db, name)), dict(rows.languages(db, name)))
    graph = partition.graph
    graph.load(folder / GRAPH.format(source_type=name), opened.database)
    kept = set(graph.keys().tolist())
    graph.remove([key for key in kept if key not in partition.families])
    missing = [key for key in partition.families if key not in kept]
    if len(missing) > DISORDER * len(partition.families):
        graph.lay_out(_told(rows.vectors(db, shuffled(partition.families), dimensions), partition, progress))
        return partition
    for keys, vectors in rows.vectors(db, missing, dimensions):
        graph.add(keys.tolist(), vectors)
    return partition


def _told(
    parts: Iterable[tuple[Keys, HalfVectors]], partition: Partition, progress: Progress
) -> Iterator[tuple[Keys, HalfVectors]]:
    done = 0
    for keys, vectors in parts:
        yield keys, vectors
        progress(partition.source_type, done := done + len(keys), len(partition.families))


def _check(revision: Revision, dimensions: int) -> None:
    if revision.removes:
        return
    vectors = revision.vectors
    if vectors is None or vectors.shape != (len(revision.chunks), dimensions) or not np.isfinite(vectors).all():
        shape = None if vectors is None else vectors.shape
        raise ValueError(f"{revision.document_id}: {len(revision.chunks)} chunks with vectors {shape}")


def _silent(source_type: str, done: int, total: int) -> None:
    pass
