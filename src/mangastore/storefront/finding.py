"""Finds what a search asks for: words are read, what hardly fits is left out, prices hold, a product stands for its series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, cast

import msgspec

from mangastore.catalog.filters import Query
from mangastore.catalog.ordering import popularity
from mangastore.catalog.text import read_wish
from mangastore.data.products import Format, Product
from mangastore.data.ratings import rating_of
from mangastore.data.releases import released_on
from mangastore.data.series import Series
from mangastore.store import Store
from mangastore.storefront.asked import Asked, read_labels, read_price
from mangastore.storefront.cards import FORMAT_NAMES
from mangastore.storefront.filters import Filters, Sort

FLOOR: Final = 0.4
"""What fits less than this share of the best is left out: of "one piece" the box sets, and no other story with pieces in it."""
PAGE_SIZE: Final = 24

Key = Callable[[Store, Product], float]


def _newness(store: Store, product: Product) -> float:
    day = released_on(product, store.clock().date())
    return -(day or date(max(product.series.year, 1), 1, 1)).toordinal()


SORT_KEYS: Final[Mapping[Sort, Key]] = {
    "popular": lambda _, product: -popularity(product),
    "newest": _newness,
    "rating": lambda _, product: -rating_of(product).mean,
    "cheapest": lambda store, product: store.prices.quote(product).current,
    "dearest": lambda store, product: -store.prices.quote(product).current,
}
"""The smallest comes first; the best match has no key, it is how the search gives them."""


class Found(msgspec.Struct, frozen=True):
    """One page of what was found, out of so many; `asked` is how the words were read.

    `only` is set where all is of one series, whose products then stand for themselves.
    """

    products: Sequence[Product]
    only: Series | None
    total: int
    page: int
    pages: int
    asked: Asked


def find(store: Store, filters: Filters) -> Found:
    """What a search asks for, the page of it that is wanted, the last one where there are not so many."""
    asked = _read(store, filters)
    found = _search(store, filters, asked)
    if not found and filters.text and not asked.text:  # no such mood in that genre: then what speaks to the words
        asked = read_price(filters.text)
        found = _search(store, filters, asked)
    only = found[0].series if asked.text and len({product.series.id for product in found}) == 1 else None
    if only is not None and not filters.every_volume:
        found = _search(store, msgspec.structs.replace(filters, every_volume=True), asked)
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(filters.page, pages)
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Found(shown, only, len(found), page, pages, _with_limits(asked, filters))


def _read(store: Store, filters: Filters) -> Asked:
    priced = read_price(filters.text)
    named = None if store.catalogue.is_name(priced.text) else read_labels(priced.text, store.catalogue.genres())
    return priced if named is None else msgspec.structs.replace(named, least=priced.least, most=priced.most)


def _with_limits(asked: Asked, filters: Filters) -> Asked:
    """The limits that hold: those of the filters, else those in the words."""
    least = asked.least if filters.least is None else filters.least * 100
    most = asked.most if filters.most is None else filters.most * 100
    return msgspec.structs.replace(asked, least=least, most=most)


def _search(store: Store, filters: Filters, asked: Asked) -> list[Product]:
    limits, key = _with_limits(asked, filters), SORT_KEYS.get(filters.sort)
    query = Query(
        text=asked.text,
        genres=[*asked.genres, *([filters.genre] if filters.genre else [])],
        demographics=[filters.demographic] if filters.demographic else asked.demographics,
        formats=_formats(filters, asked),
        authors=[filters.author] if filters.author else [],
        traits=asked.moods,
        one_per_series=not filters.every_volume and key is None and limits.least is None and limits.most is None,
        floor=FLOOR,
    )
    found: Iterable[Product] = store.catalogue.search_all(query)
    if limits.least is not None or limits.most is not None:
        found = [product for product in found if _within(store.prices.quote(product).current, limits)]
    if key is not None:
        found = sorted(found, key=lambda product: key(store, product))
    return list(found) if filters.every_volume else _one_per_series(found)


def _formats(filters: Filters, asked: Asked) -> list[Format]:
    """The format that is filtered by, else the one that the words name."""
    if filters.format in FORMAT_NAMES:
        return [cast("Format", filters.format)]
    named = read_wish(asked.text).format
    return [] if named is None else [named]


def _within(cents: int, limits: Asked) -> bool:
    return (limits.least is None or cents >= limits.least) and (limits.most is None or cents <= limits.most)


def _one_per_series(found: Iterable[Product]) -> list[Product]:
    first: dict[str, Product] = {}
    for product in found:
        first.setdefault(product.series.id, product)
    return list(first.values())
