"""The figures that a sum is shared by: how many people split it ("5 of us"), how many books are bought at a time ("3 a month")."""

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from mangaassist.domain.dialogue import Rate
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.vocabulary import language_named, tables

MOST_PEOPLE: Final = 99
MOST_AT_A_TIME: Final = 20
"""What is more is an amount of money and no number of books."""
_DIGITS: Final = 3


def parts_of(analysis: Analysis) -> int:
    """How many people a message shares something among; 0 where it shares nothing."""
    listed, said = _listed(analysis), [token.text for token in analysis.tokens]
    if not frozenset(listed.get("sharing", ())).intersection(said):
        return 0
    for place in range(len(said)):
        number = _number(said[place], analysis.language)
        if number is None or not 1 < number <= MOST_PEOPLE:
            continue
        behind, before = said[place + 1 : place + 3], said[max(0, place - 1) : place]
        among = frozenset(before).intersection(listed.get("among", ()))
        if among or frozenset(behind[:1]).intersection(listed.get("people", ())) or behind == listed.get("of_us"):
            return number
    return 0


def rate_of(analysis: Analysis) -> Rate | None:
    """How many books a message buys at a time; None where it says nothing of it."""
    listed, said = _listed(analysis), [token.text for token in analysis.tokens]
    each, units = frozenset(listed.get("each", ())), cast(Mapping[str, str], listed.get("units", {}))
    money = language_named(analysis.language).money
    for place in range(len(said)):
        number = _number(said[place], analysis.language)
        if number is None or not 0 < number <= MOST_AT_A_TIME or money.intersection(said[max(0, place - 1) : place]):
            continue
        rest = said[place + 1 : place + 4]
        rest = rest[1:] if rest[:1] and rest[0] in listed.get("books", ()) else rest
        if len(rest) > 1 and rest[0] in each and rest[1] in units:
            return Rate(number, cast(Literal["week", "month", "year"], units[rest[1]]))
    return None


def _listed(analysis: Analysis) -> Mapping[str, Any]:
    return tables(analysis.language).get("shares", {})


def _number(word: str, language: str) -> int | None:
    if word.isdecimal() and len(word) <= _DIGITS:
        return int(word)
    return language_named(language).numbers.get(word)
