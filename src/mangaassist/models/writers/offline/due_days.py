"""When an order is to be there, in words, and whether that is in time for a day that the shopper names."""

from datetime import date

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import on_day


def expected_day(owned: OrderEvidence, evidence: Evidence) -> date | None:
    """The day on which the last parcel of it is expected."""
    verdict = evidence.derived.order(owned.order.order_id)
    expected = verdict.expected if verdict else None
    return expected or next((parcel.eta for parcel in owned.shipments if parcel.eta), None)


def soon(day: date, task: WritingTask) -> str:
    """ "today (Thursday, November 26)", or the day alone."""
    now = task.evidence.now
    near = {0: "today", 1: "tomorrow"}.get((day - now.date()).days) if now else None
    return f"{near} ({on_day(day, task)})" if near else on_day(day, task)


def named_date(task: WritingTask) -> date | None:
    """The date of the day that the message names; None of a rule ("sundays"), or where it names none."""
    named, now = task.meaning.day, task.evidence.now
    return named.date_from(now.date()) if named and now and not named.every else None


def in_time(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The verdict in front where the shopper names a day ("before christmas"); empty where nobody knows, or it is overdue."""
    by, now, due = named_date(task), task.evidence.now, _due(owned, task)
    if by is None or now is None or due is None or not task.meaning.asks(Act.ARRIVAL, Act.TRACK, Act.LATE):
        return ""
    if due < now.date():
        return phrasing.say("order_tracking.no_promise", day=on_day(by, task)) if by >= now.date() else ""
    if task.meaning.asks(Act.LATE):
        return ""
    return phrasing.say(f"order_tracking.{'in_time' if due <= by else 'not_in_time'}", day=on_day(by, task))


def _due(owned: OrderEvidence, task: WritingTask) -> date | None:
    """Of what waits the day from which it can be sent: it is there no earlier."""
    if owned.order.state == "shipped":
        return expected_day(owned, task.evidence)
    expected = [item.expected for item in owned.order.items if item.expected]
    return max(expected, default=None) if owned.order.state == "placed" else None
