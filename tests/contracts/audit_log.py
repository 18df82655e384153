"""What every audit log does (G-7); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from mangaassist.guardrails.audit import AuditContext, AuditEntry, AuditLog
from mangaassist.guardrails.findings import Finding, Verdict

CONTEXT = AuditContext(session_id="s1", response_id="r1", customer_id="c1", seq=7, asins=("B0ABCDEFGH",))
PRICE = Finding(stage="prices", verdict=Verdict.CHANGE, kind="wrong_price", original="$8.00", replacement="$9.99")
PHONE = Finding(stage="pii", verdict=Verdict.CHANGE, kind="PHONE", original="415-555-2671", replacement="[REDACTED]")


class AuditLogContract:
    @pytest.fixture
    async def log(self) -> AsyncIterator[AuditLog]:
        raise NotImplementedError
        yield

    async def entries_of(self, log: AuditLog, response_id: str) -> Sequence[AuditEntry]:
        """The entries of an answer, oldest first."""
        raise NotImplementedError

    async def test_the_findings_of_a_turn_are_kept_in_their_order_with_whose_they_are(self, log: AuditLog) -> None:
        await log.append([PRICE, PHONE], CONTEXT)
        first, second = await self.entries_of(log, "r1")
        assert (first.stage, first.verdict, first.kind) == ("prices", "change", "wrong_price")
        assert (first.original, first.replacement) == ("$8.00", "$9.99")
        assert (first.customer_id, first.session_id, first.seq, first.asins) == ("c1", "s1", 7, ("B0ABCDEFGH",))
        assert second.kind == "PHONE"

    async def test_of_personal_data_nothing_but_its_kind_is_kept(self, log: AuditLog) -> None:
        await log.append([PHONE], CONTEXT)
        (entry,) = await self.entries_of(log, "r1")
        assert entry.original == "[PHONE]"

    async def test_no_findings_leave_no_entry(self, log: AuditLog) -> None:
        await log.append([], CONTEXT)
        assert await self.entries_of(log, "r1") == ()

    async def test_turns_that_end_at_once_are_all_kept(self, log: AuditLog) -> None:
        contexts = [AuditContext(session_id="s", response_id=f"r{number}") for number in range(50)]
        await asyncio.gather(*(log.append([PRICE, PRICE], context) for context in contexts))
        assert [len(await self.entries_of(log, context.response_id)) for context in contexts] == [2] * 50
