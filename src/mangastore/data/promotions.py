"""Deals, coupons and bundles that run now, with the products they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Literal

import msgspec

from mangastore.data.prices import Discount, list_cents, percent_discount
from mangastore.data.products import Product

PromotionKind = Literal["deal", "coupon", "bundle"]
MAX_ASINS = 50


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A promotion as it is planned: which products it covers is a rule, its dates are days around the week's Monday."""

    id: str
    kind: PromotionKind
    title: str
    description: str
    terms: str
    percent_off: int | None = None
    code: str | None = None
    starts: int = 0
    """Days from the Monday of this week, so that an offer does not move with every day."""
    runs: int = 13
    covers: Callable[[Product], bool]
    names_series: bool = False
    """Whether the offer names the series it covers beside the products."""
    minimum_cents: int | None = None
    """What the covered products of an order must come to, and how many of them there must be."""
    minimum_items: int | None = None
    whole_series: bool = False
    """It takes every volume of a series together."""


class Promotion(msgspec.Struct, frozen=True, kw_only=True):
    """An offer with the products it really covers; `asins` names at most 50 of them, `covered` holds all."""

    offer: Offer
    asins: list[str]
    series_ids: list[str]
    covered: frozenset[str]
    everything: bool = False
    """It covers whatever is sold."""

    def days(self, today: date) -> tuple[date, date]:
        """The first and the last day of the promotion."""
        first = today - timedelta(days=today.weekday()) + timedelta(days=self.offer.starts)
        return first, first + timedelta(days=self.offer.runs)


def _starts_series(product: Product) -> bool:
    return product.is_single and product.first_volume == 1


def _in_genre(genre: str) -> Callable[[Product], bool]:
    return lambda product: genre in product.series.genres


DEALS_TERMS = "Applied to the price you see. While stocks last; cannot be combined with another deal on the same item."
COUPON_TERMS = (
    "Enter the code at checkout. One code per order; not for gift cards, memberships, shipping or Final sale items."
)

OFFERS = (
    Offer(id="first-volume-fair", kind="deal", title="First Volume Fair: 15% off every Vol. 1 of a shojo or josei series",
          description="Start something new: the first volume of every shojo and josei series is 15% off.",
          percent_off=15, terms=DEALS_TERMS, starts=-4, runs=17,
          covers=lambda p: _starts_series(p) and p.series.demographic in ("shojo", "josei")),
    Offer(id="box-set-weeks", kind="deal", title="Box Set Weeks: 12% off complete boxes",
          description="Every box set is 12% off, on top of what the box already saves.",
          percent_off=12, terms=DEALS_TERMS, starts=-3, runs=20, covers=lambda p: p.format == "box_set"),
    Offer(id="sports-season", kind="deal", title="Sports Season: 10% off sports manga",
          description="Courts, pools and pitches: single volumes of every sports series are 10% off.",
          percent_off=10, terms=DEALS_TERMS, starts=-2, runs=12, names_series=True,
          covers=lambda p: p.is_single and _in_genre("Sports")(p)),
    Offer(id="long-nights", kind="deal", title="Long Nights: 20% off horror, volumes 1 to 3",
          description="The first three volumes of every horror series are 20% off.",
          percent_off=20, terms=DEALS_TERMS, starts=-1, runs=14, names_series=True,
          covers=lambda p: p.is_single and p.last_volume <= 3 and _in_genre("Horror")(p)),
    Offer(id="kitchen-table", kind="deal", title="Kitchen Table: 10% off gourmet manga",
          description="Series that cook, bake and eat: 10% off every single volume.",
          percent_off=10, terms=DEALS_TERMS, starts=0, runs=13, names_series=True,
          covers=lambda p: p.is_single and _in_genre("Gourmet")(p)),
    Offer(id="big-books", kind="deal", title="Big Books: 10% off first omnibuses",
          description="The first omnibus of every series that has one is 10% off.",
          percent_off=10, terms=DEALS_TERMS, starts=-6, runs=25,
          covers=lambda p: p.format == "omnibus" and p.first_volume == 1),
    Offer(id="ink10", kind="coupon", code="INK10", title="INK10: 10% off your order",
          description="10% off everything in the cart from $30.", percent_off=10,
          terms=f"Minimum order $30. {COUPON_TERMS}", starts=-21, runs=60, minimum_cents=3000,
          covers=lambda _: True),
    Offer(id="big-read", kind="coupon", code="BIGREAD15", title="BIGREAD15: 15% off two omnibuses",
          description="Buy two or more omnibuses together and take 15% off them.", percent_off=15,
          terms=f"Two or more omnibuses in one order. {COUPON_TERMS}", starts=-12, runs=33, minimum_items=2,
          covers=lambda p: p.format == "omnibus"),
    Offer(id="seinen20", kind="coupon", code="SEINEN20", title="SEINEN20: 20% off three seinen volumes",
          description="Buy three or more seinen volumes together and take 20% off them.", percent_off=20,
          terms=f"Three or more seinen single volumes in one order. {COUPON_TERMS}", starts=-5, runs=18, minimum_items=3,
          covers=lambda p: p.is_single and p.series.demographic == "seinen"),
    Offer(id="first-crush", kind="coupon", code="FIRSTCRUSH", title="FIRSTCRUSH: 12% off romance from $25",
          description="12% off single volumes of romance series when they come to $25 or more.", percent_off=12,
          terms=f"Romance single volumes of $25 or more in one order. {COUPON_TERMS}", starts=-6, runs=24, minimum_cents=2500,
          covers=lambda p: p.is_single and _in_genre("Romance")(p)),
    Offer(id="starter-trio", kind="bundle", title="Starter Trio: volumes 1 to 3 together, 12% off",
          description="Put volumes 1, 2 and 3 of one shonen series into the cart and the three are 12% off.",
          percent_off=12, terms="All three volumes of the same series in one order.", starts=-10, runs=40, minimum_items=3,
          covers=lambda p: p.is_single and p.last_volume <= 3 and p.series.demographic == "shonen"),
    Offer(id="whole-story", kind="bundle", title="The Whole Story: 10% off a finished short series",
          description="Buy every volume of a finished series of up to six volumes together and save 10%.",
          percent_off=10, terms="Every volume of the series in one order.", starts=-8, runs=35,
          names_series=True, whole_series=True,
          covers=lambda p: p.is_single and p.series.status == "finished" and 2 <= p.series.volumes <= 6),
)  # fmt: skip


def make_promotions(products: Iterable[Product]) -> list[Promotion]:
    """Every offer with the products it covers; an offer that covers nothing is left out."""
    everything = list(products)
    promotions = [_promotion(offer, everything) for offer in OFFERS]
    return [promotion for promotion in promotions if promotion.covered]


def _promotion(offer: Offer, products: list[Product]) -> Promotion:
    covered = [product for product in products if offer.covers(product)]
    everywhere = len(covered) == len(products)
    series_ids = dict.fromkeys(product.series.id for product in covered) if offer.names_series else {}
    return Promotion(
        offer=offer,
        # A promotion of the whole store names no product.
        asins=[] if everywhere else [product.asin for product in covered[:MAX_ASINS]],
        series_ids=list(series_ids),
        covered=frozenset(product.asin for product in covered),
        everything=everywhere,
    )


def best_deal(product: Product, promotions: Iterable[Promotion], today: date) -> Discount | None:
    """The running deal that takes most off a product; coupons and bundles change no price by themselves."""
    deals = [
        percent_discount(promotion.offer.title, promotion.offer.percent_off, list_cents(product))
        for promotion in promotions
        if promotion.offer.kind == "deal"
        and promotion.offer.percent_off
        and product.asin in promotion.covered
        and promotion.days(today)[0] <= today <= promotion.days(today)[1]
    ]
    return max(deals, key=lambda deal: deal.cents, default=None)
