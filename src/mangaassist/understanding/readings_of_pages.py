"""Readings of messages that go on about a help page or a fact of the store (T-4)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.understanding.analysis import stem
from mangaassist.understanding.hearing import ABROAD, OF_ORDERS, OF_PAGES, Hearing
from mangaassist.understanding.readings import FEW, Reading, is_open
from mangaassist.understanding.vocabulary import language_named


def names_country(h: Hearing) -> Reading:
    if not h.mentions("country") or not is_open(h):
        return ()
    return (next((act for act in h.state.acts if act in ABROAD), Act.SHIPS_TO),)


def names_goods(h: Hearing) -> Reading:
    return (Act.OTHER_GOODS,) if h.mentions("goods") and is_open(h) and not h.resolved.targets else ()


def goes_on_about_page(h: Hearing) -> Reading:
    """ "Paypal?", "so it's cheaper there?", "sundays?" after a page or a fact of the store was told."""
    last = h.last
    short = h.utterance.is_fragment or (len(h.utterance.stems) <= FEW and (is_open(h) or _guessed_of_orders(h)))
    named = h.utterance.targets or h.said.wanted or (h.points("place") and h.resolved.targets)
    if last is None or last not in OF_PAGES or not short or named:
        return ()
    if last in (Act.PAYMENT_METHOD, Act.MEMBERSHIP):
        return (last,)
    if last in ABROAD and asks_how_long(h):
        return (Act.DELIVERY_TIME,)
    by_facts = last in ABROAD | {Act.CONTACT} and (h.utterance.day is not None or not h.utterance.words)
    return (last if by_facts else Act.POLICY,)


def _guessed_of_orders(h: Hearing) -> bool:
    """ "What do I get" after talk of the membership: no order is named, whatever a model hears in it."""
    own = h.own[0] if h.own else None
    return own is not None and own.stage == "model" and own.act in OF_ORDERS and own.confidence < SURE_OF_ORDER


SURE_OF_ORDER: Final = 0.85


def asks_how_long(h: Hearing) -> bool:
    """ "How long", "how fast", and nothing beside: after talk of shipping that is how long it takes."""
    stems, language = frozenset(h.utterance.stems), h.utterance.language
    return bool(stems) and stems <= {stem(word, language) for word in language_named(language).duration}
