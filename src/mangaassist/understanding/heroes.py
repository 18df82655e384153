"""What is said of a main character: "smart evil mc", "the lead is not op", "a girl as the protagonist" (T-5)."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import Analysis, Sentence, stem
from mangaassist.understanding.lexicon import Meant, Vocabulary
from mangaassist.understanding.vocabulary import tables

REACH: Final = 6
"""So many tokens from the word for the main character something may still be said of it."""

Said = tuple[int, tuple[Meant, ...]]
"""How many tokens a phrase takes, and what it means."""


class _Words(Struct, frozen=True):
    heads: frozenset[str]
    between: frozenset[str]
    behind: frozenset[str]
    told_of: frozenset[str]
    people: frozenset[str]


@cache
def _words(language: str) -> _Words:
    listed = tables(language).get("heroes", {})

    def stems(name: str) -> frozenset[str]:
        return frozenset(stem(word, language) for word in listed.get(name, "").split())

    people = frozenset(listed.get("people", ()))
    return _Words(stems("heads"), stems("between"), stems("behind"), stems("told_of"), people)


def said_of_heroes(analysis: Analysis, sentence: Sentence, vocabulary: Vocabulary) -> Mapping[int, Said]:
    """The phrases of a sentence that are said of a main character, by their first token; none where nobody names one.

    Between such a phrase and the word for the character stand only others of them and words that join ("is not a")."""
    words, tokens = _words(analysis.language), analysis.tokens
    heads = [place for place in range(sentence.first, sentence.last) if tokens[place].stem in words.heads]
    told_of = [place for place in range(sentence.first, sentence.last) if tokens[place].stem in words.told_of]
    if not heads and not told_of:
        return {}
    said = {
        place: found for place in range(sentence.first, sentence.last) if (found := vocabulary.at(tokens, place))[0]
    }
    taken = {token for place, (length, _) in said.items() for token in range(place, place + length)}

    def joined(first: int, last: int, joining: frozenset[str]) -> bool:
        return last - first <= REACH and all(
            token in taken or tokens[token].stem in joining for token in range(first, last)
        )

    def is_of(place: int, length: int, head: int) -> bool:
        before, after = joined(place + length, head, words.between), joined(head + 1, place, words.behind | words.heads)
        return before if place < head else after

    def is_told(place: int, meant: tuple[Meant, ...]) -> bool:
        people = any(one.value in words.people for one in meant)
        return people and any(start < place and joined(start + 1, place, words.between) for start in told_of)

    return {
        place: found
        for place, found in said.items()
        if any(is_of(place, found[0], head) for head in heads) or is_told(place, found[1])
    }
