"""Answers about sending something back: whether and until when, where a refund is, what is done about a wrong or broken book."""

from collections.abc import Iterator
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import OrderReturn
from mangaassist.domain.derived import OrderVerdict
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered, nothing_more
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import (
    called,
    meant,
    newest_year,
    no_orders,
    on_day,
    recent,
)
from mangaassist.models.writers.offline.wording import count_of, day_of_year, listed, paragraphs, sentence

offer_next = nothing_more

_STILL_OPEN: Final = 3
"""Orders that can go back, listed where none is named."""


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    if task.evidence.sign_in_needed:
        return _for_a_guest(task, phrasing)
    if problem := no_orders(task, phrasing):
        return paragraphs(_rule(task, task.meaning.act or Act.RETURN), problem)
    return answered(task, phrasing, _ROWS, Act.RETURN)


def suggestions(task: WritingTask) -> Iterator[str]:
    if task.evidence.sign_in_needed:
        yield from ("Who pays for return shipping?", "How long do I have to return something?")
        return
    asked = frozenset(heard.act for heard in task.meaning.acts)
    yield from (example for act, example in _NEXT.items() if act not in asked)


def _for_a_guest(task: WritingTask, phrasing: Phrasing) -> str:
    """The rule in a sentence, by the pages or by the store's facts; the order itself only after signing in."""
    act = task.meaning.act or Act.RETURN
    rule = help_pages.remedy(task, act) if act in _PROBLEMS else _rule(task, act)
    if not rule and act not in _PROBLEMS and task.evidence.facts.return_days is not None:
        rule = phrasing.say("return_request.rule", days=str(task.evidence.facts.return_days))
    sorry = phrasing.say("return_request.sorry") if act in _PROBLEMS else ""
    return paragraphs(f"{sorry} {rule}".strip(), phrasing.say("return_request.sign_in"))


def _rule(task: WritingTask, act: Act) -> str:
    """What a page says to the particular case ("a gift", "an opened box"), else to the matter as a whole."""
    if act is Act.REFUND_STATUS:
        return help_pages.remedy(task, act) or help_pages.rule(task, act)
    if task.meaning.case and (ruled := help_pages.remedy(task, act)):
        return ruled
    particular = help_pages.beside(task, act, most=help_pages.BRIEF, with_verdict=True)
    return next(filter(lambda said: _is_no_remedy(said, task), (particular, help_pages.rule(task, act))), "")


def _is_no_remedy(said: str, task: WritingTask) -> bool:
    """What the store does about its own mistakes is no rule for who ordered the wrong book."""
    remedies = [help_pages.remedy(task, problem) for problem in _PROBLEMS]
    return not any(part and part in remedy for part in said.rstrip(".").split(". ") for remedy in remedies)


def _return(task: WritingTask, phrasing: Phrasing) -> str:
    """The order that is named; every one that can go back where none is."""
    found = meant(task, phrasing, _returnable)
    if found is None or task.evidence.failed("returns"):
        return _down(task, phrasing)
    if found.not_found and not found.is_named:
        return paragraphs(found.not_found, f"{phrasing.say('order_tracking.recent')}\n{recent(task)}")
    if found.others and not found.is_named:
        return _open_orders(task, phrasing)
    if task.meaning.case == "opened_set" and (rule := help_pages.remedy(task, Act.RETURN)):
        return paragraphs(found.not_found, rule, _beside_the_set(found.order, task, phrasing))
    told = sentence(_window(found.order, task, phrasing))
    start = phrasing.say("return_request.start") if _can(found.order, task) == "yes" else ""
    return paragraphs(found.not_found, f"{told} {start}".strip(), help_pages.beside(task, Act.RETURN))


def _beside_the_set(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Behind the rule for box sets: whether the order's window is open at all."""
    if _can(owned, task) != "yes":
        return sentence(_window(owned, task, phrasing))
    return phrasing.say("return_request.unopened", order=called(owned, task), until=_until(owned, task))


def _open_orders(task: WritingTask, phrasing: Phrasing) -> str:
    """Several can go back: each with its last day, and one button each."""
    able = [owned for owned in task.evidence.orders if _can(owned, task) == "yes"][:_STILL_OPEN]
    lines = listed(f"{sentence(called(owned, task)).rstrip('.')}: {_until(owned, task)}" for owned in able)
    phrasing.ask_for("order")
    return paragraphs(f"{phrasing.say('return_request.several')}\n{lines}", phrasing.say("return_request.start"))


def _until(owned: OrderEvidence, task: WritingTask) -> str:
    verdict = _verdict(owned, task)
    last = verdict.return_until
    if last is None:
        return "can go back"
    left = f" ({count_of(verdict.days_left, 'day')} left)" if verdict.days_left is not None else ""
    return f"until {day_of_year(last, newest_year(task))}{left}"


def _window(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """ "Yes, until December 12 (16 days left)" or "No", with the store's reason."""
    known = owned.returns
    if known is not None and known.state != "none":
        return f"{phrasing.say('return_request.already')} {_progress(owned, known, task, phrasing)}"
    verdict = _verdict(owned, task)
    if verdict.can_return == "yes":
        key = "return_request.yes" if verdict.return_until else "return_request.yes_open"
        return phrasing.say(key, order=called(owned, task), until=_until(owned, task))
    if owned.order.state in ("placed", "shipped"):
        return phrasing.say("return_request.not_yet", order=called(owned, task), state=_NOT_YET[owned.order.state])
    if verdict.can_return == "unknown":
        return phrasing.say("return_request.unknown", order=called(owned, task))
    return phrasing.say("return_request.no", order=called(owned, task)) + _because(owned, verdict, task)


_NOT_YET: Final = {"placed": "hasn't shipped yet", "shipped": "is still on its way"}


def _because(owned: OrderEvidence, verdict: OrderVerdict, task: WritingTask) -> str:
    reason = verdict.why or (owned.returns.reason if owned.returns else None) or ""
    for last in filter(None, (verdict.return_until, owned.returns.window_ends if owned.returns else None)):
        reason = reason.replace(last.isoformat(), day_of_year(last, newest_year(task)))
    return f" {sentence(reason)}" if reason else ""


def _refund(task: WritingTask, phrasing: Phrasing) -> str:
    found = meant(task, phrasing, _going_back)
    if found is None or task.evidence.failed("returns"):
        return _down(task, phrasing)
    known = found.order.returns
    if known is None or known.state == "none":
        if found.order.order.state == "refunded":
            order = found.order.order
            total = money(order.total, order.currency)
            return phrasing.say("return_request.refunded_order", order=called(found.order, task), total=total)
        none = phrasing.say("return_request.no_refund")
        return paragraphs(found.not_found, f"{none} {help_pages.remedy(task, Act.REFUND_STATUS)}".strip())
    told = " ".join((sentence(_progress(found.order, known, task, phrasing)), *_refunded(found.order, task, phrasing)))
    when = help_pages.rule(task, Act.REFUND_STATUS) if known.state != "refunded" else ""
    return paragraphs(found.not_found, f"{told} {when}".strip())


def _refunded(told: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> Iterator[str]:
    """Beside the return that is under way: what has been paid back already, where none of them is named."""
    others = () if task.meaning.orders or task.meaning.order_items else task.evidence.orders
    for owned in others:
        if owned is told or (
            owned.order.state != "refunded" and (not owned.returns or owned.returns.state != "refunded")
        ):
            continue
        if owned.returns is not None and owned.returns.state != "none":
            yield sentence(_progress(owned, owned.returns, task, phrasing))
        else:
            total = money(owned.order.total, owned.order.currency)
            yield phrasing.say("return_request.refunded_order", order=called(owned, task), total=total)


def _progress(owned: OrderEvidence, known: OrderReturn, task: WritingTask, phrasing: Phrasing) -> str:
    amount = money(known.refund_amount, known.currency) if known.refund_amount is not None else ""
    worded = f" of {amount}" if amount else ""
    expects = f", with a refund of {amount}" if amount else ""
    day = f" on {on_day(known.refunded_at, task)}" if known.refunded_at else ""
    return phrasing.say(
        f"return_request.{known.state}", order=called(owned, task), amount=worded, expects=expects, day=day
    )


def _problem(task: WritingTask, phrasing: Phrasing) -> str:
    """Sorry once; what the store does about it and by when; where to report it."""
    act = next((heard.act for heard in task.meaning.acts if heard.act in _PROBLEMS), Act.DAMAGED)
    found = meant(task, phrasing, _received)
    sorry = phrasing.say("return_request.sorry")
    rule = help_pages.remedy(task, act) or phrasing.say("return_request.team")
    if found is None:
        return f"{sorry} {rule}"
    which = phrasing.say("return_request.which", order=called(found.order, task), day=_came(found.order, task))
    return paragraphs(f"{sorry} {rule}", found.not_found or which, phrasing.say("return_request.report"))


def _came(owned: OrderEvidence, task: WritingTask) -> str:
    delivered = owned.order.delivered_at
    return f", delivered {on_day(delivered, task)}" if delivered else ""


def _exchange(task: WritingTask, phrasing: Phrasing) -> str:
    """A new copy instead of the money: what the store says to that, and what stands in the way for this order."""
    found = meant(task, phrasing, _received)
    rule = help_pages.remedy(task, Act.EXCHANGE)
    known = found.order.returns if found else None
    under_way = ""
    if found and known and known.state != "none":
        under_way = sentence(_progress(found.order, known, task, phrasing))
    return paragraphs(rule, under_way, phrasing.say("return_request.replacement"))


def _down(task: WritingTask, phrasing: Phrasing) -> str:
    down = (
        phrasing.say("return_request.down")
        if task.evidence.failed("returns")
        else denials.RETURN_DETAILS.told(task, phrasing)
    )
    return paragraphs(help_pages.rule(task, Act.RETURN), down)


def _verdict(owned: OrderEvidence, task: WritingTask) -> OrderVerdict:
    """What was worked out; what the returns service itself says where nothing was."""
    known = task.evidence.derived.order(owned.order.order_id)
    if known is not None and known.can_return != "unknown":
        return known
    returns = owned.returns
    if returns is None:
        return known or OrderVerdict(order_id=owned.order.order_id)
    return OrderVerdict(
        order_id=owned.order.order_id,
        can_return="yes" if returns.eligible else "no",
        return_until=returns.window_ends,
        why=returns.reason or "",
    )


def _can(owned: OrderEvidence, task: WritingTask) -> str:
    return _verdict(owned, task).can_return


def _returnable(owned: OrderEvidence, evidence: Evidence) -> int:
    known = evidence.derived.order(owned.order.order_id)
    can = (known and known.can_return == "yes") or (owned.returns is not None and owned.returns.eligible)
    under_way = owned.returns is not None and owned.returns.state in ("requested", "received")
    return 2 if can else 1 if under_way or owned.order.state == "delivered" else 0


def _going_back(owned: OrderEvidence, evidence: Evidence) -> int:
    state = owned.returns.state if owned.returns else "none"
    stage = {"received": 4, "requested": 3, "refunded": 1}.get(state, 0)
    return stage or int(owned.order.state == "refunded")


def _received(owned: OrderEvidence, evidence: Evidence) -> int:
    return 1 if owned.order.state == "delivered" else 0


_PROBLEMS: Final = frozenset({Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM})
_ROWS: Final[dict[Act, Answer]] = {
    Act.RETURN: _return,
    Act.RETURN_WINDOW: _return,
    Act.REFUND_STATUS: _refund,
    Act.DAMAGED: _problem,
    Act.WRONG_ITEM: _problem,
    Act.MISSING_ITEM: _problem,
    Act.EXCHANGE: _exchange,
}
_NEXT: Final[dict[Act, str]] = {
    Act.REFUND_STATUS: "When do I get my refund?",
    Act.POLICY: "Who pays for return shipping?",
    Act.TRACK: "Where is my order?",
}
