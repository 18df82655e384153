"""The connections that this process holds: taken from nobody and from processes that died, followed, given back (W-12, W-13)."""

import asyncio
import secrets
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from msgspec.structs import replace

from mangaassist.edge.api_gateway.connections import (
    BEAT_S,
    LEASE_S,
    NOBODY,
    GatewayConnection,
    changed,
)
from mangaassist.edge.api_gateway.following import Following
from mangaassist.edge.api_gateway.hearing import Hearing
from mangaassist.edge.greeting import Timing
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.telemetry.metrics import Metrics

TAKEN_AT_ONCE: Final = 100
GIVEN_BACK_WITHIN_S: Final = 5.0
_log = logger("edge")


class Holding:
    """Use it as a context manager; ``name`` is of this process alone."""

    def __init__(self, hearing: Hearing, metrics: Metrics, timing: Timing, name: str | None = None) -> None:
        self.name = self._first_name = name or secrets.token_hex(8)
        self._returned = 0
        """How often it was away and came back."""
        self._hearing = hearing
        self._metrics = metrics
        self._timing = timing
        self._held: dict[str, asyncio.Task[None]] = {}
        self._look = asyncio.Event()
        self._holding: asyncio.Task[None] | None = None
        self._there_until = float("-inf")

    async def __aenter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        self._holding = asyncio.create_task(self._hold(), name="gateway holding")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What is held is anybody's at once, from where it has heard."""
        assert self._holding is not None
        self._holding.cancel()
        await asyncio.gather(self._holding, return_exceptions=True)
        names = tuple(self._held)
        await self._let_go()
        try:
            async with asyncio.timeout(GIVEN_BACK_WITHIN_S):
                await asyncio.gather(*(self._given_back(name) for name in names))
                await self._hearing.connections.retire(self.name)
        except (ServiceFailure, TimeoutError):
            _log.warning("gateway_connections_left", count=len(names))  # others find that this process is not there

    def look_soon(self) -> None:
        """A connection has come that waits for somebody."""
        self._look.set()

    async def _hold(self) -> None:
        while True:
            self._look.clear()
            try:
                await self._look_around()
            except ServiceFailure as failure:
                _log.warning("gateway_connections_away", failure=str(failure))
                if self._hearing.shared.clock() >= self._there_until:
                    await self._let_go()  # others may have them by now
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._look.wait()
            except TimeoutError:
                continue

    async def _look_around(self) -> None:
        connections, shared = self._hearing.connections, self._hearing.shared
        now, clock = shared.now(), shared.clock()
        was_away = clock >= self._there_until
        if was_away:
            await self._let_go()
            self._come_back()
        await connections.beat(self.name, now + timedelta(seconds=LEASE_S))
        self._there_until = clock + LEASE_S
        for holder in (NOBODY, *((self.name,) if was_away else ()), *(await connections.lapsed(now))):
            names = await connections.held_by(holder, TAKEN_AT_ONCE)
            taken = [await self._take(name, holder) for name in names]
            if any(taken) and len(names) == TAKEN_AT_ONCE:
                self.look_soon()  # there are more
            if holder not in (NOBODY, self.name) and not names:
                await connections.retire(holder)

    def _come_back(self) -> None:
        """Under another name, once it was away: what it held under the former one is taken as that of any process that lapsed,
        however much it is."""
        if self._there_until > float("-inf"):
            self._returned += 1
            self.name = f"{self._first_name}.{self._returned}"

    async def _take(self, connection_id: str, holder: str) -> bool:
        """Hold it, unless somebody else was faster. Whether it is ours since now."""

        def ours(known: GatewayConnection) -> GatewayConnection | None:
            return replace(known, holder=self.name) if known.holder == holder else None

        if connection_id in self._held or await changed(self._hearing.connections, connection_id, ours) is None:
            return False
        task = asyncio.create_task(self._follow(connection_id), name="gateway connection")
        self._held[connection_id] = task
        task.add_done_callback(lambda done: self._over(connection_id, done))
        return True

    async def _follow(self, connection_id: str) -> None:
        with self._metrics.connections.held(self._hearing.shared.clock):
            await Following(self._hearing, connection_id, self.name, self._timing).run()

    def _over(self, connection_id: str, done: asyncio.Task[None]) -> None:
        if self._held.get(connection_id) is done:
            del self._held[connection_id]
        if not done.cancelled() and (error := done.exception()) is not None:
            _log.error("gateway_connection_lost", exc_info=error)

    async def _let_go(self) -> None:
        tasks = tuple(self._held.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _given_back(self, connection_id: str) -> None:
        def nobodys(known: GatewayConnection) -> GatewayConnection | None:
            return replace(known, holder=NOBODY) if known.holder == self.name else None

        await changed(self._hearing.connections, connection_id, nobodys)
