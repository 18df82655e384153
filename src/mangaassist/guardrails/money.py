"""Amounts of money in a text, in figures or in words, and the placeholders that stand for live prices (M-7)."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from mangaassist.guardrails.folding import caseless, straightened

INSTEAD_OF_A_PRICE: Final = "the price on its product page"


class Amount(Struct, frozen=True):
    """``text[start:end]`` is an amount; ``value`` is None when it cannot be read, so that it is no confirmed price either."""

    start: int
    end: int
    value: Decimal | None


class Placeholder(Struct, frozen=True):
    """``text[start:end]`` is a placeholder, or what is left of one; ``asin`` is None when it names no product."""

    start: int
    end: int
    asin: str | None


CURRENCY_WORDS: Final = frozenset(
    [
        "dollar",
        "dollars",
        "buck",
        "bucks",
        "euro",
        "euros",
        "pound",
        "pounds",
        "quid",
        "yen",
        "cent",
        "cents",
        "usd",
        "cad",
        "gbp",
        "eur",
        "aud",
        "jpy",
        "sterling",
    ]
)
"""Words that make the number before them an amount."""

COUNTED_WORDS: Final = frozenset(
    [
        "star",
        "stars",
        "out",
        "of",
        "percent",
        "stars.",
        "mm",
        "cm",
        "inches",
        "inch",
        "kg",
        "lb",
        "lbs",
        "oz",
        "hours",
        "%",
    ]
)
"""Words that make the decimal number before them something else."""

NUMBER_WORDS: Final[dict[str, int]] = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
LARGE_WORDS: Final = {"hundred": 100, "thousand": 1000}

# All shapes are for small letters and look at ``caseless`` text: a search that has to ignore case tries every word at every place.
_SIGNS: Final = "$£€¥₩₹₽₱฿₫₺"
_CODES: Final = "usd|cad|gbp|eur|aud|jpy"
_SIGN: Final = rf"(?:(?:us|ca|au?|c|nz|hk|s)?[{_SIGNS}]|\b(?:{_CODES})\b)"
_FIGURE: Final = (
    r"(?:\d{1,3}(?:[,.']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?|[.,]\d{1,2})"
)
_WORDED_CURRENCY: Final = rf"(?:dollars?|bucks?|euros?|pounds?|quid|yen|cents?|{_CODES})\b|[€£¥¢円]|[$](?!\s?\d)"
_NUMBER_WORD: Final = "|".join((*NUMBER_WORDS, *LARGE_WORDS))

_AMOUNT: Final = re.compile(
    rf"""(?=[\d.,{_SIGNS}]|[ucanhs][sauzk]?[{_SIGNS}]|\b(?:{_CODES}|{_NUMBER_WORD}))(?:   # elsewhere nothing begins
         (?<![\w])(?P<sign>{_SIGN})[\s*_~`]{{0,4}}(?P<signed>{_FIGURE})(?:\s?(?:dollars|usd|cad|k\b))?
       | (?P<more_sign>{_SIGN})[\s*_~`]{{0,4}}(?P<glued>{_FIGURE})
       | (?<![\w.,])(?P<counted>{_FIGURE})[\s*_~`-]{{0,4}}(?P<currency>{_WORDED_CURRENCY})
       | \b(?P<words>(?:{_NUMBER_WORD})(?:[\s-]{{1,2}}(?:and\s)?(?:{_NUMBER_WORD}))*)[\s-]{{1,2}}
         (?P<worded>dollars?|bucks?|euros?|quid|yen|cents?)\b
         (?:(?:\s(?:and\s)?(?P<cents>(?:{_NUMBER_WORD}|\d\d)(?:[\s-](?:{_NUMBER_WORD}))?))(?:\scents?\b))?)
    """,
    re.VERBOSE,
)
_DECIMAL: Final = re.compile(r"\d[.,]\d[059]")
# Chinese and Japanese put no space before a number; the sign for yen is a word like any other.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u5185\u5187-\u9fff\uf900-\ufaff]")
_BARE: Final = re.compile(
    r"\b(?:for|at|costs?|priced?|is|only|just|from|under|over|below|above|now|was|pay|than|around|about"
    r"|runs?)[:\s*_]{1,4}"
    r"(?P<it>\d{1,4}[.,](?:\d[059]))(?![\w%/]|[.,]\d|\s?(?:stars?|out|of|percent|mm|cm|inch|kg|lbs?|oz|hours|/|%))"
)
_CENTS: Final = re.compile(r"\d[.,]\d\d")
_ANY_SIGN: Final = re.compile(rf"[{_SIGNS}¢円]")
_CURRENCY_STEMS: Final = (
    *("dollar", "buck", "euro", "pound", "quid", "yen", "cent"),
    *("usd", "cad", "gbp", "eur", "aud", "jpy"),
)

_PLACEHOLDER: Final = re.compile(
    r"""(?=[{}\d$£€¥]|(?:us|ca|au?)[$£€¥]|\bprice)                          # elsewhere nothing begins
        (?P<before>(?:(?:us|ca|au?)?[$£€¥]\s?)?(?:\d[\d.,]*)?)
        (?:
          \{\s*(?:\{\s*)?["']?\s*price\s*[:=_\s-]?\s*(?P<asin>[a-z0-9]*)[^{}\s]{0,24}\s*(?:\}\s*\}|\})?
        | \bprice\s*[:=]\s*(?P<naked>b0[a-z0-9]{8})\b\s*(?:\}\s*\}|\})?
        | \{\s*\{[^{}]{0,48}(?:\}\s*\}|\})?
        | \}\s*\}
        )
        (?:[.,]?\d[\d.,]*\d|[.,]?\d)?""",
    re.VERBOSE,
)
_ASIN: Final = re.compile(r"B0[A-Z0-9]{8}")


def may_hold_amounts(text: str) -> bool:
    """A quick look that never misses an amount."""
    return _CENTS.search(text) is not None or _names_a_currency(caseless(text))


def _names_a_currency(small: str) -> bool:
    return _ANY_SIGN.search(small) is not None or any(stem in small for stem in _CURRENCY_STEMS)


def amounts(text: str) -> Iterator[Amount]:
    """Every amount in reading order: ``$9.99``, ``USD 12``, ``12.99 dollars``, ``1,200円``, ``twelve dollars``, ``for 9.99``."""
    straight = straightened(text)
    if not may_hold_amounts(straight):
        return
    small = caseless(straight if text.isascii() else _UNSPACED.sub(" ", straight))
    taken = 0
    for found in _AMOUNT.finditer(small) if _names_a_currency(small) else ():
        yield from _bare_amounts(small, taken, found.start())
        yield Amount(found.start(), found.end(), _value(found))
        taken = found.end()
    yield from _bare_amounts(small, taken, len(small))


def placeholders(text: str) -> Iterator[Placeholder]:
    """Every price placeholder, however badly written, and every torn piece of one."""
    small = caseless(straightened(text))
    if not any(clue in small for clue in ("{", "}", "b0")):
        return
    for found in _PLACEHOLDER.finditer(small):
        named = (found["asin"] or found["naked"] or "").upper()
        yield Placeholder(found.start(), found.end(), named if _ASIN.fullmatch(named) else None)


def price_words(placeholder: Placeholder, prices: Mapping[str, str]) -> str:
    """The live price, or words that send the shopper to it; never the placeholder (M-7)."""
    return prices.get(placeholder.asin or "") or INSTEAD_OF_A_PRICE


def _bare_amounts(text: str, start: int, end: int) -> Iterator[Amount]:
    if not _DECIMAL.search(text, start, end):
        return
    for found in _BARE.finditer(text, start, end):
        yield Amount(found.start("it"), found.end("it"), _figure(found["it"]))


def _value(found: re.Match[str]) -> Decimal | None:
    if found["words"]:
        whole = in_words(found["words"])
        cents = (
            in_words(found["cents"])
            if found["cents"] and not found["cents"].isdigit()
            else Decimal(found["cents"] or 0)
        )
        return whole / 100 if found["worded"].startswith("cent") else whole + cents / 100
    value = _figure(found["signed"] or found["glued"] or found["counted"])
    is_cents = (found["currency"] or "") in ("cent", "cents", "¢")
    return value / 100 if is_cents and value is not None else value


def _figure(text: str) -> Decimal | None:
    """``1,299.00``, ``1.299,00`` and ``12,99`` as a reader means them; None for a figure that reads in no way."""
    head, separator, tail = text.replace("'", "").rpartition("," if text.rfind(",") > text.rfind(".") else ".")
    if not separator:
        return Decimal(tail)
    whole = re.sub(r"[.,]", "", head)
    return (
        Decimal(whole + tail) if len(tail) == 3 and head else Decimal(f"{whole or 0}.{tail}") if len(tail) < 3 else None
    )


def in_words(text: str) -> Decimal:
    """A number in small words: ``thirty-four``."""
    total = current = 0
    for word in re.split(r"[\s-]+", text):
        if word in LARGE_WORDS:
            current = max(current, 1) * LARGE_WORDS[word]
            total, current = (total + current, 0) if word == "thousand" else (total, current)
        else:
            current += NUMBER_WORDS.get(word, 0)
    return Decimal(total + current)
