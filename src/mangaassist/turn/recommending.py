"""Products that the shopper may like: by what they liked, by their own words, and by the store's guides."""

import asyncio
import re
from typing import Final

from mangaassist.domain.products import Product, ProductQuery
from mangaassist.knowledge.words import coverage
from mangaassist.turn.finds import (
    ANSWERS,
    CANDIDATES,
    MEANT,
    SEEDS,
    Found,
    Search,
    ask,
    by_asin,
    by_chunks,
    by_series,
    distinct,
    find_loved,
    find_popular,
    of_other_series,
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

    Without a seed or a genre, and when the recommender is away, the knowledge base recommends by meaning.
    """
    seeds = await _seeds(search)
    genres = search.meaning.entities.genres
    words = telling(search.meaning.text)
    if not seeds and not genres and not words:
        popular, guided = await asyncio.gather(find_popular(search), _guided(search))
        return Found(distinct((*guided.products, *popular.products)), guided.reasons, popular.degraded)
    if words and not search.meaning.entities.series and not (seeds and LIKENS.search(search.meaning.text)):
        return await _described(search, words)
    answer = await search.services.recommended(tuple(seed.asin for seed in seeds), genres, CANDIDATES)
    if not answer.value:
        by_meaning = await by_chunks(search)
        return Found(of_other_series(by_meaning.products, seeds), degraded=(*answer.degraded, *by_meaning.degraded))
    reasons = {ranked.asin: ranked.reason for ranked in answer.value if ranked.reason}
    ranked = await by_asin(search, (ranked.asin for ranked in answer.value))
    return Found(of_other_series(ranked.products, seeds), reasons, (*answer.degraded, *ranked.degraded))


async def _described(search: Search, words: tuple[str, ...]) -> Found:
    """What is wanted, in the shopper's own words: the knowledge base by meaning, the recommender by genre."""
    genres = search.meaning.entities.genres
    by_meaning, guided = await asyncio.gather(by_chunks(search), _guided(search))
    fitting = [product for product in by_meaning.products if not genres or set(genres) & set(product.genres)]
    if search.meaning.wish:
        fitting = await that_answer(search, fitting, fitting, words)
    by_fit = sorted(fitting, key=lambda product: -fit(product, words))
    ordered = distinct((*guided.products, *by_fit))
    if not ordered:
        by_words = await ask(search, ProductQuery(text=" ".join(words), genres=genres, limit=CANDIDATES))
        ordered = tuple(product for product in by_words.products if covers(product, words) >= ANSWERS)
    if not genres:
        return Found(ordered, guided.reasons, by_meaning.degraded)
    loved = await find_loved(search)
    all_of_them = sorted(distinct((*ordered, *loved.products)), key=lambda product: -fit(product, words))
    return Found(tuple(all_of_them), guided.reasons, (*by_meaning.degraded, *loved.degraded))


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
    products = tuple(sorted(found.products, key=lambda product: order[product.series_id]))
    return Found(products, {product.asin: told for product in products}, found.degraded)


async def _seeds(search: Search) -> tuple[Product, ...]:
    if search.meaning.entities.series:
        return (await by_series(search, volume=None)).products[:SEEDS]
    asins = (search.meaning.subjects or search.page.cart_asins)[:SEEDS]
    return (await by_asin(search, asins)).products if asins else ()
