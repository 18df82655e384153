"""What every store of tickets does (R-3); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.desk.ticket import SAME_TICKET, Ticket
from mangaassist.desk.tickets import TicketStore
from mangaassist.testing.clock import START

MOMENT = timedelta(seconds=1)


def ticket(number: int, after: timedelta = timedelta(), **fields: Any) -> Ticket:
    given = {
        "ticket_id": f"t_{number}", "session_id": "s_1", "customer_id": "aiko", "digest": "d1",
        "reason": "My order is lost", "summary": f"told the {number}. time", "at": START + after,
    }  # fmt: skip
    return Ticket(**(given | fields))


class TicketStoreContract:
    @pytest.fixture
    async def store(self) -> AsyncIterator[TicketStore]:
        raise NotImplementedError
        yield

    async def test_a_ticket_is_filed_as_it_is(self, store: TicketStore) -> None:
        filed = ticket(1, customer_id=None, summary=None, reason="迷子です 🦊")
        assert await store.file(filed) == filed
        assert await store.of_session("s_1") == (filed,)

    async def test_a_session_without_tickets_has_none(self, store: TicketStore) -> None:
        await store.file(ticket(1))
        assert await store.of_session("s_2") == ()

    async def test_the_same_reason_within_five_minutes_is_the_same_ticket(self, store: TicketStore) -> None:
        first = await store.file(ticket(1))
        assert await store.file(ticket(2, MOMENT, customer_id=None)) == first
        assert await store.file(ticket(3, SAME_TICKET - MOMENT)) == first
        assert await store.of_session("s_1") == (first,)

    async def test_five_minutes_count_from_the_ticket_and_not_from_its_last_repetition(
        self, store: TicketStore
    ) -> None:
        await store.file(ticket(1))
        await store.file(ticket(2, SAME_TICKET - MOMENT))
        anew = ticket(3, SAME_TICKET)
        assert await store.file(anew) == anew

    async def test_a_later_ticket_is_a_new_one_and_the_first_stays_as_it_was(self, store: TicketStore) -> None:
        first, second, third = ticket(1), ticket(2, SAME_TICKET), ticket(3, SAME_TICKET * 2 + MOMENT)
        for filed in (first, second, third):
            assert await store.file(filed) == filed
        assert await store.file(ticket(4, SAME_TICKET * 2 + 2 * MOMENT)) == third
        assert await store.of_session("s_1") == (first, second, third)

    async def test_more_tickets_of_one_reason_than_a_digit_counts_keep_their_order(self, store: TicketStore) -> None:
        filed = [await store.file(ticket(number, SAME_TICKET * number)) for number in range(12)]
        assert [each.ticket_id for each in await store.of_session("s_1")] == [each.ticket_id for each in filed]
        assert (await store.file(ticket(99, SAME_TICKET * 11 + MOMENT))).ticket_id == "t_11"

    @pytest.mark.parametrize("other", [{"session_id": "s_2"}, {"digest": "d2"}])
    async def test_other_reasons_and_sessions_have_tickets_of_their_own(
        self, store: TicketStore, other: dict[str, Any]
    ) -> None:
        first, second = ticket(1), ticket(2, MOMENT, **other)
        assert await store.file(first) == first
        assert await store.file(second) == second
        assert await store.file(ticket(3, 2 * MOMENT)) == first
        assert {*await store.of_session("s_1"), *await store.of_session("s_2")} == {first, second}

    async def test_who_comes_with_a_clock_that_is_behind_gets_the_ticket_that_is_there(
        self, store: TicketStore
    ) -> None:
        first = await store.file(ticket(1))
        assert await store.file(ticket(2, -SAME_TICKET * 3)) == first

    async def test_of_many_that_are_filed_at_once_one_is(self, store: TicketStore) -> None:
        await store.file(ticket(0))
        later = [ticket(number, SAME_TICKET) for number in range(1, 9)]
        filed = await asyncio.gather(*map(store.file, later))
        assert filed[0] in later
        assert filed == [filed[0]] * 8
        assert await store.of_session("s_1") == (ticket(0), filed[0])

    async def test_tickets_of_many_reasons_at_once_are_all_filed(self, store: TicketStore) -> None:
        told = [ticket(number, digest=f"d{number % 5}") for number in range(20)]
        filed = await asyncio.gather(*map(store.file, told))
        assert {each.digest for each in filed} == {f"d{number}" for number in range(5)}
        assert {each.ticket_id for each in filed} == {each.ticket_id for each in await store.of_session("s_1")}
        assert len(await store.of_session("s_1")) == 5

    async def test_a_ticket_is_found_by_its_id(self, store: TicketStore) -> None:
        filed = await store.file(ticket(1))
        await store.file(ticket(2, digest="d2"))
        assert await store.get("t_1") == filed
        assert await store.get("t_9") is None
        assert await store.get("") is None

    async def test_a_change_is_the_next_revision_wherever_it_is_read(self, store: TicketStore) -> None:
        filed = await store.file(ticket(1))
        changed = await store.change(filed, replace(filed, state="joined", version=2, name="Mia"))
        assert changed == replace(filed, state="joined", version=2, name="Mia", revision=2)
        assert await store.get("t_1") == changed
        assert await store.of_session("s_1") == (changed,)
        assert await store.file(ticket(2, MOMENT)) == changed

    async def test_of_those_who_change_a_ticket_at_once_one_does(self, store: TicketStore) -> None:
        filed = await store.file(ticket(1))
        tries = [store.change(filed, replace(filed, operator=f"o{number}")) for number in range(6)]
        (won,) = [changed for changed in await asyncio.gather(*tries) if changed is not None]
        assert await store.get("t_1") == won
        assert await store.change(filed, filed) is None
        assert await store.change(ticket(9), ticket(9)) is None

    async def test_what_is_unsettled_is_listed_oldest_first_until_nothing_is_left_to_do(
        self, store: TicketStore
    ) -> None:
        filed = [await store.file(ticket(number, MOMENT * number, session_id=f"s_{number}")) for number in range(12)]
        assert await store.unsettled() == tuple(filed)
        closed = await store.change(filed[3], replace(filed[3], state="closed", version=2))
        assert closed is not None
        assert closed in await store.unsettled(), "nobody was told yet"
        done = await store.change(closed, replace(closed, told=2, sent=2))
        assert await store.unsettled() == (*filed[:3], *filed[4:])
        assert await store.get("t_3") == done, "it is still known"
