"""Numbers in a message: which volumes, how many things, how much money (T-5)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Final

MAX_VOLUMES: Final = 50
LAST_VOLUME: Final = 300
MAX_COUNT: Final = 20

_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS: Final = {word: number for number, word in enumerate(_SMALL)}
_VAGUE: Final = {"a couple of": 2, "a couple": 2, "a few": 3}

_N: Final = rf"(?:\d{{1,3}}|{'|'.join(sorted(_SMALL, key=len, reverse=True))})"
_TO: Final = r"(?:\s?-\s?|\s(?:to|thru|through|till|until)\s)"
_LIST: Final = rf"{_N}(?:(?:{_TO}|\s?,\s?|\s(?:and\s)?){_N}(?![\w.]))*"

_VOLUMES: Final = (
    re.compile(rf"\b(?:volumes?|vols?|v|tomes?|tankobon|book|number|nr)\s?#?({_LIST})\b"),
    re.compile(rf"#\s?({_LIST})\b"),
    re.compile(r"第?\s?(\d{1,3})\s?巻"),
    re.compile(rf"\b({'|'.join(_ORDINALS)})\s(?:volume|vol|book|tome)\b"),
    re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)\s(?:volume|vol|book|tome)\b"),
)
_FIRST_FEW: Final = re.compile(rf"\bfirst\s({_N})\s(?:volumes?|vols?|books?)\b")
_AFTER_TITLE: Final = re.compile(
    rf"\x00\s({_LIST})(?!\S)(?!\s?(?:%|percent|dollars?|bucks?|usd|euros?|pounds?|quid|books?|volumes?|vols?|copies|"
    r"copy|days?|weeks?|months?|years?|times|box|boxes|omnibus(?:es)?|in\s1|in\sone|people|hours?|minutes?|more|"
    r"things?|series|manga|orders?|items?|chapters?|pages?|cents|stars?|of)\b)"
)
_COUNT: Final = re.compile(
    rf"\b(?:(?:top|best)\s({_N})|({_N}|a couple of|a couple|a few)\s((?:\w+\s){{0,2}}?)"
    r"(?:series|manga|mangas|titles?|recommendations?|recs?|suggestions?|ideas?|options?|picks?|books?|ones|things))\b"
)
_NOT_COUNTED: Final = re.compile(r"\b(?:volumes?|vols?|box|part|days?|weeks?|years?|of)\b")


def number(text: str) -> int:
    """A number in figures or words up to twenty. Raises ``KeyError`` for anything else."""
    return int(text) if text.isdecimal() else (_NUMBERS | _VAGUE)[text]


def volumes(small: str) -> tuple[int, ...]:
    """Volume numbers of a folded, small text in the order in which it names them; titles in it are blanked with NULs.

    Ranges are written out, at most 50 volumes in all.
    """
    if first_few := _FIRST_FEW.search(small):
        return tuple(range(1, min(number(first_few[1]), MAX_VOLUMES) + 1))
    named = chain.from_iterable(_numbers(found[1]) for found in _volume_lists(small))
    return tuple(dict.fromkeys(volume for volume in named if volume <= LAST_VOLUME))[:MAX_VOLUMES]


def _volume_lists(small: str) -> Iterator[re.Match[str]]:
    patterns = (*_VOLUMES, _AFTER_TITLE)
    return iter(sorted((match for pattern in patterns for match in pattern.finditer(small)), key=re.Match[str].start))


def _numbers(listed: str) -> Iterator[int]:
    """The numbers of "1, 2 and 4-6"."""
    if listed in _ORDINALS:
        yield _ORDINALS.index(listed) + 1
        return
    parts = re.findall(rf"{_N}|{_TO}", listed)
    previous, ranged = None, False
    for part in parts:
        if not (part.isdecimal() or part in _NUMBERS):
            ranged = True
            continue
        value = number(part)
        if ranged and previous is not None and value > previous:
            yield from range(previous + 1, min(value, previous + MAX_VOLUMES) + 1)
        else:
            yield value
        previous, ranged = value, False


def count(small: str) -> int | None:
    """How many things the shopper wants ("three series"); volumes are no count."""
    for found in _COUNT.finditer(small):
        if _NOT_COUNTED.search(found[3] or ""):
            continue
        wanted = number(found[1] or found[2])
        if 1 <= wanted <= MAX_COUNT:
            return wanted
    return None


_SIGN: Final = r"(?:us|ca|a)?[$£€¥]\s?"
_UNIT: Final = r"\s?(?:dollars?|bucks?|usd|us\$|euros?|eur|pounds?|quid|gbp|cad|aud|\$|€|£)"
_SUM: Final = r"(\d{1,5}(?:,\d{3})*(?:[.,]\d{1,2})?)(?![\d])"
_MONEY: Final = rf"(?:{_SIGN}{_SUM}|{_SUM}{_UNIT}(?!\w))"
_BARE: Final = (
    rf"{_SUM}(?!\s?(?:-\s?)?(?:%|percent|st\b|nd\b|rd\b|th\b|volumes?\b|vols?\b|books?\b|pages?\b|chapters?\b|days?\b|"
    r"weeks?\b|months?\b|years?\b|yrs?\b|yo\b|minutes?\b|hours?\b|copies\b|series\b|titles?\b|items?\b|stars?\b|"
    r"people\b|episodes?\b|times\b))"
)
_UP_TO: Final = (
    r"(?:under|below|less\sthan|cheaper\sthan|up\sto|at\smost|no\smore\sthan|not\smore\sthan|not\sover|within|"
    r"max(?:imum)?(?:\sof)?|<=?|budget\s(?:is|of|around|about)?\s?|around|about|for\sunder|lower\sthan|beneath)"
)
_FROM: Final = r"(?:over|above|more\sthan|at\sleast|starting\s(?:at|from)|>=?|min(?:imum)?(?:\sof)?)"
_RANGES: Final = (
    re.compile(rf"\bbetween\s(?:{_SIGN})?{_SUM}\s(?:and|to|-)\s(?:{_SIGN})?{_SUM}"),
    re.compile(rf"(?:\bfrom\s)?{_SIGN}{_SUM}\s?(?:-|–|to)\s?(?:{_SIGN})?{_SUM}"),
    re.compile(rf"(?:\bfrom\s)?\b{_SUM}\s?(?:-|–|to)\s?{_SUM}{_UNIT}"),
)
_CEILINGS: Final = (
    re.compile(rf"(?<!\w){_UP_TO}\s?{_MONEY}"),
    re.compile(rf"{_MONEY}\s?(?:or\s(?:less|under|below|cheaper)|max(?:imum)?|tops?|budget|to\sspend|and\sunder)\b"),
    re.compile(rf"\b(?:i(?:'ve|\shave)?\s(?:only\s)?(?:got|have)|with|spend)\s(?:only\s|about\s|around\s)?{_MONEY}"),
)
_BARE_CEILINGS: Final = (
    re.compile(rf"(?<!\w)(?:under|below|less\sthan|cheaper\sthan|budget\s(?:is|of)?\s?|max)\s?{_BARE}"),
)
_FLOORS: Final = (re.compile(rf"(?<!\w)(?:{_FROM})\s?{_MONEY}"),)
_FIGURE: Final = re.compile(r"\d")
_AGES: Final = re.compile(
    r"\b(?:kids?|child(?:ren)?|aged?|years?|yrs?|teens?|son|daughter|boys?|girls?|nephew|niece)\b"
)


def price_limits(text: str) -> tuple[Decimal | None, Decimal | None]:
    """The lowest and the highest price that a message allows, in whatever money it names; None is no limit.

    A number without a currency counts only where nothing else (an age, a page count) can be meant.
    """
    if not _FIGURE.search(text):
        return None, None
    small = re.sub(r"\s+", " ", text.lower())
    for pattern in _RANGES:
        if found := pattern.search(small):
            low, high = sorted((_amount(found[1]), _amount(found[2])))
            return low, high
    ceiling = _first(_CEILINGS, small)
    if ceiling is None and not _AGES.search(small):
        ceiling = _first(_BARE_CEILINGS, small)
    return _first(_FLOORS, small), ceiling


def _first(patterns: tuple[re.Pattern[str], ...], small: str) -> Decimal | None:
    for pattern in patterns:
        if found := pattern.search(small):
            return _amount(next(group for group in found.groups() if group))
    return None


def _amount(figures: str) -> Decimal:
    """A sum as written on either side of the Atlantic: ``1,000``, ``14.99`` and ``14,99``."""
    if re.fullmatch(r"\d+,\d{1,2}", figures):
        figures = figures.replace(",", ".")
    return Decimal(figures.replace(",", ""))
