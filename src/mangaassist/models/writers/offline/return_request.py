"""Answers about sending something back: whether and until when, where a refund is, what is done about a wrong or broken book."""

from collections.abc import Iterator, Sequence
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.derived import OrderVerdict
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials, help_pages
from mangaassist.models.writers.offline.by_act import Answer, answered, nothing_more
from mangaassist.models.writers.offline.order_aspects import ASPECTS, aspect_of, reportable
from mangaassist.models.writers.offline.order_changes import until
from mangaassist.models.writers.offline.order_refunds import RULES, refund_when
from mangaassist.models.writers.offline.order_steps import money_or_book
from mangaassist.models.writers.offline.order_tracking import on_its_way
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.return_cases import progress, rest
from mangaassist.models.writers.offline.which_order import (
    Meant,
    called,
    meant,
    newest_year,
    no_orders,
    on_day,
    own_order_of_a_guest,
    recent,
    ways_without_sign_in,
)
from mangaassist.models.writers.offline.wording import bold, count_of, day_of_year, joined, listed, paragraphs, sentence

offer_next = nothing_more

_STILL_OPEN: Final = 3
"""Orders that can go back, listed where none is named."""


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    if task.meaning.case in _NO_FAULT:
        return _no_fault(task, phrasing)
    ruled = next((RULES[aspect] for aspect in task.meaning.aspects if aspect in RULES), None)
    if ruled is not None and (rule := ruled(task, phrasing)):
        return rule
    if task.evidence.sign_in_needed:
        return _for_a_guest(task, phrasing)
    if problem := no_orders(task, phrasing):
        return paragraphs(_rule(task, task.meaning.act or Act.RETURN), problem)
    if (aspect := aspect_of(task)) and not (aspect == "money_or_book" and _is_new_fault(task)):
        return _by_aspect(aspect, task, phrasing)
    return answered(task, phrasing, _ROWS, Act.RETURN)


def _is_new_fault(task: WritingTask) -> bool:
    """Whether the message itself tells of it: then what is done about it is told, and not the choice alone."""
    return task.meaning.asks(*_PROBLEMS) and task.state.problem is not task.meaning.problem


_NO_FAULT: Final = frozenset({"own_accident", "aged"})


def _no_fault(task: WritingTask, phrasing: Phrasing) -> str:
    """What the shopper or time did to a book is replaced by nobody; what can be done about it, where it is gone on about."""
    key = f"return_request.{task.meaning.case}"
    return phrasing.say(f"{key}_care" if task.state.case == task.meaning.case else key)


def _by_aspect(aspect: OrderAspect, task: WritingTask, phrasing: Phrasing) -> str:
    """What is asked of the order by itself: how much comes back and when, whether the old copy is kept, until when."""
    found = meant(task, phrasing, _going_back if aspect.startswith("refund") else _received)
    under_way = [owned for owned in task.evidence.orders if _going_back(owned, task.evidence)]
    if aspect == "refund_when" and found is not None and not found.is_named and len(under_way) > 1:
        return _refund(task, phrasing)
    if found is None or task.evidence.failed("returns"):
        return _down(task, phrasing)
    return paragraphs(found.not_found, sentence(ASPECTS[aspect](found.order, task, phrasing)))


def suggestions(task: WritingTask) -> Iterator[str]:
    if task.evidence.sign_in_needed:
        yield from ("Who pays for return shipping?", "How long do I have to return something?")
        return
    asked = frozenset(heard.act for heard in task.meaning.acts)
    yield from (example for act, example in _NEXT.items() if act not in asked)


def _for_a_guest(task: WritingTask, phrasing: Phrasing) -> str:
    """The rule in a sentence, by the pages or by the store's facts; the order itself only after signing in."""
    act = task.meaning.act or Act.RETURN
    if act in (Act.RETURN, Act.RETURN_WINDOW) and task.meaning.case == "unsealed":
        return f"{phrasing.say('return_request.unsealed')} {phrasing.say('return_request.unsealed_rule')}"
    if act is Act.EXCHANGE and task.meaning.case in _NO_SWAP:
        return _swap_of_opened("", task, phrasing)
    rule = help_pages.remedy(task, act) if act in _PROBLEMS else _rule(task, act)
    if not rule and act not in _PROBLEMS | {Act.EXCHANGE} and task.evidence.facts.return_days is not None:
        rule = _usual_window(task, phrasing)
    sorry = phrasing.say("return_request.sorry") if act in _PROBLEMS else ""
    if "elsewhere" in task.meaning.aspects:
        return paragraphs(f"{sorry} {rule}".strip(), ways_without_sign_in(task, phrasing))
    return paragraphs(f"{sorry} {rule}".strip(), own_order_of_a_guest(task, phrasing, rule))


def _usual_window(task: WritingTask, phrasing: Phrasing) -> str:
    """How long what is ordered now can go back: the season's last day where it is delivered within one."""
    facts, now = task.evidence.facts, task.evidence.now
    season, days = facts.return_season, str(facts.return_days)
    due = facts.due(now) if now and season else None
    until = season.window_end(due[1]) if due and season else None
    last = season.last.date_from(due[1]) if due and season else None
    if until is None or last is None:
        return phrasing.say("return_request.rule", days=days)
    return phrasing.say(
        "return_request.rule_season", until=day_of_year(until, until.year), last=day_of_year(last, last.year), days=days
    )


def _rule(task: WritingTask, act: Act) -> str:
    """What a page says to the particular case ("a gift", "an opened box"), else to the matter as a whole."""
    if act in (Act.REFUND_STATUS, Act.EXCHANGE):
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
        able = [owned for owned in task.evidence.orders if _can(owned, task) == "yes"]
        return _opened(able, task, phrasing) or _open_orders(task, phrasing)
    if task.meaning.case in _OF_SETS and (rule := help_pages.remedy(task, Act.RETURN)):
        return paragraphs(found.not_found, rule, _beside_the_set(found.order, task, phrasing))
    if opened := _opened([found.order], task, phrasing):
        return paragraphs(found.not_found, opened)
    told = sentence(_window(found.order, task, phrasing))
    start = phrasing.say("return_request.start") if _can(found.order, task) == "yes" else ""
    return paragraphs(
        found.not_found, f"{told} {start}".strip(), "" if task.meaning.after else help_pages.beside(task, Act.RETURN)
    )


def _opened(orders: Sequence[OrderEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """Whether what was opened can still go back: by what the orders hold, of which only sealed box sets may not be open."""
    able = [owned for owned in orders if _can(owned, task) == "yes"]
    if task.meaning.case != "unsealed" or not able:
        return ""
    sets = [bold(item.title) for owned in able for item in owned.order.items if _BOX_SET in item.title.casefold()]
    singles = any(_BOX_SET not in item.title.casefold() for owned in able for item in owned.order.items)
    told = phrasing.say("return_request.unsealed") if singles else ""
    but = phrasing.say("return_request.unsealed_set", titles=joined(sets)) if sets else ""
    return paragraphs(" ".join(filter(None, (told, but))))


_BOX_SET: Final = "box set"
"""How a store calls one in its title."""


def _beside_the_set(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """Behind the rule for box sets: whether the order's window is open at all."""
    if _can(owned, task) != "yes":
        return sentence(_window(owned, task, phrasing))
    return phrasing.say("return_request.unopened", order=called(owned, task), until=_until(owned, task))


_OF_SETS: Final = frozenset({"opened_set", "damaged_set"})


def _open_orders(task: WritingTask, phrasing: Phrasing) -> str:
    """Several can go back: each with its last day, and one button each."""
    able = [owned for owned in task.evidence.orders if _can(owned, task) == "yes"][:_STILL_OPEN]
    lines = listed(f"{sentence(called(owned, task)).rstrip('.')}: {_until(owned, task)}" for owned in able)
    phrasing.ask_for("order")
    again = bool(task.meaning.selection.kinds) and task.state.order_topic in (Act.RETURN, Act.RETURN_WINDOW)
    if again and len(able) > 1:
        return f"{phrasing.say('return_request.still_several', count=str(len(able)))}\n{lines}"
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
        left = rest(owned, known, _until(owned, task) if known.window_ends else "", phrasing)
        already = "" if left else phrasing.say("return_request.already")
        return " ".join(filter(None, (already, progress(owned, known, task, phrasing), left)))
    verdict = _verdict(owned, task)
    if verdict.can_return == "yes":
        key = "return_request.yes" if verdict.return_until else "return_request.yes_open"
        return phrasing.say(key, order=called(owned, task), until=_until(owned, task))
    if owned.order.state in ("placed", "shipped"):
        told = phrasing.say("return_request.not_yet", order=called(owned, task), state=_NOT_YET[owned.order.state])
        return f"{told} {_till_then(owned, verdict, task, phrasing)}".strip()
    if verdict.can_return == "unknown":
        return phrasing.say("return_request.unknown", order=called(owned, task))
    last, days = verdict.return_until, task.evidence.facts.return_days
    if task.meaning.after == "why" and last is not None and (verdict.days_left or 0) < 0 and days is not None:
        until = day_of_year(last, newest_year(task))
        return phrasing.say("return_request.no_over", order=called(owned, task), until=until, days=str(days))
    return phrasing.say("return_request.no", order=called(owned, task)) + _because(owned, verdict, task)


def _till_then(owned: OrderEvidence, verdict: OrderVerdict, task: WritingTask, phrasing: Phrasing) -> str:
    """What gets the money back before there is anything to send back."""
    if verdict.can_cancel == "yes":
        return phrasing.say("order_tracking.cancel_instead", until=until(verdict.cancel_until, task))
    days = task.evidence.facts.lost_after_days
    lost = owned.order.state == "shipped" and days is not None
    return phrasing.say("order_tracking.lost_later", days=str(days)) if lost else ""


_NOT_YET: Final = {"placed": "hasn't shipped yet", "shipped": "is still on its way"}


def _because(owned: OrderEvidence, verdict: OrderVerdict, task: WritingTask) -> str:
    reason = verdict.why or (owned.returns.reason if owned.returns else None) or ""
    for last in filter(None, (verdict.return_until, owned.returns.window_ends if owned.returns else None)):
        reason = reason.replace(last.isoformat(), day_of_year(last, newest_year(task)))
    return f" {sentence(reason)}" if reason else ""


def _refund(task: WritingTask, phrasing: Phrasing) -> str:
    """Paid back or not yet, of each that is on its way back where none of several is named."""
    found = meant(task, phrasing, _going_back)
    if found is None or task.evidence.failed("returns"):
        return _down(task, phrasing)
    under_way = [owned for owned in (found.order, *_beside(found, task)) if _going_back(owned, task.evidence)]
    if not under_way and (found.is_named or not task.meaning.selection.is_open):
        return paragraphs(found.not_found, sentence(refund_when(found.order, task, phrasing)))
    if not under_way:
        none = phrasing.say("return_request.no_refund")
        return paragraphs(found.not_found, f"{none} {help_pages.remedy(task, Act.REFUND_STATUS)}".strip())
    paid = [owned for owned in under_way if _is_paid(owned)]
    told = [_one_refund(owned, task, phrasing) for owned in (*paid, *(one for one in under_way if one not in paid))]
    if len(told) == 1:
        return paragraphs(found.not_found, told[0])
    key = "all" if len(paid) == len(told) else "part" if paid else "none"
    return paragraphs(found.not_found, f"{phrasing.say(f'return_request.paid_{key}')}\n{listed(told)}")


def _beside(found: Meant, task: WritingTask) -> Iterator[OrderEvidence]:
    yield from (() if found.is_named else (one for one in task.evidence.orders if one is not found.order))


def _is_paid(owned: OrderEvidence) -> bool:
    begun = owned.returns.begun if owned.returns else ()
    return owned.order.state == "refunded" or (bool(begun) and all(case.state == "refunded" for case in begun))


def _one_refund(owned: OrderEvidence, task: WritingTask, phrasing: Phrasing) -> str:
    """How far it has come, how much it is, and by when it is there."""
    order, known = owned.order, owned.returns
    if known is None or known.state == "none":
        return phrasing.say(
            "return_request.refunded_order", order=called(owned, task), total=money(order.total, order.currency)
        )
    due = task.evidence.derived.order(order.order_id)
    last = due.refund_due[1] if due and due.refund_due else None
    times = task.evidence.facts.refunds
    told = sentence(progress(owned, known, task, phrasing))
    if last is not None:
        now = task.evidence.now
        key = "was_due" if now is not None and last < now.date() else "there_by"
        return f"{told} {phrasing.say(f'return_request.{key}', day=on_day(last, task))}"
    if known.state == "refunded" or times.most_days is None:
        return told
    days = f"{times.least_days} to {times.most_days}" if times.least_days is not None else str(times.most_days)
    return f"{told} {phrasing.say('return_request.takes', days=days)}"


def _problem(task: WritingTask, phrasing: Phrasing) -> str:
    """Sorry once; what the store does about it and by when; where to report it."""
    act = next((heard.act for heard in task.meaning.acts if heard.act in _PROBLEMS), Act.DAMAGED)
    found = meant(task, phrasing, _received)
    sorry = phrasing.say("return_request.sorry")
    rule = help_pages.remedy(task, act) or phrasing.say("return_request.team")
    if found is not None and "money_or_book" in task.meaning.aspects:
        rule = f"{money_or_book(found.order, task, phrasing)} {rule}"
    if found is None:
        return f"{sorry} {rule}"
    which = reportable(found.order, task, phrasing) or phrasing.say(
        "return_request.which", order=called(found.order, task)
    )
    known = task.state.problem is act
    if known and task.meaning.selection.is_open and not task.meaning.order_items:
        return rule
    if act is Act.MISSING_ITEM and found.order.order.state == "shipped":
        return f"{sorry} {on_its_way(found.order, task, phrasing)}"
    told = known and not task.meaning.selection.is_open
    return paragraphs(
        "" if told else f"{sorry} {rule}", found.not_found or which, phrasing.say("return_request.report")
    )


def _exchange(task: WritingTask, phrasing: Phrasing) -> str:
    """A new copy instead of the money: what the store says to that, and what stands in the way for this order."""
    found = meant(task, phrasing, _received)
    rule = help_pages.remedy(task, Act.EXCHANGE)
    known = found.order.returns if found else None
    under_way = ""
    if found and known and known.state != "none":
        under_way = sentence(progress(found.order, known, task, phrasing))
    if task.meaning.case in _NO_SWAP:
        return paragraphs(_swap_of_opened(rule, task, phrasing), under_way)
    if task.state.problem is Act.DAMAGED and not under_way:
        return phrasing.say(f"return_request.new_copy{'_misprint' if task.state.case == 'misprint' else ''}")
    new_copy = "" if rule and task.meaning.case == "other_book" else phrasing.say("return_request.replacement")
    return paragraphs(rule, under_way, new_copy)


_NO_SWAP: Final = frozenset({"opened_set", "unsealed"})


def _swap_of_opened(rule: str, task: WritingTask, phrasing: Phrasing) -> str:
    """Nothing is swapped, only sent back, for which an open set is too late."""
    key = "no_swap_set" if task.meaning.case == "opened_set" else "no_swap"
    return f"{phrasing.say(f'return_request.{key}')} {rule}".strip()


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
