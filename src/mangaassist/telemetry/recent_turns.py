"""The newest turns as figures and stages, without a word of a shopper's: what the console shows of single turns (O-6).

No clock and no IO: whoever notes a turn says when it was. What is kept is bounded, however many turns there are.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from mangaassist.wire.metadata import AnswerMetadata

KEPT: Final = 2000
"""Turns of which every figure is kept."""
RATE_S: Final = 300
"""How far back it is known how many turns each second had."""


class StageSpan(Struct, frozen=True):
    """A stage of a turn: when it began, from the turn's beginning, and how long it took, in milliseconds."""

    stage: str
    began_ms: float
    took_ms: float


class TurnFigures(Struct, frozen=True, kw_only=True):
    """A turn that was saved. ``answer`` holds no text; ``corrected`` names the stage of each of its corrections."""

    at: datetime
    answer: AnswerMetadata
    corrected: tuple[str, ...] = ()
    spans: tuple[StageSpan, ...] = ()


class RecentTurns:
    """Of one process, since it started."""

    def __init__(self) -> None:
        self._turns = deque[TurnFigures](maxlen=KEPT)
        self._seconds = deque[tuple[int, int]]()

    def note(self, turn: TurnFigures) -> None:
        self._turns.append(turn)
        second = int(turn.at.timestamp())
        count = self._seconds.pop()[1] if self._seconds and self._seconds[-1][0] == second else 0
        self._seconds.append((second, count + 1))
        while self._seconds[0][0] <= second - RATE_S:
            self._seconds.popleft()

    @property
    def turns(self) -> Sequence[TurnFigures]:
        """The oldest first."""
        return tuple(self._turns)

    def newest(self, count: int) -> Sequence[TurnFigures]:
        """The newest first."""
        return tuple(self._turns)[: -count - 1 : -1]

    def slowest(self, count: int) -> Sequence[TurnFigures]:
        """Those that took longest as a whole, the slowest first."""
        return sorted(self._turns, key=lambda turn: turn.answer.latency_ms, reverse=True)[:count]

    def rate(self, now: datetime, bin_s: int) -> tuple[int, ...]:
        """Turns in each ``bin_s`` seconds of the last ``RATE_S``, the oldest first, without the second that ``now`` is in."""
        bins = [0] * (RATE_S // bin_s)
        end = int(now.timestamp())
        for second, count in self._seconds:
            back = (end - 1 - second) // bin_s
            if 0 <= back < len(bins):
                bins[-1 - back] += count
        return tuple(bins)
