"""Which of a shopper's orders a message means, and how an order is called in an answer."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Order, OrderItem
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.meaning import OrderPick
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import bold, count_of, day, day_of_year, joined, listed, paragraphs

Likely = Callable[[OrderEvidence, Evidence], int]
"""How well an order fits what is asked: the more the better, 0 where it does not fit."""

OTHERS: Final = 2
UNDER_WAY: Final = 5
"""Others that are on their way are all named, up to so many."""
_WORD: Final = re.compile(r"[a-z0-9]+")
RECENT_DAYS: Final = 14
"""What was ordered in these days and is on no account may be a payment that did not finish."""
AS_LIKELY: Final = 2
"""From here on an order could be meant as well, and is named."""


class Meant(Struct, frozen=True):
    """``others`` would fit as well, and are named briefly; ``not_found`` says what was named and is not there."""

    order: OrderEvidence
    others: tuple[OrderEvidence, ...] = ()
    not_found: str = ""
    is_named: bool = False
    """By number, by what it holds, or by what was talked of before."""


def meant(task: WritingTask, phrasing: Phrasing, likely: Likely) -> Meant | None:
    """The order by what it holds, by its number or as the one that was told last, else the likeliest; None without orders.

    Where the one in focus hardly fits the question, those that fit better are the others.
    """
    evidence = task.evidence
    orders = sorted(evidence.orders, key=lambda owned: owned.order.placed_at, reverse=True)
    if not orders:
        return None
    ranked = sorted(orders, key=lambda owned: -likely(owned, evidence))
    if holding := _best_holding(ranked, task):
        others = _as_likely(holding[1:], likely, evidence)
        return Meant(holding[0], others, _missing_volumes(holding, task, phrasing), is_named=True)
    focused = [owned for number in task.meaning.orders for owned in orders if owned.order.order_id == number]
    missing = paragraphs(_missing_numbers(task, phrasing), _missing_items(task, phrasing))
    if focused:
        first = next((owned for owned in focused if likely(owned, evidence) > 0), focused[0])
        better = [owned for owned in ranked if likely(owned, evidence) > max(likely(first, evidence), 1)]
        is_there = not _missing_items(task, phrasing)
        return Meant(
            first, tuple(better[:OTHERS]) if likely(first, evidence) < AS_LIKELY else (), missing, is_named=is_there
        )
    fitting = [owned for owned in ranked if likely(owned, evidence) > 0] or ranked[:1]
    return Meant(fitting[0], _as_likely(fitting[1:], likely, evidence), missing)


def _as_likely(orders: list[OrderEvidence], likely: Likely, evidence: Evidence) -> tuple[OrderEvidence, ...]:
    could_be = [owned for owned in orders if likely(owned, evidence) >= AS_LIKELY]
    under_way = [owned for owned in could_be if owned.order.state == "shipped"]
    return tuple(under_way[:UNDER_WAY] if len(under_way) >= OTHERS else could_be[:OTHERS])


def no_orders(task: WritingTask, phrasing: Phrasing) -> str:
    """What is said in place of orders when there are none, or none that could be loaded; empty when there are."""
    if task.evidence.derived.order_choice == "none" and not task.evidence.failed("orders"):
        return _none_such(task, phrasing)
    if task.evidence.orders and not task.evidence.failed("orders"):
        return ""
    asked = joined(task.meaning.orders)
    denied = denials.NAMED_ORDER.told(task, phrasing, ids=asked) if asked else denials.ORDERS.told(task, phrasing)
    if "not_listed" in task.meaning.aspects and not task.evidence.failed("orders"):
        denied = paragraphs(denied, phrasing.say("order_tracking.not_placed"))
    return denied if task.evidence.failed("orders") else paragraphs(denied, ways_without_sign_in(task, phrasing))


_LOOKED_FOR: Final = (Act.TRACK, Act.ARRIVAL, Act.LATE, Act.NOT_RECEIVED, Act.ORDER_CONTENTS, Act.CANCEL_ORDER)


def _none_such(task: WritingTask, phrasing: Phrasing) -> str:
    """That no order is of the kind that was asked for, and what there is."""
    selection = task.meaning.selection
    named = [_PICKED[pick] for pick in selection.kinds if pick in _PICKED]
    which = joined(named, "and") or phrasing.say("order_tracking.from_then")
    denied = denials.PICKED_ORDERS.told(task, phrasing, which=which)
    if not task.evidence.orders:
        days = selection.days
        late = days is not None and not days.month and days.years is None and days.most <= RECENT_DAYS
        late = late and task.meaning.asks(*_LOOKED_FOR)
        first = paragraphs(denied, phrasing.say("order_tracking.not_placed")) if late else ""
        return paragraphs(first or denials.ORDERS.told(task, phrasing), ways_without_sign_in(task, phrasing))
    return paragraphs(denied, f"{phrasing.say('order_tracking.recent')}\n{recent(task)}")


def ways_without_sign_in(task: WritingTask, phrasing: Phrasing) -> str:
    """How somebody without an account gets at an order: the mail about it, or the store's people, by number and address."""
    support = task.evidence.facts.support
    reach = joined([one for one in (support.email, support.phone) if one], "or")
    key = "order_tracking.ways" if reach else "order_tracking.ways_by_chat"
    return phrasing.say(key, reach=reach)


def own_order_of_a_guest(task: WritingTask, phrasing: Phrasing, rule: str) -> str:
    """Behind a rule, once and in a sentence, how a guest has their own order looked at; at length where no rule was told."""
    if rule:
        return phrasing.once("order_tracking.own_order")
    ways, sign_in = ways_without_sign_in(task, phrasing), phrasing.say("order_tracking.sign_in")
    return paragraphs(*((ways, sign_in) if task.meaning.orders else (sign_in, ways)))


_PICKED: Final[dict[OrderPick, str]] = {
    "preorder": "a preorder",
    "backorder": "a backorder",
    "gift": "marked as a gift",
    "parcels": "split into several parcels",
    "sent_back": "on its way back to us or refunded",
    "under_way": "still to arrive",
    "placed": "still waiting to ship",
    "shipped": "on its way",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "refunded": "refunded",
}


def called(owned: OrderEvidence, task: WritingTask) -> str:
    """ "order 113-… (**Vinland Saga, Vol. 3** and 1 more item)"; what was named of it stands in front."""
    return f"order {owned.order.order_id}{_contents(owned.order, task)}"


def recent(task: WritingTask) -> str:
    """The newest orders as a list: what is shown where the one that was named is not there."""
    orders = sorted(task.evidence.orders, key=lambda owned: owned.order.placed_at, reverse=True)
    return listed(brief(owned, task) for owned in orders[: OTHERS + 1])


def brief(owned: OrderEvidence, task: WritingTask) -> str:
    """A line of a list: the order and where it stands."""
    order, year = owned.order, newest_year(task)
    etas = sorted({parcel.eta for parcel in owned.shipments if parcel.eta and parcel.state != "delivered"})
    parcels = f" in {len(owned.shipments)} parcels" if len(owned.shipments) > 1 else ""
    stands = {
        "placed": f"{_WAITING[order.waits_for]}placed {day_of_year(order.placed_at, year)}, not shipped yet",
        "shipped": f"on its way{parcels}" + (f", expected {joined([day(eta) for eta in etas])}" if etas else ""),
        "delivered": f"delivered {day_of_year(order.delivered_at, year)}" if order.delivered_at else "delivered",
        "cancelled": "cancelled",
        "refunded": "refunded",
    }
    return f"{order.order_id}{_contents(order, task)}: {stands[order.state]}"


_WAITING: Final = {"in_stock": "", "preorder": "preorder, ", "backorder": "backorder, "}


def newest_year(task: WritingTask) -> int:
    """The year that needs no naming."""
    if task.evidence.now is not None:
        return task.evidence.now.year
    return max((owned.order.placed_at.year for owned in task.evidence.orders), default=0)


def on_day(moment: date, task: WritingTask) -> str:
    """ "Friday, November 27" of days around now, "August 16" or "August 16, 2025" of those long past."""
    now = task.evidence.now
    near = now is not None and abs((date(moment.year, moment.month, moment.day) - now.date()).days) <= 14
    return day(moment) if near else day_of_year(moment, newest_year(task))


def items_of(order: Order) -> str:
    return joined(
        [bold(item.title) + (f" ({item.quantity} copies)" if item.quantity > 1 else "") for item in order.items]
    )


def _contents(order: Order, task: WritingTask) -> str:
    if not order.items:
        return ""
    first = max(order.items, key=lambda item: _worth(item, task))
    more = len(order.items) - 1
    others = f" and {count_of(more, 'more item')}" if more else ""
    return f" ({bold(first.title)}{others})"


def _best_holding(orders: list[OrderEvidence], task: WritingTask) -> list[OrderEvidence]:
    """The orders that hold most of what is named; the likeliest first."""
    worth = [(_holds(owned, task), owned) for owned in orders]
    best = max((value for value, _ in worth), default=0)
    return [owned for value, owned in worth if value == best] if best else []


def _holds(owned: OrderEvidence, task: WritingTask) -> int:
    return sum(_worth(item, task) for item in owned.order.items)


def _worth(item: OrderItem, task: WritingTask) -> int:
    """2 for a named volume or product, 1 for a named series or another word of the title; 0 where it is not meant."""
    if not task.meaning.order_items and task.meaning.is_follow_up:
        return 0  # what was talked of before is no order's
    held = _words(item.title)
    worth = sum(bool(named) and named <= held for named in map(_words, task.meaning.order_items))
    for target in task.meaning.order_targets:
        if target.asin == item.asin:
            worth += 2
        elif target.title and _words(target.title) <= held:
            worth += 1 + (target.volume is not None and str(target.volume) in held)
    return worth


def _words(name: str) -> frozenset[str]:
    """The words of a title or of a series id, without accents: whole words are compared, so that "in" is not in "Vinland"."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return frozenset(_WORD.findall(plain))


def _missing_numbers(task: WritingTask, phrasing: Phrasing) -> str:
    if task.meaning.order_items and task.evidence.orders:
        return ""  # found by what they hold, in place of the one that was talked of
    known = {owned.order.order_id for owned in task.evidence.orders}
    missing = [number for number in task.meaning.orders if number not in known]
    return denials.OTHER_ORDERS.told(task, phrasing, ids=joined(missing)) if missing else ""


def _missing_volumes(holding: list[OrderEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """A volume that none of the orders with its series holds."""
    held = [_words(item.title) for owned in holding for item in owned.order.items]
    named = [one for one in task.meaning.order_targets if one.title and one.volume is not None]
    if not named or any(_words(f"{one.title} {one.volume}") <= words for one in named for words in held):
        return ""
    titles = joined([bold(f"{one.title}, Vol. {one.volume}") for one in named[:2]], "or")
    return denials.ORDERED.told(task, phrasing, titles=titles)


def _missing_items(task: WritingTask, phrasing: Phrasing) -> str:
    """A series that none of the orders at hand holds is said to be missing, so that no other is taken for it.

    Describing words that no title has are none: "where is my stuff" names no book.
    """
    named = [
        target.title
        for target in task.meaning.order_targets
        if target.series_id in task.meaning.order_items and target.title
    ]
    if not named:
        return ""
    return denials.ORDERED.told(task, phrasing, titles=joined([bold(title) for title in named[:2]], "or"))
