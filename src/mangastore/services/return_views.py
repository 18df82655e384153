"""Returns as the contract words them: whether an order, or what is left of it, can go back, and how far each return is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from mangastore.clock import days_from, rfc3339
from mangastore.data.addresses import WAREHOUSE, Address
from mangastore.data.orders import Order, ReturnCase, ReturnReason, ReturnState, ReturnWish, return_window_end
from mangastore.data.prices import CURRENCY, money
from mangastore.order_rules import (
    LABEL_DAYS,
    REASON_RULES,
    delivered_on,
    open_reasons,
    photos_left,
    refund_cents,
    returning,
)


class ReasonView(msgspec.Struct):
    """A reason that counts today, and what follows from it."""

    reason: ReturnReason
    words: str
    until: str
    label_fee: str
    keeps_copy: bool
    can_replace: bool
    photos: int
    """How many photos a report of it takes."""


class LabelView(msgspec.Struct):
    """The prepaid label of a return; `send_by` is null where nobody knows when it was made."""

    number: str
    fee: str
    sender: Address | None
    to: Address
    send_by: str | None


class PhotoView(msgspec.Struct):
    """A photo of a return; ``/returns/v1/photos/ID`` has it."""

    id: str
    media_type: str


class CaseView(msgspec.Struct):
    """One return of an order's."""

    number: str
    state: ReturnState
    asins: Sequence[str]
    reason: ReturnReason
    wish: ReturnWish
    keeps_copy: bool
    """Nothing is sent back: it is a report."""
    refund_amount: str | None
    refunded_at: str | None
    label: LabelView | None
    """Of a parcel that is waited for."""
    photos: Sequence[PhotoView]
    photos_left: int
    """How many more photos it takes."""


class ReturnView(msgspec.Struct):
    """Whether an order, or what is left of it, can be returned, and its returns; state and refund are those of the newest."""

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
    open_asins: Sequence[str]
    """What no return holds."""
    cases: Sequence[CaseView]
    """The oldest first."""


def return_view(order: Order, today: date) -> ReturnView:
    """How an order stands with its return, as the contract words it."""
    permission = returning(order, today)
    ends = None if order.delivered_day is None else return_window_end(delivered_on(order, today))
    cases = [case_view(order, place, today) for place in range(len(order.returns))]
    newest = cases[-1] if cases else None
    return ReturnView(
        order_id=order.id,
        eligible=permission.allowed,
        reason=permission.reason,
        window_ends=None if ends is None else ends.isoformat(),
        state=newest.state if newest else "none",
        refund_amount=newest.refund_amount if newest else None,
        currency=CURRENCY,
        refunded_at=newest.refunded_at if newest else None,
        reasons=[reason_view(reason, until) for reason, until in open_reasons(order, today).items()],
        open_asins=[line.product.asin for line in order.kept_lines],
        cases=cases,
    )


def case_view(order: Order, place: int, today: date) -> CaseView:
    """One of the order's returns as the contract words it."""
    case = order.returns[place]
    lines, rule = order.lines_of(case), REASON_RULES[case.reason]
    refunded = None if case.refunded_day is None else days_from(today, case.refunded_day, 10 * 60)
    number = case_number(order, place)
    return CaseView(
        number=number,
        state=case.state,
        asins=[line.product.asin for line in lines],
        reason=case.reason,
        wish=case.wish,
        keeps_copy=rule.keeps_copy,
        refund_amount=money(refund_cents(lines, case.reason)) if case.wish == "refund" else None,
        refunded_at=None if refunded is None else rfc3339(refunded),
        label=label_view(order, case, number, today) if case.state == "requested" else None,
        photos=[PhotoView(photo.id, photo.media_type) for photo in case.photos],
        photos_left=photos_left(case),
    )


def case_number(order: Order, place: int) -> str:
    """What stands on the label of the return at this place of the order's."""
    return f"RMA-{order.id}" + (f"-{place + 1}" if place else "")


def reason_view(reason: ReturnReason, until: date) -> ReasonView:
    """A reason as the contract words it."""
    rule = REASON_RULES[reason]
    fee, photos = money(rule.label_cents), photos_left(ReturnCase("requested", reason=reason))
    return ReasonView(reason, rule.words, until.isoformat(), fee, rule.keeps_copy, rule.can_replace, photos)


def label_view(order: Order, case: ReturnCase, number: str, today: date) -> LabelView:
    """The label of a parcel that is waited for."""
    send_by = None if case.requested_day is None else today + timedelta(days=case.requested_day + LABEL_DAYS)
    return LabelView(
        number=number,
        fee=money(REASON_RULES[case.reason].label_cents),
        sender=order.ship_to,
        to=WAREHOUSE,
        send_by=None if send_by is None else send_by.isoformat(),
    )
