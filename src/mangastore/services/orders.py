"""Orders: what the signed-in shopper bought and how each order stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter, QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.addresses import Address
from mangastore.data.orders import Availability, Order, OrderLine, OrderState, PaidWith, Payment
from mangastore.data.prices import CURRENCY, money
from mangastore.data.products import Product
from mangastore.order_rules import Permission, cancelling, line_cancelling, readdressing
from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES, PRIVATE_RESPONSES
from mangastore.services.requests import BEARER, MAX_ASINS, AnyRequest, Asin, own_orders, required
from mangastore.store import Store

HowMany = Annotated[int, QueryParameter(name="limit", ge=1, le=100)]
PathOrderId = Annotated[str, PathParameter(max_length=40)]


class ItemView(msgspec.Struct):
    """One line of an order."""

    asin: str
    title: str
    quantity: int
    unit_price: str
    availability: Availability
    expected: str | None
    """The day on which a preorder or a backorder is to come."""
    cancellable: bool
    """Whether it can be cancelled without the rest of its order."""


class PermissionView(msgspec.Struct):
    """Whether something may be done now: `until` when, where it does not end with the dispatch, or the `reason` why not."""

    allowed: bool
    until: str | None
    reason: str | None


class Cancellation(msgspec.Struct, forbid_unknown_fields=True):
    """Which products of the order to cancel; none for all of it."""

    asins: Annotated[list[Asin], msgspec.Meta(max_length=MAX_ASINS)] = []


class OrderView(msgspec.Struct):
    """One order."""

    order_id: str
    customer_id: str
    state: OrderState
    placed_at: str
    delivered_at: str | None
    total: str
    currency: str
    payment: Payment
    paid_with: PaidWith
    member_saving: str
    shipping_fee: str
    is_gift: bool
    ship_to: Address | None
    cancelling: PermissionView
    address_change: PermissionView
    items: Sequence[ItemView]


class NextView(msgspec.Struct):
    """The first volume of an order's series that the shopper has not bought; null where there is none."""

    asin: str | None
    title: str | None


class OrdersView(msgspec.Struct):
    """The shopper's orders, newest first."""

    orders: Sequence[OrderView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the orders service."""
    return [*_reading_routes(store), *_changing_routes(store)]


def _reading_routes(store: Store) -> list[HTTPRouteHandler]:
    @get("/orders/v1/orders", responses=PRIVATE_RESPONSES, security=BEARER, tags=["orders"], sync_to_thread=False)
    def list_orders(request: AnyRequest, limit: HowMany = 10) -> OrdersView:
        """The signed-in shopper's orders."""
        now = store.clock()
        mine = store.orders_of(required(store, request).id)[:limit]
        return OrdersView([order_view(order, now) for order in mine])

    @get(
        "/orders/v1/orders/{order_id:str}",
        responses=OWNED_RESPONSES, security=BEARER, tags=["orders"], sync_to_thread=False,
    )  # fmt: skip
    def show_order(request: AnyRequest, order_id: PathOrderId) -> OrderView:
        """One of the signed-in shopper's orders."""
        return order_view(_own(store, request, order_id), store.clock())

    @get(
        "/orders/v1/orders/{order_id:str}/next",
        responses=OWNED_RESPONSES, security=BEARER, tags=["orders"], sync_to_thread=False,
    )  # fmt: skip
    def show_next(request: AnyRequest, order_id: PathOrderId) -> NextView:
        """Where the series of an order goes on for this shopper."""
        order = _own(store, request, order_id)
        found = next_volume(order.lines[0].product, store.catalogue.shelf, store.orders_of(order.customer_id))
        return NextView(found.asin if found else None, found.title if found else None)

    return [list_orders, show_order, show_next]


def _changing_routes(store: Store) -> list[HTTPRouteHandler]:
    @post(
        "/orders/v1/orders/{order_id:str}/cancellation",
        responses=DEED_RESPONSES, security=BEARER, tags=["orders"], status_code=200, sync_to_thread=False,
    )  # fmt: skip
    def cancel_order(request: AnyRequest, order_id: PathOrderId, data: JSONBody[Cancellation]) -> OrderView:
        """Cancel an order, or single preorders and backorders of it, while that is allowed."""
        order, now = _own(store, request, order_id), store.clock()
        return order_view(store.orders.cancel(order, data.asins, now), now)

    @put(
        "/orders/v1/orders/{order_id:str}/address",
        responses=DEED_RESPONSES, security=BEARER, tags=["orders"], sync_to_thread=False,
    )  # fmt: skip
    def change_address(request: AnyRequest, order_id: PathOrderId, data: JSONBody[Address]) -> OrderView:
        """Send an order to another address of its country, until it is dispatched."""
        order = _own(store, request, order_id)
        return order_view(store.orders.readdress(order, data), store.clock())

    return [cancel_order, change_address]


def _own(store: Store, request: AnyRequest, order_id: str) -> Order:
    return own_orders(store, required(store, request), [order_id])[0]


def next_volume(product: Product, shelf: Callable[[str], Sequence[Product]], orders: Sequence[Order]) -> Product | None:
    """The first single volume of the product's series that none of the orders holds; what did not stay bought does not count."""
    kept = [order for order in orders if order.state not in ("cancelled", "refunded")]
    bought = {line.product.asin for order in kept for line in order.lines}
    singles = [one for one in shelf(product.series.id) if one.is_single]
    return next((one for one in sorted(singles, key=lambda one: one.volume or 0) if one.asin not in bought), None)


def order_view(order: Order, now: datetime) -> OrderView:
    """An order as the contract words it, its days turned into dates."""
    delivered = None if order.delivered_day is None else days_from(now.date(), order.delivered_day, 15 * 60)
    return OrderView(
        order_id=order.id,
        customer_id=order.customer_id,
        state=order.state,
        placed_at=rfc3339(order.placed_at(now)),
        delivered_at=None if delivered is None else rfc3339(delivered),
        total=money(order.total_cents),
        currency=CURRENCY,
        payment=order.payment,
        paid_with=order.paid_with,
        member_saving=money(order.saved_cents),
        shipping_fee=money(order.shipping_cents),
        is_gift=order.is_gift,
        ship_to=order.ship_to,
        cancelling=permission_view(cancelling(order, now)),
        address_change=permission_view(readdressing(order)),
        items=[item_view(order, line, now.date()) for line in order.lines],
    )


def permission_view(permission: Permission) -> PermissionView:
    """A permission as the contract words it."""
    until = None if permission.until is None else rfc3339(permission.until)
    return PermissionView(permission.allowed, until, permission.reason)


def item_view(order: Order, line: OrderLine, today: date) -> ItemView:
    """A line as the contract words it; only what still waits has a day to come."""
    expected = line.expected(today) if order.state == "placed" else None
    return ItemView(
        asin=line.product.asin,
        title=line.product.title,
        quantity=line.quantity,
        unit_price=money(line.unit_cents),
        availability=line.availability,
        expected=None if expected is None else expected.isoformat(),
        cancellable=line_cancelling(order, line),
    )
