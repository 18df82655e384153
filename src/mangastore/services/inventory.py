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
from mangastore.data.stock import StockState, stock_level
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

    @get("/inventory/v1/stock", responses=PROBLEM_RESPONSES, tags=["inventory"], sync_to_thread=False)
    def list_stock(asin: Asins) -> StockListView:
        """Stock states of up to 100 products."""
        today = store.clock().date()
        return StockListView([stock_view(product, today) for product in store.catalogue.find_all(asin)])

    @get("/inventory/v1/by-state", responses=PROBLEM_RESPONSES, tags=["inventory"], sync_to_thread=False)
    def list_by_state(stock_state: WantedState, limit: PageSize = 50) -> StockListView:
        """Products of the whole store in one state, what comes (back) soonest first."""
        today = store.clock().date()
        found = [view for product in store.catalogue if (view := stock_view(product, today)).state == stock_state]
        found.sort(key=lambda view: (view.restock_date or NO_DATE, view.asin))
        return StockListView(found[:limit])

    return [list_stock, list_by_state]


def stock_view(product: Product, today: date) -> StockView:
    """A product's stock as the contract words it."""
    level = stock_level(product)
    return StockView(product.asin, level.state, level.quantity, level.restock_date(today), level.warehouse)
