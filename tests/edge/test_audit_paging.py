"""G-7: the trail is read on where a page of it ended, without a hole and without telling anything twice."""

import pytest

from mangaassist.edge.audit_paging import AuditCursor, after, page
from mangaassist.guardrails.audit import AuditContext, AuditEntry, AuditQuery
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_audit import MemoryAuditLog


async def trail(*findings_of: int) -> MemoryAuditLog:
    """So many findings at each moment."""
    clock = FakeClock()
    log = MemoryAuditLog(clock.now)
    for moment, count in enumerate(findings_of):
        found = [Finding(stage="prices", verdict=Verdict.CHANGE, kind=f"{moment}.{number}") for number in range(count)]
        await log.append(found, AuditContext(session_id="s_one", response_id=f"r{moment}"))
        clock.advance(1)
    return log


async def read_in_pages(log: MemoryAuditLog, limit: int) -> list[AuditEntry]:
    told: list[AuditEntry] = []
    cursor: AuditCursor | None = None
    while True:
        found = await log.search(after(AuditQuery(limit=limit), cursor))
        entries, cursor = page(found, cursor)
        told += entries
        if cursor is None:
            return told
        cursor = AuditCursor.read(str(cursor))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
async def test_pages_of_any_size_tell_every_entry_once_in_order(limit: int) -> None:
    log = await trail(1, 3, 2, 5, 1)
    whole = (await log.search(AuditQuery(limit=100))).entries
    assert await read_in_pages(log, limit) == list(whole)
    assert len(whole) == 12


async def test_what_happens_while_somebody_reads_moves_nothing() -> None:
    log = await trail(2, 2)
    first, cursor = page(await log.search(AuditQuery(limit=3)), None)
    await log.append(
        [Finding(stage="operator", verdict=Verdict.ALLOW, kind="read")], AuditContext(session_id="", response_id="")
    )
    rest, last = page(await log.search(after(AuditQuery(limit=3), cursor)), cursor)
    assert [kept.kind for kept in (*first, *rest)].count("read") == 0
    assert (len(first), len(rest), last) == (3, 1, None)
