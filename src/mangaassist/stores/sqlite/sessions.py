"""Sessions and their turns in SQLite: the embedded ``SessionStore``."""

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from mangaassist.conversation.sessions import SESSION_KEPT, SESSIONS
from mangaassist.errors import Conflict, ServiceFailure, StartFailed
from mangaassist.stores.sqlite.chunk_tables import transaction
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import Lane, connect, decoded, failure_kind
from mangaassist.turn.memory import REMEMBERED_TURNS, Session, TurnRecord, remembered

READERS: Final = 1
FORGOTTEN_AT_ONCE: Final = 20
_SCHEMA_VERSION: Final = 3

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS sessions (
        session_id TEXT PRIMARY KEY,
        customer_id TEXT,
        version INTEGER NOT NULL,
        ceiling INTEGER NOT NULL,
        touched_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS turns (
        session_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        record BLOB NOT NULL,
        response_id TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (session_id, version)
    ) STRICT, WITHOUT ROWID""",
    "CREATE UNIQUE INDEX IF NOT EXISTS turns_by_message ON turns (session_id, message_id)",
    "CREATE INDEX IF NOT EXISTS turns_by_response ON turns (response_id)",
    "CREATE INDEX IF NOT EXISTS sessions_by_age ON sessions (touched_at)",
)
_ANEW: Final = ("DROP TABLE IF EXISTS turns", "DROP TABLE IF EXISTS sessions")
_BROUGHT_UP: Final[Mapping[int, tuple[str, ...]]] = {
    2: (
        "ALTER TABLE turns ADD COLUMN response_id TEXT NOT NULL DEFAULT ''",
        "UPDATE turns SET response_id = json_extract(CAST(record AS TEXT), '$.response_id')",
    ),
    _SCHEMA_VERSION: (),
}
"""What brings the tables of a version up to now; those of any other are let go, since no session lives longer than a day."""


class SqliteSessionStore:
    """Raises ``StartFailed`` when the file is no usable database, ``ServiceFailure`` when it fails later."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(TurnRecord)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                _prepare(db)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The session database {path.name} cannot be used ({error}). Move it away to start anew."
            ) from error
        self._writer = GroupCommit(SESSIONS, path)
        self._readers = Lane(SESSIONS, path, READERS, read_only=True)
        self._lookups = connect(path)
        self._lookups.execute("PRAGMA query_only = ON")

    async def begin(self, session_id: str, customer_id: str | None, ceiling: int) -> None:
        now = self._now()
        await self._writer.run(lambda db: self._begin(db, session_id, customer_id, ceiling, now))

    async def load(self, session_id: str) -> Session | None:
        oldest = (self._now() - SESSION_KEPT).isoformat()
        return await self._readers.run(lambda db: self._load(db, session_id, oldest))

    async def turn(self, session_id: str, message_id: str) -> TurnRecord | None:
        """On the loop: one row by its key takes less than waking a thread does, and every answer asks for one."""
        try:
            row = self._lookups.execute(
                "SELECT record FROM turns WHERE session_id = ? AND message_id = ?", (session_id, message_id)
            ).fetchone()
        except sqlite3.Error as error:
            raise ServiceFailure(SESSIONS, failure_kind(error), f"{type(error).__name__}: {error}") from error
        return None if row is None else decoded(SESSIONS, self._decoder, row[0])

    async def turns(self, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
        return await self._readers.run(lambda db: self._newest(db, session_id, limit))

    async def session_of(self, response_id: str) -> str | None:
        return await self._readers.run(lambda db: _session_of(db, response_id))

    async def commit(self, before: Session, turn: TurnRecord) -> Session:
        after, now = before.with_turn(turn), self._now()
        record = self._encoder.encode(after.turns[-1])
        owner, ceiling = await self._writer.run(lambda db: self._commit(db, after, record, now))
        return msgspec.structs.replace(after, customer_id=owner, ceiling=ceiling)

    async def reserve(self, session_id: str, through: int) -> int:
        return await self._writer.run(lambda db: _reserve(db, session_id, through))

    async def own(self, session_id: str, customer_id: str) -> bool:
        return await self._writer.run(lambda db: _own(db, session_id, customer_id))

    async def ping(self) -> None:
        await self._readers.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._writer.close()
        await self._readers.close()
        self._lookups.close()

    def _begin(
        self, db: sqlite3.Connection, session_id: str, customer_id: str | None, ceiling: int, now: datetime
    ) -> None:
        _forget_expired(db, (now - SESSION_KEPT).isoformat(), session_id)
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, 0, ?, ?) ON CONFLICT DO NOTHING",
            (session_id, customer_id, ceiling, now.isoformat()),
        )

    def _load(self, db: sqlite3.Connection, session_id: str, oldest: str) -> Session | None:
        row = db.execute(
            "SELECT customer_id, version, ceiling FROM sessions WHERE session_id = ? AND touched_at >= ?",
            (session_id, oldest),
        ).fetchone()
        if row is None:
            return None
        customer_id, version, ceiling = row
        return Session(
            session_id=session_id,
            customer_id=customer_id,
            version=version,
            ceiling=ceiling,
            turns=remembered(self._newest(db, session_id, REMEMBERED_TURNS)),
        )

    def _newest(self, db: sqlite3.Connection, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
        records = db.execute(
            "SELECT record FROM turns WHERE session_id = ? ORDER BY version DESC LIMIT ?", (session_id, limit)
        ).fetchall()
        return tuple(decoded(SESSIONS, self._decoder, record) for (record,) in reversed(records))

    def _commit(self, db: sqlite3.Connection, after: Session, record: bytes, now: datetime) -> tuple[str | None, int]:
        turn = after.turns[-1]
        row = (after.session_id, after.version, turn.message_id, record, turn.response_id)
        try:
            db.execute("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            raise Conflict(after.session_id, after.version) from None
        # A session that was let go meanwhile is there again, with what is known of it.
        return db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE SET"
            " version = excluded.version, touched_at = excluded.touched_at, ceiling = max(ceiling, excluded.ceiling)"
            " RETURNING customer_id, ceiling",
            (after.session_id, after.customer_id, after.version, after.ceiling, now.isoformat()),
        ).fetchall()[0]


def _reserve(db: sqlite3.Connection, session_id: str, through: int) -> int:
    raised = db.execute(
        "UPDATE sessions SET ceiling = max(ceiling, ?) WHERE session_id = ? RETURNING ceiling", (through, session_id)
    ).fetchall()
    return raised[0][0] if raised else through


def _own(db: sqlite3.Connection, session_id: str, customer_id: str) -> bool:
    db.execute(
        "UPDATE sessions SET customer_id = ? WHERE session_id = ? AND customer_id IS NULL", (customer_id, session_id)
    )
    row = db.execute("SELECT customer_id FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
    return row is not None and row[0] == customer_id


def _session_of(db: sqlite3.Connection, response_id: str) -> str | None:
    row = db.execute("SELECT session_id FROM turns WHERE response_id = ?", (response_id,)).fetchone()
    return None if row is None else row[0]


def _forget_expired(db: sqlite3.Connection, oldest: str, session_id: str) -> None:
    """A few with every new session, so that none pays for many; an old one of the same id goes in any case."""
    gone = db.execute(
        "SELECT session_id FROM sessions WHERE touched_at < ? ORDER BY session_id <> ? LIMIT ?",
        (oldest, session_id, FORGOTTEN_AT_ONCE),
    ).fetchall()
    for statement in ("DELETE FROM turns WHERE session_id = ?", "DELETE FROM sessions WHERE session_id = ?"):
        db.executemany(statement, gone)


def _prepare(db: sqlite3.Connection) -> None:
    """Create the tables, or bring those of an earlier version up to now: all of it or nothing."""
    with transaction(db):
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        for statement in (*_BROUGHT_UP.get(version, _ANEW), *_SCHEMA):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
