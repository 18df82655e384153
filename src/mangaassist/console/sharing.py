"""Each process tells the others its figures and its single turns, and hears theirs: the console shows them together (O-6)."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from mangaassist.console.figures import Covered
from mangaassist.console.noticeboard import Noticeboard
from mangaassist.console.process_figures import ProcessFigures, Watched, figures_of
from mangaassist.console.telling import Teller, Told
from mangaassist.console.turns import ProcessTurns, turns_of

TURNS_TOLD: Final = 10
"""Of the newest and of the slowest turns, those that others are told."""


class Sharing(Teller):
    def __init__(self, watched: Watched, figures: Noticeboard, turns: Noticeboard, now: Callable[[], datetime]) -> None:
        self._watched = watched
        self._figures = Told(figures, watched.process, ProcessFigures)
        self._turns = Told(turns, watched.process, ProcessTurns)
        self._now = now
        super().__init__((self._figures, self._turns))

    async def figures(self) -> tuple[list[Covered], bool]:
        """This process as it is at this moment, the others as they last told, and whether that is all of them."""
        heard = await self._figures.others()
        own = Covered(figures_of(self._watched, self._now()))
        return [own, *(Covered(one, age_s) for one, age_s in heard.told)], heard.is_all

    async def turns(self) -> tuple[list[ProcessTurns], bool]:
        heard = await self._turns.others()
        own = turns_of(self._watched.metrics.recent, self._watched.process)
        return [own, *(one for one, _ in heard.told)], heard.is_all

    async def tell(self) -> None:
        process, recent = self._watched.process, self._watched.metrics.recent
        await self._figures.tell(figures_of(self._watched, self._now()))
        await self._turns.tell(turns_of(recent, process, TURNS_TOLD))
