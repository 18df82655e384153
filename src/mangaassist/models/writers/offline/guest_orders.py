"""Orders that no account here shows: placed as a guest or with another email, and those whose number is lost."""

from datetime import timedelta

from mangaassist.domain.acts import Act
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import help_pages
from mangaassist.models.writers.offline.opening_hours import next_opening
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import on_day, own_order_of_a_guest, recent, ways_without_sign_in
from mangaassist.models.writers.offline.wording import joined, paragraphs


def ways_without_number(task: WritingTask, phrasing: Phrasing) -> str:
    """How an order is found whose mail is gone: an account with the same address shows it, and the team can be asked."""
    reach = _reach(task, phrasing)
    return phrasing.say("guest_orders.no_number", reach=reach) if reach else ways_without_sign_in(task, phrasing)


def number_found(task: WritingTask, phrasing: Phrasing) -> str:
    """Of somebody who is signed in: the newest orders with their numbers, and what to do about any other."""
    if not task.evidence.orders:
        return ways_without_number(task, phrasing)
    return paragraphs(f"{phrasing.say('guest_orders.numbers')}\n{recent(task)}")


def changed_for_a_guest(act: Act, task: WritingTask, phrasing: Phrasing) -> str:
    """The rule; of an order without an account that the team does it, and whether it is early enough."""
    reach, minutes = _reach(task, phrasing), task.meaning.minutes_ago
    key = f"guest_orders.{act}"
    as_guest = "elsewhere" in task.meaning.aspects or not phrasing.is_new(key)
    if not reach or not (as_guest or minutes is not None) or "add_items" in task.meaning.aspects:
        rule = help_pages.rule(task, act)
        return paragraphs(rule, own_order_of_a_guest(task, phrasing, rule))
    early = _early(act, minutes, task, phrasing) if minutes is not None else ""
    if (
        early
        and act is Act.CANCEL_ORDER
        and minutes is not None
        and minutes >= (task.evidence.facts.cancel_minutes or 0)
    ):
        return early
    if early and not phrasing.is_new(key):
        return f"{early} {phrasing.say('guest_orders.quick', reach=reach)}"
    told = phrasing.say(key, reach=reach, minutes=str(task.evidence.facts.cancel_minutes or ""))
    return f"{early} {told}".strip()


def _early(act: Act, minutes: int, task: WritingTask, phrasing: Phrasing) -> str:
    """Whether so many minutes after ordering it can be done; empty where the store does not tell."""
    limit, now = task.evidence.facts.cancel_minutes, task.evidence.now
    if limit is None or now is None:
        return ""
    leaves = task.evidence.facts.leaves(now - timedelta(minutes=minutes))[0]
    if act is Act.CHANGE_ORDER and leaves > now.date():
        return phrasing.say("guest_orders.leaves", day=on_day(leaves, task))
    key = "in_time" if minutes < limit else "maybe" if act is Act.CHANGE_ORDER else "too_late"
    return phrasing.say(f"guest_orders.{key}", minutes=str(limit))


def _reach(task: WritingTask, phrasing: Phrasing) -> str:
    """Phone and address, and from when on somebody is there."""
    support, back = task.evidence.facts.support, next_opening(task)
    ways = [f"{support.phone}{phrasing.say('order_steps.from', back=back) if back else ''}"] if support.phone else []
    return joined([*ways, *filter(None, (support.email,))], "or")
