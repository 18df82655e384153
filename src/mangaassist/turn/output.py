"""Where an answer goes while it is being written, and what may end it early: the turn's side of the conversation."""

import asyncio
from types import TracebackType
from typing import Protocol, Self

from mangaassist.domain.evidence import Degradation


class Output(Protocol):
    """Takes an answer piece by piece. May wait when the log is away or slow; raises when nobody may write any more."""

    async def degraded(self, degradation: Degradation) -> None: ...

    async def text(self, content: str) -> None: ...


class Stop:
    """Ends whatever waits inside ``with stop`` at once, from any other task (W-14).

    A block that is entered after the stop ends before its first wait does. What the block was waiting for is cancelled; the
    code after the block goes on, so that what was written is still reviewed and saved (T-8).
    """

    def __init__(self) -> None:
        self.is_set = False
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0

    def set(self) -> None:
        if not self.is_set:
            self.is_set = True
            if self._task is not None:
                self._task.cancel()

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        if self.is_set:
            self._task.cancel()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        task, self._task = self._task, None
        assert task is not None
        if not self.is_set:
            return False
        # Ours is the only cancellation: whoever else cancelled this task wants more than the end of the block.
        ours = task.uncancel() <= self._cancelling
        return ours and kind is asyncio.CancelledError
