"""Which products an answer is about: one finder a way of looking, chosen by the plan (T-2)."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from msgspec import structs

from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import ProductQuery, Promotion
from mangaassist.knowledge.words import coverage
from mangaassist.turn.plans import Finder
from mangaassist.turn.products.catalog_search import searched
from mangaassist.turn.products.lookups import CANDIDATES, Found, Products, Search, ask, by_asin, by_series, nothing
from mangaassist.turn.products.recommend import recommended
from mangaassist.turn.products.section import before_the_shelf
from mangaassist.turn.wishes import telling

PROMOTED_EACH = 6
DEMANDING: Final = frozenset({"search", "recommend"})
LATEST: Final = re.compile(r"\b(?:latest|newest|last|final|most recent) (?:volume|vol|book)\b", re.IGNORECASE)
OFFERS: Final = (
    "discount discounts code codes coupon coupons voucher vouchers sale sales deal deals offer offers promo promos promotion "
    "promotions running active off save saving savings going black friday week weekend month current currently there right"
)
OFFER_WORDS: Final = frozenset(OFFERS.split())
ADDS: Final = re.compile(r"\b(?:add|put)\b.{0,40}\b(?:cart|basket|bag)\b", re.IGNORECASE)


async def find(finder: Finder, search: Search) -> Found:
    """What the finder found and the message's demands leave of it."""
    found = await _FINDERS[finder](before_the_shelf(search))
    if finder not in DEMANDING or not search.demands.any:
        return found
    return structs.replace(found, products=search.demands.met(found.products))


def _plain(find: Callable[[Search], Awaitable[Products]]) -> Callable[[Search], Awaitable[Found]]:
    """A finder that gives no reasons."""

    async def found(search: Search) -> Found:
        return Found(await find(search))

    return found


async def _subjects(search: Search) -> Products:
    """The very products that the message is about: named, pointed at, or on the page (T-6)."""
    meaning, entities = search.meaning, search.entities
    volume = next(iter(entities.volumes), None)
    if entities.series:
        return await _newest(search, await by_series(search, volume))
    if meaning.subjects:
        return await by_asin(search, meaning.subjects, volume)
    if entities.authors:
        return await ask(search, ProductQuery(authors=entities.authors, limit=3))
    return ()


async def _newest(search: Search, found: Products) -> Products:
    """The last volume of the one series, when that is what is asked for."""
    if len(found) != 1 or not LATEST.search(search.meaning.text):
        return found
    query = ProductQuery(series_ids=(found[0].series_id,), volume=found[0].series_volumes, limit=1)
    return await ask(search, query) or found


async def _promoted(search: Search) -> Products:
    """Products that a promotion names: of the kind that the shopper asks about, where there are such."""
    entities = search.entities
    if entities.series or search.meaning.subjects:
        return await _subjects(search)
    promotions = await search.promotions()
    asins = dict.fromkeys(asin for promotion in promotions for asin in promotion.asins[:PROMOTED_EACH])
    if not asins or _asks_elsewhere(search.meaning, promotions):
        return ()
    found = await by_asin(search, asins)
    of_the_kind = tuple(
        product
        for product in found
        if (not entities.formats or product.format in entities.formats) and set(entities.genres) <= set(product.genres)
    )
    return (of_the_kind or found)[:CANDIDATES]


def beyond_offers(meaning: Meaning) -> tuple[str, ...]:
    """What a question on discounts says beside that, unless it is a kind of manga: "student", but not "horror"."""
    entities = meaning.entities
    if entities.formats or entities.genres or entities.series or meaning.subjects:
        return ()
    return tuple(word for word in telling(meaning.text) if word not in OFFER_WORDS)


def _asks_elsewhere(meaning: Meaning, promotions: Iterable[Promotion]) -> bool:
    """A question on discounts to which no promotion speaks ("for students?") is not answered with promoted books."""
    words = " ".join(beyond_offers(meaning))
    return bool(words) and not any(coverage(words, f"{one.title} {one.description} {one.code}") for one in promotions)


async def _added(search: Search) -> Products:
    """What shall go into the cart."""
    return await _subjects(search) if ADDS.search(search.meaning.text) else ()


_FINDERS: Final[dict[Finder, Callable[[Search], Awaitable[Found]]]] = {
    "none": _plain(nothing),
    "subjects": _plain(_subjects),
    "search": _plain(searched),
    "recommend": recommended,
    "promoted": _plain(_promoted),
    "cart": _plain(_added),
}
