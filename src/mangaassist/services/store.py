"""The store as a turn sees it: one method a capability, each giving an ``Answer`` within the turn's deadline (S-3)."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import msgspec
from msgspec import Struct

from mangaassist.domain.customers import Customer, Identity, Order, OrderReturn, Shipment
from mangaassist.domain.products import (
    Price,
    Product,
    ProductQuery,
    Promotion,
    Ranked,
    Rating,
    Stock,
)
from mangaassist.services import contracts
from mangaassist.services.answers import Answer
from mangaassist.services.breaker import BreakerState
from mangaassist.services.caller import Caller, Observer, jitter, unobserved, utc_now
from mangaassist.services.catalog import CatalogClient
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.services.rest import Params, RestClient, repeated

T = TypeVar("T")

ASIN: Final = re.compile(r"B0[A-Z0-9]{8}")
ORDER_ID: Final = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")
PAGE: Final = 50
"""Rows of a feed's page: far under the size limit of an answer even where every row is a long guide."""


class Addresses(Struct, frozen=True, kw_only=True):
    """Where the services are: ``rest`` for all but the catalog, unless ``apart`` names another base URL for one."""

    rest: str = "http://127.0.0.1:8080"
    grpc: str = "127.0.0.1:50051"
    apart: dict[Service, str] = {}


class StoreServices:
    """The clients, pools, caches and breakers: lives as long as the process. An async context manager.

    ``clock``: monotonic seconds, the clock of deadlines; ``wall``: UTC now; ``observe`` hears ``(service, outcome, seconds)``
    of every call, and ``dropped`` with 0 seconds for each row that was left out because it does not fit its contract.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = jitter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observe: Observer = unobserved,
        policies: Mapping[Service, Policy] = POLICIES,
    ) -> None:
        self._addresses = addresses
        self.policies = policies
        self._sleep = sleep
        self.wall = wall
        self.caller = Caller(clock=clock, wall=wall, jitter=jitter, sleep=sleep, observe=observe, policies=policies)
        self.catalog = CatalogClient(addresses.grpc, lambda count: self.note_dropped("catalog", count))
        self.rest: dict[Service, RestClient] = {
            service: RestClient(service, addresses.apart.get(service, addresses.rest))
            for service, policy in policies.items()
            if policy.protocol == "rest"
        }
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for client in (self.catalog, *self.rest.values()):
            await self._exits.enter_async_context(client)
        self._exits.push_async_callback(self.caller.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    def for_turn(self, identity: Identity, deadline: float, traceparent: str | None = None) -> "TurnServices":
        """The services as one turn asks them.

        ``deadline``: seconds of the clock, ``math.inf`` for background work that no shopper waits for; ``traceparent``: the
        W3C header sent along with every call, None to send none.
        """
        return TurnServices(self, identity, deadline, traceparent)

    def pings(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """By name, what to await to learn whether a dependency is there; each raises ``ServiceFailure`` within a second."""
        apart = {service: self.rest[service].ping for service in self._addresses.apart if service in self.rest}
        shared = next((client.ping for service, client in self.rest.items() if service not in apart), None)
        return {"catalog": self.catalog.ping, **({"store": shared} if shared else {}), **apart}

    def breakers(self) -> dict[str, BreakerState]:
        return self.caller.breakers()

    def note_dropped(self, service: Service, count: int) -> None:
        for _ in range(count):
            self.caller.observe(service, "dropped")


class TurnServices:
    """The store for one turn: identity, deadline and trace are given once. Never raises for a service's failure."""

    def __init__(self, store: StoreServices, identity: Identity, deadline: float, traceparent: str | None) -> None:
        self._store = store
        self._caller = store.caller
        self._identity = identity
        self._deadline = deadline
        self._traceparent = traceparent

    async def products(self, asins: Iterable[str]) -> Answer[tuple[Product, ...]]:
        """The products in the order of ``asins``; unknown ones are left out. Kept by ASIN."""
        asked = _asins(asins)

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Product]:
            found = await self._store.catalog.products(batch, limit, self._traceparent)
            return contracts.by_asin(found, batch)

        answer = await self._each("catalog", ask, "product", asked)
        return answer.map(lambda known: tuple(known[asin] for asin in asked if asin in known))

    async def search(self, query: ProductQuery) -> Answer[tuple[Product, ...]]:
        """Products that fit the query, best first. Kept by query, and each product by its ASIN."""

        async def ask(limit: float) -> tuple[Product, ...]:
            found = await self._store.catalog.search(query, limit, self._traceparent)
            self._caller.keep("catalog", "product", {product.asin: product for product in found})
            return found

        return await self._one("catalog", ask, ("search", query))

    async def existing(self, asins: Iterable[str]) -> Answer[frozenset[str]]:
        """Which ASINs are sold. A product that the catalog gave within the time it is kept needs no second question."""
        asked = _asins(asins)
        given = self._caller.peek("catalog", "product", asked)

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, bool]:
            return dict.fromkeys(await self._store.catalog.existing(batch, limit, self._traceparent), True)

        answer = await self._each("catalog", ask, "exists", [asin for asin in asked if asin not in given])
        known = frozenset(given) | frozenset(answer.value or ())
        return Answer(known if known or not answer.failure else None, answer.failure, answer.cached, answer.as_of)

    async def prices(self, asins: Iterable[str]) -> Answer[dict[str, Price]]:
        """Live prices by ASIN: never kept, never asked twice, all or none.

        An ASIN that the answer lacks is absent; one that was not asked for is ignored. A single price that is no price or
        is more than 5 min old fails the whole answer: a service that sends −1 cannot be trusted with the others (S-7).
        """

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Price]:
            answer = await self._get("pricing", "/pricing/v1/prices", repeated("asin", batch), contracts.PRICES)
            return contracts.prices(answer, batch, self._store.wall())

        answer = await self._each("pricing", ask, "price", _asins(asins))
        return answer if answer.failure is None else Answer(failure=answer.failure)

    async def stock(self, asins: Iterable[str]) -> Answer[dict[str, Stock]]:
        """Stock by ASIN; unknown ones are absent."""

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Stock]:
            answer = await self._get("inventory", "/inventory/v1/stock", repeated("asin", batch), contracts.STOCK)
            return contracts.by_asin(answer.stock, batch)

        return await self._each("inventory", ask, "stock", _asins(asins))

    async def ratings(self, asins: Iterable[str]) -> Answer[dict[str, Rating]]:
        """Ratings by ASIN; products without reviews are absent."""

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Rating]:
            answer = await self._get("reviews", "/reviews/v1/ratings", repeated("asin", batch), contracts.RATINGS)
            return contracts.by_asin(answer.ratings, batch)

        return await self._each("reviews", ask, "rating", _asins(asins))

    async def recommended(self, seeds: Iterable[str], genres: Iterable[str], limit: int) -> Answer[tuple[Ranked, ...]]:
        """At most ``limit`` products, best first; a signed-in shopper's purchases count."""
        chosen, wanted = _asins(seeds), tuple(genres)
        params = [*repeated("seed", chosen), *repeated("genre", wanted), ("limit", str(limit))]

        async def ask(_: float) -> tuple[Ranked, ...]:
            answer = await self._get("recommendations", "/recommendations/v1/ranked", params, contracts.RANKING)
            return answer.ranked[:limit]

        return await self._one("recommendations", ask, ("ranked", chosen, wanted, limit))

    async def customer(self) -> Answer[Customer]:
        async def ask(_: float) -> Customer:
            answer = await self._get("profile", "/profile/v1/me", (), contracts.CUSTOMER)
            return contracts.customer(answer, self._identity.customer_id)

        return await self._one("profile", ask, "me")

    async def orders(self, limit: int) -> Answer[tuple[Order, ...]]:
        """The shopper's newest ``limit`` orders, newest first."""

        async def ask(_: float) -> tuple[Order, ...]:
            answer = await self._get("orders", "/orders/v1/orders", [("limit", str(limit))], contracts.ORDERS)
            return tuple(contracts.order(row) for row in answer.orders[:limit])

        return await self._one("orders", ask, ("orders", limit))

    async def order(self, order_id: str) -> Answer[Order]:
        """One of the shopper's own orders; value None without failure when they have no such order."""
        if not self._identity.is_guest and not ORDER_ID.fullmatch(order_id):
            return Answer()  # and a path is never made of anything else

        async def ask(_: float) -> Order:
            token = self._token("orders")
            client = self._store.rest["orders"]
            path = f"/orders/v1/orders/{order_id}"
            row = await client.find(path, contracts.ORDER, token=token, traceparent=self._traceparent)
            return contracts.order(row, order_id)

        return await self._one("orders", ask, ("order", order_id))

    async def shipments(self, order_id: str) -> Answer[tuple[Shipment, ...]]:
        async def ask(_: float) -> tuple[Shipment, ...]:
            params = [("order_id", order_id)]
            answer = await self._get("shipping", "/shipping/v1/shipments", params, contracts.SHIPMENTS)
            return contracts.of_order(answer.shipments, order_id)

        return await self._one("shipping", ask, order_id)

    async def returns(self, order_id: str) -> Answer[OrderReturn]:
        """Whether the order can be returned and how far a return is; value None without failure when nothing is known."""

        async def ask(_: float) -> OrderReturn | None:
            params = [("order_id", order_id)]
            answer = await self._get("returns", "/returns/v1/returns", params, contracts.RETURNS)
            return contracts.order_return(answer, order_id)

        return cast(Answer[OrderReturn], await self._one("returns", ask, order_id))

    async def promotions(self, asins: Iterable[str] = ()) -> Answer[tuple[Promotion, ...]]:
        """Promotions that hold now, for these products or, without any, for all."""
        asked = _asins(asins)[:100]

        async def ask(_: float) -> tuple[Promotion, ...]:
            params = repeated("asin", asked)
            return (await self._get("promotions", "/promotions/v1/promotions", params, contracts.PROMOTIONS)).promotions

        answer = await self._one("promotions", ask, asked)
        return answer.map(lambda promotions: contracts.current(promotions, self._store.wall()))

    async def content_page(self, after: str | None = None) -> Answer[bytes]:
        """The page of the store's approved pages after a cursor (None begins), as it was sent.

        Whoever reads it checks it row by row: a broken row must be named, and must not look like a page that is gone.
        """
        return await self._feed("content", "/content/v1/entries", after)

    async def review_page(self, after: str | None = None) -> Answer[bytes]:
        """The page of review summaries after a cursor (None begins), as it was sent."""
        return await self._feed("review_summaries", "/reviews/v1/summaries", after)

    async def _feed(self, service: Service, path: str, after: str | None) -> Answer[bytes]:
        async def ask(_: float) -> bytes:
            return bytes(await self._get(service, path, _page(after), contracts.ANY_JSON))

        return await self._one(service, ask, None)

    def _token(self, service: Service) -> str | None:
        """The shopper's own token, for the services that need it (S-1) and no others."""
        wanted = self._store.policies[service].auth != "no" and not self._identity.is_guest
        return self._identity.token if wanted else None

    async def _get(self, service: Service, path: str, params: Params, decoder: "msgspec.json.Decoder[T]") -> T:
        client = self._store.rest[service]
        return await client.get(path, params, decoder, token=self._token(service), traceparent=self._traceparent)

    async def _one(self, service: Service, ask: Callable[[float], Awaitable[T]], key: Any) -> Answer[T]:
        return await self._caller.call(service, ask, key=key, deadline=self._deadline, identity=self._identity)

    async def _each(
        self,
        service: Service,
        ask: Callable[[tuple[str, ...], float], Awaitable[Mapping[str, T]]],
        name: str,
        keys: Iterable[str],
    ) -> Answer[dict[str, T]]:
        return await self._caller.call_each(
            service, ask, name=name, keys=keys, deadline=self._deadline, identity=self._identity
        )


def _asins(asins: Iterable[str]) -> tuple[str, ...]:
    """Each once, and only what can be an ASIN: one that was made up must not spoil the question for the others."""
    return tuple(asin for asin in dict.fromkeys(asins) if ASIN.fullmatch(asin))


def _page(after: str | None) -> list[tuple[str, str]]:
    return [("limit", str(PAGE)), *([("after", after)] if after else [])]
