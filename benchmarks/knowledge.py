"""The embedded index (K-3, O-7): searching it, replacing half of it, following it from another process; 18 000 and 200 000 chunks.

The vectors are made up, and as hard as real ones: volumes of one series lie close together, as in ``test_vector_bar.py``.
What is large is opened and searched in a process of its own, whose memory is told.
"""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct
from rich.progress import track

from benchmarks import freshness
from benchmarks.measuring import Row, at_least, at_most, console, percentile
from benchmarks.system import resident_mib
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector, Vectors
from mangaassist.knowledge.index import IndexQuery, IndexReader, Revision
from mangaassist.stores.sqlite import chunk_rows, chunk_tables
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.chunk_search import DATABASE
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader
from mangaassist.stores.sqlite.lanes import connect

DIMENSIONS: Final = 384
CHUNKS, MANY, VOLUMES = 18_000, 200_000, 60
AT_ONCE: Final = 500
SEARCHES, DEPTH = 1000, 10
CHANGES: Final = 200
MODEL: Final = "made up"
PATIENCE: Final = 100.0
SEARCH_LIMIT_MS: Final = 1.0
MEMORY_LIMIT_MIB: Final = 2048
WORDS: Final = "storm blade harbour lantern quiet summit orchard ember tide willow raven compass marble thistle"
SENTENCE: Final = f"It is told of the {WORDS}, and of all that became of it when the road came to its end. "


class MadeUp:
    """Chunks of a catalogue of so many volumes, and questions about it."""

    def __init__(self, count: int) -> None:
        self._rng = np.random.default_rng(5)
        self._spread = np.linspace(2, 0.2, DIMENSIONS).astype(np.float32)
        self._series = self._drawn(count // VOLUMES)
        self.questions = _unit(self._series[self._rng.integers(0, len(self._series), SEARCHES)] + self._drawn(SEARCHES))

    def vectors(self, count: int) -> Vectors:
        return _unit(self._series[self._rng.integers(0, len(self._series), count)] + 0.35 * self._drawn(count))

    def _drawn(self, count: int) -> Vectors:
        return self._rng.standard_normal((count, DIMENSIONS), np.float32) * self._spread


def _unit(vectors: Vectors) -> Vectors:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def revisions(first: int, version: int, vectors: Vectors) -> list[Revision]:
    return [_revision(first + place, version, vector) for place, vector in enumerate(vectors)]


def _revision(number: int, version: int, vector: Vector) -> Revision:
    name = f"d{number}"
    only = Chunk(
        chunk_id=f"{name}#0",
        document_id=name,
        title=f"Series {number // VOLUMES}, Vol. {number % VOLUMES}",
        content=SENTENCE * 4 + f"word{number}",
        source_type="product",
        category=f"series-{number // VOLUMES}",
        last_updated=datetime(2026, 11, 1, tzinfo=UTC),
        version=version,
    )
    return Revision(document_id=name, source="bench", version=version, chunks=(only,), vectors=vector[None, :])


def measured(data: Path) -> list[Row]:
    return [
        *asyncio.run(_replaced(data / "bench-index")),
        *_large(data / "bench-index-large"),
        *freshness.measured(data / "fresh"),
    ]


async def _replaced(folder: Path) -> list[Row]:
    """18 000 chunks of which half are replaced, in the process that writes and in one that follows."""
    made, kept = MadeUp(CHUNKS), np.zeros((CHUNKS, DIMENSIONS), np.float32)
    _fill(folder, CHUNKS, made, kept)
    index = await SqliteChunkIndex.open(folder, DIMENSIONS, MODEL, timeout_factor=PATIENCE)
    await index.consolidate()
    began = time.perf_counter()
    reader = await SqliteIndexReader.open(folder, DIMENSIONS, MODEL, PATIENCE)
    opened_s = time.perf_counter() - began
    rows = await _searched(f"{CHUNKS:,} chunks", index, made, kept)
    rows.append(Row(what="opened by a process that follows", value=opened_s * 1000, unit="ms"))
    wrote: list[float] = []
    for first in track(range(0, CHUNKS, 2 * AT_ONCE), "replacing half", console=console):
        kept[first : first + AT_ONCE] = made.vectors(AT_ONCE)
        began = time.perf_counter()
        await index.write(revisions(first, 2, kept[first : first + AT_ONCE]))
        wrote.append(time.perf_counter() - began)
    rows.append(at_least("replaced, without embedding", AT_ONCE / percentile(wrote, 50), "chunks/s", 200))
    await reader.catch_up()
    rows += await _searched("half of them replaced", index, made, kept)
    rows += await _searched("half of them replaced, followed", reader, made, kept)
    began = time.perf_counter()
    await index.consolidate()
    rows.append(Row(what="laid out anew, beside those that are searched", value=time.perf_counter() - began, unit="s"))
    await reader.catch_up()
    rows += await _searched("laid out anew", index, made, kept)
    rows += await _searched("laid out anew, mapped", reader, made, kept)
    rows += await _followed(index, reader, made)
    for one in (reader, index):
        await one.close()
    return rows


async def _followed(index: SqliteChunkIndex, reader: SqliteIndexReader, made: MadeUp) -> list[Row]:
    """What it takes to see one change, beside the half second between two looks."""
    took: list[float] = []
    for number, vector in enumerate(made.vectors(CHANGES)):
        await index.write([_revision(2 * number + AT_ONCE, 3, vector)])
        began = time.perf_counter()
        await reader.catch_up()
        took.append((time.perf_counter() - began) * 1000)
    return [
        Row(what="a change taken up by who follows, p50", value=percentile(took, 50), unit="ms"),
        Row(what="a change taken up by who follows, p99", value=percentile(took, 99), unit="ms"),
    ]


async def _searched(what: str, index: IndexReader, made: MadeUp, kept: Vectors) -> list[Row]:
    """As turns search, by meaning alone; and against all vectors."""
    took: list[float] = []
    used: list[float] = []
    found = 0
    half = kept.astype(np.float16).astype(np.float32)
    for question in made.questions:
        query = IndexQuery(text="", vector=question, source_types=("product",), depth=DEPTH)
        began, begun = time.perf_counter(), time.process_time()
        hits = await index.search(query)
        took.append((time.perf_counter() - began) * 1000)
        used.append((time.process_time() - begun) * 1000)
        cosines = half @ question
        tenth = np.partition(cosines, -DEPTH)[-DEPTH] - 5e-4  # two bytes hold a cosine to about that
        found += sum(cosines[int(hit.stored.chunk.document_id[1:])] >= tenth for hit in hits)
    return [
        Row(what=f"{what}: search, thread and chunks included, p50", value=percentile(took, 50), unit="ms"),
        Row(what=f"{what}: search, thread and chunks included, p99", value=percentile(took, 99), unit="ms"),
        at_most(f"{what}: processor time of a search, p99", percentile(used, 99), "ms", SEARCH_LIMIT_MS),
        at_least(f"{what}: recall@10", found / (DEPTH * len(took)), "", 0.99),
    ]


def _fill(folder: Path, count: int, made: MadeUp, kept: Vectors | None = None) -> None:
    """The rows alone: the graph is laid out by whoever opens the index."""
    folder.mkdir(parents=True)
    with closing(connect(folder / DATABASE)) as db:
        chunk_tables.prepare(db, f"{MODEL}/{DIMENSIONS}")
        for first in track(range(0, count, AT_ONCE), f"{count:,} chunks", console=console):
            vectors = made.vectors(min(AT_ONCE, count - first))
            if kept is not None:
                kept[first : first + AT_ONCE] = vectors
            with chunk_tables.transaction(db):
                for one in revisions(first, 1, vectors):
                    chunk_rows.apply(db, one)
                chunk_rows.next_knowledge_version(db)


class _Large(Struct, frozen=True):
    opened_s: float
    took_ms: list[float]
    memory_mib: float
    peak_mib: float


WAYS: Final = {"laid out": SqliteChunkIndex, "written": SqliteChunkIndex, "followed": SqliteIndexReader}
"""As it is opened first, without its graphs, then with them; and by a process that follows."""


def _large(folder: Path) -> list[Row]:
    _fill(folder, MANY, MadeUp(MANY))
    rows: list[Row] = []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as apart:
        for what in WAYS:
            console.print(f"{MANY:,} chunks, {what} ...")
            rows += _told(f"{MANY:,} chunks, {what}", apart.submit(_opened, folder, what).result())
    size = sum(file.stat().st_size for file in folder.iterdir())
    return [*rows, Row(what=f"{MANY:,} chunks on the disk", value=size / 2**20, unit="MiB")]


def _told(what: str, large: _Large) -> Iterator[Row]:
    yield Row(what=f"{what}: opened", value=large.opened_s, unit="s")
    yield Row(what=f"{what}: search, p50", value=percentile(large.took_ms, 50), unit="ms")
    yield Row(what=f"{what}: search, p99", value=percentile(large.took_ms, 99), unit="ms")
    yield Row(what=f"{what}: memory", value=large.memory_mib, unit="MiB")
    yield at_most(f"{what}: memory at its peak", large.peak_mib, "MiB", MEMORY_LIMIT_MIB)


def _opened(folder: Path, way: str) -> _Large:
    """In a process of its own."""
    return asyncio.run(_opened_and_searched(folder, WAYS[way]))


async def _opened_and_searched(folder: Path, kind: type[SqliteChunkIndex] | type[SqliteIndexReader]) -> _Large:
    began = time.perf_counter()
    index = await kind.open(folder, DIMENSIONS, MODEL, timeout_factor=PATIENCE)
    opened_s = time.perf_counter() - began
    took: list[float] = []
    for question in MadeUp(MANY).questions:
        began = time.perf_counter()
        await index.search(IndexQuery(text="", vector=question, source_types=("product",), depth=DEPTH))
        took.append((time.perf_counter() - began) * 1000)
    memory, peak = resident_mib(os.getpid()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    await index.close()
    return _Large(opened_s, took, memory, peak)
