"""Everything that follows from one turn's evidence, worked out once (T-11)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import Customer
from mangaassist.domain.derived import CodeSum, Derived, OfferFit, OrderChoice, Relaxed, Share, Total, Variant
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import OrderEvidence, ProductEvidence
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.products import Format, Product, Promotion
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts, Support
from mangaassist.turn.derived import contents, offers, orders, series, sums, supposing, tallies

BOUND: Final = frozenset({Format.OMNIBUS, Format.BOX_SET})
"""A "full set" that is not sold as one is the sum of its volumes."""


class Ground(Struct, frozen=True, kw_only=True):
    """What derived facts stand on.

    ``named`` are the products that were asked about, ``shelf`` everything that is sold of their series, where that was needed;
    ``franchise`` one product of each series that may belong to theirs, ``owned`` what the shopper has bought; ``covered`` the
    ASINs that the store named for each promotion; ``quantities`` how often a product is in the cart.
    """

    meaning: Meaning
    now: datetime
    products: tuple[ProductEvidence, ...] = ()
    named: tuple[ProductEvidence, ...] = ()
    shelf: tuple[ProductEvidence, ...] = ()
    cart: tuple[ProductEvidence, ...] = ()
    quantities: Mapping[str, int] = {}
    orders: tuple[OrderEvidence, ...] = ()
    order_choice: OrderChoice = ""
    promotions: tuple[Promotion, ...] = ()
    covered: Mapping[str, frozenset[str]] = {}
    franchise: tuple[Product, ...] = ()
    owned: tuple[Product, ...] = ()
    customer: Customer | None = None
    facts: StoreFacts = NO_FACTS
    relaxed: tuple[Relaxed, ...] = ()


def derived(ground: Ground) -> Derived:
    ground = _of_whole_series(ground)
    cart_total = sums.total("cart", ground.cart, ground.quantities)
    first = ground.named[0].product if ground.named else None
    summed, shelves, rate = _summed(ground), _shelves(ground), ground.meaning.reckoning.rate
    named_total = sums.total(
        "named", summed, dict.fromkeys((one.asin for one in summed), ground.meaning.reckoning.copies)
    )
    bought = series.affordable(shelves or ((),), ground.meaning.reckoning.budget, _fee_of(ground))
    told = contents.told(ground.meaning, ground.facts, tuple(one.product for one in ground.products))
    return Derived(
        total=named_total,
        delivery=sums.free_shipping(named_total, ground.facts, ground.customer) if _is_shipped(ground) else None,
        variants=_variants(ground, cart_total, named_total),
        cart_code=_cart_code(ground),
        affordable=bought[0] if len(bought) == 1 else None,
        affordable_each=bought if len(bought) > 1 else (),
        share=_share(ground, cart_total, named_total),
        pace=sums.paced(named_total, rate),
        membership_at_rate=None if ground.meaning.asks(Act.TOTAL) else sums.membership_at_rate(rate, ground.facts),
        cart_total=cart_total,
        free_shipping=sums.free_shipping(cart_total, ground.facts, ground.customer) if _is_about_cart(ground) else None,
        orders=tuple(orders.verdict(owned, ground.facts, ground.now, ground.meaning.fault) for owned in ground.orders),
        order_choice=ground.order_choice,
        spent=orders.spent(ground.orders) if "spent" in ground.meaning.aspects else None,
        tallied=tallies.tallied(ground.orders) if ground.meaning.tally else None,
        bought=series.bought(ground.owned, ground.meaning) if "owned" in ground.meaning.aspects else (),
        offers=tuple(_offer(offer, ground) for offer in ground.promotions) if ground.named or ground.cart else (),
        sets=series.sets_against_singles(ground.shelf) if len(shelves) < 2 else (),
        cheapest_way=series.cheapest_way(ground.shelf) if len(shelves) < 2 else None,
        ways=tuple(way for shelf in shelves if (way := series.cheapest_way(shelf))) if len(shelves) > 1 else (),
        reading_order=series.reading_order(ground.franchise, first) if first else (),
        next_volume=series.next_volume(first, _volume_named(ground), ground.owned),
        contents=told.fits,
        notes=told.notes,
        judged=told.nouns,
        ages=series.age_fits(
            (one.product for one in ground.products), ground.facts, ground.meaning.seeks.reader or ground.meaning.reader
        ),
        relaxed=ground.relaxed,
        open_now=open_now(ground.facts.support, ground.now),
        **sums.compared(ground.named or ground.products),
    )


def _fee_of(ground: Ground) -> series.Fee:
    """What it costs to have an amount of books sent: nothing where nobody asks for it."""
    delivery = ground.facts.delivery
    ships_free = ground.customer is not None and ground.customer.member and ground.facts.membership is not None
    fee = delivery.fee if ground.meaning.reckoning.with_shipping and not ships_free else None
    free_from = delivery.free_from
    return lambda amount: Decimal(0) if fee is None or (free_from is not None and amount >= free_from) else fee


def _share(ground: Ground, cart: Total | None, named: Total | None) -> Share | None:
    """Of the cart where that is asked for, else of what is named."""
    of_cart = ground.meaning.asks(Act.CART_TOTAL)
    total = cart if of_cart else named
    shipping = sums.free_shipping(total, ground.facts, ground.customer)
    member = ground.customer is not None and ground.customer.member
    return sums.shared(total, shipping, ground.meaning.reckoning, member=member)


def _of_whole_series(ground: Ground) -> Ground:
    """Offers on a whole series are held against its single volumes, whichever of its books was found."""
    singles = series.singles_of(ground.shelf) if ground.meaning.reckoning.whole else {}
    return structs.replace(ground, named=tuple(singles[number] for number in sorted(singles))) if singles else ground


def _shelves(ground: Ground) -> tuple[tuple[ProductEvidence, ...], ...]:
    """The shelf, a part a series."""
    ids = dict.fromkeys(one.product.series_id for one in ground.shelf)
    return tuple(tuple(one for one in ground.shelf if one.product.series_id == each) for each in ids)


def _is_about_cart(ground: Ground) -> bool:
    """An empty cart is as far from free shipping as can be, which only who asks for that wants to hear."""
    return bool(ground.cart) or ground.meaning.asks(Act.FREE_SHIPPING, Act.CART_TOTAL, Act.SHIPPING_COST)


def _is_shipped(ground: Ground) -> bool:
    """Whether anybody wants to know what it costs to have sent what is named."""
    asked = ground.meaning.reckoning.with_shipping or ground.meaning.asks(Act.FREE_SHIPPING, Act.SHIPPING_COST)
    return bool(ground.named) and asked


def _variants(ground: Ground, cart: Total | None, named: Total | None) -> tuple[Variant, ...]:
    """What the cart, or the sum of what is named, would be with something else in it."""
    reckoning = ground.meaning.reckoning
    if reckoning.once_more and named is not None:
        return supposing.once_more(named)
    if reckoning.fills_up and reckoning.cheapest:
        return _filled_up(ground, cart)
    if not reckoning.supposes or cart is None:
        return ()
    beside = ground.named if reckoning.added else ()
    made = supposing.other_carts(ground.cart, ground.quantities, reckoning, beside)
    return tuple(
        structs.replace(one, shipping=sums.free_shipping(one.total, ground.facts, ground.customer)) for one in made
    )


def _filled_up(ground: Ground, cart: Total | None) -> tuple[Variant, ...]:
    """The cart with the one book that costs least of those that bring it to free shipping."""
    shipping = sums.free_shipping(cart, ground.facts, ground.customer)
    if cart is None or shipping is None or shipping.by_membership or not shipping.missing:
        return ()
    return supposing.filled_up(ground.cart, ground.quantities, ground.products, shipping.missing)


def _cart_code(ground: Ground) -> CodeSum | None:
    """What is left to pay for the cart, or for what is named, with the best code that works on it now."""
    member = ground.customer is not None and ground.customer.member
    known = ground.named if ground.named and not ground.meaning.asks(Act.CART_TOTAL) else ground.cart
    many = None if known is ground.named else ground.quantities
    fits = [(one, _offer(one, ground)) for one in ground.promotions if one.code]
    total = sums.total("named" if known is ground.named else "cart", known, many)
    found = offers.best_code(fits, total, member=member) if total else None
    if found is None or total is None:
        return None
    shipping = sums.free_shipping(total, ground.facts, ground.customer)
    return structs.replace(found, due=shipping.due if shipping else None)


def _summed(ground: Ground) -> tuple[ProductEvidence, ...]:
    """What is summed: everything that was named; the single volumes of a series that was named as a whole."""
    targets = ground.meaning.targets
    formats = {known.product.format for known in ground.named}
    named = targets[0].format if targets else None
    whole = (
        len(targets) == 1
        and targets[0].volume is None
        and targets[0].asin is None
        and (not named or (named in BOUND and named not in formats))
    )
    if whole and ground.shelf:
        singles, without = series.singles_of(ground.shelf), ground.meaning.reckoning.without
        numbers = [number for number in sorted(singles) if number not in without]
        return tuple(singles[number] for number in numbers[-ground.meaning.reckoning.last_few :])
    if edition := _whole_edition(ground):
        return edition
    return tuple(known for known in ground.named if _is_meant(known, targets))


def _whole_edition(ground: Ground) -> tuple[ProductEvidence, ...]:
    """ "How much for all of them" after some of twelve omnibuses were shown: all twelve; empty where that is not asked."""
    targets = ground.meaning.targets
    alone = len(targets) == 1 and targets[0].volume is None and targets[0].asin is None
    if not alone or targets[0].format is not Format.OMNIBUS or not ground.meaning.asks(Act.TOTAL):
        return ()
    first = next((one.product.title for one in ground.named if one.product.format is Format.OMNIBUS), "")
    name = first.partition(", Vol.")[0]
    of_it = [one for one in ground.shelf if one.product.title.partition(", Vol.")[0] == name]
    return tuple(sorted(of_it, key=lambda one: one.product.volume_from or 0)) if first else ()


def _is_meant(known: ProductEvidence, targets: tuple[Target, ...]) -> bool:
    """A volume that stands in for one which there is not belongs to no sum."""
    of_series = [target for target in targets if target.series_id == known.product.series_id]
    if not of_series or any(target.volume is None or target.format in BOUND for target in of_series):
        return True
    held = series.span(known.product)
    volumes = [target.volume for target in of_series if target.volume is not None]
    return held is None or any(held[0] <= volume <= held[1] for volume in volumes)


def _offer(offer: Promotion, ground: Ground) -> OfferFit:
    """Against what was named, else against what is in the cart."""
    told = ground.covered.get(offer.promotion_id, frozenset())
    member = ground.customer is not None and ground.customer.member
    if ground.named:
        return offers.fit(offer, ground.named, told, member=member)
    return offers.fit(offer, ground.cart, told, ground.quantities, member=member)


def _volume_named(ground: Ground) -> int | None:
    volumes = [target.volume for target in ground.meaning.targets if target.volume is not None]
    return max(volumes, default=None)


def open_now(support: Support, now: datetime) -> bool | None:
    """Whether the store's people answer now; None where it tells no hours, or a zone that nobody knows."""
    if not support.hours:
        return None
    try:
        there = now.astimezone(ZoneInfo(support.timezone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
    if support.holiday_on(there.date()):
        return False
    return any(
        hours.weekday == there.weekday() and hours.opens <= there.time() < hours.closes for hours in support.hours
    )
