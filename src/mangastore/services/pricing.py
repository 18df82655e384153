"""Pricing: what products cost at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from mangastore.clock import rfc3339
from mangastore.data.prices import CURRENCY, cents_of, money
from mangastore.pricebook import Quote
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Asin, Asins
from mangastore.store import Store

MAX_RANKED = 10_000
MAX_RANKING = 256 * 1024
"""Bytes: ten thousand ASINs and what is around them."""
DEAREST = 10**9
Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{2})?$", max_length=10)]


class PriceRanking(msgspec.Struct, frozen=True, kw_only=True):
    """Which prices, and in which order. Bounds are of the current price and included; no `asins` means the whole store."""

    order: Literal["asc", "desc"] = "asc"
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    asins: Annotated[list[Asin], msgspec.Meta(max_length=MAX_RANKED)] | None = None
    least: Amount | None = None
    most: Amount | None = None


class DiscountView(msgspec.Struct):
    """Something taken off the list price."""

    label: str
    amount: str


class PriceView(msgspec.Struct):
    """The price of one product; `list` is null where nothing is taken off."""

    asin: str
    currency: str
    current: str
    list: str | None
    member: str | None
    discounts: Sequence[DiscountView]
    as_of: str


class PricesView(msgspec.Struct):
    """The prices of the products that are sold."""

    prices: Sequence[PriceView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the pricing service."""
    for product in store.catalogue:  # the first question over the whole store need not wait until all is worked out
        store.prices.quote(product)

    @get("/pricing/v1/prices", responses=PROBLEM_RESPONSES, tags=["pricing"], sync_to_thread=False)
    def list_prices(asin: Asins) -> PricesView:
        """Current prices of up to 100 products."""
        as_of = rfc3339(store.clock())
        products = store.catalogue.find_all(asin)
        return PricesView([price_view(product.asin, store.prices.quote(product), as_of) for product in products])

    @post(
        "/pricing/v1/ranked",
        responses=PROBLEM_RESPONSES,
        status_code=200,
        tags=["pricing"],
        request_max_body_size=MAX_RANKING,
        sync_to_thread=False,
    )
    def rank_prices(data: JSONBody[PriceRanking]) -> PricesView:
        """The lowest or highest prices of some products, or of all that are sold."""
        catalogue = store.catalogue
        quoted = [
            (store.prices.quote(product), product)
            for product in (catalogue if data.asins is None else catalogue.find_all(data.asins))
        ]
        least, most = _cents(data.least, 0), _cents(data.most, DEAREST)
        fitting = [entry for entry in quoted if least <= entry[0].current <= most]
        sign = 1 if data.order == "asc" else -1
        fitting.sort(key=lambda entry: (sign * entry[0].current, entry[1].asin))
        as_of = rfc3339(store.clock())
        return PricesView([price_view(product.asin, quote, as_of) for quote, product in fitting[: data.limit]])

    return [list_prices, rank_prices]


def _cents(amount: str | None, otherwise: int) -> int:
    return otherwise if amount is None else cents_of(amount)


def price_view(asin: str, quote: Quote, as_of: str) -> PriceView:
    """A quote as the contract words it."""
    discounts = [DiscountView(quote.discount.label, money(quote.discount.cents))] if quote.discount else []
    full = None if quote.list_price is None else money(quote.list_price)
    member = None if quote.member is None else money(quote.member)
    return PriceView(asin, CURRENCY, money(quote.current), full, member, discounts, as_of)
