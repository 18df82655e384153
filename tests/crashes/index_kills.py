"""``kill -9`` to a process that writes the embedded index, again and again; after each, all that it had acknowledged is there, and
each chunk's text, words and vector are of the same version (K-3).

What a document is at a version follows from both, so that whatever is found can be held against what it must be.
"""

import asyncio
import contextlib
import multiprocessing
import random
import sqlite3
import time
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.index import IndexQuery, IndexReader, Revision
from mangaassist.stores.sqlite import chunk_index
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.chunk_search import DATABASE
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader
from tests.contracts.chunk_index import DIMENSIONS, WHEN, chunk
from tests.patience import PATIENCE

DOCUMENTS: Final = 40
SAVED_EVERY: Final = 30
"""Changed vectors after which the writer writes its graph files: often, so that some kills meet it there."""
LIVES_S: Final = 0.08
"""How long a writer lives at most after its first word."""
FIRST_WORD_S: Final = 60.0


class Kill(Struct, frozen=True):
    """One kill, and what was found after it: how many writes had been acknowledged, and how many chunks there were."""

    acknowledged: int
    chunks: int


def chunks_at(document: int, version: int) -> int:
    """How many chunks a document has at a version; none where that removes it."""
    return random.Random(f"{document}/{version}").choice((0, 1, 1, 2, 3))


def vector_at(document: int, version: int, number: int) -> Vector:
    rng = np.random.default_rng((document, version, number))
    vector = rng.normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.linalg.norm(vector)


def word_at(document: int, version: int, number: int) -> str:
    return f"w{document}x{version}x{number}"


def revision_at(document: int, version: int) -> Revision:
    count, name = chunks_at(document, version), f"d{document}"
    return Revision(
        document_id=name,
        source="crash",
        version=version,
        chunks=tuple(chunk(name, number, word_at(document, version, number)) for number in range(count)),
        vectors=np.stack([vector_at(document, version, number) for number in range(count)]) if count else None,
    )


def writer(folder: Path, seed: int, acknowledge: Connection) -> None:
    """In a process of its own: writes without end, and says of each write that it is done."""
    chunk_index.SAVE_AFTER = SAVED_EVERY
    asyncio.run(_written(folder, random.Random(seed), acknowledge))


async def _written(folder: Path, chance: random.Random, acknowledge: Connection) -> None:
    index = await SqliteChunkIndex.open(folder, DIMENSIONS, "model")
    kept = await index.newest([f"d{number}" for number in range(DOCUMENTS)])
    versions = {number: kept.get(f"d{number}", 0) for number in range(DOCUMENTS)}
    while True:
        chosen = chance.sample(range(DOCUMENTS), chance.randint(1, 5))
        versions |= {number: versions[number] + 1 for number in chosen}
        await index.write([revision_at(number, versions[number]) for number in chosen])
        acknowledge.send({number: versions[number] for number in chosen})


def killings(folder: Path, count: int, chance: random.Random) -> Iterator[Kill]:
    """Kills ``count`` writers of one folder, one after the other. Raises ``AssertionError`` with what was lost or disagrees."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.crashes.index_kills"])
    acknowledged: dict[int, int] = {}
    with asyncio.Runner() as runner, contextlib.ExitStack() as exits:
        runner.run(_made(folder))
        reader = runner.run(SqliteIndexReader.open(folder, DIMENSIONS, "model", PATIENCE))
        exits.callback(lambda: runner.run(reader.close()))
        for _ in range(count):
            ours, theirs = processes.Pipe(duplex=False)
            process = processes.Process(target=writer, args=(folder, chance.randrange(1 << 30), theirs))
            process.start()
            theirs.close()
            said = _until_killed(process, ours, chance)
            for one in said:
                acknowledged |= one
            yield Kill(len(said), runner.run(_checked(folder, acknowledged, reader)))


async def _made(folder: Path) -> None:
    await (await SqliteChunkIndex.open(folder, DIMENSIONS, "model")).close()


def _until_killed(process: Any, ours: Connection, chance: random.Random) -> list[dict[int, int]]:
    """What the writer said before it was killed, its last word included."""
    said: list[dict[int, int]] = []
    assert ours.poll(FIRST_WORD_S), "the writer wrote nothing"
    until = time.monotonic() + chance.uniform(0, LIVES_S)
    while (left := until - time.monotonic()) > 0:
        if ours.poll(left):
            said.append(ours.recv())
    process.kill()
    process.join()
    try:
        while True:
            said.append(ours.recv())
    except (EOFError, OSError):
        return said


async def _checked(folder: Path, acknowledged: Mapping[int, int], reader: SqliteIndexReader) -> int:
    """By who opens the index anew, and by who has followed it all the while. Gives how many chunks there are."""
    index = await SqliteChunkIndex.open(folder, DIMENSIONS, "model", timeout_factor=PATIENCE)
    kept = await index.newest([f"d{number}" for number in range(DOCUMENTS)])
    versions = {number: kept[f"d{number}"] for number in range(DOCUMENTS) if f"d{number}" in kept}
    lost = {number: version for number, version in acknowledged.items() if versions.get(number, 0) < version}
    assert not lost, f"acknowledged and lost: {lost}"
    expected = {(one, version, n) for one, version in versions.items() for n in range(chunks_at(one, version))}
    await reader.catch_up()
    for one in (index, reader):
        assert sum((await one.stats()).chunks.values()) == len(expected), "half of a document was written"
        for document, version, number in expected:
            await _is_whole(one, document, version, number)
    assert len(index._graphs["faq"]) == len(expected) == len(reader._partitions["faq"].graph)
    await index.close()
    with contextlib.closing(sqlite3.connect(folder / DATABASE)) as db:
        assert db.execute("SELECT count(*) FROM words_faq").fetchone() == (len(expected),)
    return len(expected)


async def _is_whole(index: IndexReader, document: int, version: int, number: int) -> None:
    """A chunk is found by its word and by its vector, and by nothing else."""
    chunk_id, word = f"d{document}#{number}", word_at(document, version, number)
    vector = vector_at(document, version, number)
    by_word = await index.search(IndexQuery(text=word, vector=None, source_types=("faq",), depth=2))
    assert [hit.stored.chunk.chunk_id for hit in by_word] == [chunk_id]
    [hit] = await index.search(IndexQuery(text="", vector=vector, source_types=("faq",), depth=1))
    assert (hit.stored.chunk.chunk_id, hit.stored.chunk.content) == (chunk_id, word)
    assert hit.stored.chunk.last_updated == WHEN
    np.testing.assert_allclose(hit.stored.vector, vector, atol=1e-3)
