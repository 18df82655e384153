"""The audit trail in SQLite (G-7): one chain that any number of processes of a machine append to, one transaction a turn.

``audit_rows`` says how it lies in the file. Whoever searches or verifies reads beside whoever writes.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import (
    AUDIT,
    MOST_FOUND,
    AuditCheck,
    AuditContext,
    AuditEntry,
    AuditFound,
    AuditPoint,
    AuditQuery,
    entry,
)
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding
from mangaassist.stores.sqlite import audit_rows as rows
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import Lane, connect

READERS: Final = 2
PAGE: Final = 500
"""Entries that are read out together."""


class SqliteAuditLog:
    """Raises ``StartFailed`` when the file is no usable database, ``ServiceFailure`` when it fails later."""

    def __init__(self, path: Path, seal: AuditSeal, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._seal = seal
        self._now = now
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                rows.prepare(db, seal)
        except (sqlite3.DatabaseError, OSError) as error:
            advice = "Move it away to begin a new trail, and keep it: it is evidence."
            raise StartFailed(f"The audit trail {path.name} cannot be used ({error}). {advice}") from error
        self._commits = GroupCommit(AUDIT, path)
        self._reading = Lane(AUDIT, path, READERS, read_only=True)

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        if not findings:
            return
        now = self._now()
        entries = [entry(finding, context, now, self._seal) for finding in findings]
        await self._commits.run(lambda db: rows.append(db, entries, self._seal))

    async def search(self, query: AuditQuery) -> AuditFound:
        limit = min(query.limit, MOST_FOUND)
        found = await self._reading.run(lambda db: rows.found(db, query, limit + 1))
        return AuditFound(tuple(found[:limit]), len(found) <= limit)

    async def entries(self) -> AsyncIterator[AuditEntry]:
        after = 0
        while page := await self._reading.run(lambda db, after=after: rows.page(db, after, PAGE)):
            for number, kept in page:
                yield kept
                after = number

    async def verify(self, noted: Sequence[AuditPoint] = ()) -> AuditCheck:
        return await self._reading.run(lambda db: rows.check(db, self._seal, noted))

    async def drop_before(self, before: datetime) -> int:
        """In small steps, so that no turn waits for long."""
        dropped = 0
        while step := await self._commits.run(lambda db: rows.drop(db, before, self._now(), self._seal)):
            dropped += step
            await asyncio.sleep(0)
        return dropped

    async def heads(self) -> tuple[AuditPoint, ...]:
        head = await self._reading.run(lambda db: rows.point(db, "head"))
        return (head,) if head else ()

    async def ping(self) -> None:
        await self._commits.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._commits.close()
        await self._reading.close()
