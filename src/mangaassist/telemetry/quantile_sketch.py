"""Percentiles of values that come and go, in figures that can be added up over processes: counts of buckets of one relative width.

A value is known to within one in a hundred, however many there are (the idea of DDSketch: Masson, Rim and Lee, VLDB 2019).
"""

from math import ceil, log
from typing import Final

from msgspec import Struct, field

LEAST: Final = 0.01
"""What is smaller counts as this; in milliseconds, ten microseconds."""
GROWTH: Final = 1.02
"""The upper end of a bucket, as a multiple of its lower one."""
_LOG_GROWTH: Final = log(GROWTH)


class QuantileSketch(Struct):
    """``counts`` of values by their bucket: the ``n``-th ends at ``LEAST * GROWTH ** n``."""

    counts: dict[int, int] = field(default_factory=dict[int, int])

    def add(self, value: float, times: int = 1) -> None:
        """A value has come; with -1, one that had come is gone."""
        self._count(_bucket(value), times)

    def merge(self, other: "QuantileSketch") -> None:
        for bucket, count in other.counts.items():
            self._count(bucket, count)

    def percentile(self, share: float) -> float | None:
        """The value at this nearest rank, 0 to 1; None where there is none."""
        total = sum(self.counts.values())
        rank = min(int(total * share), total - 1)
        for bucket in sorted(self.counts):
            rank -= self.counts[bucket]
            if rank < 0:
                return _middle(bucket)
        return None

    def _count(self, bucket: int, times: int) -> None:
        left = self.counts.get(bucket, 0) + times
        if left:
            self.counts[bucket] = left
        else:
            self.counts.pop(bucket, None)


def _bucket(value: float) -> int:
    return 0 if value <= LEAST else ceil(log(value / LEAST) / _LOG_GROWTH)


def _middle(bucket: int) -> float:
    """What is at most one in a hundred away from each value of the bucket."""
    return LEAST * GROWTH**bucket * 2 / (1 + GROWTH)
