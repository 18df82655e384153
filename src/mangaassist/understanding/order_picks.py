"""Which of several orders a message means by age or state: "my last order", "the one that hasn't shipped yet" (T-4)."""

from collections.abc import Sequence
from functools import cache

from mangaassist.domain.meaning import OrderPick
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import tables


def order_picks(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[OrderPick, ...]:
    """In the order of the lexicon's table, each once; empty for a language without such words."""
    heard = {hit.key for hit in _table(analysis.language).find(analysis, mentions)}
    listed: dict[OrderPick, list[str]] = tables(analysis.language).get("order_picks", {})
    return tuple(pick for pick in listed if pick in heard)


@cache
def _table(language: str) -> PatternTable[OrderPick]:
    listed: dict[OrderPick, list[str]] = tables(language).get("order_picks", {})
    return PatternTable([(pick, pattern) for pick, patterns in listed.items() for pattern in patterns], language)
