"""What a statement tells of somebody's dealings with a title: "he already tried naruto", "i quit blue lock, too loud" (T-4).

While books are looked for, whoever tells what they did with one asks nothing about it: they know it, or gave it up.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.analysis import Analysis, Sentence
from mangaassist.understanding.hearing import OF_SHELF
from mangaassist.understanding.utterance import Mention, Role, Utterance
from mangaassist.understanding.vocabulary import tables

_PAST: Final = "ed"
_SHORTEST: Final = 4
_OF_SERIES: Final[frozenset[Role]] = frozenset({"named", "read", "owned", "like"})
_EVERYDAY: Final = frozenset({"genre", "theme", "mood"})


class Told(Struct, frozen=True):
    """The words of a language's ``[experience]``."""

    subjects: frozenset[str]
    past: frozenset[str]
    """What is done and does not end as most such words do."""
    hearsay: frozenset[str]
    """What stands between a person and a title that is only spoken of: "wanted", "heard of", "would"."""
    failing: frozenset[str]
    """Before a "not": what was tried in vain, "could not get into"."""
    given_up: frozenset[str]
    excess: frozenset[str]
    liking: frozenset[str]
    denying: frozenset[str]


def experienced(analysis: Analysis, mentions: Sequence[Mention]) -> tuple[tuple[int, Role], ...]:
    """The titles, by where they begin, of which a statement tells that somebody knows them, each with what it is for them: "read",
    or "unlike" where they gave it up. Everyday words that may be titles are among them."""
    words = _words(analysis.language)
    persons = {place for one in mentions if one.kind == "person" for place in range(*analysis.at(one.start, one.end))}
    told: list[tuple[int, Role]] = []
    for mention in mentions:
        title, _ = analysis.at(mention.start, mention.end)
        sentence = next((one for one in analysis.sentences if one.first <= title < one.last), None)
        if sentence is None or not _may_be_told(mention):
            continue
        if _tells(analysis, range(sentence.first, title), persons, words, only_failing=mention.role == "like"):
            told.append((mention.start, "unlike" if _gives_up(analysis, sentence, words) else "read"))
    return tuple(told)


def with_experience(utterance: Utterance, state: DialogueState) -> Utterance:
    """The message with these series as known or turned down, while books are looked for; any other message as it is."""
    roles = dict(utterance.experienced)
    known = frozenset(one.value for one in utterance.mentions if one.kind == "series" and one.start in roles)
    if known and Act.COMPARE in state.acts[:1]:
        return _of_the_other(utterance, state, known)
    if not known or not state.acts or state.acts[0] not in OF_SHELF:
        return utterance
    return msgspec.structs.replace(
        utterance,
        mentions=tuple(
            msgspec.structs.replace(one, role=roles[one.start]) if one.kind == "series" and one.start in roles else one
            for one in utterance.mentions
        ),
        targets=tuple(one for one in utterance.targets if one.series_id not in known),
        volumes=(),
        words=(),
        acts=tuple(one for one in utterance.acts if one.act in _MAY_STAND),
        settled=False,
    )


def _of_the_other(utterance: Utterance, state: DialogueState, known: frozenset[str]) -> Utterance:
    """ "I quit blue lock" after two were held against each other asks whether the other one is worth it."""
    others = tuple(one for one in state.targets if one.series_id not in known)
    if len(others) != 1 or len(others) == len(state.targets):
        return msgspec.structs.replace(utterance, experienced=())
    return msgspec.structs.replace(
        utterance,
        experienced=(),
        mentions=tuple(one for one in utterance.mentions if one.kind != "series"),
        targets=others,
        volumes=(),
        words=(),
        acts=(HeardAct(Act.WORTH_IT),),
    )


_MAY_STAND: Final = OF_SHELF - {Act.SIMILAR, Act.BY_SAME_AUTHOR} | {Act.REFINE, Act.REJECT}
"""What such a message may ask as well."""


def _may_be_told(mention: Mention) -> bool:
    return mention.role in _OF_SERIES if mention.kind == "series" else mention.kind in _EVERYDAY


def _tells(analysis: Analysis, before: range, persons: set[int], words: Told, *, only_failing: bool) -> bool:
    """Whether ``before`` a title a statement has a person, and behind that what the person did with it."""
    texts = [token.text for token in analysis.tokens]
    sentence = next(one for one in analysis.sentences if one.first == before.start)
    if sentence.is_question or texts[before.start] in _asking(analysis.language):
        return False
    subject = next((place for place in reversed(before) if texts[place] in words.subjects or place in persons), None)
    if subject is None:
        return False
    done = texts[subject + 1 : before.stop]
    if only_failing or _fails(done, words):
        return _fails(done, words)
    acts = any(one in words.past or (one.endswith(_PAST) and len(one) > _SHORTEST) for one in done)
    return acts and (words.hearsay | words.denying).isdisjoint(done)


def _fails(texts: Sequence[str], words: Told) -> bool:
    return any(one in words.failing and other in words.denying for one, other in pairwise(texts))


def _gives_up(analysis: Analysis, sentence: Sentence, words: Told) -> bool:
    texts = [token.text for token in analysis.words(sentence)]
    dislikes = any(one in words.denying and other in words.liking for one, other in pairwise(texts))
    return (
        dislikes
        or _fails(texts, words)
        or any(one in words.excess for one in texts[:-1])
        or not words.given_up.isdisjoint(texts)
    )


@cache
def _asking(language: str) -> frozenset[str]:
    return frozenset(tables(language).get("reading", {}).get("question", "").split())


@cache
def _words(language: str) -> Told:
    listed = tables(language).get("experience", {})
    named = (listed.get(field, "") for field in Told.__struct_fields__)
    return Told(*(frozenset(one.split()) for one in named))
