"""Competitors' names in a text (G-3 stage 4), however they are spelt, and what could still become one."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from typing import Final, Self

import msgspec
from ahocorasick_rs import AhoCorasick
from msgspec import Struct

from mangaassist.guardrails.folding import folded, letters

ANOTHER_STORE: Final = "another store"
_SITE: Final = re.compile(r"\.(?:com?(?:\.[a-z]{2})?|net|org|ca|de|fr|es|it|in|jp|eu)\b(?:/[^\s)\]>]*)?", re.IGNORECASE)
_LEAD: Final = re.compile(r"(?:https?://)?(?:[\w-]+\.)+$|https?://$", re.IGNORECASE)


class Shop(Struct, frozen=True):
    """One row of ``data/competitors.toml``, which explains the fields."""

    name: str
    cased: bool = False
    before: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class _Shops(Struct):
    shop: tuple[Shop, ...]


class CompetitorMention(Struct, frozen=True):
    """``text[start:end]`` names a competitor."""

    start: int
    end: int
    shop: str


class CompetitorNames:
    """All names in one automaton; lives as long as the process."""

    def __init__(self, shops: tuple[Shop, ...]) -> None:
        self._shops = shops
        words = [re.split(r"[\s.]+", shop.name) for shop in shops]
        self._folded = ["".join(map(folded, spelt)) for spelt in words]
        self._breaks = [_breaks(spelt) for spelt in words]
        self._automaton = AhoCorasick(self._folded)
        self._unless = [_followed_by(shop.unless) for shop in shops]
        self._steps = _steps(self._folded, self._breaks, shops)
        self._spelling = _spelling(self._folded)
        self._last_words = _last_words(self._folded, self._breaks, self._steps)

    @classmethod
    def load(cls) -> Self:
        source = files("mangaassist.guardrails").joinpath("data/competitors.toml").read_text("utf-8")
        return cls(msgspec.convert(tomllib.loads(source), _Shops).shop)

    def mentions(self, word: str) -> bool:
        """Some name's letters are in this word; whether it is a name depends on what is around it."""
        return bool(self._automaton.find_matches_as_indexes(folded(word)))

    def find(self, text: str) -> tuple[CompetitorMention, ...]:
        """Every name in reading order; of overlapping ones the longest."""
        if not self.mentions(text):
            return ()
        spelt, positions = letters(text)
        found: list[CompetitorMention] = []
        for index, start, end in sorted(self._matches(spelt), key=lambda match: (match[1], -match[2])):
            name = self._named(text, positions, index, start, end)
            if name and (not found or name.start >= found[-1].end):
                found.append(name)
        return tuple(found)

    def awaits(self, words: str) -> bool:
        """What ends here is the beginning of a name, or a name whose meaning hangs on the next word."""
        last = folded(words[words.rfind(" ") + 1 :])
        if len(last) != 1 and last not in self._last_words:
            return False
        return any(self._following(words))

    def goes_on(self, words: str, following: str, complete: bool) -> bool | None:
        """The next word belongs to the name that ``words`` end in; None while a part of that word cannot tell."""
        word = folded(following)
        steps = self._following(words)
        begun = any(len(step) > 1 and word.startswith(step) for step in steps)
        if complete:
            return begun or word in steps
        return None if begun or any(step.startswith(word) for step in steps) else False

    def _following(self, words: str) -> set[str]:
        """The words that would carry on a name that ends, or begins to end, here."""
        steps: set[str] = set()
        spelt_out = True
        for tail, last in _tails(words):
            spelt_out = spelt_out and len(last) == 1
            steps |= self._steps.get(tail, frozenset())
            if spelt_out:
                steps |= self._spelling.get(tail, frozenset())
        return steps

    def _matches(self, spelt: str) -> list[tuple[int, int, int]]:
        return self._automaton.find_matches_as_indexes(spelt, overlapping=True)

    def _named(self, text: str, positions: list[int], index: int, start: int, end: int) -> CompetitorMention | None:
        shop = self._shops[index]
        first, last = positions[start], positions[end - 1] + 1
        if not self._stands_alone(text, first, last) or not self._is_joined(text, positions, index, start, end):
            return None
        if shop.cased and not text[first].isupper():
            return None
        if shop.before and not re.search(
            rf"(?:^|\W)(?:{'|'.join(shop.before)})\W{{1,3}}$", text[max(0, first - 12) : first], re.I
        ):
            return None
        unless = self._unless[index]
        if unless is not None and unless.match(text, last):
            return None
        if lead := _LEAD.search(text[max(0, first - 40) : first]):
            first -= len(lead[0])
        if site := _SITE.match(text, last):
            last = site.end()
        return CompetitorMention(first, last, shop.name)

    @staticmethod
    def _stands_alone(text: str, first: int, last: int) -> bool:
        if not text[first].isascii() and _is_unspaced(text[first]):
            return True
        return not (first and text[first - 1].isalnum()) and not (last < len(text) and text[last].isalnum())

    def _is_joined(self, text: str, positions: list[int], index: int, start: int, end: int) -> bool:
        """Its letters stand together, apart at the breaks between its words, or all of them apart."""
        gaps = {
            at - start
            for at in range(start + 1, end)
            if positions[at] - positions[at - 1] > 1
            and any(c.isspace() for c in text[positions[at - 1] + 1 : positions[at]])
        }
        loose = any(positions[at] - positions[at - 1] > 4 for at in range(start + 1, end))
        return not loose and (gaps <= self._breaks[index] or len(gaps) == end - start - 1)


def _tails(words: str) -> Iterator[tuple[str, str]]:
    """The last one to twelve words put together, and the first of them; a sentence's end between them ends the name too."""
    tail = ""
    for count, word in enumerate(reversed(words.split())):
        if count == 12 or (count and word[-1] in ".!?;:"):
            return
        spelt = folded(word)
        tail = spelt + tail
        yield tail, spelt


def _breaks(words: list[str]) -> frozenset[int]:
    """Where the words of a name meet, counted in folded letters."""
    ends: list[int] = []
    total = 0
    for word in words:
        spelt = folded(word)
        if not spelt.isascii():
            ends += range(total + 1, total + len(spelt))
        total += len(spelt)
        ends.append(total)
    return frozenset(ends[:-1])


def _steps(names: list[str], breaks: list[frozenset[int]], shops: tuple[Shop, ...]) -> dict[str, frozenset[str]]:
    """Beginning of a name, up to a break between its words, and the words that may come next; whole names that some words undo."""
    steps: dict[str, set[str]] = {}
    for name, cuts, shop in zip(names, breaks, shops, strict=True):
        ends = sorted({*cuts, len(name)})
        for at, after in pairwise(ends):
            steps.setdefault(name[:at], set()).add(name[at:after])
        steps.setdefault(name, set()).update(shop.unless)
    return {head: frozenset(words) for head, words in steps.items() if words}


def _spelling(names: list[str]) -> dict[str, frozenset[str]]:
    """Beginning of a name that is written letter by letter, and the letters that may come next."""
    steps: dict[str, set[str]] = {}
    for name in names:
        for at in range(1, len(name)):
            steps.setdefault(name[:at], set()).add(name[at])
    return {head: frozenset(letters) for head, letters in steps.items()}


def _last_words(names: list[str], breaks: list[frozenset[int]], steps: dict[str, frozenset[str]]) -> frozenset[str]:
    """Every word that a beginning of a name can end in."""
    found: set[str] = set()
    for name, cuts in zip(names, breaks, strict=True):
        ends = [0, *sorted(cuts), len(name)]
        found |= {name[start:end] for end in ends for start in ends if start < end and name[:end] in steps}
    return frozenset(found)


def _followed_by(words: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"\s+(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE) if words else None


def _is_unspaced(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"
