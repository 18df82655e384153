"""One sentence of an answer with what it may be about: what the check of every kind of claim reads (G-4)."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final

from msgspec import Struct

from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.folding import straightened
from mangaassist.guardrails.money import LARGE_WORDS, NUMBER_WORDS, in_words

Products = tuple[ProductEvidence, ...]


class Wrong(Struct, frozen=True):
    """What nothing backs: ``words`` take the place of ``sentence[start:end]``; None: nobody knows better, and the sentence goes."""

    start: int
    end: int
    words: str | None = None


class Known:
    """What one turn knows, and its texts in small letters: those are looked through only where a claim needs them."""

    def __init__(self, evidence: Evidence, meaning: Meaning | None = None) -> None:
        self.evidence = evidence
        self.meaning = meaning
        everything = (*evidence.products, *evidence.cart)
        self.products: Products = tuple({known.asin: known for known in everything}.values())

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Every title and series of the evidence."""
        return titles_of(self.evidence)

    @cached_property
    def pages(self) -> str:
        """What the store's pages and offers say."""
        evidence = self.evidence
        offers = (
            f"{one.title} {one.description} {one.terms} {one.code or ''} {one.percent_off or ''}%"
            for one in evidence.promotions
        )
        discounts = (discount.label for price in evidence.priced().values() for discount in price.discounts)
        chunks = (scored.chunk.content for scored in (*evidence.chunks, *evidence.guides))
        return _small((*chunks, *offers, *discounts))

    @cached_property
    def texts(self) -> str:
        """What anybody in the evidence says: pages, offers, descriptions, readers, why something was chosen."""
        books = (
            text
            for known in self.products
            for text in (
                known.product.description,
                known.reason,
                known.told,
                *(known.rating.snippets if known.rating else ()),
            )
        )
        return _small((self.pages, *books))

    def say(self, words: str, *, pages_alone: bool = False) -> bool:
        """Whether the words stand somewhere in the evidence."""
        return (
            re.search(rf"(?<!\w){re.escape(words.lower())}(?!\w)", self.pages if pages_alone else self.texts)
            is not None
        )


class Said(Struct, frozen=True):
    """A sentence of the answer, straightened; ``before`` are the products of which the sentences before it told last, ``since``
    is where the claim before this one ended."""

    text: str
    known: Known
    before: Products = ()
    since: int = 0

    @property
    def evidence(self) -> Evidence:
        return self.known.evidence

    @property
    def named(self) -> Products:
        return named_in(self.text, self.evidence)

    def about(self, place: int) -> Products:
        """Of which products is told at this place: of those named last before it, else of those named after it, of those
        that were told of before, or of the only ones that are known."""
        found = (
            last_named(self.text[:place], self.evidence) or named_in(self.text[place:], self.evidence) or self.before
        )
        return found or self._only()

    def listed(self, place: int) -> Products:
        """All that are named between the claim before this one and this place; else those of the sentence."""
        return named_in(self.text[self.since : place], self.evidence) or named_products(self.text, self.evidence)

    def _only(self) -> Products:
        products = self.known.evidence.products
        return products if len({known.product.series_id for known in products}) == 1 else ()


Check = Callable[[Said, re.Match[str]], Wrong | None]
"""Whether what was matched is backed (None), or what is wrong with it."""


def whole() -> Wrong:
    """The sentence is taken out: half of it would say something else."""
    return Wrong(0, 0)


def instead(found: re.Match[str], words: str | None, group: str = "it") -> Wrong:
    """The right words for what a group of the match says; where there are none, the sentence is taken out."""
    return whole() if words is None else Wrong(*found.span(group), words)


def number(text: str) -> int | None:
    """``34``, ``1,200`` and ``thirty-four``; None for what is no number."""
    figures = text.replace(",", "")
    if figures.isdigit():
        return int(figures)
    words = re.split(r"[\s-]+", text.lower())
    return int(in_words(text.lower())) if all(word in _NUMBERS for word in words) else None


_NUMBERS: Final = frozenset({*NUMBER_WORDS, *LARGE_WORDS})


def only(values: Iterable[str]) -> str | None:
    """The one value that there is."""
    found = tuple(dict.fromkeys(value for value in values if value))
    return found[0] if len(found) == 1 else None


def titles_of(evidence: Evidence) -> tuple[str, ...]:
    """Every title and series of the evidence."""
    everything = (*evidence.products, *evidence.cart)
    return tuple({name for known in everything for name in (known.product.title, known.product.series_title)})


def named_products(said: str, evidence: Evidence) -> Products:
    """The products that a sentence is about: those it names, else every one of the evidence."""
    return named_in(said, evidence) or (*evidence.products, *evidence.cart)


def named_in(said: str, evidence: Evidence) -> Products:
    """The products of the evidence that the words name by title, else by series and volume, else by series."""
    everything = {known.asin: known for known in (*evidence.products, *evidence.cart)}.values()
    lowered = straightened(said).lower()
    if titles := _spelt({known.product.title: known.product.title for known in everything}, lowered):
        return tuple(known for known in everything if known.product.title in titles)
    series = _spelt(_names(everything), lowered)
    by_series = tuple(known for known in everything if known.product.series_title in series)
    volumes = {int(found[1]) for found in _VOLUME.finditer(lowered)} if by_series else frozenset[int]()
    by_volume = tuple(known for known in by_series if known.product.volume in volumes)
    return by_volume or by_series


def last_named(said: str, evidence: Evidence) -> Products:
    """The products of the series that the words name last."""
    found = named_in(said, evidence)
    if len({known.product.series_id for known in found}) < 2:
        return found
    places = _spelt(_names(found), straightened(said).lower())
    last = max(places, key=lambda title: places[title], default="")
    return tuple(known for known in found if known.product.series_title == last) or found


def _names(products: Iterable[ProductEvidence]) -> dict[str, str]:
    """What the series may be called, each with its title: "Pluto" is "Pluto: Urasawa x Tezuka"."""
    names: dict[str, str] = {}
    for known in products:
        title = known.product.series_title
        for name in (*known.product.aliases, title.partition(":")[0], title):
            if len(name) >= _LEAST_NAME or name == title:
                names[name] = title
    return names


def _spelt(names: Mapping[str, str], lowered: str) -> dict[str, int]:
    """The titles of the names that are spelt out, and where each is last; a name that is only a part of a longer one is not."""
    found: dict[str, int] = {}
    for name in sorted(names, key=len, reverse=True):
        at = place_of(name, lowered)
        if at >= 0:
            found[names[name]] = max(at, found.get(names[name], -1))
            small = straightened(name).lower()
            lowered = lowered.replace(small, "\x00" * len(small))
    return found


def place_of(title: str, lowered: str) -> int:
    """Where a title is spelt last; -1 where it is not."""
    small = straightened(title).lower()
    at = lowered.rfind(small) if small else -1
    while at >= 0 and (lowered[at - 1 : at].isalnum() or lowered[at + len(small) : at + len(small) + 1].isalnum()):
        at = lowered.rfind(small, 0, at + len(small) - 1)
    return at


_LEAST_NAME: Final = 4
"""Letters of a name that is not the title itself: a shorter one may be any word."""
_VOLUME: Final = re.compile(r"\b(?:volumes?|vol\.?|book|no\.?|#)\s?(\d{1,3})\b")


def _small(texts: Iterable[str]) -> str:
    return straightened("\n".join(texts)).lower()
