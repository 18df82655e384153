"""What all of a series costs: the cheapest way to own every volume, of many short series at once (T-11)."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import groupby
from typing import Final

from msgspec import structs

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.keeping import Whole
from mangaassist.domain.products import Product, ProductQuery
from mangaassist.domain.wishes import Range
from mangaassist.turn.derived.series import cheapest_way
from mangaassist.turn.products.constraints import Constraints
from mangaassist.turn.products.lookups import Products, Search, ask, by_asin, one_a_series

MOST_PRICED: Final = 24
"""Series that are priced whole for one answer, the shortest first."""
LEAST_A_VOLUME: Final = Decimal(4)
"""What a volume costs at the very least, however many are bought at once: a longer series need not be priced."""


async def within_in_full(search: Search, asked: Constraints, products: Products) -> tuple[Products, dict[str, Whole]]:
    """The products whose whole series costs what the wish allows, and what the catalog lists of the kind that does; by what all
    of it costs where the cheapest is sought."""
    listed = await ask(search, structs.replace(asked.query, order="shortest", one_per_series=True))
    known = one_a_series((*products, *(one for one in listed if asked.admits(one))))
    short = sorted((one for one in known if _may_cost(one, asked.wish.price)), key=lambda one: one.series_volumes)
    wholes = await priced_whole(search, short[:MOST_PRICED])
    fitting = {
        one.series_id for one in short if (it := wholes.get(one.series_id)) and asked.wish.price.holds(it.amount)
    }
    found = [one for one in known if one.series_id in fitting]
    if asked.wish.ordering == "cheapest":
        found.sort(key=lambda one: wholes[one.series_id].amount)
    return tuple(found), wholes


def _may_cost(product: Product, price: Range) -> bool:
    return price.most is None or LEAST_A_VOLUME * max(1, product.series_volumes) <= price.most


async def priced_whole(search: Search, products: Iterable[Product]) -> dict[str, Whole]:
    """What each series costs, by its id; one that cannot be had whole, or has no prices today, is left out."""
    series = tuple(dict.fromkeys(one.series_id for one in products))
    if not series:
        return {}
    asins = (await search.services.asins(ProductQuery(series_ids=series, one_per_series=False))).value or ()
    sold = await by_asin(search, asins)
    prices = (await search.services.prices(one.asin for one in sold)).value or {}
    shelf = sorted(
        (ProductEvidence(product=one, price=prices[one.asin]) for one in sold if one.asin in prices),
        key=lambda one: one.product.series_id,
    )
    shelves = {each: tuple(group) for each, group in groupby(shelf, key=lambda one: one.product.series_id)}
    return {each: whole for each, known in shelves.items() if (whole := _whole(known)) is not None}


def _whole(shelf: tuple[ProductEvidence, ...]) -> Whole | None:
    volumes = max(one.product.series_volumes for one in shelf)
    if volumes == 1:
        only = min((one for one in shelf if one.price), key=lambda one: one.price.current if one.price else 0)
        assert only.price is not None
        return Whole(amount=only.price.current, currency=only.price.currency, asins=(only.asin,), volumes=1)
    way = cheapest_way(shelf)
    return way and Whole(amount=way.set_price, currency=way.currency, asins=way.asins, volumes=volumes)
