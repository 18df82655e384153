"""Amounts of money in a text, in figures or in words, and the placeholders that stand for live prices (M-7)."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from mangaassist.guardrails.folding import caseless, straightened

INSTEAD_OF_A_PRICE: Final = "the price on its product page"
COINS_OF_ONE: Final = frozenset({"dollar", "buck", "euro", "quid", "tenner", "fiver"})
"""What "a" makes an amount of."""


class Amount(Struct, frozen=True):
    """``text[start:end]`` is an amount; ``value`` is None when it cannot be read, so that it is no confirmed price either.

    ``currencies`` are those that its sign or word may mean; empty where it names none.
    """

    start: int
    end: int
    value: Decimal | None
    currencies: frozenset[str] = frozenset()

    def is_in(self, currency: str | None) -> bool:
        """Whether it may be meant in a store's currency; None where that is not known."""
        return currency is None or not self.currencies or currency in self.currencies


class Placeholder(Struct, frozen=True):
    """``text[start:end]`` is a placeholder, or what is left of one; ``asin`` is None when it names no product."""

    start: int
    end: int
    asin: str | None


_DOLLARS: Final = frozenset({"USD", "CAD", "AUD"})
_MEANS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(("$", "dollar", "dollars", "buck", "bucks", "cent", "cents", "¢"), _DOLLARS),
    **dict.fromkeys(("us$", "usd"), frozenset({"USD"})),
    **dict.fromkeys(("ca$", "c$", "cad"), frozenset({"CAD"})),
    **dict.fromkeys(("a$", "au$", "aud"), frozenset({"AUD"})),
    **dict.fromkeys(("€", "eur", "euro", "euros"), frozenset({"EUR"})),
    **dict.fromkeys(("£", "gbp", "pound", "pounds", "quid"), frozenset({"GBP"})),
    **dict.fromkeys(("¥", "円", "yen", "jpy"), frozenset({"JPY"})),
}
"""Which of the currencies that a store may have a sign or word stands for; one that is not here is of none of them."""
_OTHER_CODES: Final = "chf|cny|krw|inr|sgd|hkd|nzd|mxn|brl|sek|nok|dkk|pln|zar|thb"
_OTHER_WORDS: Final = ("rupees", "pesos", "francs", "baht", "yuan", "kronor", "kroner", "dirhams", "ringgit", "roubles")

CURRENCY_WORDS: Final = frozenset(
    {
        *(word for word in _MEANS if word.isalpha() and word.isascii()),
        *_OTHER_CODES.split("|"),
        *_OTHER_WORDS,
        "sterling",
    }
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
_CODES: Final = f"usd|cad|gbp|eur|aud|jpy|{_OTHER_CODES}"
_SIGN: Final = rf"(?:(?:us|ca|au?|c|nz|hk|s|r|nt|mex)?[{_SIGNS}]|\b(?:{_CODES})(?=\b|\d))"
_FIGURE: Final = (
    r"(?:\d{1,3}(?:[,.']\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d+)?|[.,]\d{1,2})"
)
_WORDED_CURRENCY: Final = (
    rf"(?:dollars?|bucks?|euros?|pounds?|quid|yen|cents?|{'|'.join(_OTHER_WORDS)}|{_CODES})\b|[€£¥¢円]|[$](?!\s?\d)"
)
_NUMBER_WORD: Final = "|".join((*NUMBER_WORDS, *LARGE_WORDS))
_FROM_TEN: Final = "|".join(word for word, value in NUMBER_WORDS.items() if value >= 10)
_UPTO: Final = r"\s?(?:-|\bto\b)\s?"
_COUNTED_THINGS: Final = (
    r"\s?(?:volumes?|vols?|books?|days?|business|copies|stars?|titles?|series|readers|pages?|chapters?|%|percent)"
)

_AMOUNT: Final = re.compile(
    rf"""(?=[\d.,{_SIGNS}]|[ucanhsrm][sauzkte]?x?[{_SIGNS}]|\b(?:a\s|{_CODES}|{_NUMBER_WORD}))(?:   # elsewhere nothing begins
         (?:(?<![\w])(?P<sign>{_SIGN})|(?P<more_sign>{_SIGN}))[\s*_~`]{{0,4}}(?P<signed>{_FIGURE})
         (?:\s?(?P<after_sign>dollars|usd|cad|k\b))?
         (?P<upto>{_UPTO}\d+(?:[.,]\d{{1,2}})?(?![\w%]|[.,-]\d)(?!{_COUNTED_THINGS}))?
       | (?<![\w.,])(?:(?P<low>\d+(?:[.,]\d{{1,2}})?){_UPTO})?(?P<counted>{_FIGURE})[\s*_~`-]{{0,4}}(?P<currency>{_WORDED_CURRENCY})
       | \b(?P<words>(?:{_NUMBER_WORD})(?:[\s-]{{1,2}}(?:and\s|to\s|point\s)?(?:{_NUMBER_WORD}))*)[\s-]{{1,2}}
         (?P<worded>dollars?|bucks?|euros?|quid|yen|cents?)\b
         (?:\s(?:and\s)?(?P<cents>(?:{_NUMBER_WORD}|\d\d)(?:[\s-](?:{_NUMBER_WORD}))?)\scents?\b
           |\s(?P<more>(?:{_FROM_TEN})(?:[\s-](?:{_NUMBER_WORD}))?)\b(?!{_COUNTED_THINGS}))?
       | \ba\s(?P<one>(?:{"|".join(sorted(COINS_OF_ONE))}))(?:\s(?:{_FROM_TEN}))?\b
       )
    """,
    re.VERBOSE,
)
_DECIMAL: Final = re.compile(r"\d[.,]\d\d")
# Chinese and Japanese put no space before a number; the sign for yen is a word like any other.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u5185\u5187-\u9fff\uf900-\ufaff]")
_NO_MEASURE: Final = r"(?![\w%/]|[.,]\d|\s?(?:stars?|out|of|percent|mm|cm|inch|kg|lbs?|oz|hours|x\s|/|%))"
_CUE: Final = (
    r"\b(?:for|at|costs?|priced?|is|only|just|from|under|over|below|above|now|was|pay|than|around|about|runs?|totals?|to|save[sd]?"
    r"|saving|between)[:\s*_]{1,4}"
)
_BARE: Final = re.compile(
    # With two decimals and more than any rating: an amount, whatever stands around it. Less is one behind the words of a price.
    rf"(?:(?<![\w.,$#/-])(?P<it>(?:[6-9]|[1-9]\d{{1,3}})[.,]\d\d(?:{_UPTO}\d{{1,4}}[.,]\d\d)?){_NO_MEASURE}"
    rf"|{_CUE}(?:(?P<low>\d{{1,4}}[.,]\d[059]){_NO_MEASURE}"
    rf"|(?P<spoken>(?:{_NUMBER_WORD})(?:-(?:{_NUMBER_WORD}))?\s(?:{_FROM_TEN})[\s-](?:{_NUMBER_WORD}))\b"
    rf"(?!\s(?:dollars?|bucks?|cents?|euros?)|{_COUNTED_THINGS})))"
)
_NOT_BEFORE: Final = re.compile(r"(?:\b(?:v|ver|version|vol|volume|vols|chapter|ch|no|isbn|page)\.?|#)\s?$")
_CENTS: Final = re.compile(r"\d[.,]\d\d")
_CURRENCY_STEMS: Final = (
    *("dollar", "buck", "euro", "pound", "quid", "yen", "cent", "tenner", "fiver"),
    *_OTHER_WORDS,
    *_CODES.split("|"),
)
_NAMES_A_CURRENCY: Final = re.compile(rf"[{_SIGNS}¢円]|{'|'.join(_CURRENCY_STEMS)}")
_SPOKEN: Final = re.compile(rf"\b(?:{_NUMBER_WORD})\s(?:{_FROM_TEN})[\s-]")

_PLACEHOLDER: Final = re.compile(
    r"""(?=[{}$£€¥]|(?<!\d)(?<!\d[.,])\d|(?:us|ca|au?)[$£€¥]|\bprice)                          # elsewhere nothing begins
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
    if _CENTS.search(text) is not None:
        return True
    small = caseless(text)
    return _names_a_currency(small) or _SPOKEN.search(small) is not None


def _names_a_currency(small: str) -> bool:
    return _NAMES_A_CURRENCY.search(small) is not None


def amounts(text: str) -> Iterator[Amount]:
    """Every amount in reading order: ``$9.99``, ``USD 12``, ``9.99 dollars``, ``1,200円``, ``ten dollars``, ``9.99``, ``$5-10``."""
    straight = straightened(text)
    if not may_hold_amounts(straight):
        return
    small = caseless(straight if text.isascii() else _UNSPACED.sub(" ", straight))
    taken = 0
    for found in _AMOUNT.finditer(small) if _names_a_currency(small) else ():
        yield from _bare_amounts(small, taken, found.start())
        yield Amount(found.start(), found.end(), _value(found), _currencies(found))
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
    if not _DECIMAL.search(text, start, end) and not _SPOKEN.search(text, start, end):
        return
    for found in _BARE.finditer(text, start, end):
        group = next(name for name in ("it", "low", "spoken") if found[name])
        if not _NOT_BEFORE.search(text[max(0, found.start(group) - 12) : found.start(group)]):
            is_read = group != "spoken" and re.fullmatch(r"[\d.,]+", found[group]) is not None
            value = _figure(found[group]) if is_read else None
            yield Amount(found.start(group), found.end(group), value)


def _currencies(found: re.Match[str]) -> frozenset[str]:
    """What the sign or the word stands for; one of none of a store's currencies is in no currency of a store."""
    named = found["sign"] or found["more_sign"] or found["currency"] or found["worded"] or ""
    return _MEANS.get(named, _ELSEWHERE) if named else frozenset()


_ELSEWHERE: Final = frozenset({"elsewhere"})


def _value(found: re.Match[str]) -> Decimal | None:
    """None for a range, for "nine point nine" and for "a tenner": no price of the store is told in that way."""
    if found["upto"] or found["low"] or found["one"]:
        return None
    if found["words"]:
        if re.search(r"\b(?:to|point)\b", found["words"]):
            return None
        whole, told = in_words(found["words"]), found["cents"] or found["more"] or "0"
        cents = Decimal(told) if told.isdigit() else in_words(told)
        return whole / 100 if found["worded"].startswith("cent") else whole + cents / 100
    value = _figure(found["signed"] or found["counted"])
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
