"""What an order's state means for what can be asked of it, at one moment (T-11)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from mangaassist.domain.derived import OrderVerdict, Spent, Verdict
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.meaning import Fault
from mangaassist.domain.store_facts import ProblemRule, StoreFacts

GIFT_CARD: Final = "gift card"
"""How a store calls a payment by gift card, whose refund is there at once."""


def verdict(owned: OrderEvidence, facts: StoreFacts, now: datetime, fault: Fault = "") -> OrderVerdict:
    """``now`` says its zone, ``fault`` what was wrong with it.

    What neither the store's services nor its facts tell is ``unknown`` or None."""
    cancel_until = _cancel_until(owned, facts)
    expected, return_until = expected_on(owned), _return_until(owned, facts)
    rule = ProblemRule() if not fault else getattr(facts.problems, fault)
    report_until = _report_until(owned, rule)
    return OrderVerdict(
        order_id=owned.order.order_id,
        can_cancel=_can_cancel(owned, cancel_until, now),
        cancel_until=cancel_until,
        can_change_address="yes" if owned.order.state == "placed" else "no",
        expected=expected,
        days_late=None if expected is None else (now.date() - expected).days,
        can_return=_can_return(owned, return_until, now),
        return_until=return_until,
        days_left=None if return_until is None else (return_until - now.date()).days,
        why=(owned.returns.reason or "") if owned.returns else "",
        report_until=report_until,
        report_days_left=None if report_until is None else (report_until - now.date()).days,
        old_copy=rule.old_copy,
        refund_due=_refund_due(owned, facts),
    )


def spent(owned: Iterable[OrderEvidence]) -> Spent | None:
    """What the orders come to; what was cancelled or refunded counts for nothing."""
    every = [one.order for one in owned]
    kept = [order for order in every if order.state not in ("cancelled", "refunded")]
    if len({order.currency for order in kept}) != 1:
        return None
    return Spent(
        amount=sum((order.total for order in kept), Decimal(0)),
        currency=kept[0].currency,
        orders=len(kept),
        left_out=len(every) - len(kept),
        since=min(order.placed_at for order in kept),
    )


def expected_on(owned: OrderEvidence) -> date | None:
    """The day on which the last parcel that is still on its way is expected."""
    if owned.order.state != "shipped":
        return None
    return max((one.eta for one in owned.shipments if one.eta and one.state != "delivered"), default=None)


def _report_until(owned: OrderEvidence, rule: ProblemRule) -> date | None:
    if owned.order.delivered_at is None or rule.days is None:
        return None
    return owned.order.delivered_at.date() + timedelta(days=rule.days)


def _refund_due(owned: OrderEvidence, facts: StoreFacts) -> tuple[date, date] | None:
    """A gift card has it on the same day, anything else after a few business days."""
    returns, times = owned.returns, facts.refunds
    if returns is None or returns.refunded_at is None:
        return None
    issued = returns.refunded_at.date()
    if owned.order.paid_with == GIFT_CARD:
        return issued, issued
    if times.least_days is None or times.most_days is None:
        return None
    return facts.business_day(issued, times.least_days), facts.business_day(issued, times.most_days)


def _cancel_until(owned: OrderEvidence, facts: StoreFacts) -> datetime | None:
    if owned.order.state != "placed" or facts.cancel_minutes is None or owned.order.waits_for != "in_stock":
        return None
    return owned.order.placed_at + timedelta(minutes=facts.cancel_minutes)


def _can_cancel(owned: OrderEvidence, until: datetime | None, now: datetime) -> Verdict:
    if owned.order.state != "placed":
        return "no"
    if owned.order.waits_for != "in_stock":
        return "yes"  # until it is dispatched
    if until is None:
        return "unknown"
    return "yes" if now <= until else "no"


def _return_until(owned: OrderEvidence, facts: StoreFacts) -> date | None:
    """What the returns service says, else what the store's rule makes of the day of delivery."""
    if owned.returns is not None and owned.returns.window_ends is not None:
        return owned.returns.window_ends
    return None if owned.order.delivered_at is None else facts.return_until(owned.order.delivered_at.date())


def _can_return(owned: OrderEvidence, until: date | None, now: datetime) -> Verdict:
    """The returns service decides; without it, only what is surely too late or too early is said."""
    if owned.returns is not None:
        return "yes" if owned.returns.eligible else "no"
    if owned.order.state != "delivered" or (until is not None and now.date() > until):
        return "no"
    return "unknown"
