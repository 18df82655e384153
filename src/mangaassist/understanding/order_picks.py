"""Which of several orders a message means by age, state, kind or day, and what of it it asks for by itself (T-4)."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, cast

from mangaassist.domain.dialogue import AfterTold, OrderAspect, SpecialCase
from mangaassist.domain.meaning import OrderPick, OrderSelection, Tally
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.days import past_days
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import tables

_Table = Literal["order_picks", "order_aspects", "own_tallies", "tallies", "special_cases", "after_told"]


def selection_of(analysis: Analysis, mentions: Sequence[Mention]) -> OrderSelection:
    """ "My last order", "the one that hasn't shipped yet", "from last week"; in the order of the lexicon's table, each once."""
    picks = cast("tuple[OrderPick, ...]", _heard("order_picks", analysis, mentions))
    return OrderSelection(picks, past_days(analysis))


def aspects_of(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[OrderAspect, ...]:
    """ "Who is the carrier", "have i paid for it already"; in the order of the lexicon's table."""
    return cast("tuple[OrderAspect, ...]", _heard("order_aspects", analysis, mentions))


def tally_of(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[Tally, bool]:
    """ "How many of my orders", "what did i buy so far": what is asked of several orders, and whether it says whose they are."""
    own = cast("tuple[Tally, ...]", _heard("own_tallies", analysis, mentions))
    told = own or cast("tuple[Tally, ...]", _heard("tallies", analysis, mentions))
    return (told[0] if told else ""), bool(own)


def special_case(analysis: Analysis, mentions: Sequence[Mention]) -> SpecialCase:
    """ "The pages are upside down", "i opened the box set"; empty where it is neither. Of an open set counts that it is one."""
    heard = _heard("special_cases", analysis, mentions)
    told = [one for one in heard if one != "unsealed"] if "opened_set" in heard else heard
    told = ["opened_set"] if "opened_set" in told and "unsealed" in heard else told
    return cast("SpecialCase", told[0]) if told else ""


def after_told(analysis: Analysis, mentions: Sequence[Mention]) -> AfterTold:
    """ "Checked spam", "the neighbors don't have it": done; "why not": why; empty where it is neither."""
    heard = _heard("after_told", analysis, mentions)
    return cast("AfterTold", heard[0]) if heard else ""


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
