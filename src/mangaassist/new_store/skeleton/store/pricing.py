"""Pricing: what products cost at this moment. YOUR PRICES go into ``price_row``; they are never kept by the assistant."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from litestar import get, post

from .shelves import Product, facts, money, products, sold


def price_row(product: Product) -> dict[str, Any]:
    return {
        "asin": product.asin,
        "currency": facts()["currency"],
        "current": money(product.price),
        "list": money(product.list_price),
        "member": money(product.member_price),
        "discounts": [],
        "as_of": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _answer(chosen: Iterable[Product]) -> dict[str, Any]:
    return {"prices": [price_row(product) for product in chosen]}


@get("/pricing/v1/prices", sync_to_thread=False)
def prices(asin: list[str]) -> dict[str, Any]:
    """Of these products, at most 100."""
    return _answer(sold(asin))


@post("/pricing/v1/ranked", status_code=200, sync_to_thread=False)
def ranked(data: dict[str, Any]) -> dict[str, Any]:
    """Cheapest ("asc") or dearest first, of some products or of all, within bounds."""
    asked = data.get("asins")
    least, most = Decimal(data.get("least") or 0), Decimal(data.get("most") or "9999999.99")
    chosen = products().values() if asked is None else sold(asked)
    fitting = [product for product in chosen if least <= product.price <= most]
    fitting.sort(key=lambda product: product.price, reverse=data.get("order") == "desc")
    return _answer(fitting[: data.get("limit", 10)])


ROUTES = [prices, ranked]
