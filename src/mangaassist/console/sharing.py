"""Each process tells the others its figures every few seconds, and hears theirs: the console shows them together (O-6).

Nobody waits for it but who looks. A process that tells nothing for a while drops out; one that tells what this one cannot read, as
in the midst of an update, is left out, and that is said.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.console.figures import Covered
from mangaassist.console.noticeboard import Noticeboard
from mangaassist.console.process_figures import ProcessFigures, Watched, figures_of
from mangaassist.console.turns import ProcessTurns, turns_of
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger

T = TypeVar("T")

EVERY_S: Final = 3.0
TURNS_TOLD: Final = 10
"""Of the newest and of the slowest turns, those that others are told."""
_PACK: Final = msgspec.msgpack.Encoder().encode
_FIGURES: Final = msgspec.msgpack.Decoder(ProcessFigures)
_TURNS: Final = msgspec.msgpack.Decoder(ProcessTurns)
_log = logger("console")


class Heard(Struct, Generic[T], frozen=True):
    """What the others told, with its age in seconds. ``is_all`` False: some of them, or all, could not be heard or read."""

    told: tuple[tuple[T, float], ...] = ()
    is_all: bool = True


class Sharing:
    """Owns the task that tells. Use it as a context manager; without that nothing is told, and others are heard all the same."""

    def __init__(self, watched: Watched, figures: Noticeboard, turns: Noticeboard, now: Callable[[], datetime]) -> None:
        self._watched = watched
        self._figures = figures
        self._turns = turns
        self._now = now
        self._task: asyncio.Task[None] | None = None

    async def figures(self) -> tuple[list[Covered], bool]:
        """This process as it is at this moment, the others as they last told, and whether that is all of them."""
        heard = await self._heard(self._figures, _FIGURES)
        own = Covered(figures_of(self._watched, self._now()))
        return [own, *(Covered(one, age_s) for one, age_s in heard.told)], heard.is_all

    async def turns(self) -> tuple[list[ProcessTurns], bool]:
        heard = await self._heard(self._turns, _TURNS)
        own = turns_of(self._watched.metrics.recent, self._watched.process)
        return [own, *(one for one, _ in heard.told)], heard.is_all

    async def tell(self) -> None:
        """Raises ``ServiceFailure``."""
        process, recent = self._watched.process, self._watched.metrics.recent
        await self._figures.post(process, _PACK(figures_of(self._watched, self._now())))
        await self._turns.post(process, _PACK(turns_of(recent, process, TURNS_TOLD)))

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="console_sharing")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(ServiceFailure):  # then it drops out by itself
            for board in (self._figures, self._turns):
                await board.take_down(self._watched.process)

    async def _run(self) -> None:
        while True:
            try:
                await self.tell()
            except ServiceFailure:  # it is away: the next round tells what is newest then
                pass
            except Exception:
                _log.exception("console_sharing_failed")
            await asyncio.sleep(EVERY_S)

    async def _heard(self, board: Noticeboard, decoder: "msgspec.msgpack.Decoder[T]") -> Heard[T]:
        try:
            notices = await board.notices()
        except ServiceFailure:
            return Heard(is_all=False)
        others = [notice for notice in notices if notice.process != self._watched.process]
        told = [(one, notice.age_s) for notice in others if (one := _read(notice.told, decoder)) is not None]
        return Heard(tuple(told), is_all=len(told) == len(others))


def _read(told: bytes, decoder: "msgspec.msgpack.Decoder[T]") -> T | None:
    try:
        return decoder.decode(told)
    except msgspec.MsgspecError:
        return None
