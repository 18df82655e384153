"""What is asked of one order by itself: who brings it, whether it is paid, what comes back and when, whether a copy is kept."""

from collections.abc import Callable
from datetime import date
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Shipment
from mangaassist.domain.derived import Bought
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.order_changes import cancelling, changing, until
from mangaassist.models.writers.offline.order_refunds import refund_amount, refund_when, refund_where
from mangaassist.models.writers.offline.order_steps import money_or_book, next_step
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import called, on_day, ways_without_sign_in
from mangaassist.models.writers.offline.wording import bold, count_of, joined, listed, paragraphs, sentence

OneOrder = Callable[[OrderEvidence, WritingTask, Phrasing], str]


def parcels(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The carrier and the tracking number of each parcel."""
    if not owned.shipments:
        return phrasing.say(_NO_PARCEL.get(owned.order.state, _untracked(task)), order=called(owned, task))
    told = joined([_named_parcel(parcel, owned) for parcel in owned.shipments])
    return f"{sentence(called(owned, task)).rstrip('.')}: {told}."


def _named_parcel(parcel: Shipment, owned: OrderEvidence) -> str:
    number = f"tracking number {parcel.tracking_number}" if parcel.tracking_number else "no tracking number yet"
    of_it = f" with {held_by(parcel, owned)}" if len(owned.shipments) > 1 else ""
    return f"{parcel.carrier}, {number}{of_it}" if parcel.carrier else f"{number}{of_it}"


def held_by(parcel: Shipment, owned: OrderEvidence) -> str:
    """The books of one parcel of several."""
    return joined([bold(item.title) for item in owned.order.items if item.asin in parcel.asins]) or "the books"


def _paid(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    order = owned.order
    if order.payment is None:
        return phrasing.say("order_aspects.paid.unknown", order=called(owned, task))
    key = f"not_charged.{order.waits_for}" if order.payment == "not_charged" else order.payment
    how = _MEANS.get(order.paid_with, "")
    total = money(order.total, order.currency)
    return phrasing.say(f"order_aspects.paid.{key}", order=called(owned, task), total=total, how=how)


_MEANS: Final = {"card": " by card", "PayPal": " with PayPal", "gift card": " with a gift card"}


def _discount(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    order = owned.order
    if order.member_saving is None:
        return phrasing.say("order_aspects.discount.unknown")
    key = "yes" if order.member_saving > 0 else "no"
    return phrasing.say(
        f"order_aspects.discount.{key}",
        order=called(owned, task),
        saved=money(order.member_saving, order.currency),
        total=money(order.total, order.currency),
    )


def send_back(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    fault, verdict = task.meaning.fault, task.evidence.derived.order(owned.order.order_id)
    kept = verdict.old_copy if verdict else ""
    if not fault and task.meaning.asks(Act.RETURN):
        return phrasing.say("order_aspects.send_back.to_return")
    if not fault or not kept:
        return help_pages.rule(task, task.meaning.problem) or phrasing.say("order_aspects.send_back.unknown")
    return phrasing.say(f"order_aspects.send_back.{kept}.{fault}")


def go_ahead(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """ "Yes" to what only the shopper can do: that nothing was done, where it is done and until when."""
    verdict, order = task.evidence.derived.order(owned.order.order_id), called(owned, task)
    act = task.meaning.act
    if act is Act.CANCEL_ORDER:
        if verdict is None or verdict.can_cancel != "yes":
            return phrasing.say("order_aspects.go_ahead.nothing_cancelled")
        key = "cancel_order" if owned.order.waits_for == "in_stock" else "cancel_waits"
        return phrasing.say(f"order_aspects.go_ahead.{key}", order=order, until=until(verdict.cancel_until, task))
    if act is Act.CHANGE_ORDER:
        open_ = verdict is not None and verdict.can_change_address == "yes"
        return phrasing.say(f"order_aspects.go_ahead.{'change_order' if open_ else 'nothing_changed'}", order=order)
    if owned.returns is not None and owned.returns.begun and not owned.returns.eligible:
        return phrasing.say("order_aspects.go_ahead.return_open", order=order)
    last = verdict.return_until if verdict and verdict.can_return == "yes" else None
    if last is None:
        return phrasing.say("order_aspects.go_ahead.nothing_returned")
    return phrasing.say("order_aspects.go_ahead.return", order=order, until=f", until {on_day(last, task)}")


def deadline(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The last day on which it can be reported, sent back or cancelled."""
    verdict = task.evidence.derived.order(owned.order.order_id)
    if task.meaning.asks(Act.CANCEL_ORDER) or verdict is None or owned.order.state == "placed":
        return cancelling(owned, task, phrasing)
    if task.meaning.fault:
        return reportable(owned, task, phrasing)
    if verdict.return_until is None or verdict.days_left is None:
        return phrasing.say("order_aspects.deadline.none", order=called(owned, task))
    key = "yes" if verdict.days_left >= 0 and verdict.can_return == "yes" else "over"
    return phrasing.say(
        f"order_aspects.deadline.{key}",
        order=called(owned, task),
        day=on_day(verdict.return_until, task),
        left=_left(verdict.days_left),
    )


def reportable(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Until when what is wrong with it can be reported; empty where neither the store nor the order tells."""
    verdict = task.evidence.derived.order(owned.order.order_id)
    if verdict is None or verdict.report_until is None or verdict.report_days_left is None:
        return ""
    key = "open" if verdict.report_days_left >= 0 else "over"
    return phrasing.say(
        f"order_aspects.report.{key}",
        order=called(owned, task),
        came=on_day(owned.order.delivered_at, task) if owned.order.delivered_at else "",
        day=on_day(verdict.report_until, task),
        left=_left(verdict.report_days_left),
    )


def _left(days: int) -> str:
    return "today is the last day" if days == 0 else f"{count_of(max(days, 0), 'day')} left"


def _never_comes(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """From when on a parcel counts as lost, and what the store does then."""
    if owned.order.state == "placed":
        return phrasing.say("order_aspects.no_parcel.placed", order=called(owned, task))
    days = task.evidence.facts.lost_after_days
    found = help_pages.passage(task) if days is None else None
    rule = found.text if found is not None and not found.is_weak else ""
    if days is not None:
        rule = phrasing.say(
            f"order_aspects.{'lost_not_yet' if _is_not_lost(owned, days, task) else 'lost'}", days=str(days)
        )
    expected, now = _expected(owned, task), task.evidence.now
    key = "was_due" if expected and now and expected < now.date() else "waits"
    day = on_day(expected, task) if expected else ""
    told = phrasing.say(f"order_aspects.{key}", order=called(owned, task), day=day) if day else ""
    return " ".join(filter(None, (rule, told, phrasing.say("order_aspects.lost_next"))))


def _is_not_lost(owned: OrderEvidence, days: int, task: WritingTask) -> bool:
    """Whether it cannot count as lost today, whenever after it was placed it left."""
    now = task.evidence.now
    earliest = task.evidence.facts.business_day(owned.order.placed_at.date(), days)
    return owned.order.state == "shipped" and now is not None and now.date() <= earliest


def _expected(owned: OrderEvidence, task: WritingTask) -> date | None:
    verdict = task.evidence.derived.order(owned.order.order_id)
    return verdict.expected if verdict else None


def release(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """When what waits is to come: of a preorder its release, of a backorder its stock; empty where it waits for nothing."""
    order = owned.order
    if order.waits_for == "in_stock":
        return ""
    expected = max((item.expected for item in order.items if item.expected), default=None)
    key = order.waits_for if expected else f"{order.waits_for}_open"
    titles = joined([bold(item.title) for item in order.items if item.availability == order.waits_for])
    return phrasing.say(
        f"order_aspects.release.{key}",
        titles=titles,
        order=order.order_id,
        day=on_day(expected, task) if expected else "",
    )


def _released(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    return release(owned, task, phrasing) or phrasing.say("order_aspects.release.in_stock", order=called(owned, task))


def _add_items(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """What is in a placed order stays as it is: whether it can still be cancelled for a new one."""
    verdict = task.evidence.derived.order(owned.order.order_id)
    can = verdict.can_cancel if verdict else "unknown"
    return phrasing.say(f"order_aspects.add_items.{can}", order=called(owned, task))


def was_read(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Whether it matters that a book was read: not for a fault, and for a change of mind as long as it looks new."""
    if task.meaning.fault:
        return f"{phrasing.say('return_request.read_fault')} {reportable(owned, task, phrasing)}".strip()
    return phrasing.say("return_request.was_read")


def _if_shipped(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    act = Act.CANCEL_ORDER if task.meaning.asks(Act.CANCEL_ORDER) else Act.CHANGE_ORDER
    return phrasing.say(f"order_aspects.if_shipped.{act}")


def _split(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Why an order comes in several parcels, and which they are."""
    told = phrasing.say("order_aspects.split.why")
    return f"{told} {parcels(owned, task, phrasing)}" if len(owned.shipments) > 1 else told


def faster(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """No service of a placed order can be changed; what can still be cancelled can be ordered anew with the faster one."""
    delivery, verdict = task.evidence.facts.delivery, task.evidence.derived.order(owned.order.order_id)
    told = phrasing.say("order_aspects.faster.no", order=called(owned, task))
    if delivery.express_fee is None or delivery.express_days is None:
        return told
    anew = "anew" if verdict is not None and verdict.can_cancel == "yes" else "next_time"
    fee = money(delivery.express_fee, task.evidence.facts.currency or owned.order.currency)
    days = count_of(delivery.express_days, "business day")
    return f"{told} {phrasing.say(f'order_aspects.faster.{anew}', fee=fee, days=days)}"


def _others_too(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    return phrasing.say("order_aspects.others_too", order=called(owned, task))


def elsewhere(task: WritingTask, phrasing: Phrasing) -> str:
    """Of orders that no account here holds."""
    return phrasing.say("order_aspects.elsewhere", ways=ways_without_sign_in(task, phrasing))


_NO_PARCEL: Final = {state: f"order_aspects.no_parcel.{state}" for state in ("placed", "cancelled", "refunded")}


def _untracked(task: WritingTask) -> str:
    return f"order_tracking.{'no_tracking_now' if task.evidence.failed('shipping') else 'no_tracking'}"


def bought(task: WritingTask, phrasing: Phrasing) -> str:
    """Which volumes are there already, and which one comes next."""
    known = task.evidence.derived.bought
    if not known:
        titles = [bold(one.title) for one in task.meaning.order_targets if one.title] or ["anything by that name"]
        denied = denials.ORDERED.told(task, phrasing, titles=joined(list(dict.fromkeys(titles)), "or"))
        return paragraphs(denied, phrasing.say("order_aspects.owned.elsewhere"))
    named = bool(task.meaning.order_items or task.meaning.order_targets)
    lines = [f"{_bought(one, phrasing)}{_not_here_yet(one, task, phrasing)}" for one in known[:MOST_SERIES]]
    if named and len(lines) == 1:
        return lines[0]
    return f"{phrasing.say('order_aspects.owned.list')}\n{listed(lines)}"


def spent(task: WritingTask, phrasing: Phrasing) -> str:
    """What the orders that can be seen come to; empty where they come to nothing that can be added up."""
    known = task.evidence.derived.spent
    if known is None:
        return ""
    return phrasing.say(
        f"order_aspects.spent.{'kept' if known.left_out else 'in_all'}",
        total=money(known.amount, known.currency),
        count=count_of(known.orders, "order"),
        since=on_day(known.since, task),
    )


MOST_SERIES: Final = 8


def _bought(one: Bought, phrasing: Phrasing) -> str:
    numbers = joined(_ranges(one.volumes))
    key = "next" if one.next is not None else "complete"
    count = "volume" if len(one.volumes) == 1 else "volumes"
    return phrasing.say(
        f"order_aspects.owned.{key}", title=bold(one.title), held=f"{count} {numbers}", next=str(one.next)
    )


def _not_here_yet(one: Bought, task: WritingTask, phrasing: Phrasing) -> str:
    """Which of it waits or is on its way: having ordered a book is not having it."""
    coming = [
        (item.title, owned.order)
        for owned in task.evidence.orders
        for item in owned.order.items
        if owned.order.state in ("placed", "shipped") and item.title.startswith(one.title)
    ]
    if not coming:
        return ""
    titles = joined(list(dict.fromkeys(bold(title) for title, _ in coming)))
    order = coming[0][1]
    return f" {phrasing.say(f'order_aspects.owned.{order.state}', titles=titles, order=order.order_id)}"


def _ranges(volumes: tuple[int, ...]) -> list[str]:
    """ "1 to 4" for four in a row."""
    rows: list[list[int]] = []
    for volume in volumes:
        if rows and volume == rows[-1][-1] + 1:
            rows[-1].append(volume)
        else:
            rows.append([volume])
    return [f"{row[0]} to {row[-1]}" if len(row) > 1 else str(row[0]) for row in rows]


ASPECTS: Final[dict[OrderAspect, OneOrder]] = {
    "others_too": _others_too,
    "carrier": parcels,
    "number": parcels,
    "never_comes": _never_comes,
    "release": _released,
    "add_items": _add_items,
    "paid": _paid,
    "paid_with": _paid,
    "discount": _discount,
    "refund_amount": refund_amount,
    "refund_when": refund_when,
    "refund_where": refund_where,
    "send_back": send_back,
    "deadline": deadline,
    "go_ahead": go_ahead,
    "address": changing,
    "faster": faster,
    "charge": refund_when,
    "if_shipped": _if_shipped,
    "split": _split,
    "money_or_book": money_or_book,
    "was_read": was_read,
    "next_step": next_step,
}
"""Aspects without a row ask for what was asked before."""


def aspect_of(task: WritingTask) -> OrderAspect | None:
    return next((aspect for aspect in task.meaning.aspects if aspect in ASPECTS), None)
