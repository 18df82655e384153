"""What every audit log does (G-7); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import pytest
from msgspec.structs import replace

from mangaassist.guardrails.audit import (
    AuditContext,
    AuditEntry,
    AuditLog,
    AuditPoint,
    AuditQuery,
    opened,
    shown,
)
from mangaassist.guardrails.audit_retention import dropped
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.sealing import KEY_BYTES
from mangaassist.testing.clock import FakeClock

ASIN, OTHER = "B0ABCDEFGH", "B0OTHERBOK"
CONTEXT = AuditContext(session_id="s1", response_id="r1", customer_id="c1", seq=7, asins=(ASIN,))
PRICE = Finding(stage="prices", verdict=Verdict.CHANGE, kind="wrong_price", original="$8.00", replacement="$9.99")
PHONE = Finding(stage="pii", verdict=Verdict.CHANGE, kind="PHONE", original="415-555-2671", replacement="[REDACTED]")
SEAL: Final = AuditSeal([b"a" * KEY_BYTES])
DAY: Final = timedelta(days=1)


def context(number: int, **other: Any) -> AuditContext:
    return AuditContext(**({"session_id": f"s{number}", "response_id": f"r{number}"} | other))


class AuditLogContract:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    async def log(self, clock: FakeClock) -> AsyncIterator[AuditLog]:
        """A fresh one, sealed with ``SEAL``, whose time is the clock's."""
        raise NotImplementedError
        yield

    async def of(self, log: AuditLog, **query: Any) -> tuple[AuditEntry, ...]:
        return (await log.search(AuditQuery(**query))).entries

    async def answers(self, log: AuditLog, **query: Any) -> list[str]:
        return [entry.response_id for entry in await self.of(log, **query)]

    async def test_the_findings_of_a_turn_are_kept_with_whose_they_are(self, log: AuditLog) -> None:
        await log.append([PRICE, PHONE], CONTEXT)
        second, first = await self.of(log, response_id="r1")
        assert (first.stage, first.verdict, first.kind) == ("prices", "change", "wrong_price")
        assert (first.original, first.replacement) == ("$8.00", "$9.99")
        assert (first.customer_id, first.session_id, first.seq, first.asins) == ("c1", "s1", 7, (ASIN,))
        assert second.kind == "PHONE"
        assert [entry.kind async for entry in log.entries()] == ["wrong_price", "PHONE"]

    async def test_of_personal_data_nothing_but_its_kind_is_in_clear_and_a_key_opens_it(self, log: AuditLog) -> None:
        await log.append([PHONE], CONTEXT)
        (entry,) = await self.of(log, response_id="r1")
        assert (entry.original, "2671" in repr(entry)) == ("[PHONE]", False)
        assert opened(entry, SEAL).original == "415-555-2671"
        assert opened(entry, AuditSeal([b"b" * KEY_BYTES])) == entry
        assert opened(replace(entry, response_id="r2"), SEAL).original == "[PHONE]"

    async def test_personal_data_within_any_finding_is_sealed_and_the_rest_can_be_searched(self, log: AuditLog) -> None:
        cut_off = Finding(
            stage="takeover", verdict=Verdict.ERROR, kind="cut_off", original="It costs $8.00, call 415-555-2671."
        )
        await log.append([cut_off], CONTEXT)
        (entry,) = await self.of(log, text="costs $8.00")
        assert "2671" not in entry.original
        assert opened(entry, SEAL).original == cut_off.original
        assert await self.of(log, text="555-2671") == ()

    async def test_no_findings_leave_no_entry(self, log: AuditLog) -> None:
        await log.append([], CONTEXT)
        assert await self.of(log, response_id="r1") == ()
        assert await log.heads() == ()

    async def test_turns_that_end_at_once_are_all_kept_and_hold_together(self, log: AuditLog) -> None:
        contexts = [AuditContext(session_id=f"s{number % 3}", response_id=f"r{number}") for number in range(30)]
        await asyncio.gather(*(log.append([PRICE, PRICE], each) for each in contexts))
        assert [len(await self.of(log, response_id=each.response_id)) for each in contexts] == [2] * 30
        check = await log.verify()
        assert (check.entries, check.problems) == (60, ())

    # ---- searching

    async def test_who_was_shown_which_price_of_a_book_and_when_is_one_search(
        self, log: AuditLog, clock: FakeClock
    ) -> None:
        """The complaint of a wrong price."""
        for number, (asin, price) in enumerate([(ASIN, "$9.99"), (OTHER, "$9.99"), (ASIN, "$7.50")]):
            clock.advance(60)
            customer = AuditContext(
                session_id=f"s{number}", response_id=f"r{number}", customer_id=f"c{number}", asins=(asin,)
            )
            await log.append(shown({asin: price}), customer)
        found = await self.of(log, asin=ASIN, stage="shown")
        assert [(entry.customer_id, entry.replacement) for entry in found] == [
            ("c2", f"{ASIN} $7.50"),
            ("c0", f"{ASIN} $9.99"),
        ]
        assert found[0].at > found[1].at
        assert await self.answers(log, asin=ASIN, text="$9.99") == ["r0"]
        assert await self.answers(log, customer_id="c1") == ["r1"]

    async def test_a_text_is_found_within_words_whatever_its_case_and_its_signs(self, log: AuditLog) -> None:
        odd = 'He said "100% OFF" (really?) at * NEAR AND $8.00'
        await log.append([replace(PRICE, original=odd)], CONTEXT)
        for text in ("100% off", '"100% OFF"', "(really?)", "* near and", "eally", "$8.00"):
            assert await self.answers(log, text=text) == ["r1"], text
        assert await self.answers(log, text="$80.0") == []

    async def test_what_is_named_is_all_asked_of_an_entry(self, log: AuditLog, clock: FakeClock) -> None:
        for number in range(4):
            clock.advance(60)
            await log.append([PRICE if number % 2 else PHONE], context(number, customer_id=f"c{number // 2}"))
        assert await self.answers(log, customer_id="c1", stage="prices") == ["r3"]
        assert await self.answers(log, session_id="s2", stage="prices") == []
        assert await self.answers(log, customer_id="c0", text="8.00") == ["r1"]

    async def test_times_bound_a_search_and_the_end_is_not_in_it(self, log: AuditLog, clock: FakeClock) -> None:
        for number in range(6):
            await log.append([PRICE], context(number, customer_id="c1", asins=(ASIN,)))
            clock.advance(DAY.total_seconds())
        begin = clock.now() - 5 * DAY
        for narrowed in ({}, {"customer_id": "c1"}, {"asin": ASIN}, {"text": "$9.99"}):
            found = await self.answers(log, since=begin, until=begin + 3 * DAY, **narrowed)
            assert found == ["r3", "r2", "r1"], narrowed
        assert await self.answers(log, until=begin - DAY) == []
        assert await self.answers(log, since=clock.now()) == []

    async def test_of_more_than_the_limit_the_newest_are_found_and_that_there_are_more(
        self, log: AuditLog, clock: FakeClock
    ) -> None:
        for number in range(5):
            clock.advance(60)
            await log.append([PRICE], context(number, customer_id="c1"))
        found = await log.search(AuditQuery(customer_id="c1", limit=2))
        assert ([entry.response_id for entry in found.entries], found.is_all) == (["r4", "r3"], False)
        found = await log.search(AuditQuery(customer_id="c1", limit=5))
        assert (len(found.entries), found.is_all) == (5, True)

    # ---- keeping

    async def test_what_was_kept_long_enough_goes_and_the_rest_still_holds(
        self, log: AuditLog, clock: FakeClock
    ) -> None:
        for number in range(6):
            await log.append([PRICE], context(number, customer_id="c1", asins=(ASIN,)))
            clock.advance(DAY.total_seconds())
        assert await log.drop_before(clock.now() - 3 * DAY) == 3
        for narrowed in ({"customer_id": "c1"}, {"asin": ASIN}, {"text": "$9.99"}, {}):
            assert await self.answers(log, **narrowed) == ["r5", "r4", "r3"], narrowed
        check = await log.verify()
        assert (check.entries, check.dropped, check.problems) == (3, 3, ())
        await log.append([PRICE], context(6))
        assert (await log.verify()).is_whole
        assert await log.drop_before(clock.now() - 3 * DAY) == 0

    async def test_a_trail_that_was_dropped_whole_goes_on_where_it_ended(self, log: AuditLog, clock: FakeClock) -> None:
        await log.append([PRICE], CONTEXT)
        clock.advance(60)
        assert await log.drop_before(clock.now()) == 1
        assert (await log.verify()).problems == ()
        await log.append([PRICE], CONTEXT)
        check = await log.verify()
        assert (check.entries, check.dropped, check.problems) == (1, 1, ())

    async def test_that_records_were_dropped_is_in_the_trail(self, log: AuditLog, clock: FakeClock) -> None:
        await log.append([PRICE], CONTEXT)
        clock.advance(60)
        assert await dropped(log, clock.now()) == 1
        (said,) = await self.of(log, stage="retention")
        assert said.replacement.startswith("1 records before")
        assert await dropped(log, clock.now() - DAY) == 0

    # ---- what somebody wrote down earlier

    async def test_a_head_that_was_noted_is_still_found_and_another_one_is_missed(
        self, log: AuditLog, clock: FakeClock
    ) -> None:
        await log.append([PRICE], CONTEXT)
        noted = await log.heads()
        await log.append([PRICE], CONTEXT)
        assert (await log.verify(noted)).problems == ()
        (head,) = await log.heads()
        (problem,) = (await log.verify([replace(head, number=head.number + 1)])).problems
        assert "noted, is missing" in problem
        (problem,) = (await log.verify([replace(head, digest="0" * 64)])).problems
        assert "not the one that was noted" in problem
        clock.advance(60)
        await log.drop_before(clock.now())
        assert (await log.verify(noted)).problems == (), "what was dropped in good order is not missed"

    async def test_a_trail_under_other_keys_is_not_taken_for_whole(self, log: AuditLog) -> None:
        await log.append([PRICE], CONTEXT)
        heads = [str(head) for head in await log.heads()]
        assert heads
        assert all(
            AuditPoint(chain=(parts := head.split(":"))[0], number=int(parts[1]), digest=parts[2]) for head in heads
        )
