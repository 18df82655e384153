"""Is it alive, is it ready, what does it measure (O-3)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from litestar import Response, get
from litestar.datastructures import State

from mangaassist.edge.rest import json_response
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.metrics import Metrics
from mangaassist.wire.rest import Readiness

PING_LIMIT_S: Final = 2.0
ASKED_AGAIN_S: Final = 1.0
"""However often somebody looks, dependencies are asked no more often than this."""
NEEDED: Final = frozenset({"conversations", "sessions"})
"""Without these nothing can be answered; without any other answers get thinner."""

PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})

Ping = Callable[[], Awaitable[None]]


class Probes:
    """Lives as long as the process. ``pings`` asks each dependency whether it is there; ``clock`` gives monotonic seconds."""

    def __init__(self, pings: Mapping[str, Ping], clock: Callable[[], float]) -> None:
        self._pings = pings
        self._clock = clock
        self._one_round = asyncio.Lock()
        self._known: Readiness | None = None
        self._known_at = 0.0

    async def readiness(self) -> Readiness:
        """As it is known since the last round, which is a moment ago at most."""
        async with self._one_round:
            if self._known is None or self._clock() - self._known_at >= ASKED_AGAIN_S:
                self._known, self._known_at = await self._asked(), self._clock()
            return self._known

    async def _asked(self) -> Readiness:
        """Every dependency is asked at once."""
        states = await asyncio.gather(*(_state(ping) for ping in self._pings.values()))
        dependencies = dict(zip(self._pings, states, strict=True))
        lost = {name for name, state in dependencies.items() if state != "ok"}
        return Readiness("away" if lost & NEEDED else "degraded" if lost else "ready", dependencies)


@get("/healthz")
async def healthz() -> Response[bytes]:
    return Response(b"ok\n", media_type="text/plain")


@get("/readyz")
async def readyz(state: State) -> Response[bytes]:
    """Degraded is ready: what is away is as a rule away for all processes, and thin answers are better than none."""
    probes: Probes = state.probes
    readiness = await probes.readiness()
    return json_response(readiness, 503 if readiness.status == "away" else 200)


@get("/metrics")
async def metrics(state: State) -> Response[bytes]:
    measured: Metrics = state.metrics
    return Response(measured.exposition(), headers={"content-type": measured.content_type})


async def _state(ping: Ping) -> str:
    """How it failed, in a word: the details are nobody's who may ask."""
    try:
        async with asyncio.timeout(PING_LIMIT_S):
            await ping()
    except TimeoutError:
        return "timeout"
    except ServiceFailure as failure:
        return failure.kind
    except Exception:  # whatever it is, it is not there
        return "error"
    return "ok"
