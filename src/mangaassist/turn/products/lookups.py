"""The single questions that every way of looking for products asks, and what it may look at and gives."""

from collections.abc import Awaitable, Callable, Iterable
from itertools import zip_longest

from msgspec import Struct, structs

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.meaning import Entities, Meaning
from mangaassist.domain.products import Product, ProductQuery, Promotion, Ranked
from mangaassist.knowledge.words import coverage
from mangaassist.services.turn_services import TurnServices
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

Products = tuple[Product, ...]


class Found(Struct, frozen=True):
    """Products, best first, with why each was chosen (by ASIN)."""

    products: Products = ()
    reasons: dict[str, str] = {}


class Search(Struct, frozen=True, kw_only=True):
    """What a finder may look at. ``chunks`` waits for the knowledge search, which runs beside the services.

    What could not be asked is noted by ``services`` and its answer is simply not there.
    """

    meaning: Meaning
    entities: Entities
    """What the message names and, where it names nothing to go by, the kind before whose shelf the shopper stands (T-6)."""
    page: PageContext
    shown: tuple[str, ...]
    """The ASINs of the cards that the shopper saw last."""
    demands: Demands
    series_in: Callable[[str], tuple[str, ...]]
    """The ids of the series that a text names."""
    services: TurnServices
    chunks: Callable[[], Awaitable[tuple[ScoredChunk, ...]]]
    promotions: Callable[[], Awaitable[tuple[Promotion, ...]]]


async def nothing(search: Search) -> Products:
    return ()


async def by_series(search: Search, volume: int | None) -> Products:
    """The series that are named; in another edition or volume where there is none like the one asked for."""
    entities = search.entities
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


async def relaxed(search: Search, query: ProductQuery) -> Products:
    """What fits, else what would fit in any format and volume: the answer says what is missing."""
    answer = await search.services.search(query)
    if answer.value or answer.failure or not (query.formats or query.volume is not None):
        return answer.value or ()
    return await ask(search, structs.replace(query, text="", formats=(), volume=None))


async def by_asin(search: Search, asins: Iterable[str], volume: int | None = None) -> Products:
    """Products by ASIN; with ``volume``, that volume of their series ("vol 3 instead")."""
    found = (await search.services.products(tuple(asins))).value or ()
    if volume is None or not found:
        return found
    series = tuple(dict.fromkeys(product.series_id for product in found))
    return await ask(search, ProductQuery(series_ids=series, volume=volume, one_per_series=True)) or found


async def ask(search: Search, query: ProductQuery) -> Products:
    return (await search.services.search(query)).value or ()


async def by_chunks(search: Search) -> Products:
    """The first volumes of the series that the knowledge base thinks of (K-2)."""
    asins = tuple(dict.fromkeys(scored.chunk.asin for scored in await search.chunks() if scored.chunk.asin))
    return await entry_products(search, await by_asin(search, asins)) if asins else ()


async def entry_products(search: Search, found: Products) -> Products:
    """Where a series is to be begun: a hit on its 37th volume recommends the first."""
    hits = {product.series_id: product for product in reversed(found)}
    series = tuple(dict.fromkeys(product.series_id for product in found))
    if not series:
        return found
    entries = await ask(search, ProductQuery(series_ids=series, one_per_series=True, limit=min(50, len(series))))
    by_series = hits | {product.series_id: product for product in entries}
    return tuple(by_series[series_id] for series_id in series)


async def ranking(search: Search, seeds: Iterable[str], genres: Iterable[str], many: int) -> tuple[Ranked, ...]:
    """What the store's recommender puts first; nothing when it is away (S-1)."""
    return (await search.services.recommended(seeds, genres, many)).value or ()


async def find_loved(search: Search) -> Products:
    """What readers like best of the genres that are named."""
    wide = WIDE if search.demands.any else CANDIDATES
    return await by_asin(search, (one.asin for one in await ranking(search, (), search.entities.genres, wide)))


async def find_popular(search: Search) -> Products:
    """What the recommender puts first when nobody says what they want: personal for a customer, loved for a guest.

    With a format or a demographic, that of those series.
    """
    kind = ProductQuery(formats=search.entities.formats, demographics=search.entities.demographics, limit=WIDE)
    is_narrow = bool(kind.formats or kind.demographics)
    seeds = seeds_shown(search)
    many = WIDE if is_narrow or seeds or search.demands.any else CANDIDATES
    first = await ranking(search, seeds, (), many)
    if not first:
        return await ask(search, structs.replace(kind, limit=CANDIDATES))
    best = await by_asin(search, (one.asin for one in first))
    if not is_narrow or not best:
        return distinct((*(await by_asin(search, seeds) if seeds else ()), *best))
    order = {product.series_id: place for place, product in enumerate(best)}
    made = await ask(search, structs.replace(kind, series_ids=tuple(order)))
    return tuple(sorted(made, key=lambda product: order.get(product.series_id, WIDE))[:CANDIDATES])


def seeds_shown(search: Search) -> tuple[str, ...]:
    """ "Something shorter" and "under $10" go on from what was shown."""
    limited = search.entities.price_ceiling is not None or search.entities.price_floor is not None
    return search.shown[:SEEDS] if search.demands.any or limited else ()


async def that_answer(
    search: Search, products: Iterable[Product], by_meaning: Iterable[Product], words: tuple[str, ...]
) -> Products:
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


def of_other_series(products: Iterable[Product], seeds: Iterable[Product]) -> Products:
    """Nobody who asks for something like a series wants that series."""
    known = {seed.series_id for seed in seeds}
    return tuple(product for product in products if product.series_id not in known)


def distinct(products: Iterable[Product]) -> Products:
    return tuple({product.asin: product for product in products}.values())


def in_turns(*lists: Iterable[Product]) -> Products:
    """The first of each list, then the second of each, each product once."""
    rows: Iterable[tuple[Product | None, ...]] = zip_longest(*lists)
    return distinct(product for row in rows for product in row if product is not None)
