"""The change log of the catalogue: every product's newest change, in order, for any number of readers."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

import msgspec

COMPACT_ABOVE = 2
"""The log is compacted once it is so many times as long as there are products."""
READ_AT_ONCE = 256


class Change(msgspec.Struct, frozen=True):
    """A product was put in or taken out; the cursor is also the product's version."""

    cursor: int
    asin: str
    deleted: bool
    emitted_at: datetime


class ChangeLog:
    """Changes by cursor. A reader keeps nothing here but its cursor, so a slow one costs no memory."""

    def __init__(self, first_cursor: int = 1) -> None:
        self._next = first_cursor
        self._entries: list[Change] = []
        self._newest: dict[str, int] = {}
        self._news = asyncio.Event()

    @property
    def head(self) -> int:
        """The newest cursor; 0 before the first change."""
        return self._entries[-1].cursor if self._entries else 0

    def add(self, asin: str, *, deleted: bool, now: datetime) -> Change:
        """Note a change of a product and wake every reader."""
        change = Change(self._next, asin, deleted, now)
        self._next += 1
        self._entries.append(change)
        self._newest[asin] = change.cursor
        if len(self._entries) > COMPACT_ABOVE * len(self._newest) + READ_AT_ONCE:
            self._entries = list(self._current(self._entries))
        self._news.set()
        self._news = asyncio.Event()
        return change

    def version(self, asin: str) -> int:
        """The version of a product: the cursor of its newest change, 0 where there is none."""
        return self._newest.get(asin, 0)

    def after(self, cursor: int, limit: int = READ_AT_ONCE) -> list[Change]:
        """Up to `limit` log entries beyond a cursor, oldest first; may hold superseded ones."""
        start = bisect_right(self._entries, cursor, key=lambda change: change.cursor)
        return self._entries[start : start + limit]

    async def follow(self, cursor: int) -> AsyncIterator[Change]:
        """Each product's newest change after a cursor, then changes as they happen, without end.

        A cursor that this log never gave (beyond its head) reads everything.
        """
        if cursor > self.head:
            cursor = 0
        while True:
            news = self._news
            batch = self.after(cursor)
            for change in batch:
                if self._newest[change.asin] == change.cursor:
                    yield change
                cursor = change.cursor
            if not batch:
                await news.wait()

    def _current(self, entries: Iterable[Change]) -> Iterable[Change]:
        return (change for change in entries if self._newest[change.asin] == change.cursor)
