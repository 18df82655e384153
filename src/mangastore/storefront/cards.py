"""Products as the shop shows them: the facts of a card gathered from the services, and the card itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from html import escape

import msgspec

from mangastore.clock import in_words
from mangastore.data.prices import money
from mangastore.data.products import Product
from mangastore.data.ratings import Rating, rating_of
from mangastore.data.stock import StockLevel, stock_level
from mangastore.order_rules import most_copies
from mangastore.pricebook import Quote
from mangastore.store import Store
from mangastore.storefront.static_files import asset

FORMAT_NAMES = {"paperback": "Paperback", "hardcover": "Hardcover", "omnibus": "Omnibus", "box_set": "Box set"}
STOCK_NAMES = {
    "in_stock": "In stock",
    "low_stock": "Only {quantity} left",
    "backorder": "Backorder, back on {date}",
    "preorder": "Preorder, out on {date}",
    "out_of_stock": "Out of stock",
}
STARS = f"{asset('stars.svg')}#row"
BUYABLE = frozenset(("in_stock", "low_stock", "backorder", "preorder"))


class Card(msgspec.Struct, frozen=True):
    """What a shopper sees of a product in passing."""

    asin: str
    title: str
    authors: str
    format: str
    url: str
    image_url: str
    price: str
    list_price: str | None
    member_price: str | None
    stock_state: str
    stock: str
    buyable: bool
    most: int
    """How many copies one order may hold."""
    rating: float
    rating_count: int


def make_card(store: Store, product: Product) -> Card:
    """The facts of a card, as they are now."""
    quote, level, rating = store.prices.quote(product), stock_level(product), rating_of(product)
    return Card(
        asin=product.asin,
        title=product.title,
        authors=", ".join(product.series.authors),
        format=FORMAT_NAMES[product.format],
        url=f"/p/{product.asin}",
        image_url=f"/covers/{product.asin}.svg",
        price=dollars(quote.current),
        list_price=None if quote.list_price is None else dollars(quote.list_price),
        member_price=None if quote.member is None else dollars(quote.member),
        stock_state=level.state,
        stock=stock_words(store, level),
        buyable=level.state in BUYABLE,
        most=most_copies(product),
        rating=rating.mean,
        rating_count=rating.count,
    )


def dollars(cents: int) -> str:
    """Cents as a shopper reads them."""
    return f"${money(cents)}"


def stock_words(store: Store, level: StockLevel) -> str:
    """A stock state in words."""
    today = store.clock().date()
    date = "a date to come" if level.restock_days is None else in_words(today + timedelta(days=level.restock_days))
    return STOCK_NAMES[level.state].format(quantity=level.quantity, date=date)


def price_block(quote: Quote) -> str:
    """The price with what it was before and what was taken off."""
    was = f' <s aria-label="List price">{dollars(quote.list_price)}</s>' if quote.list_price is not None else ""
    off = f' <span class="off">{percent_off(quote)}</span>' if quote.list_price else ""
    return f'<span class="price">{dollars(quote.current)}</span>{was}{off}'


def percent_off(quote: Quote) -> str:
    """How much is taken off the list price."""
    return f"\N{MINUS SIGN}{round(100 * (1 - quote.current / (quote.list_price or quote.current)))}%"


def stars(rating: Rating) -> str:
    """The mean as stars, with words for those who cannot see them."""
    return (
        f'<span class="stars" role="img" aria-label="{rating.mean} of 5 stars">'
        f'<svg viewBox="0 0 100 20" aria-hidden="true"><use href="{STARS}" width="100" height="20" class="empty"/>'
        f'<svg width="{rating.mean * 20:.0f}" height="20" viewBox="0 0 {rating.mean * 20:.0f} 20">'
        f'<use href="{STARS}" width="100" height="20" class="full"/></svg></svg></span>'
        f'<span class="count">{rating.mean} <span class="quiet">({rating.count:,})</span></span>'
    )


def card(store: Store, product: Product) -> str:
    """A product card."""
    rating, level, quote = rating_of(product), stock_level(product), store.prices.quote(product)
    title = escape(product.title)
    return f"""<li class="card">
  <div class="cover"><img src="/covers/{product.asin}.svg" alt="" width="200" height="300" loading="lazy" decoding="async"></div>
  <h3><a href="/p/{product.asin}">{title}</a></h3>
  <p class="by">{escape(", ".join(product.series.authors))}</p>
  <p class="rated">{stars(rating)}</p>
  <p class="costs">{price_block(quote)}</p>
  <p class="stock {level.state}">{escape(stock_words(store, level))}</p>
  {add_button(product, level)}
</li>"""


def add_button(product: Product, level: StockLevel) -> str:
    """The button that puts a product into the cart."""
    if level.state not in BUYABLE:
        return '<button class="add" disabled>Out of stock</button>'
    words = {"preorder": "Preorder", "backorder": "Order now"}.get(level.state, "Add to cart")
    label = escape(f"{words}: {product.title}")
    return f'<button class="add" data-add="{product.asin}" aria-label="{label}">{words}</button>'


def shelf(store: Store, title: str, products: Iterable[Product], more: str = "") -> str:
    """A titled row of cards, nothing where there are none."""
    cards = "".join(card(store, product) for product in products)
    if not cards:
        return ""
    link = f'<a class="more" href="{escape(more)}">See all</a>' if more else ""
    return f"""<section class="shelf"><header><h2>{escape(title)}</h2>{link}</header>
<ul class="row" tabindex="0" aria-label="{escape(title)}">{cards}</ul></section>"""


def grid(store: Store, products: Iterable[Product]) -> str:
    """Cards in a grid."""
    return f'<ul class="grid">{"".join(card(store, product) for product in products)}</ul>'
