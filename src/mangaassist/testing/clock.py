"""A clock that stands still until it is told to go on."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


class FakeClock:
    """Called, it gives monotonic seconds; ``now`` gives the same moment as UTC, ``wall`` as seconds since 1970."""

    def __init__(self, seconds: float = 1000.0) -> None:
        self._first = self._seconds = seconds

    def __call__(self) -> float:
        return self._seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds - self._first)

    def wall(self) -> float:
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        self._seconds += seconds
