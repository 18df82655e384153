"""Answers about a shopper's own orders: where they are, and what can go back."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import structs

from mangaassist.domain.customers import Order, OrderReturn, Shipment
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.store import from_page
from mangaassist.models.writers.offline.voice import (
    Voice,
    bold,
    count_of,
    day,
    day_of_year,
    joined,
    liked_series,
    listed,
    paragraphs,
    sentence,
)


def tracking(task: WritingTask, voice: Voice) -> str:
    if problem := _no_orders(task):
        return problem
    year = _newest_year(task)
    chosen, others = _chosen(task, _is_moving)
    detail = paragraphs(*(_state(owned, year) + _parcels(owned, task) for owned in chosen))
    rest = [_brief(owned, year) for owned in others[:2]]
    also = f"Your other recent {'order' if len(rest) == 1 else 'orders'}:\n{listed(rest)}" if rest else ""
    return paragraphs(detail, _missing_ids(task), also)


def returns(task: WritingTask, voice: Voice) -> str:
    """Whether and until when something can go back, how far a refund is, and the page where the question is about rules."""
    rules = from_page(_without_stray_pages(task), voice, 55)
    if problem := _no_orders(task):
        return paragraphs(problem, rules if _GENERAL.search(task.meaning.text) else "")
    if _CANCEL.search(task.meaning.text):
        return _cancelling(task, rules)
    if task.evidence.failed("returns"):
        return paragraphs(_RETURNS_DOWN, rules)
    year = _newest_year(task)
    general = bool(_GENERAL.search(task.meaning.text))
    about = _asked_about(task, general)
    told = [line for owned in about if (line := _returnable(owned, year))]
    missing = _not_bought(task)
    if not told:
        return paragraphs(rules or denials.RETURN_DETAILS.said(task), _missing_ids(task))
    answer = told[0] if len(told) == 1 else f"Here's how your recent orders stand:\n{listed(told)}"
    return paragraphs(rules if general else "", missing, answer, _how_to_start(about), _missing_ids(task))


def _without_stray_pages(task: WritingTask) -> WritingTask:
    """Pages on preorders and memberships read much like those on orders; they answer only whoever names them."""
    text = task.meaning.text.lower().replace("-", "")
    stray = [word for word in ("preorder", "membership", "circle") if word not in text]
    kept = [one for one in task.evidence.chunks if not any(word in one.chunk.title.lower() for word in stray)]
    return structs.replace(task, evidence=structs.replace(task.evidence, chunks=tuple(kept)))


def _not_bought(task: WritingTask) -> str:
    """A title that none of the orders at hand holds is said to be missing, so that no other is taken for it."""
    named = [mention for mention in task.meaning.entities.series if mention.title != liked_series(task.meaning)]
    if not named or task.meaning.entities.order_ids or any(_is_about(owned, task) for owned in task.evidence.orders):
        return ""
    return denials.ORDERED.said(task, titles=joined([bold(mention.title) for mention in named[:2]], "or"))


def _asked_about(task: WritingTask, general: bool) -> Sequence[OrderEvidence]:
    """The order that the message names; else those that can go back, or whose refund is under way when that is asked."""
    chosen, others = _chosen(task, _can_go_back)
    named = bool(task.meaning.entities.order_ids) or not others or _is_about(chosen[0], task)
    if named:
        return chosen
    if _REFUND.search(task.meaning.text):
        under_way = [owned for owned in task.evidence.orders if owned.returns and owned.returns.state != "none"]
        return under_way[:2] or chosen
    return [owned for owned in task.evidence.orders if _can_go_back(owned)][: 1 if general else 3] or chosen


def _cancelling(task: WritingTask, rules: str) -> str:
    placed = [owned for owned in task.evidence.orders if owned.order.state == "placed"]
    state = _state(placed[0], _newest_year(task)) if placed else denials.WAITING.said(task)
    return paragraphs(state, rules, "" if rules else denials.HUMAN)


_RETURNS_DOWN: Final = (
    "I can't look up return windows just now. The returns centre, linked below, shows them for each order, and you can start "
    "a return there."
)
_CANCEL: Final = re.compile(r"\bcancel", re.IGNORECASE)
_REFUND: Final = re.compile(r"\brefund|\bmoney back\b", re.IGNORECASE)
_GENERAL: Final = re.compile(
    r"\b(?:how (?:do|can|long|many|much)|policy|window|label|cost|free|who pays|opened|damaged|wrong|broken|torn|missing|"
    r"exchange|shrink|gift|when (?:will|do))\b",
    re.IGNORECASE,
)


def _no_orders(task: WritingTask) -> str:
    """What is said in place of orders when there are none, or none that could be loaded; empty when there are."""
    if task.evidence.orders and not task.evidence.failed("orders"):
        return ""
    asked = joined(task.meaning.entities.order_ids)
    return denials.NAMED_ORDER.said(task, ids=asked) if asked else denials.ORDERS.said(task)


def _missing_ids(task: WritingTask) -> str:
    known = {owned.order.order_id for owned in task.evidence.orders}
    missing = [order_id for order_id in task.meaning.entities.order_ids if order_id not in known]
    return denials.OTHER_ORDERS.said(task, ids=joined(missing)) if missing else ""


def _newest_year(task: WritingTask) -> int:
    return max(owned.order.placed_at.year for owned in task.evidence.orders)


def _chosen(
    task: WritingTask, likely: Callable[[OrderEvidence], bool]
) -> tuple[Sequence[OrderEvidence], Sequence[OrderEvidence]]:
    """The orders that the message is about, and the others: named ones, else one with a named title, else the likeliest."""
    orders = task.evidence.orders
    if named := task.meaning.entities.order_ids:
        return [owned for owned in orders if owned.order.order_id in named], []
    about = [owned for owned in orders if _is_about(owned, task)]
    first = next((owned for owned in (*about, *filter(likely, orders))), orders[0])
    return [first], [owned for owned in orders if owned is not first]


def _is_about(owned: OrderEvidence, task: WritingTask) -> bool:
    liked = liked_series(task.meaning)
    titles = [mention.title.lower() for mention in task.meaning.entities.series if mention.title != liked]
    return any(title in item.title.lower() for item in owned.order.items for title in titles)


def _is_moving(owned: OrderEvidence) -> bool:
    return owned.order.state == "shipped"


def _can_go_back(owned: OrderEvidence) -> bool:
    return owned.returns is not None and owned.returns.eligible


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
    order = owned.order
    if order.state == "placed":
        return " Ask me again once it has shipped and I'll look up its tracking."
    if order.state == "shipped" and not owned.shipments and task.evidence.failed("shipping"):
        return " I can't reach its tracking right now; please try again in a few minutes."
    if order.state == "delivered":
        return "".join(_last_event(shipment, "") for shipment in owned.shipments[:1])
    return "".join(f" {_parcel(shipment)}" for shipment in owned.shipments if order.state == "shipped")


def _parcel(shipment: Shipment) -> str:
    states = {
        "label_created": f"{shipment.carrier} has the label but not yet the parcel",
        "in_transit": f"It's with {shipment.carrier}",
        "out_for_delivery": f"It's out for delivery with {shipment.carrier}",
        "delivered": f"{shipment.carrier} reports it delivered",
    }
    said = f"{states[shipment.state]}{_expected(shipment)} (tracking number {shipment.tracking_number})."
    return said + _last_event(shipment, said)


def _expected(shipment: Shipment) -> str:
    return f", expected {day(shipment.eta)}" if shipment.eta else ""


def _last_event(shipment: Shipment, said: str) -> str:
    """The carrier's last word, unless it repeats what was said."""
    event = shipment.last_event
    return f" Last update: {sentence(event)}" if event and event.lower() not in said.lower() else ""


def _brief(owned: OrderEvidence, year: int) -> str:
    order = owned.order
    if order.state == "shipped":
        expected = next((_expected(shipment) for shipment in owned.shipments if shipment.eta), "")
        return f"{order.order_id}{_contents(order)}: on its way{expected}"
    if order.state == "delivered" and order.delivered_at:
        return f"{order.order_id}{_contents(order)}: delivered {day_of_year(order.delivered_at, year)}"
    return f"{order.order_id}{_contents(order)}: placed {day_of_year(order.placed_at, year)}" + (
        f", {order.state}" if order.state != "placed" else ", not shipped yet"
    )


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
    yet = " yet" if order.state in ("placed", "shipped") else ""
    return f"{label} can't be returned{yet}.{_because(known, year)}"


def _because(known: OrderReturn, year: int) -> str:
    reason = known.reason or ""
    if known.window_ends:
        reason = reason.replace(known.window_ends.isoformat(), day_of_year(known.window_ends, year))
    return f" {sentence(reason)}" if reason else ""


def _progress(known: OrderReturn, year: int) -> str:
    amount = money(known.refund_amount, known.currency) if known.refund_amount is not None else ""
    if known.state == "refunded":
        when = f" on {day_of_year(known.refunded_at, year)}" if known.refunded_at else ""
        return f"the refund{f' of {amount}' if amount else ''} was issued{when}."
    if known.state == "received":
        return f"your return has arrived{f'; the refund is {amount}' if amount else ''} and hasn't been paid out yet."
    return f"a return has been requested{f' for {amount}' if amount else ''}; the parcel hasn't reached us yet."


def _how_to_start(orders: Sequence[OrderEvidence]) -> str:
    if not any(_can_go_back(owned) for owned in orders):
        return ""
    return "To send something back, choose the return button below and pick the items."
