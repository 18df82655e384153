"""Inventory: what is in stock, and when the rest comes. YOUR WAREHOUSE goes into ``stock_row``."""

from typing import Annotated, Any

from litestar import get
from litestar.params import QueryParameter

from .shelves import Product, day, products, sold


def stock_row(product: Product) -> dict[str, Any]:
    back = product.back_in_days
    return {
        "asin": product.asin,
        "state": product.stock,
        "quantity": product.quantity,
        "restock_date": None if back is None else day(back),
        "warehouse": None,
    }


@get("/inventory/v1/stock", sync_to_thread=False)
def stock(asin: list[str]) -> dict[str, Any]:
    """Of these products, at most 100."""
    return {"stock": [stock_row(product) for product in sold(asin)]}


@get("/inventory/v1/by-state", sync_to_thread=False)
def by_state(state_asked: Annotated[str, QueryParameter(name="state")], limit: int = 50) -> dict[str, Any]:
    """Of the whole store, what comes (back) soonest first."""
    chosen = [product for product in products().values() if product.stock == state_asked]
    chosen.sort(key=lambda product: product.back_in_days or 0)
    return {"stock": [stock_row(product) for product in chosen[:limit]]}


ROUTES = [stock, by_state]
