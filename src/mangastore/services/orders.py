"""Orders: what the signed-in shopper bought and how each order stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter, QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.orders import Availability, Order, OrderLine, OrderState, PaidWith, Payment
from mangastore.data.prices import CURRENCY, money
from mangastore.problems import OWNED_RESPONSES, PRIVATE_RESPONSES
from mangastore.services.requests import BEARER, AnyRequest, own_orders, required
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
    items: Sequence[ItemView]


class OrdersView(msgspec.Struct):
    """The shopper's orders, newest first."""

    orders: Sequence[OrderView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the orders service."""

    @get("/orders/v1/orders", responses=PRIVATE_RESPONSES, security=BEARER, tags=["orders"], sync_to_thread=False)
    def list_orders(request: AnyRequest, limit: HowMany = 10) -> OrdersView:
        """The signed-in shopper's orders."""
        now = store.clock()
        mine = store.orders_of(required(store, request).id)[:limit]
        return OrdersView([order_view(order, now) for order in mine])

    @get(
        "/orders/v1/orders/{order_id:str}",
        responses=OWNED_RESPONSES,
        security=BEARER,
        tags=["orders"],
        sync_to_thread=False,
    )
    def show_order(request: AnyRequest, order_id: PathOrderId) -> OrderView:
        """One of the signed-in shopper's orders."""
        found = own_orders(store, required(store, request), [order_id])
        return order_view(found[0], store.clock())

    return [list_orders, show_order]


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
        items=[item_view(line, order.state, now.date()) for line in order.lines],
    )


def item_view(line: OrderLine, state: OrderState, today: date) -> ItemView:
    """A line as the contract words it; only what still waits has a day to come."""
    expected = line.expected(today) if state == "placed" else None
    return ItemView(
        asin=line.product.asin,
        title=line.product.title,
        quantity=line.quantity,
        unit_price=money(line.unit_cents),
        availability=line.availability,
        expected=None if expected is None else expected.isoformat(),
    )
