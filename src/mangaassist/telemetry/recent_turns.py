"""The newest turns as figures and stages, without a word of a shopper's: what the console shows of single turns (O-6).

No clock and no IO: whoever notes a turn says when it was. What is kept is bounded, however many turns there are.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from itertools import islice
from typing import Final

from msgspec import Struct

from mangaassist.telemetry.turn_tally import TurnTally
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


class CallSpan(Struct, frozen=True, kw_only=True):
    """A question to a service: when it was asked within which stage, how long it was waited for, and what came of it (``ok``,
    ``cached``, ``absent`` or the kind of the failure, ``open`` of a breaker), ``retried``: by more than one try."""

    service: str
    question: str
    stage: str
    began_ms: float
    took_ms: float
    outcome: str
    retried: bool = False


class TurnFigures(Struct, frozen=True, kw_only=True):
    """A turn that was saved. ``answer`` holds no text; ``corrected`` names the stage of each of its corrections."""

    at: datetime
    answer: AnswerMetadata
    corrected: tuple[str, ...] = ()
    spans: tuple[StageSpan, ...] = ()
    calls: tuple[CallSpan, ...] = ()


class SecondCount(Struct, frozen=True):
    """Turns that were saved within one second (since 1970), and those of them that did without a service."""

    second: int
    turns: int
    degraded: int


class RecentTurns:
    """Of one process, since it started. ``tally`` is what the turns that are kept come to."""

    def __init__(self) -> None:
        self.tally = TurnTally()
        self._turns = deque[TurnFigures]()
        self._seconds = deque[SecondCount]()

    def note(self, turn: TurnFigures) -> None:
        self._turns.append(turn)
        self.tally.count(turn.answer)
        if len(self._turns) > KEPT:
            self.tally.count(self._turns.popleft().answer, -1)
        second = int(turn.at.timestamp())
        is_new = not self._seconds or self._seconds[-1].second != second
        before = SecondCount(second, 0, 0) if is_new else self._seconds.pop()
        self._seconds.append(SecondCount(second, before.turns + 1, before.degraded + bool(turn.answer.degraded)))
        while self._seconds[0].second <= second - RATE_S:
            self._seconds.popleft()

    @property
    def seconds(self) -> tuple[SecondCount, ...]:
        """Those of the last ``RATE_S`` before the newest turn that had any, the oldest first."""
        return tuple(self._seconds)

    def newest(self, count: int) -> Sequence[TurnFigures]:
        """The newest first."""
        return tuple(islice(reversed(self._turns), count))

    def slowest(self, count: int) -> Sequence[TurnFigures]:
        """Those that took longest as a whole, the slowest first."""
        return nlargest(count, self._turns, key=lambda turn: turn.answer.latency_ms)


class Rate(Struct, frozen=True):
    """Turns in each bin, the oldest first, and those of them that did without a service."""

    turns: tuple[int, ...]
    degraded: tuple[int, ...]


def rate(seconds: Iterable[SecondCount], now: datetime, bin_s: int) -> Rate:
    """In each ``bin_s`` seconds of the last ``RATE_S``, without the second that ``now`` is in.

    A second may be there several times, once for each process.
    """
    turns, degraded = [0] * (RATE_S // bin_s), [0] * (RATE_S // bin_s)
    end = int(now.timestamp())
    for one in seconds:
        back = (end - 1 - one.second) // bin_s
        if 0 <= back < len(turns):
            turns[-1 - back] += one.turns
            degraded[-1 - back] += one.degraded
    return Rate(tuple(turns), tuple(degraded))
