"""The cache inside one process: bounded in each space, the least recently used leaves first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from mangaassist.services.cache import Dated, Space

ENTRIES: Final = 4096


class _Kept(Struct, frozen=True):
    """``stale_at``: the moment from which it is not given out any more."""

    dated: Dated
    stale_at: float


_EMPTY: Final[OrderedDict[str, _Kept]] = OrderedDict()


class MemoryCache:
    """Keeps at most ``limit`` entries in each space. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, limit: int = ENTRIES) -> None:
        self._clock = clock
        self._limit = limit
        self._spaces: dict[str, OrderedDict[str, _Kept]] = {}

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        entries, now = self._spaces.get(space.name, _EMPTY), self._clock()
        found: dict[str, Dated] = {}
        for key in keys:
            kept = entries.get(key)
            if kept is not None and now < kept.stale_at:
                entries.move_to_end(key)
                found[key] = kept.dated
        return found

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        entries = self._spaces.setdefault(space.name, OrderedDict())
        stale_at = self._clock() + space.ttl_s
        for key, dated in items.items():
            entries[key] = _Kept(dated, stale_at)
            entries.move_to_end(key)
        while len(entries) > self._limit:
            entries.popitem(last=False)
