"""What every way of looking for products shares: what it may look at, what it gives, and the single questions it asks."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import zip_longest

from msgspec import Struct, structs

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Product, ProductQuery, Promotion
from mangaassist.knowledge.words import coverage
from mangaassist.services.store import TurnServices
from mangaassist.turn.demands import Demands
from mangaassist.turn.wishes import covers
from mangaassist.wire.page import PageContext

CANDIDATES = 12
SEEDS = 3
WIDE = 50
ANSWERS = 0.5
"""The part of a description's words that a product of the catalog's search must hold to be an answer to it."""
MEANT = 0.42
"""The cosine from which a chunk is about what a description means, whatever its words. Measured: random keys reach
0.31, descriptions of what the store sells 0.38 to 0.65, and those under it share words with what they mean."""


class Found(Struct, frozen=True):
    """Products, best first, with why each was chosen (by ASIN), and what could not be asked."""

    products: tuple[Product, ...] = ()
    reasons: dict[str, str] = {}
    degraded: tuple[Degradation, ...] = ()


class Search(Struct, frozen=True, kw_only=True):
    """What a finder may look at. ``chunks`` waits for the knowledge search, which runs beside the services."""

    meaning: Meaning
    page: PageContext
    shown: tuple[str, ...]
    """The ASINs of the cards that the shopper saw last."""
    demands: Demands
    series_in: Callable[[str], tuple[str, ...]]
    """The ids of the series that a text names."""
    services: TurnServices
    chunks: Callable[[], Awaitable[tuple[ScoredChunk, ...]]]
    promotions: Callable[[], Awaitable[tuple[Promotion, ...]]]


async def nothing(search: Search) -> Found:
    return Found()


async def by_series(search: Search, volume: int | None) -> Found:
    """The series that are named; in another edition or volume where there is none like the one asked for."""
    entities = search.meaning.entities
    numbered = volume is not None and bool(
        entities.formats
    )  # "deluxe vol 2" is the second deluxe, not what holds volume 2
    query = ProductQuery(
        text=f"{entities.series[0].title} {entities.formats[0].replace('_', ' ')}, vol. {volume}" if numbered else "",
        series_ids=tuple(mention.series_id for mention in entities.series),
        formats=entities.formats,
        volume=None if numbered else volume,
        one_per_series=True,
        limit=CANDIDATES,
    )
    return await relaxed(search, query)


async def relaxed(search: Search, query: ProductQuery) -> Found:
    """What fits, else what would fit in any format and volume: the answer says what is missing."""
    found = await ask(search, query)
    if found.products or found.degraded or not (query.formats or query.volume is not None):
        return found
    return await ask(search, structs.replace(query, text="", formats=(), volume=None))


async def by_asin(search: Search, asins: Iterable[str], volume: int | None = None) -> Found:
    """Products by ASIN; with ``volume``, that volume of their series ("vol 3 instead")."""
    answer = await search.services.products(tuple(asins))
    found = Found(tuple(answer.value or ()), degraded=answer.degraded)
    if volume is None or not found.products:
        return found
    series = tuple(dict.fromkeys(product.series_id for product in found.products))
    other = await ask(search, ProductQuery(series_ids=series, volume=volume, one_per_series=True))
    return other if other.products else found


async def ask(search: Search, query: ProductQuery) -> Found:
    answer = await search.services.search(query)
    return Found(tuple(answer.value or ()), degraded=answer.degraded)


async def by_chunks(search: Search) -> Found:
    """The first volumes of the series that the knowledge base thinks of (K-2)."""
    asins = tuple(dict.fromkeys(scored.chunk.asin for scored in await search.chunks() if scored.chunk.asin))
    if not asins:
        return Found()
    found = await by_asin(search, asins)
    return await entry_products(search, found)


async def entry_products(search: Search, found: Found) -> Found:
    """Where a series is to be begun: a hit on its 37th volume recommends the first."""
    series = tuple(dict.fromkeys(product.series_id for product in found.products))
    if not series:
        return found
    entries = await ask(search, ProductQuery(series_ids=series, one_per_series=True, limit=min(50, len(series))))
    by_series = {product.series_id: product for product in entries.products}
    products = tuple(
        by_series.get(series_id) or next(p for p in found.products if p.series_id == series_id) for series_id in series
    )
    return Found(products, degraded=(*found.degraded, *entries.degraded))


async def find_loved(search: Search) -> Found:
    """What readers like best of the genres that are named."""
    wide = WIDE if search.demands.any else CANDIDATES
    answer = await search.services.recommended((), search.meaning.entities.genres, wide)
    ranked = await by_asin(search, (ranked.asin for ranked in answer.value or ()))
    return Found(ranked.products, degraded=(*answer.degraded, *ranked.degraded))


async def find_popular(search: Search) -> Found:
    """What the recommender puts first when nobody says what they want: personal for a customer, loved for a guest.

    With a format, that format of those series.
    """
    formats = search.meaning.entities.formats
    seeds = seeds_shown(search)
    many = WIDE if formats or seeds or search.demands.any else CANDIDATES
    answer = await search.services.recommended(seeds, (), many)
    if not answer.value:
        other = await ask(search, ProductQuery(formats=formats, limit=CANDIDATES))
        return structs.replace(other, degraded=(*answer.degraded, *other.degraded))
    ranked = await by_asin(search, (ranked.asin for ranked in answer.value))
    degraded = (*answer.degraded, *ranked.degraded)
    if not formats or not ranked.products:
        shown = await by_asin(search, seeds) if seeds else Found()
        return Found(distinct((*shown.products, *ranked.products)), degraded=degraded)
    order = {product.series_id: place for place, product in enumerate(ranked.products)}
    made = await ask(search, ProductQuery(series_ids=tuple(order), formats=formats, limit=WIDE))
    best = sorted(made.products, key=lambda product: order.get(product.series_id, WIDE))
    return Found(tuple(best[:CANDIDATES]), degraded=(*degraded, *made.degraded))


def seeds_shown(search: Search) -> tuple[str, ...]:
    """ "Something shorter" and "under $10" go on from what was shown."""
    limited = search.meaning.entities.price_ceiling is not None or search.meaning.entities.price_floor is not None
    return search.shown[:SEEDS] if search.demands.any or limited else ()


async def that_answer(
    search: Search, products: Iterable[Product], by_meaning: Iterable[Product], words: tuple[str, ...]
) -> tuple[Product, ...]:
    """The products that a message means which names nothing of the catalog; none rather than some that only sound alike.

    A title must be there with all its words, a description with half of them or by what it means. One or two words may
    be a title, so that something found must hold at least one of them.
    """
    enough = ANSWERS if len(words) > 2 else 1.0
    if search.meaning.wish == "title":
        return tuple(product for product in products if covers(product, words) == 1)
    chunks = await search.chunks()
    meant = max((scored.score for scored in chunks), default=0.0)
    heard = len(words) > 2 or any(coverage(" ".join(words), scored.chunk.content) for scored in chunks)
    near = {product.asin for product in by_meaning} if meant >= MEANT and heard else set[str]()
    return tuple(product for product in products if product.asin in near or covers(product, words) >= enough)


def of_other_series(products: Iterable[Product], seeds: Iterable[Product]) -> tuple[Product, ...]:
    """Nobody who asks for something like a series wants that series."""
    known = {seed.series_id for seed in seeds}
    return tuple(product for product in products if product.series_id not in known)


def distinct(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple({product.asin: product for product in products}.values())


def in_turns(*lists: Iterable[Product]) -> tuple[Product, ...]:
    """The first of each list, then the second of each, each product once."""
    rows: Iterable[tuple[Product | None, ...]] = zip_longest(*lists)
    return distinct(product for row in rows for product in row if product is not None)
