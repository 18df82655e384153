"""How long calls may take: one timer for all of them, and a loop that was late itself gives what has arrived its chance.

A timer of our own that fires late says as much about us as about the service: its answer may lie in the socket, unread. So a
call whose time is up is given as much more, once, as the timer was late by, and is declared late only after that. The same
timer notes the calls that are slow (S-4), and is as careful with them.
"""

import asyncio
import heapq
import math
from types import TracebackType
from typing import Final, Self

NOTICEABLE: Final = 0.1
"""The part of a call's limit by which the timer must be late to be held against our own loop."""
TICK_S: Final = 0.001
"""The clock of a loop's timers is no finer than this."""


def extension(limit: float, late: float) -> float:
    """Seconds that a call gets beyond its ``limit`` because our timer was ``late`` (seconds as well); 0 when it was not."""
    return late if late >= limit * NOTICEABLE else 0.0


class Limit:
    """The time of one call: a context manager for the task that makes it. Raises ``TimeoutError`` when the time is up."""

    __slots__ = ("_cancelling", "_expired", "_limits", "_task", "due", "extended", "is_slow", "seconds", "slow_s")

    def __init__(self, limits: "Limits", seconds: float, slow_s: float) -> None:
        self._limits = limits
        self.slow_s = slow_s
        self.is_slow = False
        """The call took more than ``slow_s``, and not because we ourselves were late."""
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._expired = False
        self.seconds = seconds
        self.due = 0.0
        self.extended = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        self._limits.watch(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        # As asyncio.timeout does: whoever else cancelled the task as well is to see it cancelled.
        if self._expired and task and task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    @property
    def is_over(self) -> bool:
        """The call has ended."""
        return self._task is None

    def expire(self) -> None:
        if self._task is not None:
            self._expired = True
            self._task.cancel()

    def __lt__(self, other: "Limit") -> bool:
        return self.due < other.due


class Limits:
    """Lives as long as the process, on one loop at a time. The timer waits for the limit that is due first."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due: list[Limit] = []
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float, slow_s: float = math.inf) -> Limit:
        """Give the ``with`` block so many seconds, and note when it takes more than ``slow_s``; infinity is no limit."""
        return Limit(self, seconds, slow_s)

    def watch(self, limit: Limit) -> None:
        if limit.seconds == math.inf:
            return
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._due, self._timer = loop, [], None
        limit.due = loop.time() + min(limit.seconds, limit.slow_s)
        heapq.heappush(self._due, limit)
        if self._timer is None or limit.due < self._timer.when():
            self._arm(loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        while self._due and self._due[0].is_over:
            heapq.heappop(self._due)
        self._timer = loop.call_at(self._due[0].due, self._tick, loop) if self._due else None

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, now = None, loop.time()
        while self._due and self._due[0].due <= now + TICK_S:
            limit = heapq.heappop(self._due)
            if limit.is_over:
                continue
            more = 0.0 if limit.extended else extension(limit.seconds, now - limit.due)
            if more:
                limit.due, limit.extended = now + more, True
                heapq.heappush(self._due, limit)
            elif limit.slow_s < limit.seconds and not limit.is_slow:
                limit.is_slow, limit.extended = True, False
                limit.due += limit.seconds - limit.slow_s
                heapq.heappush(self._due, limit)
            else:
                limit.expire()
        self._arm(loop)
