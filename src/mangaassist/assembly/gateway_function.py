"""The functions that AWS Lambda runs for an API Gateway: ``handler`` for its routes, ``authorizer`` for ``$connect`` (W-13).

Each keeps what it opened from one event to the next. Messages go into the log that the serving processes share (Redis, DynamoDB);
they answer, and they post. Settings are those of the assistant, as ``MANGAASSIST_…`` variables say them.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from mangaassist.assembly.durable import opened_durable, opened_event_stream
from mangaassist.assembly.folders import durable_folder
from mangaassist.assembly.gateway import opened_management
from mangaassist.assembly.shared import opened_shared
from mangaassist.assembly.store import opened_verifier
from mangaassist.conversation.conversations import AnsweredElsewhere, Conversations
from mangaassist.conversation.entries import Sealer
from mangaassist.desk.typing import TypingSigns
from mangaassist.edge.api_gateway.function import Authorizer, RouteFunction
from mangaassist.edge.api_gateway.hearing import Hearing
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.origins import allowed_origins
from mangaassist.errors import StartFailed
from mangaassist.guardrails.intake import Intake
from mangaassist.services.caller import utc_now
from mangaassist.settings import Settings, load
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing

FLUSHED_WITHIN_S: Final = 2.0
"""What happened is written before an event is over: nothing runs between two."""


class FunctionDependencies(Struct, frozen=True, kw_only=True):
    """What ``Speaking`` asks for, without a process that answers."""

    conversations: Conversations
    verifier: TokenVerifier
    limits: Limits
    analytics: Recorder
    typing: TypingSigns
    clock: Callable[[], float]
    now: Callable[[], datetime]
    tracing: Tracing


class Opened(Struct, frozen=True):
    routes: RouteFunction
    authorizer: Authorizer
    analytics: Recorder


async def opened(settings: Settings, exits: AsyncExitStack) -> Opened:
    """Raises ``StartFailed`` where serving processes would never hear of what a function takes."""
    if not (settings.redis.url and settings.dynamodb.table and settings.api_gateway.endpoint_url):
        raise StartFailed(
            "A function needs redis.url, dynamodb.table and api_gateway.endpoint_url: what it takes is answered elsewhere."
        )
    data, metrics = durable_folder(settings), Metrics()
    durable = await exits.enter_async_context(opened_durable(settings, data))
    sealer = Sealer.kept_in(settings.sealing_key)
    shared = await exits.enter_async_context(opened_shared(settings, data, sealer.key_id))
    stream = await opened_event_stream(settings, data)
    exits.push_async_callback(stream.close)
    analytics = await exits.enter_async_context(Recorder(stream, sealer.pseudonym, metrics, utc_now))
    verifier = await exits.enter_async_context(opened_verifier(settings))
    management = await opened_management(settings)
    exits.push_async_callback(management.aclose)
    conversations = Conversations(
        shared.log, durable.sessions, AnsweredElsewhere(), Intake(), sealer, utc_now, analytics
    )
    speaking = FunctionDependencies(
        conversations=conversations,
        verifier=verifier,
        limits=Limits(shared.counters, policies(settings.limits), metrics),
        analytics=analytics,
        typing=TypingSigns(shared.counters),
        clock=time.monotonic,
        now=utc_now,
        tracing=Tracing(),
    )
    hearing = Hearing(speaking, durable.connections, management, sealer, settings.socket.idle_timeout_s)
    origins = allowed_origins(settings.server)
    return Opened(RouteFunction(hearing, origins), Authorizer(verifier, origins), analytics)


class Container:
    """What lives as long as Lambda keeps the process: one loop, and what was opened on it."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._opened: Opened | None = None
        self._exits = AsyncExitStack()

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return self._loop.run_until_complete(self._handled(event))

    def authorize(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return self._loop.run_until_complete(self._authorized(event))

    def close(self) -> None:
        self._loop.run_until_complete(self._exits.aclose())
        self._loop.close()

    async def _handled(self, event: Mapping[str, Any]) -> dict[str, Any]:
        there = await self._there()
        answer = await there.routes.handle(event)
        await there.analytics.flush(FLUSHED_WITHIN_S)
        return answer

    async def _authorized(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return await (await self._there()).authorizer.handle(event)

    async def _there(self) -> Opened:
        if self._opened is None:
            self._opened = await opened(self._settings(), self._exits)
        return self._opened


_container: Final = Container(load)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The function of the three routes."""
    return _container.handle(event)


def authorizer(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The function of the authorizer. An ``Unauthorized`` that it raises is 401."""
    return _container.authorize(event)
