"""Readings of messages about who made several books, which is older, and the lists that were shown before (T-4)."""

from mangaassist.domain.acts import Act
from mangaassist.understanding.hearing import OF_BOOKS, OF_ORDERS, Hearing
from mangaassist.understanding.readings import Reading


def asks_for_maker(h: Hearing) -> Reading:
    """ "What else by him": more of the same author, where anything tells which."""
    if not h.points("same_author"):
        return ()
    if is_of_two(h):
        return (Act.AUTHOR,)
    if refuses_maker(h):
        return (Act.FIND,)
    return (Act.BY_SAME_AUTHOR,) if knows_maker(h) else ()


def refuses_maker(h: Hearing) -> bool:
    """ "Not by her", "but not by the same guy": whose books were wished for, or measured by, and of whom no more are wanted."""
    refuses = h.utterance.is_negated or bool(h.utterance.refusing)
    measured = h.state.wish.values("author") or h.state.wish.like or h.said.like
    return refuses and h.points("same_author") and bool(measured)


def knows_maker(h: Hearing) -> bool:
    return bool(h.resolved.targets or h.state.targets or h.mentions("author"))


def is_of_two(h: Hearing) -> bool:
    """ "Inuyashiki and gantz same author?" asks who made each, not what else there is."""
    return len({one.series_id for one in h.resolved.targets}) > 1 and not h.utterance.is_another


def goes_back(h: Hearing) -> Reading:
    """ "Back to the first list" shows it again."""
    back = h.points("first_list", "earlier_list") and h.resolved.targets
    return (Act.CARRIES,) if back and not h.ruled and not h.wishes else ()


def which_is_older(h: Hearing) -> Reading:
    """ "Which is older" of several that are talked of: when each came out."""
    asks = h.points("among") and h.utterance.limits.comparative in ("older", "newer")
    return (Act.YEAR,) if asks and len(h.resolved.targets) > 1 and not h.ruled else ()


def is_of_page(h: Hearing) -> bool:
    """ "What's in it" on the page of a product that nobody has looked up yet."""
    talked = h.last_of(OF_ORDERS) or h.state.orders or h.points("last_order")
    return any(one.asin and one.series_id is None for one in h.resolved.targets) and not talked


def is_of_a_volume(h: Hearing) -> bool:
    """ "When does 17 come" after talk of a book: when that volume is out."""
    of_order = h.state.orders or h.mentions("order") or h.points("last_order") or h.mentions("country")
    names = h.utterance.volumes or h.utterance.targets
    of_volume = any(one.volume is not None for one in h.resolved.targets)
    return bool(names) and of_volume and not of_order and h.last in OF_BOOKS | {Act.CARRIES}
