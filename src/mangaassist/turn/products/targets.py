"""The very products that a message is about: series, volumes, editions and ASINs that it names or points at (T-4, T-6)."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.products import Format, Product, ProductQuery, book_number
from mangaassist.domain.wishes import Label, Range, Wish
from mangaassist.turn.derived.series import next_volume, span
from mangaassist.turn.products.constraints import constraints
from mangaassist.turn.products.lookups import Found, Products, Search, ask, by_asin, distinct
from mangaassist.turn.products.prices import by_price

MOST_TARGETS: Final = 50
MOST_WITHIN: Final = 2
COUNTED_APART: Final[Mapping[Format | None, str]] = {Format.OMNIBUS: "omnibus", Format.BOX_SET: "box set"}
"""The second omnibus is not what holds the second volume: these are numbered on their own."""


async def targeted(search: Search) -> Found:
    """One product a target, in their order; in another volume or edition where there is none like the one asked for."""
    targets = search.meaning.targets[:MOST_TARGETS]
    looked_up = await asyncio.gather(*(_looked_up(search, target) for target in targets))
    products = distinct(found[0] for found in looked_up if found)
    products = await _other_volumes(search, products)
    products, over_limit = await _within_limit(search, products)
    asked = constraints(search.meaning.seeks, (), search.facts, search.tastes)
    fits = {product.asin: asked.fits(product) for product in products} if search.meaning.asks(Act.CONTENT) else {}
    return Found(products, named=tuple(product.asin for product in products), fits=fits, over_limit=over_limit)


async def _within_limit(search: Search, products: Products) -> tuple[Products, frozenset[str]]:
    """ "Berserk deluxe under $20": where it costs more, it stays the answer, with what of its series costs less beside it."""
    limit = search.meaning.seeks.price
    if limit.most is None or not products:
        return products, frozenset()
    asins = tuple(product.asin for product in products)
    ranked = await search.services.ranked_prices(asins, "asc", least=None, most=limit.most, limit=len(asins))
    within = {price.asin for price in ranked.value or ()}
    if search.services.failed("pricing") or within:
        return products, frozenset()
    of_series = Wish(
        wanted=(Label("series", products[0].series_id),), price=Range(None, limit.most), ordering="cheapest"
    )
    others = await by_price(search, constraints(of_series, (), search.facts, search.tastes))
    return distinct((*products, *others[:MOST_WITHIN])), frozenset(asins)


async def _looked_up(search: Search, target: Target) -> Products:
    """What is asked for, else what comes nearest: the volume in another edition, the edition in another volume, the series."""
    if target.asin is not None:
        found = await by_asin(search, (target.asin,))
        return await _instead(search, target, found) if found else ()
    if target.series_id is None:
        return ()
    for nearest in _ever_wider(target):
        found = await _exactly(search, nearest, target.series_id)
        if found or search.services.failed("catalog"):
            return found
    return ()


def _ever_wider(target: Target) -> Iterator[Target]:
    yield target
    if target.volume is not None and target.format is not None:
        yield structs.replace(target, format=None)
        yield structs.replace(target, volume=None)
    if target.volume is not None or target.format is not None:
        yield structs.replace(target, volume=None, format=None)


async def _exactly(search: Search, target: Target, series_id: str) -> Products:
    return _matching(await ask(search, _query(target, series_id)), target)


def _query(target: Target, series_id: str) -> ProductQuery:
    formats = () if target.format is None else (target.format,)
    if target.volume is not None and (edition := COUNTED_APART.get(target.format)) is not None:
        text = f"{target.title} {edition}, vol. {target.volume}"
        return ProductQuery(text=text, series_ids=(series_id,), formats=formats, one_per_series=False)
    one = target.volume is None
    return ProductQuery(series_ids=(series_id,), formats=formats, volume=target.volume, one_per_series=one)


def _matching(found: Products, target: Target) -> Products:
    """The volume itself before a set that holds it; of numbered sets the one with the number."""
    if target.volume is None:
        return found
    if target.format in COUNTED_APART:
        numbered = tuple(one for one in found if book_number(one) == target.volume)
        return numbered or found
    return tuple(sorted(found, key=lambda one: (span(one) or (0, 0))[1] - (span(one) or (0, 0))[0]))


async def _instead(search: Search, target: Target, found: Products) -> Products:
    """Another volume or edition of what is pointed at: "vol 3 instead", "as a box set"."""
    first = found[0]
    same_volume = target.volume is None or _holds(first, target.volume)
    if same_volume and target.format in (None, first.format):
        return found
    other = structs.replace(target, asin=None, title=first.series_title)
    return await _exactly(search, other, first.series_id) or found


def _holds(product: Product, volume: int) -> bool:
    held = span(product)
    return held is not None and held[0] <= volume <= held[1]


async def _other_volumes(search: Search, products: Products) -> Products:
    """The newest volume, or the one that comes next, where that is asked for."""
    meaning = search.meaning
    if not products or not meaning.asks(Act.LATEST, Act.NEXT_VOLUME, Act.UPCOMING):
        return products
    first, volumes = products[0], [target.volume for target in meaning.targets if target.volume is not None]
    if meaning.asks(Act.UPCOMING) and 0 < max(volumes, default=0) <= first.series_volumes:
        return products
    if meaning.asks(Act.LATEST, Act.UPCOMING):
        wanted = first.series_volumes or None
    else:
        wanted = next_volume(first, max(volumes, default=None), await search.owned())
    if wanted is None:
        return products
    asked = Target(series_id=first.series_id, title=first.series_title, volume=wanted)
    found = [one for one in await _exactly(search, asked, first.series_id) if _holds(one, wanted)]
    others = (product for product in products if product.series_id != first.series_id)
    return distinct((found[0], *others)) if found else products


def series_of(targets: Iterable[Target], products: Products) -> tuple[str, ...]:
    """The series that are talked of, those of the looked-up products first."""
    named = (target.series_id for target in targets if target.series_id is not None)
    return tuple(dict.fromkeys((*(product.series_id for product in products), *named)))
