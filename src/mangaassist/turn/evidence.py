"""Services and knowledge, asked side by side, become the evidence of the turn, with what follows from it (T-3, T-11, S-3)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import datetime
from typing import Final, TypeVar

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import Customer
from mangaassist.domain.derived import Derived
from mangaassist.domain.evidence import Degradation, Evidence, ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format, Product, ProductQuery, Promotion
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.guardrails.fencing import fenced
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.services.policies import POLICIES
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn import offers
from mangaassist.turn.budget import Budget
from mangaassist.turn.derived.facts import BOUND, Ground, derived
from mangaassist.turn.derived.series import cheapest_way, editions_of, is_single, stem_of
from mangaassist.turn.derived.sums import free_shipping, in_order_of_verdict, total
from mangaassist.turn.enriching import enriched, priced
from mangaassist.turn.notices import agreeing
from mangaassist.turn.orders import NO_ORDERS, OrderBook, ToldOrders
from mangaassist.turn.pages import guide_named, guides_for, pages_for
from mangaassist.turn.plans import Plan
from mangaassist.turn.products.constraints import Constraints, constraints
from mangaassist.turn.products.finder import find
from mangaassist.turn.products.keeping import held_to, truly_given_up
from mangaassist.turn.products.lookups import WIDE, Found, Products, Search, Tastes, ask, by_asin, taste_of
from mangaassist.turn.products.praise import praised_for
from mangaassist.turn.products.targets import series_of
from mangaassist.turn.speculation import Speculation
from mangaassist.wire.page import PageContext

T = TypeVar("T")

MOST_EDITIONS: Final = 6
MOST_FILLERS: Final = 4
"""Volumes that are looked up to bring a cart to free shipping."""
MOST_OFFERED_ON: Final = 100
"""Products about which the promotions are asked at once."""
MOST_SERIES: Final = 3
"""Series that are priced whole to say what each comes to."""
MOST_ON_A_SHELF: Final = 200
"""Products of one series that are priced: more than the longest one has volumes and editions."""


class Sources(Struct, frozen=True, kw_only=True):
    """Whom one turn may ask. ``now`` says its zone; ``series_in`` gives the ids of the series that a text of the store names."""

    services: TurnServices
    retriever: Retrieval
    speculation: Speculation
    budget: Budget
    now: datetime
    facts: StoreFacts = NO_FACTS
    series_in: Callable[[str], tuple[str, ...]] = lambda _: ()
    tastes: Tastes = taste_of


class _Offered(Struct, frozen=True):
    """The offers that a message means, and what each covers of what it is about."""

    promotions: tuple[Promotion, ...] = ()
    covered: offers.Covered = {}


class Gathering:
    """Collects the evidence of one turn. Everything independent runs at once; what failed is noted by ``services`` (S-5)."""

    def __init__(self, plan: Plan, meaning: Meaning, page: PageContext, sources: Sources, *, is_guest: bool) -> None:
        self._plan = plan
        self._meaning = meaning
        self._page = page
        self._sources = sources
        self._services = sources.services
        self._is_guest = is_guest
        self._book = OrderBook(meaning=meaning, plan=plan, services=self._services, now=sources.now)
        for degradation in meaning.degraded:
            self._services.note(degradation)

    async def evidence(self) -> Evidence:
        plan, is_known = self._plan, not self._is_guest
        async with asyncio.TaskGroup() as group:
            chunks = _once(group, plan.knowledge is not None, self._chunks, ())
            running = _once(group, plan.promotions, self._running, ())
            guides = _once(group, plan.guides and bool(self._meaning.targets), self._guides, ())
            owned = _once(group, plan.purchases and is_known, self._book.purchases, ())
            orders = _once(group, plan.orders and is_known, self._orders, NO_ORDERS)
            customer = _once(group, plan.profile and is_known, self._customer, None)
            cart = _once(group, plan.cart and bool(self._page.cart_asins), self._cart, ())
            search = self._search(chunks, running, owned)
            found = await self._found(search)
            products, shelf, franchise = await asyncio.gather(
                self._enriched(found), self._shelf(search, found), self._franchise(search, found)
            )
        one_series = len({one.product.series_id for one in shelf}) == 1
        if plan.editions and one_series and not found.over_limit:
            products = await self._with_editions(products, shelf)
        if self._meaning.targets:
            products = in_order_of_verdict(self._meaning.act, products)
        if self._meaning.reckoning.fills_up:
            enough = self._meaning.reckoning.cheapest
            products = await (self._enough(await cart(), await customer()) if enough else self._fillers(await cart()))
        offered = await self._offered(await running(), found, shelf, await cart())
        products = self._titled(fenced(products))
        ground = Ground(  # G-10: what others wrote is data from here on
            meaning=self._meaning,
            now=self._sources.now,
            products=products,
            named=tuple(known for known in products if known.asin in found.named),
            shelf=fenced(shelf),
            cart=fenced(await cart()),
            quantities=Counter(self._page.cart_asins),
            orders=fenced((await orders()).orders),
            order_choice=(await orders()).choice,
            promotions=fenced(offered.promotions),
            covered=offered.covered,
            franchise=fenced(franchise),
            owned=await owned(),
            customer=fenced(await customer()),
            facts=self._sources.facts,
            relaxed=truly_given_up(found.relaxed, products),
        )
        evidence = structs.replace(self._evidence(ground, found, fenced(await chunks())), guides=fenced(await guides()))
        return agreeing(evidence, self._plan.cards)

    def _titled(self, products: tuple[ProductEvidence, ...]) -> tuple[ProductEvidence, ...]:
        """What still has a title: a catalog that gives orders in its place has failed, and what has no name is not shown (S-7)."""
        titled = tuple(known for known in products if known.product.title)
        if len(titled) < len(products):
            self._services.note(Degradation("catalog", POLICIES["catalog"].fallback))
        return titled

    def _evidence(self, ground: Ground, found: Found, chunks: tuple[ScoredChunk, ...]) -> Evidence:
        most = max(2 * max(self._plan.cards, 1), len(found.named) + MOST_EDITIONS * self._plan.editions)
        shown = structs.replace(ground, products=ground.products[:most])
        facts = derived(shown)
        return Evidence(
            products=_verdict_first(self._meaning, facts, shown.products),
            over_limit=_over_limit(shown, found),
            cart=ground.cart,
            orders=ground.orders,
            promotions=ground.promotions,
            chunks=chunks,
            customer=ground.customer,
            facts=ground.facts,
            derived=facts,
            now=ground.now,
            degraded=self._services.degraded,
            unasked=self._services.unasked,
            sign_in_needed=self._plan.needs_account and self._is_guest,
            ceiling=self._meaning.seeks.price.most,
            floor=self._meaning.seeks.price.least,
        )

    def _search(
        self,
        chunks: Callable[[], Awaitable[tuple[ScoredChunk, ...]]],
        running: Callable[[], Awaitable[tuple[Promotion, ...]]],
        owned: Callable[[], Awaitable[Products]],
    ) -> Search:
        return Search(
            meaning=self._meaning,
            services=self._services,
            chunks=chunks,
            promotions=running,
            owned=owned,
            series_in=self._sources.series_in,
            tastes=self._sources.tastes,
            facts=self._sources.facts,
            guide=self._guide,
            praised=self._praised,
        )

    async def _guide(self, title: str) -> tuple[Chunk, ...]:
        return await guide_named(title, self._sources.retriever, self._services)

    async def _praised(self, words: Collection[str]) -> Mapping[str, str]:
        return await praised_for(words, self._sources.retriever, self._sources.speculation, self._services)

    async def _found(self, search: Search) -> Found:
        with self._sources.budget.timed("find"):
            return await find(self._plan.finders, search)

    async def _enriched(self, found: Found) -> tuple[ProductEvidence, ...]:
        with self._sources.budget.timed("services"):
            return held_to(found, await enriched(self._services, found, self._asked()))

    def _asked(self) -> tuple[Constraints, ...]:
        """The wishes as they were said. Funny zombies are horror: what a taste mostly goes without breaks none."""
        sources, wishes = self._sources, self._meaning.sought or (self._meaning.seeks,)
        return tuple(constraints(wish, (), sources.facts, sources.tastes, is_strict=False) for wish in wishes)

    async def _chunks(self) -> tuple[ScoredChunk, ...]:
        assert self._plan.knowledge is not None
        sources = self._sources
        with sources.budget.timed("search"):
            return await pages_for(
                self._meaning, self._plan.knowledge, sources.retriever, sources.speculation, self._services
            )

    async def _guides(self) -> tuple[ScoredChunk, ...]:
        sources = self._sources
        with sources.budget.timed("search"):
            return await guides_for(self._meaning, sources.retriever, sources.speculation, self._services)

    async def _running(self) -> tuple[Promotion, ...]:
        return (await self._services.promotions()).value or ()

    async def _offered(
        self,
        running: tuple[Promotion, ...],
        found: Found,
        shelf: tuple[ProductEvidence, ...],
        cart: tuple[ProductEvidence, ...],
    ) -> _Offered:
        """The offers that are meant. The store itself says which of the products each covers: its lists may be cut off."""
        about = found.products if found.named or self._meaning.seeks.narrows else ()
        if self._meaning.reckoning.whole:
            about = tuple(known.product for known in shelf) or about
        asked = tuple(product.asin for product in about) or tuple(known.asin for known in cart)
        if not running:
            return _Offered()
        parts = [asked[place : place + MOST_OFFERED_ON] for place in range(0, len(asked), MOST_OFFERED_ON)]
        answers = await asyncio.gather(*map(self._services.promotions, parts))
        covered = offers.covered_by_parts((answer.value or () for answer in answers), parts)
        return _Offered(offers.meant(running, self._meaning, covered, about), covered)

    async def _customer(self) -> Customer | None:
        return (await self._services.customer()).value

    async def _cart(self) -> tuple[ProductEvidence, ...]:
        products = (await self._services.products(self._page.cart_asins)).value or ()
        return await enriched(self._services, Found(products))

    async def _fillers(self, cart: tuple[ProductEvidence, ...]) -> tuple[ProductEvidence, ...]:
        """The volumes that follow those in the cart: what could be put in as well."""
        held = {(one.product.series_id, one.product.volume) for one in cart}
        last = {one.product.series_id: one.product for one in cart if one.product.volume is not None}
        wanted = [
            ProductQuery(series_ids=(one.series_id,), volume=(one.volume or 0) + step, one_per_series=False)
            for one in last.values()
            for step in range(1, MOST_FILLERS + 1)
            if (one.series_id, (one.volume or 0) + step) not in held
        ]
        found = await asyncio.gather(*(self._services.search(query) for query in wanted[: 2 * MOST_FILLERS]))
        products = [one for answer in found for one in answer.value or () if is_single(one)]
        return await enriched(self._services, Found(tuple(products)))

    async def _enough(
        self, cart: tuple[ProductEvidence, ...], customer: Customer | None
    ) -> tuple[ProductEvidence, ...]:
        """The least expensive books that bring the cart to free shipping by themselves, from the cheapest."""
        summed = total("cart", cart, Counter(self._page.cart_asins))
        shipping = free_shipping(summed, self._sources.facts, customer)
        if shipping is None or shipping.by_membership or not shipping.missing:
            return ()
        ranked = (await self._services.ranked_prices(None, "asc", least=shipping.missing)).value or ()
        held = frozenset(self._page.cart_asins)
        found = (await self._services.products(one.asin for one in ranked if one.asin not in held)).value or ()
        return await enriched(self._services, Found(found))

    async def _orders(self) -> ToldOrders:
        with self._sources.budget.timed("orders"):
            return await self._book.told()

    async def _shelf(self, search: Search, found: Found) -> tuple[ProductEvidence, ...]:
        """Everything that is sold of the one series that is talked of, with its prices; of several where the cheapest is sought."""
        whole = all(
            one.volume is None and one.asin is None and one.format not in BOUND for one in self._meaning.targets
        )
        of_each = self._meaning.asks(Act.SET_OR_SINGLES) or (self._meaning.asks(Act.TOTAL) and whole)
        series = series_of(self._meaning.targets, found.products)[: MOST_SERIES if of_each else 1]
        is_run = self._meaning.asks(Act.TOTAL) and len({one.series_id for one in self._meaning.targets}) == 1
        if not self._plan.shelf or not series or (len(self._meaning.targets) > 1 and not (of_each or is_run)):
            return ()
        query = ProductQuery(series_ids=series, one_per_series=False)
        asins = (await self._services.asins(query)).value or ()
        return await priced(self._services, await by_asin(search, asins[:MOST_ON_A_SHELF]))

    async def _with_editions(
        self, products: tuple[ProductEvidence, ...], shelf: tuple[ProductEvidence, ...]
    ) -> tuple[ProductEvidence, ...]:
        """What was asked about, and one book of each other edition; the best way to own all of it first, where it is one set."""
        best = cheapest_way(shelf)
        asked = {target.format for target in self._meaning.targets if target.format is not None}
        bound = [one.product for one in shelf if one.product.format in asked and not is_single(one.product)]
        if bound and self._meaning.asks(Act.EDITION):
            named = [one for one in products if one.product.format in asked]
            there = {one.asin for one in named}
            rest = tuple(one for one in bound if one.asin not in there)[:MOST_EDITIONS]
            several = (*named, *await enriched(self._services, Found(rest)))
            is_first = any(target.volume for target in self._meaning.targets)
            return several if is_first else tuple(sorted(several, key=lambda one: one.product.volume_from or 0))
        others = [one.product for one in editions_of(shelf, products)][:MOST_EDITIONS]
        all_of_them = (*products, *await enriched(self._services, Found(tuple(others))))
        if self._meaning.asks(Act.EDITION):  # as the answer lists them, so that "the second kind" is the second card
            return tuple(sorted(all_of_them, key=lambda one: list(Format).index(one.product.format)))
        first = best.asins if best is not None and len(best.asins) == 1 else ()
        return tuple(sorted(all_of_them, key=lambda one: one.asin not in first))

    async def _franchise(self, search: Search, found: Found) -> tuple[Product, ...]:
        """One product of each series whose title begins like that of the one that is talked of."""
        first = next((product for product in found.products if product.asin in found.named), None)
        if not self._plan.franchise or first is None:
            return ()
        return await ask(search, ProductQuery(text=stem_of(first.series_title), one_per_series=True, limit=WIDE))


def _verdict_first(
    meaning: Meaning, facts: Derived, products: tuple[ProductEvidence, ...]
) -> tuple[ProductEvidence, ...]:
    """What is named as the cheapest, the dearest or the best of several is the first of them."""
    asins = {Act.CHEAPEST: facts.cheapest, Act.DEAREST: facts.dearest, Act.BEST_RATED: facts.best_rated}
    if Act.COMPARE is meaning.act:
        asins[Act.COMPARE] = {"shortest": facts.shortest, "longest": facts.longest}.get(meaning.seeks.ordering or "")
    first = asins.get(meaning.act) if meaning.act is not None and meaning.targets else None
    return tuple(sorted(products, key=lambda known: known.asin != first)) if first else products


def _over_limit(ground: Ground, found: Found) -> frozenset[str]:
    """Which of the products cost too much, where that is what they came for all the same."""
    most = ground.meaning.seeks.price.most
    return frozenset(
        known.asin
        for known in ground.products
        if found.over_limit and known.price and most is not None and known.price.current > most
    )


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
