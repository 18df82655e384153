"""A feed of changes in memory: what is told to it is heard by everybody who reads it, from wherever each begins."""

import asyncio
from collections.abc import AsyncGenerator

from mangaassist.domain.products import ProductChange
from mangaassist.knowledge.sources.changes import Forgotten, Heard, Unread


class MemoryFeed:
    """Methods are those of ``ChangeFeed``. ``forgets_before``: how many of the oldest changes are no longer kept."""

    name = "memory"

    def __init__(self) -> None:
        self.forgets_before = 0
        self._told: list[ProductChange | str] = []
        self._more = asyncio.Condition()

    async def tell(self, change: ProductChange | str) -> None:
        """A text is an event that is no change."""
        async with self._more:
            self._told.append(change)
            self._more.notify_all()

    async def after(self, cursor: str) -> AsyncGenerator[Heard | Unread]:
        place = int(cursor) if cursor.isdecimal() else 0
        if cursor and place < self.forgets_before:
            raise Forgotten
        place = max(place, self.forgets_before)
        while True:
            async with self._more:
                while len(self._told) == place:
                    await self._more.wait()
            told, place = self._told[place], place + 1
            heard = Unread(told, "no change", str(place)) if isinstance(told, str) else Heard(told, str(place))
            yield heard
