"""How far a refusal reaches: "not something where X", "no stories in which X", "tired of teens with X"."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import Analysis, Sentence, stem
from mangaassist.understanding.vocabulary import language_named, tables

_DENIED: Final = 5
"""So many tokens before "anything" a denial may stand: "not allowed to read anything with"."""

Refuses = Callable[[int], tuple[bool | None, int]]
"""Whether the words that end before a token refuse, and where they begin; None where they say nothing of the kind."""


class _Words(Struct, frozen=True):
    heads: frozenset[str]
    opens: frozenset[str]
    bears: frozenset[str]
    determined: frozenset[str]
    bare: frozenset[str]
    sought: frozenset[str]
    ends: frozenset[str]
    asks: frozenset[str]
    done: frozenset[str]


@cache
def _words(language: str) -> _Words:
    listed = tables(language).get("refused_clause", {})

    def stems(name: str) -> frozenset[str]:
        return frozenset(stem(word, language) for word in listed.get(name, "").split())

    return _Words(*(stems(name) for name in _Words.__struct_fields__))


class RefusedClauses:
    """Tells for the tokens of one sentence whether they stand in a clause that says what is not wanted."""

    def __init__(
        self,
        analysis: Analysis,
        sentence: Sentence,
        taken: Mapping[int, int],
        labels: frozenset[int],
        between: frozenset[str],
        idle: frozenset[str],
        refuses: Refuses,
    ) -> None:
        """``taken``: where mentions begin, by where they end; ``labels``: where those end that say of what kind a book is."""
        spoken = language_named(analysis.language)
        self._words = _words(analysis.language)
        self.any: Final = stem("anything", analysis.language)
        self._tokens = analysis.tokens
        self._stems: Sequence[str] = [token.stem for token in analysis.tokens]
        self._first = sentence.first
        self._taken = taken
        self._labels = labels
        self._between = between
        self._idle = idle | spoken.stop | spoken.fillers | spoken.pronouns
        self._refuses = refuses

    def hold(self, place: int) -> bool:
        """The nearest head with a clause of its own decides: "nothing where X", but "no, something where X"."""
        for opener in range(place - 1, self._first, -1):
            if self._tokens[opener + 1].breaks or self._stems[opener] in self._words.ends:
                return False
            if self._stems[opener] not in self._words.opens or self._tokens[opener].breaks:
                continue
            end = opener - 1 if self._stems[opener - 1] == "in" else opener
            if self._stems[end - 1] in self._words.heads:
                return self._is_refused(end, self._words.determined)
            if self._stems[opener] in self._words.bears and self._is_refused_bearer(end):
                return True
        return False

    def _is_refused(self, end: int, stays: frozenset[str]) -> bool:
        """Walks back over what may stand between a refusal and the head, past ``stays`` over no other mention."""
        alone, anything = False, False
        while end > self._first:
            refuses, start = self._refuses(end)
            if refuses is not None:
                return refuses and not self._is_interjected(start, end)
            if end < len(self._tokens) and self._tokens[end].breaks:
                return False
            if end in self._taken and not alone:
                end = self._taken[end]
                continue
            word = self._stems[end - 1]
            if word not in self._between and word not in self._words.heads:
                break
            alone, anything = alone or word in stays, anything or word == self.any
            end -= 1
        return anything and self.is_denied_deed(end)

    def _is_refused_bearer(self, end: int) -> bool:
        """ "Tired of teens with X": whoever has X may be any word, right behind a refusal that takes a thing."""
        start = self._taken.get(end, end - 1)
        word = self._tokens[end - 1]
        if (
            start <= self._first
            or end in self._labels
            or (end not in self._taken and (word.text in self._idle or not word.text.isalpha()))
        ):
            return False
        if any(self._tokens[token].breaks for token in range(start, end)):
            return False
        while start > self._first:
            refuses, _ = self._refuses(start)
            if refuses is not None:
                return refuses and self._stems[start - 1] not in self._words.bare
            if start in self._taken:
                start = self._taken[start]
            elif self._stems[start - 1] in self._between and not self._tokens[start].breaks:
                start -= 1
            else:
                return False
        return False

    def is_denied_deed(self, end: int) -> bool:
        """ "Can't read anything with nudity" refuses; "can't find anything" and "haven't read anything" do not."""
        opening = self._stems[self._first : self._first + 3]
        if len(opening) > 1 and "not" in opening[1:] and opening[0] in self._words.asks:
            return False
        before = self._stems[max(self._first, end - _DENIED) : end]
        if "not" not in before or not self._words.sought.isdisjoint(before[before.index("not") :]):
            return False
        return self._words.done.isdisjoint(before[: before.index("not")])

    def _is_interjected(self, start: int, end: int) -> bool:
        """ "No something with X": what "no" stands before has its own article."""
        return self._stems[start:end] == ["no"] and self._stems[end] in self._words.determined
