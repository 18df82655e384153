"""Who is asking, and what they bought: the contracts of profile, orders, shipping and returns."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from mangaassist.domain.products import Currency, Line, Moment, WebUrl

OrderId = Annotated[str, Meta(pattern=r"^\d{3}-\d{7}-\d{7}$")]


class Identity(Struct, frozen=True):
    """Who is on the other end. A guest has no customer id and no token.

    ``token`` is forwarded to the services that need the shopper's identity (S-1) and never logged. ``is_operator``: the store's
    own staff, who may look into what others may not (O-6).
    """

    customer_id: str | None = None
    token: str | None = None
    expires_at: datetime | None = None
    is_operator: bool = False

    @property
    def is_guest(self) -> bool:
        return self.customer_id is None

    def __repr__(self) -> str:
        return f"Identity({self.customer_id or 'guest'})"


GUEST = Identity()


class Customer(Struct, frozen=True, kw_only=True):
    customer_id: str
    name: Line
    member: bool
    locale: str
    language: str
    favourite_genres: tuple[str, ...] = ()


Availability = Literal["in_stock", "preorder", "backorder"]
Payment = Literal["authorized", "charged", "not_charged", "released", "refunded"]
"""Whether the money was taken: reserved only, taken, not yet touched, let go again, or paid back."""


class OrderItem(Struct, frozen=True, kw_only=True):
    asin: str
    title: Line
    quantity: Annotated[int, Meta(ge=1)]
    unit_price: Decimal
    availability: Availability = "in_stock"
    """As it was when it was ordered."""
    expected: date | None = None
    """The day on which a preorder comes out or a backorder is to be there."""


class Order(Struct, frozen=True, kw_only=True):
    order_id: OrderId
    state: Literal["placed", "shipped", "delivered", "cancelled", "refunded"]
    placed_at: Moment
    delivered_at: Moment | None = None
    total: Decimal
    currency: Currency
    items: tuple[OrderItem, ...]
    payment: Payment | None = None
    paid_with: Line = ""
    member_saving: Decimal | None = None
    """What the member price took off."""
    shipping_fee: Decimal | None = None
    is_gift: bool = False

    @property
    def waits_for(self) -> Availability:
        """What a placed order waits for: a release, new stock, or nothing but to be packed."""
        waiting = [one for one in self.items if one.availability != "in_stock"] if self.state == "placed" else []
        return waiting[0].availability if waiting else "in_stock"

    def by(self, clock: Callable[[datetime], datetime]) -> "Order":
        """The same order, its moments told by another clock."""
        delivered = clock(self.delivered_at) if self.delivered_at else None
        return replace(self, placed_at=clock(self.placed_at), delivered_at=delivered)

    def __post_init__(self) -> None:
        if not (self.total.is_finite() and self.total >= 0):
            raise ValueError(f"total is {self.total}, not an amount")


class Shipment(Struct, frozen=True, kw_only=True):
    order_id: OrderId
    carrier: Line
    tracking_number: Line
    tracking_url: WebUrl
    state: Literal["label_created", "in_transit", "out_for_delivery", "delivered"]
    eta: date | None = None
    last_event: Line = ""
    last_event_at: Moment | None = None
    asins: tuple[str, ...] = ()
    """What it holds, where the store says so."""


class ReturnCase(Struct, frozen=True, kw_only=True):
    """One return of an order: how far it has come, and which books it holds, where the store says so."""

    state: Literal["requested", "received", "refunded"]
    asins: tuple[str, ...] = ()
    wish: Literal["", "refund", "replacement"] = ""
    keeps_copy: bool = False
    """It is a report of a fault, and nothing is sent back."""
    refund_amount: Decimal | None = None
    refunded_at: Moment | None = None


class OrderReturn(Struct, frozen=True, kw_only=True):
    """Whether an order, or what is left of it, can be returned, and how far its newest return has come."""

    order_id: OrderId
    eligible: bool
    reason: Line | None = None
    window_ends: date | None = None
    state: Literal["none", "requested", "received", "refunded"]
    refund_amount: Decimal | None = None
    currency: Currency
    refunded_at: Moment | None = None
    open_asins: tuple[str, ...] = ()
    """What no return holds, where the store says so."""
    cases: tuple[ReturnCase, ...] = ()
    """Its returns, the oldest first, where the store tells of each."""

    @property
    def begun(self) -> tuple[ReturnCase, ...]:
        """Its returns, the oldest first; of a store that tells of one alone, that one."""
        if self.cases or self.state == "none":
            return self.cases
        return (ReturnCase(state=self.state, refund_amount=self.refund_amount, refunded_at=self.refunded_at),)

    def by(self, clock: Callable[[datetime], datetime]) -> "OrderReturn":
        """The same returns, their moments told by another clock."""
        cases = tuple(
            replace(case, refunded_at=clock(case.refunded_at)) if case.refunded_at else case for case in self.cases
        )
        return replace(self, refunded_at=clock(self.refunded_at) if self.refunded_at else None, cases=cases)
