"""Whether an offer speaks for what is asked about, what is missing to its conditions, and what it takes off (T-11)."""

from collections.abc import Iterable, Mapping, Set
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from mangaassist.domain.derived import CodeSum, OfferFit, Total
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Promotion

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal(0)
HUNDRED: Final = Decimal(100)


def fit(
    offer: Promotion,
    products: Iterable[ProductEvidence],
    told: Set[str] = frozenset(),
    quantities: Mapping[str, int] | None = None,
    *,
    member: bool = False,
) -> OfferFit:
    """The offer against the products together.

    ``told`` are ASINs that the store itself named as covered, beside those that the offer lists: its list is cut off where it
    is long. ``quantities`` are by ASIN. Of a ``member`` an offer takes its share off the member price.
    """
    known = tuple({one.asin: one for one in products}.values())
    covered = tuple(one for one in known if covers(offer, one, told))
    many = quantities or {}
    sum_of = sum((_amount(one, member=member) * many.get(one.asin, 1) for one in covered), NOTHING)
    needs_items = max(0, _items_wanted(offer, covered) - sum(many.get(one.asin, 1) for one in covered))
    needs_amount = max(NOTHING, (offer.minimum_amount or NOTHING) - sum_of) if covered else NOTHING
    is_met = bool(covered) and not needs_items and not needs_amount
    return OfferFit(
        promotion_id=offer.promotion_id,
        asins=tuple(one.asin for one in covered),
        covers=bool(covered),
        needs_items=needs_items if covered else 0,
        needs_amount=needs_amount,
        saves=_saves(offer, covered, many, sum_of) if is_met else None,
        already_in_price=offer.kind == "deal",
    )


def covers(offer: Promotion, known: ProductEvidence, told: Set[str] = frozenset()) -> bool:
    return offer.everything or known.asin in offer.asins or known.asin in told


def _items_wanted(offer: Promotion, covered: tuple[ProductEvidence, ...]) -> int:
    """How many covered items must be there together: every volume of the series, where the offer takes it whole."""
    if offer.kind == "bundle" and offer.whole_series:
        return max((one.product.series_volumes for one in covered), default=0)
    return offer.minimum_items or 0


def _amount(known: ProductEvidence, *, member: bool) -> Decimal:
    if known.price is None:
        return NOTHING
    return known.price.member if member and known.price.member is not None else known.price.current


def _saves(
    offer: Promotion, covered: tuple[ProductEvidence, ...], many: Mapping[str, int], sum_of: Decimal
) -> Decimal | None:
    """A deal has been taken off already: what it took is the difference that the store itself names for it."""
    if offer.kind == "deal":
        taken = [
            discount.amount * many.get(one.asin, 1)
            for one in covered
            if one.price
            for discount in one.price.discounts
            if discount.label == offer.title
        ]
        return sum(taken, NOTHING) or None
    if offer.percent_off is None or not sum_of or any(one.price is None for one in covered):
        return None
    return (sum_of * offer.percent_off / HUNDRED).quantize(CENT, ROUND_HALF_UP)


def best_code(fits: Iterable[tuple[Promotion, OfferFit]], total: Total, *, member: bool) -> CodeSum | None:
    """The code that takes most off a sum today, of those whose conditions are met; None where none works."""
    works = [(fit.saves, offer.code) for offer, fit in fits if offer.code and fit.saves]
    if not works:
        return None
    saves, code = max(works, key=lambda pair: pair[0])
    subtotal = total.member if member and total.member is not None else total.amount
    return CodeSum(code=code, subtotal=subtotal, saves=saves, currency=total.currency)
