"""The connections of an API Gateway in DynamoDB: the distributed adapter, over the sessions' table (W-13).

A connection has a partition of its own, with one item. Who holds it is in the item; a signpost in the holder's partition
leads to it. Signposts are written before the item that they are of and deleted after: none is missing, and one that leads
nowhere is passed over. All of them may be deleted by DynamoDB once no connection can be so old any more.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mangaassist.edge.api_gateway.connections import CONNECTIONS, MOST_HOURS, GatewayConnection
from mangaassist.errors import ServiceFailure
from mangaassist.stores.dynamodb.items import (
    EXPIRES_AT,
    ITEM,
    KEY,
    PARTITION_BYTES,
    RECORD,
    Item,
    key,
    number,
    text,
)
from mangaassist.stores.dynamodb.table import Table

HOLDERS: Final = "gateway#holders"
YOUNG: Final = timedelta(minutes=1)
KEPT: Final = timedelta(hours=MOST_HOURS + 1)


class DynamoConnections:
    """Methods are those of ``Connections``; ``now`` gives UTC. Whoever opened the table closes it."""

    def __init__(self, table: Table, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._table = table.known_as(CONNECTIONS)
        self._now = now

    async def keep(self, connection: GatewayConnection) -> None:
        await self._table.put(self._signpost(connection))
        await self._table.put(self._item(connection))

    async def find(self, connection_id: str) -> GatewayConnection | None:
        if len(connection_id.encode()) + len(b"gateway#connection#") > PARTITION_BYTES:
            return None
        item = await self._table.get(_key(connection_id))
        return None if item is None else _record_of(item)

    async def replace(self, before: GatewayConnection, after: GatewayConnection) -> GatewayConnection | None:
        after = replace(after, revision=before.revision + 1)
        if moves := after.holder != before.holder:
            await self._table.put(self._signpost(after))
        condition: dict[str, Any] = {
            "ConditionExpression": "revision = :before",
            "ExpressionAttributeValues": {":before": number(before.revision)},
        }
        if not await self._table.put(self._item(after), **condition):
            return None
        if moves:
            await self._table.write("delete_item", Key=_signpost_key(before))
        return after

    async def forget(self, connection_id: str) -> None:
        known = await self.find(connection_id)
        if known is not None:
            await self._table.delete_many([_key(connection_id), _signpost_key(known)])

    async def held_by(self, holder: str, limit: int) -> tuple[str, ...]:
        """A signpost that leads to nothing of theirs any more is taken away."""
        signposts = await self._table.query(
            limit,
            KeyConditionExpression="session_id = :holder",
            ExpressionAttributeValues={":holder": text(f"gateway#held#{holder}")},
        )
        names = [signpost[ITEM]["S"] for signpost in signposts]
        found = [_record_of(item) for item in await self._table.get_many([_key(name) for name in names])]
        held = tuple(each.connection_id for each in found if each.holder == holder)
        await self._table.delete_many(
            [_key_of(one) for one in signposts if one[ITEM]["S"] not in held and self._is_old(one)]
        )
        return held

    def _is_old(self, signpost: Item) -> bool:
        """Younger ones may be of what is being written just now."""
        return int(signpost["written_at"]["N"]) < (self._now() - YOUNG).timestamp()

    async def beat(self, holder: str, until: datetime) -> None:
        item = {**key(HOLDERS, holder), "there_until": _microseconds(until), EXPIRES_AT: self._expiry()}
        await self._table.put(item)

    async def lapsed(self, now: datetime) -> tuple[str, ...]:
        holders = await self._table.query(
            None,
            KeyConditionExpression="session_id = :holders",
            ExpressionAttributeValues={":holders": text(HOLDERS)},
        )
        latest = int(_microseconds(now)["N"])
        return tuple(item[ITEM]["S"] for item in holders if int(item["there_until"]["N"]) < latest)

    async def retire(self, holder: str) -> None:
        await self._table.write("delete_item", Key=key(HOLDERS, holder))

    def _item(self, connection: GatewayConnection) -> Item:
        return {
            **_key(connection.connection_id),
            RECORD: text(msgspec.json.encode(connection).decode()),
            "revision": number(connection.revision),
            EXPIRES_AT: self._expiry(),
        }

    def _signpost(self, connection: GatewayConnection) -> Item:
        written_at = number(int(self._now().timestamp()))
        return {**_signpost_key(connection), "written_at": written_at, EXPIRES_AT: self._expiry()}

    def _expiry(self) -> dict[str, str]:
        return number(math.ceil((self._now() + KEPT).timestamp()))


def _key(connection_id: str) -> Item:
    return key(f"gateway#connection#{connection_id}", "connection")


def _signpost_key(connection: GatewayConnection) -> Item:
    return key(f"gateway#held#{connection.holder}", connection.connection_id)


def _key_of(item: Item) -> Item:
    return {name: item[name] for name in KEY}


def _record_of(item: Item) -> GatewayConnection:
    """Raises ``ServiceFailure`` when the item holds none."""
    try:
        return msgspec.json.decode(item[RECORD]["S"], type=GatewayConnection)
    except msgspec.MsgspecError as error:
        raise ServiceFailure(CONNECTIONS, "contract", "a record that cannot be read") from error


def _microseconds(moment: datetime) -> dict[str, str]:
    return number(int(moment.timestamp() * 1_000_000))
