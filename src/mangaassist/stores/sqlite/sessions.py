"""Sessions and turns in SQLite."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from mangaassist.errors import StartFailed
from mangaassist.turn.memory import REMEMBERED_TURNS, Session, TurnRecord

T = TypeVar("T")

KEPT = timedelta(hours=24)

_SCHEMA = """
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
    """One connection in one thread: SQLite writes one at a time anyway, and the event loop never waits for the disk.

    Raises ``StartFailed`` when the file is no usable database.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sessions")
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(TurnRecord)
        try:
            self._db = self._thread.submit(self._open, path).result()
        except sqlite3.DatabaseError as error:
            self._thread.shutdown(wait=False)
            raise StartFailed(f"The session database {path.name} cannot be used ({error}). Move it away to start anew.") from error

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, isolation_level=None, timeout=5)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.executescript(_SCHEMA)
        return db

    async def load(self, session_id: str) -> Session | None:
        return await self._run(lambda: self._load(session_id))

    async def save_turn(self, session: Session, turn: TurnRecord) -> None:
        state = (session.session_id, session.customer_id, session.last_seq, self._now().isoformat())
        record = (session.session_id, turn.last_seq, self._encoder.encode(turn))
        await self._run(lambda: self._save(state, record))

    async def ping(self) -> None:
        await self._run(lambda: self._db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._run(self._db.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _load(self, session_id: str) -> Session | None:
        oldest = (self._now() - KEPT).isoformat()
        row = self._db.execute(
            "SELECT customer_id, last_seq FROM sessions WHERE session_id = ? AND last_turn_at >= ?", (session_id, oldest)
        ).fetchone()
        if row is None:
            return None
        records = self._db.execute(
            "SELECT record FROM turns WHERE session_id = ? ORDER BY last_seq DESC LIMIT ?", (session_id, REMEMBERED_TURNS)
        ).fetchall()
        turns = tuple(self._decoder.decode(record) for (record,) in reversed(records))
        return Session(session_id, row[0], turns, row[1])

    def _save(self, state: tuple[str, str | None, int, str], record: tuple[str, int, bytes]) -> None:
        with self._transaction():
            self._db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?) ON CONFLICT (session_id) DO UPDATE SET"
                " customer_id = excluded.customer_id, last_seq = excluded.last_seq, last_turn_at = excluded.last_turn_at",
                state,
            )
            self._db.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", record)
            self._forget_expired()

    def _forget_expired(self) -> None:
        oldest = (self._now() - KEPT).isoformat()
        gone = self._db.execute("SELECT session_id FROM sessions WHERE last_turn_at < ? LIMIT 20", (oldest,)).fetchall()
        for (session_id,) in gone:
            self._db.execute("DELETE FROM turns WHERE session_id = ?", (session_id,))
            self._db.execute("DELETE FROM sessions WHERE session_id = ?", (session_id,))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
