"""The text of an analysis as expressions over words see it, with what is read already taken out: a number belongs to one thing."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from mangaassist.understanding.analysis import Analysis, words_of
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import language_named

NAMED = "\x00"
"""Stands for a title, an author, an order number, a code."""
PERSON = "\x02"
TAKEN = "\x01"
_MARKS = {"person": PERSON, "series": NAMED, "author": NAMED, "order": NAMED, "asin": NAMED, "code": NAMED}
_NUMERAL = re.compile(r"\d")


class PlainText:
    """Words with one space between them, number words in figures, " ; " between sentences."""

    def __init__(self, analysis: Analysis, mentions: Sequence[Mention]) -> None:
        marks = _marks(analysis, mentions)
        spoken = language_named(analysis.language)
        pieces: list[str] = []
        self._starts: list[int] = []
        self._places: list[int] = []
        length = 0
        for sentence in analysis.sentences:
            for place in range(sentence.first, sentence.last):
                mark = marks.get(place)
                if mark == "":
                    continue
                word = analysis.tokens[place].text
                if mark:
                    word = mark
                elif word in spoken.numbers and not _is_pronoun(analysis, place, spoken.numbers[word]):
                    word = str(spoken.numbers[word])
                self._starts.append(length)
                self._places.append(place)
                pieces.append(word)
                length += len(word) + 1
            pieces.append(";")
            length += 2
        self.text = " ".join(pieces[:-1])
        self.taken: set[int] = set()
        """Tokens of the analysis that have been read as a limit or a volume."""
        self.has_numbers = _NUMERAL.search(self.text) is not None

    def take(self, found: re.Match[str], group: int = 0) -> None:
        start, end = found.span(group)
        self.taken.update(range(*self.tokens(start, end)))
        self.text = f"{self.text[:start]}{TAKEN * (end - start)}{self.text[end:]}"

    def tokens(self, start: int, end: int) -> tuple[int, int]:
        """The tokens of the analysis, first and one past the last, that ``start:end`` of this text came from."""
        first = self._places[max(0, bisect_right(self._starts, start) - 1)]
        last = self._places[max(0, bisect_right(self._starts, max(start, end - 1)) - 1)]
        return first, last + 1


def alternatives(phrases: Iterable[str], language: str) -> str:
    """An expression for any of a lexicon's phrases as they stand in a plain text, the longest first."""
    written = {" ".join(words_of(phrase, language)) or phrase for phrase in phrases} - {""}
    return "|".join(re.escape(phrase) for phrase in sorted(written, key=len, reverse=True)) or "(?!)"


def _marks(analysis: Analysis, mentions: Iterable[Mention]) -> dict[int, str]:
    """What stands in place of a mention's tokens; nothing stands for all but its first. Of an edition only its figures are away."""
    marks: dict[int, str] = {}
    for mention in mentions:
        if mention.kind in _MARKS:
            first, last = analysis.at(mention.start, mention.end)
            marks.update(dict.fromkeys(range(first + 1, last), ""))
            marks[first] = _MARKS[mention.kind]
        elif mention.kind == "format":  # "3 in 1s" counts nothing
            first, last = analysis.at(mention.start, mention.end)
            figures = (place for place in range(first, last) if analysis.tokens[place].text.isdigit())
            marks.update(dict.fromkeys(figures, TAKEN))
    return marks


def _is_pronoun(analysis: Analysis, place: int, value: int) -> bool:
    """ "one" is a number only right after a word like "volume", which the volume's number follows."""
    return value == 1 and (place == 0 or analysis.tokens[place - 1].text not in ("volume", "volumes"))
