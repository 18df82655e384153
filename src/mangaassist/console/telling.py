"""What each process tells the others every few seconds for the console, one kind of thing a board, and what it hears of them (O-6).

Nobody waits for it but who looks. A process that tells nothing for a while drops out; one that tells what this one cannot read, as
in the midst of an update, is left out, and that is said.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.console.noticeboard import Noticeboard
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger

T = TypeVar("T")

EVERY_S: Final = 3.0
_PACK: Final = msgspec.msgpack.Encoder().encode
_log = logger("console")


class Heard(Struct, Generic[T], frozen=True):
    """What the others told, with its age in seconds. ``is_all`` False: some of them, or all, could not be heard or read."""

    told: tuple[tuple[T, float], ...] = ()
    is_all: bool = True


class Told(Generic[T]):
    """A board on which every process tells a ``kind`` of thing, this one under its name."""

    def __init__(self, board: Noticeboard, process: str, kind: type[T]) -> None:
        self._board = board
        self._process = process
        self._decoder = msgspec.msgpack.Decoder(kind)

    async def tell(self, own: T) -> None:
        """Raises ``ServiceFailure``."""
        await self._board.post(self._process, _PACK(own))

    async def others(self) -> Heard[T]:
        try:
            notices = await self._board.notices()
        except ServiceFailure:
            return Heard(is_all=False)
        others = [notice for notice in notices if notice.process != self._process]
        told = [(one, notice.age_s) for notice in others if (one := self._read(notice.told)) is not None]
        return Heard(tuple(told), is_all=len(told) == len(others))

    async def leave(self) -> None:
        with suppress(ServiceFailure):  # then it drops out by itself
            await self._board.take_down(self._process)

    def _read(self, told: bytes) -> T | None:
        try:
            return self._decoder.decode(told)
        except msgspec.MsgspecError:
            return None


class Teller(ABC):
    """Owns the task that tells. Use it as a context manager; without that nothing is told, and others are heard all the same."""

    def __init__(self, boards: Sequence[Told[Any]]) -> None:
        self._boards = boards
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def tell(self) -> None:
        """How this process is now. Raises ``ServiceFailure``."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="console_telling")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for board in self._boards:
            await board.leave()

    async def _run(self) -> None:
        while True:
            try:
                await self.tell()
            except ServiceFailure:  # it is away: the next round tells what is newest then
                pass
            except Exception:
                _log.exception("console_telling_failed")
            await asyncio.sleep(EVERY_S)
