"""The one generic caller (S-2): who may ask, what is kept, breaker, time limit, retry, contract and metric of every service."""

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from mangaassist.domain.customers import Identity
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.answers import Answer, failed
from mangaassist.services.batches import Dated, batches, merged, side_by_side
from mangaassist.services.breaker import Breaker, BreakerState
from mangaassist.services.cache import TtlCache
from mangaassist.services.failures import failure_of
from mangaassist.services.flights import Flights
from mangaassist.services.policies import POLICIES, Policy, Service

T = TypeVar("T")

Operation = Callable[[float], Awaitable[T]]
"""One try: is given its time limit (seconds), raises whatever its library raises, ``NotFound`` when the thing does not exist."""
BatchOperation = Callable[[tuple[str, ...], float], Awaitable[Mapping[str, T]]]
"""One try for at most 100 keys; what it does not know is left out."""
Observer = Callable[[str, str, float], None]
"""Hears ``(service, outcome, seconds)``: outcome ``ok``, ``cached``, ``absent`` or the kind of the failure, once a call."""

CACHE_ENTRIES: Final = 4096
JITTER_S: Final = (0.005, 0.025)
OUT_OF_TIME: Final = "the turn has no time left"
FAIR_SHARE: Final = 0.5
"""A call cut short by the turn's budget tells of the service only when it had this share of its own time limit."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def jitter() -> float:
    return random.uniform(*JITTER_S)  # noqa: S311 - spreads retries, hides nothing


def unobserved(service: str, outcome: str, seconds: float) -> None:
    """The observer of nobody."""


class Caller:
    """Lives as long as the process. A failure of a service is an ``Answer``, never an exception.

    ``clock``: monotonic seconds, the clock of deadlines, breakers and caches; ``wall``: UTC now.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = jitter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observe: Observer = unobserved,
        policies: Mapping[Service, Policy] = POLICIES,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._jitter = jitter
        self._sleep = sleep
        self._observe = observe
        self._policies = policies
        self._breakers = {service: Breaker(policy.breaker_threshold) for service, policy in policies.items()}
        self._caches: dict[Service, TtlCache[Dated]] = {
            service: TtlCache(policy.cache_ttl_s, CACHE_ENTRIES)
            for service, policy in policies.items()
            if policy.cache_ttl_s is not None
        }
        self._flights: Flights[Answer[Any]] = Flights()

    async def call(
        self,
        service: Service,
        operation: Operation[T],
        *,
        key: Hashable | None = None,
        deadline: float,
        identity: Identity,
        idempotent: bool = True,
    ) -> Answer[T]:
        """Ask a service for one thing.

        ``key`` names the question among the service's questions, None when its answer is not to be kept; ``deadline`` in
        seconds of the clock; only an ``idempotent`` operation is tried again (S-6). Callers that ask the same keyed question
        at once share one call.
        """
        return await self._observed(service, self._asked(service, operation, key, deadline, identity, idempotent))

    async def call_each(
        self,
        service: Service,
        operation: BatchOperation[T],
        *,
        name: str,
        keys: Iterable[str],
        deadline: float,
        identity: Identity,
    ) -> Answer[dict[str, T]]:
        """Ask for many things at once: fetches only what the cache of ``name`` lacks, at most 100 keys a call, side by side.

        When a fetch fails the value holds what was known all the same, beside the failure.
        """
        return await self._observed(service, self._asked_each(service, operation, name, keys, deadline, identity))

    def peek(self, service: Service, name: str, keys: Iterable[str]) -> dict[str, Any]:
        """What is kept of ``keys`` for everybody, without asking anybody."""
        return {key: dated.value for key, dated in self._known(service, name, keys, None).items()}

    def keep(self, service: Service, name: str, items: Mapping[str, Any]) -> None:
        """Keep what another question of the same service has brought along, for everybody."""
        self._keep_each(service, name, items, None)

    def observe(self, service: Service, outcome: str, seconds: float = 0.0) -> None:
        """Tell the observer of something that is no call, e.g. a row that was dropped."""
        self._observe(service, outcome, seconds)

    def breakers(self) -> dict[str, BreakerState]:
        """The state of every breaker now, by service (O-6)."""
        now = self._clock()
        return {service: breaker.state(now) for service, breaker in self._breakers.items()}

    async def close(self) -> None:
        """Cancel what is still on its way."""
        await self._flights.close()

    async def _observed(self, service: Service, asking: Awaitable[Answer[T]]) -> Answer[T]:
        began = self._clock()
        outcome = "cancelled"
        try:
            answer = await asking
            outcome = _outcome(answer)
            return answer
        finally:
            self._observe(service, outcome, self._clock() - began)

    async def _asked(
        self,
        service: Service,
        operation: Operation[T],
        key: Hashable | None,
        deadline: float,
        identity: Identity,
        idempotent: bool,
    ) -> Answer[T]:
        if refusal := self._refusal(service, identity):
            return failed(refusal)
        cache = self._caches.get(service)
        if key is None or cache is None:
            return await self._tried(service, operation, deadline, idempotent)
        place = (self._owner(service, identity), key)
        if kept := cache.get(place, self._clock()):
            return Answer(cast(T, kept.value), cached=True, as_of=kept.as_of)

        async def fetch() -> Answer[T]:
            answer = await self._tried(service, operation, deadline, idempotent)
            if answer.value is not None and answer.as_of is not None:
                cache.put(place, Dated(answer.value, answer.as_of), self._clock())
            return answer

        return await self._shared(service, place, fetch, deadline)

    async def _asked_each(
        self,
        service: Service,
        operation: BatchOperation[T],
        name: str,
        keys: Iterable[str],
        deadline: float,
        identity: Identity,
    ) -> Answer[dict[str, T]]:
        if refusal := self._refusal(service, identity):
            return failed(refusal)
        owner = self._owner(service, identity)
        asked = tuple(dict.fromkeys(keys))
        known = self._known(service, name, asked, owner)
        missing = tuple(key for key in asked if key not in known)

        async def fetch(batch: tuple[str, ...]) -> Answer[Mapping[str, T]]:
            answer = await self._tried(service, lambda limit: operation(batch, limit), deadline, idempotent=True)
            self._keep_each(service, name, answer.value or {}, owner)
            return answer

        return merged(known, await side_by_side([fetch(batch) for batch in batches(missing)]))

    def _refusal(self, service: Service, identity: Identity) -> ServiceFailure | None:
        if self._policies[service].auth == "yes" and (identity.is_guest or identity.token is None):
            return ServiceFailure(service, "unauthenticated", "a sign-in is needed")
        return None

    def _owner(self, service: Service, identity: Identity) -> str | None:
        """Whose a kept answer is: None is everybody's."""
        return identity.customer_id if self._policies[service].cache_scope == "customer" else None

    def _known(self, service: Service, name: str, keys: Iterable[str], owner: str | None) -> dict[str, Dated]:
        cache = self._caches.get(service)
        if cache is None:
            return {}
        now = self._clock()
        found = {key: cache.get((owner, (name, key)), now) for key in keys}
        return {key: dated for key, dated in found.items() if dated is not None}

    def _keep_each(self, service: Service, name: str, items: Mapping[str, Any], owner: str | None) -> None:
        cache = self._caches.get(service)
        if cache is None or not items:
            return
        now, as_of = self._clock(), self._wall()
        for key, value in items.items():
            cache.put((owner, (name, key)), Dated(value, as_of), now)

    async def _tried(self, service: Service, operation: Operation[T], deadline: float, idempotent: bool) -> Answer[T]:
        answer = await self._try(service, operation, deadline)
        for _ in range(self._policies[service].retries if idempotent else 0):
            pause = self._jitter()
            if not (answer.failure and answer.failure.transient) or self._clock() + pause >= deadline:
                break
            await self._sleep(pause)
            again = await self._try(service, operation, deadline)
            if again.failure and again.failure.kind == "open":
                break  # the first failure says more
            answer = again
        return answer

    async def _try(self, service: Service, operation: Operation[T], deadline: float) -> Answer[T]:
        policy, breaker, now = self._policies[service], self._breakers[service], self._clock()
        limit = min(policy.timeout_s, deadline - now)
        if limit <= 0:
            return failed(ServiceFailure(service, "timeout", OUT_OF_TIME))
        if not breaker.allow(now):
            return failed(ServiceFailure(service, "open"))
        heard: bool | None = None
        try:
            async with asyncio.timeout(limit):
                value = await operation(limit)
            heard = True
            return Answer(value, as_of=self._wall())
        except NotFound:
            return Answer()
        except Exception as error:
            failure = failure_of(service, error)
            if failure is None:
                raise
            fair = failure.kind != "timeout" or limit >= policy.timeout_s * FAIR_SHARE
            heard = False if failure.counts and fair else None
            return failed(failure)
        finally:
            breaker.record(self._clock(), heard)

    async def _shared(
        self, service: Service, place: Hashable, fetch: Callable[[], Awaitable[Answer[T]]], deadline: float
    ) -> Answer[T]:
        """Join the call for the same thing that is on its way, else make it."""
        key = (service, place)
        answer: Answer[T] = failed(ServiceFailure(service, "timeout", OUT_OF_TIME))
        for _ in range(2):
            flight = self._flights.on_its_way(key)
            if flight is None:
                return await self._flights.depart(key, fetch).landed()
            left = deadline - self._clock()
            try:
                answer = await flight.landed(None if left == math.inf else max(0.0, left))
            except TimeoutError:
                return answer
            # Another turn's shorter budget is no reason for this one to go without.
            if not (answer.failure and answer.failure.kind == "timeout") or self._clock() >= deadline:
                break
        return answer


def _outcome(answer: Answer[Any]) -> str:
    if answer.failure is not None:
        return answer.failure.kind
    if answer.value is None:
        return "absent"
    return "cached" if answer.cached else "ok"
