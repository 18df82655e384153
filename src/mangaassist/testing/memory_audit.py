"""The audit trail in memory: what the adapters keep, kept for as long as the object lives."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from mangaassist.guardrails.audit import (
    AuditCheck,
    AuditContext,
    AuditEntry,
    AuditFound,
    AuditPoint,
    AuditQuery,
    encoded,
    entry,
    fits,
    moment,
)
from mangaassist.guardrails.audit_chain import GENESIS, ChainCheck, chained, marked
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding
from mangaassist.sealing import KEY_BYTES

CHAIN: Final = "memory"


class MemoryAuditLog:
    """``kept`` are the entries that are kept, oldest first."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC), seal: AuditSeal | None = None) -> None:
        self._now = now
        self.seal = seal or AuditSeal([b"m" * KEY_BYTES])
        self.kept: list[AuditEntry] = []
        self._digests = [GENESIS]
        self._dropped: AuditPoint | None = None

    async def append(self, findings: Sequence[Finding], context: AuditContext) -> None:
        for finding in findings:
            kept = entry(finding, context, self._now(), self.seal)
            self.kept.append(kept)
            self._digests.append(chained(self._digests[-1], encoded(kept)))

    async def search(self, query: AuditQuery) -> AuditFound:
        found = [kept for kept in reversed(self.kept) if fits(kept, query)]
        return AuditFound(tuple(found[: query.limit]), len(found) <= query.limit)

    async def entries(self) -> AsyncIterator[AuditEntry]:
        for kept in tuple(self.kept):
            yield kept

    async def verify(self, noted: Sequence[AuditPoint] = ()) -> AuditCheck:
        check = ChainCheck(CHAIN, self._dropped, self.seal, noted)
        for number, kept in enumerate(self.kept, self._first):
            check.take(number, encoded(kept), self._digests[number])
        heads = await self.heads()
        check.end(next(iter(heads), None))
        return AuditCheck(entries=check.records, dropped=check.dropped, heads=heads, problems=tuple(check.problems))

    async def drop_before(self, before: datetime) -> int:
        gone = sum(kept.at < moment(before) for kept in self.kept)
        if gone:
            self._dropped = marked(self._point(self._first + gone - 1), "dropped", self.seal)
            self.kept = self.kept[gone:]
        return gone

    async def heads(self) -> tuple[AuditPoint, ...]:
        last = len(self._digests) - 1
        return (marked(self._point(last), "head", self.seal),) if last else ()

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

    @property
    def _first(self) -> int:
        return 1 + (self._dropped.number if self._dropped else 0)

    def _point(self, number: int) -> AuditPoint:
        return AuditPoint(chain=CHAIN, number=number, digest=self._digests[number])
