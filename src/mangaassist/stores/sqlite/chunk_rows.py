"""The tables of the chunk index and the statements on them. Everything here runs on a thread that owns its connection."""

import contextlib
import sqlite3
import uuid
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, get_args

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import OF_A_SERIES, Chunk, SourceType
from mangaassist.knowledge import words
from mangaassist.knowledge.index import POISONED_KEPT, ChunkFilter, IndexStats, Poisoned, Revision, StoredChunk
from mangaassist.stores.sqlite.vector_graph import HalfVectors, Keys

SCHEMA_VERSION = 2
TYPES: Final[tuple[SourceType, ...]] = get_args(SourceType)
EVENT_LIMIT = 4096
"""Characters kept of an event that was set aside."""
AT_ONCE = 500
"""Rows read or bound in one statement."""

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    document_id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    version INTEGER NOT NULL,
    removed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_by_source ON documents (source);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL,
    source_type TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    category TEXT NOT NULL,
    asin TEXT,
    family TEXT NOT NULL,
    last_updated TEXT NOT NULL,
    version INTEGER NOT NULL,
    vector BLOB NOT NULL,
    language TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX chunks_by_document ON chunks (document_id);
CREATE INDEX chunks_by_type ON chunks (source_type, key, chunk_id, family, language);
CREATE INDEX chunks_by_asin ON chunks (asin, source_type) WHERE asin IS NOT NULL;
CREATE INDEX chunks_by_category ON chunks (category, source_type);
CREATE TABLE poisoned (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    error TEXT NOT NULL,
    event TEXT NOT NULL,
    set_aside_at TEXT NOT NULL
) STRICT;
"""
# AUTOINCREMENT: a key is never used again, so that a graph file of any age can tell by its keys alone what it lacks.

_UPGRADES: Final = {
    1: """
ALTER TABLE chunks ADD COLUMN language TEXT NOT NULL DEFAULT '';
DROP INDEX chunks_by_type;
CREATE INDEX chunks_by_type ON chunks (source_type, key, chunk_id, family, language);
CREATE INDEX chunks_by_asin ON chunks (asin, source_type) WHERE asin IS NOT NULL;
CREATE INDEX chunks_by_category ON chunks (category, source_type);
""",
}
"""What makes the next format of each: what was embedded stays."""

_WORDS_TABLE = (
    "CREATE VIRTUAL TABLE words_{} USING fts5(title, body, tokenize = 'porter unicode61 remove_diacritics 2')"
)

_CHUNK = "chunk_id, document_id, title, content, source_type, category, asin, last_updated, version, vector, family, language"


class OtherSchema(Exception):
    """The database was written by another version of the program."""


class OtherModel(Exception):
    """The vectors of the database are of another model, which it names."""


class Opened(Struct, frozen=True):
    """``database``, 16 bytes, names this database and no other."""

    database: bytes
    knowledge_version: int


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


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def prepare(db: sqlite3.Connection, model: str) -> Opened:
    """Create the tables where there are none, and check those that are.

    Raises ``sqlite3.DatabaseError`` on a damaged file, ``OtherSchema`` on tables that are not these and ``OtherModel`` on vectors
    of another model.
    """
    with transaction(db):
        found = db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0 and not db.execute("SELECT 1 FROM sqlite_schema").fetchone():
            _create(db, model)
        else:
            _upgrade(db, found)
        if (kept := _meta(db, "model")) != model:
            raise OtherModel(kept)
    damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise sqlite3.DatabaseError(damage)
    return Opened(bytes(_meta(db, "database")), int(_meta(db, "knowledge_version")))


def _create(db: sqlite3.Connection, model: str) -> None:
    for statement in _TABLES.split(";"):
        db.execute(statement)
    for source_type in TYPES:
        db.execute(_WORDS_TABLE.format(source_type))
    for name, value in (("model", model), ("database", uuid.uuid4().bytes), ("knowledge_version", 0)):
        db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _upgrade(db: sqlite3.Connection, found: int) -> None:
    while found != SCHEMA_VERSION:
        if found not in _UPGRADES:
            raise OtherSchema(f"is of format {found}, not {SCHEMA_VERSION}")
        for statement in _UPGRADES[found].split(";"):
            db.execute(statement)
        found += 1
        db.execute(f"PRAGMA user_version = {found}")


def model_of(db: sqlite3.Connection) -> str:
    """The model whose vectors a database holds; "" where nothing was made of it yet. Raises ``sqlite3.DatabaseError``."""
    made = db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone()
    return str(_meta(db, "model")) if made else ""


def _meta(db: sqlite3.Connection, name: str) -> Any:
    return db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]


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
    db.execute("DELETE FROM chunks WHERE document_id = ?", (document_id,))
    return dropped


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


def set_aside(db: sqlite3.Connection, poisoned: Poisoned) -> None:
    with transaction(db):
        db.execute(
            "INSERT INTO poisoned VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (
                *(_storable(text) for text in (poisoned.source, poisoned.document_id)),
                poisoned.version,
                *(_storable(text) for text in (poisoned.error, poisoned.event)),
                poisoned.set_aside_at.isoformat(),
            ),
        )
        db.execute("DELETE FROM poisoned WHERE number <= (SELECT max(number) FROM poisoned) - ?", (POISONED_KEPT,))


def _storable(text: str) -> str:
    """What is set aside is broken by nature; it must not break the table too."""
    return text[:EVENT_LIMIT].encode("utf-8", "replace").decode()


def poisoned(db: sqlite3.Connection, limit: int) -> list[Poisoned]:
    found = db.execute(
        "SELECT source, document_id, version, error, event, set_aside_at FROM poisoned ORDER BY number DESC LIMIT ?",
        (limit,),
    )
    return [
        Poisoned(
            source=row[0],
            document_id=row[1],
            version=row[2],
            error=row[3],
            event=row[4],
            set_aside_at=datetime.fromisoformat(row[5]),
        )
        for row in found
    ]


def stats(db: sqlite3.Connection) -> IndexStats:
    removed = dict(db.execute("SELECT removed, count(*) FROM documents GROUP BY removed"))
    return IndexStats(
        documents=removed.get(0, 0),
        removed=removed.get(1, 0),
        chunks=dict(db.execute("SELECT source_type, count(*) FROM chunks GROUP BY source_type")),
        poisoned=db.execute("SELECT count(*) FROM poisoned").fetchone()[0],
        knowledge_version=int(_meta(db, "knowledge_version")),
    )
