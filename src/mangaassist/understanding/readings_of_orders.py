"""Readings of messages that go on about an order, a code or an offer (T-4)."""

from typing import Final

from mangaassist.domain.acts import MOVES, Act
from mangaassist.domain.dialogue import OrderAspect
from mangaassist.understanding.hearing import OF_BOOKS, OF_ORDERS, OF_PAGES, OF_SHELF, SHORT, Hearing
from mangaassist.understanding.orders_and_offers import ASPECTS, fits_talk, goes_ahead, told_of_refunds
from mangaassist.understanding.readings import OF_OFFERS, SENT_BACK, SURELY, Reading, asks_anew, is_open
from mangaassist.understanding.tallies import names_one_day


def goes_on_with_change(h: Hearing) -> Reading:
    """ "Yes" to a change that only the shopper can make is no end of the matter: nothing has been done yet."""
    return (h.last,) if h.last is not None and h.state.asked_for != "order" and goes_ahead(h) else ()


def asks_of_code(h: Hearing) -> Reading:
    """ "Does BIGREAD15 work on berserk deluxe" asks of the code, whatever else the book's name sounds like."""
    one = sum(mention.kind == "code" for mention in h.utterance.mentions) == 1
    own = {heard.act for heard in h.own}
    return (Act.CODE,) if one and h.utterance.targets and own and own <= _BESIDE_A_CODE else ()


_BESIDE_A_CODE: Final = OF_OFFERS | {Act.EDITION, Act.CARRIES, Act.STOCK, Act.SET_OR_SINGLES, Act.FIND}


def names_code(h: Hearing) -> Reading:
    return (Act.CODE,) if h.mentions("code") and (h.utterance.is_fragment or not h.own) else ()


def names_order(h: Hearing) -> Reading:
    return (h.last_of(OF_ORDERS) or Act.TRACK,) if h.mentions("order") and is_open(h) else ()


def asks_about_offer(h: Hearing) -> Reading:
    if not (h.points("that_offer") and is_open(h)):
        return ()
    return (Act.OFFER_ON,) if h.resolved.targets or h.state.targets else (Act.OFFERS,)


def same_offer(h: Hearing) -> Reading:
    """ "Until when" after an offer was told is about that offer."""
    last = h.last_of(OF_OFFERS)
    return (last,) if last and h.utterance.is_fragment and h.names_no_thing and not h.ruled else ()


def lists_kind(h: Hearing) -> Reading:
    """ "Any preorders on my account?" is asked of the shopper's orders, not of what can be preordered; "what is still open" of all
    that are to come."""
    kinds = {"preorder", "backorder"} & set(h.utterance.selection.kinds)
    own = {heard.act for heard in h.own}
    elsewhere = {heard.act for heard in h.ruled} - _OF_WAITING or h.utterance.targets or h.wishes_for_books
    if "under_way" in h.utterance.selection.kinds and not elsewhere:
        return (Act.ORDER_LIST,)
    return (Act.ORDER_LIST,) if kinds and not own - {Act.PREORDERS, Act.STOCK, Act.POLICY, Act.FIND} else ()


def keeps_fault(h: Hearing) -> Reading:
    """ "Both were in the order, vinland 2 isnt there" says more of what was missing, and asks nothing new."""
    topic = h.order_topic
    told = h.utterance.targets or h.utterance.volumes or h.utterance.words
    if topic not in _FAULTS or topic is None or not told or h.utterance.is_question:
        return ()
    return (topic,) if h.own and all(one.act in _OF_SAYING for one in h.own) else ()


_FAULTS: Final = frozenset({Act.DAMAGED, Act.WRONG_ITEM, Act.MISSING_ITEM})
_OF_SAYING: Final = frozenset(
    {*(Act.NOT_RECEIVED, Act.ORDER_CONTENTS, Act.CARRIES, Act.STOCK, Act.TRACK, Act.LATE), *_FAULTS}
)

_OPENED: Final = frozenset({"unsealed", "opened_set"})
_TO_SEND_BACK: Final = frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE})


def tells_case(h: Hearing) -> Reading:
    """ "I opened the plastic tho" of what is to go back is asked of that."""
    told = h.last is Act.POLICY and "return" in h.state.question.lower()  # a page on returns
    if h.utterance.case not in _OPENED or not (h.order_topic in _TO_SEND_BACK or told) or h.names_other_books:
        return ()
    topic = h.order_topic or Act.RETURN
    elsewhere = any(one.act not in OF_ORDERS | OF_PAGES | _OF_SETS for one in h.ruled)
    return (topic,) if not elsewhere and h.last in OF_ORDERS | OF_PAGES else ()


_OF_SETS: Final = frozenset({Act.EDITION, Act.SET_OR_SINGLES})


_OF_WAITING: Final = frozenset(
    {
        *(Act.TRACK, Act.LATE, Act.ORDER_LIST, Act.ORDER_CONTENTS, Act.STOCK, Act.POLICY, Act.FIND, Act.WAIT),
        *(Act.PREORDERS, Act.OKAY, Act.UNSURE),
    }
)
"""What "which ones havent come yet", "what am i still waiting for" sound like."""


def chooses_order(h: Hearing) -> Reading:
    """ "The most recent one", "it's the one that's not shipped yet", "and cancelled?" say which order, not something new."""
    last = h.order_topic
    chooses = not h.utterance.selection.is_open and not h.utterance.targets
    chooses = (chooses or _describes_order(h)) and len(h.utterance.stems) <= SHORT
    own = [heard.act for heard in h.ruled if heard.act in OF_ORDERS]
    if last is None or not chooses:
        return ()
    asks_anew_of_it = bool(own) and last is not Act.ORDER_LIST and not h.utterance.is_fragment
    return () if asks_anew_of_it and own[0] not in (Act.LATE, Act.CANCEL_ORDER) else (last,)


def _describes_order(h: Hearing) -> bool:
    """ "The one with nana in it" right after an order: the order that holds it, and no wish for it."""
    told = h.utterance.describes_one and h.last in OF_ORDERS and bool(h.utterance.words or h.utterance.targets)
    return told and not h.wishes_for_books and {heard.act for heard in h.own} <= OF_SHELF | {Act.CARRIES}


def asks_for_day(h: Hearing) -> Reading:
    """ "By saturday?" of an order that is talked of is when it comes; "it has to be here before friday" of what is not ordered yet
    is how long delivery takes."""
    if not names_one_day(h.utterance) or h.names_other_books or h.wishes_for_books or h.mentions("order"):
        return ()
    own = {heard.act for heard in h.ruled}
    if h.last in _ON_ITS_WAY and h.order_topic and own <= _ON_ITS_WAY | OF_DELIVERY:
        return (Act.ARRIVAL,) if len(h.utterance.stems) <= SHORT else ()
    heard = {heard.act for heard in h.own}
    before_ordering = h.last is not None and h.order_topic is None and not h.state.orders and not h.points("last_order")
    return (Act.DELIVERY_TIME,) if before_ordering and heard and heard <= _ON_ITS_WAY else ()


_ON_ITS_WAY: Final = frozenset({Act.TRACK, Act.ARRIVAL, Act.LATE})
OF_DELIVERY: Final = frozenset({Act.DELIVERY_TIME})


def asks_aspect(h: Hearing) -> Reading:
    """ "Who is the carrier", "have i paid for it", "do i have to send the old one back" of the order that is meant or talked of."""
    topic, own = h.order_topic, next((heard.act for heard in h.own if heard.act in OF_ORDERS), None)
    refunds = told_of_refunds(h)
    of_order = topic is not None or own is not None or not h.utterance.selection.is_open or refunds
    of_order = of_order or (h.last in OF_PAGES and h.state.topic in _OF_FINDING and h.utterance.aspects[:1] in _FINDS)
    next_named = bool(h.utterance.targets) and any(heard.act is Act.NEXT_VOLUME for heard in h.own)
    if next_named:
        return ()
    of_order = of_order or ("owned" in h.utterance.aspects and not (h.state.targets and not h.utterance.targets))
    of_order = of_order or "spent" in h.utterance.aspects
    aspect: OrderAspect | None = next((one for one in h.utterance.aspects if fits_talk(one, h)), None)
    if aspect == "contents" and h.last_of(OF_OFFERS):
        return ()  # "what's in it" of an offer
    if aspect is None or not of_order or (topic is None and aspect in _OF_TALK_ALONE):
        return ()
    beside = OF_OFFERS if aspect == "discount" and topic is not None and h.last in OF_ORDERS else frozenset[Act]()
    beside |= {Act.MORE, Act.SIMILAR, *OF_OFFERS} if aspect == "others_too" else frozenset[Act]()
    elsewhere = [heard.act for heard in h.ruled if heard.act not in OF_ORDERS | OF_PAGES | _NOT_ELSEWHERE | beside]
    if aspect == "money_back" and not h.utterance.targets and h.last is Act.NOT_RECEIVED:
        return (Act.NOT_RECEIVED,)
    if aspect == "money_back" and topic in _MAY_COME_BACK and not h.utterance.targets:
        return (Act.REFUND_STATUS,)
    of_fault = h.state.problem is not None and aspect in _OF_A_FAULT
    if any(heard.act in _SAID_ANYWAY for heard in h.ruled) and aspect in ("deadline", "next_step") and not of_fault:
        return ()
    if (
        elsewhere
        or len(h.utterance.stems) > LONG
        or (h.utterance.targets and topic is None and own is None and aspect != "owned")
    ):
        return ()
    if of_fault:
        return (h.state.problem,) if h.state.problem else ()
    act = ASPECTS[aspect].act or (own if own in ASPECTS[aspect].topics else None) or topic or own
    return (act or (Act.TRACK if (aspect,) in _FINDS else Act.POLICY),)


_FINDS: Final = (("elsewhere",), ("lost_number",))
"""What stands between the shopper and an order: another email, no account, no number."""


_MAY_COME_BACK: Final = frozenset({Act.CANCEL_ORDER, Act.ORDER_CONTENTS})
"""Of an order that is or may be cancelled "did i get my money back" asks what becomes of its money."""
_OF_A_FAULT: Final = frozenset({"deadline", "send_back", "was_read", "money_or_book"})
"""Asked of what came damaged, wrong or not at all."""
_OF_TALK_ALONE: Final = frozenset({"next_step", "was_read", "faster", "charge", "if_shipped"})
"""Asked out of the blue these are of no order."""
_OF_FINDING: Final = frozenset({"", "track order", "late parcel", "lost parcel", "cancel order", "change order"})
"""Topics of pages beside which "no email came" and "i have no account" are about finding an order."""
_SAID_ANYWAY: Final = frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.CANCEL_ORDER})
"""Asked for by name, these tell the deadline anyway."""
LONG: Final = 9
"""Telling words of a message that asks more than one thing of an order."""
_OF_OWNING: Final = (Act.REMEMBER, Act.NEXT_VOLUME, Act.NEW_RELEASES, Act.CARRIES, Act.RECOMMEND)
_NOT_ELSEWHERE: Final = frozenset(
    {
        Act.YEAR,
        Act.PRICE,
        Act.TOTAL,
        Act.LATEST,
        Act.ADD_TO_CART,
        Act.REMOVE_FROM_CART,
        Act.CART_TOTAL,
        Act.WHY,
        Act.HUMAN,
        Act.RESTOCK,
        *_OF_OWNING,
    }
)
"""What "how much", "when does it come out", "add it to my order" sound like beside talk of an order."""


def of_order_in_focus(h: Hearing) -> Reading:
    """ "The monster one", "only vol 2 not both", "and the other one?" while an order is talked of."""
    last = h.last_of(OF_ORDERS) or (h.order_topic if h.utterance.targets and not h.utterance.is_question else None)
    if last is None or not h.utterance.is_fragment or h.moves(Act.REFINE):
        return ()
    if last is Act.ORDER_LIST and h.utterance.pointers and not h.utterance.stems and not h.points("place", "all"):
        return (Act.TRACK,)
    if _asks_of_it(h):
        return ()
    item = h.resolved.targets or h.utterance.volumes or h.utterance.pointers
    if not item and h.utterance.words and last in SENT_BACK and h.state.asked_for != "order":
        return (Act.POLICY,)
    item = item or h.utterance.words
    return (last,) if item or h.state.asked_for == "order" else ()


def drops_matter(h: Hearing) -> Reading:
    """ "Forget about it", "nvm found it" after an order was told: the matter is let go, and nothing of it is told again."""
    of_order = h.last in OF_ORDERS or (h.order_topic is not None and h.last in OF_PAGES)
    offered = h.state.proposal is not None or h.state.asked_for
    asks = h.ruled or h.utterance.is_question or h.utterance.targets
    return (Act.OKAY,) if of_order and h.moves(Act.NO) and not (offered or asks) else ()


def adds_beside_order(h: Hearing) -> Reading:
    """ "Nana 2" after "can i add another book to it", which nobody can: that book by itself."""
    wanted = "add_items" in h.state.aspects and h.last is Act.CHANGE_ORDER and bool(h.utterance.targets)
    return (Act.ADD_TO_CART,) if wanted and h.utterance.is_fragment and not h.ruled else ()


def _asks_of_it(h: Hearing) -> bool:
    """ "Will the driver leave it with a neighbor" says of it what no order tells: its words are no title, and ask something."""
    vague = bool(h.utterance.pointers) and all(one.kind in ("it", "they") for one in h.utterance.pointers)
    named = h.utterance.targets or h.utterance.volumes or h.mentions("order") or h.utterance.describes_one
    return vague and len(h.utterance.words) > 1 and not named and not h.utterance.aspects


_NO_NEW_TOPIC: Final = frozenset(
    {*OF_BOOKS, Act.CARRIES, Act.FIND, Act.RECOMMEND, Act.SELECT, Act.OFF_TOPIC, Act.BYE, Act.UNSURE, Act.PREORDERS}
)
"""What a model takes a short message after talk of an order for, which by its own words is hardly asked."""


def still_of_orders(h: Hearing) -> Reading:
    """ "And the one with Witch Hat?", "for vinland saga 3" mean what an order holds; "do i need pictures" the store's ways."""
    last = h.last_of(OF_ORDERS)
    guessed = h.own[0].act if h.own else None
    wishes = h.wishes and not h.utterance.targets and not _may_be_a_title(h)
    if last is None or h.ruled or wishes or h.moves(*_ANSWERS_GIVEN) or asks_anew(h, _NO_NEW_TOPIC):
        return ()
    of_its_book = (
        guessed in OF_BOOKS and h.state.targets and not h.utterance.pointers
    )  # "is the whole series cancelled"
    if (guessed is Act.CARRIES or of_its_book) and h.own[0].confidence >= SURELY:
        return ()
    named = h.utterance.targets or h.utterance.volumes or h.points("place", "other")
    if named or (_leads_an_item(h) and not _asks_of_it(h)) or not h.utterance.stems or _may_be_a_title(h):
        return (last,)
    return (Act.POLICY,) if len(h.utterance.stems) <= SHORT else ()


def _may_be_a_title(h: Hearing) -> bool:
    """ "The monster": one theme and hardly a word beside it."""
    themes = [mention for mention in h.utterance.mentions if mention.kind == "theme"]
    return len(themes) == 1 and len(h.utterance.stems) <= 2 and not h.moves(Act.REFINE)


_ANSWERS_GIVEN: Final = MOVES - {Act.REFINE}
_OF_ITEMS: Final = frozenset(
    {Act.TRACK, Act.ARRIVAL, Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.ORDER_CONTENTS, Act.ORDER_LIST}
)


def still_of_offers(h: Hearing) -> Reading:
    """ "Until when", "and on my cart?" after a code or an offer: the same of it."""
    last = h.last_of(OF_OFFERS)
    elsewhere = asks_anew(h, _NO_NEW_TOPIC | {Act.CART_CONTENTS, Act.CHECKOUT_PROBLEM})
    if last is None or h.ruled or h.wishes or h.moves(*MOVES) or h.utterance.targets or elsewhere:
        return ()
    if not h.utterance.stems or len(h.utterance.stems) > SHORT:
        return ()
    return (Act.CODE,) if h.state.codes else (last,)


def _leads_an_item(h: Hearing) -> bool:
    """ "The blue period one" names by a word which order is meant."""
    return bool(h.utterance.words) and h.last in _OF_ITEMS
