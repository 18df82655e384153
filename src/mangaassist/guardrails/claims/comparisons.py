"""What is said to be the most of its kind: where it was compared, and nowhere else (G-4)."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from mangaassist.domain.derived import Derived
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.wishes import Ordering
from mangaassist.guardrails.claims.said import Said, Wrong, instead, whole

_A_WAY: Final = re.compile(r"\s(?:way|edition)\b", re.IGNORECASE)


def _cheapest(derived: Derived) -> set[str]:
    best = {derived.cheapest} if derived.cheapest else set[str]()
    ways = (*derived.ways, *((derived.cheapest_way,) if derived.cheapest_way else ()))
    return best | {asin for way in ways for asin in way.asins}


_COMPARED: Final[Mapping[str, tuple[Callable[[Derived], set[str]], tuple[Ordering, ...]]]] = {
    "cheap": (_cheapest, ("cheapest",)),
    "dear": (lambda derived: {derived.dearest or ""}, ("dearest",)),
    "rated": (lambda derived: {derived.best_rated or ""}, ("best", "underrated")),
    "long": (lambda derived: {derived.longest or ""}, ("longest",)),
    "short": (lambda derived: {derived.shortest or ""}, ("shortest",)),
    "new": (lambda _: set[str](), ("newest",)),
}
"""By the group that matches: which products were found to be it, and by which order of a wish the catalog itself was asked."""


def most(said: Said, found: re.Match[str]) -> Wrong | None:
    """ "Our cheapest": what was compared says so, or the catalog was asked for just that."""
    kind = next(name for name in _COMPARED if found[name])
    compared, orderings = _COMPARED[kind]
    if said.text.rstrip().endswith("?"):
        return None
    best, books = compared(said.evidence.derived), said.about(found.start())
    if best & {known.asin for known in books}:
        return None
    meaning = said.known.meaning
    if meaning is not None and any(wish.ordering in orderings for wish in meaning.sought):
        return None
    return None if said.known.say(found[0]) or _is_of_these(said, found, kind) else whole()


def _is_of_these(said: Said, found: re.Match[str], kind: str) -> bool:
    """It is of those that the sentence names, else of all that were found; and so is the best way to own something."""
    if re.match(r"our\b", found[0], re.IGNORECASE):
        return False
    derived = said.evidence.derived
    if kind == "cheap" and (derived.cheapest_way or derived.ways) and _A_WAY.match(said.text, found.end()):
        return True
    named = said.named if len(said.named) > 1 else said.known.products
    first = next(iter(said.about(found.start())), None)
    values = {known.asin: value for known in named if (value := _measure(known.asin, kind, said.evidence)) is not None}
    return first is not None and len(values) > 1 and values.get(first.asin) == min(values.values())


def _measure(asin: str, kind: str, evidence: Evidence) -> float | None:
    """The least of this is the most of that kind; None where it is not known."""
    known = next((one for one in (*evidence.products, *evidence.cart) if one.asin == asin), None)
    if known is None:
        return None
    price = float(known.price.current) if known.price else None
    rating = known.rating.mean if known.rating else None
    volumes = known.product.series_volumes or None
    least = {"cheap": price, "short": volumes}.get(kind)
    greatest = {"dear": price, "rated": rating, "long": volumes}.get(kind)
    return least if least is not None else None if greatest is None else -greatest


def standing(said: Said, found: re.Match[str]) -> Wrong | None:
    """ "Bestselling", "award-winning": where a page or a description of the store says it; else the word goes, or the sentence."""
    if said.known.say(found["it"]):
        return None
    if not found["article"]:
        return whole()
    after = said.text[found.end() : found.end() + 1].lower()
    article = "an" if after in tuple("aeiou") else "a"
    right = article if found["article"].lower() in ("a", "an") else found["article"].lower()
    return instead(found, (right.capitalize() if found["article"][0].isupper() else right) + " ", "all")
