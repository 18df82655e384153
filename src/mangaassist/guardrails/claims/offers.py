"""Which offers and codes are said to run, and what they take off: as the promotions and pages say (G-4)."""

import re
from typing import Final

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.claims.said import Said, Wrong, instead, only, whole

_NO_CODE: Final = frozenset(
    {"USD", "ASIN", "ISBN", "MANGA", "FAQ", "USPS", "UPS", "HTML", "JSON", "AND", "THE", "YOUR"}
)


def percent(said: Said, found: re.Match[str]) -> Wrong | None:
    """A share of the price: an offer, a discount or a page of the store tells of it."""
    told = re.sub(r"\s", "", found["it"].lower()).replace("percent", "%").replace("per cent", "%")
    if re.search(rf"(?<![\w.]){re.escape(told)}", said.known.pages):
        return None
    return instead(found, only(f"{one.percent_off}%" for one in said.evidence.promotions if one.percent_off))


def code(said: Said, found: re.Match[str]) -> Wrong | None:
    codes = {one.code for one in said.evidence.promotions if one.code}
    told = found["it"]
    named = said.known.meaning.codes if said.known.meaning else ()
    if told in codes or told in _NO_CODE or told in named or said.known.say(told, pages_alone=True):
        return None
    return instead(found, only(codes))


def deal(said: Said, found: re.Match[str]) -> Wrong | None:
    """ "Buy two, get one free", "half price", "a free gift": in the words of an offer or a page."""
    return None if said.known.say(found["it"], pages_alone=True) else whole()


def reduced(said: Said, _: re.Match[str]) -> Wrong | None:
    """ "On sale": something takes money off it today."""
    evidence = said.evidence
    books = said.about(len(said.text)) or said.known.products
    prices = [known.price for known in books if known.price]
    lower = any(price.discounts or (price.list is not None and price.list > price.current) for price in prices)
    return None if lower or evidence.promotions or said.known.say("on sale", pages_alone=True) else whole()


def free_shipping(said: Said, found: re.Match[str]) -> Wrong | None:
    """From which subtotal, or for whom, the store's facts say; without either it is no offer of the store's."""
    if _ships_free(said.evidence) or said.known.say(found["it"], pages_alone=True):
        return None
    return whole()


def _ships_free(evidence: Evidence) -> bool:
    facts, derived = evidence.facts, evidence.derived
    member = facts.membership is not None and facts.membership.free_shipping
    return facts.delivery.free_from is not None or member or derived.free_shipping is not None
