"""Which of the offers that run now a message means, and which of what it names each covers."""

from collections.abc import Iterable, Mapping
from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Product, Promotion
from mangaassist.knowledge.words import coverage

Covered = Mapping[str, frozenset[str]]
"""The ASINs, of those that were asked about, that each promotion covers, by its id."""
_ANY_OFFER: Final = (
    "code codes coupon coupons voucher promo promotion discount discounts deal deals sale sales offer offers off reduced cheaper "
    "save saves saving end ends ending week until soon over works work working apply applies valid use using today now right "
    "running current currently"
)
_OF_ANY_OFFER: Final = frozenset(_ANY_OFFER.split())
"""Words that fit every offer and so tell none of them apart: "any code for that?" names none."""
MEANT: Final = 0.5
"""The part of the words for an offer that it must hold to be the one that is meant."""


def covered_by(narrowed: Iterable[Promotion], asins: Iterable[str]) -> Covered:
    """What the store answered when it was asked about ``asins``: each promotion names those of them that it covers."""
    asked = frozenset(asins)
    return {one.promotion_id: asked if one.everything else asked & set(one.asins) for one in narrowed}


def covered_by_parts(answers: Iterable[Iterable[Promotion]], parts: Iterable[Iterable[str]]) -> Covered:
    """The same of products that were asked about in several calls."""
    covered: dict[str, frozenset[str]] = {}
    for narrowed, asked in zip(answers, parts, strict=True):
        for promotion, asins in covered_by(narrowed, asked).items():
            covered[promotion] = covered.get(promotion, frozenset()) | asins
    return covered


def meant(
    running: Iterable[Promotion], meaning: Meaning, covered: Covered, about: Iterable[Product]
) -> tuple[Promotion, ...]:
    """The offers that speak to the message: those it names by code or by words, else those that cover what it is about.

    ``about`` are the products that are named, or of the kind that is asked about; without any, all that run. An offer that
    does not cover the book is not shown for it, unless it was asked about by its name.
    """
    offers = named(running, meaning)
    if meaning.codes and not offers:
        return tuple(running)  # none of the store's: one that works is told in its place
    told = bool(telling(meaning)) and not meaning.reckoning.whole  # "complete" says how much of it is bought
    if meaning.codes or (told and (offers or not meaning.asks(Act.OFFER_ON, Act.CODE))):
        return offers
    offers = tuple(running)
    asins = {product.asin for product in about}
    is_about_some = bool(meaning.targets) or meaning.seeks.narrows
    if not is_about_some and not (asins and meaning.asks(Act.OFFER_ON)):
        return offers

    def covers(offer: Promotion) -> int:
        return len(covered.get(offer.promotion_id, frozenset()) or asins & set(offer.asins))

    return tuple(sorted(filter(covers, offers), key=lambda one: (one.everything, -covers(one))))


def named(running: Iterable[Promotion], meaning: Meaning) -> tuple[Promotion, ...]:
    """The offers that the message names by code or by words; all where it names none."""
    offers = tuple(running)
    if meaning.codes:
        codes = {code.casefold() for code in meaning.codes}
        return tuple(one for one in offers if {(one.code or "").casefold(), one.promotion_id.casefold()} & codes)
    words = telling(meaning)
    return _by_words(offers, words) if words else offers


def telling(meaning: Meaning) -> tuple[str, ...]:
    """The words for the offer that is meant, without those that any offer answers to."""
    return tuple(word for word in meaning.offer_words if word.casefold() not in _OF_ANY_OFFER)


def _by_words(offers: tuple[Promotion, ...], words: tuple[str, ...]) -> tuple[Promotion, ...]:
    said = " ".join(words)
    held = [(coverage(said, f"{one.title} {one.description} {one.code or ''} {one.kind}"), one) for one in offers]
    best = max((part for part, _ in held), default=0.0)
    return tuple(one for part, one in held if part == best) if best >= MEANT else ()
