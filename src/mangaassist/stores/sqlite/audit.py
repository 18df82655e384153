"""The audit trail in SQLite: append-only by trigger, hash-chained by entry (G-7)."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import (
    GENESIS,
    AuditCheck,
    AuditContext,
    AuditEntry,
    chained,
    decoded,
    encoded,
    entry,
)
from mangaassist.guardrails.findings import Finding

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY,
    customer_id TEXT,
    session_id TEXT NOT NULL,
    response_id TEXT NOT NULL,
    kept BLOB NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS audit_by_customer ON audit (customer_id, number);
CREATE INDEX IF NOT EXISTS audit_by_response ON audit (response_id, number);
CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""


class SqliteAuditLog:
    """One connection in one thread, so that entries are chained in one order and the event loop never waits for the disk."""

    def __init__(self, db: sqlite3.Connection, thread: ThreadPoolExecutor, now: Callable[[], datetime]) -> None:
        self._db = db
        self._thread = thread
        self._now = now

    @classmethod
    async def open(cls, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Self:
        """Raises ``StartFailed`` when the file is no usable database."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        try:
            db = await asyncio.get_running_loop().run_in_executor(thread, _opened, path)
        except (sqlite3.DatabaseError, OSError) as error:
            thread.shutdown(wait=False)
            advice = "Move it away to begin a new trail, and keep it: it is evidence."
            raise StartFailed(f"The audit trail {path.name} cannot be used ({error}). {advice}") from error
        return cls(db, thread, now)

    async def record(self, finding: Finding, context: AuditContext) -> None:
        kept = entry(finding, context, self._now())
        await self._run(lambda: self._append(kept))

    async def verify(self) -> AuditCheck:
        return await self._run(self._verify)

    async def of_response(self, response_id: str, limit: int = 200) -> tuple[AuditEntry, ...]:
        """The entries of one answer, oldest first."""
        return await self._run(lambda: self._of_response(response_id, limit))

    async def ping(self) -> None:
        await self._run(lambda: self._db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._run(self._db.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _append(self, kept: AuditEntry) -> None:
        body = encoded(kept)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            last = self._db.execute("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
            number, previous = last or (0, GENESIS)
            row = (number + 1, kept.customer_id, kept.session_id, kept.response_id, body, chained(previous, body))
            self._db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", row)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _verify(self) -> AuditCheck:
        previous, expected = GENESIS, 0
        rows = self._db.execute(
            "SELECT number, customer_id, session_id, response_id, kept, digest FROM audit ORDER BY number"
        )
        for number, customer_id, session_id, response_id, kept, digest in rows:
            expected += 1
            if number != expected or digest != chained(previous, kept):
                return AuditCheck(expected, expected)
            # The columns are copies for searching: one that was changed would hide an entry.
            said = decoded(kept)
            if (said.customer_id, said.session_id, said.response_id) != (customer_id, session_id, response_id):
                return AuditCheck(expected, expected)
            previous = digest
        return AuditCheck(expected)

    def _of_response(self, response_id: str, limit: int) -> tuple[AuditEntry, ...]:
        rows = self._db.execute(
            "SELECT kept FROM audit WHERE response_id = ? ORDER BY number LIMIT ?", (response_id, limit)
        )
        return tuple(decoded(kept) for (kept,) in rows)


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None, timeout=5)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.executescript(_SCHEMA)
    return db
