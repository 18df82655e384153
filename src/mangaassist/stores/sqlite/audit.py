"""The audit trail in SQLite: append-only by trigger, hash-chained by entry (G-7)."""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import (
    AUDIT,
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
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import connect

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
    """Raises ``StartFailed`` when the file is no usable database, ``ServiceFailure`` when it fails later."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                db.executescript(_SCHEMA)
        except (sqlite3.DatabaseError, OSError) as error:
            advice = "Move it away to begin a new trail, and keep it: it is evidence."
            raise StartFailed(f"The audit trail {path.name} cannot be used ({error}). {advice}") from error
        self._commits = GroupCommit(AUDIT, path)

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        now = self._now()
        entries = [entry(finding, context, now) for finding in findings]
        await self._commits.run(lambda db: _append(db, entries))

    async def verify(self) -> AuditCheck:
        return await self._commits.run(_verify)

    async def of_response(self, response_id: str, limit: int = 200) -> tuple[AuditEntry, ...]:
        """The entries of one answer, oldest first."""
        return await self._commits.run(lambda db: _of_response(db, response_id, limit))

    async def ping(self) -> None:
        await self._commits.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._commits.close()


def _append(db: sqlite3.Connection, entries: Sequence[AuditEntry]) -> None:
    last = db.execute("SELECT number, digest FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, digest = last or (0, GENESIS)
    for kept in entries:
        body = encoded(kept)
        number, digest = number + 1, chained(digest, body)
        row = (number, kept.customer_id, kept.session_id, kept.response_id, body, digest)
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", row)


def _verify(db: sqlite3.Connection) -> AuditCheck:
    previous, expected = GENESIS, 0
    rows = db.execute("SELECT number, customer_id, session_id, response_id, kept, digest FROM audit ORDER BY number")
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


def _of_response(db: sqlite3.Connection, response_id: str, limit: int) -> tuple[AuditEntry, ...]:
    rows = db.execute("SELECT kept FROM audit WHERE response_id = ? ORDER BY number LIMIT ?", (response_id, limit))
    return tuple(decoded(kept) for (kept,) in rows)
