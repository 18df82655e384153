"""What stands in a dialogue instead of a fact that moves: prices, sums, order numbers, dates. Filled from the store, live.

| placeholder | becomes |
|---|---|
| ``{asin:TITLE}`` | the product's ASIN |
| ``{price:TITLE}``, ``{member:TITLE}``, ``{list:TITLE}`` | ``$9.99`` |
| ``{total:TITLE + 2 x TITLE + SERIES, Vols. 1-5}`` | what they cost together |
| ``{short of 35:TITLE + ...}`` | what is missing to $35 |
| ``{stock:TITLE}`` | the ways to say how it stands |
| ``{series:CONDITIONS}``, ``{products:CONDITIONS}`` | titles of all that fit (``shelves``) |
| ``{dearest:CONDITIONS}``, ``{cheapest:CONDITIONS}`` | titles of what costs most, least |
| ``{order:WHICH}`` | an order number |
| ``{placed:WHICH}``, ``{delivered:WHICH}``, ``{eta:WHICH}``, ``{return until:WHICH}`` | ``November 26`` |
| ``{paid:WHICH}``, ``{refund:WHICH}`` | ``$21.98`` |
| ``{tracking:WHICH}``, ``{carrier:WHICH}`` | of its parcel |

WHICH is ``newest``, a state (``newest delivered``) or ``with TITLE``.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeVar

from mangaassist.domain.customers import Identity, Order
from mangaassist.domain.products import money
from mangaassist.errors import BadInput
from mangaassist.evaluation.expectations import folded
from mangaassist.evaluation.shelves import Shelves
from mangaassist.services.answers import Answer
from mangaassist.services.store import StoreServices
from mangaassist.services.turn_services import TurnServices

ORDERS: Final = 50
Filled = str | tuple[str, ...]
T = TypeVar("T")


class Placeholders:
    """Lives as long as the evaluation. ``identity`` gives who a shopper is."""

    def __init__(
        self, shelves: Shelves, services: StoreServices, identity: Callable[[str], Awaitable[Identity]]
    ) -> None:
        self.shelves = shelves
        self._services = services
        self._identity = identity

    async def filled(self, text: str, shopper: str) -> Filled:
        """Raises ``BadInput`` for a placeholder that is none, or that the store cannot fill."""
        whole = _PLACEHOLDER.fullmatch(text)
        if whole is not None:
            return await self._one(whole[1], whole[2] or "", shopper)
        pieces: list[str] = []
        end = 0
        for match in _PLACEHOLDER.finditer(text):
            piece = await self._one(match[1], match[2] or "", shopper)
            if not isinstance(piece, str):
                raise BadInput("bad_placeholder", f"{match[0]} stands for several texts and must stand alone")
            pieces += [text[end : match.start()], piece]
            end = match.end()
        return "".join((*pieces, text[end:]))

    async def services(self, shopper: str) -> TurnServices:
        return self._services.for_turn(await self._identity(shopper))

    async def order(self, which: str, shopper: str) -> Order:
        """One of the shopper's orders. Raises ``BadInput`` when there is none such."""
        orders = _got(await (await self.services(shopper)).orders(ORDERS), "orders")
        for order in sorted(orders, key=lambda one: one.placed_at, reverse=True):
            if _is_meant(order, which):
                return order
        raise BadInput("no_such_order", f"{shopper} has no order {which!r}")

    async def _one(self, name: str, what: str, shopper: str) -> Filled:
        if name in _OF_THE_SHELVES:
            return _OF_THE_SHELVES[name](self.shelves, what)
        if name in _OF_AN_ORDER:
            services, order = await self.services(shopper), await self.order(what, shopper)
            return await _OF_AN_ORDER[name](services, order)
        if name == "stock":
            return await self._stock(what, shopper)
        raise BadInput("bad_placeholder", f"there is no placeholder {name!r}")

    async def _stock(self, title: str, shopper: str) -> Filled:
        asin = self.shelves.product(title).asin
        return _STOCK_WORDS[_got(await (await self.services(shopper)).stock([asin]), "inventory")[asin].state]


def _is_meant(order: Order, which: str) -> bool:
    kind, _, rest = which.strip().partition(" ")
    if kind == "with":
        return any(folded(item.title) == folded(rest) for item in order.items)
    return kind == "newest" and rest in ("", order.state)


def _price(chosen: Callable[[Shelves, str], Decimal | None]) -> Callable[[Shelves, str], str]:
    def worded(shelves: Shelves, title: str) -> str:
        if (amount := chosen(shelves, title)) is None:
            raise BadInput("no_such_price", f"{title!r} has no such price")
        return money(amount, "USD")

    return worded


def _short_of(shelves: Shelves, what: str) -> str:
    goal, _, listed = what.partition(":")
    return money(Decimal(goal) - shelves.total(listed), "USD")


_OF_THE_SHELVES: Final[dict[str, Callable[[Shelves, str], Filled]]] = {
    "asin": lambda shelves, title: shelves.product(title).asin,
    "price": _price(lambda shelves, title: shelves.price(title).current),
    "member": _price(lambda shelves, title: shelves.price(title).member),
    "list": _price(lambda shelves, title: shelves.price(title).list),
    "total": _price(lambda shelves, listed: shelves.total(listed)),
    "short of": _short_of,
    "series": lambda shelves, conditions: shelves.series(conditions),
    "products": lambda shelves, conditions: shelves.titles_that(conditions),
    "dearest": lambda shelves, conditions: shelves.extreme(conditions, max),
    "cheapest": lambda shelves, conditions: shelves.extreme(conditions, min),
}


async def _until(services: TurnServices, order: Order) -> str:
    ends = _got(await services.returns(order.order_id), "returns").window_ends
    return _day(ends, order)


async def _refund(services: TurnServices, order: Order) -> str:
    found = _got(await services.returns(order.order_id), "returns")
    if found.refund_amount is None:
        raise BadInput("no_such_fact", f"order {order.order_id} has no refund")
    return money(found.refund_amount, found.currency)


async def _of_parcel(services: TurnServices, order: Order, attribute: str) -> str:
    parcels = _got(await services.shipments(order.order_id), "shipping")
    if not parcels:
        raise BadInput("no_such_fact", f"order {order.order_id} has no parcel")
    value = getattr(parcels[0], attribute)
    return _day(value, order) if attribute == "eta" else str(value)


def _parcel(attribute: str) -> Callable[[TurnServices, Order], Awaitable[str]]:
    return lambda services, order: _of_parcel(services, order, attribute)


def _own(told: Callable[[Order], str]) -> Callable[[TurnServices, Order], Awaitable[str]]:
    async def tell(_: TurnServices, order: Order) -> str:
        return told(order)

    return tell


_OF_AN_ORDER: Final[dict[str, Callable[[TurnServices, Order], Awaitable[str]]]] = {
    "order": _own(lambda order: order.order_id),
    "placed": _own(lambda order: _day(order.placed_at, order)),
    "delivered": _own(lambda order: _day(order.delivered_at, order)),
    "paid": _own(lambda order: money(order.total, order.currency)),
    "return until": _until,
    "refund": _refund,
    "eta": _parcel("eta"),
    "tracking": _parcel("tracking_number"),
    "carrier": _parcel("carrier"),
}
_STOCK_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "in_stock": ("in stock",),
    "low_stock": ("in stock", "low stock", "only", "few", "last"),
    "backorder": ("backorder", "on order"),
    "preorder": ("preorder", "pre-order"),
    "out_of_stock": ("out of stock", "sold out", "isn't in stock", "not in stock"),
}
_NAMES: Final = "|".join(map(re.escape, sorted((*_OF_THE_SHELVES, *_OF_AN_ORDER, "stock"), key=len, reverse=True)))
_PLACEHOLDER: Final = re.compile(rf"\{{({_NAMES})[: ]([^{{}}]*)\}}")


def _day(moment: date | datetime | None, order: Order) -> str:
    if moment is None:
        raise BadInput("no_such_fact", f"order {order.order_id} has no such day")
    return f"{moment:%B} {moment.day}"


def _got(answer: Answer[T], service: str) -> T:
    if answer.value is None:
        raise BadInput("store_silent", f"the store's {service} does not answer: {answer.failure}")
    return answer.value
