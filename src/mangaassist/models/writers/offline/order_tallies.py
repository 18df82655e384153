"""What several orders are together, in words: how many there are and where they stand, what was bought, what cost most or least."""

from collections.abc import Callable
from typing import Final

from mangaassist.domain.derived import Costing, Tallied
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.meaning import Tally
from mangaassist.domain.products import money
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.due_days import named_date, soon
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.which_order import brief, called, items_of, newest_year, on_day
from mangaassist.models.writers.offline.wording import bold, count_of, day_of_year, joined, listed, paragraphs

MOST_COUNTED: Final = 8
"""Up to so many that were counted are listed as well: of more the states say enough."""
MOST_BOUGHT: Final = 20

_Told = Callable[[Tallied, WritingTask, Phrasing], str]


def tallied(task: WritingTask, phrasing: Phrasing) -> str:
    """The figure that was asked for first; empty where nothing was asked of several orders, or there are none."""
    tally, known = task.meaning.tally, task.evidence.derived.tallied
    return _TOLD[tally](known, task, phrasing) if tally and known is not None else ""


def _count(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    """How many, and where each stands."""
    states = [f"{count} {_STATES[state]}" for state in _STATES if (count := known.by_state.get(state, 0))]
    key = "one_state" if len(states) == 1 else "count"
    told = phrasing.say(f"order_tallies.{key}", count=count_of(known.orders, "order"), states=joined(states))
    lines = listed(brief(owned, task) for owned in _newest(task)) if known.orders <= MOST_COUNTED else ""
    return paragraphs(told, lines)


def _rest(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    """ "Has everything shipped": no, and what has not."""
    lines = listed(brief(owned, task) for owned in _newest(task)[:MOST_COUNTED])
    return f"{phrasing.say('order_tallies.rest', count=count_of(known.orders, 'order'))}\n{lines}"


def _due(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    """ "Is anything coming today": what is, else what comes next; what is overdue may come any day, and is told last."""
    now, by = task.evidence.now, named_date(task)
    if now is None or by is None:
        return ""
    days = sorted((due, place) for place, one in enumerate(task.evidence.orders) if (due := one.next_due))
    until = [task.evidence.orders[place] for due, place in days if now.date() <= due <= by]
    after = [task.evidence.orders[place] for due, place in days if due > by]
    late = [task.evidence.orders[place] for due, place in days if due < now.date()]
    exact = any(due == by for due, _ in days)
    key = ("due" if exact else "due_before") if until else "due_next" if after else "due_none"
    lines = listed(brief(one, task) for one in until or after[:1])
    told = f"{phrasing.say(f'order_tallies.{key}', day=soon(by, task))}\n{lines}".strip()
    overdue = joined([called(one, task) for one in late])
    return paragraphs(told, phrasing.say("order_tallies.overdue", orders=overdue) if late else "")


def _sum(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    if known.amount is None:
        return ""
    kept = count_of(known.orders - known.left_out, "order")
    total = money(known.amount, known.currency)
    since = on_day(known.since, task)
    return f"{phrasing.say('order_tallies.sum', total=total, orders=kept, since=since)}{_left_out(known, phrasing)}"


_STATES: Final = {
    "shipped": "on the way",
    "placed": "not shipped yet",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "refunded": "refunded",
}
"""In the order in which they are told."""


def _books(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    kept = known.orders - known.left_out
    fields = {
        "count": count_of(known.books, "book"),
        "orders": count_of(kept, "order"),
        "since": on_day(known.since, task),
    }
    return f"{phrasing.say('order_tallies.books', **fields)}{_left_out(known, phrasing)}"


def _left_out(known: Tallied, phrasing: Phrasing) -> str:
    if not known.left_out:
        return ""
    key = "left_out_one" if known.left_out == 1 else "left_out"
    return f" {phrasing.say(f'order_tallies.{key}', count=str(known.left_out))}"


def _bought(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
    """Every book with the day of its order, the newest first; of what was sent back or cancelled that it was."""
    orders = _newest(task)
    lines = listed(_purchase(owned, task) for owned in orders[:MOST_BOUGHT])
    more = phrasing.say("order_tracking.older") if len(orders) > MOST_BOUGHT else ""
    return paragraphs(f"{_books(known, task, phrasing)}\n{lines}", more)


def _purchase(owned: OrderEvidence, task: WritingTask) -> str:
    order = owned.order
    came_to_nothing = f" ({_STATES[order.state]})" if order.state in ("cancelled", "refunded") else ""
    return f"{day_of_year(order.placed_at, newest_year(task))}: {items_of(order) or order.order_id}{came_to_nothing}"


def _extreme(book: str, order: str, key: str) -> _Told:
    """Which book cost most or least, and which order, where that is another one."""

    def told(known: Tallied, task: WritingTask, phrasing: Phrasing) -> str:
        of_books: Costing | None = getattr(known, book)
        of_orders: Costing | None = getattr(known, order)
        if of_books is None or of_orders is None:
            return ""
        holding = _order(of_books.order_id, task)
        first = phrasing.say(
            f"order_tallies.{key}_book",
            title=bold(of_books.title),
            price=money(of_books.amount, known.currency),
            day=on_day(holding.order.placed_at, task) if holding else "",
            id=of_books.order_id,
        )
        whole = _order(of_orders.order_id, task)
        total = money(of_orders.amount, known.currency)
        second = phrasing.say(f"order_tallies.{key}_order", order=called(whole, task), total=total) if whole else ""
        return f"{first} {second}".strip()

    return told


def _order(order_id: str, task: WritingTask) -> OrderEvidence | None:
    return next((one for one in task.evidence.orders if one.order.order_id == order_id), None)


def _newest(task: WritingTask) -> list[OrderEvidence]:
    return sorted(task.evidence.orders, key=lambda owned: owned.order.placed_at, reverse=True)


_TOLD: Final[dict[Tally, _Told]] = {
    "rest": _rest,
    "due": _due,
    "count": _count,
    "books": _books,
    "bought": _bought,
    "sum": _sum,
    "dearest": _extreme("dearest", "biggest", "dearest"),
    "cheapest": _extreme("cheapest", "smallest", "cheapest"),
}
