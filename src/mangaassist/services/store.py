"""The store's services for as long as the process lives: clients, caches and breakers, and what a turn is given of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.products import ProductChange
from mangaassist.domain.store_facts import NO_FACTS
from mangaassist.services.breaker import BreakerState
from mangaassist.services.cache import Cache
from mangaassist.services.call_spans import NO_SPANS, CallSpans
from mangaassist.services.caller import Caller, Observer, Remarks, jitter, unobserved, unremarked, utc_now
from mangaassist.services.clients import Clients, Recommendations
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.services.recommendations import StoreRecommendations
from mangaassist.services.turn_calls import CallHeard, unheard
from mangaassist.services.turn_services import TurnServices

FACTS_EVERY_S: Final = 60.0
FIRST_FACTS_EVERY_S: Final = 1.0
_OPENNESS: Final[dict[BreakerState, float]] = {"closed": 0.0, "half_open": 0.5, "open": 1.0}


class StoreServices:
    """An async context manager.

    ``clock``: monotonic seconds, the clock of deadlines; ``wall``: UTC now; ``observe`` hears ``(service, outcome, seconds)``
    of every call, ``remark`` what happens beside the outcomes.
    """

    def __init__(
        self,
        clients: Clients,
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
        self._sleep = sleep
        self.spans = spans
        self.clients = clients
        self.policies = policies
        self.clock = clock
        self.wall = wall
        self.caller = Caller(
            cache,
            clock=clock,
            wall=wall,
            jitter=jitter,
            sleep=sleep,
            observe=observe,
            remark=remark,
            policies=policies,
            spans=spans,
        )
        self.recommendations: Recommendations = clients.elsewhere or StoreRecommendations(
            clients.rest["recommendations"]
        )
        self.facts = NO_FACTS
        """What the store last said of itself (S-8), nothing before it was first heard."""
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        elsewhere = () if self.clients.elsewhere is None else (self.clients.elsewhere,)
        for client in (self.clients.catalog, *self.clients.rest.values(), *elsewhere):
            await self._exits.enter_async_context(client)
        self._exits.push_async_callback(self.caller.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def for_turn(self, identity: Identity, traceparent: str | None = None, heard: CallHeard = unheard) -> TurnServices:
        """The services as one turn asks them, or background work; ``TurnServices.within`` gives a phase its deadline.

        ``traceparent``: the W3C header sent along with every call where no span of its own is kept, None to send none.
        ``heard`` is told of each question once its answer is there.
        """
        return TurnServices(self, identity, traceparent, heard=heard)

    async def refresh_facts(self) -> bool:
        """Read the store's facts anew; where it does not tell them, the last copy stays. Gives whether it told them."""
        answer = await self.for_turn(GUEST).store_facts()
        if answer.value is None:
            return False
        self.facts = answer.value
        return True

    async def follow_facts(self) -> None:
        """Read the store's facts every minute until cancelled; while none are known, every second."""
        while True:
            await self._sleep(FIRST_FACTS_EVERY_S if self.facts is NO_FACTS else FACTS_EVERY_S)
            await self.refresh_facts()

    def changes(self, after: int) -> AsyncIterator[ProductChange]:
        """Every change of the catalog after the cursor, oldest first, then live ones. Ends or raises ``ServiceFailure``."""
        return self.clients.catalog.changes(after)

    def pings(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """By name, what to await to learn whether a dependency is there; each raises ``ServiceFailure`` within a second."""
        rest = self.clients.rest
        apart = {service: rest[service].ping for service in self.clients.apart if service in rest}
        shared = next((client.ping for service, client in rest.items() if service not in apart), None)
        return {"catalog": self.clients.catalog.ping, **({"store": shared} if shared else {}), **apart}

    def breakers(self) -> dict[Service, BreakerState]:
        return self.caller.breakers()

    def openness(self, service: Service) -> float:
        """1 while the breaker of a service is open, 0.5 while it waits for a probe, 0 while it is closed."""
        return _OPENNESS[self.caller.breakers()[service]]
