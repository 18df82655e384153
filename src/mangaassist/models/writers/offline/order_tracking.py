"""Answers about where an order is, whether it is late and what it holds: the verdict for this order first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Shipment
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered
from mangaassist.models.writers.offline.due_days import expected_day, in_time, soon
from mangaassist.models.writers.offline.guest_orders import changed_for_a_guest, number_found, ways_without_number
from mangaassist.models.writers.offline.order_aspects import (
    ASPECTS,
    OneOrder,
    aspect_of,
    bought,
    elsewhere,
    held_by,
    parcels,
    release,
    spent,
)
from mangaassist.models.writers.offline.order_changes import cancellable, cancelling, changeable, changing
from mangaassist.models.writers.offline.order_tallies import tallied
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import (
    Likely,
    Meant,
    brief,
    called,
    items_of,
    meant,
    no_orders,
    on_day,
    own_order_of_a_guest,
    recent,
    ways_without_sign_in,
)
from mangaassist.models.writers.offline.wording import listed, paragraphs, sentence

MOST_LISTED: Final = 20


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    if task.evidence.sign_in_needed:
        return _for_a_guest(task, phrasing)
    if "owned" in task.meaning.aspects and not task.meaning.tally and not task.evidence.failed("orders"):
        return bought(task, phrasing)
    if "lost_number" in task.meaning.aspects:
        return number_found(task, phrasing)
    if "elsewhere" in task.meaning.aspects:
        return elsewhere(task, phrasing)
    if "spent" in task.meaning.aspects and (told := spent(task, phrasing)):
        return told
    if task.meaning.tally == "rest" and task.evidence.derived.order_choice == "none" and task.evidence.orders:
        return phrasing.say("order_tallies.all_there")
    if problem := no_orders(task, phrasing):
        return problem
    if told := tallied(task, phrasing):
        return told
    if aspect := aspect_of(task):
        return _by_aspect(aspect, task, phrasing)
    return answered(task, phrasing, _ROWS, Act.TRACK)


def offer_next(task: WritingTask, phrasing: Phrasing) -> str:
    """Only whoever waits in vain is offered something: a person."""
    waits = task.meaning.asks(Act.LATE, Act.NOT_RECEIVED) and bool(task.evidence.orders)
    return phrasing.once("order_tracking.person") if waits and task.meaning.upset else ""


def suggestions(task: WritingTask) -> Iterator[str]:
    orders = task.evidence.orders
    if task.evidence.sign_in_needed or not orders:
        yield from ("How long does delivery take?", "Talk to a person")
        return
    asked = frozenset(heard.act for heard in task.meaning.acts)
    yield from (example for act, example in _NEXT.items() if act not in asked and _fits_any(act, task.evidence))


def _for_a_guest(task: WritingTask, phrasing: Phrasing) -> str:
    """The rule is no secret; where an order stands is. Who has no account hears how it is found without one."""
    if "owned" in task.meaning.aspects:
        return phrasing.say("order_aspects.owned.guest")
    if "lost_number" in task.meaning.aspects:
        return ways_without_number(task, phrasing)
    act = task.meaning.act
    if act is Act.CHANGE_ORDER or act is Act.CANCEL_ORDER:
        return changed_for_a_guest(act, task, phrasing)
    if "elsewhere" in task.meaning.aspects:
        return ways_without_sign_in(task, phrasing)
    rule = task.evidence.facts.scanned_not_received
    goes_on = task.meaning.after == "done" or "next_step" in task.meaning.aspects
    if act is Act.NOT_RECEIVED and goes_on and rule is not None:
        fields = {"wait": str(rule.wait_days), "report": str(rule.report_days), "days": str(rule.trace_days)}
        return phrasing.say("order_tracking.trace_guest", **fields)
    tells = act in (Act.TRACK, Act.ARRIVAL, Act.ORDER_LIST, Act.ORDER_CONTENTS)
    rule = "" if tells else help_pages.rule(task, act)
    return paragraphs(rule, own_order_of_a_guest(task, phrasing, rule))


def _by_aspect(aspect: OrderAspect, task: WritingTask, phrasing: Phrasing) -> str:
    """What is asked of the order by itself; of a parcel, of every one where no order is named."""
    likely = _LIKELY.get(aspect, _any_order)
    found = meant(task, phrasing, likely)
    if aspect in ("carrier", "number") and found and not found.not_found and found.order.shipments:
        lines = [parcels(one, task, phrasing) for one in (found.order, *found.others) if one.shipments]
        return listed(lines) if len(lines) > 1 else lines[0]
    return _each(likely, ASPECTS[aspect], alone=True)(task, phrasing)


def _each(likely: Likely, one: OneOrder, *, alone: bool = False) -> Answer:
    """The answer about the order that is meant; others that would fit are named behind it, unless it shall stand ``alone``."""

    def answer(task: WritingTask, phrasing: Phrasing) -> str:
        found = meant(task, phrasing, likely)
        if found is None:
            return denials.ORDERS.told(task, phrasing)
        if found.not_found and not found.is_named:
            return paragraphs(found.not_found, f"{phrasing.say('order_tracking.recent')}\n{recent(task)}")
        others = "" if alone else _others(found, task, phrasing)
        told = " ".join(
            filter(None, (in_time(found.order, task, phrasing), sentence(one(found.order, task, phrasing))))
        )
        return paragraphs(found.not_found, sentence(told), others)

    return answer


def _others(found: Meant, task: WritingTask, phrasing: Phrasing) -> str:
    if not found.others:
        return ""
    if len(found.others) == 1:
        return phrasing.say("order_tracking.other", order=brief(found.others[0], task))
    lines = listed(brief(owned, task) for owned in found.others)
    return f"{phrasing.say('order_tracking.others')}\n{lines}"


def _track(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    order = owned.order
    if order.state == "shipped":
        return _late(owned, task, phrasing) if _is_overdue(owned, task) else on_its_way(owned, task, phrasing)
    if waits := release(owned, task, phrasing):
        return waits
    key = f"order_tracking.{order.state}"
    moment = order.delivered_at if order.state == "delivered" and order.delivered_at else order.placed_at
    told = phrasing.say(key, order=called(owned, task), day=on_day(moment, task))
    return " ".join(filter(None, (told, *(_last_seen(parcel) for parcel in owned.shipments[:1]))))


def on_its_way(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Of an order that has left: where its parcel is and when it is expected; of several, each with what it holds."""
    if not owned.shipments:
        down = task.evidence.failed("shipping")
        return phrasing.say(f"order_tracking.{'no_tracking_now' if down else 'no_tracking'}", order=called(owned, task))
    if len(owned.shipments) > 1:
        told = phrasing.say("order_tracking.in_parcels", order=called(owned, task), count=str(len(owned.shipments)))
        return f"{told}\n{listed(f'{held_by(one, owned)}: {_parcel(one, task)}' for one in owned.shipments)}"
    told = phrasing.say("order_tracking.shipped", order=called(owned, task))
    return " ".join((told, *(_parcel(one, task) for one in owned.shipments)))


def _parcel(parcel: Shipment, task: WritingTask) -> str:
    expected = f", expected {soon(parcel.eta, task)}" if parcel.eta else ""
    state = _PARCEL_STATES[parcel.state].format(carrier=parcel.carrier)
    return f"{state}{expected}.{_behind(_last_seen(parcel))}{_behind(_number(parcel))}"


def _number(parcel: Shipment) -> str:
    return f"Tracking number: {parcel.tracking_number}." if parcel.tracking_number else ""


_PARCEL_STATES: Final = {
    "label_created": "{carrier} has the label but not yet the parcel",
    "in_transit": "It's with {carrier}",
    "out_for_delivery": "It's on the van of {carrier}",
    "delivered": "{carrier} reports that it was handed over",
}


def _arrival(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    eta = expected_day(owned, task.evidence)
    if owned.order.state != "shipped" or eta is None:
        in_stock = owned.order.state == "placed" and owned.order.waits_for == "in_stock"
        typical = _typical_days(task, phrasing) if in_stock else ""
        return f"{_track(owned, task, phrasing)}{_behind(typical)}"
    if _is_overdue(owned, task):
        return _late(owned, task, phrasing)
    seen = _behind("".join(map(_last_seen, _to_come(owned)[:1])))
    coming = _to_come(owned)
    carrier = coming[0].carrier if coming else phrasing.say("order_tracking.carrier")
    return (
        phrasing.say("order_tracking.arrival", day=soon(eta, task), order=called(owned, task), carrier=carrier) + seen
    )


def _is_overdue(owned: OrderEvidence, task: WritingTask) -> bool:
    verdict = task.evidence.derived.order(owned.order.order_id)
    return verdict is not None and (verdict.days_late or 0) > 0 and expected_day(owned, task.evidence) is not None


def _typical_days(task: WritingTask, phrasing: Phrasing) -> str:
    delivery = task.evidence.facts.delivery
    if delivery.least_days is None or delivery.most_days is None:
        return ""
    return phrasing.say("order_tracking.typical", least=str(delivery.least_days), most=str(delivery.most_days))


def _late(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    verdict = task.evidence.derived.order(owned.order.order_id)
    eta = expected_day(owned, task.evidence)
    if owned.order.state != "shipped" or verdict is None or verdict.days_late is None or eta is None:
        return _arrival(owned, task, phrasing)
    if verdict.days_late <= 0 and _is_partly_there(owned):
        return on_its_way(owned, task, phrasing)
    seen = _behind("".join(map(_last_seen, _to_come(owned)[:1])))
    if verdict.days_late <= 0:
        return phrasing.say("order_tracking.on_time", order=called(owned, task), day=soon(eta, task)) + seen
    key = "order_tracking.late" if task.meaning.asks(Act.LATE) else "order_tracking.overdue"
    told = phrasing.say(key, order=called(owned, task), days=_days(verdict.days_late), day=on_day(eta, task))
    numbers = _behind(" ".join(map(_number, owned.shipments))) if task.meaning.asks(Act.TRACK) else ""
    lost = task.evidence.facts.lost_after_days
    asks = task.meaning.asks(Act.LATE) and lost is not None
    rule = _behind(phrasing.say("order_tracking.lost_later", days=str(lost))) if asks else ""
    return f"{told}{seen}{numbers}{rule} {phrasing.say('order_tracking.late_next')}"


def _to_come(owned: OrderEvidence) -> tuple[Shipment, ...]:
    """The parcels that are not there yet; all of them where all are."""
    return tuple(one for one in owned.shipments if one.state != "delivered") or owned.shipments


def _is_partly_there(owned: OrderEvidence) -> bool:
    return any(one.state == "delivered" for one in owned.shipments)


def _not_received(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    scanned = next((parcel for parcel in owned.shipments if parcel.state == "delivered"), None)
    if scanned is not None and owned.order.state == "shipped":
        return on_its_way(owned, task, phrasing)  # another parcel is still to come
    moment = owned.order.delivered_at or (scanned.last_event_at if scanned else None)
    if owned.order.state != "delivered" and scanned is None:
        return f"{phrasing.say('order_tracking.not_scanned')} {_late(owned, task, phrasing)}"
    said = phrasing.say("order_tracking.scanned", order=called(owned, task), day=on_day(moment, task) if moment else "")
    if moment is not None and (traced := _trace(owned, moment, task, phrasing)):
        again = task.state.order_topic is Act.NOT_RECEIVED and owned.order.order_id in task.state.orders[:1]
        return traced if again else f"{said} {phrasing.say('order_tracking.look_first')} {traced}"
    rule = help_pages.rule(task, Act.NOT_RECEIVED)
    return f"{said}{_behind(rule)} {phrasing.say('order_tracking.not_received_next')}"


def _trace(owned: OrderEvidence, scanned: datetime, task: WritingTask, phrasing: Phrasing) -> str:
    """What comes next for a parcel that was scanned and is not there, with its days; empty where the store does not tell them."""
    facts, now = task.evidence.facts, task.evidence.now
    rule = facts.scanned_not_received
    if rule is None or now is None:
        return ""
    waits = facts.business_day(scanned.date(), rule.wait_days)
    until = scanned.date() + timedelta(days=rule.report_days)
    if now.date() > until:
        key = "trace_late"
    elif now.date() <= waits:
        key = "trace_wait"
    elif "money_back" in task.meaning.aspects:
        key = "trace_money"
    else:
        key = "trace_again" if task.state.order_topic is Act.NOT_RECEIVED else "trace_now"
    days = {
        "wait": str(rule.wait_days),
        "days": str(rule.trace_days),
        "from": on_day(waits, task),
        "until": on_day(until, task),
    }
    return phrasing.say(f"order_tracking.{key}", order=called(owned, task), **days)


def _contents(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    order = owned.order
    if not order.items:
        return _track(owned, task, phrasing)
    return phrasing.say(
        "order_tracking.contents",
        id=order.order_id,
        day=on_day(order.placed_at, task),
        items=items_of(order),
        total=money(order.total, order.currency),
    )


def _list(task: WritingTask, phrasing: Phrasing) -> str:
    orders = sorted(task.evidence.orders, key=lambda owned: owned.order.placed_at, reverse=True)
    lines = listed(brief(owned, task) for owned in orders[:MOST_LISTED])
    more = phrasing.say("order_tracking.older") if len(orders) > MOST_LISTED else ""
    picked = task.evidence.derived.order_choice in ("one", "several")
    key = "list" if not picked else "list_one" if len(orders) == 1 else "list_picked"
    return paragraphs(f"{phrasing.say(f'order_tracking.{key}', count=str(len(orders)))}\n{lines}", more)


_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _days(count: int) -> str:
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} day{'' if count == 1 else 's'}"


def _last_seen(parcel: Shipment) -> str:
    return f"Last seen: {sentence(parcel.last_event)}" if parcel.last_event else ""


def _behind(text: str) -> str:
    return f" {text}" if text else ""


def _moving(owned: OrderEvidence, evidence: Evidence) -> int:
    """The parcel that is under way, a late one or one that is due before others; then the order that waits."""
    if owned.order.state != "shipped":
        waits = owned.order.waits_for != "in_stock"
        return (1 if waits else 2) if owned.order.state == "placed" else 0
    verdict = evidence.derived.order(owned.order.order_id)
    late = verdict.days_late if verdict and verdict.days_late is not None else -1
    return 3 + (late >= 0) + (late > 0)


def _overdue(owned: OrderEvidence, evidence: Evidence) -> int:
    verdict = evidence.derived.order(owned.order.order_id)
    late = verdict.days_late or 0 if verdict else 0
    if evidence.derived.order_choice == "several" and owned.order.state == "placed" and evidence.now:
        waited = (evidence.now - owned.order.placed_at).days
        return 2 + max(0, waited) + _SOLD_OUT * (owned.order.waits_for == "backorder")
    if owned.order.state == "shipped":
        return 10 + late if late > 0 else 2
    return int(owned.order.state == "placed")


_SOLD_OUT: Final = 1000
"""Asked why it has not left, an order that waits for a book that is sold out comes before all that are in time."""


def _scanned(owned: OrderEvidence, evidence: Evidence) -> int:
    """One that the carrier says was delivered, of late; among those the newest, which orders are sorted by."""
    scanned = any(parcel.state == "delivered" for parcel in owned.shipments)
    came = owned.order.delivered_at
    recent = evidence.now is not None and came is not None and evidence.now - came < _RECENT
    if owned.order.state == "shipped":
        return 4 if scanned else 2
    return 3 if recent else int(owned.order.state == "delivered")


_RECENT: Final = timedelta(days=21)


def _any_order(owned: OrderEvidence, evidence: Evidence) -> int:
    return 0


_LIKELY: Final[dict[OrderAspect, Likely]] = {
    "split": lambda owned, evidence: len(owned.shipments),
    "charge": cancellable,
    "carrier": _moving,
    "number": _moving,
    "never_comes": _overdue,
    "add_items": cancellable,
    "go_ahead": cancellable,
    "address": changeable,
}
"""Which order is meant where none is named, by what is asked of it."""
_TRACK: Final = _each(_moving, _track)
_ROWS: Final[dict[Act, Answer]] = {
    Act.TRACK: _TRACK,
    Act.ARRIVAL: _each(_moving, _arrival),
    Act.LATE: _each(_overdue, _late),
    Act.NOT_RECEIVED: _each(_scanned, _not_received),
    Act.CANCEL_ORDER: _each(cancellable, cancelling),
    Act.CHANGE_ORDER: _each(changeable, changing),
    Act.ORDER_CONTENTS: _each(_any_order, _contents),
    Act.ORDER_LIST: _list,
}
_NEXT: Final[dict[Act, str]] = {
    Act.ARRIVAL: "When does my order arrive?",
    Act.CANCEL_ORDER: "Can I cancel my order?",
    Act.RETURN_WINDOW: "Can I still return my last order?",
    Act.ORDER_LIST: "Show me my orders",
}
_FITS: Final[dict[Act, tuple[str, ...]]] = {
    Act.ARRIVAL: ("shipped",),
    Act.CANCEL_ORDER: ("placed",),
    Act.RETURN_WINDOW: ("delivered",),
}


def _fits_any(act: Act, evidence: Evidence) -> bool:
    states = _FITS.get(act)
    return states is None or any(owned.order.state in states for owned in evidence.orders)
