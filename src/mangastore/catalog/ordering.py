"""In which order a search gives what it found, where it is not how well it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from mangastore.catalog.filters import Order
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.data.releases import released_on
from mangastore.data.series import Series

Key = tuple[float, ...]


def popularity(first: Product) -> float:
    """How well a series sells, by its first product: 0 to 1, told by how many readers rated it."""
    count = rating_of(first).count
    return count / (count + 1000)


def _newest(product: Product, today: date) -> Key:
    """What is out comes before what is still to come; a product without a date is as new as its series."""
    day = released_on(product, today)
    if day is None:
        return (0, -date(max(product.series.year, 1), 1, 1).toordinal(), product.first_volume)
    return (1, day.toordinal(), 0) if day > today else (0, -day.toordinal(), 0)


def _by_series(measure: Callable[[Series], int]) -> Callable[[Product, date], Key]:
    return lambda product, _: (measure(product.series),)


def _length(product: Product) -> Key:
    """By the volumes of its series; what is complete in one book, by its pages."""
    volumes = product.series.volumes
    return volumes, product.pages if volumes == 1 else 0


ORDERINGS: Mapping[Order, Callable[[Product, date], Key]] = {
    "newest": _newest,
    "oldest": _by_series(lambda series: series.year),
    "longest": lambda product, _: tuple(-one for one in _length(product)),
    "shortest": lambda product, _: _length(product),
}
"""The smallest key comes first. Relevance has none: it is the score of the search."""
