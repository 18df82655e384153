"""What kind of manga a message asks for: genres, demographics and formats by all their everyday names (T-5)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Final

from msgspec import Struct

from mangaassist.domain.products import Format

_NEGATED: Final = re.compile(
    r"\b(?:not|no|non|without|isn't|isnt|aren't|arent|less|hates?|tired of|sick of|except|never|nothing|dislike|"
    r"(?:don't|dont|doesn't|doesnt) (?:like|want)|fan of|too|avoid)"
    r"(?:\s(?:too|so|very|really|the|any|a|much|that|all))*\s$"
)
_NOT_A_FAN: Final = re.compile(r"\b(?:big\s|huge\s|massive\s|am\sa\s|i'm\sa\s|im\sa\s)fan\sof\s$")
_FALSE_FRIENDS: Final = re.compile(r"\baction\sfigures?\b|\bback\sto\sschool\b|\bschool\sdistrict\b")


class Subjects(Struct, frozen=True):
    genres: tuple[str, ...] = ()
    demographics: tuple[str, ...] = ()
    formats: tuple[Format, ...] = ()


class _Vocabulary:
    """Phrases of one kind, found longest first."""

    def __init__(self, phrases: Mapping[str, list[str]]) -> None:
        self._meaning: dict[str, list[str]] = {}
        for meaning, ways in phrases.items():
            for way in ways:
                self._meaning.setdefault(way.lower(), []).append(meaning)
        longest_first = sorted(self._meaning, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def find(self, small: str) -> Iterator[str]:
        """What the text names, without what it wants to avoid ("nothing too scary")."""
        for found in self._pattern.finditer(small):
            before = small[max(0, found.start() - 40) : found.start()]
            if not _NEGATED.search(before) or _NOT_A_FAN.search(before):
                yield from self._meaning[found[0]]


def _vocabularies() -> dict[str, _Vocabulary]:
    data = files("mangaassist.understanding") / "data" / "subjects.toml"
    tables: dict[str, dict[str, list[str]]] = tomllib.loads(data.read_text(encoding="utf-8"))
    return {kind: _Vocabulary(phrases) for kind, phrases in tables.items()}


_KINDS: Final = _vocabularies()


def read_subjects(small: str, untitled: str) -> Subjects:
    """Genres and demographics of ``untitled`` (the text with titles blanked), formats of the whole folded, small text."""
    rest = _FALSE_FRIENDS.sub(" ", untitled)
    return Subjects(
        genres=tuple(dict.fromkeys(_KINDS["genres"].find(rest))),
        demographics=tuple(dict.fromkeys(_KINDS["demographics"].find(rest))),
        formats=tuple(Format(name) for name in dict.fromkeys(_KINDS["formats"].find(small))),
    )
