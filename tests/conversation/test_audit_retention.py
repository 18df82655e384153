"""G-7: what was kept long enough goes by itself, and the ends of the chains are written down elsewhere. In virtual time."""

import asyncio
from datetime import timedelta
from typing import Any

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.audit_retention import LOOKED_EVERY_S, retained
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_audit import MemoryAuditLog
from tests.contracts.audit_log import CONTEXT, PRICE, SEAL

KEPT = timedelta(days=30)


async def test_each_hour_what_is_old_goes_and_the_head_is_noted_and_again_at_the_end() -> None:
    clock = FakeClock()
    log, notes = MemoryAuditLog(clock.now, SEAL), list[str]()
    await log.append([PRICE], CONTEXT)
    async with retained(log, KEPT, clock.now, notes.append, lambda failure: None):
        await asyncio.sleep(LOOKED_EVERY_S * 1.5)
        assert len(log.kept) == 1
        clock.advance(KEPT.total_seconds() + 1)
        await asyncio.sleep(LOOKED_EVERY_S)
        assert [entry.stage for entry in log.kept] == ["retention"]
    (head,) = await log.heads()
    assert notes[-1] == str(head)
    assert [note.split(":")[1] for note in notes] == ["1", "2", "2"]


async def test_a_trail_that_is_away_is_said_to_be_and_looked_at_again() -> None:
    away: Any = MemoryAuditLog()

    async def heads() -> Any:
        raise ServiceFailure("audit", "unreachable")

    away.heads, failures = heads, list[ServiceFailure]()
    async with retained(away, KEPT, FakeClock().now, lambda head: None, failures.append):
        await asyncio.sleep(LOOKED_EVERY_S * 2.5)
    assert [failure.kind for failure in failures] == ["unreachable"] * 3
