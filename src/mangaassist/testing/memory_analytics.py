"""An event stream in memory, which is slow, full or away when a test says so."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.analytics import ANALYTICS, Event, Recorder
from mangaassist.telemetry.metrics import Metrics


class MemoryEventStream:
    """``events`` are those that were put, each once, oldest first. ``takes``: so many of a batch, and no more."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}
        self.is_away = False
        self.slow_s = 0.0
        self.takes: int | None = None
        self.puts = 0

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self._events.values())

    async def put(self, events: Sequence[Event]) -> Sequence[Event]:
        self.puts += 1
        if self.slow_s:
            await asyncio.sleep(self.slow_s)
        await self.ping()
        kept, left = events[: self.takes], () if self.takes is None else events[self.takes :]
        for event in kept:
            self._events.setdefault(event.id, event)
        return left

    async def ping(self) -> None:
        if self.is_away:
            raise ServiceFailure(ANALYTICS, "unreachable")

    async def close(self) -> None: ...


def memory_recorder(
    stream: MemoryEventStream | None = None,
    metrics: Metrics | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Recorder:
    """A recorder whose pseudonyms can be read: ``session of s_1``."""
    return Recorder(stream or MemoryEventStream(), lambda kind, name: f"{kind} of {name}", metrics or Metrics(), now)
