"""The words that point ("it", "the second one", "both"); what they point at is found out from the dialogue (T-4, T-6)."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, cast

from mangaassist.understanding.analysis import Analysis, Sentence
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.utterance import Mention, Pointer, PointerKind
from mangaassist.understanding.vocabulary import language_named, tables

_PAIR: Final = 2
_MOST_TOGETHER: Final = 6
"""So many are pointed at together: "the first three"."""
_REFUSING: Final = frozenset({"not", "no", "except", "nor"})
_THOSE: Final = (("them",), ("these",), ("those",))
MOST_ONWARD: Final = 30
"""So many volumes one goes on by: "the next 5"."""
_CARDS: Final = 10
"""So many cards no answer shows."""


class PointerReader:
    """Reads the pointers of one language."""

    def __init__(self, language: str) -> None:
        words: dict[str, Any] = tables(language)
        patterns: dict[PointerKind, list[str]] = words.get("pointers", {})
        self._table: PatternTable[PointerKind] = PatternTable(
            [(kind, pattern) for kind, listed in patterns.items() for pattern in listed], language
        )
        places: dict[str, Any] = words.get("places", {})
        self._numbers = language_named(language).numbers
        self._ordinals: dict[str, int] = places.get("ordinals", {})
        self._things, self._bare_things, self._not_things, self._numbered, self._ends = (
            frozenset(places.get(name, "").split())
            for name in ("things", "bare_things", "not_things", "numbered", "ends")
        )
        self._onward = frozenset(places.get("onward", "").split())
        self._counted = frozenset(places.get("counted", "").split())

    def read(self, analysis: Analysis, mentions: Sequence[Mention]) -> tuple[Pointer, ...]:
        """In the order of the text; of those that overlap the longest, so that "the other one" is no "one"; each once."""
        named = {
            place
            for mention in mentions
            if mention.kind == "series"
            for place in range(*analysis.at(mention.start, mention.end))
        }
        tokens = analysis.tokens
        hits = [(hit.key, hit.start, hit.end, ()) for hit in self._table.find(analysis, mentions)]
        hits += [
            ("next_few" if tokens[start].text in self._onward else "place", start, end, places)
            for sentence in analysis.sentences
            for start, end, places in self._places(analysis, sentence)
        ]
        kept: list[tuple[PointerKind, int, int, tuple[int, ...]]] = []
        for hit in sorted(hits, key=lambda one: (one[1] - one[2], one[1])):
            free = all(hit[2] <= other[1] or hit[1] >= other[2] for other in kept)
            if free and named.isdisjoint(range(hit[1], hit[2])) | (hit[0] not in ("it", "they", "both", "place")):
                kept.append(cast(Any, hit))
        kept = _without_refused_places(kept, [token.text for token in tokens])
        pointers: dict[tuple[PointerKind, tuple[int, ...]], Pointer] = {}
        for kind, start, end, places in sorted(kept, key=lambda one: one[1]):
            pointer = Pointer(kind=kind, places=places, start=tokens[start].start, end=tokens[end - 1].end)
            pointers.setdefault((kind, places), pointer)
        return tuple(pointers.values())

    def _places(self, analysis: Analysis, sentence: Sentence) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """ "the second one", "the 1st and the third", "the first two", "option 2"."""
        tokens = analysis.words(sentence)
        words = [token.text for token in tokens]
        broken = [place for place, token in enumerate(tokens) if token.breaks]
        place = 0
        while place < len(words):
            # What stands after a comma is no part of it: "not the second, the third".
            end = next((one for one in broken if one > place), len(words))
            length, places = self._place_at(words[:end], place)
            if length:
                yield sentence.first + place, sentence.first + place + length, places
            place += max(length, 1)

    def _place_at(self, words: Sequence[str], place: int) -> tuple[int, tuple[int, ...]]:
        following = words[place + 1] if place + 1 < len(words) else ""
        number = self._numbers.get(following, int(following) if following.isdecimal() else 0)
        if words[place] in self._onward and 1 < number <= MOST_ONWARD:
            skip = 2 + (place + 2 < len(words) and words[place + 2] in self._counted)
            return skip, tuple(range(number))
        if words[place] in self._numbered and 0 < number < _CARDS:
            return 2, (number - 1,)
        start = place + (words[place] == "the")
        places: list[int] = []
        end = start
        while end < len(words) and words[end] in self._ordinals:
            places.append(self._ordinals[words[end]])
            skip = 1 + (end + 1 < len(words) and words[end + 1] in self._things)
            joined = end + skip + 1 < len(words) and words[end + skip] in ("and", "or", "than", "with", "to", "y", "o")
            after = end + skip + 1 + (joined and words[end + skip + 1] == "the")
            if not (joined and after < len(words) and words[after] in self._ordinals):
                return self._closed(words, place, end, tuple(places), article=start > place)
            end = after
        return 0, ()

    def _closed(
        self, words: Sequence[str], place: int, end: int, places: tuple[int, ...], *, article: bool
    ) -> tuple[int, tuple[int, ...]]:
        """Whether the last ordinal stands for a card: with "one" or the like, or alone after "the"."""
        after = words[end + 1] if end + 1 < len(words) else ""
        several = self._numbers.get(after, int(after) if after.isdecimal() else 0)
        if places[-1] in (0, -1) and _PAIR <= several <= _MOST_TOGETHER:
            thing = words[end + 2] if end + 2 < len(words) else ""
            if places[-1] == -1 and thing in self._counted:
                return end + 3 - place, tuple(range(-several, 0))
            these = tuple(range(several)) if places[-1] == 0 else tuple(range(-several, 0))
            return (end + 2 - place, these) if thing not in self._not_things else (0, ())
        if after in (self._things if article else self._bare_things):
            return end + 2 - place, places
        if article and after == "of" and tuple(words[end + 2 : end + 3]) in _THOSE:
            return end + 3 - place, places
        if after in self._not_things:
            return 0, ()
        alone = not after or after in self._ends
        return (end + 1 - place, places) if (article and alone) or (alone and len(words) == 1) else (0, ())


def _without_refused_places(
    kept: list[tuple[PointerKind, int, int, tuple[int, ...]]], words: Sequence[str]
) -> list[tuple[PointerKind, int, int, tuple[int, ...]]]:
    """ "Not the second, the third" is the third."""
    refused = [hit for hit in kept if hit[0] == "place" and hit[1] > 0 and words[hit[1] - 1] in _REFUSING]
    chosen = any(hit[0] == "place" and hit not in refused for hit in kept)
    return [hit for hit in kept if not (chosen and hit in refused)]


@cache
def pointers_of(language: str) -> PointerReader:
    return PointerReader(language)
