"""Returns: whether an order can still be sent back, and how far a refund is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.orders import Order, ReturnState, return_window_end
from mangastore.data.prices import CURRENCY, money
from mangastore.problems import OWNED_RESPONSES
from mangastore.services.requests import BEARER, MAX_ASINS, AnyRequest, OrderId, own_orders, required
from mangastore.store import Store

OrderIds = Annotated[list[OrderId] | None, QueryParameter(name="order_id", max_items=MAX_ASINS)]


class ReturnView(msgspec.Struct):
    """Whether an order can be returned, and the return that is under way."""

    order_id: str
    eligible: bool
    reason: str | None
    window_ends: str | None
    state: ReturnState
    refund_amount: str | None
    currency: str
    refunded_at: str | None


class ReturnsView(msgspec.Struct):
    """The returns of the orders asked for."""

    returns: Sequence[ReturnView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the returns service."""

    @get("/returns/v1/returns", responses=OWNED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def list_returns(request: AnyRequest, order_id: OrderIds = None) -> ReturnsView:
        """Whether the signed-in shopper's orders can be returned."""
        today = store.clock().date()
        mine = own_orders(store, required(store, request), order_id)
        return ReturnsView([return_view(order, today) for order in mine])

    return [list_returns]


def return_view(order: Order, today: date) -> ReturnView:
    """How an order stands with its return, as the contract words it."""
    case = order.return_case
    ends = None if order.delivered_day is None else return_window_end(today + timedelta(days=order.delivered_day))
    reason = _why_not(order, ends, today)
    refunded = None if case is None or case.refunded_day is None else days_from(today, case.refunded_day, 10 * 60)
    return ReturnView(
        order_id=order.id,
        eligible=reason is None,
        reason=reason,
        window_ends=None if ends is None else ends.isoformat(),
        state="none" if case is None else case.state,
        refund_amount=None if case is None else money(order.books_cents),
        currency=CURRENCY,
        refunded_at=None if refunded is None else rfc3339(refunded),
    )


def _why_not(order: Order, window_ends: date | None, today: date) -> str | None:
    """Why an order cannot be returned, None where it can."""
    if order.state == "cancelled":
        return "This order was cancelled."
    if order.state == "refunded":
        return "This order has already been refunded."
    if order.return_case is not None:
        return "A return of this order is already under way."
    if window_ends is None:
        return "This order has not been delivered yet."
    if window_ends < today:
        return f"The return window ended on {window_ends.isoformat()}."
    return None
