"""Products that the shopper looks for: by name, kind and words, cheaper ones, and what comes near (T-4, T-5)."""

import asyncio
from collections.abc import Iterable

from msgspec import structs

from mangaassist.domain.products import Format, ProductQuery
from mangaassist.turn.products.lookups import (
    CANDIDATES,
    WIDE,
    Products,
    Search,
    ask,
    by_asin,
    by_chunks,
    distinct,
    find_loved,
    find_popular,
    in_turns,
    nothing,
    of_other_series,
    ranking,
    relaxed,
    that_answer,
)
from mangaassist.turn.wishes import SAME_MAKER, fit, telling

VOLUMES = 4


async def searched(search: Search) -> Products:
    """The catalog's own search, and what the knowledge base finds by meaning, taken in turns."""
    entities = search.entities
    if search.meaning.cheaper and search.meaning.subjects and not entities.series:
        return await _of_the_same_kind(search)
    words = telling(search.meaning.text)
    names_kind = bool(entities.genres or entities.demographics or entities.authors or entities.series)
    if not words and not names_kind:
        return await find_popular(search)
    exact = ProductQuery(
        text=search.meaning.text if words else "",
        series_ids=tuple(mention.series_id for mention in entities.series),
        genres=entities.genres,
        demographics=entities.demographics,
        formats=entities.formats,
        authors=entities.authors,
        volume=next(iter(entities.volumes), None),
        one_per_series=len(entities.series) != 1 or bool(entities.volumes),
        limit=CANDIDATES,
    )
    if len(entities.series) == 1 and len(entities.volumes) > 1:
        return await _volumes(search, exact, entities.volumes[:VOLUMES])
    if entities.series or entities.formats or entities.authors:
        return await relaxed(search, exact)
    if search.meaning.subjects and SAME_MAKER.search(search.meaning.text):
        return await _by_the_same(search)
    by_words, by_meaning, loved = await asyncio.gather(
        ask(search, exact), by_chunks(search), find_loved(search) if entities.genres else nothing(search)
    )
    fitting = [product for product in by_meaning if set(entities.genres) <= set(product.genres)]
    popular = [product for product in loved if set(entities.genres) <= set(product.genres)]
    both = in_turns(fitting, popular, by_words)
    answering = both if not search.meaning.wish else await that_answer(search, both, fitting, words)
    return tuple(sorted(answering, key=lambda product: -fit(product, words)))


async def _volumes(search: Search, query: ProductQuery, volumes: Iterable[int]) -> Products:
    """ "Vol. 3 and vol. 4": each of them."""
    asked = [ask(search, structs.replace(query, volume=volume, one_per_series=True)) for volume in volumes]
    found = await asyncio.gather(*asked)
    return distinct(product for one in found for product in one[:1]) or await relaxed(search, query)


async def _by_the_same(search: Search) -> Products:
    """What else the maker of the thing in front of the shopper made."""
    pointed = await by_asin(search, search.meaning.subjects[:1])
    authors = tuple(author for product in pointed for author in product.authors[:1])
    if not authors:
        return pointed
    return of_other_series(await ask(search, ProductQuery(authors=authors, limit=CANDIDATES)), pointed)


async def _of_the_same_kind(search: Search) -> Products:
    """What goes well with what was shown, and at the end what was shown: where something cheaper is looked for (T-4).

    A box or an omnibus is measured by its like, and by the single volumes of its series.
    """
    pointed, shown = await asyncio.gather(
        by_asin(search, search.meaning.subjects[:1]), by_asin(search, search.shown or search.meaning.subjects)
    )
    first = next(iter(pointed or shown), None)
    if first is None:
        return shown
    ranked = await by_asin(search, (one.asin for one in await ranking(search, (first.asin,), (), WIDE)))
    if first.format not in (Format.OMNIBUS, Format.BOX_SET):
        return distinct((*ranked, *shown))
    series = tuple(product.series_id for product in ranked)
    own, alike = await asyncio.gather(
        ask(search, ProductQuery(series_ids=(first.series_id,), limit=1)),
        ask(search, ProductQuery(series_ids=series, formats=(first.format,), limit=2 * CANDIDATES)),
    )
    return distinct((*own, *alike, *shown))


async def near(search: Search) -> Products:
    """What comes nearest when everything that was named costs too much: the same series in any edition."""
    series = tuple(mention.series_id for mention in search.entities.series)
    if not series:
        return ()
    return await ask(search, ProductQuery(series_ids=series, one_per_series=len(series) > 1, limit=CANDIDATES))
