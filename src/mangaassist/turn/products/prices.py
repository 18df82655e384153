"""Products by what they cost: over the whole catalogue, not over what a search returned (T-11)."""

from typing import Final, Literal

from msgspec import structs

from mangaassist.domain.products import Price
from mangaassist.domain.wishes import ANY_RANGE, Range
from mangaassist.turn.products.constraints import Constraints
from mangaassist.turn.products.lookups import Products, Search, by_asin, one_a_series

AT_ONCE: Final = 25
"""Products that are looked up at once, down the list of prices, until there are enough."""
ENOUGH: Final = 10
PriceOrder = Literal["asc", "desc"]
RANKED: Final = 100
"""Prices that are asked for: the least expensive volumes of one series cost all the same."""


async def by_price(search: Search, asked: Constraints) -> Products:
    """What costs least, or most, of everything that meets the constraints: one a series, unless one series is asked for.

    Without live prices nobody can tell, and nothing is found.
    """
    order: PriceOrder = "desc" if asked.wish.ordering == "dearest" else "asc"
    ranked = await _ranked(search, await _everything(search, asked), order, asked.wish.price)
    admitted: Products = ()
    for first in range(0, len(ranked), AT_ONCE):
        found = await by_asin(search, (price.asin for price in ranked[first : first + AT_ONCE]))
        amounts = {price.asin: price.current for price in ranked[first : first + AT_ONCE]}
        sign = -1 if order == "desc" else 1
        # Of volumes that cost the same the first is of most use.
        found = sorted(found, key=lambda one: (sign * amounts[one.asin], one.volume or 0))
        admitted = (*admitted, *(one for one in found if asked.admits(one) and asked.begins(one)))
        admitted = admitted if asked.query.series_ids else one_a_series(admitted)
        if len(admitted) >= ENOUGH:
            break
    return admitted


async def affordable(search: Search, asked: Constraints, products: Products) -> Products:
    """Which of the products cost what the wish allows, in their order, or by price where that is asked for.

    Where none of them does, what does of everything that meets the constraints. Without live prices nobody can tell, so
    nothing is dropped.
    """
    order: PriceOrder = "desc" if asked.wish.ordering == "dearest" else "asc"
    ranked = await _ranked(search, tuple(one.asin for one in products), order, asked.wish.price) if products else ()
    if search.services.failed("pricing"):
        return products
    by_price_known = {price.asin: place for place, price in enumerate(ranked)}
    within = [one for one in products if one.asin in by_price_known]
    if asked.wish.ordering in ("cheapest", "dearest"):
        within.sort(key=lambda one: by_price_known[one.asin])
    if within or asked.wish.words or asked.wish.like:
        return tuple(within)
    return await by_price(search, asked)


async def _everything(search: Search, asked: Constraints) -> tuple[str, ...] | None:
    """The ASINs of all that the catalog can say meets the constraints; None for all that is sold."""
    query = structs.replace(asked.query, one_per_series=False)
    if query == structs.replace(type(query)(), one_per_series=False, limit=query.limit):
        return None
    return (await search.services.asins(query)).value or ()


async def _ranked(
    search: Search, asins: tuple[str, ...] | None, order: PriceOrder, bounds: Range = ANY_RANGE
) -> tuple[Price, ...]:
    if asins == ():
        return ()
    answer = await search.services.ranked_prices(asins, order, least=bounds.least, most=bounds.most, limit=RANKED)
    return answer.value or ()
