"""What is asked of several of the shopper's own orders together: how many, which books, the dearest (T-4, T-11)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import BY_AGE, Tally
from mangaassist.understanding.hearing import OF_ORDERS, OF_SHELF, Hearing
from mangaassist.understanding.readings import Reading
from mangaassist.understanding.utterance import Utterance

MOST_LISTED: Final = 7
"""Of so many orders it is certain that all that were listed are remembered."""
_BY_ORDERING: Final[dict[str, Tally]] = {"dearest": "dearest", "cheapest": "cheapest"}
_SOUNDS_LIKE: Final = frozenset(
    {
        *(Act.ORDER_LIST, Act.ORDER_CONTENTS, Act.TRACK, Act.ARRIVAL, Act.LATE, Act.NOT_RECEIVED, Act.REMEMBER),
        *(Act.VOLUMES, Act.MY_ACCOUNT, Act.DEAREST, Act.CHEAPEST, Act.FROM_PURCHASES, Act.COMPARE, Act.PRICE),
        *(Act.PREORDERS, Act.FIND, Act.CARRIES, Act.DELIVERY_TIME, Act.CHECKOUT_PROBLEM),
        *(Act.TOTAL, Act.CART_TOTAL),
    }
)
"""What the words of such a question say beside it: "havent arrived" is no late parcel, "most expensive" no wish."""
_LISTED: Final = frozenset({Act.ORDER_LIST, Act.ORDER_CONTENTS})


def tallies_orders(h: Hearing) -> Reading:
    """ "How many orders havent arrived", "what did i buy so far"; after a list of orders "which was the most expensive"."""
    return (Act.ORDER_LIST,) if tally_heard(h) else ()


def tally_heard(h: Hearing) -> Tally:
    """Empty where nothing is asked of orders together, or something else is asked in the same words."""
    utterance = h.utterance
    elsewhere = any(heard.act not in _SOUNDS_LIKE for heard in h.ruled) or (
        "owned" in utterance.aspects and not utterance.tallies_own
    )
    if elsewhere or utterance.targets or h.wishes_for_books or h.points("cart") or h.mentions("order"):
        return ""
    goes_on = h.last is Act.ORDER_LIST and utterance.is_fragment and not utterance.tally
    if names_one_day(utterance) and (utterance.tally == "due" or goes_on):
        return "due"
    if utterance.tally == "sum":
        return "sum" if h.last in _LISTED else ""
    if utterance.tally and utterance.tally != "due" and (utterance.tallies_own or _talks_of_orders(h)):
        one_alone = utterance.tally == "bought" and BY_AGE & set(utterance.selection.picks)
        return "" if one_alone else utterance.tally
    ordered = _BY_ORDERING.get(utterance.limits.ordering or "", "")
    of_list = h.last in _LISTED and not h.utterance.words
    return ordered if ordered and of_list and not any(act in OF_SHELF for act in h.state.acts) else ""


def names_one_day(utterance: Utterance) -> bool:
    """ "Saturday", and no rule of Saturdays."""
    return utterance.day is not None and not utterance.day.every


def goes_on_with_list(h: Hearing, tally: Tally) -> bool:
    """ "Which was the most expensive", "how many is that" of a short list that was told with its numbers: those, and no others."""
    short = h.last in _LISTED and 1 < len(h.state.orders) <= MOST_LISTED and tally != "due"
    return bool(tally) and not h.utterance.tallies_own and short and h.utterance.selection.is_open


def _talks_of_orders(h: Hearing) -> bool:
    return h.last in OF_ORDERS or h.order_topic is not None
