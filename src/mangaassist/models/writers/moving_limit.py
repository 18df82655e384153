"""A time limit that moves on with every piece of a stream: it sets a timer now and then, and none for each piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

T = TypeVar("T")


class MovingLimit:
    """Belongs to one stream. ``close`` it when the stream is over."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._deadline = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._is_over = False

    async def next(self, source: AsyncIterator[T], deadline: float) -> T | None:
        """The next of ``source``, None at its end. Raises ``TimeoutError`` at ``deadline`` (seconds of the loop's clock)."""
        task = self._waiting = asyncio.current_task()
        assert task is not None
        cancelling = task.cancelling()
        self._deadline = deadline
        if self._timer is None or self._due > deadline:
            self._set(deadline)
        try:
            return await anext(source, None)
        except asyncio.CancelledError:
            if self._is_over and task.uncancel() <= cancelling:  # nobody else cancelled it
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None:  # whoever waits next sets it anew
            return
        if self._loop.time() < self._deadline:
            self._set(self._deadline)
        else:
            self._is_over = True
            self._waiting.cancel()
