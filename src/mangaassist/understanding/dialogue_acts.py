"""What is asked, once the dialogue is known: fragments and moves carry on what was talked of before (T-4, T-10).

A table of readings, of which the first that fits counts. Each sees typed values only: what the message names and points at,
what it asks by itself, and what the conversation was about.
"""

from collections.abc import Callable
from typing import Final

from mangaassist.domain.acts import MOVES, Act, intent_of
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.domain.products import Format
from mangaassist.understanding.act_conditions import as_fits, with_clauses
from mangaassist.understanding.hearing import (
    ABROAD,
    OF_BOOKS,
    OF_ORDERS,
    OF_PAGES,
    OF_SHELF,
    SHORT,
    VERDICTS,
    Hearing,
    agrees,
    asks_among_cards,
    verdict_of,
)

UNSURE: Final = 0.45
"""Under this confidence of the model the dialogue is the better witness."""
DOUBTFUL: Final = 0.6
MOST_ACTS: Final = 4
NOT_UNDERSTOOD: Final = HeardAct(Act.POLICY, 0.0, "rules")
"""Nothing was heard and no model could be asked: the knowledge base is (M-11)."""

_TELLS_APART: Final = frozenset({"genre", "theme", "mood"})
"""Kinds of words that say which one is meant: "the monster one"."""
_OF_OFFERS: Final = frozenset({Act.OFFERS, Act.OFFER_ON, Act.CODE})
BOUND: Final = frozenset({Format.OMNIBUS, Format.BOX_SET})
"""Editions of which each book holds several volumes."""

_KEPT_FOR_EDITIONS: Final = frozenset(
    {Act.PRICE, Act.STOCK, Act.ADD_TO_CART, Act.TOTAL, Act.OFFER_ON, Act.PAGES, Act.ISBN, Act.RESTOCK, Act.CHEAPEST}
)
_ASKED_ONCE: Final = frozenset(
    {Act.WHY, Act.COMPARE, Act.SET_OR_SINGLES, Act.ADD_TO_CART, Act.REMOVE_FROM_CART, Act.SELECT}
)
"""Acts that another series named after them does not repeat: "what about Naruto" after these asks what there is of it."""


Reading = tuple[Act, ...]
_Row = Callable[[Hearing], Reading]


def _accepts(h: Hearing) -> Reading:
    proposal = h.state.proposal
    if proposal is None:
        return ()
    return (proposal.act,) if agrees(h) else ()


def _sums_up(h: Hearing) -> Reading:
    """ "Plus vol 6", "minus the first two, i have those", "with shipping": the sum so far, worked out anew."""
    utterance, was_sum = h.utterance, Act.TOTAL in h.state.acts or h.last in _SUMMED
    otherwise = any(one.act not in _SUMMED | {Act.SHIPPING_COST, Act.CARRIES} for one in h.ruled)
    if otherwise or h.points("cart") or (h.state.orders[:1] and h.last in OF_ORDERS):
        return ()
    if utterance.with_shipping and (h.resolved.targets or (was_sum and h.state.targets)):
        return (Act.TOTAL,)
    changes = (utterance.adds and _names_books(h)) or (utterance.takes_off and (_names_books(h) or h.points("place")))
    return (Act.TOTAL,) if was_sum and h.state.targets and changes else ()


def _names_books(h: Hearing) -> bool:
    return bool(h.utterance.targets or h.utterance.volumes)


_SUMMED: Final = frozenset({Act.TOTAL, Act.PRICE})


def _agrees_to_nothing(h: Hearing) -> Reading:
    return (Act.UNSURE,) if h.moves(Act.YES) and not h.ruled and h.names_nothing else ()


def _declines(h: Hearing) -> Reading:
    """ "No" to an offer leaves everything open; "no" to a list wants another one."""
    if not h.moves(Act.NO) or h.ruled or not h.names_nothing:
        return ()
    another = h.state.proposal is None and h.state.shown and h.in_shelf_talk
    return (Act.MORE,) if another else (Act.UNSURE,)


def _rejects(h: Hearing) -> Reading:
    """ "Not that one", "already read it": the next ones, with what the message says about them."""
    return (_shelf_act(h),) if h.moves(Act.REJECT) and not h.ruled else ()


def _shelf_act(h: Hearing) -> Act:
    """MORE of the same wish, unless the message changes the wish."""
    if h.wishes:
        return h.last_of(OF_SHELF - {Act.MORE, Act.SURPRISE, Act.SIMILAR, Act.BY_SAME_AUTHOR}) or Act.FIND
    return Act.MORE if h.state.shown else Act.RECOMMEND


def _asks_among_cards(h: Hearing) -> Reading:
    """ "The cheapest one", "which of them is cheaper": a verdict on what was shown, no new search."""
    return (verdict_of(h),) if asks_among_cards(h) else ()


def _asks_itself(h: Hearing) -> Reading:
    """What rules heard needs no dialogue; "the last one" says what of it is meant."""
    if not h.ruled:
        return ()
    acts = tuple(_as_meant(heard.act, h) for heard in h.ruled)
    if any(act in OF_ORDERS for act in acts):
        acts = tuple(act for act in acts if act not in _BESIDE_AN_ORDER)
    if any(act in _OF_OFFERS for act in acts) and not (h.resolved.targets or h.utterance.targets):
        acts = tuple(act for act in acts if act not in OF_BOOKS)
    placed = h.resolved.act
    if Act.CODE in acts and sum(mention.kind == "code" for mention in h.utterance.mentions) > 1:
        return (Act.POLICY, Act.CODE)
    if acts[0] is Act.SHIPPING_COST and h.utterance.pointers and (h.resolved.targets or h.points("cart")):
        return (_as_meant(Act.TOTAL, h), *acts)
    return (*((placed,) if placed and acts[0] in (Act.PRICE, Act.STOCK) else ()), *acts)


_OF_HOW_LONG: Final = frozenset({Act.VOLUMES, Act.RESTOCK, Act.PAGES, Act.FINISHED})
"""What "how long is it", "until when" ask of a book."""
_SENT_BACK: Final = frozenset(act for act in OF_ORDERS if intent_of(act) is Intent.RETURN_REQUEST)
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
    if act is Act.FIND:
        return _as_found(h)
    if act is Act.MORE and h.utterance.is_onward:
        return _as_onward(h)
    if act is Act.WHY and (h.last in OF_PAGES or (h.of_one_book and h.names_nothing and h.last is not Act.COMPARE)):
        return Act.POLICY
    if act is Act.DELIVERY_TIME and h.names_nothing and not h.utterance.pointers:
        return _as_how_long(h)
    if act is Act.WHY and (order := h.last_of(OF_ORDERS)):
        return order
    if act is Act.DELIVERY_TIME and h.utterance.pointers and h.last is not None and h.last in OF_ORDERS:
        return Act.ARRIVAL if intent_of(h.last) is Intent.ORDER_TRACKING else Act.POLICY
    elsewhere = _PRICES_ELSEWHERE.get(h.last or Act.PRICE)
    if act is Act.PRICE and not h.utterance.targets:
        if elsewhere is not None:
            return elsewhere
        if h.last is Act.POLICY and h.state.page and len(h.utterance.stems) <= SHORT:
            return Act.POLICY
    if act in _OF_HOW_LONG and not h.utterance.targets and (offer := h.last_of(_OF_OFFERS)):
        return offer
    if act in _OF_HOW_LONG and not h.utterance.targets and h.last in OF_ORDERS:
        return Act.POLICY
    if act is Act.GIFT and h.last in _SENT_BACK and len(h.utterance.stems) <= 3:
        return Act.POLICY
    if act is Act.OFFERS and h.resolved.targets and h.utterance.pointers:
        return Act.OFFER_ON
    if act is Act.SHIPPING_COST and not h.mentions("country") and h.last in _SENT_BACK:
        return Act.POLICY
    if act is Act.ORDER_CONTENTS and h.of_one_book and not h.last_of(OF_ORDERS) and not h.points("last_order"):
        return Act.ABOUT
    if act in (Act.PRICE, Act.DELIVERY_TIME) and _asks_of_page(h):
        return Act.POLICY
    if (act in _OF_WHAT_WAS_TOLD and _points_at_page(h)) or _is_bookless(act, h):
        return Act.MEMBERSHIP if h.last is Act.MEMBERSHIP else Act.POLICY
    if act is Act.CART_TOTAL and of_books:
        return Act.TOTAL
    if act is Act.PRICE and h.points("both", "all") and len(h.resolved.targets) > 1:
        return Act.TOTAL
    if act is Act.CARRIES and any(one.format and one.volume is None for one in h.utterance.targets):
        return Act.EDITION
    if act is Act.VOLUMES and any(one.format in BOUND for one in h.resolved.targets):
        return Act.EDITION
    if act is Act.LATEST and any(one.volume for one in h.utterance.targets):
        return Act.STOCK
    if act is Act.TOTAL and not of_books and not h.state.targets:
        return Act.CART_TOTAL
    return as_fits(act, h.utterance, bool(h.resolved.targets or h.state.targets or h.state.shown))


def _as_onward(h: Hearing) -> Act:
    """ "Tell me more" goes on about whatever was told: a book, a page, an order, an offer, a list."""
    if h.of_one_book and h.state.targets:
        return Act.REVIEWS if Act.ABOUT in h.state.acts else Act.ABOUT
    if h.last in OF_PAGES:
        return Act.POLICY
    return h.last_of(OF_ORDERS | _OF_OFFERS) or Act.MORE


def _as_how_long(h: Hearing) -> Act:
    """ "How long" of a book is its volumes, of an order its arrival, of a page what the page says of time."""
    if h.of_one_book or (h.in_shelf_talk and h.state.shown):
        return Act.VOLUMES
    if order := h.last_of(OF_ORDERS):
        return Act.ARRIVAL if intent_of(order) is Intent.ORDER_TRACKING else Act.POLICY
    return Act.POLICY if h.last in OF_PAGES and h.last not in ABROAD else Act.DELIVERY_TIME


_BESIDE_AN_ORDER: Final = frozenset({Act.CARRIES, Act.ABOUT, Act.GIFT})
"""What a title in a question about an order sounds like: "when do i get a bride's story"."""


def _as_found(h: Hearing) -> Act:
    """ "Find Naruto" asks for that; a bare "horror" goes on with the gift or the offers that were talked of."""
    if any(mention.kind == "series" and mention.role in ("named", "wanted") for mention in h.utterance.mentions):
        return Act.CARRIES
    order = h.last_of(OF_ORDERS)
    if order is not None and any(one.role == "named" and one.kind in _TELLS_APART for one in h.utterance.mentions):
        return order
    return _refined_act(h) if h.utterance.is_fragment and (h.in_shelf_talk or h.last in _OF_KINDS) else Act.FIND


_OF_KINDS: Final = frozenset({Act.OFFERS, Act.CODE})


def _names_code(h: Hearing) -> Reading:
    return (Act.CODE,) if h.mentions("code") and (h.utterance.is_fragment or not h.own) else ()


def _names_order(h: Hearing) -> Reading:
    return (h.last_of(OF_ORDERS) or Act.TRACK,) if h.mentions("order") and _is_open(h) else ()


def _names_country(h: Hearing) -> Reading:
    if not h.mentions("country") or not _is_open(h):
        return ()
    return (next((act for act in h.state.acts if act in ABROAD), Act.SHIPS_TO),)


def _names_goods(h: Hearing) -> Reading:
    return (Act.OTHER_GOODS,) if h.mentions("goods") and _is_open(h) and not h.resolved.targets else ()


def _asks_about_offer(h: Hearing) -> Reading:
    if not (h.points("that_offer") and _is_open(h)):
        return ()
    return (Act.OFFER_ON,) if h.resolved.targets or h.state.targets else (Act.OFFERS,)


def _same_offer(h: Hearing) -> Reading:
    """ "Until when" after an offer was told is about that offer."""
    last = h.last_of(_OF_OFFERS)
    return (last,) if last and h.utterance.is_fragment and h.names_no_thing and not h.ruled else ()


def _asks_for_maker(h: Hearing) -> Reading:
    return (Act.BY_SAME_AUTHOR,) if h.points("same_author") else ()


def _asks_for_kind(h: Hearing) -> Reading:
    return (Act.SIMILAR,) if h.points("same_kind") and _is_open(h) else ()


def _of_order_in_focus(h: Hearing) -> Reading:
    """ "The monster one", "only vol 2 not both", "and the other one?" while an order is talked of."""
    last = h.last_of(OF_ORDERS)
    if last is None or not h.utterance.is_fragment or h.moves(Act.REFINE):
        return ()
    item = h.resolved.targets or h.utterance.volumes or h.utterance.pointers
    if not item and h.utterance.words and last in _SENT_BACK and h.state.asked_for != "order":
        return (Act.POLICY,)
    item = item or h.utterance.words
    return (last,) if item or h.state.asked_for == "order" else ()


_NO_NEW_TOPIC: Final = frozenset(
    {*OF_BOOKS, Act.CARRIES, Act.FIND, Act.RECOMMEND, Act.SELECT, Act.OFF_TOPIC, Act.BYE, Act.UNSURE, Act.PREORDERS}
)
"""What a model takes a short message after talk of an order for, which by its own words is hardly asked."""


def _still_of_orders(h: Hearing) -> Reading:
    """ "And the one with Witch Hat?", "for vinland saga 3" mean what an order holds; "do i need pictures" the store's ways."""
    last = h.last_of(OF_ORDERS)
    guessed = h.own[0].act if h.own else None
    wishes = h.wishes and not h.utterance.targets and not _may_be_a_title(h)
    if last is None or h.ruled or wishes or h.moves(*_ANSWERS_GIVEN) or _asks_anew(h, _NO_NEW_TOPIC):
        return ()
    if guessed is Act.CARRIES and h.own[0].confidence >= _SURELY:
        return ()
    named = h.utterance.targets or h.utterance.volumes or h.points("place", "other")
    if named or _leads_an_item(h) or not h.utterance.stems or _may_be_a_title(h):
        return (last,)
    return (Act.POLICY,) if len(h.utterance.stems) <= SHORT else ()


def _may_be_a_title(h: Hearing) -> bool:
    """ "The monster": one theme and hardly a word beside it."""
    themes = [mention for mention in h.utterance.mentions if mention.kind == "theme"]
    return len(themes) == 1 and len(h.utterance.stems) <= 2 and not h.moves(Act.REFINE)


def _asks_anew(h: Hearing, idle: frozenset[Act]) -> bool:
    """Whether a model is sure enough of something that is asked apart from what was talked of."""
    return bool(h.own) and h.own[0].act not in idle and h.own[0].confidence >= UNSURE


_SURELY: Final = 0.8
_ANSWERS_GIVEN: Final = MOVES - {Act.REFINE}
_OF_ITEMS: Final = frozenset(
    {Act.TRACK, Act.ARRIVAL, Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.ORDER_CONTENTS, Act.ORDER_LIST}
)


def _still_of_offers(h: Hearing) -> Reading:
    """ "Until when", "and on my cart?" after a code or an offer: the same of it."""
    last = h.last_of(_OF_OFFERS)
    elsewhere = _asks_anew(h, _NO_NEW_TOPIC | {Act.CART_CONTENTS, Act.CHECKOUT_PROBLEM})
    if last is None or h.ruled or h.wishes or h.moves(*MOVES) or h.utterance.targets or elsewhere:
        return ()
    if not h.utterance.stems or len(h.utterance.stems) > SHORT:
        return ()
    return (Act.CODE,) if h.state.codes else (last,)


def _leads_an_item(h: Hearing) -> bool:
    """ "The blue period one" names by a word which order is meant."""
    return bool(h.utterance.words) and h.last in _OF_ITEMS


def _asks_open_place(h: Hearing) -> Reading:
    """ "And the last one", "the next one?": which volume that is, and what was asked of the one before."""
    newest = h.utterance.limits.ordering == "newest" and h.of_one_book and not h.said.wanted
    placed = Act.LATEST if newest else h.resolved.act
    if placed is None or not _is_open(h):
        return ()
    carried = h.last_of(frozenset({Act.PRICE, Act.STOCK, Act.ADD_TO_CART}))
    return (placed, carried) if carried else (placed,)


def _names_edition(h: Hearing) -> Reading:
    """ "Hardcover?" after a book; after a list it narrows the list."""
    if not (h.utterance.formats and h.resolved.targets and _is_open(h)) or h.utterance.targets or h.in_shelf_talk:
        return ()
    if h.utterance.formats == (Format.PAPERBACK,) and any(one.format in BOUND for one in h.state.targets):
        return (Act.SET_OR_SINGLES,)
    return (h.last_of(_KEPT_FOR_EDITIONS) or Act.EDITION,)


def _believes_price(h: Hearing) -> Reading:
    """ "You said naruto is free today": what it costs."""
    return (Act.PRICE,) if h.utterance.premise == "price" and h.resolved.targets and not h.ruled else ()


def _carries_on(h: Hearing) -> Reading:
    """ "And 4?", "what about Naruto?": the same question of something else."""
    if not (h.resolved.targets and _is_open(h)) or (
        h.utterance.formats and h.in_shelf_talk and not h.utterance.volumes
    ):
        return ()
    if h.moves(Act.REFINE) and not h.utterance.volumes:
        return ()
    if h.utterance.targets and h.last in (Act.OFFERS, Act.CODE):
        return (Act.CODE if h.state.codes and h.last is Act.CODE else Act.OFFER_ON,)
    if h.utterance.targets and not h.utterance.volumes and h.last in (_ASKED_ONCE | OF_SHELF) - {Act.SIMILAR}:
        return (Act.CARRIES,)
    carried = h.last_of(OF_BOOKS | {Act.SIMILAR, Act.OFFER_ON, Act.CARRIES, Act.LATEST} - _NOT_CARRIED)
    if h.points("place", "other") and h.utterance.volumes and h.in_shelf_talk:
        return (Act.CARRIES,)
    if h.moves(Act.SELECT) or h.points("place", "other"):
        return (carried if carried and carried in OF_BOOKS and not h.in_shelf_talk else Act.ABOUT,)
    if carried is None and h.resolved.is_list:
        return (Act.COMPARE,)
    volume_asked = carried in _OF_SERIES_AS_A_WHOLE and any(
        one.volume and one.format not in BOUND for one in h.resolved.targets
    )
    return (Act.CARRIES,) if carried is None or volume_asked else (carried,)


_NOT_CARRIED: Final = frozenset({Act.WHY, Act.SELECT})
_OF_SERIES_AS_A_WHOLE: Final = frozenset(
    {
        Act.EDITION,
        Act.SET_OR_SINGLES,
        Act.VOLUMES,
        Act.FINISHED,
        Act.AUTHOR,
        Act.START,
        Act.READING_ORDER,
        Act.ADAPTATION,
        Act.LATEST,
        Act.GENRE,
    }
)
"""Questions that make no sense of one volume: "vol 3?" after them wants the book."""


def _keeps_adding(h: Hearing) -> Reading:
    """ "2 copies", "the same twice" after something was put into the cart."""
    adds = h.last is Act.ADD_TO_CART and bool(h.state.targets) and not h.ruled
    unsure = not h.own or h.own[0].confidence < UNSURE
    return (Act.ADD_TO_CART,) if adds and unsure and h.utterance.stems and not h.wishes and not h.moves(*MOVES) else ()


def _for_a_reader(h: Hearing) -> Reading:
    """ "My brother is 13, ok for him?" after talk of one book asks whether it suits."""
    suits = h.said.reader is not None and h.of_one_book and bool(h.state.targets)
    return (Act.AGE_FIT,) if suits and _is_open(h) and not (h.said.wanted or h.said.unwanted) else ()


def _asks_content(h: Hearing) -> Reading:
    """ "Gory?", "sad too?" after talk of one book asks it of that book; after a list it narrows the list."""
    labels = h.said.wanted
    turns = h.utterance.limits.comparative or h.moves(Act.REFINE)
    fits = labels and not turns and all(label.kind in ("mood", "theme", "genre") for label in labels)
    about = h.last in _OF_ITS_CONTENT or h.utterance.is_question
    of_book = h.of_one_book and len(h.state.targets) == 1 and not h.utterance.targets
    return (Act.CONTENT,) if fits and about and of_book and not h.ruled and h.utterance.is_fragment else ()


_OF_ITS_CONTENT: Final = frozenset({Act.CONTENT, Act.ABOUT, Act.REVIEWS, Act.WORTH_IT, Act.GENRE, Act.AGE_FIT})


def _wants_finished(h: Hearing) -> Reading:
    """ "Finished?" after talk of one series is a question about it; after a list it narrows the list."""
    only = h.utterance.limits.finished is not None and not (h.said.wanted or h.said.unwanted)
    return (Act.FINISHED,) if only and h.of_one_book and h.utterance.is_fragment and h.state.targets else ()


def _goes_on_about_page(h: Hearing) -> Reading:
    """ "Paypal?", "so it's cheaper there?", "sundays?" after a page or a fact of the store was told."""
    last = h.last
    short = h.utterance.is_fragment or (len(h.utterance.stems) <= FEW and (_is_open(h) or _guessed_of_orders(h)))
    if last is None or last not in OF_PAGES or not short or h.utterance.targets or h.said.wanted:
        return ()
    if last in (Act.PAYMENT_METHOD, Act.MEMBERSHIP):
        return (last,)
    if last in ABROAD and h.utterance.stems and frozenset(h.utterance.stems) <= _DURATION:
        return (Act.DELIVERY_TIME,)
    by_facts = last in ABROAD | {Act.CONTACT} and (h.utterance.day is not None or not h.utterance.words)
    return (last if by_facts else Act.POLICY,)


def _guessed_of_orders(h: Hearing) -> bool:
    """ "What do I get" after talk of the membership: no order is named, whatever a model hears in it."""
    own = h.own[0] if h.own else None
    return own is not None and own.stage == "model" and own.act in OF_ORDERS and own.confidence < SURE_OF_ORDER


SURE_OF_ORDER: Final = 0.85
_DURATION: Final = frozenset({"long", "fast", "quick", "quickli", "soon"})
"""Stems of "how long", "how fast": after talk of shipping that is how long it takes."""


def _points_at_page(h: Hearing) -> bool:
    """ "Can I cancel it", "delete it" right after a page: what was told there, no book and no order."""
    return bool(h.state.page) and h.last in OF_PAGES and h.points("it", "they") and not h.resolved.targets


def _asks_of_page(h: Hearing) -> bool:
    """ "How much", "how long does it take" right after a page: that of what was told there."""
    names = h.utterance.targets or h.utterance.words or h.mentions("country") or h.utterance.day
    return h.last is Act.POLICY and bool(h.state.page) and not names


def _is_bookless(act: Act, h: Hearing) -> bool:
    """ "Worth it if I only buy box sets?" after a page, with no book talked of."""
    books = h.utterance.targets or h.resolved.targets or h.state.targets
    return act is Act.WORTH_IT and bool(h.state.page) and h.last in OF_PAGES and not books


FEW: Final = 2
"""Up to so many telling words, of which the model makes nothing, go on about the page that was told."""
_OF_WHAT_WAS_TOLD: Final = frozenset({Act.REMOVE_FROM_CART, Act.CANCEL_ORDER})


def _refines(h: Hearing) -> Reading:
    """ "Not scary tho", "under 12 volumes", "finished": the wish so far, narrowed. "Should I worry" after an order narrows none."""
    if h.last in OF_ORDERS and not h.wishes:
        return ()
    wanted = h.wishes or (h.utterance.words and (h.in_shelf_talk or h.state.asked_for)) or h.mentions("person")
    if not (h.moves(Act.REFINE) or (wanted and _is_open(h))):
        return ()
    return (_refined_act(h),)


def _refined_act(h: Hearing) -> Act:
    orders = h.utterance.limits.ordering is not None or bool(h.utterance.limits.comparative)
    kept = h.last_of(
        OF_SHELF
        - (VERDICTS if orders else frozenset[Act]())
        - {Act.MORE, Act.SURPRISE, Act.SIMILAR, Act.BY_SAME_AUTHOR, Act.FROM_PURCHASES, Act.CARRIES}
    )
    if h.last in _OF_KINDS and h.said.wanted:
        return Act.OFFERS
    compares_book = h.of_one_book and bool(h.utterance.limits.comparative)
    if (h.said.like and not h.said.wanted) or compares_book:
        return Act.SIMILAR
    if h.said.reader is not None and not h.said.reader.is_self and kept is None:
        return Act.GIFT
    return kept or Act.FIND


def _knows_already(h: Hearing) -> Reading:
    """ "I've read Naruto" while books are looked for wants others; out of the blue, something like it."""
    known = any(mention.role in ("read", "owned") for mention in h.utterance.mentions)
    doubtful = h.in_shelf_talk and all(one.act is Act.CARRIES and one.stage == "model" for one in h.own)
    if not known or not (_is_open(h) or doubtful):
        return ()
    return (Act.MORE,) if h.in_shelf_talk and h.state.shown else (Act.RECOMMEND,)


def _was_asked(h: Hearing) -> Reading:
    """An answer to what the assistant asked back."""
    if not h.state.asked_for or h.own or not (h.utterance.words or h.resolved.targets):
        return ()
    return (_ANSWERS.get(h.state.asked_for) or h.last or Act.FIND,)


_ANSWERS: Final[dict[str, Act]] = {"taste": Act.RECOMMEND, "reader": Act.GIFT}


def _same_question(h: Hearing) -> Reading:
    """ "Any bad ones?" after the reviews: a fragment of which a model makes nothing asks the same again."""
    doubtful = not h.own or h.own[0].confidence < DOUBTFUL
    asked = h.last_of(OF_BOOKS)
    return (asked,) if asked and h.utterance.is_fragment and doubtful and h.of_one_book and h.utterance.words else ()


def _model_says(h: Hearing) -> Reading:
    edition = any(one.format and one.volume is None for one in h.utterance.targets)
    return tuple(Act.EDITION if edition and heard.act is Act.CARRIES else heard.act for heard in h.own)


def _says_nothing(h: Hearing) -> Reading:
    return (Act.WORDLESS,) if h.names_nothing and not h.utterance.stems and not h.utterance.pointers else ()


def _moves_nowhere(h: Hearing) -> Reading:
    """ "The second one" where nothing was shown."""
    return (Act.UNSURE,) if h.moves(*MOVES) else ()


def _is_open(h: Hearing) -> bool:
    """Whether the message leaves to the dialogue what it asks: nothing was heard, or a model guessed at a fragment."""
    unsure = not h.own or (bool(h.state.acts) and h.own[0].confidence < UNSURE)
    leans = h.utterance.is_fragment and (bool(h.state.acts) or not h.own)
    return not h.ruled and (leans or unsure)


_DIALOGUE: Final[tuple[_Row, ...]] = (
    _accepts,
    _sums_up,
    _declines,
    _rejects,
    _asks_among_cards,
    _asks_for_maker,
    _asks_itself,
    _agrees_to_nothing,
    _names_code,
    _names_order,
    _names_country,
    _names_goods,
    _asks_about_offer,
    _same_offer,
    _asks_for_kind,
    _of_order_in_focus,
    _still_of_orders,
    _still_of_offers,
    _goes_on_about_page,
    _asks_open_place,
    _names_edition,
    _knows_already,
    _for_a_reader,
    _asks_content,
    _believes_price,
    _carries_on,
    _keeps_adding,
    _wants_finished,
    _refines,
    _was_asked,
)
_LAST_RESORT: Final[tuple[_Row, ...]] = (_same_question, _model_says, _says_nothing, _moves_nowhere)


def settled_by_dialogue(hearing: Hearing) -> tuple[HeardAct, ...]:
    """The acts, where rules and dialogue decide them; empty where a model has to be asked."""
    acts = next((acts for row in _DIALOGUE if (acts := row(hearing))), ())
    return _as_heard(acts, hearing)


def acts_of(hearing: Hearing) -> tuple[HeardAct, ...]:
    """The acts, the most important first; never empty, never a move."""
    acts = next((acts for row in (*_DIALOGUE, *_LAST_RESORT) if (acts := row(hearing))), ())
    return _as_heard(acts, hearing) or (NOT_UNDERSTOOD,)


def _as_heard(acts: Reading, hearing: Hearing) -> tuple[HeardAct, ...]:
    """With the confidence of whoever heard them. A move that stands for a proposal is what was proposed."""
    heard = {one.act: one for one in hearing.own}
    distinct = dict.fromkeys(act for act in acts if act not in MOVES)
    told = tuple(heard.get(act, HeardAct(act, 0.9, "dialogue")) for act in distinct)[:MOST_ACTS]
    return with_clauses(told, hearing.utterance) if told else ()
