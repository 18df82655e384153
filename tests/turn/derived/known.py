"""Products, prices and orders for the tests of derived facts, made in one line each."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from mangaassist.domain.customers import Order, OrderItem
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Price, Product, Rating

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def book(asin: str, price: str | None = None, **more: Any) -> ProductEvidence:
    """``asin`` is filled up to ten characters; ``mean`` and ``count`` make a rating, ``member`` a price for members."""
    mean, count, member = more.pop("mean", None), more.pop("count", 1000), more.pop("member", None)
    currency = more.pop("currency", "USD")
    whole = f"B0{asin}".ljust(10, "X")
    given = {"title": asin, "series_id": "monster", "series_title": "Monster", "authors": ("Naoki Urasawa",)}
    amount = None if price is None else Decimal(price)
    return ProductEvidence(
        product=Product(asin=whole, **given | more),
        price=None
        if amount is None
        else Price(
            asin=whole, currency=currency, current=amount, member=Decimal(member) if member else None, as_of=NOW
        ),
        rating=None if mean is None else Rating(asin=whole, mean=mean, count=count),
    )


def asin(short: str) -> str:
    return f"B0{short}".ljust(10, "X")


def volume(number: int, price: str | None = "10.00", **more: Any) -> ProductEvidence:
    return book(f"V{number}", price, volume=number, **{"series_volumes": 6} | more)


def order(state: str = "placed", **more: Any) -> Order:
    given: dict[str, Any] = {
        "order_id": "112-0000001-0000001",
        "placed_at": NOW,
        "total": Decimal(10),
        "currency": "USD",
        "items": (OrderItem(asin=asin("V1"), title="Monster, Vol. 1", quantity=1, unit_price=Decimal(10)),),
    }
    return Order(state=state, **given | more)
