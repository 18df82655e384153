"""What can still be done to an order: cancelled or not and until when, changed or not."""

from datetime import datetime

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import OrderVerdict
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import help_pages
from mangaassist.models.writers.offline.opening_hours import local
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import called, on_day


def cancelling(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    verdict = _verdict(owned, task)
    if owned.order.state in ("cancelled", "refunded"):
        told = phrasing.say(
            f"order_tracking.{owned.order.state}", order=called(owned, task), day=on_day(owned.order.placed_at, task)
        )
        return told + _behind(phrasing.say("order_tracking.cancelled_why") if owned.order.state == "cancelled" else "")
    if verdict.can_cancel == "yes" and owned.order.waits_for != "in_stock":
        return phrasing.say(f"order_tracking.cancel_{owned.order.waits_for}", order=called(owned, task))
    if verdict.can_cancel == "yes":
        return phrasing.say(
            "order_tracking.cancel_yes", order=called(owned, task), until=until(verdict.cancel_until, task)
        )
    if verdict.can_cancel == "unknown" and owned.order.state == "placed":
        rule = help_pages.rule(task, Act.CANCEL_ORDER)
        return f"{rule} {phrasing.say('order_tracking.cancel_unknown', order=called(owned, task))}".strip()
    reason = _why_not(owned, task, phrasing)
    return phrasing.say("order_tracking.cancel_no", order=called(owned, task), why=reason) + _behind(
        _instead(owned, verdict, task, phrasing)
    )


def _why_not(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    order, minutes = owned.order, task.evidence.facts.cancel_minutes
    if order.state == "delivered" and order.delivered_at:
        return phrasing.say("order_tracking.was_delivered", day=on_day(order.delivered_at, task))
    if order.state == "placed" and minutes is not None:
        day = on_day(order.placed_at, task)
        return phrasing.say("order_tracking.too_late", minutes=str(minutes), day=day)
    return phrasing.say("order_tracking.has_left" if order.state != "placed" else "order_tracking.too_late_now")


def _instead(owned: OrderEvidence, verdict: OrderVerdict, task: WritingTask, phrasing: Phrasing) -> str:
    """What can be done in place of cancelling: sending it back."""
    days = task.evidence.facts.return_days
    if owned.order.state == "delivered":
        until = verdict.return_until
        is_open = verdict.can_return == "yes" and until is not None
        return phrasing.say("order_tracking.return_until", day=on_day(until, task)) if is_open and until else ""
    return phrasing.say("order_tracking.return_later", days=str(days)) if days is not None else ""


def changing(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The address can be changed or not, by the order's state; what else is asked for ("add a book"), a page may tell."""
    verdict = _verdict(owned, task)
    rule = help_pages.beside(task, Act.CHANGE_ORDER)
    answers = {
        "yes": "order_tracking.change_yes",
        "no": "order_tracking.change_no",
        "unknown": "order_tracking.change_unknown",
    }
    if owned.order.state in ("delivered", "cancelled", "refunded"):
        return phrasing.say(f"order_tracking.change_{owned.order.state}", order=called(owned, task))
    told = phrasing.say(answers[verdict.can_change_address], order=called(owned, task))
    if verdict.can_change_address == "no" or not rule or help_pages.stems("address") & help_pages.stems(rule):
        return told
    return f"{rule} {told}"


def _verdict(owned: OrderEvidence, task: WritingTask) -> OrderVerdict:
    """What was worked out of it; what its state alone says where nothing was."""
    known = task.evidence.derived.order(owned.order.order_id)
    if known is not None:
        return known
    settled = "unknown" if owned.order.state == "placed" else "no"
    return OrderVerdict(order_id=owned.order.order_id, can_cancel=settled, can_change_address=settled)


def until(moment: datetime | None, task: WritingTask) -> str:
    """ ", until 2:35pm Eastern": in the store's own time, which its people go by."""
    if moment is None:
        return ""
    return f", until {local(moment, task.evidence.facts.support)}"


def cancellable(owned: OrderEvidence, evidence: Evidence) -> int:
    verdict = evidence.derived.order(owned.order.order_id)
    if verdict and verdict.can_cancel == "yes":
        return 3 if owned.order.waits_for == "in_stock" else 2
    return {"placed": 2, "shipped": 1}.get(owned.order.state, 0)


def changeable(owned: OrderEvidence, evidence: Evidence) -> int:
    verdict = evidence.derived.order(owned.order.order_id)
    if verdict and verdict.can_change_address == "yes":
        return 2
    return int(owned.order.state in ("placed", "shipped"))


def _behind(text: str) -> str:
    return f" {text}" if text else ""
