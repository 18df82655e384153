"""Feedback, tickets and idempotency records in DynamoDB: the distributed adapters of three ports, over the sessions' table.

``control_items`` says how they lie in it. Each is written by one conditional put, so that whoever dies leaves all of it or nothing.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.desk.ticket import Ticket
from mangaassist.edge.dependencies import CONTROL, ControlStores
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.idempotency import IdempotencyRecord
from mangaassist.errors import ServiceFailure
from mangaassist.stores.dynamodb import control_items as items
from mangaassist.stores.dynamodb.connections import DynamoConnections
from mangaassist.stores.dynamodb.control_items import Record
from mangaassist.stores.dynamodb.items import ITEM, NEW, Item, fitting, may_be_partition, text
from mangaassist.stores.dynamodb.table import Table

TRIES: Final = 5
"""Each meets somebody who came between two calls; it takes a clock that is minutes off to need a third."""
KEPT: Final = 1024
"""Sessions, and tickets, of which something is remembered."""
JUST_NOW: Final = timedelta(seconds=10)
"""What was read so lately may be filed upon: who has filed meanwhile makes the put fail, and then it is asked again."""
T = TypeVar("T")


class _Looked(Struct, frozen=True):
    """The items of a session's tickets, downwards by their keys, as they were read at ``at``."""

    at: datetime
    found: tuple[Item, ...]

    def newest(self, ticket: Ticket, now: datetime) -> list[Item] | None:
        """That of the ticket's reason, or none; None: it was read too long ago to be believed."""
        if not timedelta() <= now - self.at < JUST_NOW:
            return None
        beginning = items.tickets_of(ticket.digest)
        return [item for item in self.found if item[ITEM]["S"].startswith(beginning)][:1]


class DynamoControl:
    """``now`` gives UTC. Whoever opened the table closes it."""

    def __init__(self, table: Table, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._table = table.known_as(CONTROL)
        self.stores = ControlStores(
            feedback=DynamoFeedback(self._table),
            tickets=DynamoTickets(self._table, now),
            idempotency=DynamoIdempotency(self._table),
        )
        self.connections = DynamoConnections(table, now)

    async def ping(self) -> None:
        await self._table.ping()


class DynamoFeedback:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def keep(self, feedback: Feedback) -> Feedback:
        return await _first(self._table, items.feedback_item(feedback), feedback)


class DynamoIdempotency:
    def __init__(self, table: Table) -> None:
        self._table = table

    async def begin(self, record: IdempotencyRecord) -> IdempotencyRecord:
        return await _first(self._table, items.idempotency_item(record), record)

    async def forget(self, record: IdempotencyRecord) -> None:
        await self._table.write(
            "delete_item",
            Key=items.key_of(items.idempotency_item(record)),
            ConditionExpression="stands_for = :message",
            ExpressionAttributeValues={":message": text(record.message_id)},
        )


class DynamoTickets:
    """Tickets of one reason are counted: whoever files the next one of a count that is there already looks again."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now
        self._looked: OrderedDict[str, _Looked] = OrderedDict()
        """By session, what was read of it just before something is filed there: the first try need not ask again."""
        self._places: OrderedDict[str, Item] = OrderedDict()
        """By ticket, the key of its item. It never changes."""

    async def file(self, ticket: Ticket) -> Ticket:
        looked = self._looked.pop(ticket.session_id, None)
        newest = None if looked is None else looked.newest(ticket, self._now())
        for _ in range(TRIES):
            if newest is None:
                newest = await self._begin_with(ticket.session_id, items.tickets_of(ticket.digest), 1)
            filed = items.record_of(newest[0], Ticket) if newest else None
            if filed is not None and filed.covers(ticket):
                return filed
            count = items.count_of(newest[0]) if newest else 0
            item = fitting(CONTROL, items.ticket_item(ticket, count + 1))
            await self._table.put_many(items.signposts(ticket, item))
            if await self._table.put(item, **NEW):
                self._keep(self._places, ticket.ticket_id, items.key_of(item))
                return ticket
            await self._table.delete_many([items.by_id(ticket.ticket_id), items.unsettled(ticket.ticket_id)])
            newest = None
        raise _overtaken()

    async def of_session(self, session_id: str) -> tuple[Ticket, ...]:
        if not may_be_partition(session_id):
            return ()
        now = self._now()
        found = await self._begin_with(session_id, items.TICKETS, None)
        self._keep(self._looked, session_id, _Looked(now, tuple(found)))
        filed = [items.record_of(item, Ticket) for item in found]
        return tuple(sorted((each for each in filed if each.expires_at > now), key=lambda each: each.at))

    async def get(self, ticket_id: str) -> Ticket | None:
        found = await self._found(ticket_id)
        return None if found is None else items.record_of(found, Ticket)

    async def change(self, before: Ticket, after: Ticket) -> Ticket | None:
        """The put of the ticket's item decides; the desk's signpost goes after it, or with the next list."""
        place = await self._place(before.ticket_id)
        if place is None:
            return None
        after = replace(after, revision=before.revision + 1)
        item = items.ticket_item(after, items.count_of(place))
        if not await self._table.put(item, **items.unless_changed(before)):
            return None
        if after.is_settled:
            await self._table.write("delete_item", Key=items.unsettled(after.ticket_id))
        return after

    async def unsettled(self) -> tuple[Ticket, ...]:
        signposts = await self._table.query(
            None,
            KeyConditionExpression="session_id = :desk",
            ExpressionAttributeValues={":desk": text(items.UNSETTLED)},
        )
        ways = {(way["leads_to"]["S"], way["leads_to_item"]["S"]): items.led_to(way) for way in signposts}
        found = await self._table.get_many(list(ways.values()))
        tickets = {ticket.ticket_id: ticket for ticket in (items.record_of(item, Ticket) for item in found)}
        known = (tickets.get(signpost[ITEM]["S"]) for signpost in signposts)
        open_ones = (ticket for ticket in known if ticket is not None and not ticket.is_settled)
        return tuple(sorted(open_ones, key=lambda one: (one.at, one.ticket_id)))

    async def _place(self, ticket_id: str) -> Item | None:
        if (place := self._places.get(ticket_id)) is not None:
            return place
        found = await self._found(ticket_id)
        return None if found is None else items.key_of(found)

    async def _found(self, ticket_id: str) -> Item | None:
        """The item of a ticket; one of another that its signpost leads to is none."""
        if not may_be_partition(ticket_id):
            return None
        signpost = await self._table.get(items.by_id(ticket_id))
        found = None if signpost is None else await self._table.get(items.led_to(signpost))
        if found is None or items.record_of(found, Ticket).ticket_id != ticket_id:
            return None
        self._keep(self._places, ticket_id, items.key_of(found))
        return found

    async def _begin_with(self, session_id: str, beginning: str, limit: int | None) -> list[Item]:
        """Downwards by their keys."""
        return await self._table.query(
            limit,
            ScanIndexForward=False,
            KeyConditionExpression="session_id = :session AND begins_with(#item, :beginning)",
            ExpressionAttributeNames={"#item": ITEM},
            ExpressionAttributeValues={":session": text(session_id), ":beginning": text(beginning)},
        )

    @staticmethod
    def _keep(kept: OrderedDict[str, T], name: str, value: T) -> None:
        kept[name] = value
        kept.move_to_end(name)
        if len(kept) > KEPT:
            kept.popitem(last=False)


async def _first(table: Table, item: Item, record: Record) -> Record:
    """The record that stands: the one that the item holds, unless its key has one that has not expired."""
    for _ in range(TRIES):
        if await table.put(item, **items.unless_kept(record.at)):
            return record
        if (kept := await table.get(items.key_of(item))) is not None:
            return items.record_of(kept, type(record))
    raise _overtaken()


def _overtaken() -> ServiceFailure:
    return ServiceFailure(CONTROL, "error", "somebody else was always faster")
