"""The statements on the tables of the chunk index. Everything here runs on a thread that owns its connection."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import OF_A_SERIES, Chunk, SourceType
from mangaassist.knowledge import words
from mangaassist.knowledge.index import ChunkFilter, IndexStats, Revision, StoredChunk
from mangaassist.stores.sqlite.vector_graph import HalfVectors, Keys

AT_ONCE = 500
"""Rows read or bound in one statement."""
MERGED_AT_ONCE = 500
"""Pages of a word index that are merged in one go."""
DROPPED_KEPT = 20_000
"""Chunks that are gone of which the database still tells that they were dropped, for processes that follow it."""

_CHUNK = "chunk_id, document_id, title, content, source_type, category, asin, last_updated, version, vector, family, language"


class Added(Struct, frozen=True, eq=False):
    """``languages`` by key, of those that have one."""

    keys: list[int]
    vectors: list[HalfVectors]
    languages: dict[int, str]


class Applied(Struct, frozen=True, eq=False):
    """What a revision changed, by source type: the keys that are gone and the ones that came."""

    dropped: dict[str, list[int]]
    added: dict[str, Added]
    family: str


class Delta(Struct, frozen=True, eq=False):
    """What has changed since a moment, by source type: keys that are gone, and what came with its family, language and vector."""

    dropped: dict[str, list[int]]
    added: dict[str, list[tuple[int, str, str, bytes]]]


def knowledge_version(db: sqlite3.Connection) -> int:
    return db.execute("SELECT value FROM meta WHERE name = 'knowledge_version'").fetchone()[0]


def next_knowledge_version(db: sqlite3.Connection) -> int:
    statement = "UPDATE meta SET value = value + 1 WHERE name = 'knowledge_version' RETURNING value"
    return db.execute(statement).fetchall()[0][0]


def apply(db: sqlite3.Connection, revision: Revision) -> Applied | None:
    """Replace a document, or None when the one that is kept is as new (K-4: version wins)."""
    kept = db.execute(
        "SELECT version, removed FROM documents WHERE document_id = ?", (revision.document_id,)
    ).fetchone()
    if kept and not (revision.version > kept[0] or (revision.version == kept[0] and revision.removes and not kept[1])):
        return None
    dropped = _drop(db, revision.document_id)
    db.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        (revision.document_id, revision.source, revision.version, int(revision.removes)),
    )
    return Applied(dropped, _insert(db, revision), revision.family)


def _drop(db: sqlite3.Connection, document_id: str) -> dict[str, list[int]]:
    dropped: dict[str, list[int]] = {}
    for key, source_type in db.execute("SELECT key, source_type FROM chunks WHERE document_id = ?", (document_id,)):
        dropped.setdefault(source_type, []).append(key)
    for source_type, keys in dropped.items():
        for key in keys:
            db.execute(f"DELETE FROM words_{source_type} WHERE rowid = ?", (key,))  # noqa: S608  one of TYPES
            last = db.execute(_NOTE_DROPPED, (source_type, key)).lastrowid or 0
            db.execute("DELETE FROM dropped WHERE number <= ?", (last - DROPPED_KEPT,))
    db.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))
    return dropped


_NOTE_DROPPED: Final = (
    "INSERT INTO dropped (version, source_type, key) SELECT value + 1, ?, ? FROM meta WHERE name = 'knowledge_version'"
)
"""The version is the one that the transaction will end with."""


def since(db: sqlite3.Connection, version: int, newest_key: int) -> Delta | None:
    """What has changed since a knowledge version at which ``newest_key`` was the newest; None when that is no longer known."""
    first, oldest = db.execute("SELECT min(number), min(version) FROM dropped").fetchone()
    if first is not None and first > 1 and version < oldest:
        return None
    delta = Delta({}, {})
    for source_type, key in db.execute("SELECT source_type, key FROM dropped WHERE version > ?", (version,)):
        delta.dropped.setdefault(source_type, []).append(key)
    rows = db.execute("SELECT source_type, key, family, language, vector FROM chunks WHERE key > ?", (newest_key,))
    for source_type, *added in rows:
        delta.added.setdefault(source_type, []).append(tuple(added))
    return delta


def newest_key(db: sqlite3.Connection) -> int:
    return db.execute("SELECT coalesce(max(key), 0) FROM chunks").fetchone()[0]


def _insert(db: sqlite3.Connection, revision: Revision) -> dict[str, Added]:
    added: dict[str, Added] = {}
    if revision.vectors is None:
        return added
    vectors = revision.vectors.astype(np.float16)
    for row, chunk in enumerate(revision.chunks):
        known = added.setdefault(chunk.source_type, Added([], [], {}))
        known.keys.append(_insert_chunk(db, chunk, vectors[row], revision))
        known.vectors.append(vectors[row])
        if chunk.language:
            known.languages[known.keys[-1]] = chunk.language
    return added


def _insert_chunk(db: sqlite3.Connection, chunk: Chunk, vector: HalfVectors, revision: Revision) -> int:
    row = (
        chunk.chunk_id,
        chunk.document_id,
        chunk.source_type,
        chunk.title,
        chunk.content,
        chunk.category,
        chunk.asin,
        revision.family,
        chunk.last_updated.isoformat(),
        chunk.version,
        vector.tobytes(),
        chunk.language,
    )
    key = db.execute(f"INSERT INTO chunks VALUES (NULL{', ?' * len(row)})", row).lastrowid  # noqa: S608  placeholders
    assert key is not None
    names = " ".join((chunk.title, *revision.aliases))
    db.execute(
        f"INSERT INTO words_{chunk.source_type} (rowid, title, body) VALUES (?, ?, ?)",  # noqa: S608  one of TYPES
        (key, words.indexed(names), words.indexed(chunk.content)),
    )
    return key


def fetch(db: sqlite3.Connection, chunk_ids: Sequence[str]) -> list[StoredChunk]:
    found: dict[str, StoredChunk] = {}
    for start in range(0, len(chunk_ids), AT_ONCE):
        part = chunk_ids[start : start + AT_ONCE]
        holes = ", ".join("?" * len(part))
        for row in db.execute(f"SELECT {_CHUNK} FROM chunks WHERE chunk_id IN ({holes})", part):  # noqa: S608  holes
            found[row[0]] = _stored(row)
    return [found[chunk_id] for chunk_id in chunk_ids if chunk_id in found]


def by_key(db: sqlite3.Connection, keys: Sequence[int]) -> dict[int, StoredChunk]:
    """The chunks of these keys, those that are there."""
    found: dict[int, StoredChunk] = {}
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        holes = ", ".join("?" * len(part))
        for row in db.execute(f"SELECT {_CHUNK}, key FROM chunks WHERE key IN ({holes})", part):  # noqa: S608  holes
            found[row[-1]] = _stored(row)
    return found


def _stored(row: tuple[Any, ...]) -> StoredChunk:
    chunk = Chunk(
        chunk_id=row[0],
        document_id=row[1],
        title=row[2],
        content=row[3],
        source_type=row[4],
        category=row[5],
        asin=row[6],
        last_updated=datetime.fromisoformat(row[7]),
        version=row[8],
        language=row[11],
    )
    return StoredChunk(chunk, np.frombuffer(row[9], np.float16).astype(np.float32), row[10])


def families(db: sqlite3.Connection, source_type: str) -> Iterator[tuple[int, str]]:
    """Key and family of every chunk of a source type."""
    yield from db.execute("SELECT key, family FROM chunks WHERE source_type = ?", (source_type,))


def languages(db: sqlite3.Connection, source_type: str) -> Iterator[tuple[int, str]]:
    """Key and language of every chunk of a source type that has one."""
    yield from db.execute("SELECT key, language FROM chunks WHERE source_type = ? AND language != ''", (source_type,))


def keys_of(db: sqlite3.Connection, source_type: SourceType, only: ChunkFilter) -> list[int]:
    """The keys of a source type that belong to a product or a series: as many as one has volumes."""
    if only.series_id is not None and source_type not in OF_A_SERIES:
        return []
    wanted = {"asin": only.asin, "category": only.series_id}
    named = {column: value for column, value in wanted.items() if value is not None}
    tests = "".join(f" AND {column} = :{column}" for column in named)
    statement = f"SELECT key FROM chunks WHERE source_type = :source_type{tests}"  # noqa: S608  two columns, named above
    return [key for (key,) in db.execute(statement, {**named, "source_type": source_type})]


def vectors(db: sqlite3.Connection, keys: Sequence[int], dimensions: int) -> Iterator[tuple[Keys, HalfVectors]]:
    """The vectors of these keys, some hundreds at a time: float16 [keys, dimensions]."""
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        holes = ", ".join("?" * len(part))
        found = db.execute(f"SELECT key, vector FROM chunks WHERE key IN ({holes})", part).fetchall()  # noqa: S608  holes
        blob = b"".join(vector for _, vector in found)
        yield np.array([key for key, _ in found], np.int64), np.frombuffer(blob, np.float16).reshape(-1, dimensions)


def versions(db: sqlite3.Connection, source: str) -> dict[str, int]:
    return dict(db.execute("SELECT document_id, version FROM documents WHERE source = ? AND NOT removed", (source,)))


def newest(db: sqlite3.Connection, document_ids: Sequence[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for start in range(0, len(document_ids), AT_ONCE):
        part = document_ids[start : start + AT_ONCE]
        holes = ", ".join("?" * len(part))
        known.update(
            db.execute(f"SELECT document_id, version FROM documents WHERE document_id IN ({holes})", part)  # noqa: S608  holes
        )
    return known


def merge_words(db: sqlite3.Connection, source_type: str) -> None:
    """Let the word index of a source type forget for good what was taken out of it, a bounded piece at a time."""
    table = f"words_{source_type}"
    db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (MERGED_AT_ONCE,))  # noqa: S608  one of TYPES


def stats(db: sqlite3.Connection) -> IndexStats:
    removed = dict(db.execute("SELECT removed, count(*) FROM documents GROUP BY removed"))
    return IndexStats(
        documents=removed.get(0, 0),
        removed=removed.get(1, 0),
        chunks=dict(db.execute("SELECT source_type, count(*) FROM chunks GROUP BY source_type")),
        knowledge_version=knowledge_version(db),
    )
