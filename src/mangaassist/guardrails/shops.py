"""The table of shops that compete with the store (G-3 stage 4), and every spelling by which each is looked for."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final, Literal, Self

import msgspec
from msgspec import Struct

from mangaassist.guardrails.folding import folded, unleeted

Sense = Literal["sure", "cased", "place", "site", "brand"]
"""When a name means the shop: see ``data/competitors.toml``."""


class Talk(Struct, frozen=True, kw_only=True):
    """Words around a name that tell whether a shop is meant."""

    before: tuple[str, ...]
    before_capital: tuple[str, ...]
    after: tuple[str, ...]
    after_capital: tuple[str, ...]
    after_brand: tuple[str, ...]
    buying: tuple[str, ...]
    showing: tuple[str, ...]


class Slips(Struct, frozen=True):
    """From which length on a word is looked for with a slip in it, and which words no slip may make of it."""

    least: int
    words: frozenset[str]


class Spelling(Struct, frozen=True):
    """One way to write a shop. ``unless`` follow it, ``not_after`` precede it where something else is meant.

    ``slipped``: nobody writes it so on purpose.
    """

    shop: str
    words: tuple[str, ...]
    sense: Sense
    unless: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    slipped: bool = False

    @property
    def letters(self) -> str:
        return "".join(map(spelt, self.words))


class ShopTable(Struct, frozen=True, kw_only=True):
    """``data/competitors.toml``, which explains the fields."""

    sure: Mapping[str, tuple[str, ...]]
    cased: Mapping[str, tuple[str, ...]]
    place: Mapping[str, tuple[str, ...]]
    site: Mapping[str, tuple[str, ...]]
    brand: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    not_after: Mapping[str, tuple[str, ...]]
    talk: Talk
    slips: Slips

    @classmethod
    def load(cls) -> Self:
        source = files("mangaassist.guardrails").joinpath("data/competitors.toml").read_text("utf-8")
        return msgspec.convert(tomllib.loads(source), cls)

    def spellings(self) -> tuple[Spelling, ...]:
        """All spellings, each once; what is written stands before what a slip makes of it."""
        found: dict[str, Spelling] = {}
        for one in (*self._written(), *self._slipped()):
            found.setdefault(one.letters, one)
        return tuple(found.values())

    def _written(self) -> Iterator[Spelling]:
        sections: tuple[tuple[Sense, Mapping[str, tuple[str, ...]]], ...] = (
            ("sure", self.sure),
            ("cased", self.cased),
            ("place", self.place),
            ("site", self.site),
            ("brand", self.brand),
        )
        for sense, shops in sections:
            for shop, ways in shops.items():
                for way in ways:
                    unless, not_after = self.unless.get(way, ()), self.not_after.get(way, ())
                    yield Spelling(shop, tuple(way.split()), sense, unless, not_after)

    def _slipped(self) -> Iterator[Spelling]:
        for one in self._written():
            if one.sense not in ("sure", "cased"):
                continue
            if len(one.words) > 1:
                yield from self._slips_of(one, one.letters, (), ())
            for at, word in enumerate(one.words if one.sense == "sure" else ()):
                yield from self._slips_of(one, word, one.words[:at], one.words[at + 1 :])

    def _slips_of(
        self, one: Spelling, word: str, before: tuple[str, ...], after: tuple[str, ...]
    ) -> Iterator[Spelling]:
        if len(word) < self.slips.least or not word.isascii():
            return
        for slip in _slips(word):
            if slip not in self.slips.words:
                yield msgspec.structs.replace(one, words=(*before, slip, *after), sense="sure", slipped=True)


def _slips(word: str) -> Iterator[str]:
    """The word with a letter left out, doubled or swapped with the next one; its first letter is seldom missed."""
    for at in range(1, len(word)):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        yield word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def spelt(text: str) -> str:
    """The letters of a text with those in place of the digits and signs that somebody wrote for them."""
    return folded(without_leet(text))


def without_leet(text: str) -> str:
    """The same length: ``am4zon`` as ``amazon``; a sign counts between letters alone, where it ends no sentence."""
    return _LEET.sub(lambda found: unleeted(found[0]), text) if _LEET.search(text) else text


_LEET: Final = re.compile(
    r"(?<=[A-Za-z])[@$!|](?=[A-Za-z]+\b(?!\.\w))|[013-578](?=[A-Za-z]{3})"
    r"|(?<=[A-Za-z])[013-578]{1,2}(?=[A-Za-z])|(?<=[A-Za-z]{3})[013-578]\b"
)
