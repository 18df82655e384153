"""What the store's own guides suggest: for the wish that one is written for, or to who liked a series (T-5)."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from msgspec import Struct

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.products import Product
from mangaassist.domain.sentences import sentences_of
from mangaassist.domain.wishes import Label, Wish
from mangaassist.turn.products.constraints import Constraints
from mangaassist.turn.products.lookups import CANDIDATES, NOTHING_FOUND, Found, Products, Search, entries_of
from mangaassist.understanding.lexicon import families

BOLD: Final = re.compile(r"\*\*([^*\n]{2,80})\*\*")
"""How the store's guides set the titles that they suggest, and what a title is suggested for: "For fans of robots:"."""
MOST_SAID: Final = 180
"""Letters that a guide is told to say of one book, beyond its first sentence."""
LEAST_SAID: Final = 20
ANSWERED_BY: Final = 2
"""So many suggestions of a guide answer a wish by themselves."""
_MATTERS: Final = frozenset({"theme", "medium"})
"""Kinds of labels of which a guide that is written for the wish suggests at least one book."""
_LABEL: Final = ":"
_NAMES: Final = r"(?:[A-Z][\w'’-]*,? (?:and (?:drawn by )?)?)*[A-Z][\w'’-]*"
_OF_ONE_STORY: Final = frozenset({"reading-order", "collecting"})
"""Guides through what there is of a series or a maker: nothing that is like them."""


class _Suggestion(Struct, frozen=True):
    series_id: str
    text: str
    """What is said of it, and before that what it is suggested for."""
    lead: int
    """How far in the text its name may begin: behind there it is spoken of in passing."""


async def written_for(search: Search, wish: Wish) -> Found:
    """What the guide suggests that is written for the wish, in its order, each with its words on it; nothing without one."""
    return await _found(search, await search.guide(wish.guide.title)) if wish.guide is not None else NOTHING_FOUND


def covered_by_guide(wished: Constraints, search: Search) -> tuple[Label, ...]:
    """The wanted labels for which the guide may stand: none that is a condition, or that readers tell."""
    covers = wished.wish.guide.covers if wished.wish.guide is not None else ()
    return tuple(
        one
        for one in wished.wish.wanted
        if one.key in covers and one not in wished.fixed and not search.tastes(one).praised
    )


class Suited(Struct, frozen=True):
    """The suggestions of a guide that have all that is wanted, and those of the others that may stand beside them."""

    fitting: Products = ()
    others: Products = ()


def suited(wished: Constraints, covered: Collection[Label], products: Products) -> Suited:
    """Of the suggestions of a guide what suits the wish, what has most of it first. Nothing, where none is about one of the things
    that are wanted, or as any of them shall feel: the guide is written for something else then."""
    has = {one.asin: frozenset(_had(wished, covered, one)) for one in products}
    had = frozenset[Label]().union(*has.values())
    matters = [label in had for label in covered if label.kind in _MATTERS]
    felt = {label for label, flavour in wished.tastes if label in covered and flavour.traits}
    if (matters and not (any if wished.wish.either else all)(matters)) or (felt and not felt & had):
        return Suited()
    ordered = products if wished.wish.ordering else tuple(sorted(products, key=lambda one: -len(has[one.asin])))
    least = min(1, len(covered)) if wished.wish.either else len(covered)
    fitting = tuple(one for one in ordered if len(has[one.asin]) >= least)
    kept = (one for one in ordered if one not in fitting and (not felt or felt & has[one.asin]))
    return Suited(fitting, tuple(kept) if not any(label.kind == "medium" for label in covered) else ())


def _had(wished: Constraints, covered: Collection[Label], product: Product) -> Iterator[Label]:
    """Which of the labels a book bears, one of the same family counting as well: what cooks is about food."""
    keys = {label.key for label in wished.fits(product)}
    own = {*product.genres, *product.themes}
    for label in covered:
        kin = frozenset[str]().union(*(one for one in families() if label.value in one))
        if label.key in keys or own & kin:
            yield label


async def guided_after(search: Search, series_ids: Iterable[str]) -> Found:
    """What a guide suggests to whoever liked one of these: "Dark fantasy after Berserk"."""
    liked = {*series_ids}
    pages = (scored.chunk for scored in await search.chunks() if scored.chunk.source_type == "editorial")
    after = next(
        (one for one in pages if one.category not in _OF_ONE_STORY and liked & {*search.series_in(one.title)}), None
    )
    return await _found(search, (after,)) if after is not None else NOTHING_FOUND


async def _found(search: Search, pages: tuple[Chunk, ...]) -> Found:
    suggested: dict[str, _Suggestion] = {}
    for page in pages:
        for one in _suggestions(page.content, search):
            suggested.setdefault(one.series_id, one)
    products = await entries_of(search, tuple(suggested)[:CANDIDATES])
    return Found(
        products,
        reasons={one.asin: f"From our guide “{pages[0].title}”" for one in products},
        told=_told(products, suggested),
    )


def _suggestions(content: str, search: Search) -> Iterator[_Suggestion]:
    """The series that are set in bold, or stand behind what they are suggested for, each with its part of the paragraph."""
    for paragraph in content.splitlines():
        marks = [(found.start(), found[1].strip()) for found in BOLD.finditer(paragraph)]
        for (start, title), (end, _) in pairwise((*marks, (len(paragraph), ""))):
            part = " ".join(paragraph[start:end].replace("**", "").split())
            for series in search.series_in(part if title.endswith(_LABEL) else title):
                yield _Suggestion(series, part, len(title) + 2)


def _told(products: Iterable[Product], suggested: Mapping[str, _Suggestion]) -> Mapping[str, str]:
    known = tuple(products)
    names = {name for one in known for name in _names(one)}
    said = ((one, _said_of(one, suggested[one.series_id])) for one in known)
    return {
        one.asin: words for one, words in said if len(words) > LEAST_SAID and not any(name in words for name in names)
    }


def _said_of(product: Product, suggestion: _Suggestion) -> str:
    """What a guide says of a book: a sentence or two, behind its title and makers."""
    name = next((one for one in _names(product) if one in suggestion.text), "")
    before, _, behind = suggestion.text.partition(name) if name else ("", "", "")
    if len(before) > suggestion.lead:
        return ""
    said, *more = sentences_of(_without_makers(product, behind)) or ("",)
    return f"{said} {more[0]}" if more and len(said) + len(more[0]) < MOST_SAID else said


def _without_makers(product: Product, text: str) -> str:
    """What stands behind a title and its makers: "by Kiyohiko Azuma follows a girl" follows a girl."""
    authors = "|".join(map(re.escape, product.authors))
    makers = "|".join(filter(None, (f"(?i:{authors})" if authors else "", "the same author", _NAMES)))
    return re.sub(
        rf"^[\s,:.]*(?:(?:written |drawn )?by (?:(?:{makers})(?:,? and (?:drawn by )?)?)+)?[\s,:.]*", "", text, count=1
    )


def _names(product: Product) -> tuple[str, ...]:
    return tuple(dict.fromkeys((product.series_title, product.series_title.partition(":")[0])))
