"""A product with what the store says of it now, as UCP's product of one variant. Pure."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from ucp_sdk.models.schemas.shopping.types.product import Product as UcpProduct

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Price, Product, Rating, Stock

NO_DECIMALS: Final = frozenset({"JPY"})
STARS: Final = 5
AVAILABILITY: Final = {
    "in_stock": {"available": True, "status": "in_stock"},
    "low_stock": {"available": True, "status": "in_stock"},
    "backorder": {"available": True, "status": "backorder"},
    "preorder": {"available": True, "status": "preorder"},
    "out_of_stock": {"available": False, "status": "out_of_stock"},
}
"""A state of the store's as UCP words it."""


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount in the smallest unit of its currency (ISO 4217), cents of dollars."""
    places = 0 if currency in NO_DECIMALS else 2
    return int(amount.scaleb(places).quantize(Decimal(1), ROUND_HALF_UP))


def product_of(known: ProductEvidence, price: Price, seller: str, inputs: Sequence[str] = ()) -> UcpProduct:
    """UCP has no product without a price, so that is asked for by itself.

    ``inputs``: the identifiers by which it was looked up.
    """
    product, shared = known.product, _shared(known)
    now = _money(price.current, price.currency)
    was = _money(price.list, price.currency) if price.list and price.list > price.current else None
    variant: dict[str, Any] = {
        **shared,
        "sku": product.asin,
        "price": now,
        "list_price": was,
        "availability": AVAILABILITY[known.stock.state] if known.stock else None,
        "barcodes": [{"type": "ISBN", "value": product.isbn}] if product.isbn else None,
        "seller": {"name": seller} if seller else None,
        "metadata": dict(_terms(price, known.stock)) or None,
    }
    if inputs:
        variant["inputs"] = [{"id": one, "match": "exact"} for one in inputs]
    return UcpProduct.model_validate(
        {
            **shared,
            "categories": [{"value": value, "taxonomy": "merchant"} for value in categories(product)] or None,
            "price_range": {"min": now, "max": now},
            "list_price_range": {"min": was, "max": was} if was else None,
            "variants": [variant],
            "metadata": dict(_facts(product)),
        }
    )


def categories(product: Product) -> tuple[str, ...]:
    """The words by which a search can be narrowed to products like this one."""
    named = (*product.genres, *product.themes, product.demographic)
    return tuple(dict.fromkeys(value for value in named if value))


def _shared(known: ProductEvidence) -> dict[str, Any]:
    """What holds of product and variant alike."""
    product = known.product
    media = {"type": "image", "url": product.image_url, "alt_text": product.title}
    return {
        "id": product.asin,
        "title": product.title,
        "description": {"plain": product.description or product.title},
        "url": product.url or None,
        "media": [media] if product.image_url else None,
        "rating": _rating(known.rating),
        "tags": list(product.themes) or None,
    }


def _rating(rating: Rating | None) -> dict[str, Any] | None:
    if rating is None or not rating.count:
        return None
    return {"value": rating.mean, "scale_min": 1, "scale_max": STARS, "count": rating.count}


def _money(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"amount": minor_units(amount, currency), "currency": currency}


def _terms(price: Price, stock: Stock | None) -> Iterator[tuple[str, Any]]:
    yield "price_as_of", price.as_of.isoformat()
    if price.member is not None:
        yield "member_price", _money(price.member, price.currency)
    if stock is not None and stock.restock_date is not None:
        yield "expected_on", stock.restock_date.isoformat()


def _facts(product: Product) -> Iterator[tuple[str, Any]]:
    """What the catalog knows and UCP has no word for; what is not known is left out."""
    named: dict[str, Any] = {
        "series": product.series_title,
        "volume": product.volume,
        "authors": list(product.authors),
        "publisher": product.publisher,
        "format": product.format.value,
        "language": product.language,
        "pages": product.pages,
        "age_rating": product.age_rating,
        "series_volumes": product.series_volumes,
        "series_status": product.series_status,
        "released": product.released.isoformat() if product.released else None,
    }
    return ((name, value) for name, value in named.items() if value)
