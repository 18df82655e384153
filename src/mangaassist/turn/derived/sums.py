"""Sums and comparisons over products: what they cost together, what is missing to free shipping, which is cheapest (T-11)."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, Final, Literal

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Customer
from mangaassist.domain.derived import FreeShipping, Line, MembershipAtRate, Pace, Share, Total
from mangaassist.domain.dialogue import Rate, Reckoning
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.domain.store_facts import StoreFacts

NOTHING: Final = Decimal(0)
FEW_RATINGS: Final = 50
"""Ratings that a product must have before its mean is taken for what it is: three friends make no best seller."""
USUAL_MEAN: Final = 4.0


def total(
    of: Literal["cart", "named"], products: Iterable[ProductEvidence], quantities: Mapping[str, int] | None = None
) -> Total | None:
    """What the products come to at today's prices, or None when none of them has one.

    ``quantities`` are by ASIN, 1 where one is absent. All prices are of one currency: what is priced in another than the first
    counts as unpriced.
    """
    known = tuple(products)
    currency = next((one.price.currency for one in known if one.price), None)
    if currency is None:
        return None
    priced = [one for one in known if one.price is not None and one.price.currency == currency]
    lines = tuple(_line(one, (quantities or {}).get(one.asin, 1)) for one in priced)
    return Total(
        of=of,
        lines=lines,
        amount=sum((line.amount * line.quantity for line in lines), NOTHING),
        member=_at_member_prices(priced, lines),
        currency=currency,
        unpriced=tuple(one.product.title for one in known if one not in priced),
    )


def _line(known: ProductEvidence, quantity: int) -> Line:
    assert known.price is not None
    return Line(asin=known.asin, title=known.product.title, amount=known.price.current, quantity=quantity)


def _at_member_prices(priced: Iterable[ProductEvidence], lines: Iterable[Line]) -> Decimal | None:
    """The same sum for a member; None where no product has a price of its own for members."""
    prices = {one.asin: one.price for one in priced if one.price}
    if not any(price.member for price in prices.values()):
        return None
    return sum(((prices[line.asin].member or line.amount) * line.quantity for line in lines), NOTHING)


def free_shipping(cart: Total | None, facts: StoreFacts, customer: Customer | None) -> FreeShipping | None:
    """How far the cart is from free shipping; None where the store tells no limit, or has another currency.

    A cart without anything in it is as far as the limit.
    """
    delivery, currency = facts.delivery, facts.currency or (cart.currency if cart else None)
    if delivery.free_from is None or currency is None or (cart is not None and cart.currency != currency):
        return None
    is_member = customer is not None and customer.member
    subtotal = NOTHING if cart is None else (cart.member if is_member and cart.member is not None else cart.amount)
    return FreeShipping(
        limit=delivery.free_from,
        subtotal=subtotal,
        missing=max(NOTHING, delivery.free_from - subtotal),
        currency=currency,
        by_membership=is_member and facts.membership is not None and facts.membership.free_shipping,
        fee=delivery.fee,
    )


def shared(whole: Total | None, shipping: FreeShipping | None, reckoning: Reckoning, *, member: bool) -> Share | None:
    """What each pays where several share a sum; None where nobody does. With the shipping where that is asked and known."""
    if whole is None or not reckoning.parts:
        return None
    amount = whole.member if member and whole.member is not None else whole.amount
    due = (shipping.due if shipping else None) or NOTHING if reckoning.with_shipping else NOTHING
    each = ((amount + due) / reckoning.parts).quantize(_CENT, ROUND_CEILING)
    return Share(parts=reckoning.parts, amount=amount + due, shipping=due, each=each, currency=whole.currency)


def paced(whole: Total | None, rate: Rate | None) -> Pace | None:
    """How long it takes to buy all of it at a rate, and what that costs each time; None without a rate."""
    if whole is None or rate is None or len(whole.lines) <= rate.count:
        return None
    volumes = len(whole.lines)
    each = (whole.amount * rate.count / volumes).quantize(_CENT, ROUND_CEILING)
    return Pace(rate=rate, volumes=volumes, times=-(-volumes // rate.count), each=each, currency=whole.currency)


def membership_at_rate(rate: Rate | None, facts: StoreFacts) -> MembershipAtRate | None:
    """What a year's orders at a rate cost in shipping that a membership saves; None where the store does not tell enough.

    What is bought in a week or a month is one order, and each of so many books a year is one.
    """
    membership, delivery = facts.membership, facts.delivery
    if rate is None or membership is None or not membership.free_shipping or membership.period != "year":
        return None
    if membership.price is None or delivery.fee is None or delivery.free_from is None or facts.currency is None:
        return None
    orders = rate.count if rate.every == "year" else _TIMES_A_YEAR[rate.every]
    return MembershipAtRate(
        orders=orders,
        shipping=delivery.fee * orders,
        fee=membership.price,
        limit=delivery.free_from,
        currency=facts.currency,
    )


_TIMES_A_YEAR: Final = {"week": 52, "month": 12}
_CENT: Final = Decimal("0.01")


def compared(products: Iterable[ProductEvidence]) -> dict[str, str]:
    """Which of at least two products costs least and most, is rated best, is longest and shortest: ASINs by the name of the field.

    What ties with another is neither: no two products are called the cheapest. Lengths are volumes of the series where
    there are several series, and pages of what is complete in one book; of one series they are pages.
    """
    known = tuple({one.asin: one for one in products}.values())
    if len(known) < 2:
        return {}
    length = _length(known)
    extremes: dict[str, str | None] = {
        "cheapest": _extreme(known, lambda one: one.price.current if one.price else None, least=True),
        "dearest": _extreme(known, lambda one: one.price.current if one.price else None, least=False),
        "best_rated": _extreme(known, standing, least=False),
        "longest": _extreme(known, length, least=False),
        "shortest": _extreme(known, length, least=True),
    }
    return {name: asin for name, asin in extremes.items() if asin is not None}


_VERDICTS: Final[Mapping[Act, tuple[Callable[[ProductEvidence], Any], bool]]] = {
    Act.CHEAPEST: (lambda one: one.price.current if one.price else None, False),
    Act.DEAREST: (lambda one: one.price.current if one.price else None, True),
    Act.BEST_RATED: (lambda one: one.rating.mean if one.rating and one.rating.count else None, True),
    Act.LONGEST: (lambda one: one.product.length if one.product.series_volumes else None, True),
    Act.SHORTEST: (lambda one: one.product.length if one.product.series_volumes else None, False),
}
"""What each verdict measures, and whether the most of it comes first."""


def in_order_of_verdict(act: Act | None, products: tuple[ProductEvidence, ...]) -> tuple[ProductEvidence, ...]:
    """The one that the verdict is about first, as the answer names them; what cannot be measured last, else as they came."""
    if act is None or act not in _VERDICTS:
        return products
    measure, most_first = _VERDICTS[act]
    measured = [(value, one) for one in products if (value := measure(one)) is not None]
    known = [one for _, one in sorted(measured, key=lambda pair: pair[0], reverse=most_first)]
    return (*known, *(one for one in products if measure(one) is None))


def standing(known: ProductEvidence) -> float | None:
    """The mean rating, drawn to the usual one where few have rated; None without ratings."""
    rating = known.rating
    if rating is None or rating.count == 0:
        return None
    return (rating.mean * rating.count + USUAL_MEAN * FEW_RATINGS) / (rating.count + FEW_RATINGS)


_NO_PAGES: Final = (1, 0)
"""The length of what is complete in one book of which nobody tells the pages."""


def _length(known: tuple[ProductEvidence, ...]) -> Callable[[ProductEvidence], Any]:
    if len({one.product.series_id for one in known}) > 1:
        has_pages = all(one.product.length != _NO_PAGES for one in known)
        measure: Callable[[Product], Any] = (lambda one: one.length) if has_pages else (lambda one: one.series_volumes)
        return lambda one: measure(one.product) if one.product.series_volumes else None
    return lambda one: one.product.pages or None


def _extreme(
    known: tuple[ProductEvidence, ...], measure: Callable[[ProductEvidence], Any | None], *, least: bool
) -> str | None:
    measured = [(value, one.asin) for one in known if (value := measure(one)) is not None]
    if len(measured) < 2:
        return None
    best = min(value for value, _ in measured) if least else max(value for value, _ in measured)
    holders = [asin for value, asin in measured if value == best]
    return holders[0] if len(holders) == 1 else None
