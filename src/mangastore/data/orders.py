"""The demo customers' orders with their parcels and returns; every date is counted from today and so never goes stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from mangastore.clock import days_from
from mangastore.data import draws
from mangastore.data.addresses import Address
from mangastore.data.customers import DEMO_CUSTOMERS
from mangastore.data.prices import list_cents, member_cents
from mangastore.data.products import Product
from mangastore.data.stock import stock_level

OrderState = Literal["placed", "shipped", "delivered", "cancelled", "refunded"]
ShipmentState = Literal["label_created", "in_transit", "out_for_delivery", "delivered"]
ReturnState = Literal["none", "requested", "received", "refunded"]
ReturnReason = Literal["changed_mind", "wrong_item", "damaged", "misprint", "missing_item"]
ReturnWish = Literal["refund", "replacement"]
Availability = Literal["in_stock", "preorder", "backorder"]
Payment = Literal["authorized", "charged", "not_charged", "released", "refunded"]
PaidWith = Literal["card", "PayPal", "gift card"]

RETURN_WINDOW_DAYS = 30
TWO_PARCELS = 2
STANDARD_SHIPPING_CENTS = 399
FREE_SHIPPING_FROM_CENTS = 3500
MEMBERS = frozenset(customer.id for customer in DEMO_CUSTOMERS if customer.member)
ADDRESSES = {customer.id: customer.address for customer in DEMO_CUSTOMERS}


class OrderLine(msgspec.Struct, frozen=True):
    """One product of an order at the price it was bought for."""

    product: Product
    quantity: int
    unit_cents: int
    availability: Availability = "in_stock"
    """As it was when it was ordered: what could only be ordered ahead waits for its day."""

    def expected(self, today: date) -> date | None:
        """The day on which what waits is to come: of a preorder its release, of a backorder that of its stock."""
        days = stock_level(self.product).restock_days if self.availability != "in_stock" else None
        return None if days is None else today + timedelta(days=days)


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel on its way or there; days are counted from today, negative ones are past."""

    carrier: str
    tracking_number: str
    state: ShipmentState
    eta_day: int | None
    last_event: str
    last_event_day: int
    lines: Sequence[int] = ()
    """Which lines of the order it holds, by their places; empty for all."""


class Photo(msgspec.Struct, frozen=True):
    """A picture that shows a fault; `media_type` is what its bytes are."""

    id: str
    media_type: str
    body: bytes


class ReturnCase(msgspec.Struct, frozen=True):
    """A return that the customer asked for."""

    state: ReturnState
    refunded_day: int | None = None
    lines: Sequence[int] = ()
    """Which lines of the order come back, by their places; empty for all."""
    reason: ReturnReason = "wrong_item"
    wish: ReturnWish = "refund"
    requested_day: int | None = None
    photos: Sequence[Photo] = ()


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order; days are counted from today, negative ones are past."""

    id: str
    customer_id: str
    state: OrderState
    placed_day: int
    minute_of_day: int
    delivered_day: int | None
    lines: list[OrderLine]
    parcels: Sequence[Parcel]
    returns: Sequence[ReturnCase] = ()
    """The oldest first; no line is in two of them."""
    paid_with: PaidWith = "card"
    is_gift: bool = False
    ship_to: Address | None = None
    fee_cents: int | None = None
    """What was charged for shipping, where it is not told by the lines: a line that is cancelled changes no fee."""
    minutes_ago: int | None = None
    """How long ago an order of this very hour was placed; its day and minute then do not count."""

    def placed_at(self, now: datetime) -> datetime:
        """When it was placed, as of now."""
        if self.minutes_ago is not None:
            return now - timedelta(minutes=self.minutes_ago)
        return days_from(now.date(), self.placed_day, self.minute_of_day)

    @property
    def payment(self) -> Payment:
        """Cards are charged when books leave; a gift card is taken off at once."""
        match self.state:
            case "cancelled":
                return "released"
            case "refunded":
                return "refunded"
            case "placed" if self.paid_with == "gift card":
                return "charged"
            case "placed":
                return "authorized" if any(line.availability == "in_stock" for line in self.lines) else "not_charged"
            case _:
                return "charged"

    @property
    def saved_cents(self) -> int:
        """What the member price took off."""
        return sum((list_cents(line.product) - line.unit_cents) * line.quantity for line in self.lines)

    def lines_of(self, case: ReturnCase) -> list[OrderLine]:
        """What comes back with a return."""
        return [line for place, line in enumerate(self.lines) if place in case.lines or not case.lines]

    @property
    def kept_lines(self) -> list[OrderLine]:
        """What no return holds."""
        gone = [line for case in self.returns for line in self.lines_of(case)]
        return [line for line in self.lines if line not in gone]

    @property
    def shipping_cents(self) -> int:
        """Members and large orders ship free."""
        if self.fee_cents is not None:
            return self.fee_cents
        free = self.customer_id in MEMBERS or self.books_cents >= FREE_SHIPPING_FROM_CENTS
        return 0 if free else STANDARD_SHIPPING_CENTS

    @property
    def books_cents(self) -> int:
        """What was paid for all lines; a refund gives this back."""
        return sum(line.unit_cents * line.quantity for line in self.lines)

    @property
    def total_cents(self) -> int:
        """What was paid in all."""
        return self.books_cents + self.shipping_cents


def return_window_end(delivered: date) -> date:
    """The last day on which a delivery can be sent back: 30 days, over the holidays until the end of January."""
    usual = delivered + timedelta(days=RETURN_WINDOW_DAYS)
    holidays = date(delivered.year, 11, 1) <= delivered <= date(delivered.year, 12, 24)
    return max(usual, date(delivered.year + 1, 1, 31)) if holidays else usual


def _paid_cents(product: Product, customer_id: str) -> int:
    full = list_cents(product)
    return (member_cents(product, full) or full) if customer_id in MEMBERS else full


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one order stands, before its products are drawn."""

    state: OrderState
    placed: int
    delivered: int | None = None
    parcel: ShipmentState | None = None
    returned: ReturnCase | None = None
    minutes_ago: int | None = None
    eta: int | None = None
    """The day on which it is expected, from today; a past one is late. None: as its parcel's state says."""
    want: Sequence[tuple[str, int]] = ()
    """Series and volumes that the order holds where the store sells them; otherwise products are drawn."""
    availability: Availability = "in_stock"
    paid_with: PaidWith = "card"
    is_gift: bool = False
    ahead: ShipmentState | None = None
    """Where a first parcel with the first line is, if the order comes in two."""


ORDER_PLANS: Mapping[str, Sequence[Plan]] = {
    "cus-aiko": (
        Plan(state="placed", placed=-1, want=(("witch-hat-atelier", 1), ("frieren-beyond-journeys-end", 1))),
        Plan(state="shipped", placed=-4, parcel="in_transit", want=(("vinland-saga", 3), ("vinland-saga", 4))),
        Plan(state="shipped", placed=-5, parcel="out_for_delivery", want=(("a-brides-story", 2),)),
        Plan(state="delivered", placed=-11, delivered=-6, want=(("vinland-saga", 1), ("vinland-saga", 2))),
        Plan(
            state="delivered",
            placed=-18,
            delivered=-13,
            returned=ReturnCase("requested", requested_day=-3),
            want=(("monster", 1),),
        ),
        Plan(state="refunded", placed=-32, delivered=-27, returned=ReturnCase("refunded", -8), want=(("pluto", 1),)),
        Plan(state="cancelled", placed=-40, want=(("berserk", 1),)),
        Plan(state="delivered", placed=-105, delivered=-100, want=(("vagabond", 1), ("kingdom", 1))),
        Plan(state="placed", placed=0, minutes_ago=25, want=(("blue-period", 1),)),  # can still be cancelled
        Plan(state="shipped", placed=-9, parcel="in_transit", eta=-2, want=(("golden-kamuy", 1),)),  # is late
        Plan(state="placed", placed=-21, availability="preorder", want=(("spy-x-family", 15),)),
        Plan(state="placed", placed=-16, availability="backorder", want=(("20th-century-boys", 3),)),
        Plan(
            state="delivered",
            placed=-24,
            delivered=-20,
            is_gift=True,
            paid_with="gift card",
            want=(("yotsuba-and", 1),),
        ),
        Plan(
            state="shipped",
            placed=-7,
            parcel="in_transit",
            ahead="delivered",
            paid_with="PayPal",
            want=(("delicious-in-dungeon", 1), ("delicious-in-dungeon", 2)),
        ),
    ),
    "cus-chidi": (
        Plan(state="shipped", placed=-2, parcel="label_created", want=(("slam-dunk", 2),)),
        Plan(state="delivered", placed=-9, delivered=-5, want=(("haikyu", 1), ("haikyu", 2), ("haikyu", 3))),
        Plan(state="delivered", placed=-150, delivered=-146, want=(("blue-lock", 1),)),
    ),
    "cus-dana": (
        Plan(state="delivered", placed=-7, delivered=-2, want=(("uzumaki", 1),)),
        Plan(
            state="refunded", placed=-60, delivered=-55, returned=ReturnCase("refunded", -41), want=(("parasyte", 1),)
        ),
    ),
    "cus-elena": (
        Plan(state="placed", placed=-1, want=(("fruits-basket", 1), ("nana", 1))),
        Plan(state="delivered", placed=-20, delivered=-16, returned=ReturnCase("received"), want=(("horimiya", 1),)),
    ),
}

CARRIERS = ("UPS", "USPS", "FedEx")
LAST_EVENTS: Mapping[ShipmentState, tuple[str, ...]] = {
    "label_created": ("Shipping label created, waiting for the carrier",),
    "in_transit": ("Departed the sorting center in Columbus, OH", "Arrived at the regional hub in Louisville, KY"),
    "out_for_delivery": ("Out for delivery",),
    "delivered": ("Delivered at the front door", "Delivered in the mailbox", "Handed to the resident"),
}
ETA_DAYS: Mapping[ShipmentState, int | None] = {
    "label_created": 5,
    "in_transit": 2,
    "out_for_delivery": 0,
    "delivered": None,
}


def make_orders(products: Sequence[Product]) -> dict[str, list[Order]]:
    """The orders of each customer who has any, newest first."""
    wanted = {(p.series.id, p.volume): p for p in products if p.is_single}
    singles = [product for product in products if product.is_single]
    if not singles:
        return {}
    made = {
        customer: [_order(customer, place, plan, wanted, singles) for place, plan in enumerate(plans)]
        for customer, plans in ORDER_PLANS.items()
    }
    return {customer: sorted(orders, key=lambda order: -order.placed_day) for customer, orders in made.items()}


def _order(
    customer: str, place: int, plan: Plan, wanted: Mapping[tuple[str, int | None], Product], singles: Sequence[Product]
) -> Order:
    found = [wanted[want] for want in plan.want if want in wanted]
    chosen = found or [draws.pick(singles, "order", customer, place)]
    return Order(
        id=order_id(customer, place),
        customer_id=customer,
        state=plan.state,
        placed_day=plan.placed,
        minute_of_day=draws.between(8 * 60, 22 * 60, "minute", customer, place),
        delivered_day=plan.delivered,
        lines=[OrderLine(product, 1, _paid_cents(product, customer), plan.availability) for product in chosen],
        parcels=_parcels(customer, place, plan, len(chosen)),
        returns=() if plan.returned is None else (plan.returned,),
        paid_with=plan.paid_with,
        is_gift=plan.is_gift,
        ship_to=ADDRESSES.get(customer),
        minutes_ago=plan.minutes_ago,
    )


def _parcels(customer: str, place: int, plan: Plan, lines: int) -> list[Parcel]:
    state: ShipmentState | None = "delivered" if plan.delivered is not None else plan.parcel
    if state is None:
        return []
    if plan.ahead is None or lines < TWO_PARCELS:
        return [_parcel(plan, state, plan.eta, (customer, place))]
    first = _parcel(plan, plan.ahead, None, (customer, place, "ahead"))
    rest = _parcel(plan, state, plan.eta, (customer, place))
    return [
        msgspec.structs.replace(first, lines=(0,)),
        msgspec.structs.replace(rest, lines=tuple(range(1, lines))),
    ]


def _parcel(plan: Plan, state: ShipmentState, eta: int | None, key: tuple[object, ...]) -> Parcel:
    carrier = draws.pick(CARRIERS, "carrier", *key)
    return Parcel(
        carrier=carrier,
        tracking_number=_tracking_number(carrier, *key),
        state=state,
        eta_day=ETA_DAYS[state] if eta is None else eta,
        last_event=draws.pick(LAST_EVENTS[state], "event", *key),
        last_event_day=_last_event_day(plan, state),
    )


def _last_event_day(plan: Plan, state: ShipmentState) -> int:
    """The day of a parcel's newest event; never later than today."""
    if plan.delivered is not None:
        return plan.delivered
    return 0 if state == "out_for_delivery" else max(plan.placed + 1, -1)


def order_id(*key: object) -> str:
    """An order number such as 112-3456789-0123456 that the key decides."""
    value = draws.number("order id", *key)
    return f"{112 + value % 3}-{value // 7 % 10**7:07d}-{value // 10**9 % 10**7:07d}"


def _tracking_number(carrier: str, *key: object) -> str:
    value = draws.number("tracking", *key)
    match carrier:
        case "UPS":
            return f"1Z{value % 36**3:06d}{value // 10**6 % 10**10:010d}"
        case "USPS":
            return f"9400{value % 10**18:018d}"
        case _:
            return f"{value % 10**12:012d}"
