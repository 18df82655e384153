"""One DynamoDB table, called within limits and with our errors."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, Final

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession
from botocore.exceptions import BotoCoreError
from msgspec import Struct

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.dynamodb.failures import CONDITION_FAILED, code_of, dynamodb_failure
from mangaassist.stores.dynamodb.items import Item

CONNECTIONS: Final = 50


class Limits(Struct, frozen=True, kw_only=True):
    """Of one call: seconds to connect, for one reply, and for all of it, tries and pauses included."""

    connect_s: float = 1.0
    reply_s: float = 1.0
    all_s: float = 2.5
    tries: int = 3

    def stretched(self, factor: float) -> "Limits":
        return Limits(
            connect_s=self.connect_s * factor,
            reply_s=self.reply_s * factor,
            all_s=self.all_s * factor,
            tries=self.tries,
        )


class Table:
    """Raises ``ServiceFailure`` of ``service``. Credentials are those that AWS's own tools would find."""

    def __init__(self, service: str, name: str, client: Any, limits: Limits, exits: AsyncExitStack) -> None:
        self.name = name
        self._service = service
        self._client = client
        self._limits = limits
        self._exits = exits

    @classmethod
    async def open(
        cls, service: str, name: str, region: str | None, endpoint_url: str | None, limits: Limits | None = None
    ) -> "Table":
        """``region`` None: the one that AWS's own settings name. Raises ``StartFailed`` when nothing can be called with them."""
        limits = limits or Limits()
        config = AioConfig(
            connect_timeout=limits.connect_s,
            read_timeout=limits.reply_s,
            retries={"mode": "standard", "total_max_attempts": limits.tries},
            max_pool_connections=CONNECTIONS,
            parameter_validation=False,
        )
        exits = AsyncExitStack()
        try:
            made: Any = AioSession().create_client(  # pyright: ignore[reportUnknownMemberType]
                "dynamodb", region_name=region, endpoint_url=endpoint_url, config=config
            )
            client = await exits.enter_async_context(made)
        except (BotoCoreError, ValueError) as error:
            raise StartFailed(f"DynamoDB cannot be called: {error}") from error
        return cls(service, name, client, limits, exits)

    async def ask(self, operation: str, part: str, **request: Any) -> Any:
        """The named part of the reply. The client takes any answer for a reply, but one that lacks it is none of DynamoDB's."""
        return self._part(await self._call(operation, request), part)

    async def write(self, operation: str, **request: Any) -> dict[str, Any] | None:
        """None when the request's condition does not hold."""
        try:
            return await self._call(operation, request)
        except _ConditionFailed:
            return None

    async def query(self, limit: int | None, **request: Any) -> list[Item]:
        """Up to ``limit`` items as they are at this moment, however many replies they take; None: all of them."""
        found: list[Item] = []
        while True:
            bound = {} if limit is None else {"Limit": limit - len(found)}
            reply = await self._call("query", {"ConsistentRead": True} | bound | request)
            found += self._part(reply, "Items")
            if "LastEvaluatedKey" not in reply or len(found) == limit:
                return found
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    async def close(self) -> None:
        await self._exits.aclose()

    async def _call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._limits.all_s):
                return await getattr(self._client, operation)(TableName=self.name, **request)
        except Exception as error:
            if code_of(error) == CONDITION_FAILED:
                raise _ConditionFailed from None
            raise dynamodb_failure(self._service, error) from error

    def _part(self, reply: dict[str, Any], name: str) -> Any:
        if name not in reply:
            raise ServiceFailure(self._service, "contract", f"a reply without {name}")
        return reply[name]


class _ConditionFailed(Exception):
    pass
