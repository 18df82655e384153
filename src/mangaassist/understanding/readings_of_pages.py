"""Readings of messages that go on about a help page or a fact of the store (T-4)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import FAR_TOPICS
from mangaassist.understanding.analysis import stem
from mangaassist.understanding.hearing import ABROAD, OF_ORDERS, OF_PAGES, OF_SHELF, SHORT, Hearing
from mangaassist.understanding.readings import FEW, OF_OFFERS, SENT_BACK, Reading, is_open
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import language_named, topic_in


def store_question(h: Hearing) -> str:
    """The key of what is asked of the store, by the message alone or after talk of a preorder; empty where it asks nothing such."""
    key = h.utterance.store_question
    if key == "languages" and h.utterance.targets:
        return ""  # of a book its own language is asked
    if key and (key not in _OF_OFFERS_ALONE or _of_offers(h)):
        return key
    preordering = h.last is Act.PREORDERS or (h.last in _ON_A_BOOK and "preorder" in h.state.question.lower())
    cancels = any(one.act is Act.CANCEL_ORDER for one in h.own) and not h.mentions("order")
    return "cancel_preorder" if cancels and preordering and not h.utterance.targets else ""


def _of_offers(h: Hearing) -> bool:
    """ "Any for a first order", "it's my second order" while offers are talked of."""
    told = any(word in h.state.question.lower() for word in ("discount", "code", "offer"))
    return h.last_of(OF_OFFERS) is not None or told or any(one.act in OF_OFFERS for one in h.own)


_OF_OFFERS_ALONE: Final = frozenset({"first_order", "later_order", "combine", "sales", "sale_days"})
_WITH_OFFERS: Final = frozenset({"sale_days"})
"""What asks for what is on as much as for what a page says of it: "black friday deals"."""
_ON_A_BOOK: Final = frozenset({Act.ADD_TO_CART, Act.STOCK, Act.CARRIES, Act.LATEST, Act.POLICY})


def key_of_wait(h: Hearing, acts: tuple[Act, ...]) -> str:
    """What the pages are asked of how long a person takes: who complained waits for somebody else."""
    if acts[0] is not Act.WAIT:
        return ""
    return "wait_complaint" if h.last is Act.COMPLAINT else "wait"


def asks_of_store(h: Hearing) -> Reading:
    key = store_question(h)
    return (Act.OFFERS, Act.POLICY) if key in _WITH_OFFERS else (Act.POLICY,) if key else ()


def reads_backwards(h: Hearing) -> Reading:
    """ "It's printed backwards, the first page is at the end": a page tells that it is no fault, before anything is done."""
    return (Act.POLICY,) if h.utterance.case == "backwards" and not h.mentions("order") else ()


def names_far_place(h: Hearing) -> Reading:
    """ "What about puerto rico" after another country was told: a page of its own tells that place."""
    talks = h.last in ABROAD or (h.last is Act.POLICY and h.state.topic in FAR_TOPICS)
    elsewhere = {one.act for one in h.ruled} - ABROAD or h.mentions("country") or len(h.utterance.stems) > SHORT
    return (Act.POLICY,) if talks and is_far(h) and not elsewhere else ()


def is_far(h: Hearing) -> bool:
    return topic_in(h.utterance.folded, h.utterance.language) in FAR_TOPICS


def asks_how_sent(h: Hearing) -> Reading:
    """ "The cheapest option", "and if i pay more" after what sending costs or how long it takes: the same of that."""
    if (
        h.last not in _OF_SENDING
        or h.names_other_books
        or h.wishes_for_books
        or h.points("cart")
        or h.mentions("country")
    ):
        return ()
    if len(h.utterance.stems) > SHORT or {one.act for one in h.ruled} - _SOUNDS_LIKE_SENDING:
        return ()
    if "faster" in h.utterance.aspects:
        return (Act.DELIVERY_TIME,)
    least = h.utterance.limits.ordering == "cheapest" or h.utterance.limits.comparative == "cheaper"
    return (Act.SHIPPING_COST,) if least else ()


_OF_SENDING: Final = frozenset({Act.SHIPPING_COST, Act.DELIVERY_TIME})
_SOUNDS_LIKE_SENDING: Final = _OF_SENDING | {Act.CHEAPEST, Act.FREE_SHIPPING, Act.PAYMENT_METHOD, Act.SET_OR_SINGLES}


def names_country(h: Hearing) -> Reading:
    if not h.mentions("country") or not is_open(h):
        return ()
    usual = Act.SHIPPING_COST if Act.FREE_SHIPPING in h.state.acts else Act.SHIPS_TO
    return (next((act for act in h.state.acts if act in ABROAD), usual),)


def names_goods(h: Hearing) -> Reading:
    return (Act.OTHER_GOODS,) if h.mentions("goods") and is_open(h) and not h.resolved.targets else ()


def goes_on_about_page(h: Hearing) -> Reading:
    """ "Paypal?", "so it's cheaper there?", "sundays?" after a page or a fact of the store was told."""
    last = h.last
    short = h.utterance.is_fragment or (len(h.utterance.stems) <= FEW and (is_open(h) or _guessed_elsewhere(h)))
    of_kinds = h.said.wanted and not (h.utterance.formats and told_a_rule(h) and len(h.utterance.stems) <= FEW)
    named = h.utterance.targets or of_kinds or (h.points("place") and h.resolved.targets)
    if last is None or last not in OF_PAGES or not short or named:
        return ()
    if last in (Act.PAYMENT_METHOD, Act.MEMBERSHIP):
        return (last,)
    if last in ABROAD and asks_how_long(h):
        return (Act.DELIVERY_TIME,)
    by_facts = last in ABROAD | {Act.CONTACT} and (h.utterance.day is not None or not h.utterance.words)
    return (last if by_facts else Act.POLICY,)


def _guessed_elsewhere(h: Hearing) -> bool:
    """ "What do I get", "what's the catch" after the membership: no order or book is named, whatever a model hears in it."""
    own = h.own[0] if h.own else None
    elsewhere = own is not None and own.act in OF_ORDERS | _OF_NO_PAGE and h.names_no_thing
    return own is not None and own.stage == "model" and elsewhere and own.confidence < SURE_OF_ORDER


_OF_NO_PAGE: Final = OF_SHELF | {Act.BYE, Act.BORED, Act.OFF_TOPIC, Act.UNSURE}


SURE_OF_ORDER: Final = 0.85


def asks_how_long(h: Hearing) -> bool:
    """ "How long", "how fast", and nothing beside: after talk of shipping that is how long it takes."""
    stems = frozenset(h.utterance.stems)
    return bool(stems) and stems <= stems_of_duration(h.utterance.language)


def tells_only_how_long(utterance: Utterance) -> bool:
    """ "Uzumaki, how long is that": nothing else beside the title."""
    language = utterance.language
    return bool(utterance.telling) and {stem(one, language) for one in utterance.telling} <= stems_of_duration(language)


def stems_of_duration(language: str) -> frozenset[str]:
    return frozenset(stem(word, language) for word in language_named(language).duration)


_OF_A_MEMBERSHIP: Final = frozenset(
    {
        *(Act.POLICY, Act.MY_ACCOUNT, Act.REFUND_STATUS, Act.CANCEL_ORDER, Act.RETURN, Act.WORTH_IT),
        *(Act.SHIPPING_COST, Act.FREE_SHIPPING),
    }
)
"""What "can i cancel", "will i get a refund", "worth it?" ask right after the membership was told."""
FOR_A_PERSON: Final = frozenset({Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, Act.WAIT, Act.HANDED_OVER, Act.CONTACT})
"""After these "how long do i have to wait" is about an answer, and no parcel."""


def as_topical(act: Act, h: Hearing) -> Act:
    """ "Can i cancel" after the membership is about that; "do you deliver on sundays" asks for a rule, and no date."""
    if act in _OF_A_MEMBERSHIP and h.last is Act.MEMBERSHIP and h.names_no_thing and len(h.utterance.stems) <= SHORT:
        return Act.MEMBERSHIP
    of_person = h.last in FOR_A_PERSON and h.names_no_thing and h.utterance.day is None
    if act in (Act.DELIVERY_TIME, Act.ARRIVAL) and of_person:
        return Act.WAIT
    names = h.utterance.targets or h.resolved.targets
    if act is Act.START and h.last in OF_PAGES and h.state.page and not names:
        return Act.POLICY  # "so he starts from the right" after how manga are read
    every = h.utterance.day is not None and h.utterance.day.every
    return Act.POLICY if act is Act.DELIVERY_TIME and every else act


def told_a_rule(h: Hearing) -> bool:
    """Whether a page of the store was told, or what can be sent back: "for gifts?" asks what holds for these."""
    return h.last in SENT_BACK or (h.last is Act.POLICY and bool(h.state.page) and h.utterance.is_fragment)
