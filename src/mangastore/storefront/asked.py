"""What the words in the search box ask for: limits of price, genres, readerships, moods; what is left is searched as text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from mangastore.catalog.text import STOP_WORDS, words_of
from mangastore.data.series import Demographic

WORDS_FILE: Final = Path(__file__).parent / "search_words.toml"
DEMOGRAPHICS: Final[Mapping[Demographic, str]] = {
    "shonen": "Shonen", "seinen": "Seinen", "shojo": "Shojo", "josei": "Josei",
}  # fmt: skip
LONGEST_PHRASE: Final = 3
_AMOUNT = r"(?:\$\s*(?P<{0}>\d{{1,4}}(?:\.\d\d)?)|(?P<{0}_>\d{{1,4}}(?:\.\d\d)?)\s*(?:dollars?|bucks|usd)\b)"
_BELOW = re.compile(r"\b(?:under|below|less than|cheaper than)\s+" + _AMOUNT.format("below"), re.IGNORECASE)
_AT_MOST = re.compile(r"\b(?:up to|at most|max(?:imum)?|within)\s+" + _AMOUNT.format("most"), re.IGNORECASE)
_AT_LEAST = re.compile(r"\b(?:over|above|more than|at least|from)\s+" + _AMOUNT.format("least"), re.IGNORECASE)
_BETWEEN = re.compile(
    r"(?:\b(?:between|from)\s+)?\$\s*(?P<least>\d{1,4}(?:\.\d\d)?)\s*(?:-|–|to|and)\s*\$?\s*(?P<most>\d{1,4}(?:\.\d\d)?)",
    re.IGNORECASE,
)


class SearchWords(msgspec.Struct, frozen=True):
    """The table of words, each known by its folded form."""

    genres: Mapping[str, str]
    demographics: Mapping[str, str]
    moods: Mapping[str, str]


SEARCH_WORDS: Final = msgspec.convert(tomllib.loads(WORDS_FILE.read_text(encoding="utf-8")), SearchWords)


class Asked(msgspec.Struct, frozen=True):
    """What was asked for; prices are cents, both included. `text` is what is left to be searched as text."""

    text: str
    genres: Sequence[str] = ()
    demographics: Sequence[str] = ()
    moods: Sequence[str] = ()
    least: int | None = None
    most: int | None = None


def read_price(text: str) -> Asked:
    """The text without its limits of price, and those limits."""
    limits: dict[str, int] = {}
    for pattern in (_BETWEEN, _BELOW, _AT_MOST, _AT_LEAST):
        if (found := pattern.search(text)) is not None:
            limits |= {name.rstrip("_"): _cents(value) for name, value in found.groupdict().items() if value}
            text = text[: found.start()] + text[found.end() :]
    most = limits["below"] - 1 if "below" in limits else limits.get("most")
    return Asked(" ".join(text.split()), least=limits.get("least"), most=most)


def read_labels(text: str, genres: Sequence[str]) -> Asked | None:
    """The genres, readerships and moods that a text consists of; None where it says anything else."""
    words = _telling(text)
    found = list(_labels(words, _vocabulary(genres))) if words else [None]
    labels = [label for label in found if label is not None]
    if len(labels) < len(found):
        return None
    named = {kind: tuple(dict.fromkeys(name for of, name in labels if of == kind)) for kind, _ in labels}
    return Asked("", named.get("genres", ()), named.get("demographics", ()), named.get("moods", ()))


def _cents(text: object) -> int:
    return round(float(str(text)) * 100)


Label = tuple[str, str]


def _vocabulary(genres: Sequence[str]) -> dict[tuple[str, ...], Label]:
    """Every phrase that is a label, by its words."""
    own: tuple[tuple[str, Mapping[str, str]], ...] = (
        ("genres", {genre: genre for genre in genres}),
        ("demographics", {name: name for name in DEMOGRAPHICS}),
        ("genres", {word: genre for word, genre in SEARCH_WORDS.genres.items() if genre in genres}),
        ("demographics", SEARCH_WORDS.demographics),
        ("moods", SEARCH_WORDS.moods),
    )
    return {_telling(phrase): (kind, name) for kind, rows in own for phrase, name in rows.items()}


def _telling(text: str) -> tuple[str, ...]:
    return tuple(word for word in words_of(text) if word not in STOP_WORDS)


def _labels(words: Sequence[str], known: Mapping[tuple[str, ...], Label]) -> Iterator[Label | None]:
    """The label at each place, the longest phrase first; None for a word that is part of none."""
    place = 0
    while place < len(words):
        spans = (tuple(words[place : place + length]) for length in range(LONGEST_PHRASE, 0, -1))
        phrase = next((span for span in spans if span in known), None)
        yield None if phrase is None else known[phrase]
        place += 1 if phrase is None else len(phrase)
