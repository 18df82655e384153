"""Readings of messages that reckon with a figure of the shopper's own: what an amount buys, how many share it (T-4, T-11)."""

from typing import Final, Literal

from mangaassist.domain.acts import Act
from mangaassist.domain.products import Format
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.readings import Reading
from mangaassist.understanding.readings_of_cart import in_cart_talk

_OF_SUMS: Final = frozenset({Act.TOTAL, Act.PRICE, Act.VOLUMES, Act.SET_OR_SINGLES, Act.CART_TOTAL, Act.CHEAPEST})
_OF_BOXES: Final = frozenset({Act.COMPARE, Act.SET_OR_SINGLES, Act.CHEAPEST, Act.EDITION, Act.CARRIES, Act.FIND})


def buys_for(h: Hearing) -> Reading:
    """ "I have 40 bucks, how many volumes of one piece", "$350, as much of haikyu and nana as it covers"."""
    limits = h.utterance.limits
    spent = limits.price.most if limits.price.most is not None else limits.amount
    named = [one for one in h.utterance.targets or h.state.targets if one.series_id is not None]
    asks = h.utterance.counts or any(one.act in (Act.VOLUMES, Act.TOTAL) for one in h.own)
    return (Act.TOTAL,) if spent is not None and asks and named and all(one.volume is None for one in named) else ()


def shares_sum(h: Hearing) -> Reading:
    """ "5 of us split it, how much each": the cart's sum, or that of what is talked of."""
    if not h.utterance.parts:
        return ()
    if in_cart_talk(h) and not h.utterance.targets:
        return (Act.CART_TOTAL,)
    asks = any(one.act in _OF_SUMS for one in h.own) or h.last in _OF_SUMS or h.state.reckoning.budget is not None
    return (Act.TOTAL,) if asks and (h.utterance.targets or h.state.targets) else ()


def buys_at_a_time(h: Hearing) -> Reading:
    """ "If i buy 3 a month, how long will naruto take": a whole series, by and by."""
    named = [one for one in h.utterance.targets or h.state.targets if one.series_id is not None]
    asks = any(one.act in _OF_SUMS for one in h.own) or h.last in _OF_SUMS
    whole = named and all(one.volume is None for one in named)
    return (Act.TOTAL,) if h.utterance.rate is not None and asks and whole else ()


def sets_or_singles(h: Hearing) -> Reading:
    """ "Are the box sets cheaper than singles", "is there one big set thats cheaper" of the series that is named or talked of."""
    cheaper = h.utterance.limits.comparative == "cheaper"
    bound = {Format.BOX_SET, Format.OMNIBUS} & set(h.utterance.formats)
    named = h.utterance.targets or h.state.targets
    otherwise = {one.act for one in h.ruled} - _OF_BOXES
    return (Act.SET_OR_SINGLES,) if cheaper and bound and named and not otherwise else ()


def costs_more_in_full(h: Hearing) -> Reading:
    """ "Which costs more to get all of it": both series whole, and not their first volumes."""
    several = len({one.series_id for one in (h.utterance.targets or h.state.targets)}) > 1
    asks = held_against(h) or any(one.act is Act.PRICE for one in h.own)
    in_full = h.utterance.is_whole or h.utterance.limits.in_full
    return (Act.TOTAL,) if several and asks and in_full else ()


def held_against(h: Hearing) -> Literal["", "cheapest", "dearest"]:
    """Whether it is asked which of several costs least, or most."""
    limits, asked = h.utterance.limits, {one.act for one in h.own}
    if limits.ordering == "cheapest" or limits.comparative == "cheaper" or Act.CHEAPEST in asked:
        return "cheapest"
    dearer = "dearer" in h.utterance.sums or limits.ordering == "dearest" or Act.DEAREST in asked
    return "dearest" if dearer else ""
