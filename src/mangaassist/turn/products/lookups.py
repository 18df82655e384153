"""The single questions that every way of looking for products asks, and what it may look at and gives."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.derived import Relaxed
from mangaassist.domain.keeping import Whole
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Product, ProductQuery, Promotion, Ranked
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.domain.wishes import Label
from mangaassist.knowledge.words import coverage
from mangaassist.services.turn_services import TurnServices
from mangaassist.understanding.lexicon import Taste, judged_genres, tastes

CANDIDATES: Final = 12
SEEDS: Final = 3
WIDE: Final = 50
ANSWERS: Final = 0.5
"""The part of a description's words that a product of the catalog's search must hold to be an answer to it."""
MEANT: Final = 0.42
"""The cosine from which a chunk is about what a description means, whatever its words. Measured: random keys reach
0.31, descriptions of what the store sells 0.38 to 0.65, and those under it share words with what they mean."""

Products = tuple[Product, ...]
Tastes = Callable[[Label], Taste]
"""What a theme, mood or medium means in the catalog's words."""


class Found(Struct, frozen=True):
    """Products, best first, with why each was chosen (by ASIN).

    ``wishes`` says which wish each answers, by its place; ``named`` are the ASINs of those that were asked about by name;
    ``fits`` the wanted labels that each has.
    """

    products: Products = ()
    reasons: Mapping[str, str] = {}
    fits: Mapping[str, tuple[Label, ...]] = {}
    wishes: Mapping[str, int] = {}
    named: tuple[str, ...] = ()
    relaxed: tuple[Relaxed, ...] = ()
    over_limit: frozenset[str] = frozenset()
    wholes: Mapping[str, Whole] = {}
    """What all of a series costs, by its id, where the wish bounds that."""
    told: Mapping[str, str] = {}
    """By ASIN, what a guide of the store that is written for the wish says of it."""
    near: tuple[Label, ...] = ()
    """The wanted labels for which another one of their family may stand."""


NOTHING_FOUND: Final = Found()


def taste_of(label: Label) -> Taste:
    """Of a mood or medium what the lexicon says of it; a theme or genre is a word of the catalog itself."""
    known = {"mood": tastes, "medium": tastes, "genre": judged_genres}.get(label.kind)
    return (known().get(label.value) if known else None) or Taste(any=(label.value,))


def is_judged(taste: Taste, facts: StoreFacts) -> bool:
    """Whether the store tells of its books what decides this taste."""
    return bool(taste.names) and taste.names <= frozenset(facts.traits)


async def _no_guide(title: str) -> tuple[Chunk, ...]:
    return ()


async def _nobody_asked(words: Collection[str]) -> Mapping[str, str]:
    return {}


class Search(Struct, frozen=True, kw_only=True):
    """What a finder may look at. ``chunks`` waits for the knowledge search, which runs beside the services.

    What could not be asked is noted by ``services`` and its answer is simply not there.
    """

    meaning: Meaning
    services: TurnServices
    chunks: Callable[[], Awaitable[tuple[ScoredChunk, ...]]]
    promotions: Callable[[], Awaitable[tuple[Promotion, ...]]]
    owned: Callable[[], Awaitable[Products]]
    """What the shopper has bought."""
    series_in: Callable[[str], tuple[str, ...]]
    """The ids of the series that a text of the store names."""
    tastes: Tastes = taste_of
    facts: StoreFacts = NO_FACTS
    guide: Callable[[str], Awaitable[tuple[Chunk, ...]]] = _no_guide
    """The guide of this title, in its pieces."""
    praised: Callable[[Collection[str]], Awaitable[Mapping[str, str]]] = _nobody_asked
    """By series id, in which words readers praise one of these in it."""


async def ask(search: Search, query: ProductQuery) -> Products:
    return (await search.services.search(query)).value or ()


async def by_asin(search: Search, asins: Iterable[str]) -> Products:
    return (await search.services.products(tuple(asins))).value or ()


async def ranking(search: Search, seeds: Iterable[str], genres: Iterable[str], many: int) -> tuple[Ranked, ...]:
    """What the store's recommender puts first; nothing when it is away (S-1)."""
    return (await search.services.recommended(seeds, genres, many)).value or ()


async def entries_of(search: Search, series_ids: Iterable[str]) -> Products:
    """Where each series is to be begun, in the order of the ids."""
    wanted = tuple(dict.fromkeys(series_ids))[:WIDE]
    if not wanted:
        return ()
    found = await ask(search, ProductQuery(series_ids=wanted, one_per_series=True, limit=len(wanted)))
    by_series = {product.series_id: product for product in found}
    return tuple(by_series[one] for one in wanted if one in by_series)


async def by_meaning(search: Search, words: tuple[str, ...]) -> Products:
    """The first volumes of the series that the knowledge base thinks of (K-2); none where it only comes near.

    One or two words may be a name, so that something found must hold at least one of them.
    """
    chunks = await search.chunks()
    if words:
        heard = len(words) > 2 or any(coverage(" ".join(words), one.chunk.content) for one in chunks)
        if not heard or max((one.score for one in chunks), default=0.0) < MEANT:
            return ()
    hits = await by_asin(search, dict.fromkeys(one.chunk.asin for one in chunks if one.chunk.asin))
    return await begun(search, hits)


async def begun(search: Search, hits: Products) -> Products:
    """A hit on its 37th volume recommends the first; what has no first one stays."""
    firsts = {product.series_id: product for product in await entries_of(search, (one.series_id for one in hits))}
    return distinct(firsts.get(hit.series_id, hit) for hit in hits)


def covers(product: Product, words: Iterable[str]) -> float:
    """Which part of the words a product's names and kinds hold, 0 to 1."""
    kinds = (*product.authors, *product.genres, *product.themes, product.demographic, *product.aliases)
    return coverage(" ".join(words), " ".join((product.title, product.series_title, product.description, *kinds)))


def is_named_by(product: Product, words: Iterable[str]) -> bool:
    """Whether a title, an alias or an author holds all of the words."""
    names = (product.title, product.series_title, *product.aliases, *product.authors)
    return coverage(" ".join(words), " ".join(names)) == 1


def distinct(products: Iterable[Product]) -> Products:
    return tuple({product.asin: product for product in products}.values())


def one_a_series(products: Iterable[Product]) -> Products:
    """The first of each series, in their order."""
    firsts: dict[str, Product] = {}
    for product in products:
        firsts.setdefault(product.series_id, product)
    return tuple(firsts.values())


def in_turns(*lists: Iterable[Product]) -> Products:
    """One of each list in turn, each product once: a list whose next one is there already gives the one after it."""
    waiting = [iter(one) for one in lists]
    told: dict[str, Product] = {}
    while waiting:
        for products in tuple(waiting):
            fresh = next((one for one in products if one.asin not in told), None)
            if fresh is None:
                waiting.remove(products)
            else:
                told[fresh.asin] = fresh
    return tuple(told.values())


def together(founds: Iterable[Found]) -> Found:
    """What several ways of looking found, in turns; the first one's word on a product counts."""
    several = tuple(founds)
    if len(several) == 1:
        return several[0]
    joined = Found(in_turns(*(found.products for found in several)))
    for found in reversed(several):
        joined = structs.replace(
            joined,
            reasons={**joined.reasons, **found.reasons},
            told={**joined.told, **found.told},
            fits={**joined.fits, **found.fits},
            wishes={**joined.wishes, **found.wishes},
            named=tuple(dict.fromkeys((*found.named, *joined.named))),
            relaxed=(*found.relaxed, *joined.relaxed),
            over_limit=joined.over_limit | found.over_limit,
            wholes={**joined.wholes, **found.wholes},
            near=(*found.near, *joined.near),
        )
    return joined
