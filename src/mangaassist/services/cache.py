"""A bounded cache whose entries live for a fixed time; the least recently used one leaves first. No clock, no IO."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Kept(Struct, Generic[T], frozen=True):
    """A value, and the moment (seconds of the cache's clock) from which it is stale."""

    value: T
    stale_at: float


class TtlCache(Generic[T]):
    """Times are seconds of one monotonic clock. A value of age ``ttl_s`` or more is never given out."""

    def __init__(self, ttl_s: float, limit: int) -> None:
        self._ttl_s = ttl_s
        self._limit = limit
        self._entries: OrderedDict[Hashable, Kept[T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable, now: float) -> T | None:
        kept = self._entries.get(key)
        if kept is None:
            return None
        if now >= kept.stale_at:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return kept.value

    def put(self, key: Hashable, value: T, now: float) -> None:
        self._entries[key] = Kept(value, now + self._ttl_s)
        self._entries.move_to_end(key)
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)
