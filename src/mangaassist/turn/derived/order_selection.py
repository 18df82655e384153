"""Which orders a selection means: by state, kind, day and age, applied to what is known of them (T-4, T-11)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from mangaassist.domain.derived import OrderChoice
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.meaning import BY_AGE, OrderPick, OrderSelection

NEEDS_DETAILS: Final[frozenset[OrderPick]] = frozenset({"sent_back", "parcels", "soonest"})
"""Picks that show only in what shipping and returns say of an order."""


def selected(
    orders: Sequence[OrderEvidence], selection: OrderSelection, today: date, likely: str = ""
) -> tuple[OrderEvidence, ...]:
    """Those of which all holds that the selection names; of an age one alone. Order is kept.

    Of those that are to come the soonest is due first; one that is overdue may come any day, and counts where no other does.
    ``likely`` is the state in which what is asked makes sense: the last order of what is asked of delivered ones ("can I return
    my last order") is the last that was delivered.
    """
    fitting = [owned for owned in orders if _fits(owned, selection, today)]
    if not fitting or not BY_AGE & set(selection.picks):
        return tuple(fitting)
    if "soonest" in selection.picks:
        due = [(owned.next_due, owned) for owned in fitting]
        coming = sorted(((day < today, day, place) for place, (day, _) in enumerate(due) if day))
        return tuple(due[place][1] for _, _, place in coming[:1])
    in_state = [owned for owned in fitting if owned.order.state == likely]
    if "oldest" in selection.picks:
        return (min(fitting, key=_when),)
    return (max(in_state or fitting, key=_when),)


def choice(found: Sequence[OrderEvidence], selection: OrderSelection) -> OrderChoice:
    """What came of it; empty where nothing was chosen by."""
    if selection.is_open:
        return ""
    return "none" if not found else "one" if len(found) == 1 else "several"


def _fits(owned: OrderEvidence, selection: OrderSelection, today: date) -> bool:
    held = all(_FITS[pick](owned) for pick in selection.kinds)
    return held and (selection.days is None or any(selection.days.holds(day, today) for day in _days(owned)))


def _when(owned: OrderEvidence) -> date:
    return owned.order.placed_at.date()


def _days(owned: OrderEvidence) -> Iterator[date]:
    yield owned.order.placed_at.date()
    if owned.order.delivered_at is not None:
        yield owned.order.delivered_at.date()
    if owned.returns is not None and owned.returns.refunded_at is not None:
        yield owned.returns.refunded_at.date()


def _is_sent_back(owned: OrderEvidence) -> bool:
    return owned.order.state == "refunded" or (owned.returns is not None and owned.returns.state != "none")


def _in(state: str) -> Callable[[OrderEvidence], bool]:
    return lambda owned: owned.order.state == state


def _waits_for(availability: str) -> Callable[[OrderEvidence], bool]:
    return lambda owned: any(item.availability == availability for item in owned.order.items)


_FITS: Final[Mapping[OrderPick, Callable[[OrderEvidence], bool]]] = {
    **{state: _in(state) for state in ("placed", "shipped", "delivered", "cancelled", "refunded")},
    "preorder": _waits_for("preorder"),
    "backorder": _waits_for("backorder"),
    "under_way": lambda owned: owned.order.state in ("placed", "shipped"),
    "gift": lambda owned: owned.order.is_gift,
    "parcels": lambda owned: len(owned.shipments) > 1,
    "sent_back": _is_sent_back,
}
