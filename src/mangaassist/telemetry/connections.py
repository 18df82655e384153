"""Open sockets, and for how long all of them together have been open: a gateway is paid by the minute (O-9)."""

from collections.abc import Callable, Generator
from contextlib import contextmanager


class Connections:
    """Of one process, since it started. ``clock`` gives monotonic seconds."""

    def __init__(self) -> None:
        self.open = 0
        self._since_sum = 0.0
        self._ended_s = 0.0

    @contextmanager
    def held(self, clock: Callable[[], float]) -> Generator[None]:
        """Around a socket from its greeting to its end."""
        since = clock()
        self.open += 1
        self._since_sum += since
        try:
            yield
        finally:
            self.open -= 1
            self._since_sum -= since
            self._ended_s += clock() - since

    def seconds(self, now: float) -> float:
        """How long sockets were open up to ``now``, those that still are included."""
        return self._ended_s + self.open * now - self._since_sum
