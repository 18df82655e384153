"""Whether something is said to be there to buy, and how many of it: as the inventory says (G-4)."""

import re
from collections.abc import Mapping
from typing import Final

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import StockState
from mangaassist.guardrails.claims.said import Said, Wrong, instead, number, whole

_MEANS: Final[Mapping[str, frozenset[StockState]]] = {
    "out": frozenset({"out_of_stock", "backorder", "preorder"}),
    "low": frozenset({"low_stock"}),
    "left": frozenset({"low_stock"}),
    "pre": frozenset({"preorder"}),
    "back": frozenset({"backorder", "out_of_stock"}),
    "there": frozenset({"in_stock", "low_stock"}),
}
"""Which states each group of the words may stand for."""
_RIGHT: Final[Mapping[StockState, str]] = {
    "in_stock": "in stock",
    "low_stock": "low in stock",
    "backorder": "on backorder",
    "preorder": "on preorder",
    "out_of_stock": "out of stock",
}
_PREDICATE: Final = re.compile(r"(?:\b(?:is|are|it's|they're|currently|now|still|also|both)|,)[\s*_]+$", re.IGNORECASE)


def stock(said: Said, found: re.Match[str]) -> Wrong | None:
    """Every product named, or all of them where none is, stands as the words say."""
    meant = next(name for name in _MEANS if found[name])
    known = said.listed(found.start())
    if _is_told_of(said, meant):
        return None
    if not known:
        return None if said.known.say(found["it"]) else whole()
    if all(_is(one, meant, found) for one in known):
        return None
    states: set[StockState] = {one.stock.state for one in known if one.stock}
    if len(states) != 1 or not _PREDICATE.search(said.text[: found.start("it")]):
        return whole()
    return instead(found, _RIGHT[states.pop()])


def _is(one: ProductEvidence, meant: str, found: re.Match[str]) -> bool:
    if one.stock is None or one.stock.state not in _MEANS[meant]:
        return False
    told = number(found["count"]) if meant == "left" and found["count"] else None
    return told is None or one.stock.quantity in (None, told)


def _is_told_of(said: Said, meant: str) -> bool:
    """A book of an order that waits for it, or one of a set that was worked out to be missing."""
    evidence, text = said.evidence, said.text.lower()
    items = (item for owned in evidence.orders for item in owned.order.items)
    if any(item.availability in _MEANS[meant] and item.title.lower() in text for item in items):
        return True
    derived = evidence.derived
    sets = (*derived.sets, *derived.ways, *((derived.cheapest_way,) if derived.cheapest_way else ()))
    return meant == "out" and any(title.lower() in text for held in sets for title in held.out_of_stock)
