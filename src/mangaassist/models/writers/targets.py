"""Which of a model's targets is called next: the first that was not throttled just now. Pure (O-5).

Provisioned throughput is paid for whether it is used or not, so it is asked first, and again as soon as it may have room.
"""

from collections.abc import Sequence
from typing import Final

THROTTLED_S: Final = 5.0
"""How long a target that was throttled is passed over: it is counted by the minute, and room comes back bit by bit."""


class Targets:
    """Lives as long as the process. ``ids`` in the order in which they are preferred; moments are monotonic seconds."""

    def __init__(self, ids: Sequence[str], throttled_s: float = THROTTLED_S) -> None:
        self._ids = tuple(ids)
        self._throttled_s = throttled_s
        self._free_at: dict[str, float] = {}

    def order(self, now: float) -> tuple[str, ...]:
        """Those to try, one after the other: those with room, and where none has, all of them."""
        return tuple(each for each in self._ids if self._free_at.get(each, now) <= now) or self._ids

    def throttled(self, target: str, now: float) -> None:
        self._free_at[target] = now + self._throttled_s
