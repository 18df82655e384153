"""What comes first for whom where nothing else orders it: a readership, and for a grown-up nothing endless (T-5)."""

from functools import cache
from typing import Any, Final

from msgspec import Struct, structs

from mangaassist.domain.products import Product
from mangaassist.domain.wishes import REFUSED_RATING, Reader, Wish
from mangaassist.turn.products.constraints import GROWN_UP
from mangaassist.turn.products.lookups import Products
from mangaassist.understanding.vocabulary import tables

LONG_FOR_A_GIFT: Final = 15
"""Volumes from which on a series is much for somebody who has read none."""


class Audience(Struct, frozen=True):
    """``first`` are the readerships that suit, in lower case; ``is_grown`` wants a short way in, and nothing Mature unasked."""

    first: tuple[str, ...]
    is_grown: bool = False
    unasked: tuple[str, ...] = ()
    """Labels that nobody hands to them unless they are asked for."""

    def misfit(self, product: Product) -> int:
        """How much speaks against a product, 0 for nothing."""
        other = self.first and product.demographic.casefold() not in self.first
        mature, long = product.age_rating == REFUSED_RATING, product.series_volumes > LONG_FOR_A_GIFT
        rough = bool({*product.genres, *product.themes} & {*self.unasked})
        return 2 * (bool(other) + rough) + self.is_grown * (2 * mature + long)


@cache
def _audiences() -> dict[str, Audience]:
    listed: dict[str, Any] = tables("en")["audiences"]
    rows = ((row["of"], _audience(row)) for row in listed.values())
    return {who: audience for names, audience in rows for who in names}


def _audience(row: dict[str, Any]) -> Audience:
    return Audience(tuple(row["first"]), row.get("grown", False), tuple(row.get("unasked", ())))


def audience(reader: Reader | None) -> Audience | None:
    """Of somebody else who is named; None where nobody is, or nothing is known of them."""
    if reader is None or reader.is_self:
        return None
    known = _audiences().get(reader.said.removeprefix("my "))
    if reader.age is not None and reader.age >= GROWN_UP:
        return known if known and known.is_grown else Audience(("seinen", "josei"), is_grown=True)
    return known


def suited_first(wish: Wish, products: Products) -> Products:
    """In their order otherwise. Who asks for an order, or for something alike, has said what comes first."""
    for_whom = audience(wish.reader)
    if for_whom is None or wish.ordering is not None or wish.like or wish.values("demographic"):
        return products
    named = {*wish.values("genre"), *wish.values("theme")}
    asked = structs.replace(for_whom, unasked=tuple(one for one in for_whom.unasked if one not in named))
    return tuple(sorted(products, key=asked.misfit))
