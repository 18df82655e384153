"""Sessions and turns in SQLite."""

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.chunk_rows import transaction
from mangaassist.stores.sqlite.lanes import Lane, connect
from mangaassist.turn.memory import REMEMBERED_TURNS, Session, TurnRecord

KEPT: Final = timedelta(hours=24)
FORGOTTEN_AT_ONCE: Final = 20

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sessions (
    session_id TEXT PRIMARY KEY,
    customer_id TEXT,
    last_seq INTEGER NOT NULL,
    last_turn_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS turns (
    session_id TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (session_id, last_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_by_age ON sessions (last_turn_at);
"""


class SqliteSessionStore:
    """Raises ``StartFailed`` when the file is no usable database, ``ServiceFailure`` when it fails later."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(TurnRecord)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                db.executescript(_SCHEMA)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The session database {path.name} cannot be used ({error}). Move it away to start anew."
            ) from error
        self._lane = Lane("sessions", path, 1, read_only=False)

    async def load(self, session_id: str) -> Session | None:
        oldest = (self._now() - KEPT).isoformat()
        return await self._lane.run(lambda db: self._load(db, session_id, oldest))

    async def save_turn(self, session: Session, turn: TurnRecord) -> None:
        now = self._now()
        state = (session.session_id, session.customer_id, session.last_seq, now.isoformat())
        record = (session.session_id, turn.last_seq, self._encoder.encode(turn))
        await self._lane.run(lambda db: _save(db, state, record, (now - KEPT).isoformat()))

    async def ping(self) -> None:
        await self._lane.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._lane.close()

    def _load(self, db: sqlite3.Connection, session_id: str, oldest: str) -> Session | None:
        row = db.execute(
            "SELECT customer_id, last_seq FROM sessions WHERE session_id = ? AND last_turn_at >= ?",
            (session_id, oldest),
        ).fetchone()
        if row is None:
            return None
        records = db.execute(
            "SELECT record FROM turns WHERE session_id = ? ORDER BY last_seq DESC LIMIT ?",
            (session_id, REMEMBERED_TURNS),
        ).fetchall()
        turns = tuple(self._decoder.decode(record) for (record,) in reversed(records))
        return Session(session_id, row[0], turns, row[1])


def _save(
    db: sqlite3.Connection, state: tuple[str, str | None, int, str], record: tuple[str, int, bytes], oldest: str
) -> None:
    with transaction(db):
        db.execute(
            "INSERT INTO sessions VALUES (?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE SET"
            " customer_id = excluded.customer_id, last_seq = excluded.last_seq, last_turn_at = excluded.last_turn_at",
            state,
        )
        db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", record)
        _forget_expired(db, oldest)


def _forget_expired(db: sqlite3.Connection, oldest: str) -> None:
    """A few with every turn, so that no turn pays for many."""
    gone = db.execute(
        "SELECT session_id FROM sessions WHERE last_turn_at < ? LIMIT ?", (oldest, FORGOTTEN_AT_ONCE)
    ).fetchall()
    for statement in ("DELETE FROM turns WHERE session_id = ?", "DELETE FROM sessions WHERE session_id = ?"):
        db.executemany(statement, gone)
