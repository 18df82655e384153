"""Which of several orders a message means by age or state, and what of its parcel it asks for by itself (T-4)."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, cast

from mangaassist.domain.meaning import OrderPick, ParcelDetail, SpecialCase
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import tables

_Table = Literal["order_picks", "parcel_details", "special_cases"]


def order_picks(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[OrderPick, ...]:
    """ "My last order", "the one that hasn't shipped yet"; in the order of the lexicon's table, each once."""
    return cast("tuple[OrderPick, ...]", _heard("order_picks", analysis, mentions))


def parcel_details(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[ParcelDetail, ...]:
    """ "Who is the carrier", "tracking number pls"."""
    return cast("tuple[ParcelDetail, ...]", _heard("parcel_details", analysis, mentions))


def special_case(analysis: Analysis, mentions: Sequence[Mention]) -> SpecialCase:
    """ "The pages are upside down", "i opened the box set"; empty where it is neither."""
    heard = _heard("special_cases", analysis, mentions)
    return cast("SpecialCase", heard[0]) if heard else ""


def _heard(name: _Table, analysis: Analysis, mentions: Sequence[Mention]) -> tuple[str, ...]:
    heard = {hit.key for hit in _table(name, analysis.language).find(analysis, mentions)}
    return tuple(key for key in _listed(name, analysis.language) if key in heard)


@cache
def _table(name: _Table, language: str) -> PatternTable[str]:
    listed = _listed(name, language)
    return PatternTable([(key, pattern) for key, patterns in listed.items() for pattern in patterns], language)


def _listed(name: _Table, language: str) -> dict[str, list[str]]:
    """Empty for a language without such words."""
    words: dict[str, Any] = tables(language)
    return words.get(name, {})
