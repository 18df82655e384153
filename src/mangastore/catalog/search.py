"""Search over the catalogue: free text and filters, best product first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import msgspec

from mangastore.catalog.index import SeriesIndex
from mangastore.catalog.text import STOP_WORDS, Wish, read_wish, words_of
from mangastore.data.products import Format, Product
from mangastore.data.series import Series

DEFAULT_LIMIT, MAX_LIMIT = 10, 50
NEXT_IN_SERIES = 0.85
"""A series' second product counts so much less than its first, so that one series does not fill a broad search."""
EDITED_WEIGHT = 12.0


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. Within one filter any value will do, except genres: a product has all of them."""

    text: str = ""
    series_ids: Sequence[str] = ()
    genres: Sequence[str] = ()
    demographics: Sequence[str] = ()
    formats: Sequence[Format] = ()
    authors: Sequence[str] = ()
    volume: int | None = None
    one_per_series: bool = False
    limit: int = DEFAULT_LIMIT


class Search:
    """Finds products; `renew` takes in an edited one."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._shelves: dict[str, list[Product]] = {}
        for product in products:
            self._shelves.setdefault(product.series.id, []).append(product)
        self._series = {series_id: shelf[0].series for series_id, shelf in self._shelves.items()}
        self._index = SeriesIndex(self._series.values())
        self._edited: dict[str, tuple[str, frozenset[str]]] = {}

    def renew(self, series_id: str, shelf: Sequence[Product], edited: Product | None) -> None:
        """Take in a series' products after a change; an edited product is also found by its own new words."""
        self._shelves[series_id] = list(shelf)
        if edited is not None:
            words = frozenset(words_of(f"{edited.title} {edited.description}")) - STOP_WORDS
            self._edited[edited.asin] = (series_id, words)

    def find(self, query: Query) -> list[Product]:
        """The best products for a query, best first."""
        wish = read_wish(query.text)
        if self._index.is_name(wish.words):  # "Eyeshield 21" asks for no volume 21
            wish = msgspec.structs.replace(wish, volume=None)
        scores, own = self._scores(query, wish)
        found: list[tuple[float, int, Product]] = []
        limit = min(query.limit, MAX_LIMIT)
        filled = 0
        for score, series_id in sorted(((score, name) for name, score in scores.items()), key=lambda s: (-s[0], s[1])):
            shelf = self._matching(series_id, query, wish, own)
            found += [
                (own.get(product.asin, 0.0) + score * NEXT_IN_SERIES**place, -len(found) - place, product)
                for place, product in enumerate(shelf[: 1 if query.one_per_series else limit])
            ]
            filled += bool(shelf)
            if filled >= limit:
                break
        return [product for _, _, product in heapq.nlargest(limit, found, key=lambda entry: entry[:2])]

    def _scores(self, query: Query, wish: Wish) -> tuple[dict[str, float], dict[str, float]]:
        """The series that fit with their scores, and the edited products' own scores."""
        if not wish.words:
            return {name: 1.0 for name, series in self._series.items() if _fits_series(series, query)}, {}
        scores = self._index.score(wish.words)
        own = self._edited_scores(frozenset(wish.words))
        for asin, score in own.items():
            series_id = self._edited[asin][0]
            scores[series_id] = max(scores.get(series_id, 0.0), score)
        return {name: score for name, score in scores.items() if _fits_series(self._series[name], query)}, own

    def _edited_scores(self, words: frozenset[str]) -> dict[str, float]:
        return {
            asin: EDITED_WEIGHT * len(shared)
            for asin, (_, own_words) in self._edited.items()
            if (shared := words & own_words)
        }

    def _matching(self, series_id: str, query: Query, wish: Wish, own: dict[str, float]) -> list[Product]:
        shelf = [product for product in self._shelves.get(series_id, ()) if _fits_product(product, query)]
        wanted = query.volume if query.volume is not None else wish.volume
        if wanted is None and wish.format is None and not own:
            return shelf
        return sorted(
            shelf, key=lambda product: (-own.get(product.asin, 0.0), *_distance(product, wanted, wish.format))
        )


def _distance(product: Product, volume: int | None, wanted: Format | None) -> tuple[bool, bool, bool]:
    """How far a product is from the volume and format that were named; equal ones keep their order."""
    wrong_format = wanted is not None and product.format != wanted
    if volume is None:
        return wrong_format, False, False
    if wanted is not None and not product.is_single:
        return wrong_format, product.edition_number != volume, not product.is_single
    inside = product.first_volume <= volume <= product.last_volume
    return wrong_format, not inside, not product.is_single


def _fits_series(series: Series, query: Query) -> bool:
    if query.series_ids and series.id not in query.series_ids:
        return False
    if query.demographics and series.demographic not in {name.casefold() for name in query.demographics}:
        return False
    if query.genres and not {name.casefold() for name in query.genres} <= {name.casefold() for name in series.genres}:
        return False
    return not query.authors or any(_is_by(series, author) for author in query.authors)


def _is_by(series: Series, author: str) -> bool:
    sought = set(words_of(author))
    return bool(sought) and any(sought <= set(words_of(name)) for name in series.authors)


def _fits_product(product: Product, query: Query) -> bool:
    if query.formats and product.format not in query.formats:
        return False
    return query.volume is None or product.first_volume <= query.volume <= product.last_volume
