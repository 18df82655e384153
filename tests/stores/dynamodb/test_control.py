"""R-2 to R-4: what feedback, tickets and idempotency records in DynamoDB do beyond the contract."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.desk.ticket import SAME_TICKET, TICKET_KEPT
from mangaassist.edge.dependencies import ControlStores
from mangaassist.edge.feedback import FEEDBACK_KEPT
from mangaassist.edge.idempotency import ANSWER_REPLAYED
from mangaassist.errors import ServiceFailure
from mangaassist.stores.dynamodb import control_items, items
from mangaassist.stores.dynamodb.control import (
    JUST_NOW,
    TRIES,
    DynamoControl,
    DynamoFeedback,
    DynamoIdempotency,
    DynamoTickets,
)
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from mangaassist.stores.dynamodb.table import Table
from mangaassist.testing.clock import START, FakeClock
from mangaassist.testing.memory_control import MemoryFeedback, MemoryIdempotency, MemoryTickets
from mangaassist.turn.memory import REMEMBERED_TURNS, Session
from tests.contracts.feedback_store import feedback
from tests.contracts.idempotency_store import record
from tests.contracts.session_store import SESSION, begun, turn
from tests.contracts.ticket_store import ticket
from tests.tables import Died, Mortal, Overtaken, fresh_table, opened

MICROSECOND = timedelta(microseconds=1)
REPLY_BYTES = 1_048_576
"""A reply of DynamoDB ends there. Letters of one byte each: dynalite counts characters."""

SORT_KEY_BYTES = 1024


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def control(table: Table, clock: FakeClock) -> ControlStores:
    return DynamoControl(table, clock.now).stores


# ------------------------------------------------------------------ rivals and deaths


@pytest.mark.usefixtures("aws_environment")
async def test_of_many_processes_that_open_a_ticket_at_once_one_does(dynamodb_url: str) -> None:
    async with AsyncExitStack() as exits:
        table = await exits.enter_async_context(fresh_table(dynamodb_url))
        processes = [await exits.enter_async_context(opened(dynamodb_url, table.name)) for _ in range(4)]
        stores = [DynamoControl(process).stores for process in processes]
        openers = (stores[number % 4].tickets.file(ticket(number)) for number in range(40))
        filed = await asyncio.gather(*openers)
        assert len({each.ticket_id for each in filed}) == 1
        written = [item for item in await table.ask("scan", "Items") if "record" in item]
        assert [control_items.record_of(item, type(filed[0])) for item in written] == [filed[0]]
        assert await stores[0].tickets.unsettled() == (filed[0],)
        assert len(await table.ask("scan", "Items")) == 3, "whoever came late has taken their signposts away"


@pytest.mark.parametrize("last_comes_through", [False, True])
async def test_who_dies_while_filing_has_filed_all_of_the_ticket_or_nothing(
    table: Table, control: ControlStores, clock: FakeClock, last_comes_through: bool
) -> None:
    first = await control.tickets.file(ticket(1))
    for calls in count(1):
        dying: Any = Mortal(table, calls, last_comes_through)
        try:
            await DynamoTickets(dying, clock.now).file(ticket(2, SAME_TICKET))
        except Died:
            assert await control.tickets.of_session("s_1") in ((first,), (first, ticket(2, SAME_TICKET)))
        else:
            break
    after = await control.tickets.file(ticket(3, SAME_TICKET + MICROSECOND))
    assert after == ticket(2, SAME_TICKET)
    assert await control.tickets.of_session("s_1") == (first, after)


@pytest.mark.parametrize("last_comes_through", [False, True])
async def test_who_dies_while_telling_what_they_think_has_told_it_or_nothing(
    table: Table, control: ControlStores, last_comes_through: bool
) -> None:
    dying: Any = Mortal(table, 1, last_comes_through)
    with pytest.raises(Died):
        await DynamoFeedback(dying).keep(feedback(comment="died"))
    again = feedback(comment="again")
    assert await control.feedback.keep(again) == (feedback(comment="died") if last_comes_through else again)


async def test_who_is_overtaken_between_looking_and_filing_gets_the_ticket_of_the_other(
    table: Table, control: ControlStores, clock: FakeClock
) -> None:
    overtaken: Any = Overtaken(table, "put", lambda: control.tickets.file(ticket(1)))
    assert await DynamoTickets(overtaken, clock.now).file(ticket(2)) == ticket(1)
    assert await control.tickets.of_session("s_1") == (ticket(1),)


async def test_who_is_overtaken_by_a_ticket_that_does_not_cover_theirs_files_the_next(
    table: Table, control: ControlStores, clock: FakeClock
) -> None:
    late = ticket(2, SAME_TICKET)
    overtaken: Any = Overtaken(table, "put", lambda: control.tickets.file(ticket(1)))
    assert await DynamoTickets(overtaken, clock.now).file(late) == late
    assert await control.tickets.of_session("s_1") == (ticket(1), late)


@pytest.mark.parametrize("late", [False, True])
async def test_who_looked_just_now_and_files_after_another_gets_what_is_there_or_files_the_next(
    table: Table, control: ControlStores, clock: FakeClock, late: bool
) -> None:
    ours = DynamoTickets(table, clock.now)
    assert await ours.of_session("s_1") == ()
    first = await control.tickets.file(ticket(1))
    second = ticket(2, SAME_TICKET if late else timedelta(seconds=1))
    assert await ours.file(second) == (second if late else first)
    assert await control.tickets.of_session("s_1") == ((first, second) if late else (first,))
    assert await control.tickets.unsettled() == ((first, second) if late else (first,))


async def test_what_was_looked_at_long_ago_is_not_filed_upon(
    table: Table, control: ControlStores, clock: FakeClock
) -> None:
    ours = DynamoTickets(table, clock.now)
    await ours.of_session("s_1")
    filed = [await control.tickets.file(ticket(number, SAME_TICKET * number)) for number in range(2)]
    await table.write("delete_item", Key=control_items.key_of(control_items.ticket_item(filed[0], 1)))
    clock.advance(JUST_NOW.total_seconds())
    assert await ours.file(ticket(9, SAME_TICKET)) == filed[1]


async def test_a_ticket_whose_key_another_has_by_now_is_not_changed(
    table: Table, control: ControlStores, clock: FakeClock
) -> None:
    first = await control.tickets.file(ticket(1))
    await table.write("delete_item", Key=control_items.key_of(control_items.ticket_item(first, 1)))
    second = await DynamoTickets(table, clock.now).file(ticket(2, SAME_TICKET))
    assert await control.tickets.change(first, replace(first, told=1)) is None
    assert await control.tickets.of_session("s_1") == (second,)


async def test_who_is_overtaken_every_time_gives_up_and_says_that_it_may_pass(
    table: Table, control: ControlStores, clock: FakeClock
) -> None:
    before = count(1)
    overtaken: Any = Overtaken(
        table, "put", lambda: control.tickets.file(ticket(number := next(before), SAME_TICKET * number))
    )
    with pytest.raises(ServiceFailure) as failed:
        await DynamoTickets(overtaken, clock.now).file(ticket(99, TICKET_KEPT))
    assert (failed.value.service, failed.value.transient) == ("control", True)
    assert len(await control.tickets.of_session("s_1")) == TRIES


async def test_a_key_that_is_let_go_between_two_calls_begins_anew(table: Table, control: ControlStores) -> None:
    await control.idempotency.begin(record(1))
    overtaken: Any = Overtaken(table, "get", lambda: control.idempotency.forget(record(1)))
    assert await DynamoIdempotency(overtaken).begin(record(2)) == record(2)


async def test_a_key_that_somebody_else_has_begun_anew_is_not_let_go(control: ControlStores) -> None:
    await control.idempotency.begin(record(1))
    anew = await control.idempotency.begin(record(2, ANSWER_REPLAYED))
    await control.idempotency.forget(record(1))
    assert await control.idempotency.begin(record(3, ANSWER_REPLAYED)) == anew


# ------------------------------------------------------------------ expiry


async def test_what_should_have_expired_and_is_still_there_is_none_to_the_microsecond(control: ControlStores) -> None:
    said, begins = feedback(at=START + MICROSECOND * 7), record(1, MICROSECOND * 7)
    await control.feedback.keep(said)
    await control.idempotency.begin(begins)
    for early, stands in ((MICROSECOND, True), (timedelta(), False)):
        later = feedback(feedback="thumbs_down", at=said.expires_at - early)
        assert (await control.feedback.keep(later) == said) == stands
        anew = record(2, begins.expires_at - early - START)
        assert (await control.idempotency.begin(anew) == begins) == stands


async def test_a_ticket_that_should_have_expired_and_is_still_there_is_not_told(
    control: ControlStores, table: Table, clock: FakeClock
) -> None:
    await control.tickets.file(ticket(1))
    clock.advance((TICKET_KEPT - MICROSECOND).total_seconds())
    assert await control.tickets.of_session("s_1") == (ticket(1),)
    clock.advance(MICROSECOND.total_seconds())
    assert await control.tickets.of_session("s_1") == ()
    anew = ticket(2, TICKET_KEPT)
    assert await control.tickets.file(anew) == anew
    assert await control.tickets.of_session("s_1") == (anew,)
    assert len([item for item in await table.ask("scan", "Items") if "record" in item]) == 2


async def test_what_dynamodb_deletes_in_any_order_makes_no_ticket_of_two(control: ControlStores, table: Table) -> None:
    filed = [await control.tickets.file(ticket(number, SAME_TICKET * number)) for number in range(4)]
    for gone in (3, 0):
        await table.write("delete_item", Key=control_items.key_of(control_items.ticket_item(filed[gone], gone + 1)))
    anew = ticket(9, SAME_TICKET * 9)
    assert await control.tickets.file(anew) == anew
    assert await control.tickets.of_session("s_1") == (filed[1], filed[2], anew)


async def test_all_that_is_written_is_deleted_some_day_and_nothing_while_it_stands(
    control: ControlStores, table: Table
) -> None:
    at = START + timedelta(milliseconds=1)
    await control.feedback.keep(feedback(at=at))
    await control.tickets.file(ticket(1, at - START))
    await control.idempotency.begin(record(1, at - START))
    written = await table.ask("scan", "Items")
    kept = sorted(int(item[items.EXPIRES_AT]["N"]) for item in written)
    assert kept == [
        START.timestamp() + 1 + each.total_seconds() for each in (ANSWER_REPLAYED, FEEDBACK_KEPT, *[TICKET_KEPT] * 3)
    ], "a ticket and the two ways to it"


# ------------------------------------------------------------------ beside sessions


async def test_a_sessions_own_queries_never_see_feedback_and_tickets(
    control: ControlStores, table: Table, clock: FakeClock
) -> None:
    sessions = DynamoSessionStore(table, clock.now)
    for number in range(REMEMBERED_TURNS + 2):
        await control.feedback.keep(feedback(session_id=SESSION, response_id=f"r{number}"))
        await control.tickets.file(ticket(number, session_id=SESSION, digest=f"d{number}"))
    await control.idempotency.begin(record(1, session_id=SESSION, message_id="m1"))
    assert await sessions.load(SESSION) is None
    assert await sessions.turns(SESSION, 100) == ()
    assert await sessions.turn(SESSION, "m1") is None
    assert await sessions.session_of("r1") is None
    assert not await sessions.own(SESSION, "aiko")
    session = await begun(sessions, "aiko")
    assert session == Session(session_id=SESSION, customer_id="aiko", ceiling=session.ceiling)
    saved = await sessions.commit(session, turn(1))
    assert await sessions.load(SESSION) == saved
    assert await sessions.turns(SESSION, 100) == (turn(1),)
    clock.advance(timedelta(hours=25).total_seconds())
    await begun(sessions)
    assert await sessions.turns(SESSION, 100) == ()
    assert len(await control.tickets.of_session(SESSION)) == REMEMBERED_TURNS + 2
    assert await control.feedback.keep(feedback(session_id=SESSION, comment="again")) == feedback(
        session_id=SESSION, comment="again"
    )
    assert (
        await control.feedback.keep(feedback(session_id=SESSION, response_id="r1", comment="again"))
    ).comment is None


async def test_a_session_with_hundreds_of_turns_and_much_feedback_is_read_back_whole(
    control: ControlStores, table: Table, clock: FakeClock
) -> None:
    sessions, many = DynamoSessionStore(table, clock.now), range(1, 211)
    session, turns = await begun(sessions), []
    for number in many:
        session = session.with_turn(turn(number, answer=f"{number}: " + "x" * 8000))
        turns.append(items.turn_of(session, clock.now()))
    assert sum(map(items.size_of, turns)) > REPLY_BYTES
    told = [feedback(session_id=SESSION, response_id=f"r{number}", comment="y" * 6000) for number in many]
    assert sum(items.size_of(control_items.feedback_item(said)) for said in told) > REPLY_BYTES
    await asyncio.gather(*map(table.put, turns), *map(control.feedback.keep, told))
    filed = [
        await control.tickets.file(ticket(number, SAME_TICKET * number, session_id=SESSION)) for number in range(3)
    ]

    loaded = await sessions.load(SESSION)
    assert loaded is not None
    assert (loaded.version, loaded.turns) == (len(many), session.turns)
    whole = await sessions.turns(SESSION, 1000)
    assert [each.response_id for each in whole] == [f"r{number}" for number in many]
    assert await sessions.turns(SESSION, 200) == whole[-200:]
    assert await control.tickets.of_session(SESSION) == tuple(filed)
    assert await sessions.session_of("r1") == SESSION


async def test_of_more_tickets_than_a_reply_holds_all_are_told(control: ControlStores) -> None:
    filed = [ticket(number, MICROSECOND * number, digest=f"d{number}", reason="z" * 250_000) for number in range(5)]
    await asyncio.gather(*map(control.tickets.file, filed))
    assert await control.tickets.of_session("s_1") == tuple(filed)


async def test_an_idempotency_record_is_in_no_session_and_no_two_share_a_partition(
    control: ControlStores, table: Table
) -> None:
    for number in range(8):
        await control.idempotency.begin(record(number, key=f"k{number}", session_id=SESSION))
    partitions = {item[items.SESSION_ID]["S"] for item in await table.ask("scan", "Items")}
    assert len(partitions) == 8
    assert not any(map(str.isidentifier, partitions)), "a session's id could be one of them"
    sessions = DynamoSessionStore(table)
    assert [await sessions.load(partition) for partition in partitions] == [None] * 8


# ------------------------------------------------------------------ items


async def test_the_longest_names_of_customers_fit_into_a_key(control: ControlStores) -> None:
    said = [feedback(response_id="r" * 64, customer_id=letter * 255) for letter in ("🦊", "🐻")]
    assert [await control.feedback.keep(each) for each in said] == said
    assert all(len(control_items.feedback_item(each)[items.ITEM]["S"].encode()) <= SORT_KEY_BYTES for each in said)


Ask = Callable[[ControlStores], Awaitable[object]]
TOO_LARGE: dict[str, Ask] = {
    "feedback": lambda control: control.feedback.keep(feedback(comment="漫" * 200_000)),
    "ticket": lambda control: control.tickets.file(ticket(1, reason="漫" * 200_000)),
    "record": lambda control: control.idempotency.begin(record(1, fingerprint="漫" * 200_000)),
}


@pytest.mark.parametrize("ask", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_what_no_item_holds_is_refused_and_nothing_of_it_is_kept(
    control: ControlStores, table: Table, ask: Ask
) -> None:
    with pytest.raises(ServiceFailure) as refused:
        await ask(control)
    assert (refused.value.service, refused.value.transient) == ("control", False)
    assert await table.ask("scan", "Items") == []


async def test_a_record_that_cannot_be_read_is_a_failure_of_the_store(control: ControlStores, table: Table) -> None:
    written = (
        control_items.feedback_item(feedback()),
        control_items.ticket_item(ticket(1), 1),
        control_items.idempotency_item(record(1)),
    )
    for item in written:
        await table.put({**item, "record": items.text('{"x": 1}')})
    asked = (
        control.feedback.keep(feedback()),
        control.tickets.file(ticket(2)),
        control.tickets.of_session("s_1"),
        control.idempotency.begin(record(2)),
    )
    for ask in asked:
        with pytest.raises(ServiceFailure) as failed:
            await ask
        assert (failed.value.service, failed.value.kind) == ("control", "contract")


# ------------------------------------------------------------------ the doubles


@pytest.mark.parametrize("seed", range(8))
async def test_they_do_what_the_doubles_do(control: ControlStores, seed: int) -> None:
    drawn = random.Random(seed)
    doubles = ControlStores(feedback=MemoryFeedback(), tickets=MemoryTickets(), idempotency=MemoryIdempotency())
    pauses = (MICROSECOND, timedelta(seconds=1), SAME_TICKET - MICROSECOND, SAME_TICKET, -timedelta(seconds=2))
    after = timedelta()
    for step in range(60):
        after += drawn.choice(pauses)
        asked = _drawn(drawn, after)
        assert await asked(control) == await asked(doubles), f"step {step}"
    ours, theirs = await control.tickets.of_session("s_1"), await doubles.tickets.of_session("s_1")
    assert sorted(ours, key=repr) == sorted(theirs, key=repr)
    assert [each.at for each in ours] == sorted(each.at for each in theirs)


def _drawn(drawn: random.Random, after: timedelta) -> Ask:
    number, one_of = drawn.randrange(1000), drawn.choice((1, 2))
    said = feedback(response_id=f"r{one_of}", comment=f"{number}", at=START + after)
    begins = record(number % 4, after, key=f"k{one_of}")
    asks: tuple[Ask, ...] = (
        lambda control: control.feedback.keep(said),
        lambda control: control.tickets.file(ticket(number, after, digest=f"d{one_of}")),
        lambda control: control.idempotency.begin(begins),
        lambda control: control.idempotency.forget(begins),
    )
    return drawn.choice(asks)
