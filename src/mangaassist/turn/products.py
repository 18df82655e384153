"""Which products an answer is about: one finder a way of looking, chosen by the plan (T-2)."""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from msgspec import structs

from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import ProductQuery, Promotion
from mangaassist.knowledge.words import coverage
from mangaassist.turn.finds import CANDIDATES, Found, Search, ask, by_asin, by_series, nothing
from mangaassist.turn.plans import Finder
from mangaassist.turn.recommending import recommended
from mangaassist.turn.searching import searched
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
    found = await _FINDERS[finder](search)
    if finder not in DEMANDING or not search.demands.any:
        return found
    return structs.replace(found, products=search.demands.met(found.products))


async def _subjects(search: Search) -> Found:
    """The very products that the message is about: named, pointed at, or on the page (T-6)."""
    meaning = search.meaning
    volume = next(iter(meaning.entities.volumes), None)
    if meaning.entities.series:
        return await _newest(search, await by_series(search, volume))
    if meaning.subjects:
        return await by_asin(search, meaning.subjects, volume)
    if meaning.entities.authors:
        return await ask(search, ProductQuery(authors=meaning.entities.authors, limit=3))
    return Found()


async def _newest(search: Search, found: Found) -> Found:
    """The last volume of the one series, when that is what is asked for."""
    if len(found.products) != 1 or not LATEST.search(search.meaning.text):
        return found
    product = found.products[0]
    query = ProductQuery(series_ids=(product.series_id,), volume=product.series_volumes, limit=1)
    last = await ask(search, query)
    return last if last.products else found


async def _promoted(search: Search) -> Found:
    """Products that a promotion names: of the kind that the shopper asks about, where there are such."""
    entities = search.meaning.entities
    if entities.series or search.meaning.subjects:
        return await _subjects(search)
    promotions = await search.promotions()
    asins = dict.fromkeys(asin for promotion in promotions for asin in promotion.asins[:PROMOTED_EACH])
    if not asins or _asks_elsewhere(search.meaning, promotions):
        return Found()
    found = await by_asin(search, asins)
    of_the_kind = tuple(
        product
        for product in found.products
        if (not entities.formats or product.format in entities.formats) and set(entities.genres) <= set(product.genres)
    )
    return structs.replace(found, products=(of_the_kind or found.products)[:CANDIDATES])


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


async def _added(search: Search) -> Found:
    """What shall go into the cart."""
    return await _subjects(search) if ADDS.search(search.meaning.text) else Found()


_FINDERS: Final[dict[Finder, Callable[[Search], Awaitable[Found]]]] = {
    "none": nothing,
    "subjects": _subjects,
    "search": searched,
    "recommend": recommended,
    "promoted": _promoted,
    "cart": _added,
}
