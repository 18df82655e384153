"""Products that the shopper may like: by what they liked, by their own words, and by the store's guides."""

import asyncio
import re
from typing import Final

from mangaassist.domain.products import ProductQuery
from mangaassist.knowledge.words import coverage
from mangaassist.turn.products.lookups import (
    ANSWERS,
    CANDIDATES,
    MEANT,
    SEEDS,
    WIDE,
    Found,
    Products,
    Search,
    ask,
    by_asin,
    by_chunks,
    by_series,
    distinct,
    find_loved,
    find_popular,
    in_turns,
    of_other_series,
    ranking,
    that_answer,
)
from mangaassist.turn.wishes import covers, fit, telling, topic

ON_TOPIC = 0.6
"""The part of what a message is about that a guide must speak of to be the guide to it."""
LIKENS: Final = re.compile(
    r"\b(?:like|similar|more of|more from|same|goes? (?:well )?with|these|those|this one|that one)\b", re.IGNORECASE
)
BOLD: Final = re.compile(r"\*\*([^*\n]{2,80})\*\*")


async def recommended(search: Search) -> Found:
    """What the store's recommender ranks, seeded by what the shopper named, looks at or has in the cart (S-1).

    Without a seed or a genre, and when the recommender is away, the knowledge base recommends by meaning. When the catalog
    could not say what was named, nothing is recommended: whatever it were, it would not be like that.
    """
    seeds = await _seeds(search)
    if seeds is None:
        return Found()
    genres = search.entities.genres
    words = telling(search.meaning.text)
    if not seeds and not genres and not words:
        popular, guided = await asyncio.gather(find_popular(search), _guided(search))
        return Found(distinct((*guided.products, *popular)), guided.reasons)
    if words and not search.entities.series and not (seeds and LIKENS.search(search.meaning.text)):
        return await _described(search, words)
    first = await ranking(search, (seed.asin for seed in seeds), genres, CANDIDATES)
    if not first:
        return Found(await _of_their_kind(search, seeds))
    reasons = {one.asin: one.reason for one in first if one.reason}
    return Found(of_other_series(await by_asin(search, (one.asin for one in first)), seeds), reasons)


async def _of_their_kind(search: Search, seeds: Products) -> Products:
    """In the recommender's place (S-1): what the knowledge base thinks of, and what the catalog finds by genres and themes.

    What has most of them in common with what it shall be like comes first; what has no genre in common does not come.
    """
    genres, first = search.entities.genres, seeds[:1]
    wanted = {label for seed in first for label in (*seed.genres, *seed.themes)}
    query = ProductQuery(text=" ".join(sorted(wanted)), genres=genres, limit=WIDE)
    by_meaning, by_labels = await asyncio.gather(by_chunks(search), ask(search, query))
    kind = set(genres) or {genre for seed in first for genre in seed.genres}
    alike = (product for product in in_turns(by_meaning, by_labels) if not kind or kind & set(product.genres))
    in_common = sorted(alike, key=lambda product: -len(wanted & {*product.genres, *product.themes}))
    return of_other_series(in_common, seeds)[:CANDIDATES]


async def _described(search: Search, words: tuple[str, ...]) -> Found:
    """What is wanted, in the shopper's own words: the knowledge base by meaning, the recommender by genre."""
    genres = search.entities.genres
    by_meaning, guided = await asyncio.gather(by_chunks(search), _guided(search))
    fitting = [product for product in by_meaning if not genres or set(genres) & set(product.genres)]
    if search.meaning.wish:
        fitting = await that_answer(search, fitting, fitting, words)
    by_fit = sorted(fitting, key=lambda product: -fit(product, words))
    ordered = distinct((*guided.products, *by_fit))
    if not ordered:
        by_words = await ask(search, ProductQuery(text=" ".join(words), genres=genres, limit=CANDIDATES))
        ordered = tuple(product for product in by_words if covers(product, words) >= ANSWERS)
    if not genres:
        return Found(ordered, guided.reasons)
    loved = await find_loved(search)
    all_of_them = sorted(distinct((*ordered, *loved)), key=lambda product: -fit(product, words))
    return Found(tuple(all_of_them), guided.reasons)


async def _guided(search: Search) -> Found:
    """What the store's own guide on the subject suggests, when the knowledge base found one."""
    guides = [scored for scored in await search.chunks() if scored.chunk.source_type == "editorial"]
    best = max(guides, key=lambda scored: scored.score, default=None)
    subject = topic(search.meaning.text)
    if best is None or best.score < MEANT or coverage(subject, f"{best.chunk.title} {best.chunk.content}") < ON_TOPIC:
        return Found()
    bold = " ; ".join(BOLD.findall(best.chunk.content))
    series = search.series_in(bold)[:CANDIDATES]
    if not series:
        return Found()
    found = await ask(search, ProductQuery(series_ids=series, limit=CANDIDATES))
    order = {series_id: place for place, series_id in enumerate(series)}
    told = f"From our guide “{best.chunk.title}”"
    products = tuple(sorted(found, key=lambda product: order[product.series_id]))
    return Found(products, {product.asin: told for product in products})


async def _seeds(search: Search) -> Products | None:
    """What the recommendation shall be like; None when the catalog could not tell what the shopper named or points at."""
    pointed = search.meaning.subjects
    if search.entities.series:
        seeds = (await by_series(search, volume=None))[:SEEDS]
    else:
        asins = (pointed or search.page.cart_asins)[:SEEDS]
        seeds = await by_asin(search, asins) if asins else ()
    is_named = bool(search.entities.series or pointed)
    return None if is_named and not seeds and search.services.failed("catalog") else seeds
