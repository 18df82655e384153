"""One DynamoDB table, called within limits and with our errors."""

from collections.abc import Sequence
from typing import Any, Final

from mangaassist.stores.aws.client import Client, ConditionFailed, Limits
from mangaassist.stores.dynamodb.items import Item, fitting, text

GOT_AT_ONCE: Final = 100
WRITTEN_AT_ONCE: Final = 25
"""Items that DynamoDB reads and writes in one call at most."""
PINGED: Final = "ping"
"""No session's id: theirs are longer."""


class Table:
    """Raises ``ServiceFailure`` of the service that its client names."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        self._client = client

    @classmethod
    async def open(
        cls, service: str, name: str, region: str | None, endpoint_url: str | None, limits: Limits | None = None
    ) -> "Table":
        """``region`` None: the one that AWS's own settings name. Raises ``StartFailed`` when nothing can be called with them."""
        return cls(name, await Client.open(service, "dynamodb", region, endpoint_url, limits))

    def known_as(self, service: str) -> "Table":
        """The same table for another service of ours, which its failures name; closed is only the one that was opened."""
        return Table(self.name, self._client.known_as(service))

    async def ask(self, operation: str, part: str, **request: Any) -> Any:
        """The named part of the reply."""
        return await self._client.ask(operation, part, TableName=self.name, **request)

    async def write(self, operation: str, **request: Any) -> dict[str, Any] | None:
        """None when the request's condition does not hold."""
        try:
            return await self._client.call(operation, TableName=self.name, **request)
        except ConditionFailed:
            return None

    async def put(self, item: Item, **condition: Any) -> bool:
        """False when the condition does not hold. Raises ``ServiceFailure`` before anything is sent when no item holds so much."""
        return await self.write("put_item", Item=fitting(self._client.service, item), **condition) is not None

    async def get(self, key: Item) -> Item | None:
        """The item as it is at this moment, or None."""
        reply = await self._client.call("get_item", TableName=self.name, Key=key, ConsistentRead=True)
        return reply.get("Item")

    async def get_many(self, keys: Sequence[Item]) -> list[Item]:
        """The items that there are of these, as they are at this moment, in no order."""
        found: list[Item] = []
        waiting: list[Item] = [*keys]
        while waiting:
            asked, waiting = waiting[:GOT_AT_ONCE], waiting[GOT_AT_ONCE:]
            request = {self.name: {"Keys": asked, "ConsistentRead": True}}
            reply = await self._client.call("batch_get_item", RequestItems=request)
            found += self._client.part(reply, "Responses").get(self.name, ())
            waiting += reply.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", ())
        return found

    async def put_many(self, items: Sequence[Item]) -> None:
        """Each in the place of what is there, and each by itself."""
        await self._write_many([{"PutRequest": {"Item": item}} for item in items])

    async def delete_many(self, keys: Sequence[Item]) -> None:
        await self._write_many([{"DeleteRequest": {"Key": key}} for key in keys])

    async def _write_many(self, waiting: list[Any]) -> None:
        while waiting:
            asked, waiting = waiting[:WRITTEN_AT_ONCE], waiting[WRITTEN_AT_ONCE:]
            reply = await self._client.call("batch_write_item", RequestItems={self.name: asked})
            waiting += reply.get("UnprocessedItems", {}).get(self.name, ())

    async def query(self, limit: int | None, **request: Any) -> list[Item]:
        """Up to ``limit`` items as they are at this moment, however many replies they take; None: all of them."""
        found: list[Item] = []
        while True:
            bound = {} if limit is None else {"Limit": limit - len(found)}
            reply = await self._client.call(
                "query", **{"TableName": self.name, "ConsistentRead": True} | bound | request
            )
            found += self._client.part(reply, "Items")
            if "LastEvaluatedKey" not in reply or len(found) == limit:
                return found
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    async def ping(self) -> None:
        await self.query(
            1, KeyConditionExpression="session_id = :pinged", ExpressionAttributeValues={":pinged": text(PINGED)}
        )

    async def close(self) -> None:
        await self._client.close()
