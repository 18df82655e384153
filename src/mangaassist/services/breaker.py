"""A circuit breaker and a retry budget (S-4): when a service may be called, and when it may be called again. No clock, no IO.

Theory of operation. Ended calls are counted by second over a sliding minute. Once there are enough of them, too large a share
of failed ones opens the breaker, and so does too large a share of slow ones. Since a minute of good calls would outweigh an
outage for many seconds, a run opens it as well: as many calls on end, over two seconds at least, of which none was good. It
stays open for half a minute, then lets one call through as a probe: a quick good one closes it, any other opens it again, for
twice as long, up to five minutes. Only a minute closed without opening again ends such a row. A slow call that succeeded is good
by the first rate and slow by the second; a call that ran into its time limit is bad and slow.
"""

from collections import deque
from typing import Final, Literal

from msgspec import Struct

BreakerState = Literal["closed", "open", "half_open"]

WINDOW_S: Final = 60
MINIMUM_CALLS: Final = 10
RUN_S: Final = 2.0
"""So long must nothing have been good for an outage: a service that starts anew within a second is none."""
OPEN_S: Final = 30.0
LONGEST_OPEN_S: Final = 300.0
RETRY_SHARE: Final = 5
"""Calls that earn one retry."""
MOST_RETRIES_SAVED: Final = 5
"""Retries that a service may make in a row after however many good calls."""


class _Second(Struct):
    """The calls that ended in one second of the clock."""

    second: int
    calls: int = 0
    bad: int = 0
    slow: int = 0


class Breaker:
    """Decides whether a service may be called. Times are seconds of one monotonic clock.

    Remembers counts by second, so that it holds at most 61 buckets however many calls there are.
    """

    def __init__(self, threshold: float, slow_threshold: float = 1.0, minimum_calls: int = MINIMUM_CALLS) -> None:
        """Shares of failed and of slow calls, above 0 to 1, at which it opens once ``minimum_calls`` were made."""
        self._threshold = threshold
        self._slow_threshold = slow_threshold
        self._minimum = minimum_calls
        self._seconds: deque[_Second] = deque()
        self._window = _Second(0)
        self._run = 0
        self._run_since = 0.0
        self._opened_at: float | None = None
        self._closed_at: float | None = None
        self._row = 0
        self._probing = False

    def allow(self, now: float) -> bool:
        """Whether a call may go out. Every allowed call must be recorded, or a probe would never be followed by another."""
        if self._opened_at is None:
            return True
        if now - self._opened_at < self.open_s or self._probing:
            return False
        self._probing = True
        return True

    def record(self, now: float, ok: bool | None, slow: bool = False) -> bool:
        """Note how an allowed call ended; gives whether it has opened the breaker.

        ``ok`` is None when it says nothing about the service (cancelled, rejected as wrong).
        """
        if self._opened_at is not None:
            return self._note_probe(now, ok, slow)
        if ok is None:
            return False
        self._count(now, ok, slow)
        if self._is_outage(now) or self._is_over():
            self._open(now)
            return True
        return False

    def state(self, now: float) -> BreakerState:
        if self._opened_at is None:
            return "closed"
        return "open" if now - self._opened_at < self.open_s else "half_open"

    @property
    def open_s(self) -> float:
        """How long the newest opening lasts: 30, 60, 120 … 300 seconds, the more of them followed each other."""
        return min(OPEN_S * 2 ** (max(self._row, 1) - 1), LONGEST_OPEN_S)

    @property
    def calls(self) -> int:
        """Calls in the window as of the last record."""
        return self._window.calls

    @property
    def error_rate(self) -> float:
        """Share of failed calls in the window as of the last record; 0 when there were none."""
        return self._window.bad / self.calls if self.calls else 0.0

    @property
    def slow_rate(self) -> float:
        """Share of slow calls in the window as of the last record; 0 when there were none."""
        return self._window.slow / self.calls if self.calls else 0.0

    def _is_over(self) -> bool:
        """Whether one of the rates is over its threshold."""
        if self.calls < self._minimum:
            return False
        return self.error_rate >= self._threshold or self.slow_rate >= self._slow_threshold

    def _is_outage(self, now: float) -> bool:
        """Whether none of the newest calls was good."""
        return self._run >= self._minimum and RUN_S <= now - self._run_since < WINDOW_S

    def _note_probe(self, now: float, ok: bool | None, slow: bool) -> bool:
        # A call that began before the breaker opened may end while it is open: it is no probe and decides nothing.
        if not self._probing:
            return False
        self._probing = False
        if ok and not slow:
            self._opened_at, self._closed_at = None, now
        elif ok is not None:
            self._open(now)
            return True
        return False

    def _open(self, now: float) -> None:
        recovered = self._opened_at is None and (self._closed_at is None or now - self._closed_at >= WINDOW_S)
        self._row = 1 if recovered else min(self._row + 1, 10)
        self._opened_at = now
        self._seconds.clear()
        self._window = _Second(0)
        self._run = 0

    def _count(self, now: float, ok: bool, slow: bool) -> None:
        second = int(now)
        self._forget(second)
        if not self._seconds or self._seconds[-1].second != second:
            self._seconds.append(_Second(second))
        if ok and not slow:
            self._run = 0
        else:
            self._run_since = now if self._run == 0 else self._run_since
            self._run += 1
        for counts in (self._seconds[-1], self._window):
            counts.calls += 1
            counts.bad += not ok
            counts.slow += slow

    def _forget(self, second: int) -> None:
        while self._seconds and self._seconds[0].second <= second - WINDOW_S:
            old = self._seconds.popleft()
            self._window.calls -= old.calls
            self._window.bad -= old.bad
            self._window.slow -= old.slow


class RetryBudget:
    """At most a fifth of a service's calls, rounded up, are tried again: the very first one may be.

    Every call saves a fifth of a retry, of which a few are kept: a service that was well for an hour may not be asked
    twice as often for a minute when it falls.
    """

    def __init__(self) -> None:
        self._saved = RETRY_SHARE - 1

    def note_call(self) -> None:
        """A call begins that is no retry."""
        self._saved = min(self._saved + 1, RETRY_SHARE * MOST_RETRIES_SAVED)

    def take(self) -> bool:
        """Whether a call may be tried again; if so, that is paid for."""
        if self._saved < RETRY_SHARE:
            return False
        self._saved -= RETRY_SHARE
        return True
