"""What each product costs right now: list price, today's discount, the member's price, or the price an operator set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from mangastore.clock import Clock
from mangastore.data.prices import Discount, list_cents, member_cents, standing_discount
from mangastore.data.products import Product
from mangastore.data.promotions import Promotion, best_deal


class Quote(msgspec.Struct, frozen=True):
    """A product's price in cents, with what was taken off the list price."""

    current: int
    list_price: int | None
    """None where nothing is taken off."""
    member: int | None
    """None where there is no member price."""
    discount: Discount | None


class PriceBook:
    """Quotes by ASIN, worked out once a day for each product."""

    def __init__(self, promotions: Sequence[Promotion], clock: Clock) -> None:
        self._promotions, self._clock = promotions, clock
        self._day: date | None = None
        self._quotes: dict[str, Quote] = {}
        self._set_by_hand: dict[str, int] = {}

    def quote(self, product: Product) -> Quote:
        """What the product costs now."""
        today = self._clock().date()
        if today != self._day:
            self._day, self._quotes = today, {}
        quote = self._quotes.get(product.asin)
        if quote is None:
            quote = self._quotes[product.asin] = self._work_out(product, today)
        return quote

    def set_price(self, asin: str, cents: int) -> None:
        """Sell a product at this price from now on, without discounts."""
        self._set_by_hand[asin] = cents
        self._quotes.pop(asin, None)

    def _work_out(self, product: Product, today: date) -> Quote:
        by_hand = self._set_by_hand.get(product.asin)
        if by_hand is not None:
            return Quote(by_hand, None, member_cents(product, by_hand), None)
        full = list_cents(product)
        # A deal replaces the standing discount where it takes off more; the two never add up.
        offers = (best_deal(product, self._promotions, today), standing_discount(product))
        discount = max((offer for offer in offers if offer), key=lambda offer: offer.cents, default=None)
        if discount is None:
            return Quote(full, None, member_cents(product, full), None)
        current = full - discount.cents
        return Quote(current, full, member_cents(product, current), discount)
