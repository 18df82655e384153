"""Phone numbers in a text (G-1): shapes that no other number of a shop has, and others where the words around say so."""

import re
from typing import Final

import phonenumbers

from mangaassist.guardrails.postal import Clue, Confirm

_BEFORE: Final = re.compile(
    r"(?:\b(?:phone|tel|telephone|call(?:ing|ed)?|cell|mobile|fax|whatsapp|text|sms|dial(?:ed)?|ring|answering"
    r"|reach|contact"
    r"|number|hotline|line|llama|teléfono|telefono|handy|numéro)\b|☎|📞)[^\d\n]{0,24}\n{0,2}[^\d\n]{0,6}$",
    re.IGNORECASE,
)
_OTHERWISE: Final = re.compile(
    r"\b(?:order|tracking|track|isbn|sku|volume|vol|chapter|ch|card|invoice|ticket|case|reference|model"
    r"|item|zip|licen[cs]e|passport|id|member|membership|coupon|code|serial|pages?|price"
    r"|fedex|ups|usps|dhl|parcel|iban|routing|sort code)"
    r"(?:s|\.)?[^\d\n]{0,16}$|\baccount(?: number| no\.?| #)?[^\w\n]{0,4}(?:is )?$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"^\s?-?\s?\(?(?:office|fax|mobile|cell|home|work)\b", re.IGNORECASE)


def is_announced(text: str, start: int) -> bool:
    """The words before ``start`` say that a phone number comes."""
    return _BEFORE.search(text[max(0, start - 48) : start]) is not None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _is_foreign(found: re.Match[str]) -> bool:
    if found["it"].startswith("00") and _is_called_otherwise(found):
        return False
    try:
        number = phonenumbers.parse(re.sub("^00", "+", found["it"]), None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _is_grouped(found: re.Match[str]) -> bool:
    return 7 <= len(_digits(found["it"])) <= 15 and not _is_called_otherwise(found)


def _is_called_otherwise(found: re.Match[str]) -> bool:
    return bool(_OTHERWISE.search(found.string[max(0, found.start() - 30) : found.start()]))


def _is_plain(found: re.Match[str]) -> bool:
    """Ten bare digits: a number that the North American plan really gives out."""
    if _is_called_otherwise(found):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(found["it"], "US"))


def _is_announced(found: re.Match[str]) -> bool:
    if not 6 <= len(_digits(found["it"])) <= 15 or _is_called_otherwise(found):
        return False
    return bool(
        is_announced(found.string, found.start()) or _AFTER.search(found.string[found.end() : found.end() + 12])
    )


SIX_DIGITS: Final[Clue] = re.compile(r"\d(?:\D{0,4}\d){5}").search
"""No number of a person is shorter, and none has more than four characters between two of its digits."""
_DIGIT: Final = re.compile(r"\d")
_EXTENSION: Final = r"(?:\s?(?:x|ext\.?)\s?\d{1,6})?"


def _dials_abroad(text: str) -> bool:
    return ("+" in text or "00" in text) and len(_DIGIT.findall(text)) >= 6


Row = tuple[Clue, str, int, Confirm]

ROWS: Final[tuple[Row, ...]] = (
    (
        _dials_abroad,
        rf"(?<![\w+.-])(?P<it>(?:\+|00)[1-9]\d{{0,2}}(?:[ .-]{{0,2}}\(?\d{{1,5}}\)?){{1,6}}{_EXTENSION})(?!\w)",
        re.I,
        _is_foreign,
    ),
    (
        SIX_DIGITS,
        r"(?=[\d(+])(?<![\w.+-])(?P<it>(?:(?:001|\+?1)[ .-]?)?(?:\([2-9]\d\d\)\s?"
        rf"|[2-9]\d\d[ ./-])\d{{3}}[ ./-]?\d{{4}}{_EXTENSION})(?!\w)",
        re.I,
        _is_grouped,
    ),
    (SIX_DIGITS, r"(?=[\d(+])(?<![\w.+-])(?P<it>(?:001-|1-)?\d{3}-\d{3}-\d{4}(?:x\d{1,6})?)(?!\w)", 0, _is_grouped),
    (
        SIX_DIGITS,
        r"(?=[\d(+])(?<![\w.+-])(?P<it>\(\d{2,5}\)\s?\d{2,4}[ -]\d{3,4}|\(\d{2,5}\)\s?\d{6,8})(?![\w-])",
        0,
        _is_grouped,
    ),
    (
        SIX_DIGITS,
        r"(?=[\d(+])(?<![\w.+-])(?P<it>0\d{1,4}(?:[ -]\d{2,4}){2,4}|0\d{1,4}[ -/]\d{6,8})(?![\w])",
        0,
        _is_grouped,
    ),
    (SIX_DIGITS, r"(?P<it>[2-9](?<![\w.+-][2-9])\d{9})(?![\w-])", 0, _is_plain),
)
"""Clue, shape with the number as its group ``it``, flags, and what confirms it."""

ANNOUNCED: Final[Row] = (
    SIX_DIGITS,
    r"(?=[\d(+])(?<![\w.+-])(?P<it>\(?\d{1,5}\)?(?:[ ./-]{1,2}\(?\d{1,5}\)?){1,6}(?:x\d{1,6})?|\d{6,13})(?!\w)",
    0,
    _is_announced,
)
"""Any other number that is said to be one: looked for after everything else."""
