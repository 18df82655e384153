"""How soon changes of the knowledge's sources could be found, of each source the newest ones (K-5): pure."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

LOOKED_AT: Final = 200
"""Changes of a source that are looked at."""


class SourceFreshness(Struct, frozen=True, kw_only=True):
    """Seconds. ``found`` counts the changes since the process began; None: there was none yet."""

    limit_s: float
    found: int = 0
    last_at: datetime | None = None
    last_lag_s: float | None = None
    slowest_lag_s: float | None = None

    @property
    def is_late(self) -> bool:
        """One of the newest changes took longer than it may."""
        return self.slowest_lag_s is not None and self.slowest_lag_s > self.limit_s

    def beside(self, other: "SourceFreshness") -> "SourceFreshness":
        """What two processes have counted of the same source."""
        later = max(self, other, key=lambda one: (one.last_at is not None, one.last_at))
        slowest = [one.slowest_lag_s for one in (self, other) if one.slowest_lag_s is not None]
        return replace(later, found=self.found + other.found, slowest_lag_s=max(slowest, default=None))


class Freshness:
    """Of one process, since it started."""

    def __init__(self) -> None:
        self._limits: dict[str, float] = {}
        self._lags: dict[str, deque[float]] = {}
        self._found: dict[str, int] = {}
        self._last: dict[str, datetime] = {}

    def limit(self, source: str, limit_s: float) -> None:
        """How long a change of the source may take until it can be found."""
        self._limits[source] = limit_s

    def note(self, source: str, lag_s: float, at: datetime) -> None:
        """A change of the source can be found now, so long after it was emitted."""
        self._lags.setdefault(source, deque(maxlen=LOOKED_AT)).append(lag_s)
        self._found[source] = self._found.get(source, 0) + 1
        self._last[source] = at

    def told(self) -> Mapping[str, SourceFreshness]:
        """By source."""
        return {source: self._of(source, limit_s) for source, limit_s in self._limits.items()}

    def _of(self, source: str, limit_s: float) -> SourceFreshness:
        lags = self._lags.get(source)
        return SourceFreshness(
            limit_s=limit_s,
            found=self._found.get(source, 0),
            last_at=self._last.get(source),
            last_lag_s=lags[-1] if lags else None,
            slowest_lag_s=max(lags) if lags else None,
        )
