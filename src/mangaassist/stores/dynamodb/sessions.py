"""Sessions and their turns in DynamoDB: the distributed ``SessionStore``. ``items`` says how they lie in the table."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec.structs import replace

from mangaassist.conversation.sessions import SESSIONS
from mangaassist.errors import Conflict
from mangaassist.stores.dynamodb import items
from mangaassist.stores.dynamodb.items import NEW, Item, Kept, fitting, number, text
from mangaassist.stores.dynamodb.table import Table
from mangaassist.turn.memory import REMEMBERED_TURNS, Session, TurnRecord

DELETED_AT_ONCE: Final = 8


class DynamoSessionStore:
    """``now`` gives UTC; the clocks of the processes may differ by as much as an expiry may be early or late."""

    def __init__(self, table: Table, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._table = table
        self._now = now

    async def begin(self, session_id: str, customer_id: str | None, ceiling: int) -> None:
        now, newest = self._now(), await self._newest(session_id, 1)
        found = items.kept(newest)
        if found is not None and not found.has_expired(now):
            return
        if newest:  # before there is a head again: whoever dies meanwhile leaves a session that is still expired
            await self._forget_turns(session_id, items.oldest(now))
        fresh = Session(session_id=session_id, customer_id=customer_id, ceiling=ceiling)
        await self._table.put(items.head_of(fresh, now), **_unless_begun_since(found))

    async def load(self, session_id: str) -> Session | None:
        """Ids come from outside: one that DynamoDB would refuse to look for is of no session."""
        if not items.may_be_partition(session_id):
            return None
        found = items.kept(await self._newest(session_id, REMEMBERED_TURNS))
        return None if found is None or found.has_expired(self._now()) else found.session

    async def turn(self, session_id: str, message_id: str) -> TurnRecord | None:
        found = await self._by_message(session_id, message_id)
        if not found:
            return None
        turn = await self._table.get(items.key(session_id, found[0][items.ITEM]["S"]))
        return None if turn is None else items.record_of(turn)

    async def turns(self, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
        newest = await self._table.query(
            limit,
            ScanIndexForward=False,
            KeyConditionExpression="session_id = :session AND begins_with(#item, :turns)",
            ProjectionExpression="#record",  # of many turns each attribute costs the client time
            ExpressionAttributeNames={"#item": items.ITEM, "#record": items.RECORD},
            ExpressionAttributeValues={":session": text(session_id), ":turns": text(items.TURNS)},
        )
        return tuple(map(items.record_of, reversed(newest)))

    async def session_of(self, response_id: str) -> str | None:
        """Eventually consistent, as an index over all sessions is: what was saved just now is found in the newest turns instead."""
        found = await self._table.query(
            1,
            IndexName=items.BY_RESPONSE,
            ConsistentRead=False,
            KeyConditionExpression="response_id = :response",
            ExpressionAttributeValues={":response": text(response_id)},
        )
        return found[0][items.SESSION_ID]["S"] if found else None

    async def commit(self, before: Session, turn: TurnRecord) -> Session:
        """The put of the version's item decides; all that comes before it may be done again or in vain."""
        after, now = before.with_turn(turn), self._now()
        item = fitting(SESSIONS, items.turn_of(after, now))
        answered, head = await asyncio.gather(self._is_answered(before, turn.message_id), self._keep_head(after, now))
        if answered or not await self._table.put(item, **NEW):
            raise Conflict(after.session_id, after.version)
        return replace(after, customer_id=items.owner_of(head), ceiling=max(after.ceiling, items.ceiling_of(head)))

    async def reserve(self, session_id: str, through: int) -> int:
        await self._table.write(
            "update_item",
            Key=items.head_key(session_id),
            UpdateExpression="SET ceiling = :through",
            ConditionExpression="attribute_exists(session_id) AND ceiling < :through",
            ExpressionAttributeValues={":through": number(through)},
        )
        found = items.kept(await self._newest(session_id, 1))
        return through if found is None else found.session.ceiling

    async def own(self, session_id: str, customer_id: str) -> bool:
        owned = await self._table.write(
            "update_item",
            Key=items.head_key(session_id),
            UpdateExpression="SET customer_id = :customer",
            ConditionExpression="attribute_exists(session_id)"
            " AND (attribute_not_exists(customer_id) OR customer_id = :customer)",
            ExpressionAttributeValues={":customer": text(customer_id)},
        )
        return owned is not None

    async def ping(self) -> None:
        await self._table.ping()

    async def close(self) -> None:
        await self._table.close()

    async def _newest(self, session_id: str, turns: int) -> Sequence[Item]:
        """The head and the newest turns, downwards; whatever there is of them."""
        return await self._table.query(
            1 + turns,
            ScanIndexForward=False,
            KeyConditionExpression="session_id = :session AND #item >= :turns",
            ExpressionAttributeNames={"#item": items.ITEM},
            ExpressionAttributeValues={":session": text(session_id), ":turns": text(items.TURNS)},
        )

    async def _by_message(self, session_id: str, message_id: str) -> Sequence[Item]:
        """The keys of the turn that answered a message, or nothing."""
        return await self._table.query(
            1,
            IndexName=items.BY_MESSAGE,
            KeyConditionExpression="session_id = :session AND message_id = :message",
            ExpressionAttributeValues={":session": text(session_id), ":message": text(message_id)},
        )

    async def _is_answered(self, before: Session, message_id: str) -> bool:
        """In the versions up to ``before``. In a later one it may be too: then the next version exists, and the put fails."""
        if before.turn(message_id) is not None:
            return True
        return not before.has_all_turns and bool(await self._by_message(before.session_id, message_id))

    async def _keep_head(self, session: Session, now: datetime) -> Item:
        """Put off the head's deletion; gives the head. One that was let go is there again, with what is known of it."""
        known = {name: value for name, value in items.head_of(session, now).items() if name not in items.KEY}
        return await self._table.ask(
            "update_item",
            "Attributes",
            Key=items.head_key(session.session_id),
            UpdateExpression="SET " + ", ".join(
                f"{name} = :{name}" if name == items.EXPIRES_AT else f"{name} = if_not_exists({name}, :{name})"
                for name in known
            ),
            ExpressionAttributeValues={f":{name}": value for name, value in known.items()},
            ReturnValues="ALL_NEW",
        )  # fmt: skip

    async def _forget_turns(self, session_id: str, oldest: int) -> None:
        """Those of a session that has expired. One that somebody saves meanwhile is younger, and stays."""
        turns = await self._table.query(
            None,
            KeyConditionExpression="session_id = :session AND begins_with(#item, :turns)",
            ProjectionExpression="#item",
            ExpressionAttributeNames={"#item": items.ITEM},
            ExpressionAttributeValues={":session": text(session_id), ":turns": text(items.TURNS)},
        )
        for first in range(0, len(turns), DELETED_AT_ONCE):
            deletions = (
                self._table.write(
                    "delete_item",
                    Key=items.key(session_id, turn[items.ITEM]["S"]),
                    ConditionExpression="written_at < :oldest",
                    ExpressionAttributeValues={":oldest": number(oldest)},
                )
                for turn in turns[first : first + DELETED_AT_ONCE]
            )
            await asyncio.gather(*deletions)


def _unless_begun_since(found: Kept | None) -> dict[str, Any]:
    """The condition under which a head may be written in the place of the one that was found."""
    if found is None:
        return NEW
    return {
        "ConditionExpression": "begun_at = :found OR attribute_not_exists(session_id)",
        "ExpressionAttributeValues": {":found": number(found.begun_at)},
    }
