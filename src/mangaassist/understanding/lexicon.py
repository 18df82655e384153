"""What words mean: the vocabulary of the lexica and of the catalog, found in a row of stems (T-5)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec import Struct

from mangaassist.understanding.analysis import stems_of
from mangaassist.understanding.titles import SeriesTitle, TitleLexicon
from mangaassist.understanding.utterance import MentionKind
from mangaassist.understanding.vocabulary import LANGUAGES, tables

_PLAIN_KINDS: Final[tuple[tuple[str, MentionKind], ...]] = (
    ("genres", "genre"),
    ("demographics", "demographic"),
    ("formats", "format"),
)
_NAMED_KINDS: Final[tuple[tuple[str, MentionKind], ...]] = (
    ("goods", "goods"),
    ("countries", "country"),
    ("persons", "person"),
)
_PICTURED_KINDS: Final[tuple[tuple[str, MentionKind], ...]] = (("moods", "mood"), ("media", "medium"))


class Taste(Struct, frozen=True, kw_only=True):
    """What a mood or another medium means in the catalog: any of ``any``, none of ``none``, both genres and themes.

    ``ratings`` names the age ratings that it allows; empty for every one.
    """

    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()


class Meant(Struct, frozen=True):
    """One thing that a phrase may mean. A ``shy`` one is an everyday word that means it only where a taste is spoken of."""

    kind: MentionKind
    value: str
    shy: bool = False


@cache
def tastes() -> Mapping[str, Taste]:
    """By the value of a mood or medium ("cosy", "Studio Ghibli")."""
    english = tables("en")
    return {
        value: Taste(any=tuple(row["any"]), none=tuple(row["not"]), ratings=tuple(row.get("ratings", ())))
        for table, _ in _PICTURED_KINDS
        for value, row in english[table].items()
    }


class Vocabulary:
    """Phrases of one language by their stems. Of two kinds with the same phrase the one that was given first wins."""

    def __init__(self, phrases: Iterable[tuple[str, Meant]], language: str) -> None:
        meanings: dict[tuple[str, ...], list[Meant]] = {}
        for phrase, meant in phrases:
            stems = stems_of(phrase, language)
            if stems:
                known = meanings.setdefault(stems, [])
                if not known or (known[0].kind == meant.kind and meant not in known):
                    known.append(meant)
        self._by_first: defaultdict[str, list[tuple[tuple[str, ...], tuple[Meant, ...]]]] = defaultdict(list)
        for stems in sorted(meanings, key=len, reverse=True):
            self._by_first[stems[0]].append((stems, tuple(meanings[stems])))

    def at(self, stems: Sequence[str], place: int) -> tuple[int, tuple[Meant, ...]]:
        """How many stems from ``place`` on are the longest phrase there, and what it means; 0 for none."""
        for phrase, meant in self._by_first.get(stems[place], ()):
            if tuple(stems[place : place + len(phrase)]) == phrase:
                return len(phrase), meant
        return 0, ()


class Lexicon:
    """All that understanding knows of words. Immutable: a changed catalog makes a new one."""

    def __init__(self, titles: TitleLexicon | None = None, themes: Iterable[str] = ()) -> None:
        self.titles = titles or TitleLexicon.from_titles([])
        self.themes = frozenset(themes)
        self._vocabularies = {code: Vocabulary(_phrases(code, sorted(self.themes)), code) for code in LANGUAGES}

    @classmethod
    def with_catalog(cls, titles: Iterable[SeriesTitle], themes: Iterable[str] = ()) -> "Lexicon":
        """The lexica's words together with the catalog's series, authors (of the titles) and themes."""
        return cls(TitleLexicon.from_titles(titles), themes)

    def vocabulary(self, language: str) -> Vocabulary:
        return self._vocabularies[language if language in self._vocabularies else "en"]


def _phrases(code: str, themes: Iterable[str]) -> Iterator[tuple[str, Meant]]:
    """The likelier meaning first: what the store calls it, then what shoppers picture, then the catalog's many themes."""
    words = tables(code)
    shy_words = frozenset(words.get("shy", {}).get("moods", ()))
    for table, kind in _PLAIN_KINDS:
        yield from _said(words.get(table, {}), kind)
    for table, kind in _PICTURED_KINDS:
        for value, row in words.get(table, {}).items():
            for phrase in (value, *row["say"]):
                yield phrase, Meant(kind, value, phrase in shy_words)
    yield from _said(words.get("themes", {}), "theme")
    shy = _shy_themes(words)
    for theme in themes if code == "en" else ():
        yield theme, Meant("theme", theme, theme.lower() in shy)
    for table, kind in _NAMED_KINDS:
        yield from _said(words.get(table, {}), kind)


def _said(table: Mapping[str, Sequence[str]], kind: MentionKind) -> Iterator[tuple[str, Meant]]:
    for value, phrases in table.items():
        for phrase in phrases:
            for one in value.split("+") if kind == "genre" else (value,):
                yield phrase, Meant(kind, one)


def _shy_themes(words: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(theme.lower() for theme in words.get("shy", {}).get("themes", ()))
