"""What asking a service gives: a value, or the failure that took its place. Never an exception, never a made-up value (S-5)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct

from mangaassist.domain.evidence import Degradation
from mangaassist.errors import ServiceFailure
from mangaassist.services.policies import POLICIES, Service

T = TypeVar("T")
U = TypeVar("U")


class Answer(Struct, Generic[T], frozen=True):
    """``value`` None without ``failure`` means that the thing does not exist.

    A batch may have both: the value holds what was still known from the cache, the failure says why the rest is missing.
    ``cached`` says that no call was made; ``as_of`` is when the oldest part of the value left the service (UTC).
    """

    value: T | None = None
    failure: ServiceFailure | None = None
    cached: bool = False
    as_of: datetime | None = None

    @property
    def degraded(self) -> tuple[Degradation, ...]:
        """What the shopper is told. A guest who has no account to look into is asked to sign in instead (S-1)."""
        if self.failure is None or self.failure.kind == "unauthenticated":
            return ()
        policy = POLICIES[cast(Service, self.failure.service)]
        return (Degradation(self.failure.service, policy.fallback, self.as_of),)

    def map(self, change: Callable[[T], U]) -> "Answer[U]":
        """The same answer with another value; what is not there stays not there."""
        value = None if self.value is None else change(self.value)
        return Answer(value, self.failure, self.cached, self.as_of)


def failed(failure: ServiceFailure) -> Answer[Any]:
    return Answer(failure=failure)
