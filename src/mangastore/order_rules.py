"""What may be done with an order, and until when: how many copies, cancelling, another address, sending back. All ask here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from mangastore.clock import in_words
from mangastore.data.orders import Order, OrderLine, OrderState, ReturnCase, ReturnReason, return_window_end
from mangastore.data.products import Product

CANCEL_MINUTES: Final = 60
RETURN_LABEL_CENTS: Final = 499
LABEL_DAYS: Final = 7
"""A parcel is to be sent so many days after its label was made."""

MOST_PHOTOS: Final = 4
MOST_COPIES: Final = 5
MOST_BOX_SETS: Final = 2


class Permission(msgspec.Struct, frozen=True):
    """Whether something may be done now. `until` is None where it ends with the dispatch; `reason` says why not."""

    allowed: bool
    until: datetime | None = None
    reason: str | None = None


class ReasonRule(msgspec.Struct, frozen=True):
    """For how many days after delivery a reason counts (None: as long as any return), and what happens to the copy."""

    words: str
    days: int | None = None
    label_cents: int = 0
    keeps_copy: bool = False
    can_replace: bool = True


REASON_RULES: Final[Mapping[ReturnReason, ReasonRule]] = {
    "changed_mind": ReasonRule("I changed my mind", label_cents=RETURN_LABEL_CENTS, can_replace=False),
    "wrong_item": ReasonRule("It is not what I ordered", days=30),
    "damaged": ReasonRule("It arrived damaged", days=14, keeps_copy=True),
    "misprint": ReasonRule("It has a printing defect", days=90, keeps_copy=True),
    "missing_item": ReasonRule("It was not in the parcel", days=14, keeps_copy=True),
}

_ALL_GONE: Final = ("A return of this order is already under way.", "Returns of all its books are already under way.")
_TOO_LATE_TO_CANCEL: Final[Mapping[OrderState, str]] = {
    "placed": f"Packing began {CANCEL_MINUTES} minutes after the order was placed. You can send it back once it is there.",
    "shipped": "This order is on its way. You can send it back once it is there.",
    "delivered": "This order has been delivered.",
    "cancelled": "This order was cancelled.",
    "refunded": "This order has already been refunded.",
}
_TOO_LATE_TO_REDIRECT: Final[Mapping[OrderState, str]] = {
    **_TOO_LATE_TO_CANCEL,
    "shipped": "This order is on its way: a parcel cannot be redirected.",
}


def most_copies(product: Product) -> int:
    """How many copies of a product one order may hold."""
    return MOST_BOX_SETS if product.format == "box_set" else MOST_COPIES


def cancelling(order: Order, now: datetime) -> Permission:
    """Whether the whole order may be cancelled: in its first hour, or while all of it waits for its day."""
    if order.state == "placed" and all(map(waits, order.lines)):
        return Permission(allowed=True)
    ends = order.placed_at(now) + timedelta(minutes=CANCEL_MINUTES)
    if order.state == "placed" and now <= ends:
        return Permission(allowed=True, until=ends)
    return Permission(allowed=False, reason=_TOO_LATE_TO_CANCEL[order.state])


def line_cancelling(order: Order, line: OrderLine) -> bool:
    """Whether one line of several may be cancelled by itself: a preorder or a backorder, until it is dispatched."""
    return order.state == "placed" and waits(line) and len(order.lines) > 1


def waits(line: OrderLine) -> bool:
    """Whether a line could only be ordered ahead."""
    return line.availability != "in_stock"


def readdressing(order: Order) -> Permission:
    """Whether the order can still go elsewhere: until it is dispatched."""
    if order.state == "placed":
        return Permission(allowed=True)
    return Permission(allowed=False, reason=_TOO_LATE_TO_REDIRECT[order.state])


def returning(order: Order, today: date) -> Permission:
    """Whether the order may be sent back because its owner likes to."""
    blocked = _no_return(order)
    if blocked is not None:
        return Permission(allowed=False, reason=blocked)
    last = return_window_end(delivered_on(order, today))
    if last < today:
        return Permission(allowed=False, reason=f"The return window ended on {in_words(last)}.")
    return Permission(allowed=True)


def open_reasons(order: Order, today: date) -> dict[ReturnReason, date]:
    """For which reasons the order may be sent back or complained of today, and until which day each."""
    if _no_return(order) is not None:
        return {}
    delivered = delivered_on(order, today)
    ends: dict[ReturnReason, date] = {reason: _last_day(rule, delivered) for reason, rule in REASON_RULES.items()}
    still: dict[ReturnReason, date] = {reason: last for reason, last in ends.items() if last >= today}
    return still


def refund_cents(lines: Sequence[OrderLine], reason: ReturnReason) -> int:
    """What comes back for these lines; a label that the shopper pays is taken off, and nobody ends up owing."""
    paid = sum(line.unit_cents * line.quantity for line in lines)
    return max(0, paid - REASON_RULES[reason].label_cents)


def photos_left(case: ReturnCase) -> int:
    """How many photos a return still takes: of what the store did wrong, until the money is back."""
    takes = case.reason != "changed_mind" and case.state != "refunded"
    return MOST_PHOTOS - len(case.photos) if takes else 0


def delivered_on(order: Order, today: date) -> date:
    """The day of the delivery. Raises ValueError for an order that has none."""
    if order.delivered_day is None:
        raise ValueError(f"{order.id} was not delivered")
    return today + timedelta(days=order.delivered_day)


def _last_day(rule: ReasonRule, delivered: date) -> date:
    return return_window_end(delivered) if rule.days is None else delivered + timedelta(days=rule.days)


def _no_return(order: Order) -> str | None:
    """Why no return of the order can be started, whatever its reason."""
    if order.state == "cancelled":
        return "This order was cancelled."
    if order.state == "refunded":
        return "This order has already been refunded."
    if not order.kept_lines:
        return _ALL_GONE[len(order.returns) > 1]
    return "This order has not been delivered yet." if order.delivered_day is None else None
