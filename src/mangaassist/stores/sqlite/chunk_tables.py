"""The tables of the chunk index: made, brought to the format of today, and checked before anybody uses them."""

import contextlib
import sqlite3
import uuid
from collections.abc import Generator
from typing import Any, Final, get_args

from msgspec import Struct

from mangaassist.domain.chunks import SourceType

SCHEMA_VERSION = 3
TYPES: Final[tuple[SourceType, ...]] = get_args(SourceType)

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
CREATE TABLE dropped (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL,
    source_type TEXT NOT NULL,
    key INTEGER NOT NULL
) STRICT;
CREATE INDEX dropped_by_version ON dropped (version);
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
    2: """
DROP TABLE poisoned;
CREATE TABLE dropped (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL,
    source_type TEXT NOT NULL,
    key INTEGER NOT NULL
) STRICT;
CREATE INDEX dropped_by_version ON dropped (version);
""",
}
"""What makes the next format of each: what was embedded stays."""

_WORDS_TABLE = (
    "CREATE VIRTUAL TABLE words_{} USING fts5(title, body, tokenize = 'porter unicode61 remove_diacritics 2')"
)


class OtherSchema(Exception):
    """The database was written by another version of the program."""


class OtherModel(Exception):
    """The vectors of the database are of another model, which it names."""


class Opened(Struct, frozen=True):
    """``database``, 16 bytes, names this database and no other."""

    database: bytes
    knowledge_version: int


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextlib.contextmanager
def step(db: sqlite3.Connection) -> Generator[None]:
    """Part of a transaction: undone by itself when it fails."""
    db.execute("SAVEPOINT step")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.OperationalError):  # what fills the disk ends the whole transaction
            db.execute("ROLLBACK TO step")
            db.execute("RELEASE step")
        raise
    db.execute("RELEASE step")


@contextlib.contextmanager
def snapshot(db: sqlite3.Connection) -> Generator[None]:
    """All that is read within is of one moment, whatever another process writes meanwhile."""
    db.execute("BEGIN")
    try:
        yield
    finally:
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
    known = opened(db, model)
    damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise sqlite3.DatabaseError(damage)
    return known


def opened(db: sqlite3.Connection, model: str) -> Opened:
    """What another process has made, as it is now. Raises as ``prepare`` does, and changes nothing."""
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found != SCHEMA_VERSION:
        raise OtherSchema(f"is of format {found}, not {SCHEMA_VERSION}")
    if (kept := meta(db, "model")) != model:
        raise OtherModel(kept)
    return Opened(bytes(meta(db, "database")), int(meta(db, "knowledge_version")))


def check(db: sqlite3.Connection, database: bytes) -> None:
    """Raises ``sqlite3.DatabaseError`` where it is another database than the one that is named."""
    if bytes(meta(db, "database")) != database:
        raise sqlite3.DatabaseError("another database has taken its place")


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
    return str(meta(db, "model")) if made else ""


def cursor(db: sqlite3.Connection, feed: str) -> str:
    """How far of a feed everything is in the database; "" where nobody has noted it."""
    kept = db.execute("SELECT value FROM meta WHERE name = ?", (_CURSOR.format(feed),)).fetchone()
    return str(kept[0]) if kept else ""


def keep_cursor(db: sqlite3.Connection, feed: str, cursor: str) -> None:
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_CURSOR.format(feed), cursor))


_CURSOR: Final = "cursor of {}"


def meta(db: sqlite3.Connection, name: str) -> Any:
    return db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
