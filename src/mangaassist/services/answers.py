"""What asking a service gives: a value, or the failure that took its place. Never an exception, never a made-up value (S-5)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

from mangaassist.errors import ServiceFailure

T = TypeVar("T")
U = TypeVar("U")


class Answer(Struct, Generic[T], frozen=True):
    """``value`` None without ``failure`` means that the thing does not exist.

    A batch may have both: the value holds what was still known from the cache, the failure says why the rest is missing.
    ``cached`` says that no call was made; ``as_of`` is when the oldest part of the value left the service (UTC); ``retried`` that
    it took more than one try.
    """

    value: T | None = None
    failure: ServiceFailure | None = None
    cached: bool = False
    as_of: datetime | None = None
    retried: bool = False

    def map(self, change: Callable[[T], U]) -> "Answer[U]":
        """The same answer with another value; what is not there stays not there."""
        value = None if self.value is None else change(self.value)
        return Answer(value, self.failure, self.cached, self.as_of, self.retried)

    @property
    def outcome(self) -> str:
        """In one word: ``ok``, ``cached``, ``absent`` or the kind of the failure."""
        if self.failure is not None:
            return self.failure.kind
        if self.value is None:
            return "absent"
        return "cached" if self.cached else "ok"


def failed(failure: ServiceFailure) -> Answer[Any]:
    return Answer(failure=failure)
