"""Each process tells the others how fresh its knowledge is, what it has set aside, and what is to be tried again (O-6).

What one is asked by an operator stands on a board for as long as what is told there counts, and each does its own part of it.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from mangaassist.console.noticeboard import LIVES_S, Noticeboard
from mangaassist.console.process_knowledge import Ask, ProcessKnowledge, line_of
from mangaassist.console.telling import Heard, Teller, Told
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.telemetry.freshness import Freshness
from mangaassist.wire.console_knowledge import MOST_LETTERS

LETTERS_TOLD: Final = 30
"""Events set aside that others are told, of the newest."""
LIVES: Final = timedelta(seconds=LIVES_S)


class WatchedKnowledge(Struct, frozen=True, kw_only=True):
    """What is looked at of this process. ``freshness`` knows nothing in one that only serves (``is_indexing``)."""

    process: str
    letters: DeadLetters
    freshness: Freshness
    index: ServingIndex
    is_indexing: bool = True


class KnowledgeSharing(Teller):
    """``told`` and ``asked`` are boards of their own. ``now`` gives UTC."""

    def __init__(
        self, watched: WatchedKnowledge, told: Noticeboard, asked: Noticeboard, now: Callable[[], datetime]
    ) -> None:
        self._watched = watched
        self._now = now
        self._told = Told(told, watched.process, ProcessKnowledge)
        self._asked = Told(asked, watched.process, tuple[Ask, ...])
        self._asks: tuple[Ask, ...] = ()
        """What operators asked of this process, as long as others may not have heard it."""
        self._done: frozenset[str] = frozenset()
        """What others were asked and this one has done already."""
        super().__init__((self._told, self._asked))

    async def look(self) -> tuple[ProcessKnowledge, Heard[ProcessKnowledge], Sequence[Ask]]:
        """This process as it is at this moment, the others as they last told, and what is to be tried again by whoever has it."""
        asked = [ask for asks, _ in (await self._asked.others()).told for ask in asks]
        return await self._own(MOST_LETTERS), await self._told.others(), (*self._asks, *asked)

    async def ask_again(self, letter_ids: Sequence[str] | None) -> tuple[int, bool]:
        """Have every process try these again, None for all; gives how many this one has, and whether the others are told.

        Raises ``ServiceFailure`` when what this one has cannot be reached.
        """
        own = await self._watched.letters.ask_again(letter_ids)
        now = self._now()
        letters = None if letter_ids is None else frozenset(letter_ids)
        ask = Ask(id=secrets.token_hex(8), at=now, letters=letters)
        self._asks = (*(one for one in self._asks if now - one.at < LIVES), ask)
        try:
            await self._asked.tell(self._asks)
        except ServiceFailure:
            return own, False
        return own, True

    async def tell(self) -> None:
        await self._told.tell(await self._own(LETTERS_TOLD))
        await self._do_asked()

    async def _do_asked(self) -> None:
        asked = {ask.id: ask for asks, _ in (await self._asked.others()).told for ask in asks}
        self._done &= asked.keys()
        for ask in asked.values():
            if ask.id not in self._done:
                await self._watched.letters.ask_again(None if ask.letters is None else sorted(ask.letters))
                self._done |= {ask.id}

    async def _own(self, letters: int) -> ProcessKnowledge:
        watched, reads_letters = self._watched, True
        try:
            set_aside = dict(await watched.letters.counted())
            lines = tuple(map(line_of, await watched.letters.newest(letters)))
        except ServiceFailure:
            set_aside, lines, reads_letters = {}, (), False
        return ProcessKnowledge(
            process=watched.process,
            version=watched.index.knowledge_version,
            is_indexing=watched.is_indexing,
            changes_wait=watched.index.by_words_alone,
            freshness=dict(watched.freshness.told()),
            set_aside=set_aside,
            letters=lines,
            reads_letters=reads_letters,
        )
