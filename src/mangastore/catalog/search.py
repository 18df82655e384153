"""Search over the catalogue: free text and filters, best product first."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import msgspec

from mangastore.catalog.filters import MAX_LIMIT, Query, SeriesFilter, fits_product
from mangastore.catalog.index import SeriesIndex
from mangastore.catalog.ordering import ORDERINGS, popularity
from mangastore.catalog.text import STOP_WORDS, Wish, read_wish, words_of
from mangastore.data.products import Format, Product

NEXT_IN_SERIES = 0.85
"""A series' second product counts so much less than its first, so that one series does not fill a broad search."""
EDITED_WEIGHT = 12.0

Score = tuple[int, float, float]
"""How many of the labels asked for a series has, how well it fits the words, and how well it sells, the first first."""
OrderKey = Callable[[Product, date], tuple[float, ...]]


class Search:
    """Finds products; `renew` takes in an edited one."""

    def __init__(self, products: Iterable[Product], today: Callable[[], date]) -> None:
        self._today = today
        self._shelves: dict[str, list[Product]] = {}
        self._place: dict[str, int] = {}
        for place, product in enumerate(products):
            self._place[product.asin] = place
            self._shelves.setdefault(product.series.id, []).append(product)
        self._series = {series_id: shelf[0].series for series_id, shelf in self._shelves.items()}
        self._sold = {series_id: popularity(shelf[0]) for series_id, shelf in self._shelves.items()}
        self._index = SeriesIndex(self._series.values())
        self._edited: dict[str, tuple[str, frozenset[str]]] = {}

    def renew(self, series_id: str, shelf: Sequence[Product], edited: Product | None) -> None:
        """Take in a series' products after a change; an edited product is also found by its own new words."""
        self._shelves[series_id] = list(shelf)
        if edited is not None:
            words = frozenset(words_of(f"{edited.title} {edited.description}")) - STOP_WORDS
            self._edited[edited.asin] = (series_id, words)

    def is_name(self, text: str) -> bool:
        """Whether a text is some series' whole name."""
        return self._index.is_name(read_wish(text).words)

    def find(self, query: Query) -> list[Product]:
        """The best products for a query, best first."""
        return self._found(query, min(query.limit, MAX_LIMIT))

    def find_all(self, query: Query) -> list[Product]:
        """Everything that fits, in the same order."""
        return self._found(query, len(self._place))

    def _found(self, query: Query, limit: int) -> list[Product]:
        wish = read_wish(query.text)
        if self._index.is_name(wish.words):  # "Eyeshield 21" asks for no volume 21
            wish = msgspec.structs.replace(wish, volume=None)
        scores, own = self._scores(query, wish)
        key = ORDERINGS.get(query.order)
        if key is None:
            return self._best(query, wish, scores, own, limit)
        return self._ordered(query, scores, key, limit)

    def _best(
        self, query: Query, wish: Wish, scores: dict[str, Score], own: dict[str, float], limit: int
    ) -> list[Product]:
        found: list[tuple[int, float, float, int, Product]] = []
        filled = 0
        for series_id in sorted(scores, key=lambda name: (*(-part for part in scores[name]), name)):
            labels, score, sold = scores[series_id]
            shelf = self._matching(series_id, query, wish, own)
            found += [
                (labels, own.get(product.asin, 0.0) + score * NEXT_IN_SERIES**place, sold, -len(found) - place, product)
                for place, product in enumerate(shelf[: 1 if query.one_per_series else limit])
            ]
            filled += bool(shelf)
            if filled >= limit:
                break
        return [entry[-1] for entry in heapq.nlargest(limit, found, key=lambda entry: entry[:-1])]

    def _ordered(self, query: Query, scores: Iterable[str], key: OrderKey, limit: int) -> list[Product]:
        """What fits, by something that is not how well it fits; of each series the first by it, if one is asked for."""
        today = self._today()
        found: list[Product] = []
        for series_id in scores:
            shelf = [product for product in self._shelves.get(series_id, ()) if fits_product(product, query)]
            found += [min(shelf, key=lambda product: key(product, today))] if shelf and query.one_per_series else shelf
        found.sort(key=lambda product: (key(product, today), -self._sold[product.series.id], self._place[product.asin]))
        return found[:limit]

    def _scores(self, query: Query, wish: Wish) -> tuple[dict[str, Score], dict[str, float]]:
        """The series that fit with their scores, and the edited products' own scores."""
        if wish.words:
            scores = self._index.score(wish.words)
            least = self._index.bar(scores, wish.words) * query.floor
            scores = {series_id: score for series_id, score in scores.items() if score >= least}
            own = self._edited_scores(frozenset(wish.words))
        else:
            scores, own = dict.fromkeys(self._series, 1.0), {}
        for asin, score in own.items():
            series_id = self._edited[asin][0]
            scores[series_id] = max(scores.get(series_id, 0.0), score)
        series_filter = SeriesFilter(query)
        return {
            name: (series_filter.shared_labels(self._series[name]), score, self._sold[name])
            for name, score in scores.items()
            if series_filter.fits(self._series[name])
        }, own

    def _edited_scores(self, words: frozenset[str]) -> dict[str, float]:
        return {
            asin: EDITED_WEIGHT * len(shared)
            for asin, (_, own_words) in self._edited.items()
            if (shared := words & own_words)
        }

    def _matching(self, series_id: str, query: Query, wish: Wish, own: dict[str, float]) -> list[Product]:
        shelf = [product for product in self._shelves.get(series_id, ()) if fits_product(product, query)]
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
