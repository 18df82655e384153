"""The embedded chunk index (K-3): SQLite keeps text, metadata and vector in one transaction, graphs over them are derived."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mangaassist.domain.chunks import SourceType
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.index import Revision, Unstorable
from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import chunk_tables as tables
from mangaassist.stores.sqlite.chunk_search import DATABASE, GRAPH, SqliteChunkSearch, model_named
from mangaassist.stores.sqlite.lanes import connect
from mangaassist.stores.sqlite.partition import Partition, shuffled
from mangaassist.stores.sqlite.vector_graph import DISORDER, HalfVectors, Keys, VectorGraph

SAVE_AFTER = 2000
"""Changed vectors after which the graph files are written anew; what they lack is added at the next start."""

Progress = Callable[[str, int, int], None]


class SqliteChunkIndex(SqliteChunkSearch):
    """Use ``open``. One process at a time writes a folder, and any number follow it; methods are those of ``ChunkIndex``."""

    def __init__(
        self,
        folder: Path,
        dimensions: int,
        opened: tables.Opened,
        partitions: Mapping[str, Partition],
        graphs: Mapping[str, VectorGraph],
        timeout_factor: float,
    ) -> None:
        """``graphs`` are those of the ``partitions``."""
        super().__init__(folder, opened, partitions, timeout_factor)
        self._dimensions = dimensions
        self._graphs = dict(graphs)
        self._writer = self._lane(1, read_only=False)
        self._layouts = self._lane(1, read_only=True)
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
        with start_failures(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(folder / DATABASE)) as db:
                opened = tables.prepare(db, model_named(model, dimensions))
                graphs = {name: VectorGraph(dimensions) for name in tables.TYPES}
                partitions = {name: Partition(name, graphs[name]) for name in tables.TYPES}
                for partition in partitions.values():
                    file = folder / GRAPH.format(source_type=partition.source_type)
                    graphs[partition.source_type].load(file, opened.database)
                    _fill(db, partition, graphs[partition.source_type], dimensions, progress)
        return cls(folder, dimensions, opened, partitions, graphs, timeout_factor)

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        for revision in revisions:
            _check(revision, self._dimensions)
        return await self._writer.run(lambda db: self._write(db, revisions))

    async def catch_up(self) -> bool:
        return True  # nobody else writes

    async def cursor(self, feed: str) -> str:
        return await self._writer.run(lambda db: tables.cursor(db, feed))

    async def keep_cursor(self, feed: str, cursor: str) -> None:
        await self._writer.run(lambda db: tables.keep_cursor(db, feed, cursor))

    async def consolidate(self) -> None:
        """Lays out anew, beside those that are searched, the graphs to which too much was added in the order in which it came."""
        for name, graph in self._graphs.items():
            if graph.is_disordered:
                await self._lay_out(name)
        await self._writer.run(self._tidy)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):  # the files are derived: what cannot be written is built at the next start
            await self._writer.run(lambda _: self._save_graphs())
        await self._layouts.close()
        await self._writer.close()
        await super().close()

    def _write(self, db: sqlite3.Connection, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        """One transaction; the graphs follow what is committed, and a crash between the two is caught up with at start."""
        refused: dict[str, ServiceFailure] = {}
        with tables.transaction(db):
            changes = [_applied(db, revision, refused) for revision in revisions]
            version = rows.next_knowledge_version(db) if any(changes) else self._version
        if any(changes):
            for change in filter(None, changes):
                self._follow(change)
            self._version = version
            if sum(graph.unsaved for graph in self._graphs.values()) >= SAVE_AFTER:
                with contextlib.suppress(OSError):
                    self._save_graphs()
        taken = tuple(change is not None for change in changes)
        if refused:
            raise Unstorable(refused, taken)
        return taken

    def _follow(self, change: rows.Applied) -> None:
        for source_type, keys in change.dropped.items():
            self._partitions[source_type].drop(keys)
            self._graphs[source_type].remove(keys)
        for source_type, added in change.added.items():
            self._partitions[source_type].put(dict.fromkeys(added.keys, change.family), added.languages)
            self._graphs[source_type].add(added.keys, np.stack(added.vectors))

    async def _lay_out(self, name: str) -> None:
        """On a thread of its own, for it takes half a millisecond a vector; what is written meanwhile is added in the end."""
        graph, partition = VectorGraph(self._dimensions), self._partitions[name]
        keys = shuffled(partition.families.copy())
        await self._layouts.run(lambda db: graph.lay_out(self._until_closed(rows.vectors(db, keys, self._dimensions))))
        await self._writer.run(lambda db: self._swap(db, name, graph))

    def _until_closed(self, parts: Iterable[tuple[Keys, HalfVectors]]) -> Iterator[tuple[Keys, HalfVectors]]:
        """Nobody waits for a layout when the process ends."""
        for part in parts:
            if self._closed:
                raise ServiceFailure("knowledge", "error", "the index is closed")
            yield part

    def _swap(self, db: sqlite3.Connection, name: str, graph: VectorGraph) -> None:
        self._partitions[name].align(db, graph, self._dimensions)
        self._graphs[name] = self._partitions[name].graph = graph

    def _tidy(self, db: sqlite3.Connection) -> None:
        for name in self._graphs:
            rows.merge_words(db, name)
        self._save_graphs()

    def _save_graphs(self) -> None:
        for name, graph in self._graphs.items():
            if graph.unsaved:
                graph.save(self._folder / GRAPH.format(source_type=name), self._database)


@contextlib.contextmanager
def start_failures(folder: Path) -> Generator[None]:
    """What keeps the index of a folder from being opened, in words that say what to do."""
    path = folder / DATABASE
    try:
        yield
    except tables.OtherModel as error:
        raise StartFailed(f"The knowledge database {path} is of another encoder ({error}).") from error
    except tables.OtherSchema as error:
        raise StartFailed(f"The knowledge database {path} {error}. Move it away: it is built anew.") from error
    except sqlite3.DatabaseError as error:
        raise StartFailed(
            f"The knowledge database {path} cannot be used ({error}). Check the disk, then move the folder"
            f" {folder} away: it is built anew from the sources at the next start."
        ) from error
    except OSError as error:
        raise StartFailed(f"The knowledge folder {folder} cannot be used ({error}).") from error


def _fill(
    db: sqlite3.Connection, partition: Partition, graph: VectorGraph, dimensions: int, progress: Progress
) -> None:
    """A partition as the database has it, and its graph, as the file had it, brought up to date."""
    name: SourceType = partition.source_type
    partition.put(dict(rows.families(db, name)), dict(rows.languages(db, name)))
    kept = set(graph.keys().tolist())
    if len(partition.families.keys() - kept) > DISORDER * len(partition.families):
        graph.lay_out(_told(rows.vectors(db, shuffled(partition.families), dimensions), partition, progress))
    else:
        partition.align(db, graph, dimensions)


def _told(
    parts: Iterable[tuple[Keys, HalfVectors]], partition: Partition, progress: Progress
) -> Iterator[tuple[Keys, HalfVectors]]:
    done = 0
    for keys, vectors in parts:
        yield keys, vectors
        progress(partition.source_type, done := done + len(keys), len(partition.families))


def _applied(db: sqlite3.Connection, revision: Revision, refused: dict[str, ServiceFailure]) -> rows.Applied | None:
    """None also for what no database can hold, which is noted: it is undone, and the transaction goes on."""
    try:
        with tables.step(db):
            return rows.apply(db, revision)
    except (sqlite3.DataError, sqlite3.IntegrityError, UnicodeEncodeError, OverflowError) as error:
        failure = ServiceFailure("knowledge", "contract", f"{type(error).__name__}: {error}")
        refused[revision.document_id] = failure
        return None


def _check(revision: Revision, dimensions: int) -> None:
    if revision.removes:
        return
    vectors = revision.vectors
    if vectors is None or vectors.shape != (len(revision.chunks), dimensions) or not np.isfinite(vectors).all():
        shape = None if vectors is None else vectors.shape
        raise ValueError(f"{revision.document_id}: {len(revision.chunks)} chunks with vectors {shape}")


def _silent(source_type: str, done: int, total: int) -> None:
    pass
