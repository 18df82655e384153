"""One DynamoDB table, called within limits and with our errors."""

from typing import Any, Final

from mangaassist.stores.aws.client import Client, ConditionFailed, Limits
from mangaassist.stores.dynamodb.items import Item, fitting, text

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
