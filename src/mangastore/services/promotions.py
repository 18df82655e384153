"""Promotions: the deals, coupons and bundles that run today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from mangastore.clock import days_from, rfc3339
from mangastore.data.prices import money
from mangastore.data.products import Product
from mangastore.data.promotions import Promotion, PromotionKind
from mangastore.problems import PROBLEM_RESPONSES
from mangastore.services.requests import MAX_ASINS, Asin
from mangastore.store import Store

SomeAsins = Annotated[list[Asin] | None, QueryParameter(name="asin", max_items=MAX_ASINS)]


class PromotionView(msgspec.Struct):
    """One promotion. Asked about products, `asins` are those among them that it covers, and `series_ids` only theirs.

    `minimum_amount` and `minimum_items` are what the covered items of an order must come to, and how many there must be;
    `whole_series` takes every volume of a series together; `everything` covers whatever is sold.
    """

    promotion_id: str
    kind: PromotionKind
    title: str
    description: str
    code: str | None
    percent_off: int | None
    asins: Sequence[str]
    series_ids: Sequence[str]
    starts_at: str
    ends_at: str
    terms: str
    minimum_amount: str | None
    minimum_items: int | None
    whole_series: bool
    everything: bool


class PromotionsView(msgspec.Struct):
    """The promotions that run today."""

    promotions: Sequence[PromotionView]


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the promotions service."""

    @get("/promotions/v1/promotions", responses=PROBLEM_RESPONSES, tags=["promotions"], sync_to_thread=False)
    def list_promotions(asin: SomeAsins = None) -> PromotionsView:
        """Promotions of some products, or all that run today."""
        today = store.clock().date()
        running = running_promotions(store.promotions, today)
        if not asin:
            return PromotionsView([promotion_view(one, today) for one in running])
        asked = store.catalogue.find_all(asin)
        narrowed = [_narrowed(one, asked) for one in running]
        return PromotionsView([promotion_view(one, today) for one in narrowed if one.asins])

    return [list_promotions]


def running_promotions(promotions: Sequence[Promotion], today: date) -> list[Promotion]:
    """Those that run on this day."""
    return [one for one in promotions if one.days(today)[0] <= today <= one.days(today)[1]]


def _narrowed(promotion: Promotion, asked: Sequence[Product]) -> Promotion:
    """The promotion as it speaks for these products: it names those that it covers, and no others."""
    covered = [product for product in asked if promotion.everything or product.asin in promotion.covered]
    named = set(promotion.series_ids)
    return msgspec.structs.replace(
        promotion,
        asins=[product.asin for product in covered],
        series_ids=list(dict.fromkeys(product.series.id for product in covered if product.series.id in named)),
    )


def promotion_view(promotion: Promotion, today: date) -> PromotionView:
    """A promotion as the contract words it; it ends with the last second of its last day."""
    offer = promotion.offer
    first, last = promotion.days(today)
    return PromotionView(
        promotion_id=offer.id,
        kind=offer.kind,
        title=offer.title,
        description=offer.description,
        code=offer.code,
        percent_off=offer.percent_off,
        asins=promotion.asins,
        series_ids=promotion.series_ids,
        starts_at=rfc3339(days_from(first, 0)),
        ends_at=rfc3339(days_from(last, 1) - timedelta(seconds=1)),
        terms=offer.terms,
        minimum_amount=None if offer.minimum_cents is None else money(offer.minimum_cents),
        minimum_items=offer.minimum_items,
        whole_series=offer.whole_series,
        everything=promotion.everything,
    )
