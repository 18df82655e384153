"""What the rules heard, as the dialogue means it: "how much", "how long" and "tell me more" of whatever was talked of (T-4)."""

from typing import Final

from mangaassist.domain.acts import ACTS, Act, intent_of
from mangaassist.domain.intents import Intent
from mangaassist.understanding.act_conditions import as_fits
from mangaassist.understanding.hearing import ABROAD, OF_BOOKS, OF_ORDERS, OF_PAGES, OF_SHELF, SHORT, Hearing
from mangaassist.understanding.lexicon import tastes
from mangaassist.understanding.readings import BOUND, FEW, OF_KINDS, OF_OFFERS, SENT_BACK, TELLS_APART, Reading
from mangaassist.understanding.readings_of_lists import refined_act
from mangaassist.understanding.readings_of_makers import (
    is_of_a_volume,
    is_of_page,
    is_of_two,
    knows_maker,
    refuses_maker,
)
from mangaassist.understanding.readings_of_pages import (
    FOR_A_PERSON,
    as_topical,
    asks_how_long,
    tells_only_how_long,
    told_a_rule,
)


def asks_itself(h: Hearing) -> Reading:
    """What rules heard needs no dialogue; "the last one" says what of it is meant."""
    if not h.ruled:
        return ()
    acts = tuple(_as_meant(heard.act, h) for heard in h.ruled)
    if "elsewhere" in h.utterance.aspects and any(act in OF_ORDERS for act in acts):
        acts = tuple(act for act in acts if act is not Act.POLICY)  # "i ordered as a guest and the book is damaged"
    if h.utterance.premise == "cancelled" and h.utterance.targets:
        return (Act.FINISHED,)  # "why did you cancel it": whether it was comes before why
    if h.utterance.premise == "sales" and Act.BEST_RATED in acts:
        acts = tuple(act for act in acts if act is not Act.NEW_RELEASES)  # "trending this week" asks for nothing new
    if any(act in OF_ORDERS for act in acts):
        acts = tuple(act for act in acts if act not in _BESIDE_AN_ORDER)
    if Act.LANGUAGE in acts:
        acts = tuple(act for act in acts if act is not Act.CARRIES)  # "have you got it in spanish" asks for that one
    if Act.MEMBERSHIP in acts and not (h.mentions("order") or h.utterance.targets):
        acts = tuple(act for act in acts if act not in _BESIDE_THE_MEMBERSHIP)
    if any(act in OF_OFFERS for act in acts) and not (h.resolved.targets or h.utterance.targets):
        acts = tuple(act for act in acts if act not in OF_BOOKS)
    if Act.CARRIES in acts and {*acts} <= {Act.CARRIES, Act.GIFT} and _is_wished_by_a_child(h):
        return (Act.AGE_FIT, Act.GIFT) if h.utterance.is_question else (Act.AGE_FIT,)
    placed = h.resolved.act
    if Act.CODE in acts and sum(mention.kind == "code" for mention in h.utterance.mentions) > 1:
        return (Act.POLICY, Act.CODE)
    if acts[0] is Act.SHIPPING_COST and h.utterance.pointers and (h.resolved.targets or h.points("cart")):
        return (_as_meant(Act.TOTAL, h), *acts)
    return (*((placed,) if placed and acts[0] in (Act.PRICE, Act.STOCK) else ()), *acts)


_OF_HOW_LONG: Final = frozenset({Act.VOLUMES, Act.RESTOCK, Act.PAGES, Act.FINISHED})
"""What "how long is it", "until when" ask of a book."""
_PRICES_ELSEWHERE: Final = {
    **dict.fromkeys(ABROAD, Act.SHIPPING_COST),
    **dict.fromkeys((Act.TRACK, Act.ARRIVAL, Act.LATE, Act.ORDER_LIST, Act.ORDER_CONTENTS), Act.ORDER_CONTENTS),
    Act.MEMBERSHIP: Act.MEMBERSHIP,
    Act.REFUND_STATUS: Act.REFUND_STATUS,
    Act.RETURN: Act.POLICY,
    Act.RETURN_WINDOW: Act.POLICY,
}
"""What "how much does that cost" asks after talk of something that is no book."""


def _as_meant(act: Act, h: Hearing) -> Act:
    """What it needs must be there; and "the total" of things that are named is theirs, not the cart's."""
    goes_on = h.last in (Act.ADD_TO_CART, Act.TOTAL, Act.PRICE) and bool(h.state.targets)
    of_books = (bool(h.resolved.targets) or goes_on) and not h.points("cart")
    if act in (Act.TOTAL, Act.CART_TOTAL) and h.utterance.is_whole and h.last in OF_ORDERS:
        return h.last_of(OF_ORDERS) or act
    if act is Act.NEW_RELEASES and h.resolved.act is Act.LATEST and h.of_one_book:
        return Act.LATEST
    if act is Act.START and _chooses_among_named(h):
        return Act.COMPARE
    if act is Act.NEW_RELEASES and h.said.year.most is not None:
        return refined_act(h)  # "not the new releases, older ones"
    if act is Act.BY_SAME_AUTHOR and not knows_maker(h):
        return Act.FIND
    if act is Act.BY_SAME_AUTHOR and refuses_maker(h):
        return Act.FIND
    if act is Act.BY_SAME_AUTHOR and is_of_two(h):
        return Act.AUTHOR
    if act in (Act.WORTH_IT, Act.REVIEWS) and _is_of_what_is_praised(h):
        return Act.CONTENT
    if act is Act.WHY and h.last is Act.WORTH_IT:
        return Act.REVIEWS
    if act is Act.WHY and h.last is None and h.names_nothing:
        return Act.MEANT
    if act is Act.WHY and h.last is Act.DETAIL and h.names_nothing:
        return Act.SURE
    if act is Act.WHY and (h.last is Act.HAVE_READ or (h.last is not None and ACTS[h.last].topic == "talk")):
        return Act.BOT
    if act is Act.HAVE_READ and not (h.resolved.targets or h.state.targets):
        return Act.FAVOURITE
    if act is Act.WAIT and h.last not in FOR_A_PERSON and not h.utterance.words:
        return Act.DELIVERY_TIME
    if act is Act.ORDER_CONTENTS and (offer := h.last_of(OF_OFFERS)) and not h.points("last_order"):
        return offer
    if act is Act.WHY and h.last is Act.AGE_FIT:
        return Act.CONTENT
    if (
        act is Act.TRACK
        and h.last in (Act.REFUND_STATUS, Act.RETURN)
        and len(h.utterance.stems) <= FEW
        and h.points("it")
    ):
        return Act.REFUND_STATUS
    if act is Act.ORDER_CONTENTS and is_of_page(h):
        return Act.EDITION
    if act in (Act.ARRIVAL, Act.DELIVERY_TIME) and is_of_a_volume(h):
        return Act.LATEST
    if (
        act in _OF_WHAT_COMES
        and h.in_shelf_talk
        and not (h.state.orders or h.mentions("order") or h.points("last_order"))
    ):
        return Act.DELIVERY_TIME
    of_what_is_here = h.utterance.pointers and h.resolved.targets  # "which kind is this" on the page of a book
    of_few_words = len(h.utterance.stems) <= FEW and not h.utterance.targets and not of_what_is_here
    if act in _NAMED_OF_A_RULE and of_few_words and told_a_rule(h):
        return Act.POLICY
    if act is Act.FIND:
        return _as_found(h)
    if act is Act.MORE and h.points("next_volume") and h.resolved.targets and h.of_one_book:
        return Act.CARRIES
    if (topical := as_topical(act, h)) is not act:
        return topical
    if act is Act.MORE and h.last in OF_PAGES and h.names_no_thing and not h.utterance.is_onward:
        return h.last if h.last is Act.PAYMENT_METHOD else Act.POLICY
    if act is Act.MORE and h.utterance.is_onward:
        return _as_onward(h)
    if act is Act.WHY and h.last not in OF_PAGES and h.of_one_book and h.names_nothing and h.last is not Act.COMPARE:
        return Act.DETAIL
    if act is Act.WHY and (h.last in OF_PAGES or h.last_of(_EXPLAINED)):
        return Act.POLICY
    if act is Act.DELIVERY_TIME and _is_bare_how_long(h):
        return _as_how_long(h)
    if act is Act.WHY and (order := h.last_of(OF_ORDERS)):
        return order
    if act is Act.DELIVERY_TIME and h.utterance.pointers and h.last is not None and h.last in OF_ORDERS:
        return Act.ARRIVAL if intent_of(h.last) is Intent.ORDER_TRACKING else Act.POLICY
    elsewhere = _PRICES_ELSEWHERE.get(h.last or Act.PRICE)
    if act in (Act.PRICE, Act.TOTAL) and not h.utterance.targets and not h.points("cart") and not _picks_card(h):
        if elsewhere is Act.POLICY and h.state.orders and h.names_nothing:
            return Act.REFUND_STATUS
        if elsewhere is not None:
            return elsewhere
        if h.last is Act.POLICY and h.state.page and len(h.utterance.stems) <= SHORT:
            return Act.POLICY
    if act is Act.FREE_SHIPPING and h.last is Act.CODE and h.names_no_thing and h.utterance.is_fragment:
        return Act.CODE
    if act in _OF_HOW_LONG and not h.utterance.targets and (offer := h.last_of(OF_OFFERS)):
        return offer
    of_title = act is Act.VOLUMES and len(h.state.targets) == 1 and h.points("it")
    if act in _OF_HOW_LONG and not h.utterance.targets and h.last in OF_ORDERS and not of_title:
        return Act.POLICY
    if act is Act.OFFERS and h.resolved.targets and h.utterance.pointers:
        return Act.OFFER_ON
    if act is Act.SHIPPING_COST and not h.mentions("country") and h.last in SENT_BACK:
        return Act.POLICY
    if act is Act.ORDER_CONTENTS and h.state.targets and not h.last_of(OF_ORDERS) and not h.points("last_order"):
        return Act.EDITION if any(one.format in BOUND for one in h.state.targets) else Act.ABOUT
    if act in (Act.PRICE, Act.DELIVERY_TIME) and _asks_of_page(h):
        return Act.POLICY
    if (act in _OF_WHAT_WAS_TOLD and _points_at_page(h)) or _is_bookless(act, h):
        return Act.MEMBERSHIP if h.last is Act.MEMBERSHIP else Act.POLICY
    if act is Act.PRICE and h.has_cart and not (h.resolved.targets or h.state.targets or h.utterance.words):
        return Act.CART_TOTAL
    if act is Act.PRICE and h.state.reckoning.whole and not (h.names_other_books or h.points("cart")):
        return Act.TOTAL
    if act in (Act.PRICE, Act.TOTAL) and h.has_cart and h.points("cart") and not h.utterance.targets:
        return Act.CART_TOTAL
    if act is Act.CART_TOTAL and of_books:
        return Act.TOTAL
    if act is Act.PRICE and _names_the_last_few(h):
        return Act.TOTAL
    if act is Act.PRICE and len(h.resolved.targets) > 1 and (h.points("both", "all") or _names_whole_series(h)):
        return Act.TOTAL
    if act is Act.CARRIES and any(one.format and one.volume is None for one in h.utterance.targets):
        return Act.EDITION
    books = h.resolved.targets or h.state.targets
    if act is Act.VOLUMES and books and all(one.format in BOUND for one in books):
        return Act.EDITION
    preorders = act in (Act.ADD_TO_CART, Act.PREORDERS) and h.last in (Act.UPCOMING, Act.LATEST)
    if preorders and not (h.utterance.targets or h.wishes) and (act is Act.PREORDERS or h.last is Act.UPCOMING):
        return Act.UPCOMING
    if act is Act.UPCOMING and _goes_on_within(h):
        return Act.NEXT_VOLUME
    if act is Act.LATEST and any(one.volume for one in h.utterance.targets):
        return Act.STOCK
    if act is Act.TOTAL and not of_books and not h.state.targets:
        return Act.CART_TOTAL
    return as_fits(act, h.utterance, bool(h.resolved.targets or h.state.targets or h.state.shown))


def _chooses_among_named(h: Hearing) -> bool:
    """ "Vagabond or vinland saga, which one first": which of them, and not where each begins."""
    several = len({one.series_id for one in h.utterance.targets}) > 1
    return several and (h.points("among", "choice", "they") or any(one.act is Act.COMPARE for one in h.ruled))


def _is_wished_by_a_child(h: Hearing) -> bool:
    """ "My kid is 8 and wants naruto": whether it is for that age comes before whether it is there."""
    reader = h.said.reader
    child = reader is not None and reader.age is not None and reader.age < _GROWN_UP and not reader.is_self
    if sum(one.kind == "person" for one in h.utterance.mentions) > 1:
        return False  # who of them wants the book, and who is so old, is two things
    return child and bool(h.utterance.targets) and not h.said.like


_GROWN_UP: Final = 18


def _goes_on_within(h: Hearing) -> bool:
    """ "When is the next one out" after talk of one volume that was not called the newest."""
    one = h.state.targets[0] if len(h.state.targets) == 1 and not h.utterance.targets else None
    newest = {Act.LATEST, Act.UPCOMING, Act.VOLUMES, Act.FINISHED} & set(h.state.acts)
    return one is not None and one.volume is not None and not newest and not h.utterance.volumes


def _names_the_last_few(h: Hearing) -> bool:
    one = h.utterance.targets[0] if len(h.utterance.targets) == 1 else None
    last = any(p.kind == "place" and len(p.places) > 1 and p.places[-1] == -1 for p in h.utterance.pointers)
    return one is not None and one.volume is None and last


def _names_whole_series(h: Hearing) -> bool:
    """ "How much are monster and pluto": of each all volumes may be meant, or the first."""
    named = h.utterance.targets
    return len({one.series_id for one in named}) > 1 and all(one.volume is None and not one.format for one in named)


def _is_of_what_is_praised(h: Hearing) -> bool:
    """ "Is the art good" asks what readers say of the drawing, and not whether the book is worth it."""
    moods = (one.value for one in h.utterance.mentions if one.kind == "mood" and not one.is_refused)
    return any(tastes()[mood].praised for mood in moods) and bool(h.resolved.targets or h.state.targets)


_OF_WHAT_COMES: Final = frozenset({Act.ARRIVAL, Act.TRACK})
"""What "will it get here by friday" sounds like, after a list of books of which none is ordered yet."""
_EXPLAINED: Final = frozenset({Act.CODE, Act.CHECKOUT_PROBLEM})
"""What a page tells the reasons of: why a code or a payment does not work."""
_NAMED_OF_A_RULE: Final = frozenset({Act.GIFT, Act.FIND, Act.EDITION})
"""What "for gifts?", "and box sets" sound like: after a rule of the store they ask what it says of these."""


def _is_bare_how_long(h: Hearing) -> bool:
    """ "How long", and "how long is it" after talk of a book."""
    if h.points("place") and h.in_shelf_talk and h.resolved.targets:
        return True
    if h.utterance.targets:
        return tells_only_how_long(h.utterance) and all(one.volume is None for one in h.utterance.targets)
    if h.utterance.pointers:
        there = (h.of_one_book and h.state.targets) or (h.in_shelf_talk and h.state.shown)
        return bool(there) and (not h.utterance.stems or asks_how_long(h))
    return h.names_nothing


def _as_onward(h: Hearing) -> Act:
    """ "Tell me more" goes on about whatever was told: a book, a page, an order, an offer, a list."""
    if h.of_one_book and h.state.targets:
        return Act.REVIEWS if Act.ABOUT in h.state.acts else Act.ABOUT
    if h.last in OF_PAGES:
        return Act.POLICY
    return h.last_of(OF_ORDERS | OF_OFFERS) or Act.MORE


def _as_how_long(h: Hearing) -> Act:
    """ "How long" of a book is its volumes, of an order its arrival, of a page what the page says of time."""
    if h.utterance.targets or h.of_one_book or (h.in_shelf_talk and h.state.shown):
        return Act.VOLUMES
    if order := h.last_of(OF_ORDERS):
        return Act.ARRIVAL if intent_of(order) is Intent.ORDER_TRACKING else Act.POLICY
    return Act.POLICY if h.last in OF_PAGES and h.last not in ABROAD else Act.DELIVERY_TIME


_BESIDE_THE_MEMBERSHIP: Final = OF_ORDERS | OF_SHELF | {Act.WHY, Act.FREE_SHIPPING}
"""What "what do i get with the membership", "why did you end my membership" sound like."""
_BESIDE_AN_ORDER: Final = frozenset({Act.CARRIES, Act.ABOUT, Act.GIFT})
"""What a title in a question about an order sounds like: "when do i get a bride's story"."""


def _as_found(h: Hearing) -> Act:
    """ "Find Naruto" asks for that; a bare "horror" goes on with the gift or the offers that were talked of."""
    if any(mention.kind == "series" and mention.role in ("named", "wanted") for mention in h.utterance.mentions):
        return Act.CARRIES
    order = h.last_of(OF_ORDERS)
    if order is not None and any(one.role == "named" and one.kind in TELLS_APART for one in h.utterance.mentions):
        return order
    return refined_act(h) if h.utterance.is_fragment and (h.in_shelf_talk or h.last in OF_KINDS) else Act.FIND


def _points_at_page(h: Hearing) -> bool:
    """ "Can I cancel it", "delete it" right after a page: what was told there, no book and no order."""
    return (
        bool(h.state.page)
        and h.last in OF_PAGES
        and (h.points("it", "they") or len(h.utterance.stems) <= 1)
        and not h.resolved.targets
    )


def _asks_of_page(h: Hearing) -> bool:
    """ "How much", "how long does it take" right after a page: that of what was told there."""
    names = h.utterance.targets or h.utterance.words or h.mentions("country") or h.utterance.day or _picks_card(h)
    return h.last is Act.POLICY and bool(h.state.page) and not names


def _picks_card(h: Hearing) -> bool:
    """ "Great, how much is the first one" after a page means the first of the books that were listed before."""
    return h.points("place") and bool(h.resolved.targets) and h.last not in OF_ORDERS


def _is_bookless(act: Act, h: Hearing) -> bool:
    """ "Worth it if I only buy box sets?" after a page, with no book talked of."""
    books = h.utterance.targets or h.resolved.targets or h.state.targets
    return act is Act.WORTH_IT and bool(h.state.page) and h.last in OF_PAGES and not books


_OF_WHAT_WAS_TOLD: Final = frozenset({Act.REMOVE_FROM_CART, Act.CANCEL_ORDER})
