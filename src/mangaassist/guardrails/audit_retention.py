"""How long the audit trail is kept, and where its ends are written down (G-7)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit import AuditContext, AuditLog
from mangaassist.guardrails.findings import Finding, Verdict

LOOKED_EVERY_S: Final = 3600.0

Note = Callable[[str], None]
"""Takes the head of a chain as a line: where logs go, the trail's own store does not reach."""


@asynccontextmanager
async def retained(
    log: AuditLog, kept: timedelta, now: Callable[[], datetime], note: Note, failed: Callable[[ServiceFailure], None]
) -> AsyncGenerator[None]:
    """Within this, what is older than ``kept`` is dropped once an hour, and the heads are noted then and at the end."""
    running = asyncio.create_task(_retain(log, kept, now, note, failed), name="audit retention")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await _tried(_noted(log, note), failed)


async def _retain(
    log: AuditLog, kept: timedelta, now: Callable[[], datetime], note: Note, failed: Callable[[ServiceFailure], None]
) -> None:
    while True:
        await asyncio.sleep(LOOKED_EVERY_S)
        await _tried(dropped(log, now() - kept), failed)
        await _tried(_noted(log, note), failed)


async def dropped(log: AuditLog, before: datetime) -> int:
    """Drop what is older, and say in the trail that it was: gives how many records went."""
    count = await log.drop_before(before)
    if count:
        what = Finding(
            stage="retention",
            verdict=Verdict.ALLOW,
            kind="dropped",
            replacement=f"{count} records before {before:%F %T}",
        )
        await log.append([what], AuditContext(session_id="", response_id=""))
    return count


async def _noted(log: AuditLog, note: Note) -> None:
    for head in await log.heads():
        note(str(head))


async def _tried(work: Coroutine[Any, Any, object], failed: Callable[[ServiceFailure], None]) -> None:
    try:
        await work
    except ServiceFailure as failure:
        failed(failure)
