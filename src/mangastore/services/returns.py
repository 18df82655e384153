"""Returns: whether an order can still be sent back, how a return begins, and how far a refund is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.addresses import WAREHOUSE, Address
from mangastore.data.orders import (
    Order,
    OrderLine,
    ReturnCase,
    ReturnReason,
    ReturnState,
    ReturnWish,
    return_window_end,
)
from mangastore.data.prices import CURRENCY, money
from mangastore.order_rules import LABEL_DAYS, REASON_RULES, delivered_on, open_reasons, refund_cents, returning
from mangastore.problems import DEED_RESPONSES, OWNED_RESPONSES
from mangastore.services.requests import BEARER, MAX_ASINS, AnyRequest, Asin, OrderId, own_orders, required
from mangastore.store import Store

OrderIds = Annotated[list[OrderId] | None, QueryParameter(name="order_id", max_items=MAX_ASINS)]


class ReasonView(msgspec.Struct):
    """A reason that counts today, and what follows from it."""

    reason: ReturnReason
    words: str
    until: str
    label_fee: str
    keeps_copy: bool
    can_replace: bool


class LabelView(msgspec.Struct):
    """The prepaid label of a return; `send_by` is null where nobody knows when it was made."""

    number: str
    fee: str
    sender: Address | None
    to: Address
    send_by: str | None


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
    reasons: Sequence[ReasonView]
    """For which reasons a return or a complaint can be begun today."""
    asins: Sequence[str]
    """What comes back with the return that is under way."""
    return_reason: ReturnReason | None
    wish: ReturnWish | None
    label: LabelView | None
    """Of a return whose parcel is waited for."""


class ReturnsView(msgspec.Struct):
    """The returns of the orders asked for."""

    returns: Sequence[ReturnView]


class ReturnRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What comes back and why; a wish for a replacement is for faults only."""

    order_id: OrderId
    asins: Annotated[list[Asin], msgspec.Meta(min_length=1, max_length=MAX_ASINS)]
    reason: ReturnReason
    wish: ReturnWish = "refund"


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the returns service."""

    @get("/returns/v1/returns", responses=OWNED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def list_returns(request: AnyRequest, order_id: OrderIds = None) -> ReturnsView:
        """Whether the signed-in shopper's orders can be returned."""
        today = store.clock().date()
        mine = own_orders(store, required(store, request), order_id)
        return ReturnsView([return_view(order, today) for order in mine])

    @post("/returns/v1/returns", responses=DEED_RESPONSES, security=BEARER, tags=["returns"], sync_to_thread=False)
    def start_return(request: AnyRequest, data: JSONBody[ReturnRequest]) -> ReturnView:
        """Begin a return, or report a faulty copy, while that is allowed."""
        now = store.clock()
        order = own_orders(store, required(store, request), [data.order_id])[0]
        begun = store.orders.send_back(order, data.asins, data.reason, data.wish, now)
        return return_view(begun, now.date())

    return [list_returns, start_return]


def return_view(order: Order, today: date) -> ReturnView:
    """How an order stands with its return, as the contract words it."""
    case, permission = order.return_case, returning(order, today)
    ends = None if order.delivered_day is None else return_window_end(delivered_on(order, today))
    refunded = None if case is None or case.refunded_day is None else days_from(today, case.refunded_day, 10 * 60)
    back = [] if case is None else _lines_of(order, case)
    return ReturnView(
        order_id=order.id,
        eligible=permission.allowed,
        reason=permission.reason,
        window_ends=None if ends is None else ends.isoformat(),
        state="none" if case is None else case.state,
        refund_amount=None if case is None or case.wish != "refund" else money(refund_cents(back, case.reason)),
        currency=CURRENCY,
        refunded_at=None if refunded is None else rfc3339(refunded),
        reasons=[reason_view(reason, until) for reason, until in open_reasons(order, today).items()],
        asins=[line.product.asin for line in back],
        return_reason=None if case is None else case.reason,
        wish=None if case is None else case.wish,
        label=None if case is None or case.state != "requested" else label_view(order, case, today),
    )


def reason_view(reason: ReturnReason, until: date) -> ReasonView:
    """A reason as the contract words it."""
    rule = REASON_RULES[reason]
    fee = money(rule.label_cents)
    return ReasonView(reason, rule.words, until.isoformat(), fee, rule.keeps_copy, rule.can_replace)


def label_view(order: Order, case: ReturnCase, today: date) -> LabelView:
    """The label of a parcel that is waited for."""
    send_by = None if case.requested_day is None else today + timedelta(days=case.requested_day + LABEL_DAYS)
    return LabelView(
        number=f"RMA-{order.id}",
        fee=money(REASON_RULES[case.reason].label_cents),
        sender=order.ship_to,
        to=WAREHOUSE,
        send_by=None if send_by is None else send_by.isoformat(),
    )


def _lines_of(order: Order, case: ReturnCase) -> list[OrderLine]:
    return [line for place, line in enumerate(order.lines) if place in case.lines or not case.lines]
