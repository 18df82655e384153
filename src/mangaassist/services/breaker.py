"""A circuit breaker (S-4): error rate over a sliding minute, open for half a minute, then one probe. No clock, no IO."""

from collections import deque
from typing import Final, Literal

from msgspec import Struct

BreakerState = Literal["closed", "open", "half_open"]

WINDOW_S: Final = 60
MINIMUM_CALLS: Final = 10
OPEN_S: Final = 30.0


class _Second(Struct):
    """The calls that ended in one second of the clock."""

    second: int
    good: int = 0
    bad: int = 0


class Breaker:
    """Decides whether a service may be called. Times are seconds of one monotonic clock.

    Remembers counts by second, so that it holds at most 61 buckets however many calls there are.
    """

    def __init__(self, threshold: float, minimum_calls: int = MINIMUM_CALLS) -> None:
        """``threshold``: share of failed calls, above 0 to 1, at which it opens once ``minimum_calls`` were made."""
        self._threshold = threshold
        self._minimum = minimum_calls
        self._seconds: deque[_Second] = deque()
        self._good = 0
        self._bad = 0
        self._opened_at: float | None = None
        self._probing = False

    def allow(self, now: float) -> bool:
        """Whether a call may go out. Every allowed call must be recorded, or a probe would never be followed by another."""
        if self._opened_at is None:
            return True
        if now - self._opened_at < OPEN_S or self._probing:
            return False
        self._probing = True
        return True

    def record(self, now: float, ok: bool | None) -> None:
        """Note how an allowed call ended; None when it says nothing about the service (cancelled, rejected as wrong)."""
        if self._opened_at is not None:
            self._note_probe(now, ok)
        elif ok is not None:
            self._count(now, ok)
            if self.calls >= self._minimum and self.error_rate >= self._threshold:
                self._open(now)

    def state(self, now: float) -> BreakerState:
        if self._opened_at is None:
            return "closed"
        return "open" if now - self._opened_at < OPEN_S else "half_open"

    @property
    def calls(self) -> int:
        """Calls in the window as of the last record."""
        return self._good + self._bad

    @property
    def error_rate(self) -> float:
        """Share of failed calls in the window as of the last record; 0 when there were none."""
        return self._bad / self.calls if self.calls else 0.0

    def _note_probe(self, now: float, ok: bool | None) -> None:
        # A call that began before the breaker opened may end while it is open: it is no probe and decides nothing.
        if not self._probing:
            return
        self._probing = False
        if ok:
            self._opened_at = None
        elif ok is False:
            self._open(now)

    def _open(self, now: float) -> None:
        self._opened_at = now
        self._seconds.clear()
        self._good = self._bad = 0

    def _count(self, now: float, ok: bool) -> None:
        second = int(now)
        self._forget(second)
        if not self._seconds or self._seconds[-1].second != second:
            self._seconds.append(_Second(second))
        if ok:
            self._seconds[-1].good += 1
            self._good += 1
        else:
            self._seconds[-1].bad += 1
            self._bad += 1

    def _forget(self, second: int) -> None:
        while self._seconds and self._seconds[0].second <= second - WINDOW_S:
            old = self._seconds.popleft()
            self._good -= old.good
            self._bad -= old.bad
