"""O-7, K-3: a process that only serves takes up what the one that indexes has written: key by key, file by file, or all anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.followed_index import FollowedIndex
from mangaassist.stores.sqlite import chunk_rows, mapped_graph, vector_graph
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.index_generations import IndexGeneration, SqliteGenerations, generation_of
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader
from mangaassist.stores.sqlite.mapped_graph import MappedGraph
from tests.contracts.chunk_index import (
    DIMENSIONS,
    direction,
    ids,
    matching,
    nearest,
    removal,
    revision,
)
from tests.contracts.test_chunk_index_sqlite import reopened
from tests.patience import PATIENCE

MANY = 600
"""More than are simply all compared."""


@pytest.fixture
async def written(tmp_path: Path) -> AsyncIterator[SqliteChunkIndex]:
    """An index of many chunks, whose graph is in its file."""
    index = await reopened(tmp_path)
    await index.write([revision(f"d{n}", content=f"word{n}", seed=n) for n in range(MANY)])
    await index.consolidate()
    yield index
    await index.close()


@pytest.fixture
async def reader(written: SqliteChunkIndex, tmp_path: Path) -> AsyncIterator[SqliteIndexReader]:
    opened = await SqliteIndexReader.open(tmp_path, DIMENSIONS, "model", PATIENCE)
    yield opened
    await opened.close()


def graph_of(reader: SqliteIndexReader) -> MappedGraph:
    graph = reader._partitions["faq"].graph
    assert isinstance(graph, MappedGraph)
    return graph


async def test_a_large_graph_is_mapped_and_what_changes_lies_beside_it(
    written: SqliteChunkIndex, reader: SqliteIndexReader
) -> None:
    await written.write([revision("d17", 2, "else", seed=9017), removal("d18", 2), revision("new", seed=9000)])
    await reader.catch_up()
    assert (len(graph_of(reader)._mapped), len(graph_of(reader)._since), len(graph_of(reader))) == (MANY, 2, MANY)
    for seed, found in ((9017, "d17#0"), (9000, "new#0"), (19, "d19#0")):
        assert ids(await nearest(reader, direction(seed), ["faq"], 1)) == [found]
    assert "d18#0" not in ids(await nearest(reader, direction(18), ["faq"], MANY))
    assert sorted(graph_of(reader).keys().tolist()) == sorted(written._graphs["faq"].keys().tolist())


async def test_what_was_replaced_takes_nobody_s_place_among_the_nearest(
    written: SqliteChunkIndex, reader: SqliteIndexReader
) -> None:
    """However many of the nearest are gone: the search looks further."""
    vectors = np.stack([direction(n) for n in range(MANY)])
    nearest_first = [f"d{n}" for n in np.argsort(-(vectors @ direction(5)))]
    await written.write([removal(one, 2) for one in nearest_first[:300]])
    await reader.catch_up()
    found = ids(await nearest(reader, direction(5), ["faq"], 20))
    assert len({f"{one}#0" for one in nearest_first[300:320]} & set(found)) >= 19


async def test_a_graph_that_was_written_anew_is_mapped_in_the_place_of_the_old_one(
    written: SqliteChunkIndex, reader: SqliteIndexReader
) -> None:
    await written.write([revision(f"d{n}", 2, f"again{n}", seed=9000 + n) for n in range(300)])
    await reader.catch_up()
    assert len(graph_of(reader)._since) == 300
    await written.consolidate()
    await reader.catch_up()
    assert (len(graph_of(reader)._since), len(graph_of(reader)._gone), len(graph_of(reader))) == (0, 0, MANY)
    assert ids(await nearest(reader, direction(9017), ["faq"], 1)) == ["d17#0"]


async def test_a_damaged_graph_file_is_done_without(written: SqliteChunkIndex, tmp_path: Path) -> None:
    file = tmp_path / "faq.graph"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    reader = await SqliteIndexReader.open(tmp_path, DIMENSIONS, "model", PATIENCE)
    assert ids(await nearest(reader, direction(17), ["faq"], 1)) == ["d17#0"]
    await reader.close()


async def test_only_what_changed_is_read(
    written: SqliteChunkIndex, reader: SqliteIndexReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written.write([revision("d17", 2, "else", seed=9017)])
    monkeypatch.setattr(chunk_rows, "families", None)
    monkeypatch.setattr(chunk_rows, "vectors", None)
    await reader.catch_up()
    assert ids(await nearest(reader, direction(9017), ["faq"], 1)) == ["d17#0"]


async def test_who_was_away_for_longer_than_the_database_remembers_looks_at_everything(
    written: SqliteChunkIndex, reader: SqliteIndexReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunk_rows, "DROPPED_KEPT", 10)
    for version in range(2, 6):
        await written.write([revision(f"d{n}", version, f"again{version}x{n}", seed=9000 + n) for n in range(20)])
    await written.write([removal("d30", 2)])
    await reader.catch_up()
    assert sorted(graph_of(reader).keys().tolist()) == sorted(written._graphs["faq"].keys().tolist())
    assert ids(await matching(reader, "again5x3", ["faq"], 2)) == ["d3#0"]
    assert "d30#0" not in ids(await nearest(reader, direction(30), ["faq"], 5))


async def test_nothing_is_written_by_who_follows(reader: SqliteIndexReader) -> None:
    with pytest.raises(ServiceFailure):
        await reader._follower.run(lambda db: db.execute("DELETE FROM chunks"))


async def test_a_database_of_another_encoder_is_not_followed(written: SqliteChunkIndex, tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="another encoder"):
        await SqliteIndexReader.open(tmp_path, DIMENSIONS, "another", PATIENCE)


def test_recall_holds_when_half_of_a_mapped_graph_was_replaced(tmp_path: Path) -> None:
    """K-3: as in the process that writes, so in those that follow it."""
    count, rng = 2000, np.random.default_rng(3)
    vectors = rng.normal(size=(count + count // 2, DIMENSIONS)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    half = vectors.astype(np.float16)
    graph, database = vector_graph.VectorGraph(DIMENSIONS), b"d" * 16
    graph.add(range(count), half[:count])
    graph.save(tmp_path / "faq.graph", database)
    mapped = mapped_graph.graph_in(tmp_path / "faq.graph", database, DIMENSIONS)
    mapped.remove(range(0, count, 2))
    mapped.add(range(count, len(half)), half[count:])
    there = np.array(sorted(mapped.keys().tolist()))
    found = 0
    for query in range(50):
        asked = direction(90_000 + query)
        exact = set(there[np.argsort(-(vectors[there] @ asked))[:10]].tolist())
        found += len(exact & set(mapped.search(asked, 10)[0]))
    assert len(there) == count
    assert found >= 0.99 * 500


# ---- which generation is shown


async def made(generation: IndexGeneration, name: str, built: bool = True) -> SqliteChunkIndex:
    index = await generation.opened(PATIENCE)
    await index.write([revision(name, content="a parcel", seed=5)])
    if built:
        generation.built.touch()
    return index


async def shown(followed: FollowedIndex) -> list[str]:
    await followed.refresh()
    return ids(await matching(followed.shown, "parcel", ["faq"], 3))


@pytest.fixture
async def followed(tmp_path: Path) -> AsyncIterator[FollowedIndex]:
    opened = FollowedIndex(SqliteGenerations(tmp_path / "knowledge"), DIMENSIONS, "now", PATIENCE)
    yield opened
    await opened.shown.close()


async def test_before_anything_is_indexed_nothing_is_found_and_readiness_says_why(followed: FollowedIndex) -> None:
    assert await shown(followed) == []
    with pytest.raises(ServiceFailure, match="mangaassist index"):
        await followed.shown.ping()


async def test_a_generation_is_shown_from_the_moment_on_at_which_it_is_whole(
    followed: FollowedIndex, tmp_path: Path
) -> None:
    generation = generation_of(tmp_path / "knowledge", DIMENSIONS, "now")
    index = await made(generation, "page", built=False)
    assert await shown(followed) == []
    generation.built.touch()
    assert await shown(followed) == ["page#0"]
    await index.write([revision("more", content="a parcel", seed=6)])
    assert await shown(followed) == ["page#0", "more#0"]
    await index.close()


async def test_another_encoder_s_answers_by_words_until_that_of_this_one_is_whole(
    followed: FollowedIndex, tmp_path: Path
) -> None:
    before = await made(generation_of(tmp_path / "knowledge", DIMENSIONS, "before"), "old")
    assert await shown(followed) == ["old#0"]
    assert followed.shown.by_words_alone
    version = followed.shown.knowledge_version
    now = await made(generation_of(tmp_path / "knowledge", DIMENSIONS, "now"), "new")
    assert await shown(followed) == ["new#0"]
    assert not followed.shown.by_words_alone
    assert followed.shown.knowledge_version > version, "what was answered from the former one is stale (M-8)"
    for index in (before, now):
        await index.close()


async def test_a_database_that_was_made_anew_takes_the_place_of_the_one_that_is_gone(
    followed: FollowedIndex, tmp_path: Path
) -> None:
    folder = tmp_path / "knowledge"
    await (await made(generation_of(folder, DIMENSIONS, "now"), "old")).close()
    assert await shown(followed) == ["old#0"]
    old = followed.shown._serving
    folder.rename(tmp_path / "moved")
    index = await made(generation_of(folder, DIMENSIONS, "now"), "new")
    assert not await old.catch_up(), "its keys would name chunks of the other one"
    assert await shown(followed) == ["new#0"]
    await index.close()
