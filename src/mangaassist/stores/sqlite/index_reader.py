"""The embedded chunk index in a process that only follows it: another one writes, and what it wrote is taken up key by key."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from msgspec import Struct

from mangaassist.stores.sqlite import chunk_rows as rows
from mangaassist.stores.sqlite import chunk_tables as tables
from mangaassist.stores.sqlite.chunk_index import start_failures
from mangaassist.stores.sqlite.chunk_search import DATABASE, GRAPH, SqliteChunkSearch, model_named
from mangaassist.stores.sqlite.lanes import connect
from mangaassist.stores.sqlite.mapped_graph import MappedGraph, graph_in
from mangaassist.stores.sqlite.partition import Partition
from mangaassist.stores.sqlite.vector_graph import VectorGraph

Stamp = tuple[int, int] | None
"""Tells one file at a path from the next: its number and its time of change. None: there is no file."""


class _Place(Struct):
    """How far a reader has come. ``graphs`` are the graph files that it has mapped, by source type."""

    newest_key: int
    graphs: dict[str, Stamp]


class SqliteIndexReader(SqliteChunkSearch):
    """Use ``open``. ``catch_up`` takes up what was written since; nothing is written here but by another process."""

    def __init__(
        self,
        folder: Path,
        dimensions: int,
        opened: tables.Opened,
        partitions: Mapping[str, Partition],
        place: _Place,
        timeout_factor: float,
    ) -> None:
        super().__init__(folder, opened, partitions, timeout_factor)
        self._dimensions = dimensions
        self._place = place
        self._file = _stamp(folder / DATABASE)
        self._follower = self._lane(1, read_only=True)

    @classmethod
    async def open(cls, folder: Path, dimensions: int, model: str, timeout_factor: float = 1.0) -> "SqliteIndexReader":
        """Open what another process has made for an encoder. Raises ``StartFailed`` when that cannot be used."""
        return await asyncio.to_thread(cls._open, folder, dimensions, model, timeout_factor)

    @classmethod
    def _open(cls, folder: Path, dimensions: int, model: str, timeout_factor: float) -> "SqliteIndexReader":
        with start_failures(folder), contextlib.closing(connect(folder / DATABASE)) as db:
            known = tables.opened(db, model_named(model, dimensions))
            stamps = _stamps(folder)
            graphs = {name: _graph(folder, name, known.database, dimensions) for name in tables.TYPES}
            with tables.snapshot(db):  # after the files were read: no key in them is newer than it
                known = tables.opened(db, model_named(model, dimensions))
                place = _Place(rows.newest_key(db), stamps)
                partitions = {name: Partition(name, graphs[name]) for name in tables.TYPES}
                for partition in partitions.values():
                    _reread(db, partition, dimensions)
        return cls(folder, dimensions, known, partitions, place, timeout_factor)

    async def catch_up(self) -> bool:
        if await asyncio.to_thread(self._is_replaced):
            return False
        await self._follower.run(self._catch_up)
        return True

    def _is_replaced(self) -> bool:
        now = _stamp(self._folder / DATABASE)
        return now is not None and self._file is not None and now[0] != self._file[0]

    async def close(self) -> None:
        await self._follower.close()
        await super().close()

    def _catch_up(self, db: sqlite3.Connection) -> None:
        stamps = _stamps(self._folder)
        laid_out = {
            name: _graph(self._folder, name, self._database, self._dimensions)
            for name in tables.TYPES
            if stamps[name] != self._place.graphs[name]
        }
        with tables.snapshot(db):
            version = rows.knowledge_version(db)
            if version != self._version:
                self._take_up(db, rows.since(db, self._version, self._place.newest_key))
                self._place.newest_key = max(rows.newest_key(db), self._place.newest_key)
                self._version = version
            for name, graph in laid_out.items():
                self._partitions[name].align(db, graph, self._dimensions)
                self._partitions[name].graph = graph
        self._place.graphs = stamps

    def _take_up(self, db: sqlite3.Connection, delta: rows.Delta | None) -> None:
        """``delta`` None: so much has changed that all is looked at."""
        if delta is None:
            for partition in self._partitions.values():
                _reread(db, partition, self._dimensions)
            return
        for name, keys in delta.dropped.items():
            self._partitions[name].drop(keys)
            self._partitions[name].graph.remove(keys)
        for name, added in delta.added.items():
            languages = {key: language for key, _, language, _ in added if language}
            self._partitions[name].put({key: family for key, family, _, _ in added}, languages)
            vectors = np.frombuffer(b"".join(one[3] for one in added), np.float16).reshape(-1, self._dimensions)
            self._partitions[name].graph.add([key for key, *_ in added], vectors)


def _graph(folder: Path, name: str, database: bytes, dimensions: int) -> VectorGraph | MappedGraph:
    return graph_in(folder / GRAPH.format(source_type=name), database, dimensions)


def _reread(db: sqlite3.Connection, partition: Partition, dimensions: int) -> None:
    """The partition as the database has it."""
    families = dict(rows.families(db, partition.source_type))
    partition.drop([key for key in partition.families if key not in families])
    partition.put(families, dict(rows.languages(db, partition.source_type)))
    partition.align(db, partition.graph, dimensions)


def _stamps(folder: Path) -> dict[str, Stamp]:
    return {name: _stamp(folder / GRAPH.format(source_type=name)) for name in tables.TYPES}


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns
