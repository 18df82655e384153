"""The store as one turn sees it: one method a capability, each giving an ``Answer`` within the deadline of its phase (S-3)."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import msgspec

from mangaassist.domain.customers import Customer, Identity, Order, OrderReturn, Shipment
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.products import Price, Product, ProductQuery, Promotion, Ranked, Rating, Stock, StockState
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.services import contracts, questions
from mangaassist.services.answers import Answer
from mangaassist.services.clients import RankingAsked
from mangaassist.services.degradations import Degradations, to_blame
from mangaassist.services.policies import Service
from mangaassist.services.questions import Question
from mangaassist.services.rest import Params, repeated
from mangaassist.services.turn_calls import CallHeard, TurnCall, unheard

if TYPE_CHECKING:
    from mangaassist.services.store import StoreServices

T = TypeVar("T")

ASIN: Final = re.compile(r"B0[A-Z0-9]{8}")
ORDER_ID: Final = re.compile(r"[0-9]{3}-[0-9]{7}-[0-9]{7}")
MOST_RANKED: Final = 10_000
"""The most products of which prices can be ranked in one question."""
CENT: Final = Decimal("0.01")
DEAREST: Final = Decimal("9999999.99")
PAGE: Final = 50
"""Rows of a feed's page: far under the size limit of an answer even where every row is a long guide."""


class TurnServices:
    """The store for one turn. Never raises for a service's failure: what failed is in the answer, and noted for the turn."""

    def __init__(
        self,
        store: StoreServices,
        identity: Identity,
        traceparent: str | None,
        deadline: float = math.inf,
        degradations: Degradations | None = None,
        heard: CallHeard = unheard,
    ) -> None:
        self._store = store
        self._caller = store.caller
        self._identity = identity
        self._turn_traceparent = traceparent
        self._deadline = deadline
        self._degradations = degradations or Degradations()
        self._told = heard
        self._began = store.clock()
        self._took: dict[str, float] = {}
        """Seconds that this phase has waited for each service."""

    def within(self, deadline: float) -> TurnServices:
        """The same services, under the deadline of a phase that begins now (seconds of the clock)."""
        return TurnServices(
            self._store, self._identity, self._turn_traceparent, deadline, self._degradations, self._told
        )

    @property
    def _traceparent(self) -> str | None:
        """Of the call that is being made, where its span is kept; else the turn's."""
        return self._store.spans.traceparent() or self._turn_traceparent

    @property
    def degraded(self) -> tuple[Degradation, ...]:
        """What the turn has done without so far, whoever noted it: one a service, in the order of first failure."""
        return self._degradations.noted

    @property
    def unasked(self) -> frozenset[str]:
        """The services for which others left no time."""
        return self._degradations.unasked

    @property
    def facts(self) -> StoreFacts:
        """What is particular to the store (S-8), as it last said; nothing where it never did."""
        return self._store.facts

    def failed(self, service: str) -> bool:
        """Whether something that ``service`` knows is missing so far; the same as ``Evidence.failed``."""
        return self._degradations.failed(service)

    def note(self, degradation: Degradation) -> None:
        """Tell of something that is no service of the store: ``knowledge``, ``embedding``, ``classifier``."""
        self._degradations.note(degradation)

    async def products(self, asins: Iterable[str]) -> Answer[tuple[Product, ...]]:
        """The products in the order of ``asins``; unknown ones are left out. Kept by ASIN."""
        asked = _asins(asins)

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Product]:
            found = await self._store.clients.catalog.products(batch, limit, self._traceparent)
            return contracts.by_asin(found, batch)

        answer = await self._each(questions.PRODUCT, ask, asked)
        return answer.map(lambda known: tuple(known[asin] for asin in asked if asin in known))

    async def search(self, query: ProductQuery) -> Answer[tuple[Product, ...]]:
        """Products that fit the query, best first. Kept by query, and each product by its ASIN."""

        async def ask(limit: float) -> tuple[Product, ...]:
            asked = await self._store.clients.catalog.search(query, limit, self._traceparent)
            found = contracts.fitting(query, asked)
            by_asin = {product.asin: product for product in found}
            await self._caller.keep(questions.PRODUCT, by_asin, self._identity)
            return found

        return await self._one(questions.SEARCH, ask, query)

    async def asins(self, query: ProductQuery) -> Answer[tuple[str, ...]]:
        """The ASINs of everything that fits, over the whole catalog (at most 10 000), in the order of a search. Kept by query."""

        async def ask(limit: float) -> tuple[str, ...]:
            return await self._store.clients.catalog.asins(query, limit, self._traceparent)

        return await self._one(questions.ASINS, ask, query)

    async def existing(self, asins: Sequence[str]) -> Answer[dict[str, bool]]:
        """Whether each ASIN is sold; one that the value lacks could not be checked.

        A product that the catalog gave within the time it is kept needs no second question.
        """
        asked = _asins(asins)
        given = await self._caller.peek(questions.PRODUCT, asked, self._identity)

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, bool]:
            sold = await self._store.clients.catalog.existing(batch, limit, self._traceparent)
            return {asin: asin in sold for asin in batch}

        answer = await self._each(questions.IS_SOLD, ask, [asin for asin in asked if asin not in given])
        made_up = dict.fromkeys((asin for asin in asins if not ASIN.fullmatch(asin)), False)
        known = {**made_up, **dict.fromkeys(given, True), **(answer.value or {})}
        return Answer(known, answer.failure, answer.cached, answer.as_of, answer.retried)

    async def prices(self, asins: Iterable[str]) -> Answer[dict[str, Price]]:
        """Live prices by ASIN: never kept, never asked twice, all or none.

        An ASIN that the answer lacks is absent; one that was not asked for is ignored. A single price that is no price or
        is more than 5 min old fails the whole answer: a service that sends −1 cannot be trusted with the others (S-7).
        """

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Price]:
            answer = await self._get("pricing", "/pricing/v1/prices", repeated("asin", batch), contracts.PRICES)
            return contracts.prices(answer, batch, self._store.wall())

        answer = await self._each(questions.PRICE, ask, _asins(asins))
        return answer if answer.failure is None else Answer(failure=answer.failure)

    async def ranked_prices(
        self,
        asins: Iterable[str] | None,
        order: Literal["asc", "desc"],
        *,
        least: Decimal | None = None,
        most: Decimal | None = None,
        limit: int = 10,
    ) -> Answer[tuple[Price, ...]]:
        """Live prices, cheapest (``asc``) or dearest first, of these products (at most 10 000) or, with None, of all that are sold.

        ``least`` and ``most`` bound the current price, both included; ``limit`` is 1 to 100. Never kept, never asked twice; a
        single price that is none, is old or stands in the wrong place fails the whole answer, as in ``prices``.
        """
        asked = None if asins is None else _asins(asins)[:MOST_RANKED]
        if asked == ():
            return Answer(())
        question = contracts.PriceRanking(order, limit, asked, _cents(least, ROUND_CEILING), _cents(most, ROUND_FLOOR))

        async def ask(_: float) -> tuple[Price, ...]:
            client = self._store.clients.rest["pricing"]
            path = "/pricing/v1/ranked"
            answer = await client.ask(path, question, contracts.PRICES, traceparent=self._traceparent)
            return contracts.ranked_prices(answer, question, least, most, self._store.wall())

        return await self._one(questions.RANKED_PRICES, ask, None)

    async def stock(self, asins: Iterable[str]) -> Answer[dict[str, Stock]]:
        """Stock by ASIN; unknown ones are absent."""

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Stock]:
            answer = await self._get("inventory", "/inventory/v1/stock", repeated("asin", batch), contracts.STOCK)
            return contracts.by_asin(answer.stock, batch)

        return await self._each(questions.STOCK, ask, _asins(asins))

    async def in_state(self, state: StockState, limit: int = 50) -> Answer[tuple[Stock, ...]]:
        """At most ``limit`` (1 to 100) products of the whole store that are in this state, those that come (back) soonest first."""

        async def ask(_: float) -> tuple[Stock, ...]:
            params = [("state", state), ("limit", str(limit))]
            answer = await self._get("inventory", "/inventory/v1/by-state", params, contracts.STOCK)
            return contracts.in_state(answer, state)[:limit]

        return await self._one(questions.IN_STATE, ask, (state, limit))

    async def ratings(self, asins: Iterable[str]) -> Answer[dict[str, Rating]]:
        """Ratings by ASIN; products without reviews are absent."""

        async def ask(batch: tuple[str, ...], limit: float) -> Mapping[str, Rating]:
            answer = await self._get("reviews", "/reviews/v1/ratings", repeated("asin", batch), contracts.RATINGS)
            return contracts.ratings(answer, batch)

        return await self._each(questions.RATING, ask, _asins(asins))

    async def recommended(self, seeds: Iterable[str], genres: Iterable[str], limit: int) -> Answer[tuple[Ranked, ...]]:
        """At most ``limit`` products, best first; a signed-in shopper's purchases count."""
        chosen, wanted = _asins(seeds), tuple(genres)
        asked = RankingAsked(seeds=chosen, genres=wanted, limit=limit, customer_id=self._identity.customer_id)

        async def ask(_: float) -> tuple[Ranked, ...]:
            return await self._store.recommendations.ranked(
                asked, token=self._token("recommendations"), traceparent=self._traceparent
            )

        return await self._one(questions.RANKED, ask, (chosen, wanted, limit))

    async def customer(self) -> Answer[Customer]:
        async def ask(_: float) -> Customer:
            answer = await self._get("profile", "/profile/v1/me", (), contracts.CUSTOMER)
            return contracts.customer(answer, self._identity.customer_id)

        return await self._one(questions.CUSTOMER, ask, "me")

    async def orders(self, limit: int) -> Answer[tuple[Order, ...]]:
        """The shopper's newest ``limit`` orders, newest first."""

        async def ask(_: float) -> tuple[Order, ...]:
            answer = await self._get("orders", "/orders/v1/orders", [("limit", str(limit))], contracts.ORDERS)
            rows = (contracts.order(row, self._identity.customer_id) for row in answer.orders[:limit])
            return tuple(order.by(self.facts.here) for order in rows)

        return await self._one(questions.ORDERS, ask, limit)

    async def order(self, order_id: str) -> Answer[Order]:
        """One of the shopper's own orders; value None without failure when they have no such order."""
        if not self._identity.is_guest and not ORDER_ID.fullmatch(order_id):
            return Answer()  # and a path is never made of anything else

        async def ask(_: float) -> Order:
            token = self._token("orders")
            client = self._store.clients.rest["orders"]
            path = f"/orders/v1/orders/{order_id}"
            row = await client.find(path, contracts.ORDER, token=token, traceparent=self._traceparent)
            return contracts.order(row, self._identity.customer_id, order_id).by(self.facts.here)

        return await self._one(questions.ORDER, ask, order_id)

    async def shipments(self, order_id: str) -> Answer[tuple[Shipment, ...]]:
        async def ask(_: float) -> tuple[Shipment, ...]:
            params = [("order_id", order_id)]
            answer = await self._get("shipping", "/shipping/v1/shipments", params, contracts.SHIPMENTS)
            return contracts.of_order(answer.shipments, order_id)

        return await self._one(questions.SHIPMENTS, ask, order_id)

    async def returns(self, order_id: str) -> Answer[OrderReturn]:
        """Whether the order can be returned and how far a return is; value None without failure when nothing is known."""

        async def ask(_: float) -> OrderReturn | None:
            params = [("order_id", order_id)]
            answer = await self._get("returns", "/returns/v1/returns", params, contracts.RETURNS)
            found = contracts.order_return(answer, order_id)
            return None if found is None else found.by(self.facts.here)

        return cast(Answer[OrderReturn], await self._one(questions.RETURN, ask, order_id))

    async def promotions(self, asins: Iterable[str] = ()) -> Answer[tuple[Promotion, ...]]:
        """Promotions that hold now: all of them, or those that cover some of these products (at most 100).

        Where products are named, ``asins`` of each promotion are those among them that it covers, and no others.
        """
        asked = _asins(asins)[:100]

        async def ask(_: float) -> tuple[Promotion, ...]:
            params = repeated("asin", asked)
            return (await self._get("promotions", "/promotions/v1/promotions", params, contracts.PROMOTIONS)).promotions

        answer = await self._one(questions.PROMOTIONS, ask, asked)
        if asked:
            answer = answer.map(lambda promotions: contracts.covering(promotions, asked))
        return answer.map(lambda promotions: contracts.current(promotions, self._store.wall()))

    async def store_facts(self) -> Answer[StoreFacts]:
        """What is particular to the store (S-8), as it says it now. A turn reads the copy in ``StoreServices.facts``."""

        async def ask(_: float) -> StoreFacts:
            facts = await self._get("store_facts", "/content/v1/store-facts", (), contracts.STORE_FACTS)
            return contracts.store_facts(facts)

        return await self._one(questions.STORE_FACTS, ask, None)

    async def content_page(self, after: str | None = None) -> Answer[bytes]:
        """The page of the store's approved pages after a cursor (None begins), as it was sent.

        Whoever reads it checks it row by row: a broken row must be named, and must not look like a page that is gone.
        """
        return await self._feed(questions.PAGES, "/content/v1/entries", after)

    async def review_page(self, after: str | None = None) -> Answer[bytes]:
        """The page of review summaries after a cursor (None begins), as it was sent."""
        return await self._feed(questions.REVIEW_SUMMARIES, "/reviews/v1/summaries", after)

    async def _feed(self, question: Question, path: str, after: str | None) -> Answer[bytes]:
        async def ask(_: float) -> bytes:
            return bytes(await self._get(question.service, path, _page(after), contracts.ANY_JSON))

        return await self._one(question, ask, None)

    def _token(self, service: Service) -> str | None:
        """The shopper's own token, for the services that need it (S-1) and no others."""
        wanted = self._store.policies[service].auth != "no" and not self._identity.is_guest
        return self._identity.token if wanted else None

    async def _get(self, service: Service, path: str, params: Params, decoder: msgspec.json.Decoder[T]) -> T:
        client = self._store.clients.rest[service]
        return await client.get(path, params, decoder, token=self._token(service), traceparent=self._traceparent)

    async def _one(self, question: Question, ask: Callable[[float], Awaitable[T]], about: Any) -> Answer[T]:
        return await self._heard(
            question,
            self._caller.call(question, ask, about=about, deadline=self._deadline, identity=self._identity),
        )

    async def _each(
        self,
        question: Question,
        ask: Callable[[tuple[str, ...], float], Awaitable[Mapping[str, T]]],
        abouts: Iterable[str],
    ) -> Answer[dict[str, T]]:
        return await self._heard(
            question,
            self._caller.call_each(question, ask, abouts=abouts, deadline=self._deadline, identity=self._identity),
        )

    async def _heard(self, question: Question, asking: Awaitable[Answer[T]]) -> Answer[T]:
        """The answer; what it lacks is noted (S-5). A guest without an account is asked to sign in instead (S-1)."""
        service, began = question.service, self._store.clock()
        answer = await asking
        now = self._store.clock()
        self._told(TurnCall(service, question.name, began, now - began, answer.outcome, answer.retried))
        self._took[service] = self._took.get(service, 0.0) + now - began
        if answer.failure is None or answer.failure.kind == "unauthenticated":
            return answer
        blamed = to_blame(self._took, now - self._began) if answer.failure.kind == "out_of_time" else service
        if blamed == service:
            self.note(Degradation(service, self._store.policies[service].fallback, answer.as_of))
        else:
            self._degradations.note_unasked(service, blamed)
        return answer


def _asins(asins: Iterable[str]) -> tuple[str, ...]:
    """Each once, and only what can be an ASIN: one that was made up must not spoil the question for the others."""
    return tuple(asin for asin in dict.fromkeys(asins) if ASIN.fullmatch(asin))


def _page(after: str | None) -> list[tuple[str, str]]:
    return [("limit", str(PAGE)), *([("after", after)] if after else [])]


def _cents(bound: Decimal | None, rounding: str) -> str | None:
    """A bound as money travels: to the cent, and never wider than it was meant."""
    if bound is None:
        return None
    return str(min(max(bound, Decimal(0)), DEAREST).quantize(CENT, rounding))
