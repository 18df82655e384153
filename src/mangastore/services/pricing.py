"""Pricing: what products cost at this moment."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from mangastore.clock import rfc3339
from mangastore.data.prices import CURRENCY, money
from mangastore.pricebook import Quote
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Asins
from mangastore.store import Store


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

    @get("/pricing/v1/prices", responses=PROBLEM_RESPONSES, tags=["pricing"], sync_to_thread=False)
    def list_prices(asin: Asins) -> PricesView:
        """Current prices of up to 100 products."""
        as_of = rfc3339(store.clock())
        products = store.catalogue.find_all(asin)
        return PricesView([price_view(product.asin, store.prices.quote(product), as_of) for product in products])

    return [list_prices]


def price_view(asin: str, quote: Quote, as_of: str) -> PriceView:
    """A quote as the contract words it."""
    discounts = [DiscountView(quote.discount.label, money(quote.discount.cents))] if quote.discount else []
    full = None if quote.list_price is None else money(quote.list_price)
    member = None if quote.member is None else money(quote.member)
    return PriceView(asin, CURRENCY, money(quote.current), full, member, discounts, as_of)
