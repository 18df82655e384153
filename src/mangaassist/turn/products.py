"""Which products an answer is about: one finder a way of looking, chosen by the plan (T-2)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from itertools import zip_longest
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import Degradation
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format, Product, ProductQuery, Promotion
from mangaassist.knowledge.words import coverage
from mangaassist.services.store import TurnServices
from mangaassist.turn.demands import Demands
from mangaassist.turn.plans import Finder
from mangaassist.turn.wishes import covers, fit, telling, topic
from mangaassist.wire.page import PageContext

CANDIDATES = 12
ON_TOPIC = 0.6
"""The part of what a message is about that a guide must speak of to be the guide to it."""
SEEDS = 3
WIDE = 50
PROMOTED_EACH = 6
DEMANDING: Final = frozenset({"search", "recommend"})
LIKENS: Final = re.compile(r"\b(?:like|similar|more of|more from|same)\b", re.IGNORECASE)
LATEST: Final = re.compile(r"\b(?:latest|newest|last|final|most recent) (?:volume|vol|book)\b", re.IGNORECASE)
OFFERS: Final = (
    "discount discounts code codes coupon coupons voucher vouchers sale sales deal deals offer offers promo promos promotion "
    "promotions running active off save saving savings going black friday week weekend month current currently there right"
)
OFFER_WORDS: Final = frozenset(OFFERS.split())
BOLD: Final = re.compile(r"\*\*([^*\n]{2,80})\*\*")
ADDS: Final = re.compile(r"\b(?:add|put)\b.{0,40}\b(?:cart|basket|bag)\b", re.IGNORECASE)
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


async def find(finder: Finder, search: Search) -> Found:
    """What the finder found and the message's demands leave of it."""
    found = await _FINDERS[finder](search)
    if finder not in DEMANDING or not search.demands.any:
        return found
    return structs.replace(found, products=search.demands.met(found.products))


async def _none(search: Search) -> Found:
    return Found()


async def _subjects(search: Search) -> Found:
    """The very products that the message is about: named, pointed at, or on the page (T-6)."""
    meaning = search.meaning
    volume = next(iter(meaning.entities.volumes), None)
    if meaning.entities.series:
        return await _newest(search, await _by_series(search, volume))
    if meaning.subjects:
        return await _by_asin(search, meaning.subjects, volume)
    if meaning.entities.authors:
        return await _asked(search, ProductQuery(authors=meaning.entities.authors, limit=3))
    return Found()


async def _by_series(search: Search, volume: int | None) -> Found:
    """The series that are named; in another edition or volume where there is none like the one asked for."""
    entities = search.meaning.entities
    query = ProductQuery(
        series_ids=tuple(mention.series_id for mention in entities.series),
        formats=entities.formats,
        volume=volume,
        one_per_series=True,
        limit=CANDIDATES,
    )
    return await _relaxed(search, query)


async def _relaxed(search: Search, query: ProductQuery) -> Found:
    """What fits, else what would fit in any format and volume: the answer says what is missing."""
    found = await _asked(search, query)
    if found.products or found.degraded or not (query.formats or query.volume is not None):
        return found
    return await _asked(search, structs.replace(query, formats=(), volume=None))


async def _newest(search: Search, found: Found) -> Found:
    """The last volume of the one series, when that is what is asked for."""
    if len(found.products) != 1 or not LATEST.search(search.meaning.text):
        return found
    product = found.products[0]
    query = ProductQuery(series_ids=(product.series_id,), volume=product.series_volumes, limit=1)
    last = await _asked(search, query)
    return last if last.products else found


async def _by_asin(search: Search, asins: Iterable[str], volume: int | None = None) -> Found:
    """Products by ASIN; with ``volume``, that volume of their series ("vol 3 instead")."""
    answer = await search.services.products(tuple(asins))
    found = Found(tuple(answer.value or ()), degraded=answer.degraded)
    if volume is None or not found.products:
        return found
    series = tuple(dict.fromkeys(product.series_id for product in found.products))
    other = await _asked(search, ProductQuery(series_ids=series, volume=volume, one_per_series=True))
    return other if other.products else found


async def _asked(search: Search, query: ProductQuery) -> Found:
    answer = await search.services.search(query)
    return Found(tuple(answer.value or ()), degraded=answer.degraded)


async def _searched(search: Search) -> Found:
    """The catalog's own search, and what the knowledge base finds by meaning, taken in turns."""
    entities = search.meaning.entities
    if search.meaning.cheaper and search.meaning.subjects and not entities.series:
        return await _of_the_same_kind(search)
    words = telling(search.meaning.text)
    names_kind = bool(entities.genres or entities.demographics or entities.authors or entities.series)
    if not words and not names_kind:
        return await _popular(search)
    exact = ProductQuery(
        text=search.meaning.text if words else "",
        series_ids=tuple(mention.series_id for mention in entities.series),
        genres=entities.genres,
        demographics=entities.demographics,
        formats=entities.formats,
        authors=entities.authors,
        volume=next(iter(entities.volumes), None),
        one_per_series=not entities.series or bool(entities.volumes),
        limit=CANDIDATES,
    )
    if entities.series or entities.formats or entities.authors:
        return await _relaxed(search, exact)
    by_words, by_meaning, loved = await asyncio.gather(
        _asked(search, exact), _by_chunks(search), _loved(search) if entities.genres else _none(search)
    )
    degraded = (*by_words.degraded, *by_meaning.degraded, *loved.degraded)
    fitting = [product for product in by_meaning.products if set(entities.genres) <= set(product.genres)]
    popular = [product for product in loved.products if set(entities.genres) <= set(product.genres)]
    both = _in_turns(fitting, popular, by_words.products)
    answering = both if not search.meaning.wish else await _answering(search, both, fitting, words)
    return Found(tuple(sorted(answering, key=lambda product: -fit(product, words))), degraded=degraded)


async def _loved(search: Search) -> Found:
    """What readers like best of the genres that are named."""
    wide = WIDE if search.demands.any else CANDIDATES
    answer = await search.services.recommended((), search.meaning.entities.genres, wide)
    ranked = await _by_asin(search, (ranked.asin for ranked in answer.value or ()))
    return Found(ranked.products, degraded=(*answer.degraded, *ranked.degraded))


async def _answering(
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


async def _popular(search: Search) -> Found:
    """What the recommender puts first when nobody says what they want: personal for a customer, loved for a guest.

    With a format, that format of those series.
    """
    formats = search.meaning.entities.formats
    seeds = _seeds_shown(search)
    many = WIDE if formats or seeds or search.demands.any else CANDIDATES
    answer = await search.services.recommended(seeds, (), many)
    if not answer.value:
        other = await _asked(search, ProductQuery(formats=formats, limit=CANDIDATES))
        return structs.replace(other, degraded=(*answer.degraded, *other.degraded))
    ranked = await _by_asin(search, (ranked.asin for ranked in answer.value))
    degraded = (*answer.degraded, *ranked.degraded)
    if not formats or not ranked.products:
        shown = await _by_asin(search, seeds) if seeds else Found()
        return Found(_distinct((*shown.products, *ranked.products)), degraded=degraded)
    order = {product.series_id: place for place, product in enumerate(ranked.products)}
    made = await _asked(search, ProductQuery(series_ids=tuple(order), formats=formats, limit=WIDE))
    best = sorted(made.products, key=lambda product: order.get(product.series_id, WIDE))
    return Found(tuple(best[:CANDIDATES]), degraded=(*degraded, *made.degraded))


def _seeds_shown(search: Search) -> tuple[str, ...]:
    """ "Something shorter" and "under $10" go on from what was shown."""
    limited = search.meaning.entities.price_ceiling is not None or search.meaning.entities.price_floor is not None
    return search.shown[:SEEDS] if search.demands.any or limited else ()


async def _of_the_same_kind(search: Search) -> Found:
    """What goes well with what was shown, and at the end what was shown: where something cheaper is looked for (T-4).

    A box or an omnibus is measured by its like, and by the single volumes of its series.
    """
    pointed, shown = await asyncio.gather(
        _by_asin(search, search.meaning.subjects[:1]), _by_asin(search, search.shown or search.meaning.subjects)
    )
    first = next(iter(pointed.products or shown.products), None)
    if first is None:
        return shown
    answer = await search.services.recommended((first.asin,), (), WIDE)
    ranked = await _by_asin(search, (ranked.asin for ranked in answer.value or ()))
    degraded = (*shown.degraded, *answer.degraded, *ranked.degraded)
    if first.format not in (Format.OMNIBUS, Format.BOX_SET):
        return Found(_distinct((*ranked.products, *shown.products)), degraded=degraded)
    series = tuple(product.series_id for product in ranked.products)
    own, alike = await asyncio.gather(
        _asked(search, ProductQuery(series_ids=(first.series_id,), limit=1)),
        _asked(search, ProductQuery(series_ids=series, formats=(first.format,), limit=2 * CANDIDATES)),
    )
    return Found(_distinct((*own.products, *alike.products, *shown.products)), degraded=degraded)


async def near(search: Search) -> Found:
    """What comes nearest when everything that was named costs too much: the same series in any edition."""
    series = tuple(mention.series_id for mention in search.meaning.entities.series)
    if not series:
        return Found()
    return await _asked(search, ProductQuery(series_ids=series, one_per_series=len(series) > 1, limit=CANDIDATES))


async def _by_chunks(search: Search) -> Found:
    """The first volumes of the series that the knowledge base thinks of (K-2)."""
    asins = tuple(dict.fromkeys(scored.chunk.asin for scored in await search.chunks() if scored.chunk.asin))
    if not asins:
        return Found()
    found = await _by_asin(search, asins)
    return await _entry_products(search, found)


async def _entry_products(search: Search, found: Found) -> Found:
    """Where a series is to be begun: a hit on its 37th volume recommends the first."""
    series = tuple(dict.fromkeys(product.series_id for product in found.products))
    if not series:
        return found
    entries = await _asked(search, ProductQuery(series_ids=series, one_per_series=True, limit=min(50, len(series))))
    by_series = {product.series_id: product for product in entries.products}
    products = tuple(
        by_series.get(series_id) or next(p for p in found.products if p.series_id == series_id) for series_id in series
    )
    return Found(products, degraded=(*found.degraded, *entries.degraded))


async def _recommended(search: Search) -> Found:
    """What the store's recommender ranks, seeded by what the shopper named, looks at or has in the cart (S-1).

    Without a seed or a genre, and when the recommender is away, the knowledge base recommends by meaning.
    """
    seeds = await _seeds(search)
    genres = search.meaning.entities.genres
    words = telling(search.meaning.text)
    if not seeds and not genres and not words:
        popular, guided = await asyncio.gather(_popular(search), _guided(search))
        return Found(_distinct((*guided.products, *popular.products)), guided.reasons, popular.degraded)
    if words and not search.meaning.entities.series and not (seeds and LIKENS.search(search.meaning.text)):
        return await _described(search, words)
    answer = await search.services.recommended(tuple(seed.asin for seed in seeds), genres, CANDIDATES)
    if not answer.value:
        by_meaning = await _by_chunks(search)
        return Found(_of_other_series(by_meaning.products, seeds), degraded=(*answer.degraded, *by_meaning.degraded))
    reasons = {ranked.asin: ranked.reason for ranked in answer.value if ranked.reason}
    ranked = await _by_asin(search, (ranked.asin for ranked in answer.value))
    return Found(_of_other_series(ranked.products, seeds), reasons, (*answer.degraded, *ranked.degraded))


async def _described(search: Search, words: tuple[str, ...]) -> Found:
    """What is wanted, in the shopper's own words: the knowledge base by meaning, the recommender by genre."""
    genres = search.meaning.entities.genres
    by_meaning, guided = await asyncio.gather(_by_chunks(search), _guided(search))
    fitting = [product for product in by_meaning.products if not genres or set(genres) & set(product.genres)]
    if search.meaning.wish:
        fitting = await _answering(search, fitting, fitting, words)
    by_fit = sorted(fitting, key=lambda product: -fit(product, words))
    ordered = _distinct((*guided.products, *by_fit))
    if not ordered:
        by_words = await _asked(search, ProductQuery(text=" ".join(words), genres=genres, limit=CANDIDATES))
        ordered = tuple(product for product in by_words.products if covers(product, words) >= ANSWERS)
    if not genres:
        return Found(ordered, guided.reasons, by_meaning.degraded)
    loved = await _loved(search)
    all_of_them = sorted(_distinct((*ordered, *loved.products)), key=lambda product: -fit(product, words))
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
    found = await _asked(search, ProductQuery(series_ids=series, limit=CANDIDATES))
    order = {series_id: place for place, series_id in enumerate(series)}
    told = f"From our guide “{best.chunk.title}”"
    products = tuple(sorted(found.products, key=lambda product: order[product.series_id]))
    return Found(products, {product.asin: told for product in products}, found.degraded)


async def _seeds(search: Search) -> tuple[Product, ...]:
    if search.meaning.entities.series:
        return (await _by_series(search, volume=None)).products[:SEEDS]
    asins = (search.meaning.subjects or search.page.cart_asins)[:SEEDS]
    return (await _by_asin(search, asins)).products if asins else ()


def _of_other_series(products: Iterable[Product], seeds: Iterable[Product]) -> tuple[Product, ...]:
    """Nobody who asks for something like a series wants that series."""
    known = {seed.series_id for seed in seeds}
    return tuple(product for product in products if product.series_id not in known)


def _distinct(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple({product.asin: product for product in products}.values())


def _in_turns(*lists: Iterable[Product]) -> tuple[Product, ...]:
    """The first of each list, then the second of each, each product once."""
    rows: Iterable[tuple[Product | None, ...]] = zip_longest(*lists)
    return _distinct(product for row in rows for product in row if product is not None)


async def _promoted(search: Search) -> Found:
    """Products that a promotion names: of the kind that the shopper asks about, where there are such."""
    entities = search.meaning.entities
    if entities.series or search.meaning.subjects:
        return await _subjects(search)
    promotions = await search.promotions()
    asins = dict.fromkeys(asin for promotion in promotions for asin in promotion.asins[:PROMOTED_EACH])
    if not asins or _asks_elsewhere(search.meaning, promotions):
        return Found()
    found = await _by_asin(search, asins)
    of_the_kind = tuple(
        product
        for product in found.products
        if (not entities.formats or product.format in entities.formats) and set(entities.genres) <= set(product.genres)
    )
    return structs.replace(found, products=(of_the_kind or found.products)[:CANDIDATES])


def _asks_elsewhere(meaning: Meaning, promotions: Iterable[Promotion]) -> bool:
    """A question on discounts to which no promotion speaks ("for students?") is not answered with promoted books."""
    if meaning.entities.formats or meaning.entities.genres:
        return False
    words = " ".join(word for word in telling(meaning.text) if word not in OFFER_WORDS)
    return bool(words) and not any(coverage(words, f"{one.title} {one.description} {one.code}") for one in promotions)


async def _added(search: Search) -> Found:
    """What shall go into the cart."""
    return await _subjects(search) if ADDS.search(search.meaning.text) else Found()


_FINDERS: Final[dict[Finder, Callable[[Search], Awaitable[Found]]]] = {
    "none": _none,
    "subjects": _subjects,
    "search": _searched,
    "recommend": _recommended,
    "promoted": _promoted,
    "cart": _added,
}
