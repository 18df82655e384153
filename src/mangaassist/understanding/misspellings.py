"""Finds names that a text nearly writes ("one peice", "vinlandsaga") without comparing every word with every name.

A misspelt title nearly always holds one word that no ordinary sentence has: a slipped one ("peice") or one that only
titles use ("titan"). Those words are the anchors; only the names that they belong to are compared, around the anchor.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct
from rapidfuzz.distance import OSA

MAX_ANCHORS: Final = 16
"""So many words of one message are looked at as pieces of a title; this bounds the cost of a hostile one."""
MAX_NAMES: Final = 8
MIN_LETTERS: Final = 5
MIN_DISTINCTIVE: Final = 4
FORGIVEN: Final = ((5, 1), (9, 2), (16, 3), (26, 4))
"""From so many letters on, so many slips are forgiven."""

_WORD: Final = re.compile(r"[a-z0-9']+")


class Near(Struct, frozen=True):
    """``text[start:end]`` nearly is the name with this key; ``score`` is the share of letters that are right."""

    start: int
    end: int
    place: int
    score: float


class MisspeltNames:
    """The names as an index of their telling words. ``names`` maps a key to a folded, small name."""

    def __init__(self, names: Mapping[int, str], common: frozenset[str]) -> None:
        self._common = common
        self._names = {
            key: name for key, name in names.items() if name.isascii() and len(name.replace(" ", "")) >= MIN_LETTERS
        }
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._slipped: defaultdict[str, list[str]] = defaultdict(list)
        self._shuffled: defaultdict[str, list[str]] = defaultdict(list)
        for key, name in self._names.items():
            for word in {*_telling(name), name.replace(" ", "")}:
                self._exact[word].append(key)
        for word in self._exact:
            self._shuffled["".join(sorted(word))].append(word)
            for shorter in _deletions(word):
                self._slipped[shorter].append(word)

    def find(self, text: str) -> list[Near]:
        """Near misses in a folded, small text, the best first. At most a millisecond for 2000 characters."""
        words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(text)]
        found: dict[tuple[int, int, int], float] = {}
        for anchor, keys in self._anchors(words):
            for key in keys[:MAX_NAMES]:
                for start, end in _windows(words, anchor, len(self._names[key].split())):
                    if score := _likeness(text[start:end], self._names[key]):
                        found[start, end, key] = score
        near = [Near(start, end, key, score) for (start, end, key), score in found.items()]
        return sorted(near, key=lambda one: (-one.score, one.start - one.end, one.start))

    def _anchors(self, words: list[tuple[int, int, str]]) -> Iterator[tuple[int, list[int]]]:
        left = MAX_ANCHORS
        for place, (_, _, word) in enumerate(words):
            joined = word + words[place + 1][2] if place + 1 < len(words) else word
            keys = self._exact.get(joined, []) if joined != word else []
            if word not in self._common:
                keys = [*keys, *self._keys_of(word)]
            if keys:
                yield place, keys
                left -= 1
            if left == 0:
                return

    def _keys_of(self, word: str) -> list[int]:
        if word in self._exact:
            return self._exact[word]
        if len(word) < MIN_DISTINCTIVE:
            return []
        near = dict.fromkeys((*self._slipped.get(word, ()), *self._shuffled.get("".join(sorted(word)), ())))
        for shorter in _deletions(word):
            near.update(dict.fromkeys(self._exact.keys() & {shorter}))
            near.update(dict.fromkeys(self._slipped.get(shorter, ())))
        return [key for known in near for key in self._exact[known]]


def _slips(written: str, name: str, allowed: int) -> int:
    """The letters that are wrong; the right letters in a wrong order ("frerien") are one slip."""
    slips = OSA.distance(written, name, score_cutoff=allowed)
    return 1 if slips > allowed and written[0] == name[0] and sorted(written) == sorted(name) else slips


def _telling(name: str) -> Iterator[str]:
    """The words of a name that are long enough to be recognised when one letter is wrong."""
    return (word for word in name.split() if len(word) >= MIN_DISTINCTIVE)


def _deletions(word: str) -> set[str]:
    """The word without one letter: two words share one of these when they are one slip apart."""
    return {word[:place] + word[place + 1 :] for place in range(len(word))} if len(word) > MIN_DISTINCTIVE else set()


def _windows(words: list[tuple[int, int, str]], anchor: int, length: int) -> Iterator[tuple[int, int]]:
    """Runs of about as many words as the name has, with the anchor among them; one word may be split or joined."""
    for size in (length, length - 1, length + 1, 1):
        if size < 1:
            continue
        for first in range(max(0, anchor - size + 1), min(anchor, len(words) - size) + 1):
            yield words[first][0], words[first + size - 1][1]


def _likeness(written: str, name: str) -> float | None:
    """1 minus the share of slips, or None when there are too many for a name of this length. Spaces do not count."""
    written, name = written.replace(" ", ""), name.replace(" ", "")
    allowed = max((slips for letters, slips in FORGIVEN if len(name) >= letters), default=0)
    if abs(len(written) - len(name)) > allowed:
        return None
    slips = _slips(written, name, allowed)
    if slips > allowed:
        return None
    return round(1 - max(slips, 0.5) / len(name), 4)
