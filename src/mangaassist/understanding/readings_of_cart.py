"""Readings of messages that go on about the cart, or about a sum as it would be: "what if i take one out" (T-4)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.understanding.hearing import OF_BOOKS, OF_CART, Hearing
from mangaassist.understanding.readings import OF_OFFERS, Reading

_ABOUT_CART: Final = OF_CART | OF_OFFERS | {Act.SHIPPING_COST, Act.ADD_TO_CART}
_SUMMED: Final = frozenset({Act.TOTAL, Act.PRICE, Act.COMPARE, Act.SET_OR_SINGLES, Act.ADD_TO_CART, Act.CARRIES})


def in_cart_talk(h: Hearing) -> bool:
    """Whether there is a cart, and it is what was talked of last, or what the message points at."""
    return h.has_cart and (h.points("cart") or h.last_of(_ABOUT_CART) is not None)


def supposes_of_cart(h: Hearing) -> Reading:
    """ "What if i take one out", "without the box", "and if i add naruto 2": the cart as it would be."""
    leaves_one = h.has_cart and {"supposes", "takes_out"} <= h.utterance.sums
    if not (h.utterance.sums & {"supposes", "alone"} and (in_cart_talk(h) or leaves_one)):
        return _ships_so(h)
    changes = h.utterance.sums & {"takes_out", "alone"} or h.resolved.targets
    return (Act.FREE_SHIPPING if Act.FREE_SHIPPING in _ruled(h) else Act.CART_TOTAL,) if changes else ()


def _ships_so(h: Hearing) -> Reading:
    """ "With shipping" after the cart's sum is that sum; "and shipping on that" after the cart as it would be."""
    if h.utterance.with_shipping and h.has_cart and h.last_of(OF_CART) and not h.names_other_books:
        return (Act.CART_TOTAL,)
    asks = any(one.act in (Act.SHIPPING_COST, Act.FREE_SHIPPING) for one in h.own)
    return (Act.FREE_SHIPPING,) if h.state.reckoning.supposes and h.has_cart and asks and _leans(h) else ()


def _leans(h: Hearing) -> bool:
    return bool(h.utterance.pointers) or h.utterance.is_fragment


def offers_on_cart(h: Hearing) -> Reading:
    """ "Any deals on whats in my cart", "got a promo code?" while the cart is talked of: what takes something off its books."""
    if not in_cart_talk(h) or h.names_other_books or h.mentions("code") or h.said.wanted:
        return ()
    ruled = _ruled(h)
    if Act.CODE in ruled and ruled <= OF_OFFERS | _SEEN_IN_CART and not h.utterance.store_question:
        return (Act.CODE,)
    if not h.points("cart"):
        return ()
    if not ruled and any(one.act in (Act.OFFERS, Act.OFFER_ON) for one in h.own):
        return (Act.OFFER_ON,)
    return (Act.OFFER_ON,) if ruled & {Act.OFFERS, Act.OFFER_ON} and ruled <= OF_OFFERS | _SEEN_IN_CART else ()


_SEEN_IN_CART: Final = frozenset({Act.CART_CONTENTS, Act.FIND})


def fills_cart(h: Hearing) -> Reading:
    """ "What could i add to get there": what brings the cart to free shipping."""
    return (Act.FREE_SHIPPING,) if "fills_up" in h.utterance.sums and in_cart_talk(h) else ()


def cheaper_cart(h: Hearing) -> Reading:
    """ "Cheaper?", "any way to pay less" while the cart is talked of: what takes something off it."""
    of_cart = h.has_cart and h.last_of(OF_CART) is not None
    bare = h.utterance.limits.comparative == "cheaper" and not (
        h.names_other_books or h.said.wanted or h.utterance.words
    )
    return (Act.CODE,) if of_cart and bare and not h.points("among") and not (_ruled(h) - {Act.CHEAPEST}) else ()


def sets_number(h: Hearing) -> Reading:
    """ "Change the death note to 2 copies" of what is in the cart: its number, whatever else "change" sounds like."""
    named = h.has_cart and h.utterance.limits.copies is not None and bool(h.resolved.targets)
    elsewhere = _ruled(h) - {Act.ADD_TO_CART, Act.CARRIES} or h.mentions("order") or h.points("last_order")
    return (Act.ADD_TO_CART,) if named and not elsewhere and not h.utterance.sums else ()


def takes_one_twice(h: Hearing) -> Reading:
    """ "And if i take one of them twice": the sum with each of them once more."""
    several = len(h.state.targets) > 1 or len(h.resolved.targets) > 1
    return (Act.TOTAL,) if "once_more" in h.utterance.sums and several and h.last in _SUMMED | OF_BOOKS else ()


def pays_then(h: Hearing) -> Reading:
    """ "How much would i pay then" once a code was told to work: the sum with it."""
    if "coded" in h.utterance.sums and in_cart_talk(h) and not (h.utterance.targets or h.mentions("code") or h.ruled):
        return (Act.CODE,)
    paid = {Act.CART_TOTAL, Act.TOTAL} & _ruled(h) or ("coded" in h.utterance.sums and Act.PRICE in _ruled(h))
    told = h.last_of(OF_OFFERS) is not None or "coded" in h.utterance.sums
    return (Act.CART_TOTAL,) if paid and told and h.has_cart and not h.utterance.targets else ()


def _ruled(h: Hearing) -> set[Act]:
    return {one.act for one in h.ruled}
