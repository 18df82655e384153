"""Services and knowledge, asked side by side, become the evidence of the turn (T-3, S-3)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from decimal import Decimal
from typing import TypeVar

import msgspec

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.customers import Customer, Order
from mangaassist.domain.evidence import Degradation, Evidence, OrderEvidence, ProductEvidence, amounts_in
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Product, Promotion
from mangaassist.errors import AssistantError
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.budget import Budget
from mangaassist.turn.demands import demands_of
from mangaassist.turn.plans import ASKING_BACK, RATINGS_EXPLAINED, Plan
from mangaassist.turn.products.catalog_search import near
from mangaassist.turn.products.finder import beyond_offers, find
from mangaassist.turn.products.lookups import Found, Search
from mangaassist.turn.speculation import Speculation
from mangaassist.wire.cards import ProductCard
from mangaassist.wire.page import PageContext

T = TypeVar("T")

RECENT_ORDERS = 10
ORDERS_IN_DETAIL = 3
CENT = Decimal("0.01")
OVER_LIMIT, NEAREST = 1, 3
"""How many products beyond a price limit are told of, and how many near ones within it."""
CANCELS = re.compile(r"\bcancel", re.IGNORECASE)
AGE_PAGE = "What do the age ratings mean?"
ASKS_AGE = re.compile(
    r"\b(?:ages?|kids?|child(?:ren)?|(?:\d{1,2}|years?)[- ]?(?:years?[- ]?)?olds?|y/?o|suitable|appropriate|mature|rated"
    r"|teens?|teenagers?|age rating|violent|gory?|explicit|nudity|safe for|ok(?:ay)? for"
    r"|(?:for )?my (?:son|daughter|nephew|niece|brother|sister))\b",
    re.IGNORECASE,
)
NO_KNOWLEDGE = Degradation("knowledge", "answered from the store's services alone")
NO_EMBEDDING = Degradation("embedding", "searched by words alone")


class Gathering:
    """Collects the evidence of one turn. Everything independent runs at once; what failed is noted by ``services`` (S-5)."""

    def __init__(
        self,
        plan: Plan,
        meaning: Meaning,
        page: PageContext,
        services: TurnServices,
        retriever: Retriever,
        speculation: Speculation,
        budget: Budget,
        shown: tuple[ProductCard, ...],
        is_guest: bool,
        series_in: Callable[[str], tuple[str, ...]] = lambda _: (),
    ) -> None:
        """``shown`` are the cards that the shopper saw last: what "cheaper" is measured by (T-4).

        Who is asked back which of two things is meant is shown nothing yet.
        """
        self._plan = plan if meaning.between is None else ASKING_BACK
        self._series_in = series_in
        self._meaning = meaning
        self._page = page
        self._services = services
        self._retriever = retriever
        self._speculation = speculation
        self._budget = budget
        self._shown = shown
        self._is_guest = is_guest
        self._search: Search | None = None
        for degradation in meaning.degraded:
            services.note(degradation)

    async def evidence(self) -> Evidence:
        plan, is_known = self._plan, not self._is_guest
        async with asyncio.TaskGroup() as group:
            chunks = _once(group, self._needs_knowledge, self._chunks, ())
            promotions = _once(group, plan.promotions, self._promotions, ())
            orders = _once(group, plan.orders and is_known, self._orders, ())
            customer = _once(group, plan.profile and is_known, self._customer, None)
            cart = _once(group, plan.finder == "cart" and bool(self._page.cart_asins), self._cart, ())
            found = await self._find(chunks, promotions)
        products, over_limit = await self._affordable(await self._enriched(found))
        return Evidence(
            products=products[: max(plan.cards, 1) * 2],
            over_limit=over_limit,
            cart=await cart(),
            orders=await orders(),
            promotions=await promotions(),
            chunks=await chunks(),
            customer=await customer(),
            degraded=self._services.degraded,
            unasked=self._services.unasked,
            sign_in_needed=plan.needs_account and self._is_guest,
            ceiling=self._meaning.entities.price_ceiling,
        )

    @property
    def _needs_knowledge(self) -> bool:
        return self._plan.knowledge is not None and (not self._plan.promotions or bool(beyond_offers(self._meaning)))

    async def _chunks(self) -> tuple[ScoredChunk, ...]:
        assert self._plan.knowledge is not None
        vector = await self._speculation.vector()
        if vector is None:
            self._services.note(NO_EMBEDDING)
        try:
            with self._budget.timed("search"):
                found = await self._retriever.search(self._meaning.text, vector, self._plan.knowledge)
                explained = await self._explained()
                return tuple({scored.chunk.chunk_id: scored for scored in (*found, *explained)}.values())
        except AssistantError:
            self._services.note(NO_KNOWLEDGE)
            return ()

    async def _explained(self) -> tuple[ScoredChunk, ...]:
        """The page that says whom an age rating is for, when a question about a product needs it."""
        if self._meaning.intent is not Intent.PRODUCT_QUESTION or not ASKS_AGE.search(self._meaning.text):
            return ()
        return await self._retriever.search(AGE_PAGE, None, RATINGS_EXPLAINED)

    async def _promotions(self) -> tuple[Promotion, ...]:
        return (await self._services.promotions(self._meaning.subjects)).value or ()

    async def _customer(self) -> Customer | None:
        return (await self._services.customer()).value

    async def _cart(self) -> tuple[ProductEvidence, ...]:
        return await self._enriched(Found((await self._services.products(self._page.cart_asins)).value or ()))

    async def _find(
        self,
        chunks: Callable[[], Awaitable[tuple[ScoredChunk, ...]]],
        promotions: Callable[[], Awaitable[tuple[Promotion, ...]]],
    ) -> Found:
        with self._budget.timed("find"):
            self._search = Search(
                meaning=self._meaning,
                entities=self._meaning.entities,
                page=self._page,
                demands=demands_of(self._meaning.text),
                series_in=self._series_in,
                shown=tuple(card.asin for card in self._shown),
                services=self._services,
                chunks=chunks,
                promotions=promotions,
            )
            return await find(self._plan.finder, self._search)

    async def _enriched(self, found: Found) -> tuple[ProductEvidence, ...]:
        """Price, stock and rating of each product, in three calls at once."""
        asins = tuple(product.asin for product in found.products)
        if not asins:
            return ()
        with self._budget.timed("services"):
            prices, stock, ratings = await asyncio.gather(
                self._services.prices(asins), self._services.stock(asins), self._services.ratings(asins)
            )

        def known(product: Product) -> ProductEvidence:
            return ProductEvidence(
                product=product,
                price=(prices.value or {}).get(product.asin),
                stock=(stock.value or {}).get(product.asin),
                rating=(ratings.value or {}).get(product.asin),
                reason=found.reasons.get(product.asin, ""),
            )

        return tuple(known(product) for product in found.products)

    async def _affordable(
        self, products: tuple[ProductEvidence, ...]
    ) -> tuple[tuple[ProductEvidence, ...], frozenset[str]]:
        """What fits the price limits that the shopper named; without live prices nobody can tell, so nothing is dropped.

        When all of it costs too much: what comes near and fits, then the least expensive of the rest, whose ASINs are the
        second value.
        """
        ceiling, floor = self._ceiling(), self._meaning.entities.price_floor
        if self._services.failed("pricing") or (ceiling is None and floor is None):
            return products, frozenset()
        fitting = _within(products, floor, ceiling)
        if fitting or ceiling is None:
            return (_by_price(fitting) if self._meaning.cheaper else fitting), frozenset()
        over = _by_price(_within(products, ceiling, None))[:OVER_LIMIT]
        nearest = _within(await self._enriched(await self._near()), floor, ceiling) if over else ()
        return (*nearest[:NEAREST], *over), frozenset(known.asin for known in over)

    async def _near(self) -> Found:
        if self._search is None or self._meaning.cheaper:
            return Found()
        return Found(await near(self._search))

    def _ceiling(self) -> Decimal | None:
        named = self._meaning.entities.price_ceiling
        if named is not None or not self._meaning.cheaper:
            return named
        prices = [amount for card in self._shown for amount in amounts_in(card.price)]
        return min(prices) - CENT if prices else None

    async def _orders(self) -> tuple[OrderEvidence, ...]:
        with self._budget.timed("orders"):
            orders = await self._chosen_orders()
            return tuple(await asyncio.gather(*(self._detailed(order) for order in orders[:ORDERS_IN_DETAIL])))

    async def _chosen_orders(self) -> tuple[Order, ...]:
        """The orders that the message names, else the newest ones."""
        if named := self._meaning.entities.order_ids:
            answers = await asyncio.gather(*(self._services.order(order_id) for order_id in named[:ORDERS_IN_DETAIL]))
            return tuple(answer.value for answer in answers if answer.value is not None)
        recent = await self._services.orders(RECENT_ORDERS)
        named = {mention.title.lower() for mention in self._meaning.entities.series}

        def away(order: Order) -> tuple[bool, bool]:
            """How far an order is from what is asked: it holds what is named, and is in a state where that can be done."""
            holds = any(title in item.title.lower() for item in order.items for title in named)
            return bool(named) and not holds, self._plan.returns and order.state != self._needed_state

        return tuple(sorted(recent.value or (), key=away))

    @property
    def _needed_state(self) -> str:
        """Only what has arrived can go back, and only what has not left can be cancelled."""
        return "placed" if CANCELS.search(self._meaning.text) else "delivered"

    async def _detailed(self, order: Order) -> OrderEvidence:
        known = OrderEvidence(order=order)
        if self._plan.shipments and order.state in ("shipped", "delivered"):
            shipments = await self._services.shipments(order.order_id)
            known = msgspec.structs.replace(known, shipments=shipments.value or ())
        if self._plan.returns:
            returns = await self._services.returns(order.order_id)
            known = msgspec.structs.replace(known, returns=returns.value)
        return known


def _within(
    products: Iterable[ProductEvidence], floor: Decimal | None, ceiling: Decimal | None
) -> tuple[ProductEvidence, ...]:
    return tuple(
        known
        for known in products
        if known.price
        and (ceiling is None or known.price.current <= ceiling)
        and (floor is None or known.price.current >= floor)
    )


def _by_price(products: Iterable[ProductEvidence]) -> tuple[ProductEvidence, ...]:
    return tuple(sorted(products, key=lambda known: known.price.current if known.price else 0))


def _once(
    group: asyncio.TaskGroup, is_needed: bool, work: Callable[[], Coroutine[None, None, T]], nothing: T
) -> Callable[[], Awaitable[T]]:
    """Begin the work now, if it is needed at all; whoever calls the result waits for the same task."""
    task = group.create_task(work()) if is_needed else None

    async def result() -> T:
        if task is None:
            return nothing
        return task.result() if task.done() else await asyncio.shield(task)

    return result
