"""What comes back of the money of an order, how, and when: by its return, else by what was talked of before."""

from collections.abc import Callable
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.return_cases import is_plain, progress
from mangaassist.models.writers.offline.which_order import called, on_day


def refund_amount(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """How much, and how far it has come."""
    returns = owned.returns
    if returns is None or returns.state == "none":
        return _no_refund(owned, task, phrasing)
    if not is_plain(returns):
        return progress(owned, returns, task, phrasing)
    amount = money(returns.refund_amount, returns.currency) if returns.refund_amount is not None else ""
    key = f"order_aspects.refund.{returns.state}" if amount else "order_aspects.refund.open"
    day = on_day(returns.refunded_at, task) if returns.refunded_at else ""
    return phrasing.say(key, order=called(owned, task), amount=amount, to=_to(owned), day=day)


def _no_refund(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Of an order without a return: what its payment, and what was talked of, make of the money."""
    order = owned.order
    if order.payment == "released":
        return phrasing.say(
            "order_aspects.paid.let_go", order=called(owned, task), total=money(order.total, order.currency)
        )
    told = _MONEY_OF.get(task.state.order_topic or Act.TRACK)
    return (told(owned, task, phrasing) if told else "") or phrasing.say(
        "order_aspects.refund.none", order=called(owned, task)
    )


def _once_cancelled(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """What was only reserved is let go, and what was not charged needs no refund; empty where it can't be cancelled."""
    verdict = task.evidence.derived.order(owned.order.order_id)
    if verdict is None or verdict.can_cancel != "yes":
        return _once_sent_back(owned, task, phrasing) if owned.order.state in ("shipped", "delivered") else ""
    key = _CANCELLED_BY.get(owned.order.payment or "", "") if owned.order.paid_with != GIFT_CARD else "gift_card"
    total = money(owned.order.total, owned.order.currency)
    return phrasing.say(f"order_aspects.cancelled.{key}", order=called(owned, task), total=total) if key else ""


_CANCELLED_BY: Final = {"authorized": "authorized", "not_charged": "not_charged"}


def _once_sent_back(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    return _after_approval("sent_back", owned, task, phrasing)


def _once_reported(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Of what came damaged, wrong or not at all: the money in place of the book."""
    return _after_approval("reported", owned, task, phrasing)


def _once_lost(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    days = task.evidence.facts.lost_after_days
    if days is None or owned.order.state != "shipped":
        return ""
    lost = phrasing.say("order_aspects.cancelled.lost", days=str(days))
    return f"{lost} {_after_approval('lost_refund', owned, task, phrasing)}".strip()


def _after_approval(key: str, owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    if owned.order.paid_with == GIFT_CARD:
        return phrasing.say(f"order_aspects.cancelled.{key}_gift_card")
    times = task.evidence.facts.refunds
    if times.least_days is None or times.most_days is None:
        return ""
    days = f"{times.least_days} to {times.most_days}"
    return phrasing.say(f"order_aspects.cancelled.{key}", days=days, to=_to(owned))


_MONEY_OF: Final[dict[Act, Callable[[OrderEvidence, WritingTask, Phrasing], str]]] = {
    Act.CANCEL_ORDER: _once_cancelled,
    Act.RETURN: _once_sent_back,
    Act.RETURN_WINDOW: _once_sent_back,
    Act.DAMAGED: _once_reported,
    Act.WRONG_ITEM: _once_reported,
    Act.MISSING_ITEM: _once_reported,
    Act.EXCHANGE: _once_reported,
    Act.LATE: _once_lost,
    Act.TRACK: _once_lost,
    Act.ARRIVAL: _once_lost,
}
"""What the money does once what was talked of is done."""


def refund_when(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """By when it should be there; once that is over, what to do; before it is sent, what it waits for."""
    returns, times = owned.returns, task.evidence.facts.refunds
    if returns is None or returns.state == "none":
        return _no_refund(owned, task, phrasing)
    if not is_plain(returns):
        return progress(owned, returns, task, phrasing)
    verdict = task.evidence.derived.order(owned.order.order_id)
    if verdict is not None and verdict.refund_due is not None:
        last, now = verdict.refund_due[1], task.evidence.now
        key = "over" if now is not None and last < now.date() else "due"
        sent = on_day(returns.refunded_at, task) if returns.refunded_at else ""
        return phrasing.say(
            f"order_aspects.due.{key}", day=on_day(last, task), sent=sent, order=called(owned, task), to=_to(owned)
        )
    if owned.order.paid_with == GIFT_CARD:
        return phrasing.say(f"order_aspects.due.{returns.state}_gift_card", order=called(owned, task))
    if times.least_days is None or times.most_days is None:
        return phrasing.say("order_aspects.refund.open", order=called(owned, task))
    return phrasing.say(
        f"order_aspects.due.{returns.state}",
        order=called(owned, task),
        days=f"{times.least_days} to {times.most_days}",
        to=_to(owned),
    )


def refund_where(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    if owned.order.payment == "released":
        return _no_refund(owned, task, phrasing)
    if not _to(owned):
        return phrasing.say("order_aspects.refund.where_unknown", order=called(owned, task))
    return phrasing.say("order_aspects.refund.where", order=called(owned, task), to=_to(owned).strip())


def refund_by_card(task: WritingTask, phrasing: Phrasing) -> str:
    """How long it takes to a card or PayPal, by the store's facts; empty where they do not tell."""
    times = task.evidence.facts.refunds
    if times.least_days is None or times.most_days is None:
        return ""
    return phrasing.say("order_aspects.refund.card", days=f"{times.least_days} to {times.most_days}")


def refund_by_gift_card(task: WritingTask, phrasing: Phrasing) -> str:
    known = task.evidence.facts.refunds.gift_card_same_day
    return phrasing.say("order_aspects.refund.gift_card") if known else ""


RULES: Final[dict[OrderAspect, Callable[[WritingTask, Phrasing], str]]] = {
    "refund_card": refund_by_card,
    "refund_gift_card": refund_by_gift_card,
}
"""What the store's facts answer, whoever asks and whatever was ordered."""


def _to(owned: OrderEvidence) -> str:
    return _TO.get(owned.order.paid_with, "")


GIFT_CARD: Final = "gift card"
_TO: Final = {"card": " to your card", "PayPal": " to your PayPal account", "gift card": " to your gift card"}
