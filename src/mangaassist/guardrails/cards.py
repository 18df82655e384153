"""Card and social security numbers in a text (G-1): however their digits are set apart, told from lists, prices and parcels."""

import re
from itertools import pairwise
from typing import Final

from stdnum import luhn
from stdnum.us import ssn

from mangaassist.guardrails.postal import Confirm

FEWEST: Final = 12
MOST: Final = 19
"""Digits of a card number."""

_SEPARATOR: Final = r"(?:[^\w\n]{1,3}|_)"
CARD_SHAPE: Final = rf"(?P<it>\d(?<![\w.+-]\d)(?:{_SEPARATOR}?\d){{{FEWEST - 1},{MOST - 1}}})(?![\w-]|[.,]\d)"
_CARD_CONTEXT: Final = re.compile(
    r"\b(?:card|cc|visa|master ?card|mc|amex|american express|discover|maestro|credit|debit|tarjeta|carte)\b",
    re.IGNORECASE,
)
_BEFORE_THE_WORD: Final = 60
_BEHIND_THE_WORD: Final = 20
_GROUP: Final = re.compile(r"\d+")
_LEAST_GROUP: Final = 3


def is_card(found: re.Match[str]) -> bool:
    """A number that an issuer may have given out, or one so called with a slip in it."""
    written = found["it"]
    if _given_out(written):
        return True
    groups = _GROUP.findall(written)
    if len(set("".join(groups))) == 1 or not _is_one_number(written, groups):
        return False
    around = found.string[max(0, found.start() - _BEFORE_THE_WORD) : found.end() + _BEHIND_THE_WORD]
    return bool(_CARD_CONTEXT.search(around)) and min(map(len, groups[:-1]), default=FEWEST) >= _LEAST_GROUP


def extent(found: re.Match[str]) -> tuple[int, int]:
    """Where the number stands: what is behind it ("09/27") does not belong to it."""
    return found.start("it"), found.start("it") + (_given_out(found["it"]) or len(found["it"]))


def _given_out(written: str) -> int:
    """How much of it is a number with a right check digit; 0 where none is. Whole groups alone are left away."""
    ends = [group.end() for group in _GROUP.finditer(written)]
    for end in reversed(ends):
        groups = _GROUP.findall(written[:end])
        number = "".join(groups)
        if len(number) <= FEWEST:
            return 0
        plausible = number[0] in "23456" or (len(number) == 15 and number.startswith("1800"))
        if plausible and len(set(number)) > 1 and luhn.is_valid(number) and _is_one_number(written[:end], groups):
            return end
    return 0


def _is_one_number(written: str, groups: list[str]) -> bool:
    """Volumes are listed in their order; prices and ranges are set apart by now one sign and now another."""
    separators = set(re.split(r"\d+", written)[1:-1])
    if len(separators) > 1:
        plain = separators <= {" ", "-", "  ", " - "}
        return plain and all(len(group) >= _LEAST_GROUP for group in groups[:-1])
    rising = all(int(one) < int(other) for one, other in pairwise(groups))
    return not (len(groups) > 2 and rising and max(map(len, groups)) <= _LEAST_GROUP)


# --- social security numbers ---------------------------------------------------------------------

_SSN_WORDS: Final = r"\b(?:ssn|ss ?#|ss number|soc(?:ial)? sec(?:urity)?|social|tax ?id|itin)(?!\w)"
_SSN_BEFORE: Final = re.compile(rf"{_SSN_WORDS}[^\d\n]{{0,36}}$", re.IGNORECASE)
_SSN_AFTER: Final = re.compile(rf"[^\d\n]{{0,24}}{_SSN_WORDS}", re.IGNORECASE)
_CALLED_OTHERWISE: Final = re.compile(
    r"\b(?:order|case|ticket|item|sku|model|serial|tracking|reference|ref|invoice|part|code)\b[^\d\n]{0,16}$",
    re.IGNORECASE,
)


def _is_announced_ssn(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 48) : found.start()]
    return bool(_SSN_BEFORE.search(before) or _SSN_AFTER.match(found.string, found.end(), found.end() + 48))


def _is_ssn(found: re.Match[str]) -> bool:
    if _is_announced_ssn(found) or ssn.is_valid("".join(filter(str.isdigit, found["it"]))):
        return True
    before = found.string[max(0, found.start() - 32) : found.start()]
    return found[2] == "-" and not _CALLED_OTHERWISE.search(before)


SSN_ROWS: Final[tuple[tuple[str, int, Confirm], ...]] = (
    (r"(?P<it>\d(?<![\w.+-]\d)\d\d([- .])\d\d\2\d{4})(?![\w-])", 0, _is_ssn),
    (r"(?P<it>\d(?<![\w.+-]\d)\d{2}[- .]?\d{2}[- .]?\d{4})(?![\w-])", 0, _is_announced_ssn),
)
LAST_FOUR: Final = rf"\blast (?:4|four)\b[^\d\n]{{0,16}}{_SSN_WORDS}[^\d\n]{{0,12}}(?P<it>\d{{4}})(?!\d)"
ENDING: Final = rf"{_SSN_WORDS}[^\d\n]{{0,12}}\b(?:ending|ends|last)\b[^\d\n]{{0,12}}(?P<it>\d{{4}})(?!\d)"
