"""Is it alive, is it ready, what does it measure (O-3)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from litestar import Response, get
from litestar.datastructures import State

from mangaassist.edge.rest import json_response
from mangaassist.errors import AssistantError
from mangaassist.telemetry.metrics import Metrics
from mangaassist.wire.rest import Readiness

PING_LIMIT_S: Final = 2.0
PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})

Ping = Callable[[], Awaitable[None]]


@get("/healthz")
async def healthz() -> Response[bytes]:
    return Response(b"ok\n", media_type="text/plain")


@get("/readyz")
async def readyz(state: State) -> Response[bytes]:
    readiness = await readiness_of(state.pings)
    return json_response(readiness, 200 if readiness.status == "ready" else 503)


@get("/metrics")
async def metrics(state: State) -> Response[bytes]:
    measured: Metrics = state.metrics
    return Response(measured.exposition(), headers={"content-type": measured.content_type})


async def readiness_of(pings: Mapping[str, Ping]) -> Readiness:
    """Ask every dependency at once. Degraded: one is away; answers go on, thinner, while traffic may go elsewhere."""
    states = await asyncio.gather(*(_state(ping) for ping in pings.values()))
    dependencies = dict(zip(pings, states, strict=True))
    ready = all(state == "ok" for state in states)
    return Readiness("ready" if ready else "degraded", dependencies)


async def _state(ping: Ping) -> str:
    try:
        async with asyncio.timeout(PING_LIMIT_S):
            await ping()
    except TimeoutError:
        return "no answer in time"
    except AssistantError as error:
        return str(error)
    return "ok"
