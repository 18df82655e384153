"""The embedded chunk index (K-3): SQLite keeps text, metadata and vector in one transaction, graphs over them are derived."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import SourceType
from mangaassist.errors import StartFailed
from mangaassist.knowledge import words
from mangaassist.knowledge.index import Hit, IndexStats, Poisoned, Revision, StoredChunk, Vector
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import word_search
from mangaassist.stores.sqlite.lanes import Lane, connect
from mangaassist.stores.sqlite.vector_graph import DISORDER, EXPANSION_SEARCH, HalfVectors, Keys, VectorGraph

DATABASE, GRAPH = "knowledge.db", "{source_type}.graph"
READERS = 2
SAVE_AFTER = 2000
"""Changed vectors after which the graph files are written anew; what they lack is added at the next start."""
SPREAD_KEPT = 10_000
"""Words whose number of chunks is remembered, for each source type."""
OVERFETCH = 400
"""The most that is looked at for a list with few of each family: 0.7 ms, and more than any series has volumes."""

Progress = Callable[[str, int, int], None]


class _Place(Struct, frozen=True):
    """What the searches need to know of a key."""

    chunk_id: str
    family: str


class _Partition:
    """One source type: questions about it never wade through the thousands of chunks of another."""

    def __init__(self, dimensions: int) -> None:
        self.graph = VectorGraph(dimensions)
        self.places: dict[int, _Place] = {}
        self._spread: dict[str, int] = {}

    def lookup(self, source_type: SourceType, asked: tuple[str, ...], limit: int) -> word_search.Lookup:
        if len(self._spread) > SPREAD_KEPT:
            self._spread = {}
        return word_search.Lookup(source_type, asked, limit, len(self.places), self._spread)

    def forget_spread(self) -> None:
        self._spread = {}


class SqliteChunkIndex:
    """Use ``open``. One process uses a folder at a time; methods are those of ``ChunkIndex``."""

    def __init__(self, folder: Path, dimensions: int, opened: rows.Opened, partitions: dict[str, _Partition]) -> None:
        self._folder = folder
        self._dimensions = dimensions
        self._database = opened.database
        self._version = opened.knowledge_version
        self._partitions = partitions
        self._writer = Lane("knowledge", folder / DATABASE, 1, read_only=False)
        self._readers = Lane("knowledge", folder / DATABASE, READERS, read_only=True)
        self._closed = False

    @classmethod
    async def open(
        cls, folder: Path, dimensions: int, model: str, progress: Progress | None = None
    ) -> "SqliteChunkIndex":
        """Open or create the index of a folder.

        ``model`` names the encoder: an index of another one is emptied, because its vectors mean something else.
        ``progress`` gets (source type, vectors done, vectors in all) while graphs are built.
        Raises ``StartFailed``, saying what to do, when the folder cannot be used or its database is damaged.
        """
        return await asyncio.to_thread(cls._open, folder, dimensions, model, progress or _silent)

    @classmethod
    def _open(cls, folder: Path, dimensions: int, model: str, progress: Progress) -> "SqliteChunkIndex":
        path = folder / DATABASE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                opened = rows.prepare(db, f"{model}/{dimensions}")
                partitions = {name: _partition(db, folder, name, dimensions, opened, progress) for name in rows.TYPES}
        except rows.OtherSchema as error:
            raise StartFailed(f"The knowledge database {path} {error}. Move it away: it is built anew.") from error
        except sqlite3.DatabaseError as error:
            raise StartFailed(
                f"The knowledge database {path} cannot be used ({error}). Check the disk, then move the folder"
                f" {folder} away: it is built anew from the sources at the next start."
            ) from error
        except OSError as error:
            raise StartFailed(f"The knowledge folder {folder} cannot be used ({error}).") from error
        return cls(folder, dimensions, opened, partitions)

    @property
    def knowledge_version(self) -> int:
        return self._version

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        for revision in revisions:
            _check(revision, self._dimensions)
        return await self._writer.run(lambda db: self._write(db, revisions))

    async def dense(
        self, vector: Vector, source_types: Sequence[SourceType], k: int, per_family: int | None = None
    ) -> Sequence[Hit]:
        hits: list[Hit] = []
        for source_type in dict.fromkeys(source_types):
            hits.extend(_nearest(self._partitions[source_type], vector, k, per_family))
        return sorted(hits, key=lambda hit: -hit.score)[:k]

    async def lexical(
        self, text: str, source_types: Sequence[SourceType], k: int, per_family: int | None = None
    ) -> Sequence[Hit]:
        asked = tuple(words.asked(text))
        if not asked:
            return ()
        limit = k if per_family is None else OVERFETCH
        types = tuple(dict.fromkeys(source_types))
        lookups = [self._partitions[name].lookup(name, asked, limit) for name in types]
        found = await self._readers.run(lambda db: [word_search.matching(db, lookup) for lookup in lookups])
        hits: list[Hit] = []
        for name, scored in zip(types, found, strict=True):
            hits.extend(_few_of_each(self._partitions[name].places, scored, k, per_family))
        return sorted(hits, key=lambda hit: -hit.score)[:k]

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
            partition = self._partitions[source_type]
            for key in keys:
                partition.places.pop(key, None)
            partition.graph.remove(keys)
        for source_type, added in change.added.items():
            partition = self._partitions[source_type]
            for key, chunk_id in zip(added.keys, added.chunk_ids, strict=True):
                partition.places[key] = _Place(chunk_id, change.family)
            partition.forget_spread()
            partition.graph.add(added.keys, np.stack(added.vectors))

    def _consolidate(self, db: sqlite3.Connection) -> None:
        for partition in self._partitions.values():
            if partition.graph.is_disordered:
                keys = _shuffled(partition.places)
                partition.graph.lay_out(rows.vectors(db, keys, self._dimensions))
        self._save_graphs()

    def _save_graphs(self) -> None:
        for name, partition in self._partitions.items():
            if partition.graph.unsaved:
                partition.graph.save(self._folder / GRAPH.format(source_type=name), self._database)


def _partition(
    db: sqlite3.Connection, folder: Path, name: str, dimensions: int, opened: rows.Opened, progress: Progress
) -> _Partition:
    """A partition as the database has it: its graph from the file where that is sound, brought up to date."""
    partition = _Partition(dimensions)
    for key, chunk_id, family in rows.places(db, name):
        partition.places[key] = _Place(chunk_id, family)
    graph = partition.graph
    graph.load(folder / GRAPH.format(source_type=name), opened.database)
    kept = set(graph.keys().tolist())
    graph.remove([key for key in kept if key not in partition.places])
    missing = [key for key in partition.places if key not in kept]
    if len(missing) > DISORDER * len(partition.places):
        graph.lay_out(_told(rows.vectors(db, _shuffled(partition.places), dimensions), name, partition, progress))
        return partition
    for keys, vectors in rows.vectors(db, missing, dimensions):
        graph.add(keys.tolist(), vectors)
    return partition


def _told(
    parts: Iterable[tuple[Keys, HalfVectors]], name: str, partition: _Partition, progress: Progress
) -> Iterator[tuple[Keys, HalfVectors]]:
    done = 0
    for keys, vectors in parts:
        yield keys, vectors
        progress(name, done := done + len(keys), len(partition.places))


def _shuffled(keys: Iterable[int]) -> list[int]:
    """The same order every time, but none in which vectors that are alike follow each other."""
    return np.random.default_rng(0).permutation(np.array(sorted(keys), np.int64)).tolist()


def _nearest(partition: _Partition, vector: Vector, k: int, per_family: int | None) -> list[Hit]:
    """Look at more and more neighbours until enough families are among them."""
    looked_at = k if per_family is None else max(4 * k, EXPANSION_SEARCH)
    while True:
        keys, scores = partition.graph.search(vector, looked_at)
        hits = _few_of_each(partition.places, zip(keys, scores, strict=True), k, per_family)
        if per_family is None or len(hits) >= k or looked_at >= min(OVERFETCH, len(partition.graph)):
            return hits
        looked_at = OVERFETCH


def _few_of_each(
    places: Mapping[int, _Place], scored: Iterable[tuple[int, float]], k: int, per_family: int | None
) -> list[Hit]:
    hits: list[Hit] = []
    seen: dict[str, int] = {}
    for key, score in scored:
        place = places.get(key)
        if place is None:  # replaced since the search began
            continue
        if per_family is not None and place.family:
            seen[place.family] = seen.get(place.family, 0) + 1
            if seen[place.family] > per_family:
                continue
        hits.append(Hit(place.chunk_id, score))
        if len(hits) == k:
            break
    return hits


def _check(revision: Revision, dimensions: int) -> None:
    if revision.removes:
        return
    vectors = revision.vectors
    if vectors is None or vectors.shape != (len(revision.chunks), dimensions) or not np.isfinite(vectors).all():
        shape = None if vectors is None else vectors.shape
        raise ValueError(f"{revision.document_id}: {len(revision.chunks)} chunks with vectors {shape}")


def _silent(source_type: str, done: int, total: int) -> None:
    pass
