"""The text read once: folded, cut into sentences and tokens, stemmed; everything else in understanding reads this value."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, cast

import sentencex
import Stemmer
from msgspec import Struct

from mangaassist.understanding.folding import fold, lower
from mangaassist.understanding.vocabulary import Language, language_named, languages

MOST_TOKENS: Final = 600
"""Longer messages are read up to there; this bounds the cost of a hostile one."""

_TOKEN: Final = re.compile(
    r"\d+(?:[.,]\d+)*(?:st|nd|rd|th)\b|\d+(?:[.,]\d+)*|[a-z]+(?:'[a-z]+)*|[\u4e00-\u9fff々]+|[\u3040-\u309f]+|[\u30a0-\u30ff]+"
    r"|[^\W\d_a-z\u3040-\u30ff\u4e00-\u9fff]+(?:'[^\W\d_]+)*|[$€£¥%#<>+=-]"
)
_COMMA: Final = re.compile(r",(?!\d)|(?<!\d),|;|、|，|\s[-–—]\s|[()\n]|\.{2,}|…")
_END: Final = re.compile(r"[.!?。！？\s\"'”’)]+$")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SHORTEST_CLAUSE: Final = 3
"""Words before "and" that may be a question of their own."""
_SHARE: Final = 3
"""Of so many words one has to be of a language."""
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_KANJI: Final = re.compile(r"[\u4e00-\u9fff]")


class Token(Struct, frozen=True):
    """A word at ``start:end`` of the folded text. "whats" is two of them, "what" and "is", at the same place."""

    text: str
    """Small, with contractions and slips of the lexicon written out."""
    start: int
    end: int
    stem: str
    breaks: bool = False
    """Whether a comma or a dash stands before it."""


class Sentence(Struct, frozen=True):
    """Tokens ``first:last`` of the analysis."""

    first: int
    last: int
    is_question: bool = False
    """Whether a question mark ends it."""


class Analysis(Struct, frozen=True):
    """``folded`` keeps case and ``small`` does not; places in both are the same."""

    text: str
    folded: str
    small: str
    language: str
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]

    def words(self, sentence: Sentence) -> tuple[Token, ...]:
        return self.tokens[sentence.first : sentence.last]

    def at(self, start: int, end: int) -> tuple[int, int]:
        """The tokens, first and one past the last, that lie within ``start:end`` of the folded text."""
        inside = [place for place, token in enumerate(self.tokens) if token.start < end and token.end > start]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


def analyse(text: str, language: str | None = None) -> Analysis:
    """Never raises, whatever the text. ``language`` is an ISO 639 code; None finds it out among those with a lexicon."""
    spoken = language_named(language or detect_language(text))
    folded: list[str] = []
    tokens: list[Token] = []
    sentences: list[Sentence] = []
    length = 0
    for sentence in _clauses(text, spoken):
        first = len(tokens)
        for piece in _COMMA.split(sentence):
            part = fold(piece).replace(";", " ").rstrip()
            if part:
                if length:
                    folded.append(" " if len(tokens) > first else "; ")
                    length += len(folded[-1])
                tokens.extend(_tokens(part, length, spoken, breaks=len(tokens) > first))
                folded.append(part)
                length += len(part)
        if len(tokens) > first:
            sentences.append(Sentence(first, len(tokens), "?" in sentence[-4:] or "？" in sentence[-3:]))
        if len(tokens) > MOST_TOKENS:
            break
    whole = "".join(folded)
    return Analysis(text, whole, lower(whole), spoken.code, tuple(tokens), tuple(sentences))


def detect_language(text: str) -> str:
    """By script, then by the words that only one language has; English where nothing tells."""
    if not text.isascii() and (_KANA.search(text) or _KANJI.search(text)):
        return "ja"
    words = set(_LETTERS.findall((text if text.isascii() else fold(text)).lower()))
    for spoken in languages():
        if words & spoken.telling and len(words & (spoken.telling | spoken.supporting)) * _SHARE >= len(words):
            return spoken.code
    return "en"


def stem(word: str, language: str = "en") -> str:
    """A word's stem ("cancelling" -> "cancel"); a word of a language without a stemmer is its own stem."""
    return stemmer_of(language)(word)


def stems_of(phrase: str, language: str = "en") -> tuple[str, ...]:
    """A phrase of a lexicon as the stems that it has in a message."""
    stemmed = stemmer_of(language)
    return tuple(map(stemmed, words_of(phrase, language)))


def words_of(phrase: str, language: str = "en") -> tuple[str, ...]:
    """The words of a lexicon's phrase as a message's tokens have them: folded, contractions written out."""
    spoken = language_named(language)
    return tuple(token.text for token in _tokens(fold(phrase).replace(";", " "), 0, spoken, breaks=False))


@cache
def stemmer_of(language: str) -> Callable[[str], str]:
    spoken = language_named(language)
    if not spoken.stemmer:
        return str
    algorithm = cast(Any, Stemmer).Stemmer(spoken.stemmer)
    kept = spoken.unstemmed
    return cache_words(lambda word: kept[word] if word in kept else str(algorithm.stemWord(word)))


def cache_words(stemming: Callable[[str], str], most: int = 20_000) -> Callable[[str], str]:
    """Remembers stems; forgets all of them when there are too many, as only a flood of nonsense brings about."""
    known: dict[str, str] = {}

    def stemmed(word: str) -> str:
        if word not in known:
            if len(known) >= most:
                known.clear()
            known[word] = stemming(word)
        return known[word]

    return stemmed


def _clauses(text: str, spoken: Language) -> Iterator[str]:
    """Sentences, and each question or request that "and" adds to one: "where is my order | and do you have akira"."""
    for sentence in _sentences(text, spoken):
        start = 0
        for joint in spoken.clause.finditer(sentence) if spoken.clause else ():
            if len(sentence[start : joint.start()].split()) >= _SHORTEST_CLAUSE:
                yield sentence[start : joint.start()]
                start = joint.start()
        yield sentence[start:]


def _sentences(text: str, spoken: Language) -> Iterator[str]:
    """As the library cuts them, joined again after what stores abbreviate ("vol. 3") or a title shouts ("Haikyu!! 3")."""
    held = ""
    for line in text.splitlines():
        for piece in _cut(spoken.code, line):
            held += piece
            if not _goes_on(held, line, spoken):
                yield held
                held = ""
        if held:
            yield held
            held = ""


def _cut(language: str, line: str) -> list[str]:
    return cast(Any, sentencex).segment(language, line)


def _goes_on(held: str, line: str, spoken: Language) -> bool:
    ending = _END.search(held)
    if ending is None or "?" in ending[0]:
        return False
    words = held[: ending.start()].lower().split()
    if not words:
        return True
    if "." in ending[0] and words[-1] in spoken.abbreviations:
        return True
    after = line[line.find(held) + len(held) :].lower().split()
    return (
        "!" in ending[0] and bool(after) and (after[0][0].isdigit() or after[0].strip(".#,!?") in spoken.continuations)
    )


def _tokens(part: str, offset: int, spoken: Language, breaks: bool) -> Iterator[Token]:
    stemmed = stemmer_of(spoken.code)
    for found in _words(lower(part), spoken):
        for word in _written_out(found[0], spoken):
            yield Token(word, offset + found.start(), offset + found.end(), stemmed(word), breaks)
            breaks = False


def _words(small: str, spoken: Language) -> Iterator[re.Match[str]]:
    """Words; a language written without spaces is cut by the longest words of its lexicon, then by script."""
    return (spoken.cutter or _TOKEN).finditer(small)


def _written_out(word: str, spoken: Language) -> tuple[str, ...]:
    if word in spoken.normal:
        return spoken.normal[word]
    if "'" in word:
        for suffix, words in spoken.suffixes.items():
            if word.endswith(suffix) and len(word) > len(suffix):
                return (word[: -len(suffix)], *words)
        return (word.replace("'", ""),)
    return (word,)
