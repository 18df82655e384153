"""Which volumes a message names: "vol 3-5", "the first three volumes", "3巻", "#4", a bare number after a title (T-5)."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from msgspec import Struct

from mangaassist.understanding.plain import NAMED, TAKEN, PlainText, alternatives
from mangaassist.understanding.vocabulary import language_named, tables

MOST: Final = 50
LAST_VOLUME: Final = 300
_BOUND: Final = ("box_set", "omnibus")
"""Editions whose books are numbered on their own: "the second box", "deluxe 3"."""
_JOINS: Final = frozenset(("and", "or", "y", "o", "と", "&", ","))
"""Between numbers these list; everything else makes a range of them."""


class VolumeSpan(Struct, frozen=True):
    """Volumes named by the tokens ``first:last`` of the analysis."""

    numbers: tuple[int, ...]
    first: int
    last: int


class VolumeReader:
    """Reads the volume numbers of one language; they are taken out of the plain text."""

    def __init__(self, language: str) -> None:
        words: dict[str, Any] = tables(language).get("volumes", {})
        spoken = language_named(language)
        number = r"\d{1,3}"
        reaching = [word for word in tables(language).get("limits", {}).get("to", ()) if word not in _JOINS]
        through = alternatives(reaching, language)
        # each once: two ways to read one "-" would double the work for every further number of "1-1-1-1"
        to = alternatives(dict.fromkeys(("-", *tables(language).get("limits", {}).get("to", ()))), language)
        not_after = alternatives(words.get("not_after", ()), language)
        not_numbered = alternatives([word for word in words.get("not_after", ()) if word != "of"], language)
        unit, counted = (alternatives(words.get(name, ()), language) for name in ("number", "counted"))
        listed = rf"({number}(?: (?:(?:{to}|,|&) |(?:{through}) (?:{unit}) )?{number}(?! (?:{not_numbered})(?!\w)))*)"
        after = alternatives(words.get("after", ()), language)
        asked, asked_after = (alternatives(words.get(name, ()), language) for name in ("asked_before", "asked_after"))
        joined = alternatives(words.get("joins", ()), language)
        since = alternatives(words.get("from", ()), language)
        owned, asked_next = (alternatives(words.get(name, ()), language) for name in ("owned_before", "owned_after"))
        formats = tables(language).get("formats", {})
        bound = alternatives((word.removeprefix("=") for name in _BOUND for word in formats.get(name, ())), language)
        asked_bound = alternatives(words.get("asked_after_box", ()), language)
        fillers = alternatives([*spoken.fillers, *words.get("bare_before", ()), *words.get("number", ())], language)
        self._ordinals = {word: place + 1 for place, word in enumerate(words.get("ordinals", ()))}
        ordinal = "|".join(self._ordinals) or "(?!)"
        first = alternatives(words.get("first_few", ()), language)
        self._some = _expression(
            rf"(?<!all )(?<!last )(?<!latest )(?<!final )(?<!newest )(?<!other )({number}) (?:{counted}) of(?= {NAMED})"
        )
        self._first_few = _expression(rf"(?:{first}) ({number})(?: (?:{counted})|(?= of {NAMED}))")
        self._by_word = (
            _expression(rf"({ordinal}) (?:{counted})"),
            _expression(rf"(?:the) ({ordinal})(?= {NAMED})"),
            _expression(rf"({ordinal}) (?:{bound})"),
            _expression(rf"(?:{NAMED}|{TAKEN}+) (?:{NAMED} )?(?:{joined}) (?:the )?({ordinal})(?= ;|$)"),
        )
        self._patterns = (
            _expression(rf"(?:{unit})(?: #)?(?: number)? {listed}(?! (?:{not_numbered})(?!\w))"),
            _expression(rf"# {listed}"),
            _expression(rf"(?:第 )?{listed} (?:{after})"),
            _expression(rf"(\d{{1,2}})(?:st|nd|rd|th)(?= {NAMED})"),
            _expression(rf"(\d{{1,2}})(?:st|nd|rd|th) (?:{bound})"),
            _expression(rf"(?:{bound}) (\d{{1,2}})(?= ;|$| (?:{asked_bound})(?!\w))"),
            *self._by_word,
            _expression(rf"(?:{owned}) {listed}(?= (?:;|{joined}|{asked_next}|of {NAMED})(?!\w)|$)"),
            _expression(rf"(\d{{1,3}})(?:st|nd|rd|th) (?:{counted})"),
            _expression(rf"(?:{asked}) {listed}(?= (?:{asked_after})(?!\w))"),
            _expression(rf"{NAMED}(?: #| (?:{since}))? {listed}(?! (?:{not_after})(?!\w))(?!\w)"),
            re.compile(rf"(?:^|; )(?:(?:{fillers}) )*{listed}(?: (?:{fillers}))*(?= ;|$)"),
        )

    def read(self, plain: PlainText) -> tuple[VolumeSpan, ...]:
        """In the order of the text, ranges written out, at most 50 volumes in all."""
        spans = sorted(self._spans(plain), key=lambda span: span.first)
        left = MOST
        kept: list[VolumeSpan] = []
        for span in spans:
            numbers = tuple(dict.fromkeys(number for number in span.numbers if number <= LAST_VOLUME))[:left]
            left -= len(numbers)
            if numbers:
                kept.append(VolumeSpan(numbers, span.first, span.last))
        return tuple(kept)

    def _spans(self, plain: PlainText) -> Iterator[VolumeSpan]:
        few = list(self._first_few.finditer(plain.text)) or list(self._some.finditer(plain.text))
        for found in few:
            yield VolumeSpan(tuple(range(1, min(int(found[1]), MOST) + 1)), *plain.tokens(*found.span()))
            plain.take(found)
        for pattern in self._patterns if plain.has_numbers else self._by_word:
            for found in list(pattern.finditer(plain.text)):
                listed = found[1]
                numbers = (self._ordinals[listed],) if listed in self._ordinals else tuple(_numbers(listed))
                yield VolumeSpan(numbers, *plain.tokens(*found.span(1)))
                plain.take(found, 1)


def _expression(body: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{body})(?![^ ])")


def _numbers(listed: str) -> Iterator[int]:
    """The numbers of "1 2 and 4 - 6"; "and" and a gap list, everything else ranges."""
    previous: int | None = None
    ranged = False
    for part in listed.split():
        if not part.isdecimal():
            ranged = ranged or part not in _JOINS
            continue
        value = int(part)
        if ranged and previous is not None and value > previous:
            yield from range(previous + 1, min(value, previous + MOST) + 1)
        else:
            yield value
        previous, ranged = value, False


@cache
def volumes_of(language: str) -> VolumeReader:
    return VolumeReader(language)
