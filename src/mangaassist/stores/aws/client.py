"""A client of one of AWS's services, or of a server that speaks like it, called within limits and with our errors."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from msgspec import Struct

from mangaassist.aws import opened
from mangaassist.errors import ServiceFailure
from mangaassist.stores.aws.failures import CONDITION_FAILED, aws_failure, code_of
from mangaassist.telemetry.client_spans import aws_call


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


class ConditionFailed(Exception):
    """The condition of a write did not hold: an answer, and no failure."""


class Client:
    """Raises ``ServiceFailure`` of ``service``, our own name for it. Credentials are those that AWS's own tools would find."""

    def __init__(self, service: str, client: Any, limits: Limits, exits: AsyncExitStack) -> None:
        self.service = service
        self._client = client
        self._limits = limits
        self._exits = exits

    @classmethod
    async def open(
        cls, service: str, vendor: str, region: str | None, endpoint_url: str | None, limits: Limits | None = None
    ) -> "Client":
        """As ``aws.opened`` says."""
        limits = limits or Limits()
        exits = AsyncExitStack()
        client = await opened(
            vendor,
            region,
            endpoint_url,
            exits,
            connect_s=limits.connect_s,
            reply_s=limits.reply_s,
            tries=limits.tries,
        )
        return cls(service, client, limits, exits)

    def known_as(self, service: str) -> "Client":
        """The same connections under another name of ours; closed is only the one that was opened."""
        return Client(service, self._client, self._limits, AsyncExitStack())

    async def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """The reply, whatever it holds. Raises ``ConditionFailed`` when the request's condition does not hold."""
        with aws_call(self._client, operation, request) as span:
            try:
                async with asyncio.timeout(self._limits.all_s):
                    return await getattr(self._client, operation)(**request)
            except Exception as error:
                cause, failure = error, aws_failure(self.service, error)
                is_answer = code_of(error) == CONDITION_FAILED
                if not is_answer:
                    span.failed(failure.kind)
        if is_answer:
            raise ConditionFailed
        raise failure from cause

    async def ask(self, operation: str, part: str, **request: Any) -> Any:
        """The named part of the reply. The client takes any answer for a reply, but one that lacks it is none of theirs."""
        return self.part(await self.call(operation, **request), part)

    def part(self, reply: dict[str, Any], name: str) -> Any:
        if name not in reply:
            raise ServiceFailure(self.service, "contract", f"a reply without {name}")
        return reply[name]

    async def close(self) -> None:
        await self._exits.aclose()
