"""The one generic caller (S-2): who may ask, what is kept, breaker, time limit, retry, contract and metric of every service."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from msgspec.structs import replace

from mangaassist.domain.customers import Identity
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.answers import Answer, failed
from mangaassist.services.batches import batches, merged, side_by_side
from mangaassist.services.breaker import Breaker, BreakerState, RetryBudget
from mangaassist.services.cache import Cache
from mangaassist.services.call_spans import NO_SPANS, CallSpans
from mangaassist.services.failures import failure_of
from mangaassist.services.flights import Flights
from mangaassist.services.kept import Kept, Place
from mangaassist.services.limits import Limits
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.services.questions import Question

T = TypeVar("T")

Operation = Callable[[float], Awaitable[T]]
"""One try: is given its time limit (seconds), raises whatever its library raises, ``NotFound`` when the thing does not exist."""
BatchOperation = Callable[[tuple[str, ...], float], Awaitable[Mapping[str, T]]]
"""One try for at most 100 keys; what it does not know is left out."""
Observer = Callable[[str, str, float], None]
"""Hears ``(service, outcome, seconds)``: outcome ``ok``, ``cached``, ``absent`` or the kind of the failure, once a call."""
Remarks = Callable[[str, str], None]
"""Hears ``(service, what)`` of what happens beside the calls' outcomes: ``slow`` (a try over the service's latency goal),
``opened`` (its breaker), ``not_retried`` (too many were), ``dropped`` (a row that does not fit its contract), ``cache_failed``.
"""

JITTER_S: Final = (0.005, 0.025)
_CHANCE: Final = random.SystemRandom()
FAIR_SHARE: Final = 0.5
"""A call cut short by the turn's budget tells of the service only when it had this share of its own time limit."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def jitter() -> float:
    return _CHANCE.uniform(*JITTER_S)


def unobserved(service: str, outcome: str, seconds: float) -> None:
    """The observer of nobody."""


def unremarked(service: str, what: str) -> None:
    """Nobody hears the remarks."""


class Caller:
    """Lives as long as the process. A failure of a service is an ``Answer``, never an exception.

    ``clock``: monotonic seconds, the clock of deadlines and breakers; ``wall``: UTC now.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = jitter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observe: Observer = unobserved,
        remark: Remarks = unremarked,
        policies: Mapping[Service, Policy] = POLICIES,
        spans: CallSpans = NO_SPANS,
    ) -> None:
        self._spans = spans
        self._clock = clock
        self._wall = wall
        self._jitter = jitter
        self._sleep = sleep
        self._observe = observe
        self._remark = remark
        self._policies = policies
        self._breakers: dict[Service, Breaker] = {
            service: Breaker(policy.breaker_threshold, policy.slow_threshold) for service, policy in policies.items()
        }
        self._retries = {service: RetryBudget() for service in policies}
        self._kept = Kept(cache, policies, wall, lambda service: remark(service, "cache_failed"))
        self._limits = Limits()
        self._flights: Flights[Answer[Any]] = Flights()

    async def call(
        self,
        question: Question,
        operation: Operation[T],
        *,
        about: Any = None,
        deadline: float,
        identity: Identity,
        idempotent: bool = True,
    ) -> Answer[T]:
        """Ask a service for one thing.

        ``about`` tells this question from others of its kind, None when its answer is not to be kept; ``deadline`` in
        seconds of the clock; only an ``idempotent`` operation is tried again (S-6). Callers that ask the same thing at once
        share one call.
        """
        asking = self._asked(question, operation, about, deadline, identity, idempotent)
        return await self._observed(question.service, asking)

    async def call_each(
        self,
        question: Question,
        operation: BatchOperation[T],
        *,
        abouts: Iterable[str],
        deadline: float,
        identity: Identity,
    ) -> Answer[dict[str, T]]:
        """Ask one thing about many: fetches only what is not kept, at most 100 a call, side by side.

        When a fetch fails the value holds what was known all the same, beside the failure.
        """
        asking = self._asked_each(question, operation, abouts, deadline, identity)
        return await self._observed(question.service, asking)

    async def peek(self, question: Question, abouts: Iterable[str], identity: Identity) -> dict[str, Any]:
        """What is kept of the answers about these, without asking the service."""
        return {about: dated.value for about, dated in (await self._kept.each(question, abouts, identity)).items()}

    async def keep(self, question: Question, values: Mapping[str, Any], identity: Identity) -> None:
        """Keep what another question to the same service has brought along."""
        await self._kept.keep_each(question, values, identity)

    def breakers(self) -> dict[Service, BreakerState]:
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
            outcome = answer.outcome
            return answer
        finally:
            self._observe(service, outcome, self._clock() - began)

    async def _asked(
        self,
        question: Question,
        operation: Operation[T],
        about: Any,
        deadline: float,
        identity: Identity,
        idempotent: bool,
    ) -> Answer[T]:
        service = question.service
        if refusal := self._refusal(service, identity):
            return failed(refusal)
        place = self._kept.place(question, about, identity)
        if place is None:
            return await self._tried(question, operation, deadline, idempotent)
        if kept := await self._kept.one(place):
            return Answer(cast(T, kept.value), cached=True, as_of=kept.as_of)

        async def fetch() -> Answer[T]:
            answer = await self._tried(question, operation, deadline, idempotent)
            if answer.value is not None and answer.as_of is not None:
                await self._kept.keep(place, answer.value, answer.as_of)
            return answer

        return await self._shared(place, fetch, deadline)

    async def _asked_each(
        self,
        question: Question,
        operation: BatchOperation[T],
        abouts: Iterable[str],
        deadline: float,
        identity: Identity,
    ) -> Answer[dict[str, T]]:
        service = question.service
        if refusal := self._refusal(service, identity):
            return failed(refusal)
        asked = tuple(dict.fromkeys(abouts))
        known = await self._kept.each(question, asked, identity)
        missing = tuple(about for about in asked if about not in known)

        async def fetch(batch: tuple[str, ...]) -> Answer[Mapping[str, T]]:
            answer = await self._tried(question, lambda limit: operation(batch, limit), deadline, idempotent=True)
            await self._kept.keep_each(question, answer.value or {}, identity)
            return answer

        return merged(known, await side_by_side([fetch(batch) for batch in batches(missing)]))

    def _refusal(self, service: Service, identity: Identity) -> ServiceFailure | None:
        if self._policies[service].auth == "yes" and (identity.is_guest or identity.token is None):
            return ServiceFailure(service, "unauthenticated", "a sign-in is needed")
        return None

    async def _tried(self, question: Question, operation: Operation[T], deadline: float, idempotent: bool) -> Answer[T]:
        service = question.service
        policy = self._policies[service]
        self._retries[service].note_call()
        answer = await self._try(question, operation, deadline)
        retried = False
        for _ in range(policy.retries if idempotent else 0):
            pause = self._jitter()
            if not (answer.failure and answer.failure.transient) or self._left(service, deadline) <= pause:
                break
            if not self._retries[service].take():
                self._remark(service, "not_retried")
                break
            await self._sleep(pause)
            retried = True
            again = await self._try(question, operation, deadline)
            if again.failure and again.failure.kind in ("open", "out_of_time"):
                break  # the first failure says more
            answer = again
        return replace(answer, retried=True) if retried else answer

    async def _try(self, question: Question, operation: Operation[T], deadline: float) -> Answer[T]:
        service = question.service
        policy, breaker, limit = self._policies[service], self._breakers[service], self._left(service, deadline)
        if limit <= 0:
            return failed(self._too_late(service, 0))
        if not breaker.allow(self._clock()):
            return failed(ServiceFailure(service, "open"))
        heard: bool | None = None
        time_limit = self._limits.within(limit, policy.goal_s)
        with self._spans.call(service, question.name, policy.protocol) as span:
            try:
                with time_limit:
                    value = await operation(limit)
                heard = True
                return Answer(value, as_of=self._wall())
            except NotFound:
                return Answer()
            except Exception as error:
                failure = failure_of(service, error)
                if failure is None:
                    raise
                failure = self._too_late(service, limit) if failure.kind == "timeout" else failure
                heard = False if failure.counts else None
                span.failed(failure.kind)
                return failed(failure)
            finally:
                self._heard(service, heard, time_limit.is_slow)

    def _heard(self, service: Service, ok: bool | None, slow: bool) -> None:
        if slow:
            self._remark(service, "slow")
        if self._breakers[service].record(self._clock(), ok, slow):
            self._remark(service, "opened")

    def _left(self, service: Service, deadline: float) -> float:
        return self._policies[service].allotted(deadline - self._clock())

    def _too_late(self, service: Service, limit: float) -> ServiceFailure:
        """What it means that nothing came within ``limit`` seconds: a shorter time than is fair tells nothing of the service."""
        fair = limit >= self._policies[service].timeout_s * FAIR_SHARE
        return ServiceFailure(service, "timeout" if fair else "out_of_time", f"nothing within {limit * 1000:.0f} ms")

    async def _shared(self, place: Place, fetch: Callable[[], Awaitable[Answer[T]]], deadline: float) -> Answer[T]:
        """Join the call for the same thing that is on its way, else make it."""
        name, service = place.name, place.question.service
        answer: Answer[T] = failed(self._too_late(service, 0))
        for _ in range(2):
            flight = self._flights.on_its_way(name)
            if flight is None:
                return await self._flights.depart(name, fetch).landed()
            left = deadline - self._clock() - self._policies[service].fallback_s
            if left <= 0:
                break
            try:
                with self._limits.within(left):
                    answer = await flight.landed()
            except TimeoutError:
                return failed(self._too_late(service, left))
            # Another turn's shorter budget is no reason for this one to go without.
            late = answer.failure and answer.failure.kind in ("timeout", "out_of_time")
            if not late or self._left(service, deadline) <= 0:
                break
        return answer
