"""Competitors' names in a text (G-3 stage 4), however they are spelt, and what could still become one."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Final, Self

from ahocorasick_rs import AhoCorasick
from msgspec import Struct

from mangaassist.guardrails.folding import letters
from mangaassist.guardrails.shop_talk import DESCRIBED, ShopTalk
from mangaassist.guardrails.shops import ShopTable, Spelling, spelt, without_leet

ANOTHER_STORE: Final = "another store"
_SITE: Final = re.compile(
    r"(?:\.|\s?[\[(]dot[\])]\s?|\sdot\s)(?:com?(?:\.[a-z]{2})?|net|org|to|jp|co|ca|de|fr|es|it|in|nl|se|pl|eu|uk|us|au|mx|br)"
    r"\b(?:/[^\s)\]>]*)?",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(r"(?:https?://)?(?:[\w-]+\.)+$|https?://$", re.IGNORECASE)
_PAUSE: Final = re.compile(r"[,;:!?]")
_BESIDE: Final = re.compile(r"[\s\"'*)]{0,4}(?:,|&|/|and|or|vs\.?)?\s*(?:and|or)?[\s\"'*(]{1,4}", re.IGNORECASE)
"""What stands between two shops that are named in one breath."""


class CompetitorMention(Struct, frozen=True):
    """``text[start:end]`` names a competitor; ``instead`` is what can be said in its place there."""

    start: int
    end: int
    shop: str
    instead: str = ANOTHER_STORE


class CompetitorNames:
    """All names in one automaton; lives as long as the process."""

    def __init__(self, table: ShopTable) -> None:
        self._names = table.spellings()
        self._talk = ShopTalk(table.talk)
        self._spelt = [name.letters for name in self._names]
        self._breaks = [_breaks(name.words) for name in self._names]
        self._automaton = AhoCorasick(self._spelt)
        self._unless = [_followed_by(name.unless) for name in self._names]
        self._whole = frozenset(self._spelt)
        self._steps = _steps(self._names, self._spelt, self._breaks)
        self._spelling = _spelling(name.letters for name in self._names if name.sense == "sure" and not name.slipped)
        sure = [at for at, name in enumerate(self._names) if name.sense == "sure"]
        self._last_words = (
            _last_words([self._spelt[at] for at in sure], [self._breaks[at] for at in sure]) | self._whole
        )
        self._last_words |= {word + "s" for word in self._whole} | set(DESCRIBED)
        self._capital_words = _last_words(self._spelt, self._breaks)

    @classmethod
    @cache
    def load(cls) -> Self:
        """Once a process: it takes a tenth of a second."""
        return cls(ShopTable.load())

    def mentions(self, word: str) -> bool:
        """Some name's letters are in this word; whether it is a name depends on what is around it."""
        return bool(self._automaton.find_matches_as_indexes(spelt(word)))

    def find(self, text: str) -> tuple[CompetitorMention, ...]:
        """Every name in reading order; of overlapping ones the longest."""
        if not self.mentions(text):
            return ()
        spelling, positions = letters(without_leet(text))
        found: list[CompetitorMention] = []
        doubtful: CompetitorMention | None = None
        for index, start, end in sorted(self._matches(spelling), key=lambda match: (match[1], -match[2])):
            first, last = positions[start], positions[end - 1] + 1
            if found and first < found[-1].end:
                continue
            if not self._stands_alone(text, first, last) or not self._is_joined(text, positions, index, start, end):
                continue
            beside = bool(found) and _is_beside(text, found[-1].end, first)
            if name := self._named(text, first, last, index, beside):
                if doubtful and _is_beside(text, doubtful.end, name.start):
                    found.append(doubtful)
                found.append(name)
            doubtful = None if name else self._doubtful(text, first, last, index)
        return tuple(found)

    def awaits(self, words: str) -> bool:
        """What ends here is the beginning of a name, or a name whose meaning hangs on the next word."""
        written = words[words.rfind(" ") + 1 :]
        last = spelt(written)
        # Names of everybody's words are begun by everybody's words: those wait where they are written as a name alone.
        if (
            len(last) != 1
            and last not in self._last_words
            and not (last in self._capital_words and not written.islower())
        ):
            return False
        return any(self._following(words))

    def goes_on(self, words: str, following: str, complete: bool) -> bool | None:
        """The next word belongs to the name that ``words`` end in; None while a part of that word cannot tell."""
        word = spelt(following)
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
            if self._is_whole(tail):
                steps |= self._talk.following
            if spelt_out:
                steps |= self._spelling.get(tail, frozenset())
        return steps

    def _doubtful(self, text: str, first: int, last: int, index: int) -> CompetitorMention | None:
        """What is a shop only when the next name is one: "Target and Walmart"."""
        named = self._named(text, first, last, index, beside=True)
        return named if named and text[first].isupper() else None

    def _is_whole(self, tail: str) -> bool:
        """A name, also with "'s" or "own" behind it: what it means may hang on the next word."""
        while described := next((word for word in DESCRIBED if tail.endswith(word)), ""):
            tail = tail.removesuffix(described)
        return tail in self._whole or (tail[-1:] == "s" and tail[:-1] in self._whole)

    def _matches(self, spelling: str) -> list[tuple[int, int, int]]:
        return self._automaton.find_matches_as_indexes(spelling, overlapping=True)

    def _named(self, text: str, first: int, last: int, index: int, beside: bool) -> CompetitorMention | None:
        name, unless = self._names[index], self._unless[index]
        if site := _SITE.match(text, last):
            lead = _LEAD.search(text[max(0, first - 40) : first])
            return CompetitorMention(first - (len(lead[0]) if lead else 0), site.end(), name.shop)
        if unless is not None and unless.match(text, last):
            return None
        if not self._talk.means_shop(text, first, last, name, beside):
            return None
        return CompetitorMention(first, self._talk.end_of_noun(text, last), name.shop, _instead(text, first))

    @staticmethod
    def _stands_alone(text: str, first: int, last: int) -> bool:
        if not text[first].isascii() and _is_unspaced(text[first]):
            return True
        return not (first and text[first - 1].isalnum()) and not (last < len(text) and text[last].isalnum())

    def _is_joined(self, text: str, positions: list[int], index: int, start: int, end: int) -> bool:
        """Its letters stand together, apart at the breaks between its words, or all of them apart; "&" where it has one."""
        if "&" in text[positions[start] : positions[end - 1] + 1] and "&" not in self._names[index].words:
            return False
        gaps = {
            at - start
            for at in range(start + 1, end)
            if positions[at] - positions[at - 1] > 1
            and any(c.isspace() for c in text[positions[at - 1] + 1 : positions[at]])
        }
        loose = any(
            positions[at] - positions[at - 1] > 4 or _PAUSE.search(text, positions[at - 1] + 1, positions[at])
            for at in range(start + 1, end)
        )
        return not loose and (gaps <= self._breaks[index] or len(gaps) == end - start - 1)


def _instead(text: str, first: int) -> str:
    """ "The another store" is no English."""
    found = _DETERMINER.search(text, max(0, first - 8), first)
    return _AFTER_DETERMINER[found[1].lower() == "an"] if found else ANOTHER_STORE


_DETERMINER: Final = re.compile(
    r"(?<![\w'])(the|an?|my|your|our|their|its|this|that|any)\s+[\"'(*_]{0,3}$", re.IGNORECASE
)
_AFTER_DETERMINER: Final = ("different store", "outside store")


def _is_beside(text: str, end: int, start: int) -> bool:
    return _BESIDE.fullmatch(text, end, start) is not None


def _tails(words: str) -> Iterator[tuple[str, str]]:
    """The last one to twelve words put together, and the first of them; a sentence's end between them ends the name too."""
    tail = ""
    for count, word in enumerate(reversed(words.split())):
        if count == 12 or (count and word[-1] in ".!?;:"):
            return
        letters_of_word = spelt(word)
        tail = letters_of_word + tail
        yield tail, letters_of_word


def _breaks(words: tuple[str, ...]) -> frozenset[int]:
    """Where the words of a name meet, counted in folded letters."""
    ends: list[int] = []
    total = 0
    for word in words:
        spelling = spelt(word)
        if not spelling.isascii():
            ends += range(total + 1, total + len(spelling))
        total += len(spelling)
        ends.append(total)
    return frozenset(ends[:-1])


def _steps(
    names: tuple[Spelling, ...], spellings: list[str], breaks: list[frozenset[int]]
) -> dict[str, frozenset[str]]:
    """Beginning of a name, up to a break between its words, and the words that may come next; whole names that some words undo."""
    steps: dict[str, set[str]] = {}
    for name, spelling, cuts in zip(names, spellings, breaks, strict=True):
        for at, after in pairwise(sorted({*cuts, len(spelling)})):
            steps.setdefault(spelling[:at], set()).add(spelling[at:after])
        if name.unless:
            steps.setdefault(spelling, set()).update(name.unless)
    return {head: frozenset(words) for head, words in steps.items()}


def _spelling(names: Iterable[str]) -> dict[str, frozenset[str]]:
    """Beginning of a name that is written letter by letter, and the letters that may come next."""
    steps: dict[str, set[str]] = {}
    for name in names:
        for at in range(1, len(name)):
            steps.setdefault(name[:at], set()).add(name[at])
    return {head: frozenset(letters) for head, letters in steps.items()}


def _last_words(names: list[str], breaks: list[frozenset[int]]) -> frozenset[str]:
    """Every word that a beginning of a name, or the name itself, can end in."""
    found: set[str] = set()
    for name, cuts in zip(names, breaks, strict=True):
        ends = [0, *sorted(cuts), len(name)]
        found |= {name[start:end] for end in ends for start in ends if start < end}
    return frozenset(found)


def _followed_by(words: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile(rf"[\s-]+(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE) if words else None


def _is_unspaced(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or "\u3400" <= character <= "\u9fff"
