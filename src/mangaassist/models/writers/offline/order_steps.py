"""What comes next in the matter of an order, a step at a time: a step that was told is not told again."""

from collections.abc import Callable
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.opening_hours import next_opening
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import called, on_day

_Holds = Callable[[OrderEvidence, WritingTask], bool]


def next_step(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The first step of the matter that fits this order and was not told; how the team is reached where all were."""
    act = next((heard.act for heard in task.meaning.acts if heard.act in _STEPS), None)
    steps = [step for step in _STEPS.get(act or Act.TRACK, ()) if _holds(step, owned, task)]
    step = next((one for one in steps if _is_untold(one, phrasing)), "")
    return phrasing.say(f"order_steps.{step}", **_fields(owned, task)) if step else _reach(owned, task, phrasing)


def money_or_book(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Which of the two comes of a fault, by what the store does about it."""
    misprint, act = task.meaning.fault == "misprint", task.meaning.problem
    return phrasing.say(
        f"order_steps.{'replaced' if misprint else 'copy_or_money' if act is Act.DAMAGED else 'right_copy'}"
    )


def _is_untold(step: str, phrasing: Phrasing) -> bool:
    return all(map(phrasing.is_new, (f"order_steps.{step}", *_TOLD_BY.get(step, ()))))


def _holds(step: str, owned: OrderEvidence, task: WritingTask) -> bool:
    return step not in _HOLDS or _HOLDS[step](owned, task)


def _fields(owned: OrderEvidence, task: WritingTask) -> dict[str, str]:
    facts, verdict = task.evidence.facts, task.evidence.derived.order(owned.order.order_id)
    expected = verdict.expected if verdict else None
    return {
        "order": called(owned, task),
        "days": str(facts.scanned_not_received.trace_days) if facts.scanned_not_received else "",
        "lost": str(facts.lost_after_days or ""),
        "due": on_day(expected, task) if expected else "",
    }


def _reach(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """The people who can do what this chat cannot, and from when on they are there."""
    support, back = task.evidence.facts.support, next_opening(task)
    if not support.phone or not support.email:
        return phrasing.say("order_steps.person")
    when = phrasing.say("order_steps.from", back=back) if back else ""
    fields = {"phone": support.phone, "email": support.email, "id": owned.order.order_id, "when": when}
    return phrasing.say("order_steps.reach", **fields)


def _verdict_is(name: str, value: str) -> _Holds:
    def holds(owned: OrderEvidence, task: WritingTask) -> bool:
        verdict = task.evidence.derived.order(owned.order.order_id)
        return verdict is not None and getattr(verdict, name) == value

    return holds


def _is_overdue(owned: OrderEvidence, task: WritingTask) -> bool:
    verdict = task.evidence.derived.order(owned.order.order_id)
    return owned.order.state == "shipped" and verdict is not None and (verdict.days_late or 0) > 0


def _is_in_time(owned: OrderEvidence, task: WritingTask) -> bool:
    verdict = task.evidence.derived.order(owned.order.order_id)
    return verdict is not None and verdict.expected is not None and not _is_overdue(owned, task)


def _can_be_lost(owned: OrderEvidence, task: WritingTask) -> bool:
    return owned.order.state == "shipped" and task.evidence.facts.lost_after_days is not None


_HOLDS: Final[dict[str, _Holds]] = {
    "trace": lambda owned, task: owned.order.state == "delivered" and bool(task.evidence.facts.scanned_not_received),
    "trace_end": lambda owned, task: owned.order.state == "delivered",
    "wait": _is_in_time,
    "packing": lambda owned, task: owned.order.state == "placed",
    "ask_carrier": _is_overdue,
    "lost": _can_be_lost,
    "cancel": _verdict_is("can_cancel", "yes"),
    "send_back": _verdict_is("can_return", "yes"),
    "change": _verdict_is("can_change_address", "yes"),
    "copy_or_money": lambda owned, task: task.state.case != "misprint",
    "replaced": lambda owned, task: task.state.case == "misprint",
}
"""Steps that fit some orders only."""
_TOLD_BY: Final[dict[str, tuple[str, ...]]] = {
    "trace": ("order_tracking.trace_now", "order_tracking.trace_again", "order_tracking.trace_money"),
    "wait": ("order_tracking.arrival", "order_tracking.on_time"),
    "ask_carrier": ("order_tracking.late_next",),
    "lost": ("order_tracking.lost_later", "order_aspects.lost", "order_aspects.lost_not_yet"),
    "cancel": ("order_tracking.cancel_yes", "order_aspects.go_ahead.cancel_order"),
    "change": ("order_tracking.change_yes", "order_aspects.go_ahead.change_order"),
    "send_back": ("return_request.start", "order_aspects.go_ahead.return"),
    "report": ("return_request.report",),
}
"""What else tells a step."""
_MOVING: Final = ("wait", "packing", "ask_carrier", "lost")
_FAULT: Final = ("report", "right_copy")
_STEPS: Final[dict[Act, tuple[str, ...]]] = {
    Act.NOT_RECEIVED: ("trace", "trace_end", *_MOVING),
    Act.TRACK: _MOVING,
    Act.ARRIVAL: _MOVING,
    Act.LATE: _MOVING,
    Act.CANCEL_ORDER: ("cancel",),
    Act.CHANGE_ORDER: ("change",),
    Act.RETURN: ("send_back", "refund"),
    Act.RETURN_WINDOW: ("send_back", "refund"),
    Act.DAMAGED: ("report", "copy_or_money", "replaced"),
    Act.WRONG_ITEM: _FAULT,
    Act.MISSING_ITEM: _FAULT,
    Act.EXCHANGE: ("report",),
}
"""The steps of each matter, in their order; last comes whom to ask."""
