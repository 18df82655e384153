"""Personal data in a text (G-1): e-mail, phone, card and social security numbers, postal addresses; and what merely looks so.

Order numbers, ISBNs, ASINs, prices and dates are not personal: their digits are set aside before anything is looked for.

Most texts hold nothing of the kind, so every shape has a clue that is cheap to miss. And a shape takes its first digit before it
looks at what stands in front of that digit: a pattern that begins with a digit lets the search run from digit to digit.
"""

import re
from collections.abc import Iterable
from typing import Final, Literal

import phonenumbers
from msgspec import Struct
from stdnum import isbn, luhn
from stdnum.us import ssn

from mangaassist.guardrails import postal
from mangaassist.guardrails.folding import straightened
from mangaassist.guardrails.postal import Clue, Confirm, certain

PiiKind = Literal["EMAIL", "PHONE", "CREDIT_CARD", "SSN", "ADDRESS"]
REDACTED: Final = "[REDACTED]"


class PiiSpan(Struct, frozen=True):
    """``text[start:end]`` is personal data of this kind."""

    start: int
    end: int
    kind: PiiKind


class PiiPattern(Struct, frozen=True):
    """A shape that may be personal data; ``confirm`` gets the match and says whether it is."""

    kind: PiiKind
    clue: Clue
    shape: re.Pattern[str]
    confirm: Confirm


def find_pii(text: str) -> tuple[PiiSpan, ...]:
    """Every piece of personal data in reading order, without overlaps."""
    if not _WORTH_A_LOOK.search(text):
        return ()
    straight = _UNSPACED.sub(" ", straightened(text))
    possible = {clue for clue in _CLUES if clue(straight)}
    if not possible:
        return ()
    blanked = _without_identifiers(straight)
    spans: list[PiiSpan] = []
    for pattern in _PATTERNS:
        if pattern.clue not in possible:
            continue
        for found in pattern.shape.finditer(blanked):
            if pattern.confirm(found) and (pattern.kind != "ADDRESS" or postal.POSTAL.search(straight)):
                start, end = found.span("it")
                spans.append(PiiSpan(start, end, pattern.kind))
                blanked = blanked[:start] + "\x00" * (end - start) + blanked[end:]
    return tuple(sorted(spans, key=lambda span: span.start))


def redacted(text: str, spans: Iterable[PiiSpan]) -> str:
    """The text with ``[REDACTED]`` in place of each span."""
    for span in sorted(spans, key=lambda span: -span.start):
        text = text[: span.start] + REDACTED + text[span.end :]
    return text


def contacts_in(texts: Iterable[str]) -> frozenset[str]:
    """The phone numbers and addresses that these texts give, as ``contact_key`` writes them: a store's own may be said."""
    return frozenset(contact_key(text[span.start : span.end]) for text in texts for span in find_pii(text))


def contact_key(text: str) -> str:
    """One spelling for all ways to write the same number or e-mail address."""
    return re.sub(r"[\s().-]", "", straightened(text)).lower().removeprefix("+1")


# Chinese and Japanese put no space between a word and a number.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORTH_A_LOOK: Final = re.compile(r"\d|[@＠﹫]|\(at\)|\[at\]")

# What the shop's own numbers look like; their digits never count.
_IDENTIFIERS: Final = re.compile(
    r"""(?=[\dB$£€¥UCAN])(?:                                                # nothing begins otherwise
        (?<![\w-])\d{3}-\d{7}-\d{7}(?![\w-])                                   # order number
      | \bB0[A-Z0-9]{8}\b                                                    # ASIN
      | (?<![\w.])(?:US|CA|AU?|C|NZ)?[$£€¥]\s?\d[\d,]*(?:\.\d{1,2})?(?![\d-]) # price
      | (?<![\w.])\d{1,3}(?:,\d{3})*(?:\.\d{2})?\s?(?:dollars|USD|EUR|yen)\b
      | (?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?![\d/.-])                # dates
      | (?<![\d/.-])(?:19|20)\d\d[/.-]\d{1,2}[/.-]\d{1,2}(?![\d/-])
      | (?<![\d-])(?:19|20)\d\d\s?-\s?(?:19|20)\d\d(?![\d-])                  # years
      | (?<![\w-])(?:\d{4}[ ]){5}\d\d(?![\w-]) | \b1Z[0-9A-Z]{16}\b       # parcels
      | \b\d{1,2}:\d\d(?::\d\d)?\b)
    """,
    re.VERBOSE,
)
_ISBN: Final = re.compile(
    r"(?<![\w-])(ISBN(?:-1[03])?:?\s*)?(97[89][- ]?(?:\d[- ]?){9}\d|(?:\d[- ]?){9}[\dXx])(?![\w-])", re.IGNORECASE
)


_LONG_AS_AN_ISBN: Final = re.compile(r"\d(?:[- ]?\d){8}[- ]?[\dXx]")


def _without_identifiers(text: str) -> str:
    """The same length with the shop's own numbers blanked out."""
    text = _IDENTIFIERS.sub(_blank, text)
    if not _LONG_AS_AN_ISBN.search(text):
        return text
    return _ISBN.sub(lambda found: _blank(found) if _is_isbn(found) else found[0], text)


def _blank(found: re.Match[str]) -> str:
    return "\x01" * len(found[0])


def _is_isbn(found: re.Match[str]) -> bool:
    """Announced as one, or with a right check digit and none of a phone number's grouping: one in eleven of those has one too."""
    number = found[2]
    if found[1]:
        return True
    if " " in number or not isbn.is_valid(number):
        return False
    return number.startswith(("978", "979")) or number.count("-") == 3 or not _is_announced_as_phone(found)


def _is_announced_as_phone(found: re.Match[str]) -> bool:
    before = found.string[max(0, found.start() - 48) : found.start()]
    return "-" in found[2] or _PHONE_BEFORE.search(before) is not None


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


# --- cards and social security numbers -----------------------------------------------------------

_CARD_CONTEXT: Final = re.compile(
    r"\b(?:card|cc|visa|master ?card|amex|american express|discover|maestro|credit|debit|tarjeta|carte)\b",
    re.IGNORECASE,
)
_CARD_LENGTHS: Final = ((("4",), (13, 16, 19)), (("34", "37"), (15,)), (("30", "36", "38", "39"), (14, 16)))


def _is_card(found: re.Match[str]) -> bool:
    number = _digits(found["it"])
    if len(set(number)) == 1:
        return False
    plausible = (13 <= len(number) <= 19 and number[0] in "23456") or (len(number) == 15 and number.startswith("1800"))
    if plausible and luhn.is_valid(number):
        return True
    before = found.string[max(0, found.start() - 60) : found.start()]
    return bool(_CARD_CONTEXT.search(before)) and len(number) >= 12


def _is_ssn(found: re.Match[str]) -> bool:
    if ssn.is_valid(_digits(found["it"])):
        return True
    return bool(_SSN_CONTEXT.search(found.string[max(0, found.start() - 40) : found.start()]))


_SSN_CONTEXT: Final = re.compile(r"\b(?:ssn|social security|social|tax ?id|itin)\b", re.IGNORECASE)


def _is_announced_ssn(found: re.Match[str]) -> bool:
    return bool(_SSN_CONTEXT.search(found.string[max(0, found.start() - 40) : found.start()]))


# --- phone numbers -------------------------------------------------------------------------------

_PHONE_BEFORE: Final = re.compile(
    r"(?:\b(?:phone|tel|telephone|call(?:ing|ed)?|cell|mobile|fax|whatsapp|text|sms|dial(?:ed)?|ring|answering"
    r"|reach|contact"
    r"|number|hotline|line|llama|teléfono|telefono|handy|numéro)\b|☎|📞)[^\d\n]{0,24}\n{0,2}[^\d\n]{0,6}$",
    re.IGNORECASE,
)
_NOT_A_PHONE_BEFORE: Final = re.compile(
    r"\b(?:order|tracking|track|isbn|sku|volume|vol|chapter|ch|card|account|invoice|ticket|case|reference|model"
    r"|item|zip|licen[cs]e|passport|id|member|membership|coupon|code|serial|pages?|price)"
    r"(?:s|\.)?[^\d\n]{0,16}$",
    re.IGNORECASE,
)
_PHONE_AFTER: Final = re.compile(r"^\s?-?\s?\(?(?:office|fax|mobile|cell|home|work)\b", re.IGNORECASE)


def _is_foreign_number(found: re.Match[str]) -> bool:
    try:
        number = phonenumbers.parse(found["it"], None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _is_grouped_number(found: re.Match[str]) -> bool:
    return 7 <= len(_digits(found["it"])) <= 15 and not _is_called_otherwise(found)


def _is_called_otherwise(found: re.Match[str]) -> bool:
    return bool(_NOT_A_PHONE_BEFORE.search(found.string[max(0, found.start() - 30) : found.start()]))


def _is_plain_number(found: re.Match[str]) -> bool:
    """Ten bare digits: a number that the North American plan really gives out."""
    if _is_called_otherwise(found):
        return False
    return phonenumbers.is_valid_number(phonenumbers.parse(found["it"], "US"))


def _is_announced_number(found: re.Match[str]) -> bool:
    if not 6 <= len(_digits(found["it"])) <= 15 or _is_called_otherwise(found):
        return False
    before = found.string[max(0, found.start() - 48) : found.start()]
    return bool(_PHONE_BEFORE.search(before) or _PHONE_AFTER.search(found.string[found.end() : found.end() + 12]))


# --- clues ---------------------------------------------------------------------------------------

_AT: Final = re.compile("@").search
_SPELT_AT: Final = re.compile(r"[\[(][aA][tT]").search
_SIX_DIGITS: Final = re.compile(r"\d(?:\D{0,4}\d){5}").search
"""No number of a person is shorter, and none has more than four characters between two of its digits."""
_DIGIT: Final = re.compile(r"\d")


def _dials_abroad(text: str) -> bool:
    return "+" in text and len(_DIGIT.findall(text)) >= 6


_Row = tuple[PiiKind, Clue, str, int, Confirm]

# The order matters: what an earlier row takes is out of the later ones' sight.
_ROWS: Final[tuple[_Row, ...]] = (
    (
        "EMAIL",
        _AT,
        r"(?P<it>[\w.+!#$%&'*/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24})(?![\w@])",
        0,
        certain,
    ),
    (
        "EMAIL",
        _SPELT_AT,
        r"(?<![\w.+-])(?P<it>[\w.+-]{1,64}\s?[\[(]at[\])]\s?[\w-]{1,63}(?:\s?[\[(]dot[\])]\s?|\.)\w{2,12})",
        re.I,
        certain,
    ),
    ("SSN", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)\d\d([- .])\d\d\2\d{4})(?![\w-])", 0, _is_ssn),
    ("SSN", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)\d{8})(?![\w-])", 0, _is_announced_ssn),
    ("CREDIT_CARD", _SIX_DIGITS, r"(?P<it>\d(?<![\w.+-]\d)(?:[ -]?\d){11,18})(?![\w-])", 0, _is_card),
    (
        "PHONE",
        _dials_abroad,
        r"(?<![\w+])(?P<it>\+\d{1,3}(?:[ .-]{0,2}\(?\d{1,5}\)?){1,6}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?!\w)",
        re.I,
        _is_foreign_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>(?:(?:001|\+?1)[ .-]?)?(?:\([2-9]\d\d\)\s?"
        r"|[2-9]\d\d[ .-])\d{3}[ .-]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,6})?)(?!\w)",
        re.I,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>(?:001-|1-)?\d{3}-\d{3}-\d{4}(?:x\d{1,6})?)(?!\w)",
        0,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>\(\d{2,5}\)\s?\d{2,4}[ -]\d{3,4}|\(\d{2,5}\)\s?\d{6,8})(?![\w-])",
        0,
        _is_grouped_number,
    ),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>0\d{1,4}(?:[ -]\d{2,4}){2,4}|0\d{1,4}[ -/]\d{6,8})(?![\w])",
        0,
        _is_grouped_number,
    ),
    ("PHONE", _SIX_DIGITS, r"(?P<it>[2-9](?<![\w.+-][2-9])\d{9})(?![\w-])", 0, _is_plain_number),
    *(("ADDRESS", *row) for row in postal.ROWS),
    (
        "PHONE",
        _SIX_DIGITS,
        r"(?<![\w.+-])(?P<it>\(?\d{1,5}\)?(?:[ ./-]{1,2}\(?\d{1,5}\)?){1,6}(?:x\d{1,6})?|\d{6,13})(?!\w)",
        0,
        _is_announced_number,
    ),
)
_PATTERNS: Final = tuple(
    PiiPattern(kind, clue, re.compile(shape, flags), confirm) for kind, clue, shape, flags, confirm in _ROWS
)
_CLUES: Final = frozenset(pattern.clue for pattern in _PATTERNS)
