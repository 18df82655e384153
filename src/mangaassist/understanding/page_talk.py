"""Talk of the store's ways: what it is about, and a message joined with it, so that the pages can be asked (T-4)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import Meaning
from mangaassist.understanding.folding import fold
from mangaassist.understanding.hearing import ABROAD, OF_BOOKS, OF_SHELF, Hearing
from mangaassist.understanding.questions import LONGEST
from mangaassist.understanding.readings import FEW
from mangaassist.understanding.vocabulary import topic_in

MOST_STEMS: Final = 7
"""Telling words of a message that still may leave its topic unsaid."""
_ABOUT: Final[dict[Act, str]] = {
    Act.MEMBERSHIP: "membership",
    Act.DELIVERY_TIME: "delivery",
    Act.SHIPPING_COST: "shipping",
    Act.FREE_SHIPPING: "free shipping",
    Act.SHIPS_TO: "shipping",
    Act.PAYMENT_METHOD: "payment",
    Act.CHECKOUT_PROBLEM: "checkout",
    Act.CONTACT: "support",
    Act.MY_ACCOUNT: "my account",
    Act.CODE: "promo code",
    Act.OFFERS: "promo code",
    Act.OFFER_ON: "promo code",
    Act.PREORDERS: "preorder",
    Act.RETURN: "return",
    Act.RETURN_WINDOW: "return",
    Act.EXCHANGE: "exchange",
    Act.REFUND_STATUS: "refund",
    Act.CANCEL_ORDER: "cancel order",
    Act.CHANGE_ORDER: "change order",
    Act.DAMAGED: "damaged book",
    Act.WRONG_ITEM: "wrong book",
    Act.MISSING_ITEM: "missing book",
    Act.NOT_RECEIVED: "lost parcel",
    Act.LATE: "late parcel",
    Act.TRACK: "track order",
    Act.COMPLAINT: "complaint",
    Act.CALLBACK: "support",
    Act.HUMAN: "support",
}
"""What the talk is about where the store's facts or an order answered, and no page."""


def topic_of(folded: str, language: str) -> str:
    """What a page's title or a message is about: what it names, else what it asks of anything."""
    return topic_in(folded, language) or topic_in(folded, language, "page_matters")


def joined_questions(hearing: Hearing) -> tuple[str, ...]:
    """The message with what is talked of, and with the page that was told; none where it names a topic or a book of its own."""
    state, utterance = hearing.state, hearing.utterance
    talked = bool(state.page) or (bool(state.topic) and hearing.last not in OF_SHELF | OF_BOOKS)
    named = utterance.targets or any(one.kind in ("series", "author") for one in utterance.mentions)
    if not talked or named or (hearing.wishes and not utterance.is_fragment) or len(utterance.stems) > MOST_STEMS:
        return ()
    topic = topic_in(utterance.folded, utterance.language)
    of_its_own = bool(topic) and (topic != state.topic or len(utterance.stems) < FEW)
    text = utterance.text.strip()
    about = ("" if of_its_own else _with_place(state), state.page if utterance.is_fragment or not of_its_own else "")
    return tuple(dict.fromkeys(f"{one}: {text}"[:LONGEST] for one in about if one))


def _with_place(state: DialogueState) -> str:
    placed = state.places and any(act in ABROAD for act in state.acts)
    return f"{state.topic} to {state.places[-1][1]}" if placed else state.topic


def topic_left(state: DialogueState, meaning: Meaning, page_title: str, *, passing: bool) -> str:
    """What the talk is about once the message was answered: what the page is titled with, what the message names, or its act."""
    if passing:
        return state.topic
    told = topic_of(fold(page_title), meaning.language) if page_title else ""
    carried = state.topic if meaning.is_follow_up and meaning.page_questions else ""
    act = meaning.acts[0].act
    if act in OF_SHELF | OF_BOOKS:
        return ""
    of_act = _ABOUT.get(act, "") if meaning.fresh else state.topic  # "???" changes nothing
    return told or meaning.topic or carried or of_act
