"""Product cards, made from evidence alone."""

from collections.abc import Collection
from typing import Final

from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.products import CURRENCY_SIGNS, Format, Price, Stock, money
from mangaassist.wire.cards import ProductCard

FORMAT_WORDS: Final[dict[Format, str]] = {
    Format.PAPERBACK: "Paperback",
    Format.HARDCOVER: "Hardcover",
    Format.OMNIBUS: "Omnibus",
    Format.BOX_SET: "Box set",
}
STOCK_WORDS: Final[dict[str, str]] = {
    "in_stock": "In stock",
    "low_stock": "Only a few left",
    "backorder": "On backorder",
    "preorder": "Preorder",
    "out_of_stock": "Out of stock",
}


def cards(evidence: Evidence, kept: Collection[str]) -> tuple[ProductCard, ...]:
    """The cards of the products that the review kept (G-3). Without a confirmed price a card names none (S-1)."""
    return tuple(card(known) for known in evidence.products if known.asin in kept)


def card(known: ProductEvidence) -> ProductCard:
    product, price, stock, rating = known.product, known.price, known.stock, known.rating
    return ProductCard(
        asin=product.asin,
        title=product.title,
        author=", ".join(product.authors),
        format=FORMAT_WORDS[product.format],
        price=price.worded() if price else "",
        currency=price.currency if price else "",
        list_price=_list_price(price),
        availability=_availability(stock),
        rating=rating.mean if rating else None,
        review_count=rating.count if rating else None,
        image_url=product.image_url,
        url=product.url,
        reason=known.reason or _fits(known) or None,
    )


def _list_price(price: Price | None) -> str | None:
    if price is None or price.list is None or price.list <= price.current:
        return None
    assert price.currency in CURRENCY_SIGNS
    return money(price.list, price.currency)


def _availability(stock: Stock | None) -> str | None:
    if stock is None:
        return None
    words = STOCK_WORDS[stock.state]
    return f"{words}, expected {stock.restock_date:%d %B %Y}" if stock.restock_date else words


def _fits(known: ProductEvidence) -> str:
    """Which of the wishes it meets, in the catalog's words: they hold of the book, whatever was asked."""
    voices = [word for label in known.fits if label.by_readers for word in label.by]
    if voices:
        return f"Readers praise its {' and '.join(voices)}"
    words = (word for label in known.fits if label.kind != "series" for word in label.by or (label.value,))
    return ", ".join(dict.fromkeys(words))
