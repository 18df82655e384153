"""The titles and authors of the catalog as names that can be found in a sentence; cheap to rebuild (T-5)."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import ahocorasick_rs
from msgspec import Struct

from mangaassist.understanding.folding import fold_name, is_bounded, lower
from mangaassist.understanding.misspellings import MisspeltNames

Trust = Literal["plain", "careful", "shy"]
"""How sure a name is a title: always; unless the sentence means the everyday word; only when it is clearly marked as one."""

_SUBTITLE: Final = re.compile(r":\s|—|\s\(|\)|\s-\s")
_SHORT_NAME: Final = 2
_ABBREVIATION: Final = 4
_SURE_SURNAME: Final = 5
_GUESSED_ALIAS: Final = 8


class SeriesTitle(Struct, frozen=True):
    """A series as the catalog names it, and what it says that it is about."""

    series_id: str
    title: str
    aliases: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()


class SeriesName(Struct, frozen=True):
    """One way of writing a series. Several series may share it ("JoJo")."""

    text: str
    series: tuple[str, ...]
    trust: Trust
    shouted: bool = False
    """An abbreviation: it counts as capitalised only when all of it is."""
    is_alias: bool = False


class Span(Struct, frozen=True):
    """A name at ``start:end`` of the folded text; ``score`` is 1.0 for an exact one."""

    start: int
    end: int
    name: SeriesName
    score: float = 1.0


class NameLists(Struct, frozen=True):
    """Names that are everyday words, and words that are no misspelt name."""

    careful: frozenset[str]
    shy: frozenset[str]
    never: frozenset[str]
    common: frozenset[str]


@cache
def name_lists() -> NameLists:
    data = files("mangaassist.understanding") / "data"
    names = tomllib.loads((data / "names.toml").read_text(encoding="utf-8"))
    words = (data / "common_words.txt").read_text(encoding="utf-8").split()
    return NameLists(
        careful=frozenset(names["careful"]),
        shy=frozenset(names["shy"]),
        never=frozenset(names["never"]),
        common=frozenset(words),
    )


class TitleLexicon:
    """Every name of every series and author. Immutable: a changed catalog makes a new one."""

    def __init__(self, titles: tuple[SeriesTitle, ...]) -> None:
        self.titles = {title.series_id: title.title for title in titles}
        self.themes = frozenset(theme for title in titles for theme in title.themes)
        """The themes that the catalog gives to any series: the words for them are read in messages."""
        names = list(_names(titles))
        self._names = names
        self._automaton = ahocorasick_rs.AhoCorasick([name.text for name in names]) if names else None
        guessed = {place: name.text for place, name in enumerate(names) if _may_be_guessed(name)}
        self._misspelt = MisspeltNames(guessed, name_lists().common)
        self.authors = AuthorNames(author for title in titles for author in title.authors)

    @classmethod
    def from_titles(cls, titles: Iterable[SeriesTitle]) -> "TitleLexicon":
        return cls(tuple(titles))

    def __len__(self) -> int:
        return len(self.titles)

    def exact(self, small: str) -> list[Span]:
        """Every whole-word occurrence of a name in a folded, small text; they may overlap."""
        if self._automaton is None:
            return []
        found = self._automaton.find_matches_as_indexes(small, overlapping=True)
        return [Span(start, end, self._names[place]) for place, start, end in found if is_bounded(small, start, end)]

    def misspelt(self, small: str) -> list[Span]:
        """Names that the text nearly writes, best first; they may overlap."""
        return [Span(near.start, near.end, self._names[near.place], near.score) for near in self._misspelt.find(small)]


def _names(titles: Sequence[SeriesTitle]) -> Iterator[SeriesName]:
    """Full titles win over aliases, and aliases over shortened titles, when different series share a name."""
    known: dict[str, SeriesName] = {}
    heads = {text for title in titles for written, _ in _shortened(title) for text in _spellings(written)}
    for variants in (_titles, _aliases, _shortened, _begun):
        series: defaultdict[str, dict[str, None]] = defaultdict(dict)
        trusts: dict[str, tuple[Trust, bool]] = {}
        for title in titles:
            for written, hint in variants(title):
                for text in _spellings(written):
                    if text not in known and (trust := _trust(text, written, hint)):
                        series[text][title.series_id] = None
                        trusts[text] = trust
        for text, ids in series.items():
            known[text] = SeriesName(
                text, tuple(ids), *trusts[text], is_alias=variants in (_aliases, _begun) and text not in heads
            )
    return iter(known.values())


def _may_be_guessed(name: SeriesName) -> bool:
    """Whether a slip in it is forgiven: one letter off a short nickname is far too often another word ("Akagi", "Takagi")."""
    return name.trust == "plain" and (not name.is_alias or len(name.text.replace(" ", "")) >= _GUESSED_ALIAS)


def _titles(title: SeriesTitle) -> Iterator[tuple[str, Trust]]:
    yield title.title, "plain"


def _aliases(title: SeriesTitle) -> Iterator[tuple[str, Trust]]:
    for alias in title.aliases:
        yield alias, "plain"


def _shortened(title: SeriesTitle) -> Iterator[tuple[str, Trust]]:
    """ "Frieren: Beyond Journey's End" is called Frieren; a subtitle alone is a name only with care."""
    head, *rest = (part.strip() for part in _SUBTITLE.split(title.title))
    yield head, "plain"
    yield re.sub(r"^(?:the|a)\s+", "", title.title, flags=re.IGNORECASE), "plain"
    yield re.sub(r"\s?&\W*$", "", title.title), "plain"
    for part in rest:
        if len(part.split()) > 1:
            yield part, "careful"


def _begun(title: SeriesTitle) -> Iterator[tuple[str, Trust]]:
    """ "Boku no Hero" for "Boku no Hero Academia": a long name by how it begins, where that is no everyday English."""
    for alias in title.aliases:
        words = alias.split()
        for length in range(3, len(words)):
            begins = " ".join(words[:length])
            if _is_telling(words[:length]):
                yield begins, "plain"


def _is_telling(words: Sequence[str]) -> bool:
    """Ends in a word that carries meaning, and holds one that is no word of everyday English."""
    common = name_lists().common
    small = [fold_name(word) for word in words]
    return len(small[-1]) > _SHORT_NAME and sum(word not in common and len(word) > _SHORT_NAME for word in small) > 0


def _spellings(written: str) -> Iterator[str]:
    text = fold_name(written)
    for spelling in (text, text.replace("; ", " "), text.replace(" x ", " ")):
        yield spelling
        if "'" in spelling:
            yield spelling.replace("'", "")


def _trust(text: str, written: str, hint: Trust) -> tuple[Trust, bool] | None:
    """How far a name can be trusted, and whether it is an abbreviation; None for what is no name at all."""
    lists = name_lists()
    letters = text.replace(" ", "")
    if text in lists.never or letters.isdigit() or (len(text) < _SHORT_NAME and not text.isascii()) or not text:
        return None
    shouted = len(text) <= _ABBREVIATION and sum(char.isupper() for char in written) > 1
    if text in lists.shy or (text.isascii() and len(letters) <= _SHORT_NAME):
        return "shy", shouted
    if text in lists.careful or text in lists.common or hint == "careful":
        return "careful", shouted
    return "plain", shouted


class AuthorNames:
    """Authors by full name in either order; by surname or pen name where that is unmistakable or stands after "by"."""

    def __init__(self, authors: Iterable[str]) -> None:
        self._by_name: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._surnames: set[str] = set()
        self._pen_names: dict[str, str] = {}
        for author in dict.fromkeys(authors):
            words = fold_name(author).split()
            for name in (" ".join(words), " ".join(reversed(words))):
                self._by_name[name][author] = None
            if len(words) > 1:
                self._by_name[words[-1]][author] = None
                self._surnames.add(words[-1])
            else:
                self._pen_names[fold_name(author)] = author
        self._texts = [name for name in self._by_name if name]
        self._automaton = ahocorasick_rs.AhoCorasick(self._texts) if self._texts else None

    def find(self, folded: str, untitled: str) -> tuple[str, ...]:
        """The authors that a folded text names. ``untitled`` is the same text, small, with NULs in place of its titles."""
        return tuple(dict.fromkeys(author for _, _, authors in self.spans(folded, untitled) for author in authors))

    def spans(self, folded: str, untitled: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Where authors are named, and who may be meant by it."""
        if self._automaton is None:
            return
        small = lower(folded)
        ends = 0
        spans = self._automaton.find_matches_as_indexes(small, overlapping=True)
        for place, start, end in sorted(spans, key=lambda span: (span[1], -span[2])):
            text = self._texts[place]
            if start < ends or untitled[start] == "\x00" or not is_bounded(small, start, end):
                continue
            works = text in self._pen_names and _WORKS.match(small, end)
            if works or _BY.search(small, 0, start) or self._is_unmistakable(text, folded[start:end]):
                ends = end
                yield start, end, tuple(self._by_name[text])

    def _is_unmistakable(self, text: str, written: str) -> bool:
        if text in self._pen_names:
            return written == self._pen_names[text]
        if text in self._surnames:
            return len(text) >= _SURE_SURNAME and text not in name_lists().common
        return True


_WORKS: Final = re.compile(r"(?:'s)? (?:stuff|mangas?|series|books|titles|works)\b")
"""What follows a pen name that is a word as well: "any clamp stuff"."""
_BY: Final = re.compile(r"\b(?:by|author|mangaka|artist|sensei)\s$")
