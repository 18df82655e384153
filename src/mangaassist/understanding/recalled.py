"""The one book that a message tries to recall by what happens in it: "what is the one where a doctor saves a boy" (T-10)."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import language_named, tables

LEAST_TOLD: Final = 2
"""Telling words of a plot: fewer of them ("the one with the box") point at something that is known."""


def recalled(analysis: Analysis, mentions: Sequence[Mention]) -> str:
    """What it tells of the book, without the words that ask which one it is; empty where it asks for none."""
    if any(one.kind == "series" and one.score == 1.0 for one in mentions):
        return ""
    asking = [range(hit.start, hit.end) for hit in _frames(analysis.language).find(analysis, mentions)]
    if not asking:
        return ""
    framed = frozenset(place for one in asking for place in one)
    told = [token for place, token in enumerate(analysis.tokens) if place not in framed]
    spoken = language_named(analysis.language)
    telling = {token.start for token in told if token.text not in spoken.stop | spoken.fillers}
    if len(telling) < LEAST_TOLD:
        return ""
    kept = {token.start: analysis.folded[token.start : token.end] for token in told}
    return " ".join(kept.values())


@cache
def _frames(language: str) -> PatternTable[str]:
    listed = tables(language).get("recalling", {}).get("frames", ())
    return PatternTable([("frame", pattern) for pattern in listed], language)
