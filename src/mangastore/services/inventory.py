"""Inventory: whether a product can be had, and when it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from mangastore.data.products import Product
from mangastore.data.stock import StockLevel, StockState, stock_level
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Asins, PageSize
from mangastore.store import Store

WantedState = Annotated[StockState, QueryParameter(name="state")]
NO_DATE = "9999-12-31"


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
    levels = {product.asin: stock_level(product) for product in store.catalogue}

    def view(product: Product, today: date) -> StockView:
        # An edit changes a product's words, never its stock: what was drawn once stays good.
        level = levels.get(product.asin)
        if level is None:
            level = levels[product.asin] = stock_level(product)
        return _view(product.asin, level, today)

    @get("/inventory/v1/stock", responses=PROBLEM_RESPONSES, tags=["inventory"], sync_to_thread=False)
    def list_stock(asin: Asins) -> StockListView:
        """Stock states of up to 100 products."""
        today = store.clock().date()
        return StockListView([view(product, today) for product in store.catalogue.find_all(asin)])

    @get("/inventory/v1/by-state", responses=PROBLEM_RESPONSES, tags=["inventory"], sync_to_thread=False)
    def list_by_state(stock_state: WantedState, limit: PageSize = 50) -> StockListView:
        """Products of the whole store in one state, what comes (back) soonest first."""
        today = store.clock().date()
        rows = (view(product, today) for product in store.catalogue)
        found = [row for row in rows if row.state == stock_state]
        found.sort(key=lambda row: (row.restock_date or NO_DATE, row.asin))
        return StockListView(found[:limit])

    return [list_stock, list_by_state]


def stock_view(product: Product, today: date) -> StockView:
    """A product's stock as the contract words it."""
    return _view(product.asin, stock_level(product), today)


def _view(asin: str, level: StockLevel, today: date) -> StockView:
    return StockView(asin, level.state, level.quantity, level.restock_date(today), level.warehouse)
