"""When something is said to come, to end or to be possible: days and spans of days that the evidence names (G-4)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, cast

from msgspec import Struct

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.claims.said import Said, Wrong, named_in, only, whole

_NEAR: Final = {"today": 0, "tomorrow": 1}
_OFFERS: Final = frozenset({"offer"})
_UNITS: Final = ("day", "days", "business day", "business days")
_MONTH: Final = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WHEN: Final = re.compile(
    rf"\b(?:{_MONTH}\.?\s\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}|\d{{4}}-\d\d-\d\d"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{4}})?|\d{{1,2}}\.\d{{1,2}}\.\d{{4}}"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|today|next (?:week|day|month)|this (?:week|weekend|month)"
    r"|\d{1,2}(?:\s?(?:-|to)\s?\d{1,2})?\s(?:business |working )?(?:days?|hours?|weeks?))\b",
    re.IGNORECASE,
)
_A_DAY: Final = re.compile(rf"\b(?:{_MONTH}\b|\d{{1,2}}/\d|\d{{4}}-|[a-z]+day\b|tomorrow|tonight)", re.IGNORECASE)


def delivery(said: Said, _: re.Match[str]) -> Wrong | None:
    """The days named are those of what is told of (parcels, offers, books to come) or of a page; else the only right one."""
    matters = _matters(said.text)
    known = " ".join((*_known_dates(said.evidence, matters), said.known.pages))
    wrong = [
        found
        for found in _WHEN.finditer(said.text)
        if not re.search(rf"(?<!\w){re.escape(_unpadded(found[0].lower()))}(?!\w)", known)
    ]
    if not wrong:
        return None
    right = _right_day(said, matters)
    if len(wrong) > 1 or right is None or not _A_DAY.match(wrong[0][0]):
        return whole()
    on = (
        "" if re.search(r"\b(?:on|by|until|before|is|for)\s+$", said.text[: wrong[0].start()], re.IGNORECASE) else "on "
    )
    return Wrong(*wrong[0].span(), on + right)


def _matters(text: str) -> frozenset[str]:
    """What the sentence tells of; of everything where its words do not say."""
    return frozenset(name for name, words in _MATTERS.items() if words.search(text)) or frozenset(_MATTERS)


def _right_day(said: Said, matters: frozenset[str]) -> str | None:
    """The day on which the only parcel is due, on which what is named is there again, or on which the only offer ends."""
    evidence = said.evidence
    days: list[date | None] = []
    if "parcel" in matters:
        days += [parcel.eta for one in evidence.orders for parcel in one.shipments if parcel.state != "delivered"]
    if "book" in matters:
        named = named_in(said.text, evidence)
        days += [day for one in named for day in (one.product.released, one.stock.restock_date if one.stock else None)]
    if matters == _OFFERS:
        days += [offer.ends_at.date() for offer in evidence.promotions]
    return only(f"{day.strftime('%B')} {day.day}" for day in days if day is not None)


def _unpadded(when: str) -> str:
    return re.sub(r"\b0(\d)\b", r"\1", re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", when))


def _known_dates(evidence: Evidence, matters: frozenset[str]) -> Iterator[str]:
    """Every day that the evidence holds of these matters, as it may be spelt; those that follow from it; and spans of days."""
    days = {day for matter in matters for day in _DAYS[matter](evidence)}
    for day in days:
        yield from _spellings(day)
    today = evidence.now.date() if evidence.now else None
    yield from (word for word, ahead in _NEAR.items() if today and today + timedelta(ahead) in days)
    for count in {*_spans_in((evidence.facts, evidence.derived.orders)), *_ahead(days, today)}:
        yield from (f"{count} {unit}" for unit in _UNITS)
    delivery = evidence.facts.delivery
    if delivery.least_days is not None and delivery.most_days is not None:
        yield from (f"{delivery.least_days} {to} {delivery.most_days} {unit}" for unit in _UNITS for to in ("to", "-"))


def _books(evidence: Evidence) -> Iterator[object]:
    for known in (*evidence.products, *evidence.cart):
        yield from (known.product.released, known.stock.restock_date if known.stock else None)


def _due(evidence: Evidence) -> Iterator[date]:
    """When what is ordered now is there, and until when what is delivered in a season can go back."""
    if evidence.now is None:
        return
    facts, now = evidence.facts, evidence.now
    yield from facts.due(now) or ()
    yield from filter(None, (facts.express_due(now),))
    for season in filter(None, (facts.return_season,)):
        named = (
            day.in_year(year) for year in (now.year, now.year + 1) for day in (season.first, season.last, season.until)
        )
        yield from filter(None, named)


def _days_in(value: object) -> Iterator[date]:
    """Every day in a frozen value: those of its fields, and of theirs."""
    if isinstance(value, date):
        yield value.date() if isinstance(value, datetime) else value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _days_in(getattr(value, name))
    elif isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from _days_in(one)


def _spans_in(value: object) -> Iterator[int]:
    """Every number of days: of the fields that are called so."""
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if isinstance(held, int) and "days" in name:
                yield abs(held)
            yield from _spans_in(held)
    elif isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from _spans_in(one)


def _ahead(days: set[date], today: date | None) -> Iterator[int]:
    """In how many days, or how many days ago."""
    return (abs((day - today).days) for day in days if today is not None)


_DAYS: Final[Mapping[str, Callable[[Evidence], Iterable[date]]]] = {
    "parcel": lambda evidence: (*_days_in((evidence.orders, evidence.derived.orders)), *_due(evidence)),
    "offer": lambda evidence: _days_in(evidence.promotions),
    "book": lambda evidence: _days_in((*_books(evidence), evidence.orders)),
}
"""Where the evidence holds the days of each matter."""
_MATTERS: Final[Mapping[str, re.Pattern[str]]] = {
    "parcel": re.compile(
        r"\b(?:arriv\w*|deliver\w*|ship(?:s|ped|ping|ment)?|parcels?|packages?|orders?|returns?|returned|refund\w*"
        r"|with you|be there|get (?:it|there|here)|dispatch\w*|eta|exchange)\b",
        re.IGNORECASE,
    ),
    "offer": re.compile(
        r"\b(?:offers?|codes?|coupons?|deals?|sales?|discount\w*|\d+\s?%|promotions?|valid|expires?)", re.IGNORECASE
    ),
    "book": re.compile(
        r"\b(?:releas\w*|comes? out|out on|launch\w*|published|restock\w*|back in|pre-?order\w*|back-?order\w*|in stock)\b",
        re.IGNORECASE,
    ),
}
"""What a sentence with dates may tell of."""


def _spellings(day: date | None) -> Iterator[str]:
    if day is not None:
        month, short, weekday = day.strftime("%B").lower(), day.strftime("%b").lower(), day.strftime("%A").lower()
        yield f"{month} {day.day} ; {short} {day.day} ; {day.day} {month} ; {day.day} {short}"
        yield f"{weekday} ; {day.isoformat()}"
        yield f"{day.month}/{day.day}/{day.year} ; {day.month}/{day.day} ; {day.day:02}.{day.month:02}.{day.year}"
