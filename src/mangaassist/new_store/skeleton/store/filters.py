"""Which products a question to the catalog lets through, a row a filter, and in which order. YOUR SEARCH ENGINE may do it."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from mangaproto import catalog_pb2 as pb

from .shelves import Product

FORMATS = {
    "paperback": pb.FORMAT_PAPERBACK,
    "hardcover": pb.FORMAT_HARDCOVER,
    "omnibus": pb.FORMAT_OMNIBUS,
    "box_set": pb.FORMAT_BOX_SET,
}
STATUSES = {"finished": pb.STATUS_FINISHED, "ongoing": pb.STATUS_ONGOING, "hiatus": pb.STATUS_HIATUS}
STOP_WORDS = {
    "a",
    "an",
    "and",
    "about",
    "by",
    "for",
    "from",
    "in",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
    "book",
    "books",
}


def words(text: str) -> frozenset[str]:
    """In small letters, without plurals and words that tell nothing."""
    plain = "".join(letter if letter.isalnum() else " " for letter in text.lower())
    return frozenset(word.removesuffix("s") for word in plain.split() if word not in STOP_WORDS)


def labels(product: Product) -> frozenset[str]:
    return lowered((*product.genres, *product.themes))


def lowered(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def by_any(product: Product, authors: Iterable[str]) -> bool:
    return any(words(asked) <= words(name) for asked in authors for name in product.authors)


FILTERS: dict[str, Callable[[Product, Any], bool]] = {
    "series_ids": lambda product, asked: product.series in asked,
    "genres": lambda product, asked: lowered(asked) <= lowered(product.genres),
    "labels": lambda product, asked: bool(lowered(asked) & labels(product)),
    "authors": by_any,
    "formats": lambda product, asked: FORMATS[product.format] in asked,
    "volume": lambda product, asked: product.volume == asked,
    "statuses": lambda product, asked: STATUSES[product.series_status] in asked,
    "age_ratings": lambda product, asked: product.age_rating.casefold() in lowered(asked),
    "least_volumes": lambda product, asked: product.series_volumes >= asked,
    "most_volumes": lambda product, asked: product.series_volumes <= asked,
    "published_from": lambda product, asked: product.published >= asked,
    "published_to": lambda product, asked: product.published <= asked,
    "demographics": lambda product, asked: False,
    "traits": lambda product, asked: False,
    "without_labels": lambda product, asked: not lowered(asked) & labels(product),
    "without_authors": lambda product, asked: not by_any(product, asked),
    "without_series_ids": lambda product, asked: product.series not in asked,
}
"""By the request's field. What this store does not tell (demographics, traits) lets nothing through."""
ORDERS: dict[int, Callable[[Product], float | tuple[int, ...]]] = {
    pb.ORDER_NEWEST: lambda product: _newest(product.released or f"{product.published}-01-01"),
    pb.ORDER_OLDEST: lambda product: product.published,
    pb.ORDER_LONGEST: lambda product: tuple(-one for one in product.length),
    pb.ORDER_SHORTEST: lambda product: product.length,
}


def _newest(released: str) -> int:
    """What came out last first, what is still to come out last."""
    number = int(released.replace("-", ""))
    return number if released > date.today().isoformat() else -number


def found(asked: pb.SearchProductsRequest, products: Iterable[Product]) -> list[Product]:
    """Everything that fits, best first; of each series the first where one a series is asked for."""
    filters = [(fits, value) for name, fits in FILTERS.items() if (value := _value(asked, name)) is not None]
    fitting = [product for product in products if all(fits(product, value) for fits, value in filters)]
    wanted, liked = words(asked.text), lowered(asked.labels)
    if wanted:
        fitting = [product for product in fitting if _likeness(product, wanted)]
    fitting.sort(
        key=ORDERS.get(asked.order)
        or (lambda one: (-len(liked & labels(one)), -_likeness(one, wanted), -(one.rating or 0), one.volume or 0))
    )
    if asked.one_per_series:
        fitting = list({product.series: product for product in reversed(fitting)}.values())[::-1]
    return fitting


def _value(asked: pb.SearchProductsRequest, name: str) -> Any:
    """What a filter is set to; None where it is not."""
    value = getattr(asked, name)
    if isinstance(value, int):
        return value if asked.HasField(name) else None  # pyright: ignore[reportArgumentType] - a name of the table
    return tuple(value) or None


def _likeness(product: Product, wanted: frozenset[str]) -> int:
    """How many of the words it has: in its name they count most."""
    named = words(f"{product.title} {product.series_title} {' '.join((*product.aliases, *product.authors))}")
    told = words(f"{' '.join((*product.genres, *product.themes))} {product.description}")
    return 3 * len(wanted & named) + len(wanted & told)
