"""Which series and products a query lets through: every filter of a search, each a line of a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Literal

import msgspec

from mangastore.catalog.text import fold, words_of
from mangastore.data.products import Format, Product
from mangastore.data.series import Series, SeriesStatus

Order = Literal["relevance", "newest", "oldest", "longest", "shortest"]

DEFAULT_LIMIT, MAX_LIMIT = 10, 50


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What to look for. Within one filter any value will do, except genres: a product has all of them.

    `labels` are themes or genres; `without_...` shut out. `least_volumes`, `most_volumes`, `published_from` and
    `published_to` are of the series, both bounds included. `age_ratings` are the ratings that are allowed. Every one of `traits`
    holds ("gore:none", "gore:some|strong"); of `without_traits` none does, of series whose trait of that name is known.
    What fits the text less than a `floor` is left out: a share of how well the best series of the whole catalogue fits it.
    """

    text: str = ""
    series_ids: Sequence[str] = ()
    genres: Sequence[str] = ()
    demographics: Sequence[str] = ()
    formats: Sequence[Format] = ()
    authors: Sequence[str] = ()
    volume: int | None = None
    one_per_series: bool = False
    limit: int = DEFAULT_LIMIT
    labels: Sequence[str] = ()
    without_labels: Sequence[str] = ()
    without_series_ids: Sequence[str] = ()
    without_authors: Sequence[str] = ()
    without_demographics: Sequence[str] = ()
    least_volumes: int | None = None
    most_volumes: int | None = None
    published_from: int | None = None
    published_to: int | None = None
    statuses: Sequence[SeriesStatus] = ()
    age_ratings: Sequence[str] = ()
    traits: Sequence[str] = ()
    without_traits: Sequence[str] = ()
    order: Order = "relevance"
    floor: float = 0.0


class SeriesFilter:
    """A query, read once, so that a look at each series costs little."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._labels = _folded(query.labels)
        self._checks = list(_checks(query, self._labels))

    def fits(self, series: Series) -> bool:
        """Whether every filter lets the series through."""
        return all(check(series) for check in self._checks)

    def shared_labels(self, series: Series) -> int:
        """How many of the labels asked for the series has."""
        return len(self._labels & _labels_of(series)) if self._labels else 0


def fits_product(product: Product, query: Query) -> bool:
    """Whether a product of a series that fits has the format and holds the volume."""
    if query.formats and product.format not in query.formats:
        return False
    return query.volume is None or product.first_volume <= query.volume <= product.last_volume


def _checks(query: Query, labels: frozenset[str]) -> Iterable[Callable[[Series], bool]]:
    """A check for each filter that is set."""
    genres, demographics = _folded(query.genres), _folded(query.demographics)
    refused, shut_out = _folded(query.without_labels), _folded(query.without_demographics)
    ratings = _folded(query.age_ratings)
    rows: tuple[tuple[object, Callable[[Series], bool]], ...] = (
        (query.series_ids, lambda series: series.id in query.series_ids),
        (genres, lambda series: genres <= _folded(series.genres)),
        (demographics, lambda series: series.demographic in demographics),
        (query.authors, lambda series: _is_by_any(series, query.authors)),
        (labels, lambda series: not labels.isdisjoint(_labels_of(series))),
        (refused, lambda series: refused.isdisjoint(_labels_of(series))),
        (query.without_series_ids, lambda series: series.id not in query.without_series_ids),
        (query.without_authors, lambda series: not _is_by_any(series, query.without_authors)),
        (shut_out, lambda series: series.demographic not in shut_out),
        (query.statuses, lambda series: series.status in query.statuses),
        (ratings, lambda series: fold(series.rating) in ratings),
        (query.traits, lambda series: all(_holds(series, one) for one in query.traits)),
        (query.without_traits, lambda series: not any(_may_hold(series, one) for one in query.without_traits)),
    )
    yield from (check for wanted, check in rows if wanted)
    yield from _bounds(query)


def _bounds(query: Query) -> Iterable[Callable[[Series], bool]]:
    rows: tuple[tuple[int | None, int | None, Callable[[Series], int]], ...] = (
        (query.least_volumes, query.most_volumes, lambda series: series.volumes),
        (query.published_from, query.published_to, lambda series: series.year),
    )
    for least, most, measure in rows:
        if least is not None or most is not None:
            yield _between(least, most, measure)


def _between(least: int | None, most: int | None, measure: Callable[[Series], int]) -> Callable[[Series], bool]:
    def check(series: Series) -> bool:
        value = measure(series)
        return (least is None or value >= least) and (most is None or value <= most)

    return check


def _folded(names: Collection[str]) -> frozenset[str]:
    return frozenset(map(fold, names))


def _labels_of(series: Series) -> frozenset[str]:
    return _folded((*series.themes, *series.genres))


def _holds(series: Series, trait: str) -> bool:
    name, _, values = trait.partition(":")
    return not set(series.known_traits().get(name, ())).isdisjoint(values.split("|"))


def _may_hold(series: Series, trait: str) -> bool:
    """Whether it holds, or nobody knows whether it does."""
    return trait.partition(":")[0] not in series.known_traits() or _holds(series, trait)


def _is_by_any(series: Series, authors: Iterable[str]) -> bool:
    return any(_is_by(series, author) for author in authors)


def _is_by(series: Series, author: str) -> bool:
    sought = set(words_of(author))
    return bool(sought) and any(sought <= set(words_of(name)) for name in series.authors)
