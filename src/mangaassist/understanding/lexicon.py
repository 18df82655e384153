"""What words mean: the vocabulary of the lexica and of the catalog, found in a row of stems (T-5)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from msgspec import Struct

from mangaassist.understanding.analysis import Token, stems_of, words_of
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
)
_PICTURED_KINDS: Final[tuple[tuple[str, MentionKind], ...]] = (("moods", "mood"), ("media", "medium"))


class Taste(Struct, frozen=True, kw_only=True):
    """What a mood or another medium means in the catalog: any of ``any``, none of ``none``, both genres and themes.

    ``ratings`` names the age ratings that it allows; empty for every one. Where a store tells what a book's content is like,
    ``traits`` must all hold ("tone:cozy"), and of ``without`` none where it is refused. Of a ``level`` there is none, some or a
    lot; ``mild`` words refuse only a lot of it. ``noun`` is the thing itself, for a sentence.
    """

    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    level: str = ""
    mild: frozenset[str] = frozenset()
    noun: str = ""
    which: bool = False
    """Whether it only asks what there is: "how does it end"."""
    always: bool = False
    """Whether it is a condition and no liking: of alternatives ("soccer or games") it is none, and must be met whatever else is."""
    praised: tuple[str, ...] = ()
    """What readers praise in a book that has it, as words of their voices: no label tells how well a book is drawn."""

    def wanted_traits(self, said: str) -> tuple[str, ...]:
        """What must hold of a book that has it, as the word for it says: "gory" is a lot of gore, "gore" any."""
        return (self._some_of_it(said),) if self.level else self.traits

    def refused_traits(self, said: str) -> tuple[str, ...]:
        """What must not hold where it is refused: "not gory" leaves room for a little of what "no gore" does not."""
        return (self._some_of_it(said),) if self.level else self.without or self.traits

    def _some_of_it(self, said: str) -> str:
        much = not said or said.lower() in self.mild
        return f"{self.level}:strong" if much else f"{self.level}:some|strong"

    def thing(self, said: str) -> str:
        """What is meant, as a noun: of a mild word only a lot of it."""
        return (
            trait_words().get(f"{self.level}:strong", self.noun)
            if self.level and said.lower() in self.mild
            else self.noun
        )

    @property
    def names(self) -> frozenset[str]:
        """Of what the store must tell to judge it."""
        conditions = (*self.traits, *self.without)
        return frozenset((*(one.partition(":")[0] for one in conditions), *([self.level] if self.level else ())))


class Meant(Struct, frozen=True):
    """One thing that a phrase may mean. A ``shy`` one is an everyday word that means it only where a taste is spoken of."""

    kind: MentionKind
    value: str
    shy: bool = False
    exact: bool = False
    """By its words, singular or plural, not by their stems: "human" is no "Humanity"."""
    refused: bool = False
    """Whether the phrase itself turns the thing down: "not teenagers"."""
    own: bool = False
    """A store's own word: what the lexica say of the phrase does not count."""


@cache
def tastes() -> Mapping[str, Taste]:
    """By the value of a mood or medium ("cosy", "Studio Ghibli")."""
    english = tables("en")
    return {value: _taste(row) for table, _ in _PICTURED_KINDS for value, row in english[table].items()}


@cache
def families() -> tuple[frozenset[str], ...]:
    """Labels, genres and themes, that are near enough for one to stand in for another."""
    return tuple(frozenset(labels) for labels in tables("en").get("families", {}).values())


@cache
def neighbours() -> tuple[frozenset[str], ...]:
    """Labels of other things of one kind: the nearest there is where one of them is not there."""
    return tuple(frozenset(labels) for labels in tables("en").get("neighbours", {}).values())


@cache
def judged_genres() -> Mapping[str, Taste]:
    """Genres of which a store may tell how much of them there is in a book of another one, by name."""
    return {value: _taste(row, (value,)) for value, row in tables("en").get("judged", {}).items()}


@cache
def trait_words() -> Mapping[str, str]:
    """What a trait says of a book, to go after "it has": of "gore:none" "no gore"."""
    named: Mapping[str, Mapping[str, str]] = tables("en").get("trait_words", {})
    return {f"{name}:{value}": words for name, values in named.items() for value, words in values.items()}


def _taste(row: Mapping[str, Any], own: Sequence[str] = ()) -> Taste:
    return Taste(
        any=tuple(row.get("any", own)),
        none=tuple(row.get("not", ())),
        ratings=tuple(row.get("ratings", ())),
        traits=tuple(row.get("traits", ())),
        without=tuple(row.get("without", ())),
        level=row.get("level", ""),
        mild=frozenset(row.get("mild", ())),
        noun=row.get("noun", ""),
        which=row.get("which", False),
        always=row.get("always", False),
        praised=tuple(row.get("praised", ())),
    )


class Vocabulary:
    """Phrases of one language. Of two kinds with the same phrase the one that was given first wins."""

    def __init__(self, phrases: Iterable[tuple[str, Meant]], language: str) -> None:
        meanings: dict[tuple[str, ...], list[Meant]] = {}
        for phrase, meant in phrases:
            key = tuple(map(singular, words_of(phrase, language))) if meant.exact else stems_of(phrase, language)
            if key:
                known = meanings.setdefault(key, [])
                if not known or (
                    known[0].kind == meant.kind
                    and known[0].own == meant.own
                    and all(meant.value != other.value for other in known)
                ):
                    known.append(meant)
        self._by_first: defaultdict[str, list[tuple[tuple[str, ...], tuple[Meant, ...]]]] = defaultdict(list)
        for key in sorted(meanings, key=len, reverse=True):
            self._by_first[key[0]].append((key, tuple(meanings[key])))

    def at(self, tokens: Sequence[Token], place: int) -> tuple[int, tuple[Meant, ...]]:
        """How many tokens from ``place`` on are the longest phrase there, and what it means; 0 for none."""
        by_stem = self._longest(tokens[place].stem, tokens, place, exact=False)
        by_word = self._longest(singular(tokens[place].text), tokens, place, exact=True)
        return max(by_stem, by_word, key=lambda found: found[0])

    def _longest(
        self, first: str, tokens: Sequence[Token], place: int, *, exact: bool
    ) -> tuple[int, tuple[Meant, ...]]:
        for phrase, meant in self._by_first.get(first, ()):
            row = tokens[place : place + len(phrase)]
            if meant[0].exact == exact and phrase == tuple(singular(one.text) if exact else one.stem for one in row):
                return len(phrase), meant
        return 0, ()


def singular(word: str) -> str:
    """An English noun without its plural ending, by the regular rules alone."""
    for plural, one in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss")):
        if word.endswith(plural) and len(word) > len(plural) + 1:
            return word[: -len(plural)] + one
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


class Lexicon:
    """All that understanding knows of words. Immutable: a changed catalog makes a new one."""

    def __init__(
        self,
        titles: TitleLexicon | None = None,
        themes: Iterable[str] = (),
        genres: Iterable[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.titles = titles or TitleLexicon.from_titles([])
        sold = frozenset(genres)
        own = (*sorted(sold - _known_genres()), *(words or {}))
        said = [
            (phrase, Meant("genre" if label in sold else "theme", label, own=True))
            for label in dict.fromkeys(own)
            for phrase in (label, *_of(words, label))
        ]
        self.themes = frozenset(themes)
        self._vocabularies = {
            code: Vocabulary((*said, *_phrases(code, sorted(self.themes))), code) for code in LANGUAGES
        }
        self._heroes = {code: Vocabulary(_hero_phrases(code), code) for code in LANGUAGES}

    @classmethod
    def with_catalog(
        cls,
        titles: Iterable[SeriesTitle],
        themes: Iterable[str] = (),
        genres: Iterable[str] = (),
        words: Mapping[str, Sequence[str]] | None = None,
    ) -> "Lexicon":
        """The lexica's words together with the catalog's series, authors (of the titles), themes and genres. ``words`` are the
        store's own for its genres and themes: before all others, as are genres that the lexica do not know."""
        return cls(TitleLexicon.from_titles(titles), themes, genres, words)

    def vocabulary(self, language: str) -> Vocabulary:
        return self._vocabularies[language if language in self._vocabularies else "en"]

    def heroes(self, language: str) -> Vocabulary:
        """What is said of a main character: it means that only beside a word for one."""
        return self._heroes[language if language in self._heroes else "en"]


def _phrases(code: str, themes: Iterable[str]) -> Iterator[tuple[str, Meant]]:
    """The likelier meaning first: what the store calls it, then what shoppers picture, then the catalog's many themes."""
    words = tables(code)
    shy_words = frozenset(words.get("shy", {}).get("moods", ()))
    for table, kind in _PLAIN_KINDS:
        yield from _said(words.get(table, {}), kind)
    yield from _said(words.get("persons", {}), "person")
    for table, kind in _PICTURED_KINDS:
        for value, row in words.get(table, {}).items():
            for phrase in row["say"]:
                word = phrase.removeprefix("=")
                yield word, Meant(kind, value, word in shy_words, exact=phrase != word)
            for phrase in row.get("deny", ()):
                yield phrase, Meant(kind, value, refused=True)
    known = tuple(themes)
    yield from _said(_with_plurals(words.get("themes", {}), known), "theme")
    shy = _shy_themes(words)
    never = frozenset(words.get("shy", {}).get("never", ()))
    for theme in (theme for theme in known if code == "en" and theme.lower() not in never):
        yield theme, Meant("theme", theme, theme.lower() in shy, exact=True)
    for table, kind in _NAMED_KINDS:
        yield from _said(words.get(table, {}), kind)


def _of(words: Mapping[str, Sequence[str]] | None, label: str) -> Sequence[str]:
    return (words or {}).get(label, ())


@cache
def _known_genres() -> frozenset[str]:
    return frozenset(genre for named in tables("en").get("genres", {}) for genre in named.split("+"))


def _hero_phrases(code: str) -> Iterator[tuple[str, Meant]]:
    for value, row in tables(code).get("moods", {}).items():
        for phrase in row.get("hero", ()):
            yield phrase, Meant("mood", value)


def _with_plurals(table: Mapping[str, Sequence[str]], themes: Sequence[str]) -> dict[str, Sequence[str]]:
    """The other words for a theme mean its plural too where the catalog has both: "Death game" and "Death games"."""
    same: defaultdict[str, list[str]] = defaultdict(list)
    for theme in themes:
        same[singular(theme.lower())].append(theme)
    return {
        name: phrases for value, phrases in table.items() for name in (value, *same.get(singular(value.lower()), ()))
    }


def _said(table: Mapping[str, Sequence[str]], kind: MentionKind) -> Iterator[tuple[str, Meant]]:
    for value, phrases in table.items():
        for phrase in phrases:
            for one in value.split("+") if kind == "genre" else (value,):
                yield phrase.removeprefix("="), Meant(kind, one, exact=phrase.startswith("="))


def _shy_themes(words: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(theme.lower() for theme in words.get("shy", {}).get("themes", ()))
