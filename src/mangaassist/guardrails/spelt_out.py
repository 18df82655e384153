"""What somebody writes out so that no program sees it (G-1): "bob dot smith at gmail dot com", "five five five 0 1 2 3"."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

from mangaassist.guardrails.cards import FEWEST
from mangaassist.guardrails.private_words import PRIVATE_WORDS

Spelt = Literal["EMAIL", "PHONE", "CREDIT_CARD", "SSN"]

_AT: Final = r"(?:\s?[\[({<]\s?at\s?[\])}>]\s?|\s+at\s+|\s?@\s?)"
_DOT: Final = r"(?:\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?|\s+(?:dot|punkt|punto)\s+|\s?\.\s?)"
_JOINT: Final = rf"(?:{_DOT}|\s+(?:underscore|dash|hyphen|minus|plus)\s+)"
_ENDINGS: Final = (
    r"(?:com|net|org|edu|gov|info|io|co|uk|de|fr|es|it|ca|au|jp|us|me|mx|br|nl|se|pl|ru|in|ch|at|eu|app|dev)"
)
_DOMAIN: Final = re.compile(
    rf"{_AT}(?P<host>[\w-]{{2,40}})(?P<rest>(?:{_DOT}[\w-]{{2,24}}){{0,2}}?{_DOT}{_ENDINGS})\b", re.I
)
_LOCAL: Final = re.compile(rf"(?<![\w@])[\w+-]{{1,40}}(?:{_JOINT}[\w+-]{{1,40}}){{0,4}}$", re.IGNORECASE)
_PROVIDERS: Final = frozenset(PRIVATE_WORDS.mail_providers.split())
_NO_NAME: Final = frozenset(PRIVATE_WORDS.before_a_site.split())
_ANNOUNCED: Final = re.compile(
    r"\b(?:e-?mail|mail|contact|reach|write|address|username|login|account)\b[^\n]{0,40}$", re.I
)
_LOOKED_BACK: Final = 120


def spelt_out_mail(text: str) -> Iterator[tuple[int, int]]:
    """Addresses at which a provider is known, that are announced, or that spell their signs out on both sides."""
    for found in _DOMAIN.finditer(text):
        window = max(0, found.start() - _LOOKED_BACK)
        local = _LOCAL.search(text[window : found.start()])
        if local is None or local[0].lower() in _NO_NAME:
            continue
        start = window + local.start()
        known = found["host"].lower() in _PROVIDERS
        joined = re.search(r"\s(?:dot|underscore|dash|hyphen|plus)\s", local[0], re.IGNORECASE) is not None
        if known or joined or _ANNOUNCED.search(text[max(0, start - 56) : start]):
            yield _without_words_before(text, start, found.start()), found.end()


def _without_words_before(text: str, start: int, end: int) -> int:
    """The name of an address is joined by signs; a full stop with a space ends a sentence instead."""
    gap = text.rfind(". ", start, end)
    return gap + 2 if gap >= 0 and " . " not in text[start:end] else start


# --- numbers -------------------------------------------------------------------------------------

_FIGURES: Final = {
    word: str(figure % 10)
    for figure, words in enumerate(
        ("zero|oh|o|null|cero", "one|uno|eins", "two|dos|zwei", "three|tres|drei", "four|cuatro|vier", "five|cinco|fünf",
         "six|seis|sechs", "seven|siete|sieben", "eight|ocho|acht", "nine|nueve|neun")
    )
    for word in words.split("|")
}  # fmt: skip
_TIMES: Final = {"double": 2, "triple": 3}
_TOKEN: Final = rf"(?:{'|'.join(sorted(_FIGURES, key=len, reverse=True))}|{'|'.join(_TIMES)}|\d{{1,4}})"
_RUN: Final = re.compile(rf"(?<![\w.-]){_TOKEN}(?:(?:\s|-|,\s?|\.\s?|\s-\s){_TOKEN}){{5,30}}(?![\w-])", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W_]+")
_SHORTEST: Final = 7
"""Digits of the shortest phone number without an area code."""
_OF_A_PHONE: Final = 15
_BOOKS: Final = re.compile(
    r"\b(?:vol|vols|volumes?|books?|chapters?|numbers|parts?|ranking|count)\b[^\w\n]{0,3}$", re.IGNORECASE
)
_SSN: Final = re.compile(r"\b(?:ssn|social|soc sec|tax ?id)\b[^\n]{0,30}$", re.IGNORECASE)


def spelt_out_numbers(text: str) -> Iterator[tuple[int, int, Spelt]]:
    """Runs of figures of which some are words, or each stands alone: no list of volumes, which rises."""
    for found in _RUN.finditer(text):
        digits, words = _read(found[0])
        before = text[max(0, found.start() - 48) : found.start()]
        if len(digits) < _SHORTEST or _BOOKS.search(before) or _rises(found[0]):
            continue
        if words < 3 and not _is_spaced(found[0]):
            continue
        yield found.start(), found.end(), _kind(digits, before)


def _tokens(run: str) -> list[str]:
    return _WORDS.findall(run.lower())


def _read(run: str) -> tuple[str, int]:
    """The digits that a run says, and how many of them are words."""
    digits, words, times = "", 0, 1
    for token in _tokens(run):
        if token in _TIMES:
            times = _TIMES[token]
            continue
        figure = _FIGURES.get(token, token)
        words += token in _FIGURES
        digits += figure * times
        times = 1
    return digits, words


def _is_spaced(run: str) -> bool:
    tokens = _tokens(run)
    return len(tokens) >= 10 and all(len(token) == 1 for token in tokens)


def _rises(run: str) -> bool:
    """ "One two three four five": counting. "1 2 3 4 5 6 7": volumes."""
    values = [int(_FIGURES.get(token, token)) for token in _tokens(run) if token not in _TIMES]
    steps = sum(other > one for one, other in pairwise(values))
    return steps >= len(values) - 2


def _kind(digits: str, before: str) -> Spelt:
    if len(digits) == 9 and _SSN.search(before):
        return "SSN"
    return "CREDIT_CARD" if len(digits) > max(_OF_A_PHONE - 1, FEWEST) else "PHONE"
