"""Everything that a message names, each with the role that the words around it give it (T-5)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.understanding.analysis import Analysis, stem, words_of
from mangaassist.understanding.heroes import said_of_heroes
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.roles import Place, RoleReader
from mangaassist.understanding.title_spans import blanked, title_spans
from mangaassist.understanding.titles import Span
from mangaassist.understanding.utterance import Mention, MentionKind
from mangaassist.understanding.vocabulary import Language, language_named, tables

MOST: Final = 40
"""A message that names more is cut off there."""

_ORDER: Final = re.compile(r"(?<![\d-])(\d{3})[\s-]?(\d{7})[\s-]?(\d{7})(?![\d-])")
_ASIN: Final = re.compile(r"(?<![A-Za-z0-9])B0[A-Z0-9]{8}(?![A-Za-z0-9])", re.IGNORECASE)
_CODE: Final = re.compile(r"(?<![\w-])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z][A-Z0-9-]{2,19}(?![\w-])")
_LOOSE_CODE: Final = re.compile(r"(?<![\w-])(?:[A-Za-z]{2,15}\d{1,4}|[A-Z]{4,20})(?![\w-])")
_WORD: Final = re.compile(r"[A-Za-z0-9]{3,20}")


class Found(Struct, frozen=True):
    """Something named at ``start:end`` of the folded text, before its role is known."""

    kind: MentionKind
    value: str
    start: int
    end: int
    score: float = 1.0
    refused: bool = False
    """Whether the words themselves turn it down: "not teenagers"."""


class MentionReader:
    """Reads what a message names. Holds nothing but the lexicon, so a new catalog is a new reader."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, analysis: Analysis) -> tuple[Mention, ...]:
        """In the order of the text, at most 40. Several mentions at one place mean that one word stands for all of them."""
        found = self._found(analysis)
        roles = _roles(analysis, found)
        mentions = [
            Mention(
                kind=one.kind,
                value=one.value,
                said=analysis.folded[one.start : one.end],
                start=one.start,
                end=one.end,
                role="unwanted" if one.refused else roles[one.start, one.end],  # type: ignore[arg-type]
                score=one.score,
            )
            for one in found
        ]
        return tuple(mentions[:MOST])

    def _found(self, analysis: Analysis) -> list[Found]:
        spans = title_spans(self._lexicon.titles, analysis.folded, analysis.small, _breaks(analysis))
        taken = [*_numbers(analysis)]
        spans = [span for span in spans if _is_free(span.start, span.end, taken)]
        taken += _series(spans)
        taken += _codes(analysis, taken)
        untitled = blanked(analysis.small, spans)
        taken += [
            Found("author", author, start, end)
            for start, end, authors in self._lexicon.titles.authors.spans(analysis.folded, untitled)
            for author in authors
            if _is_free(start, end, taken)
        ]
        taken += [*self._words(analysis, taken), *self._editions(analysis, spans)]
        return sorted(taken, key=lambda one: (one.start, one.end))

    def _editions(self, analysis: Analysis, spans: Iterable[Span]) -> Iterator[Found]:
        """ "Berserk Deluxe" is a name of the series and says the edition as well."""
        vocabulary = self._lexicon.vocabulary(analysis.language)
        for span in spans:
            first, last = analysis.at(span.start, span.end)
            for place in range(first + 1, last):
                length, meant = vocabulary.at(analysis.tokens, place)
                for one in meant if place + length <= last else ():
                    if one.kind == "format":
                        yield Found(
                            "format", one.value, analysis.tokens[place].start, analysis.tokens[place + length - 1].end
                        )

    def _words(self, analysis: Analysis, taken: Sequence[Found]) -> Iterator[Found]:
        vocabulary = self._lexicon.vocabulary(analysis.language)
        closed = _covered(analysis, taken)
        for sentence in analysis.sentences:
            place = sentence.first
            heroes = said_of_heroes(analysis, sentence, self._lexicon.heroes(analysis.language))
            while place < sentence.last:
                length, meant = vocabulary.at(analysis.tokens, place) if place not in closed else (0, ())
                of_hero = heroes.get(place)
                if of_hero is not None and of_hero[0] >= length:
                    length, meant = of_hero
                last = place + length
                if not meant or last > sentence.last or not closed.isdisjoint(range(place, last)):
                    place += 1
                    continue
                beside = last < sentence.last and vocabulary.at(analysis.tokens, last)[0] > 0
                bent = length == 1 and _is_bent(analysis.tokens[place].text, analysis.language)
                for one in meant:
                    if bent and one.kind == "mood":
                        continue
                    if not one.shy or beside or _is_meant(analysis, place, last):
                        span = analysis.tokens[place].start, analysis.tokens[last - 1].end
                        yield Found(one.kind, one.value, *span, refused=one.refused)
                place = last


_BENT: Final = ("ly", "s")


def _is_bent(word: str, language: str) -> bool:
    """Whether a word shares but the stem of what names moods: who "adores" robots calls nothing adorable."""
    return word.endswith(_BENT) and word not in _mood_words(language)


@cache
def _mood_words(language: str) -> frozenset[str]:
    listed = tables(language).get("moods", {}).values()
    return frozenset(word for mood in listed for phrase in mood.get("say", ()) for word in words_of(phrase, language))


def _breaks(analysis: Analysis) -> frozenset[int]:
    """Where commas were, which folding takes away."""
    return frozenset(token.start for token in analysis.tokens if token.breaks)


def _numbers(analysis: Analysis) -> Iterator[Found]:
    for order in _ORDER.finditer(analysis.folded):
        yield Found("order", "-".join(order.groups()), order.start(), order.end())
    for asin in _ASIN.finditer(analysis.folded):
        yield Found("asin", asin[0].upper(), asin.start(), asin.end())


def _series(spans: Iterable[Span]) -> Iterator[Found]:
    for span in spans:
        for series_id in span.name.series:
            yield Found("series", series_id, span.start, span.end, span.score)


def _codes(analysis: Analysis, taken: Sequence[Found]) -> Iterator[Found]:
    """Capitals with figures; where codes are spoken of also capitals alone and small letters with figures."""
    words = tables(analysis.language).get("codes", {})
    spoken = frozenset(words.get("words", "").split())
    about = any(token.text in spoken for token in analysis.tokens)
    naming = frozenset(words.get("naming", "").split())
    seen: set[int] = set()
    for pattern in (_CODE, _LOOSE_CODE) if about else (_CODE,):
        for code in pattern.finditer(analysis.folded):
            known = code[0].lower() in spoken or not _is_free(code.start(), code.end(), taken) or code.start() in seen
            if not known and not re.match(r"(?i)vols?\d|v\d|ch\d|b0", code[0]):
                seen.add(code.start())
                yield Found("code", code[0].upper(), code.start(), code.end())
    if about and not seen:
        yield from _quoted_code(analysis, naming)


def _quoted_code(analysis: Analysis, naming: frozenset[str]) -> Iterator[Found]:
    """ "the code is summer": a small word right after what names codes, if it is no word of the language."""
    stop = language_named(analysis.language).stop
    for before, token in zip(analysis.tokens, analysis.tokens[1:], strict=False):
        written = analysis.folded[token.start : token.end]
        if before.text in naming and token.text not in stop | naming and written.isupper() and _WORD.fullmatch(written):
            yield Found("code", written.upper(), token.start, token.end)


def _is_free(start: int, end: int, taken: Iterable[Found]) -> bool:
    return all(end <= other.start or start >= other.end for other in taken)


def _covered(analysis: Analysis, taken: Iterable[Found]) -> set[int]:
    covered: set[int] = set()
    for one in taken:
        covered.update(range(*analysis.at(one.start, one.end)))
    return covered


_TOLD_OF: Final = 2
_IS_SAID_OF: Final = (["that", "is"], ["that", "are"], ["which", "is"])
"""What begins a description that ends the clause: "something about grief that is gentle"."""


def _is_meant(analysis: Analysis, first: int, last: int) -> bool:
    """Whether an everyday word ("food", "light") stands here as a taste: after "about", before "manga", or alone."""
    before, after, alone, closers, closed_by = _shy_words(analysis.language)
    stems = [token.stem for token in analysis.tokens]
    sentence = next(one for one in analysis.sentences if one.first <= first < one.last)
    breaks = [place for place in range(sentence.first, sentence.last) if analysis.tokens[place].breaks]
    begin = max((place for place in breaks if place <= first), default=sentence.first)
    end = min((place for place in breaks if place >= last), default=sentence.last)
    around = [place for place in range(begin, end) if not first <= place < last]
    if all(stems[place] in alone for place in around):
        return True
    if last < sentence.last and stems[last] in after:
        return True
    told_of = [analysis.tokens[place].text for place in range(max(begin, first - _TOLD_OF), first)]
    if told_of in _IS_SAID_OF and end == last:
        return True
    if first == sentence.first or stems[first - 1] not in before:
        return False
    closes = last == sentence.last or stems[last] in closers or analysis.tokens[last].breaks
    return closes or stems[first - 1] not in closed_by


@cache
def _shy_words(language: str) -> tuple[frozenset[str], ...]:
    listed = tables(language).get("shy", {})
    spoken: Language = language_named(language)

    def stems(text: str) -> frozenset[str]:
        return frozenset(stem(word, language) for word in text.split())

    fillers = stems(" ".join(spoken.fillers))
    before, after, alone, closed_by = (stems(listed.get(name, "")) for name in ("before", "after", "alone", "closed"))
    return before, after, fillers | alone, fillers | stems("and or but"), closed_by


def _roles(analysis: Analysis, found: Sequence[Found]) -> dict[tuple[int, int], str]:
    roles: dict[tuple[int, int], str] = {}
    for sentence in analysis.sentences:
        places: dict[tuple[int, int], Place] = {}
        for one in found:
            first, last = analysis.at(one.start, one.end)
            if sentence.first <= first < sentence.last and (one.start, one.end) not in places:
                places[one.start, one.end] = Place(one.kind, first, last)
        roles.update(zip(places, RoleReader(analysis, sentence, list(places.values())).read(), strict=True))
    for one in found:
        roles.setdefault((one.start, one.end), "named")
    return roles
