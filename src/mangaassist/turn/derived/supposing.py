"""What a sum would be if something were taken out of it, put in or taken twice, for each choice that is left open (T-11)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import structs

from mangaassist.domain.derived import Line, Total, Variant
from mangaassist.domain.dialogue import Reckoning
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.turn.derived.sums import total
from mangaassist.turn.products.keeping import BUYABLE

MOST_CHOICES: Final = 4


def once_more(named: Total) -> tuple[Variant, ...]:
    """The sum with each of its books once more."""
    return tuple(_twice(named, line) for line in named.lines[:MOST_CHOICES])


def _twice(named: Total, line: Line) -> Variant:
    lines = tuple(
        structs.replace(one, quantity=one.quantity + 1) if one.asin == line.asin else one for one in named.lines
    )
    more = structs.replace(named, lines=lines, amount=named.amount + line.amount, member=None)
    return Variant(change="twice", titles=(line.title,), total=more)


def filled_up(
    cart: Iterable[ProductEvidence], quantities: Mapping[str, int], found: Iterable[ProductEvidence], missing: Decimal
) -> tuple[Variant, ...]:
    """The cart with the one book at hand that costs least of those that make up what is missing; empty where none does."""
    at_hand = (one for one in found if one.stock is None or one.stock.state in BUYABLE)
    enough = [(one.price.current, one) for one in at_hand if one.price and one.price.current >= missing]
    if not enough:
        return ()
    _, least = min(enough, key=lambda pair: pair[0])
    return other_carts(cart, quantities, Reckoning(added=True), [least])


def other_carts(
    cart: Iterable[ProductEvidence],
    quantities: Mapping[str, int],
    reckoning: Reckoning,
    added: Iterable[ProductEvidence] = (),
) -> tuple[Variant, ...]:
    """The cart without what is left out and with what is added; without each of its books where any one of them is meant."""
    held = tuple({known.asin: known for known in cart}.values())
    return tuple(_other_carts(held, quantities, reckoning, tuple(added)))


def _other_carts(
    held: tuple[ProductEvidence, ...],
    quantities: Mapping[str, int],
    reckoning: Reckoning,
    added: tuple[ProductEvidence, ...],
) -> Iterator[Variant]:
    if added:
        more = {**quantities, **{one.asin: quantities.get(one.asin, 0) + reckoning.copies for one in added}}
        there = {one.asin for one in held}
        if (made := total("cart", (*held, *(one for one in added if one.asin not in there)), more)) is not None:
            yield Variant(change="with", titles=tuple(one.product.title for one in added), total=made)
    if reckoning.left_out:
        taken = [one for one in held if {one.asin, one.product.series_id} & set(reckoning.left_out)]
        yield from _without(held, quantities, taken) if taken else ()
    elif reckoning.one_out:
        for one in held[:MOST_CHOICES]:
            yield from _without(held, quantities, [one])


def _without(
    held: tuple[ProductEvidence, ...], quantities: Mapping[str, int], taken: list[ProductEvidence]
) -> Iterator[Variant]:
    """Nothing where nothing is left of it; of several copies one is taken."""
    fewer = {**quantities, **{one.asin: quantities.get(one.asin, 1) - 1 for one in taken}}
    rest = total("cart", [one for one in held if fewer.get(one.asin, 1) > 0], fewer)
    if rest is not None:
        yield Variant(change="without", titles=tuple(one.product.title for one in taken), total=rest)
