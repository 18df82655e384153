"""Inventory: whether a product can be had, and when it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from mangastore.data.products import Product
from mangastore.data.stock import StockState, stock_level
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Asins
from mangastore.store import Store


class StockView(msgspec.Struct):
    """The stock of one product."""

    asin: str
    state: StockState
    quantity: int | None
    restock_date: str | None
    warehouse: str | None


class StockListView(msgspec.Struct):
    """The stock of the products that are sold."""

    stock: Sequence[StockView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the inventory service."""

    @get("/inventory/v1/stock", responses=PROBLEM_RESPONSES, tags=["inventory"], sync_to_thread=False)
    def list_stock(asin: Asins) -> StockListView:
        """Stock states of up to 100 products."""
        today = store.clock().date()
        return StockListView([stock_view(product, today) for product in store.catalogue.find_all(asin)])

    return [list_stock]


def stock_view(product: Product, today: date) -> StockView:
    """A product's stock as the contract words it."""
    level = stock_level(product)
    return StockView(product.asin, level.state, level.quantity, level.restock_date(today), level.warehouse)
