"""Counters inside one process: bounded, the one that was used the longest ago is forgotten first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any, Final

from msgspec import Struct

from mangaassist.domain.counting import FULL, MICROS, Bucket, Taken, given_back, taken

NAMES: Final = 100_000


class _Window(Struct, frozen=True):
    total: float
    ends_at: float


class MemoryCounters:
    """Keeps at most ``limit`` sums and as many buckets. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: int = NAMES) -> None:
        self._clock = clock
        self._limit = limit
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._full_at: OrderedDict[str, int] = OrderedDict()

    async def add(self, name: str, amount: float, window_s: float) -> float:
        now, known = self._clock(), self._windows.pop(name, None)
        if known is None or now >= known.ends_at:
            known = _Window(0.0, now + window_s)
        self._windows[name] = _Window(known.total + amount, known.ends_at)
        self._forget(self._windows)
        return known.total + amount

    async def totals(self, names: Collection[str]) -> dict[str, float]:
        now = self._clock()
        known = {name: self._windows.get(name) for name in names}
        return {name: window.total if window and now < window.ends_at else 0.0 for name, window in known.items()}

    async def take(self, name: str, bucket: Bucket) -> Taken:
        full_at, outcome = taken(self._full_at.pop(name, FULL), self._now(), bucket)
        self._full_at[name] = full_at
        self._forget(self._full_at)
        return outcome

    async def give_back(self, name: str, bucket: Bucket) -> None:
        if name in self._full_at:
            self._full_at[name] = given_back(self._full_at[name], self._now(), bucket)

    async def ping(self) -> None:
        """It is always there."""

    def _now(self) -> int:
        return int(self._clock() * MICROS)

    def _forget(self, named: OrderedDict[str, Any]) -> None:
        if len(named) > self._limit:
            named.popitem(last=False)
