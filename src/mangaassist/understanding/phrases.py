"""A small language for what shoppers say: patterns over stems and slots, of which only the few that can match are tried.

A pattern is a row of elements, one or more tokens each, found anywhere within one sentence::

    how much (is|are|for)? *3 <series>?        ^ (and)? <number> $        (in stock|available)        =returned

``word``          a word by its stem: "volume" finds "volumes", "vol" and "vol." (the lexicon's contractions are written out before:
                  write "what is", "do not", "i am", "volume", "please", never "whats", "dont", "im", "vol", "pls")
``=word``         this very form, not the stem
``(a|b c)``       one of these; may be nested
``x?``            it may be missing; x is a word, a slot or a group
``*`` ``*3``      up to 6, up to 3 tokens of any kind, as few as possible
``<any>``         exactly one token
``!x``            what comes next is not x (takes no token)
``^`` ``$``       the sentence begins or ends here; fillers ("ok", "and", "so", "please", "lol", "then") may come before or after
``^^`` ``$$``     the very first or last token, no fillers
``<series>`` ``<volume>`` ``<genre>`` ``<theme>`` ``<mood>`` ``<medium>`` ``<demographic>`` ``<format>`` ``<author>``
``<order>`` ``<asin>`` ``<code>`` ``<goods>`` ``<country>`` ``<person>``   a mention of that kind, the whole of it
``<label>``       a genre, theme, mood, medium, demographic or author
``<number>`` ``<money>`` ``<pronoun>``   a number, an amount with its currency, a pronoun ("it", "them", "that", "one")

Example::

    TABLE = PatternTable([("price", "how much (is|are|for)? *3 <series>?"), ("price", "what (do|does) *2 cost")])
    for hit in TABLE.find(analysis, mentions): hit.key, hit.sentence, hit.start, hit.end     # tokens of the analysis

A pattern of nothing but optional elements raises ``BadPattern``; so does a slot that does not exist.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any, Final, Generic, NamedTuple, TypeVar
from weakref import WeakSet

from mangaassist.understanding.analysis import Analysis, Sentence, stem
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import Language, language_named

Key = TypeVar("Key", bound=Hashable)

LONGEST_GAP: Final = 6
_KINDS: Final = (
    *(
        "series",
        "volume",
        "genre",
        "theme",
        "mood",
        "medium",
        "demographic",
        "format",
        "author",
        "order",
        "asin",
        "code",
    ),
    *("goods", "country", "person", "number", "money", "pronoun", "filler"),
)
_MARKS: Final = {kind: chr(ord("a") + place) for place, kind in enumerate(_KINDS)}
"""A token that begins a mention bears the capital letter of its kind, one that goes on with it the small one."""
_LABELS: Final = ("genre", "theme", "mood", "medium", "demographic", "author")
_SYNTAX: Final = re.compile(r"\s*(\^\^|\$\$|\*\d*|<\w+>|[()|?!^$]|=?[^\s()|?!^$*<>]+)")
_COMMON: Final = frozenset(
    (
        "a",
        "an",
        "the",
        "is",
        "are",
        "be",
        "i",
        "you",
        "it",
        "to",
        "of",
        "in",
        "on",
        "for",
        "do",
        "can",
        "what",
        "how",
        "have",
    )
)
_TITLE: Final = "\x00"
"""Stands for a word of a title, which no pattern spells."""
_ANY: Final = r"[^ ]+ "
_FILLER: Final = rf"[^ |]+\|[^ |]+\|[^ |]*{_MARKS['filler'].upper()}[^ |]* "
"""One token, read in one way only: of a row of fillers each would else double the ways to read it."""


class BadPattern(ValueError):
    """A pattern that cannot be read."""


class Hit(NamedTuple, Generic[Key]):
    """``key``'s pattern matches tokens ``start:end`` of the analysis, in the sentence with this number."""

    key: Key
    sentence: int
    start: int
    end: int


class _Piece(NamedTuple):
    """A part of a pattern: its expression, and for each thing that must be there the keys of which one must be."""

    expression: str
    needs: tuple[frozenset[str], ...] = ()


class _Pattern(Generic[Key]):
    """A pattern of a table: what it stands for, and of each of ``needs`` what a sentence must have beside its rarest word."""

    def __init__(self, key: Key, expression: str, needs: tuple[frozenset[str], ...]) -> None:
        self.key = key
        self.needs = needs
        self._expression = expression

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """Compiled when it is tried for the first time, as most never are: all of them would be half a second of every start."""
        return re.compile(self._expression).search


class PatternTable(Generic[Key]):
    """Patterns by key, read once for one language. ``find`` costs by the patterns whose words a sentence has, not by all."""

    def __init__(self, patterns: Iterable[tuple[Key, str]], language: str = "en") -> None:
        self._language = language_named(language)
        self._index: defaultdict[str, list[int]] = defaultdict(list)
        self._patterns: list[_Pattern[Key]] = []
        for key, pattern in patterns:
            piece = _Parser(pattern, language).parse()
            if not piece.needs:
                raise BadPattern(f"nothing in this pattern has to be there: {pattern}")
            rarest = max(piece.needs, key=_rarity)
            for word in rarest:
                self._index[word].append(len(self._patterns))
            needs = tuple(need for need in piece.needs if need != rarest)
            self._patterns.append(_Pattern(key, piece.expression, needs))
        _TABLES.add(self)

    def __len__(self) -> int:
        return len(self._patterns)

    def compile(self) -> Iterator[Key]:
        """Each pattern is compiled before its key is given: an odd millisecond that no message waits for any more."""
        for pattern in self._patterns:
            pattern.search("")
            yield pattern.key

    def find(self, analysis: Analysis, mentions: Sequence[Mention] = ()) -> list[Hit[Key]]:
        """All hits: sentence by sentence, within one in the order of the table. A pattern hits a sentence at most once."""
        if not self._patterns or analysis.language != self._language.code:
            return []
        encoded = encode(analysis, mentions, self._language)
        return [
            Hit(key, place, start, end)
            for place, (sentence, marked) in enumerate(zip(analysis.sentences, encoded, strict=True))
            for key, start, end in self._in_sentence(sentence, marked)
        ]

    def _in_sentence(self, sentence: Sentence, marked: "Encoded") -> Iterator[tuple[Key, int, int]]:
        numbers = {number for word in marked.keys for number in self._index.get(word, ())}
        for number in sorted(numbers):
            pattern = self._patterns[number]
            if any(need.isdisjoint(marked.keys) for need in pattern.needs):
                continue
            if found := pattern.search(marked.text):
                start = marked.text.count(" ", 0, found.start())
                yield pattern.key, sentence.first + start, sentence.first + start + found[0].count(" ")


_TABLES: Final[WeakSet[PatternTable[Any]]] = WeakSet()


def compiled_ahead() -> Iterator[None]:
    """Compiles what the tables of this process hold, a pattern a step."""
    for table in tuple(_TABLES):
        for _ in table.compile():
            yield


class Encoded(NamedTuple):
    """A sentence as expressions see it, "stem|word|marks " a token, and the keys of everything that is in it."""

    text: str
    keys: frozenset[str]


def encode(analysis: Analysis, mentions: Sequence[Mention], language: Language) -> list[Encoded]:
    """The sentences of an analysis. One call serves several tables of the same language, see ``PatternTable.find``."""
    marks: list[str] = ["" for _ in analysis.tokens]
    for mention in mentions:
        if mention.kind in _MARKS:
            _mark(marks, _MARKS[mention.kind], *analysis.at(mention.start, mention.end))
    _mark_words(analysis, marks, language)
    titles = _in_titles(analysis, mentions)
    sentences: list[Encoded] = []
    for sentence in analysis.sentences:
        words = analysis.words(sentence)
        here = marks[sentence.first : sentence.last]
        named = [place in titles for place in range(sentence.first, sentence.last)]
        spelt = [
            (_TITLE, _TITLE) if is_title else (word.stem, word.text)
            for word, is_title in zip(words, named, strict=True)
        ]
        text = "".join(f"{stemmed}|{word}|{mark} " for (stemmed, word), mark in zip(spelt, here, strict=True))
        letters = {letter for mark in here for letter in mark if letter.isupper()}
        kinds = (f"<{kind}>" for kind, letter in _MARKS.items() if letter.upper() in letters)
        sentences.append(
            Encoded(text, frozenset([*(stemmed for stemmed, _ in spelt), *(f"={word}" for _, word in spelt), *kinds]))
        )
    return sentences


def _in_titles(analysis: Analysis, mentions: Sequence[Mention]) -> set[int]:
    """The tokens of exact titles: the death in "Angels of Death" asks nothing."""
    exact = (one for one in mentions if one.kind == "series" and one.score == 1.0)
    return {place for one in exact for place in range(*analysis.at(one.start, one.end))}


def _mark(marks: list[str], letter: str, first: int, last: int) -> None:
    for place in range(first, last):
        marks[place] += letter.upper() if place == first else letter


def _mark_words(analysis: Analysis, marks: list[str], language: Language) -> None:
    tokens = analysis.tokens
    for place, token in enumerate(tokens):
        if token.text in language.fillers:
            _mark(marks, _MARKS["filler"], place, place + 1)
        if token.text in language.pronouns:
            _mark(marks, _MARKS["pronoun"], place, place + 1)
        if not (token.text[-1].isdigit() or token.text in language.numbers):
            continue
        _mark(marks, _MARKS["number"], place, place + 1)
        before = place > 0 and tokens[place - 1].text in language.money
        after = place + 1 < len(tokens) and tokens[place + 1].text in language.money
        if before or after:
            _mark(marks, _MARKS["money"], place - before, place + 1 + (after and not before))


def _rarity(need: frozenset[str]) -> tuple[bool, int, int]:
    """What the index goes by: words that few sentences have, and of those the longest."""
    return need.isdisjoint(_COMMON), -len(need), min(map(len, need))


@cache
def _word(symbol: str, language: str) -> _Piece:
    if symbol.startswith("="):
        return _Piece(rf"[^ |]+\|{re.escape(symbol[1:])}\|[^ ]* ", (frozenset([symbol]),))
    stemmed = stem(symbol, language)
    return _Piece(rf"{re.escape(stemmed)}\|[^ ]+ ", (frozenset([stemmed]),))


class _Parser:
    """Recursive descent over one pattern."""

    def __init__(self, pattern: str, language: str) -> None:
        self._pattern = pattern
        self._language = language
        self._symbols = _SYNTAX.findall(pattern)
        if "".join(self._symbols) != re.sub(r"\s", "", pattern):
            raise BadPattern(f"what is this: {pattern}")
        self._place = 0

    def parse(self) -> _Piece:
        piece = self._row()
        if self._place < len(self._symbols):
            raise BadPattern(f"an end without a beginning: {self._pattern}")
        return _Piece(rf"(?:(?<= )|^){piece.expression}", piece.needs)

    def _row(self) -> _Piece:
        pieces: list[_Piece] = []
        while self._place < len(self._symbols) and self._symbols[self._place] not in "|)":
            pieces.append(self._element())
        return _Piece(
            "".join(piece.expression for piece in pieces), tuple(need for piece in pieces for need in piece.needs)
        )

    def _element(self) -> _Piece:
        symbol = self._next()
        piece = self._group() if symbol == "(" else self._negative() if symbol == "!" else self._single(symbol)
        if self._place < len(self._symbols) and self._symbols[self._place] == "?":
            self._place += 1
            return _Piece(f"(?:{piece.expression})?")
        return piece

    def _next(self) -> str:
        if self._place >= len(self._symbols):
            raise BadPattern(f"something is missing: {self._pattern}")
        self._place += 1
        return self._symbols[self._place - 1]

    def _group(self) -> _Piece:
        rows = [self._row()]
        while (symbol := self._next()) == "|":
            rows.append(self._row())
        if symbol != ")":
            raise BadPattern(f"an open bracket: {self._pattern}")
        needs: tuple[frozenset[str], ...] = ()
        if all(row.needs for row in rows):
            needs = (frozenset(key for row in rows for key in max(row.needs, key=_rarity)),)
        return _Piece(f"(?:{'|'.join(row.expression for row in rows)})", needs)

    def _negative(self) -> _Piece:
        return _Piece(f"(?!{self._element().expression})")

    def _single(self, symbol: str) -> _Piece:
        if symbol in ("^", "^^"):
            return _Piece("^" + f"(?:{_FILLER})*?" * (symbol == "^"))
        if symbol in ("$", "$$"):
            return _Piece(f"(?=(?:{_FILLER})*$)" if symbol == "$" else "$")
        if symbol.startswith("*"):
            return _Piece(f"(?:{_ANY}){{0,{symbol[1:] or LONGEST_GAP}}}?")
        if symbol.startswith("<"):
            return self._slot(symbol[1:-1])
        return _word(symbol, self._language)

    def _slot(self, kind: str) -> _Piece:
        if kind == "any":
            return _Piece(_ANY)
        if kind == "label":
            kinds = [self._slot(each) for each in _LABELS]
            return _Piece(
                f"(?:{'|'.join(each.expression for each in kinds)})", (frozenset(f"<{each}>" for each in _LABELS),)
            )
        if kind not in _MARKS:
            raise BadPattern(f"no such slot: <{kind}> in {self._pattern}")
        letter = _MARKS[kind]
        return _Piece(
            rf"[^ |]+\|[^ |]+\|[^ ]*{letter.upper()}[^ ]* (?:[^ |]+\|[^ |]+\|[^ ]*{letter}[^ ]* )*",
            (frozenset([f"<{kind}>"]),),
        )
