"""Reviews: ratings with a few voices for each product, a summary for each series."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from mangastore.data import draws
from mangastore.data.products import Product
from mangastore.data.ratings import rating_of
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import Asins, Cursor, PageSize
from mangastore.store import Store


class RatingView(msgspec.Struct):
    """The rating of one product."""

    asin: str
    mean: float
    count: int
    snippets: Sequence[str]


class RatingsView(msgspec.Struct):
    """The ratings of the products that are sold."""

    ratings: Sequence[RatingView]


class SummaryView(msgspec.Struct):
    """What readers say of a series; `asin` is its first volume."""

    series_id: str
    series_title: str
    asin: str
    summary: str
    praised: Sequence[str]
    criticised: Sequence[str]
    updated_at: str
    version: int


class SummariesView(msgspec.Struct):
    """A page of summaries; `next` is null on the last one."""

    summaries: Sequence[SummaryView]
    next: str | None


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the reviews service."""
    ordered = sorted(store.catalogue.series_ids())
    composed: dict[str, RatingView] = {}

    def rating(product: Product) -> RatingView:
        # An edit changes a product's words, never its readers: what was composed once stays good.
        view = composed.get(product.asin)
        if view is None:
            view = composed[product.asin] = rating_view(product)
        return view

    @get("/reviews/v1/ratings", responses=PROBLEM_RESPONSES, tags=["reviews"], sync_to_thread=False)
    def list_ratings(asin: Asins) -> RatingsView:
        """Ratings and up to three voices for each of up to 100 products."""
        return RatingsView([rating(product) for product in store.catalogue.find_all(asin)])

    @get("/reviews/v1/summaries", responses=PROBLEM_RESPONSES, tags=["reviews"], sync_to_thread=False)
    def list_summaries(after: Cursor = "", limit: PageSize = 100) -> SummariesView:
        """Review summaries of all series, page by page."""
        start = bisect_right(ordered, after) if after else 0
        page = ordered[start : start + limit]
        shelves = [shelf for shelf in map(store.catalogue.shelf, page) if shelf]
        more = start + limit < len(ordered)
        return SummariesView([_summary_view(shelf[0]) for shelf in shelves], page[-1] if more else None)

    return [list_ratings, list_summaries]


def rating_view(product: Product) -> RatingView:
    """A product's rating as the contract words it."""
    rating = rating_of(product)
    return RatingView(product.asin, rating.mean, rating.count, rating.snippets)


def _summary_view(product: Product) -> SummaryView:
    series = product.series
    notes = series.review
    # The day does not move with the calendar: a summary that did not change must not look changed.
    day = draws.between(1, 28, "reviewed", series.id)
    updated_at = f"2025-{draws.between(1, 6, 'reviewed month', series.id):02d}-{day:02d}T06:00:00Z"
    return SummaryView(
        series.id, series.title, product.asin, notes.summary, notes.praised, notes.criticised, updated_at, 1
    )
