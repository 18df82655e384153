"""What the store's own guides suggest: on a subject that is looked for, or for who liked a series (T-5)."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.wishes import Label, Wish
from mangaassist.knowledge.words import coverage
from mangaassist.turn.products.lookups import CANDIDATES, MEANT, NOTHING_FOUND, Found, Search, entries_of

ON_TOPIC: Final = 0.6
"""The part of what is looked for that a guide must speak of to be the guide to it."""
BOLD: Final = re.compile(r"\*\*([^*\n]{2,80})\*\*")
"""How the store's guides set the titles that they suggest."""
_OF_ONE_STORY: Final = frozenset({"reading-order", "collecting"})
"""Guides through what there is of a series or a maker: nothing that is like them."""


async def guided(search: Search, wish: Wish) -> Found:
    """What the nearest guide suggests, where it speaks of most of what is looked for, behind the series that it is named after."""
    guide = await _nearest(search, wish)
    return NOTHING_FOUND if guide is None else await _suggested(search, guide, search.series_in(guide.title))


async def vouched_for(search: Search, wish: Wish) -> Mapping[Label, frozenset[str]]:
    """The wanted themes that the nearest guide is on by its title, each with the series that it suggests: "Dark fantasy after
    Berserk" knows more dark fantasy than bears that label."""
    themes = [label for label in wish.wanted if label.kind == "theme"]
    guide = await _nearest(search, wish) if themes else None
    if guide is None:
        return {}
    suggested = frozenset(search.series_in(" ; ".join(BOLD.findall(guide.content))))
    return {label: suggested for label in themes if coverage(label.value, guide.title) == 1}


async def _nearest(search: Search, wish: Wish) -> Chunk | None:
    by_maker = bool(wish.values("author"))
    guides = [
        scored
        for scored in await search.chunks()
        if scored.chunk.source_type == "editorial" and (by_maker or scored.chunk.category not in _OF_ONE_STORY)
    ]
    best = max(guides, key=lambda scored: scored.score, default=None)
    if best is None or best.score < MEANT or _speaks_of(wish, best.chunk) < ON_TOPIC:
        return None
    return best.chunk


async def guided_after(search: Search, series_ids: Iterable[str]) -> Found:
    """What a guide suggests to whoever liked one of these: "Dark fantasy after Berserk"."""
    liked = {*series_ids}
    pages = (scored.chunk for scored in await search.chunks() if scored.chunk.source_type == "editorial")
    after = next(
        (one for one in pages if one.category not in _OF_ONE_STORY and liked & {*search.series_in(one.title)}), None
    )
    return await _suggested(search, after) if after is not None else NOTHING_FOUND


async def _suggested(search: Search, guide: Chunk, before: tuple[str, ...] = ()) -> Found:
    bold = " ; ".join(BOLD.findall(guide.content))
    series = tuple(dict.fromkeys((*before, *search.series_in(bold))))
    products = await entries_of(search, series[:CANDIDATES])
    told = f"From our guide “{guide.title}”"
    return Found(products, reasons={product.asin: told for product in products})


def _speaks_of(wish: Wish, guide: Chunk) -> float:
    """The part of the wish that the guide has words for, a label's own or the shopper's, 0 to 1."""
    text = f"{guide.title} {guide.content}"
    parts = [max(coverage(word, text) for word in _words_for(label)) for label in wish.wanted]
    parts += [coverage(word, text) for word in wish.words]
    return sum(parts) / len(parts) if parts else 0.0


def _words_for(label: Label) -> tuple[str, ...]:
    return (label.value, label.said) if label.said else (label.value,)
