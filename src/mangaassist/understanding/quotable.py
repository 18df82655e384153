"""Which describing words a message surely says of what it looks for: "something dumb n funny", "where the villain wins" (T-12).

Only these are quoted where nothing answers them: "my brain is fried, gimme something" describes no book as fried.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Final

from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import tables

_TASTES: Final = frozenset({"genre", "theme", "mood", "medium", "demographic"})
MOST_TOGETHER: Final = 4
"""Words of one phrase that is quoted as a whole."""


def quotable_phrases(analysis: Analysis, words: Collection[str], mentions: Sequence[Mention]) -> Iterator[str]:
    """Those of ``words`` that stand behind a word that introduces a description, before one for a book, or beside a label; with
    what follows of them at once, as the shopper wrote it."""
    tokens = analysis.tokens
    strange = [place for place, one in enumerate(tokens) if analysis.folded[one.start : one.end] in words]
    wanted = (analysis.at(one.start, one.end) for one in mentions if one.role == "wanted" and one.kind in _TASTES)
    labelled = frozenset(place for span in wanted for place in range(*span))
    told = -1
    for place in strange:
        if place <= told or not _describes(analysis, place, labelled):
            continue
        told = place
        while told + 1 in strange and told - place + 1 < MOST_TOGETHER and not tokens[told + 1].breaks:
            told += 1
        yield analysis.folded[tokens[place].start : tokens[told].end]


def _describes(analysis: Analysis, place: int, labelled: frozenset[int]) -> bool:
    before, after, joins = _beside(analysis.language)
    tokens = analysis.tokens
    last, following = place - 1, place + 1
    while last >= 0 and tokens[last].text in joins and not tokens[last + 1].breaks:
        last -= 1
    while following < len(tokens) and tokens[following].text in joins:
        following += 1
    introduced = last >= 0 and not tokens[place].breaks and tokens[last].text in before
    named = following < len(tokens) and tokens[following].text in after
    return introduced or named or last in labelled or following in labelled


@cache
def _beside(language: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    listed = tables(language).get("quotable", {})
    before, after, joins = (frozenset(listed.get(name, "").split()) for name in ("before", "after", "joins"))
    return before, after, joins
