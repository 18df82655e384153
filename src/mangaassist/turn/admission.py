"""Lets in as many turns as can be served and keeps the others in line for a while: load must not change what is answered.

Turns that are let in while the event loop cannot keep up make each other late, and then calls miss limits that the services
kept. How busy the loop is shows in one round through everything that is ready to run. While rounds are short the next in
line is let in, one a round, however many inside wait for a slow service; a long round lets nobody in.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final

from mangaassist.errors import Overloaded

ROUND_S: Final = 0.005
"""A round that takes longer says that enough is under way."""
ALWAYS_IN: Final = 2
"""So many are let in whatever the rounds take: a loop that is slow for other reasons still answers."""
PATIENCE_S: Final = 2.0
LINE_LIMIT: Final = 512


async def loop_round() -> float:
    """Seconds that the event loop takes for everything that is ready to run."""
    began = time.perf_counter()
    await asyncio.sleep(0)
    return time.perf_counter() - began


class Admission:
    """``measure`` gives the seconds of a round of the loop; ``patience_s`` is how long anybody stays in line."""

    def __init__(
        self,
        measure: Callable[[], Awaitable[float]] = loop_round,
        patience_s: float = PATIENCE_S,
        limit: int = LINE_LIMIT,
    ) -> None:
        self._measure = measure
        self._patience_s = patience_s
        self._limit = limit
        self._line: deque[asyncio.Future[None]] = deque()
        self._doorman: asyncio.Task[None] | None = None
        self.inside = 0

    @property
    def waiting(self) -> int:
        return len(self._line)

    def place(self) -> "_Place":
        """A place for the time of an ``async with``. Entering raises ``Overloaded`` when none became free in time."""
        return _Place(self)

    async def enter(self) -> None:
        if self.inside < ALWAYS_IN and not self._line:
            self.inside += 1
            return
        if len(self._line) >= self._limit:
            raise Overloaded
        mine = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        if self._doorman is None:
            self._doorman = asyncio.create_task(self._let_in(), name="admission")
        try:
            async with asyncio.timeout(self._patience_s):
                await mine
        except TimeoutError:
            self._give_up(mine)
            raise Overloaded from None
        except asyncio.CancelledError:
            self._give_up(mine)
            raise

    def leave(self) -> None:
        self.inside -= 1

    def _give_up(self, mine: asyncio.Future[None]) -> None:
        if mine.done() and not mine.cancelled():  # let in at the very moment
            self.leave()
        elif mine in self._line:
            self._line.remove(mine)

    async def _let_in(self) -> None:
        """One in line a round, as long as rounds are short."""
        try:
            while self._line:
                round_s = await self._measure()
                while self._line and self._line[0].done():
                    self._line.popleft()
                if self._line and (round_s < ROUND_S or self.inside < ALWAYS_IN):
                    self._line.popleft().set_result(None)
                    self.inside += 1
        finally:
            self._doorman = None


class _Place:
    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    async def __aenter__(self) -> None:
        await self._admission.enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._admission.leave()
