"""Products and series as schema.org words them, for search engines and whoever else reads a page without eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mangastore.data.prices import CURRENCY, money
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.data.series import Series
from mangastore.data.stock import StockState, stock_level
from mangastore.store import Store

Thing = Mapping[str, object]

AVAILABILITY: Final[Mapping[StockState, str]] = {
    "in_stock": "InStock",
    "low_stock": "LimitedAvailability",
    "backorder": "BackOrder",
    "preorder": "PreOrder",
    "out_of_stock": "OutOfStock",
}
BOOK_FORMATS: Final = {"paperback": "Paperback", "hardcover": "Hardcover", "omnibus": "Paperback"}


def product_thing(store: Store, product: Product) -> Thing:
    """A product, what it costs now, and whether it can be had."""
    rating, home = rating_of(product), store.settings.public_url
    kind = BOOK_FORMATS.get(product.format)
    return {
        "@type": ["Product", "Book"],
        "name": product.title,
        "description": product.description,
        "sku": product.asin,
        "isbn": product.isbn,
        "image": f"{home}/covers/{product.asin}.svg",
        "url": f"{home}/p/{product.asin}",
        "author": people(product.series),
        "brand": {"@type": "Brand", "name": product.series.publisher},
        "numberOfPages": product.pages,
        **({"bookFormat": f"https://schema.org/{kind}"} if kind else {}),
        "isPartOf": {"@type": "BookSeries", "name": product.series.title, "url": f"{home}/series/{product.series.id}"},
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": rating.mean, "reviewCount": rating.count},
        "offers": offer_thing(store, product),
    }


def offer_thing(store: Store, product: Product) -> Thing:
    """What a product costs now, and whether it can be had."""
    return {
        "@type": "Offer",
        "url": f"{store.settings.public_url}/p/{product.asin}",
        "price": money(store.prices.quote(product).current),
        "priceCurrency": CURRENCY,
        "availability": f"https://schema.org/{AVAILABILITY[stock_level(product).state]}",
        "itemCondition": "https://schema.org/NewCondition",
    }


def series_thing(store: Store, series: Series) -> Thing:
    """A series."""
    return {
        "@type": "BookSeries",
        "name": series.title,
        "alternateName": series.other_names(),
        "description": series.synopsis,
        "url": f"{store.settings.public_url}/series/{series.id}",
        "author": people(series),
        "publisher": {"@type": "Organization", "name": series.publisher},
        "genre": series.genres,
        "startDate": str(series.year),
        "numberOfItems": series.volumes,
    }


def people(series: Series) -> list[Thing]:
    """Who made a series."""
    return [{"@type": "Person", "name": author} for author in series.authors]


def trail_thing(store: Store, steps: Sequence[tuple[str, str]]) -> Thing:
    """The way to a page: names and paths, the shop first."""
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": store.settings.public_url + path}
        for place, (name, path) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}
