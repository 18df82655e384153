"""Several people in one message, each with a taste: "my son is 6 and loves trains, my daughter likes horses" (T-4, T-5)."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from mangaassist.domain.wishes import Reader, Wish
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.utterance import Mention, Utterance
from mangaassist.understanding.vocabulary import tables

_TASTES: Final = frozenset({"genre", "theme", "mood", "medium"})
_MEASURES: Final = frozenset({"like", "read", "owned"})
_NEAR: Final = 3
"""So many tokens from a "boy" its age may stand."""


def reader_splits(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[int, ...]:
    """Where in the folded text each person but the first begins, of those who have a taste of their own behind them; empty where
    one book is sought for all of them ("something we can both read")."""
    texts = [token.text for token in analysis.tokens]
    if _is_for_all(texts, analysis.language):
        return ()
    places = sorted({*_persons(analysis, mentions), *_youths(analysis, texts)})
    if len(places) < 2:
        return ()
    ends = (*places[1:], len(texts))
    served = [first for first, end in zip(places, ends, strict=True) if any(_tastes(analysis, mentions, first, end))]
    return tuple(analysis.tokens[_begin(texts, place, analysis.language)].start for place in served[1:])


def _is_for_all(texts: Sequence[str], language: str) -> bool:
    """ "To read together", "we can both read"; what is "for both" is for each of them."""
    jointly = _words(language, "together")
    return any(text in jointly and (place == 0 or texts[place - 1] != "for") for place, text in enumerate(texts))


def wish_for(wishes: Sequence[Wish], utterance: Utterance, reader: Reader | None) -> Wish | None:
    """Of the last list's wishes, one for each of several people, that of the person whom the message names again."""
    if len(wishes) < 2:
        return None
    spoken = frozenset(utterance.folded.lower().replace("'s", "").split())
    for wish in wishes:
        known = wish.reader
        if known is None:
            continue
        same_age = reader is not None and reader.age is not None and reader.age == known.age
        named = bool(known.said) and (
            known.said.split()[-1] in spoken or (reader is not None and reader.said == known.said)
        )
        if named or same_age:
            return wish
    return None


def _persons(analysis: Analysis, mentions: Sequence[Mention]) -> Iterator[int]:
    return (analysis.at(one.start, one.end)[0] for one in mentions if one.kind == "person")


def _youths(analysis: Analysis, texts: Sequence[str]) -> Iterator[int]:
    """ "Boy 9", "a girl of 14"."""
    youths = tables(analysis.language).get("limits", {}).get("reader", {}).get("youths", ())
    for place, text in enumerate(texts):
        around = texts[max(0, place - _NEAR) : place + _NEAR]
        if text in youths and any(one.isdigit() for one in around):
            yield place


def _tastes(analysis: Analysis, mentions: Sequence[Mention], first: int, end: int) -> Iterator[Mention]:
    for one in mentions:
        taste = one.kind in _TASTES and one.role == "wanted"
        if (taste or (one.kind == "series" and one.role in _MEASURES)) and first < analysis.at(one.start, one.end)[
            0
        ] < end:
            yield one


def _begin(texts: Sequence[str], place: int, language: str) -> int:
    """Past what belongs to the person before its name: "and one for my 9 year old"."""
    before = _words(language, "before_reader")
    while place > 0 and (texts[place - 1] in before or texts[place - 1].isdigit()):
        place -= 1
    return place


@cache
def _words(language: str, name: str) -> frozenset[str]:
    return frozenset(tables(language).get("reading", {}).get(name, "").split())
