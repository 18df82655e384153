"""Counters inside one process: bounded, the one that was used the longest ago is forgotten first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Final

from msgspec import Struct

NAMES: Final = 100_000


class _Window(Struct, frozen=True):
    total: float
    ends_at: float


class MemoryCounters:
    """Keeps at most ``limit`` names. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: int = NAMES) -> None:
        self._clock = clock
        self._limit = limit
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    async def add(self, name: str, amount: float, window_s: float) -> float:
        now, known = self._clock(), self._windows.pop(name, None)
        if known is None or now >= known.ends_at:
            known = _Window(0.0, now + window_s)
        self._windows[name] = _Window(known.total + amount, known.ends_at)
        if len(self._windows) > self._limit:
            self._windows.popitem(last=False)
        return known.total + amount

    async def totals(self, names: Collection[str]) -> dict[str, float]:
        now = self._clock()
        known = {name: self._windows.get(name) for name in names}
        return {name: window.total if window and now < window.ends_at else 0.0 for name, window in known.items()}
