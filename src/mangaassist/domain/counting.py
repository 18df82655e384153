"""What is counted, in figures that any number of processes may share: sums that end by themselves, and buckets of tokens.

Theory of operation. A bucket holds ``capacity`` tokens and gets as many back within ``window_s``, one after the other. All of its
state is one number, the moment at which it is full again if nobody takes any more. What is missing from it is then a span of time,
its *debt*: each token taken adds ``token_us`` to it, and time takes it away. A token may be taken as long as the debt stays within
``whole_us``. A clock that jumps can do no more harm than empty a bucket or fill it, once.

Moments and spans are whole microseconds, so that a script that counts in floating point decides alike.
"""

from collections.abc import Collection
from math import ceil
from typing import Final, Protocol

from msgspec import Struct

MICROS: Final = 1_000_000
FULL: Final = 0
"""The state of a bucket that nobody has taken from: it was full long ago."""


class Bucket(Struct, frozen=True):
    """``capacity`` tokens at once, and as many more in each ``window_s`` seconds. Both are above zero."""

    capacity: int
    window_s: float

    @property
    def token_us(self) -> int:
        """How long one token takes to come back, rounded up: a bucket never gives more than it says."""
        return ceil(self.window_s * MICROS / self.capacity)

    @property
    def whole_us(self) -> int:
        """How long an empty bucket takes to be full."""
        return self.capacity * self.token_us


class Taken(Struct, frozen=True):
    """What became of asking for a token. ``next_s``: seconds until one more is there than ``remaining``; 0 when it is full."""

    allowed: bool
    remaining: int
    next_s: float

    @property
    def retry_s(self) -> float:
        """Seconds until a token is to be had, if nobody else takes one; 0 when there is one now."""
        return 0.0 if self.remaining else self.next_s


class Counters(Protocol):
    """Names are printable ASCII. A sum and a bucket of the same name share nothing.

    Whatever an adapter raises means that nobody can say. One that asks over a network gives up by itself, within 100 ms.
    """

    async def add(self, name: str, amount: float, window_s: float) -> float:
        """Add to a sum, and give its total. Its window begins with its first amount, and ends ``window_s`` seconds later."""
        ...

    async def totals(self, names: Collection[str]) -> dict[str, float]:
        """The total of each name's window; 0 where there is none, or none any more."""
        ...

    async def take(self, name: str, bucket: Bucket) -> Taken:
        """Take a token, if there is one. One name is always asked for with the same ``bucket``."""
        ...

    async def give_back(self, name: str, bucket: Bucket) -> None:
        """Put a token back that was taken for nothing."""
        ...

    async def ping(self) -> None:
        """Raises when it cannot be asked."""
        ...


def taken(full_at: int, now: int, bucket: Bucket) -> tuple[int, Taken]:
    """Take a token at the moment ``now``: when the bucket is full after that, and what became of it. A refusal costs nothing."""
    token, whole = bucket.token_us, bucket.whole_us
    debt = _debt(full_at, now, whole)
    if allowed := debt + token <= whole:
        debt += token
    return now + debt, told(allowed, debt, bucket)


def given_back(full_at: int, now: int, bucket: Bucket) -> int:
    """When the bucket is full with one token more, which it may be already."""
    return now + max(0, _debt(full_at, now, bucket.whole_us) - bucket.token_us)


def told(allowed: bool, debt: int, bucket: Bucket) -> Taken:
    """In the words of whoever asked; ``debt`` is what is missing now."""
    token = bucket.token_us
    missing = -(-debt // token)
    return Taken(allowed, bucket.capacity - missing, (debt - (missing - 1) * token) / MICROS if missing else 0.0)


def _debt(full_at: int, now: int, whole: int) -> int:
    return min(max(0, full_at - now), whole)
