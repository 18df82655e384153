"""Answers about a shopper's own orders: where they are, and what can go back."""

import re
from collections.abc import Sequence
from typing import Final

from mangaassist.domain.customers import Order, OrderReturn, Shipment
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.store import from_page
from mangaassist.models.writers.offline.voice import (
    Voice,
    bold,
    count_of,
    day,
    day_of_year,
    joined,
    listed,
    paragraphs,
    sentence,
)

_MOVING: Final = ("shipped", "placed")
_HUMAN: Final = "**Talk to a person** below gets you a colleague."


def tracking(task: WritingTask, voice: Voice) -> str:
    if problem := _no_orders(task, voice):
        return problem
    year = _newest_year(task)
    chosen, others = _chosen(task)
    detail = " ".join(_state(owned, year) + _parcels(owned, task) for owned in chosen)
    rest = [_brief(owned.order, year) for owned in others[:2]]
    also = f"Your other recent {'order' if len(rest) == 1 else 'orders'}:\n{listed(rest)}" if rest else ""
    return paragraphs(detail, _missing_ids(task), also)


def returns(task: WritingTask, voice: Voice) -> str:
    """Whether and until when something can go back, or how far a refund is; the policy page where the question is about rules."""
    rules = from_page(task, voice, 55) if task.evidence.chunks else ""
    if problem := _no_orders(task, voice):
        return paragraphs(problem, rules)
    year = _newest_year(task)
    if task.evidence.failed("returns"):
        return paragraphs(
            "I can't look up return windows just now. The returns centre, linked below, shows them for each order, and you can "
            "start a return there.",
            rules,
        )
    chosen, others = _chosen(task, returning=True)
    told = [_returnable(owned, year) for owned in (*chosen, *others[: 3 - len(chosen)])]
    told = [line for line in told if line]
    if not told:
        return paragraphs(f"I have no return details for your orders right now. {_HUMAN}", rules)
    answer = told[0] if len(told) == 1 else listed(told)
    start = _how_to_start(task)
    general = rules if _GENERAL.search(task.meaning.text) else ""
    return paragraphs(general, answer, start, _missing_ids(task))


_GENERAL: Final = re.compile(
    r"\b(?:how (?:do|can|long|many|much)|policy|window|label|cost|free|who pays|opened|damaged|wrong|broken|torn|missing|exchange|"
    r"shrink|gift|cancel|when (?:will|do))\b",
    re.IGNORECASE,
)


def _no_orders(task: WritingTask, voice: Voice) -> str:
    evidence = task.evidence
    asked = joined(task.meaning.entities.order_ids)
    if evidence.failed("orders"):
        which = f"order {asked}" if asked else "your order"
        return (
            f"I couldn't load {which} just now, and I don't want to guess. Please try again in a few minutes, or choose "
            "**Talk to a person** below and a colleague will look it up."
        )
    if evidence.orders:
        return ""
    if asked:
        return (
            f"I can't find order {asked} on your account. Could you check the number? It looks like 112-3456789-0123456 in your "
            f"confirmation e-mail. If it's right, {_HUMAN}"
        ).replace("It looks like 112-3456789-0123456 in your confirmation e-mail", "It's in your confirmation e-mail")
    return voice.pick(
        "no orders",
        (
            f"I don't see any orders on your account. If you ordered as a guest or with another account, {_HUMAN}",
            f"There are no orders on this account yet. If you placed one as a guest, {_HUMAN}",
        ),
    )


def _missing_ids(task: WritingTask) -> str:
    known = {owned.order.order_id for owned in task.evidence.orders}
    missing = [order_id for order_id in task.meaning.entities.order_ids if order_id not in known]
    return f"I can't find order {joined(missing)} on your account." if missing else ""


def _newest_year(task: WritingTask) -> int:
    return max(owned.order.placed_at.year for owned in task.evidence.orders)


def _chosen(task: WritingTask, returning: bool = False) -> tuple[Sequence[OrderEvidence], Sequence[OrderEvidence]]:
    """The orders that the message is about, and the others: named ones, else those with a named title, else the likely one."""
    orders = task.evidence.orders
    if named := task.meaning.entities.order_ids:
        return [owned for owned in orders if owned.order.order_id in named], []
    titles = [mention.title.lower() for mention in task.meaning.entities.series]
    about = [owned for owned in orders if any(_holds(owned.order, title) for title in titles)]
    if about:
        return about[:1], [owned for owned in orders if owned not in about[:1]]
    likely = _likely_return if returning else _likely_tracked
    first = next((owned for owned in orders if likely(owned)), orders[0])
    return [first], [owned for owned in orders if owned is not first]


def _holds(order: Order, title: str) -> bool:
    return any(title in item.title.lower() for item in order.items)


def _likely_tracked(owned: OrderEvidence) -> bool:
    return owned.order.state in _MOVING


def _likely_return(owned: OrderEvidence) -> bool:
    return owned.returns is not None and (owned.returns.eligible or owned.returns.state != "none")


def _contents(order: Order) -> str:
    if not order.items:
        return ""
    first = bold(order.items[0].title)
    more = len(order.items) - 1
    others = f" and {count_of(more, 'more item')}" if more else ""
    return f" ({first}{others})"


def _state(owned: OrderEvidence, year: int) -> str:
    order = owned.order
    placed = day_of_year(order.placed_at, year)
    delivered = f" on {day_of_year(order.delivered_at, year)}" if order.delivered_at else ""
    words = {
        "placed": f"was placed on {placed} and hasn't shipped yet.",
        "shipped": f"from {placed} is on its way.",
        "delivered": f"was delivered{delivered}.",
        "cancelled": "was cancelled.",
        "refunded": "has been refunded.",
    }
    return f"Your order {order.order_id}{_contents(order)} {words[order.state]}"


def _parcels(owned: OrderEvidence, task: WritingTask) -> str:
    if owned.order.state not in ("shipped", "delivered", "placed"):
        return ""
    if not owned.shipments:
        if owned.order.state == "shipped" and task.evidence.failed("shipping"):
            return " I can't reach its tracking right now; please try again in a few minutes."
        return ""
    parcels = [_parcel(shipment) for shipment in owned.shipments if shipment.state != "delivered"]
    return "".join(f" {parcel}" for parcel in parcels) if owned.order.state != "delivered" else ""


def _parcel(shipment: Shipment) -> str:
    states = {
        "label_created": f"{shipment.carrier} has the label but not yet the parcel",
        "in_transit": f"It's with {shipment.carrier}",
        "out_for_delivery": f"It's out for delivery with {shipment.carrier}",
        "delivered": f"{shipment.carrier} reports it delivered",
    }
    eta = f", expected {day(shipment.eta)}" if shipment.eta else ""
    last = f" Last update: {sentence(shipment.last_event)}" if shipment.last_event else ""
    return f"{states[shipment.state]}{eta} (tracking number {shipment.tracking_number}).{last}"


def _brief(order: Order, year: int) -> str:
    when = order.delivered_at if order.state == "delivered" and order.delivered_at else order.placed_at
    verb = "delivered" if order.state == "delivered" and order.delivered_at else f"{order.state}, ordered"
    if order.state == "placed":
        verb = "placed"
    return f"{order.order_id}{_contents(order)}: {verb} {day_of_year(when, year)}"


def _returnable(owned: OrderEvidence, year: int) -> str:
    order, known = owned.order, owned.returns
    label = f"Order {order.order_id}{_contents(order)}"
    if known is None:
        return ""
    if known.state != "none":
        return f"{label}: {_progress(known, year)}"
    if known.eligible:
        until = f" until {day_of_year(known.window_ends, year)}" if known.window_ends else ""
        return f"{label} can be returned{until}."
    if order.state in ("placed", "shipped"):
        return f"{label} hasn't been delivered yet, so a return can't start." + _because(known)
    return f"{label} can't be returned.{_because(known)}"


def _because(known: OrderReturn) -> str:
    return f" {sentence(known.reason)}" if known.reason else ""


def _progress(known: OrderReturn, year: int) -> str:
    amount = money(known.refund_amount, known.currency) if known.refund_amount is not None else ""
    if known.state == "refunded":
        when = f" on {day_of_year(known.refunded_at, year)}" if known.refunded_at else ""
        return f"the refund{f' of {amount}' if amount else ''} was issued{when}."
    if known.state == "received":
        return f"your return has arrived{f'; the refund is {amount}' if amount else ''} and hasn't been paid out yet."
    return f"a return has been requested{f' for {amount}' if amount else ''}; the parcel hasn't reached us yet."


def _how_to_start(task: WritingTask) -> str:
    eligible = any(
        owned.returns and owned.returns.eligible and owned.returns.state == "none" for owned in task.evidence.orders
    )
    return "To send something back, choose the return button below and pick the items." if eligible else ""
