"""Which of the shopper's orders a message means, and what is known of them (T-11, S-1)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Order, OrderItem
from mangaassist.domain.derived import OrderChoice
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.meaning import ANY_ORDER, Meaning
from mangaassist.domain.products import Product
from mangaassist.knowledge.words import coverage
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.derived.order_selection import NEEDS_DETAILS, choice, selected
from mangaassist.turn.derived.orders import expected_on
from mangaassist.turn.plans import Plan

RECENT_ORDERS: Final = 20
ORDERS_OF_AN_ACCOUNT: Final = 100
"""So many are looked through for the oldest one, and for what is asked of all of them."""
ORDERS_IN_DETAIL: Final = 6
ORDERS_TOLD: Final = 3
ALL_NAMED: Final = 1.0
ANOTHER_VOLUME: Final = 0.9
"""An order that holds the series, but not the volume that is named."""

STATES_BY_ACT: Final[Mapping[Act, tuple[str, ...]]] = {
    Act.TRACK: ("shipped", "placed"),
    Act.ARRIVAL: ("shipped", "placed"),
    Act.LATE: ("shipped", "placed"),
    Act.NOT_RECEIVED: ("delivered", "shipped"),
    Act.CHANGE_ORDER: ("placed", "shipped"),
    Act.CANCEL_ORDER: ("placed", "shipped"),
    Act.RETURN: ("delivered",),
    Act.RETURN_WINDOW: ("delivered",),
    Act.REFUND_STATUS: ("refunded", "delivered", "cancelled"),
    Act.DAMAGED: ("delivered",),
    Act.WRONG_ITEM: ("delivered",),
    Act.MISSING_ITEM: ("delivered",),
    Act.EXCHANGE: ("delivered",),
    Act.COMPLAINT: ("delivered", "shipped"),
}
"""The states of an order in which an act makes sense, the likeliest first. An act without a row goes by age alone."""


class Purchase(Struct, frozen=True):
    """An item of an order, with what the catalog says of it, where it was asked."""

    item: OrderItem
    product: Product | None = None


def ranked(
    orders: Iterable[Order], meaning: Meaning, products: Mapping[str, Product] | None = None
) -> tuple[Order, ...]:
    """The orders that the message means first: those that hold what it names, in a state that fits what is asked, newest first.

    Where items are named, an order that holds none of them comes only when none does. ``products`` are the items' by ASIN.
    """
    newest = sorted(orders, key=lambda order: order.placed_at, reverse=True)
    held = {order.order_id: _holds(order, meaning, products or {}) for order in newest}
    best = max(held.values(), default=0.0)
    meant = [order for order in newest if not best or held[order.order_id] == best]
    return tuple(sorted(meant, key=lambda order: _away(order, meaning)))


def _away(order: Order, meaning: Meaning) -> int:
    """How far an order's state is from the first thing that is asked of it, 0 for the likeliest."""
    states = next((STATES_BY_ACT[one.act] for one in meaning.acts if one.act in STATES_BY_ACT), ())
    return states.index(order.state) if order.state in states else len(states)


def _holds(order: Order, meaning: Meaning, products: Mapping[str, Product]) -> float:
    """How much of what the message names an order holds: 1.0 for all of its words, or for a series or product of it."""
    purchases = [Purchase(item, products.get(item.asin)) for item in order.items]
    named = {target.series_id for target in meaning.order_targets} | {target.asin for target in meaning.order_targets}
    named |= set(meaning.order_items)
    volumes = {target.volume for target in meaning.order_targets} - {None}
    if any(one.item.asin in named or (one.product and one.product.series_id in named) for one in purchases):
        is_there = not volumes or any(one.product and one.product.volume in volumes for one in purchases)
        return ALL_NAMED if is_there else ANOTHER_VOLUME
    titles = [target.title for target in meaning.order_targets if target.title]
    texts = [*meaning.order_items, *titles]
    return max((coverage(text, _about(one)) for one in purchases for text in texts), default=0.0)


def _about(purchase: Purchase) -> str:
    product = purchase.product
    kinds = (*product.genres, *product.themes, *product.authors, *product.aliases) if product else ()
    return " ".join((purchase.item.title, *kinds))


def latest_first(owned: Iterable[OrderEvidence], now: datetime) -> tuple[OrderEvidence, ...]:
    """Those that are overdue first, the longest overdue before the others."""

    def lateness(one: OrderEvidence) -> int:
        expected = expected_on(one)
        return 0 if expected is None else min(0, (expected - now.date()).days)

    return tuple(sorted(owned, key=lateness))


def soonest_first(owned: Iterable[OrderEvidence], now: datetime) -> tuple[OrderEvidence, ...]:
    """By the day on which the next parcel is expected; what is overdue comes last, for nobody knows when it will."""

    def due(one: OrderEvidence) -> date:
        day = one.next_due
        return day if day is not None and day >= now.date() else date.max

    return tuple(sorted(owned, key=due))


def open_returns_first(owned: Iterable[OrderEvidence], now: datetime) -> tuple[OrderEvidence, ...]:
    """Those of which something is on its way back or has been refunded."""
    return tuple(sorted(owned, key=lambda one: one.returns is None or one.returns.state == "none"))


def returnable_first(owned: Iterable[OrderEvidence], now: datetime) -> tuple[OrderEvidence, ...]:
    """Those that can still go back."""
    return tuple(sorted(owned, key=lambda one: one.returns is None or not one.returns.eligible))


_BY_DETAIL: Final[Mapping[Act, Callable[[Iterable[OrderEvidence], datetime], tuple[OrderEvidence, ...]]]] = {
    Act.TRACK: latest_first,
    Act.ARRIVAL: latest_first,
    Act.LATE: latest_first,
    Act.REFUND_STATUS: open_returns_first,
    Act.RETURN: returnable_first,
    Act.EXCHANGE: returnable_first,
}
"""Acts whose order shows only in what shipping and returns say of it."""


_ONLY_IN: Final[Mapping[Act, frozenset[str]]] = {
    Act.WRONG_ITEM: frozenset({"delivered"}),
    Act.NOT_RECEIVED: frozenset({"delivered", "shipped"}),
}
"""What can be asked of orders in these states alone, whatever others hold."""
_OF_EACH: Final = (Act.TRACK, Act.ARRIVAL, Act.LATE)
"""What is asked of everything that is under way."""


class ToldOrders(Struct, frozen=True):
    """``choice`` says what came of choosing by what the message says; where none is such, ``orders`` are all there are."""

    orders: tuple[OrderEvidence, ...] = ()
    choice: OrderChoice = ""


NO_ORDERS: Final = ToldOrders()


class OrderBook(Struct, frozen=True, kw_only=True):
    """The shopper's orders as one turn asks for them. ``now`` says its zone."""

    meaning: Meaning
    plan: Plan
    services: TurnServices
    now: datetime

    async def told(self) -> ToldOrders:
        """The orders that the message means, with what is known of each; those it names, or the likeliest ones."""
        if named := await self._named():
            return ToldOrders(await self._known(named))
        found = await self._recent()
        selection, products = self.meaning.selection, await self._products_of(found)
        if self.meaning.order_targets or any(_holds(order, self.meaning, products) for order in found):
            selection = structs.replace(selection, days=None)  # what it holds says more than a day that is remembered
        if any(_holds(order, self.meaning, products) == ALL_NAMED for order in found):
            selection = ANY_ORDER
        owned = tuple(OrderEvidence(order=order) for order in found)
        if NEEDS_DETAILS & set(selection.picks):
            owned = tuple(await asyncio.gather(*map(self._looked_up, found)))
        likely = next((STATES_BY_ACT[one.act][0] for one in self.meaning.acts if one.act in STATES_BY_ACT), "")
        states = next((_ONLY_IN[one.act] for one in self.meaning.acts if one.act in _ONLY_IN), None)
        if states:
            owned = tuple(one for one in owned if one.order.state in states) or owned
        meant = selected(owned, selection, self.now.date(), likely if likely == "delivered" else "")
        if not meant and self.meaning.asks(Act.NOT_RECEIVED):
            meant, selection = owned, ANY_ORDER  # the day is the carrier's, which the orders need not tell
        outcome = choice(meant, selection)
        orders = tuple(one.order for one in (meant if outcome != "none" else owned))
        return ToldOrders(await self._known(ranked(orders, self.meaning, products)), outcome)

    async def purchases(self) -> tuple[Product, ...]:
        """What the shopper has bought and kept, the newest order first."""
        recent = (await self.services.orders(RECENT_ORDERS)).value or ()
        kept = (order for order in recent if order.state in ("placed", "shipped", "delivered"))
        asins = dict.fromkeys(item.asin for order in kept for item in order.items)
        return (await self.services.products(asins)).value or ()

    async def _known(self, orders: tuple[Order, ...]) -> tuple[OrderEvidence, ...]:
        if self.meaning.tally == "due" and (sent := [order for order in orders if order.state == "shipped"]):
            return soonest_first(await asyncio.gather(*map(self._listed, sent[:RECENT_ORDERS])), self.now)
        if self.meaning.tally:
            recent = await asyncio.gather(*map(self._listed, orders[:RECENT_ORDERS]))
            return (*recent, *(OrderEvidence(order=order) for order in orders[RECENT_ORDERS:]))
        if self.meaning.asks(Act.ORDER_LIST):
            return tuple(await asyncio.gather(*map(self._listed, orders[:RECENT_ORDERS])))
        detailed = await asyncio.gather(*(self._detailed(order) for order in orders[:ORDERS_IN_DETAIL]))
        arranged = next((_BY_DETAIL[one.act] for one in self.meaning.acts if one.act in _BY_DETAIL), None)
        most = ORDERS_IN_DETAIL if self.meaning.orders or self.meaning.asks(*_OF_EACH) else ORDERS_TOLD
        return (arranged(detailed, self.now) if arranged else tuple(detailed))[:most]

    async def _named(self) -> tuple[Order, ...]:
        """By number, or as what was talked of."""
        return (await self._holding() or await self._numbered()) if self.meaning.orders else ()

    async def _recent(self) -> tuple[Order, ...]:
        if self.meaning.orders:
            return ()
        every = self.meaning.tally or "oldest" in self.meaning.selection.picks
        return (await self.services.orders(ORDERS_OF_AN_ACCOUNT if every else RECENT_ORDERS)).value or ()

    async def _holding(self) -> tuple[Order, ...]:
        """ "The monster one" after talk of other orders: those that hold all that is named, if any does."""
        if not self.meaning.order_items or self.meaning.order_targets:
            return ()
        recent = (await self.services.orders(RECENT_ORDERS)).value or ()
        products = await self._products_of(recent)
        held = tuple(one for one in recent if _holds(one, self.meaning, products) == ALL_NAMED)
        return ranked(held, self.meaning, products)

    async def _numbered(self) -> tuple[Order, ...]:
        named = self.meaning.orders[:ORDERS_IN_DETAIL]
        answers = await asyncio.gather(*(self.services.order(one) for one in named))
        return tuple(answer.value for answer in answers if answer.value is not None)

    async def _products_of(self, orders: Iterable[Order]) -> Mapping[str, Product]:
        """The items as the catalog knows them, where the message names some by more than their title."""
        if not (self.meaning.order_items or self.meaning.order_targets):
            return {}
        asins = dict.fromkeys(item.asin for order in orders for item in order.items)
        return {product.asin: product for product in (await self.services.products(asins)).value or ()}

    async def _listed(self, order: Order) -> OrderEvidence:
        """A line of a list: only what is on its way is looked up."""
        return await self._detailed(order) if order.state == "shipped" else OrderEvidence(order=order)

    async def _looked_up(self, order: Order) -> OrderEvidence:
        """With its parcels and its return, whatever the plan: one of them decides which order is meant."""
        if "parcels" in self.meaning.selection.picks:
            return OrderEvidence(order=order, shipments=(await self.services.shipments(order.order_id)).value or ())
        if "soonest" in self.meaning.selection.picks and order.state == "shipped":
            return OrderEvidence(order=order, shipments=(await self.services.shipments(order.order_id)).value or ())
        if order.state not in ("delivered", "refunded"):
            return OrderEvidence(order=order)
        return OrderEvidence(order=order, returns=(await self.services.returns(order.order_id)).value)

    async def _detailed(self, order: Order) -> OrderEvidence:
        known = OrderEvidence(order=order)
        if self.plan.shipments and order.state in ("shipped", "delivered"):
            shipments = await self.services.shipments(order.order_id)
            known = structs.replace(known, shipments=shipments.value or ())
        if self.plan.returns:
            returns = await self.services.returns(order.order_id)
            known = structs.replace(known, returns=returns.value)
        return known
