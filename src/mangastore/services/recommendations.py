"""Recommendations: ranked first volumes, by what was looked at, by genre, or by what the shopper bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from mangastore.data.customers import Customer
from mangastore.data.series import Series
from mangastore.problems import PRIVATE_RESPONSES
from mangastore.ranking import Ranked
from mangastore.services.requests import MAX_ASINS, AnyRequest, Asin, signed_in
from mangastore.store import Store

Seeds = Annotated[list[Asin] | None, QueryParameter(name="seed", max_items=MAX_ASINS)]
Genre = Annotated[str, QueryParameter(name="genre", max_length=40)]
HowMany = Annotated[int, QueryParameter(name="limit", ge=1, le=50)]


class RankedView(msgspec.Struct):
    """One recommended product; the score lies between 0 and 1."""

    asin: str
    score: float
    reason: str


class RankedListView(msgspec.Struct):
    """Recommended products, best first."""

    ranked: Sequence[RankedView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the recommendations service."""

    @get("/recommendations/v1/ranked", responses=PRIVATE_RESPONSES, tags=["recommendations"], sync_to_thread=False)
    def list_ranked(request: AnyRequest, seed: Seeds = None, genre: Genre = "", limit: HowMany = 10) -> RankedListView:
        """What to read next. A token is optional and makes it personal."""
        shopper = signed_in(store, request)
        ranked = recommend(store, seed or [], genre, limit, shopper)
        return RankedListView([RankedView(one.product.asin, one.score, one.reason) for one in ranked])

    return [list_ranked]


def recommend(store: Store, seeds: Sequence[str], genre: str, limit: int, shopper: Customer | None) -> list[Ranked]:
    """Ranked products: like the seeds, else like what the shopper bought, else what everybody loves."""
    bought = _bought_series(store, shopper)
    seed_series = _distinct(product.series for product in store.catalogue.find_all(seeds)) or list(bought.values())
    if seed_series:
        found = store.ranking.like(seed_series, but=bought, genre=genre, limit=limit)
    else:
        favourite = shopper.favourite_genres[0] if shopper and shopper.favourite_genres and not genre else genre
        found = store.ranking.loved(genre=favourite, limit=limit)
    if len(found) < limit:
        known = {one.product.series.id for one in found} | {series.id for series in seed_series} | bought.keys()
        found += store.ranking.loved(genre=genre, but=known, limit=limit - len(found))
    return found


def _bought_series(store: Store, shopper: Customer | None) -> dict[str, Series]:
    orders = store.orders_of(shopper.id) if shopper else []
    kept = [order for order in orders if order.state not in ("cancelled", "refunded")]
    return {line.product.series.id: line.product.series for order in kept for line in order.lines}


def _distinct(all_series: Iterable[Series]) -> list[Series]:
    return list({series.id: series for series in all_series}.values())
