"""The embedded chunk index, written and followed, under the suite of all, and what only it does (K-3, O-7)."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.index import Revision
from mangaassist.stores.sqlite import chunk_index, chunk_rows, lanes, partition, vector_graph
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader
from tests.contracts.chunk_index import (
    DIMENSIONS,
    ChunkIndexContract,
    chunk,
    direction,
    ids,
    matching,
    nearest,
    of,
    only,
    removal,
    revision,
)
from tests.patience import PATIENCE


class TestSqliteChunkIndex(ChunkIndexContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[SqliteChunkIndex]:
        opened = await SqliteChunkIndex.open(tmp_path / "index", DIMENSIONS, "model", timeout_factor=PATIENCE)
        yield opened
        await opened.close()

    async def test_a_restart_finds_what_was_written(self, tmp_path: Path) -> None:
        await filled(tmp_path)
        index = await reopened(tmp_path)
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        assert ids(await matching(index, "word17", ["faq"], 1)) == ["d17#0"]
        assert index.knowledge_version == 1
        await index.close()

    @pytest.mark.parametrize("damage", [b"", b"mangaassist-graph-1\nnonsense", None])
    async def test_a_missing_or_damaged_graph_file_is_built_again(self, tmp_path: Path, damage: bytes | None) -> None:
        await filled(tmp_path)
        file = tmp_path / "faq.graph"
        if damage is None:
            file.unlink()
        else:
            file.write_bytes(damage)
        index = await reopened(tmp_path)
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        await index.close()

    async def test_one_flipped_bit_of_a_graph_file_is_noticed(self, tmp_path: Path) -> None:
        await filled(tmp_path)
        file = tmp_path / "faq.graph"
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        built: list[tuple[str, int, int]] = []
        index = await SqliteChunkIndex.open(tmp_path, DIMENSIONS, "model", lambda *step: built.append(step))
        assert built == [("faq", 50, 50)]
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        await index.close()

    async def test_a_stale_graph_file_is_brought_up_to_date(self, tmp_path: Path) -> None:
        await filled(tmp_path)
        old = (tmp_path / "faq.graph").read_bytes()
        index = await reopened(tmp_path)
        await index.write([revision("new", seed=900), revision("d3", 2, seed=901), removal("d4", 2)])
        await index.close()
        (tmp_path / "faq.graph").write_bytes(old)
        index = await reopened(tmp_path)
        assert ids(await nearest(index, direction(900), ["faq"], 1)) == ["new#0"]
        assert ids(await nearest(index, direction(901), ["faq"], 1)) == ["d3#0"]
        assert "d4#0" not in ids(await nearest(index, direction(4), ["faq"], 100))
        assert len(await nearest(index, direction(4), ["faq"], 1)) == 1
        await index.close()

    async def test_the_graph_file_of_another_database_is_not_taken(self, tmp_path: Path) -> None:
        await filled(tmp_path / "a")
        other = await reopened(tmp_path / "b")
        await other.write([revision(f"x{n}", seed=500 + n) for n in range(50)])
        await other.close()
        (tmp_path / "a" / "faq.graph").write_bytes((tmp_path / "b" / "faq.graph").read_bytes())
        index = await reopened(tmp_path / "a")
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        await index.close()

    @pytest.mark.parametrize("place", [0, 100, 4096])
    async def test_a_damaged_database_stops_the_start_and_says_what_to_do(self, tmp_path: Path, place: int) -> None:
        await filled(tmp_path)
        file = tmp_path / "knowledge.db"
        content = bytearray(file.read_bytes())
        content[place : place + 3000] = b"\xff" * 3000
        file.write_bytes(content)
        with pytest.raises(StartFailed, match=r"knowledge\.db.*[Mm]ove"):
            await reopened(tmp_path)

    async def test_a_database_of_another_format_stops_the_start(self, tmp_path: Path) -> None:
        await filled(tmp_path)
        with sqlite3.connect(tmp_path / "knowledge.db") as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
        with pytest.raises(StartFailed, match="format 99"):
            await reopened(tmp_path)

    async def test_a_database_of_the_format_before_keeps_what_was_embedded(self, tmp_path: Path) -> None:
        await filled(tmp_path)
        with sqlite3.connect(tmp_path / "knowledge.db") as db:
            db.executescript(
                "DROP INDEX chunks_by_type; DROP INDEX chunks_by_asin; DROP INDEX chunks_by_category;"
                "ALTER TABLE chunks DROP COLUMN language; DROP TABLE dropped; CREATE TABLE poisoned (x); PRAGMA user_version = 1;"
                "CREATE INDEX chunks_by_type ON chunks (source_type, key, chunk_id, family);"
            )
        db.close()
        index = await reopened(tmp_path)
        assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
        await index.write([of("english", seed=900, source_type="faq", language="en")])
        assert await only(index, "parcel", None, language="en") == ["english#0"]
        await index.close()

    async def test_a_filter_that_lets_many_pass_is_served_by_the_graph(
        self, index: SqliteChunkIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """However few of the nearest pass: the search looks further until it has enough."""
        monkeypatch.setattr(partition, "COMPARED_UP_TO", 150)
        near = [of(f"n{n}", seed=7, source_type="faq", language="de") for n in range(600)]
        far = [of(f"f{n}", seed=1000 + n, source_type="faq", language="en") for n in range(200)]
        await index.write([*near, *far])
        assert {one[0] for one in await only(index, "", 7, 20, language="en")} == {"f"}
        assert len(await only(index, "", 7, 20, language="en")) == 20

    async def test_searches_go_on_while_documents_are_written(self, index: SqliteChunkIndex) -> None:
        await index.write([revision(f"d{n}", content=f"word{n}", seed=n) for n in range(200)])

        async def rewrite() -> None:
            for version in range(2, 6):
                await index.write([revision(f"d{n}", version, f"word{n}", seed=n) for n in range(0, 200, 2)])

        writing = asyncio.create_task(rewrite())
        searches = 0
        while not writing.done():
            assert ids(await nearest(index, direction(17), ["faq"], 1)) == ["d17#0"]
            assert ids(await matching(index, "word17", ["faq"], 1)) == ["d17#0"]
            searches += 1
        await writing
        assert searches > 3

    async def test_recall_holds_after_most_documents_were_replaced(self, index: SqliteChunkIndex) -> None:
        for version in range(1, 4):
            await index.write([revision(f"d{n}", version, seed=n + version * 10_000) for n in range(1500)])
        vectors = np.stack([direction(n + 30_000) for n in range(1500)])
        found = 0
        for query in range(50):
            asked = direction(90_000 + query)
            exact = {f"d{n}#0" for n in np.argsort(-(vectors @ asked))[:10]}
            found += len(exact & set(ids(await nearest(index, asked, ["faq"], 10))))
        assert found >= 0.99 * 500

    async def test_near_copies_are_told_apart_after_consolidating(self, index: SqliteChunkIndex) -> None:
        """Volumes of a series are nearly the same text; a graph that took them one after the other loses its way."""
        rng = np.random.default_rng(3)
        series = rng.normal(size=(40, DIMENSIONS))
        volumes = np.repeat(series, 50, axis=0) + 0.05 * rng.normal(size=(2000, DIMENSIONS))
        vectors = (volumes / np.linalg.norm(volumes, axis=1, keepdims=True)).astype(np.float32)
        await index.write(
            [
                Revision(
                    document_id=f"d{n}", source="s", version=1, chunks=(chunk(f"d{n}"),), vectors=vectors[n][None, :]
                )
                for n in range(2000)
            ]
        )
        await index.consolidate()
        found = 0
        for query in range(50):
            asked = direction(90_000 + query)
            tenth = np.sort(vectors @ asked)[-10] - 2e-3
            found += sum(hit.cosine >= tenth for hit in await nearest(index, asked, ["faq"], 10))
        assert found >= 0.99 * 500

    async def test_a_layout_is_given_up_when_the_index_is_closed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun = threading.Event()

        def without_end(*_: Any) -> Iterator[Any]:
            begun.set()
            while True:
                yield np.zeros(0, np.int64), np.zeros((0, DIMENSIONS), np.float16)

        index = await reopened(tmp_path)
        await index.write([revision(f"d{n}", seed=n) for n in range(600)])
        monkeypatch.setattr(chunk_rows, "vectors", without_end)
        laying_out = asyncio.create_task(index.consolidate())
        await asyncio.to_thread(begun.wait)
        await index.close()
        with pytest.raises(ServiceFailure, match="closed"):
            await laying_out

    async def test_what_the_database_raises_becomes_a_service_failure(self, index: SqliteChunkIndex) -> None:
        with pytest.raises(ServiceFailure) as caught:
            await index._readers.run(lambda db: db.execute("SELECT * FROM nowhere"))
        assert (caught.value.service, caught.value.kind) == ("knowledge", "error")

    def test_every_exception_of_the_database_is_mapped(self) -> None:
        kinds = {kind for kind in vars(sqlite3).values() if isinstance(kind, type) and issubclass(kind, sqlite3.Error)}
        assert kinds - {sqlite3.Error} <= lanes.FAILURES.keys()

    async def test_too_many_waiting_searches_are_refused(
        self, index: SqliteChunkIndex, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(lanes, "WAITING_LIMIT", 0)
        with pytest.raises(ServiceFailure, match="wait"):
            await matching(index, "parcel", ["faq"], 1)

    async def test_graph_files_are_written_on_the_way(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chunk_index, "SAVE_AFTER", 10)
        index = await reopened(tmp_path)
        await index.write([revision(f"d{n}", seed=n) for n in range(12)])
        graph = vector_graph.VectorGraph(DIMENSIONS)
        assert graph.load(tmp_path / "faq.graph", index._database)
        assert len(graph) == 12
        await index.close()


class Followed:
    """What is written in one process, and found in another that follows it."""

    def __init__(self, written: SqliteChunkIndex, reader: SqliteIndexReader) -> None:
        self._written = written
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    @property
    def knowledge_version(self) -> int:
        return self._reader.knowledge_version

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        taken = await self._written.write(revisions)
        await self._reader.catch_up()
        return taken

    async def cursor(self, feed: str) -> str:
        return await self._written.cursor(feed)

    async def keep_cursor(self, feed: str, cursor: str) -> None:
        await self._written.keep_cursor(feed, cursor)

    async def consolidate(self) -> None:
        await self._written.consolidate()
        await self._reader.catch_up()


class TestSqliteIndexReader(ChunkIndexContract):
    """O-7: a process that only follows finds all that the one that writes does."""

    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[Followed]:
        written = await SqliteChunkIndex.open(tmp_path / "index", DIMENSIONS, "model", timeout_factor=PATIENCE)
        reader = await SqliteIndexReader.open(tmp_path / "index", DIMENSIONS, "model", PATIENCE)
        yield Followed(written, reader)
        await reader.close()
        await written.close()


async def filled(folder: Path) -> None:
    index = await reopened(folder)
    await index.write([revision(f"d{n}", content=f"word{n}", seed=n) for n in range(50)])
    await index.close()


async def reopened(folder: Path) -> SqliteChunkIndex:
    return await SqliteChunkIndex.open(folder, DIMENSIONS, "model", timeout_factor=PATIENCE)


def test_index_and_encoder_can_be_loaded_in_either_order() -> None:
    for modules in ("mangaassist.stores.sqlite.chunk_index, mangaassist.models.encoder",
                    "mangaassist.models.encoder, mangaassist.stores.sqlite.chunk_index"):  # fmt: skip
        assert subprocess.run([sys.executable, "-c", f"import {modules}"]).returncode == 0
