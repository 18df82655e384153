"""What speaks for a page, and for each of its sentences, as the answer to a question: numbers that a trained head reads (M-4).

All of it is there without another pass of the encoder: vectors that the index keeps, words, and what the sentences look like.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from math import log
from sys import intern
from typing import Any, Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector, Vectors
from mangaassist.domain.sentences import sentences_of
from mangaassist.knowledge.words import asked, function_share, stem, stems_in, words_in

Floats = NDArray[np.float32]

SENTENCE_FEATURES: Final = (
    *("cosine", "met", "alike", "met_with_title", "above_mean", "below_best", "first", "place", "faq", "length"),
    *("grammar", "question_length", "kinds_shown", "kinds_lacking", "verdict", "answer", "asked"),
)
PAGE_FEATURES: Final = (
    *("relevance", "found", "lexical", "cosine", "best_sentence", "next_sentence", "met_by_title", "title_met", "met"),
    *("best_met", "best_alike", "faq", "grammar", "question_length"),
    *("behind_cosine", "behind_relevance", "behind_sentence", "behind_met"),
    *("answer", "behind_own"),
)
_BEHIND: Final = (("cosine", 14), ("relevance", 15), ("best_sentence", 16), ("best_met", 17))
"""What counts beside the best of all pages, and where that difference stands."""
_BEHIND_OWN: Final = PAGE_FEATURES.index("behind_own")
GRAM: Final = 4
LONG_SENTENCE, LONG_QUESTION = 40, 20
KNOWN_PAGES: Final = 1024
KNOWN_TEXTS: Final = 8192


class Passage(Struct, frozen=True, eq=False):
    """A page in question: how the search found it, its unit vector, float32 [dimensions], and those of its sentences,
    float32 [sentences, dimensions]; None where they were not kept, and the page then stands as one sentence."""

    chunk: Chunk
    relevance: float
    """Its cosine, and what all words that it shares with the question add."""
    fused: float
    """By which the search orders: only as much of that as it holds of the question."""
    cosine: float
    lexical: float
    vector: Vector
    sentences: Vectors | None


class Features(Struct, frozen=True, eq=False):
    """float32 [pages, PAGE_FEATURES] and float32 [sentences, SENTENCE_FEATURES], page by page; ``counts`` int [pages]."""

    pages: Floats
    sentences: Floats
    counts: tuple[int, ...]


class _Kind(Struct, frozen=True):
    asks: re.Pattern[str]
    tells: re.Pattern[str]


def _kind(row: dict[str, Any]) -> _Kind:
    return _Kind(re.compile(row["asks"]), re.compile(row["tells"]))


_TABLE: Final = tomllib.loads((files("mangaassist.knowledge") / "data/answer_kinds.toml").read_text(encoding="utf-8"))
_KINDS: Final = tuple(map(_kind, _TABLE["kind"]))
_VERDICT: Final = _kind(_TABLE["verdict"])


class _Text(Struct, frozen=True):
    """Words and sequences of characters of a text, and which kinds of answers it looks like."""

    stems: frozenset[str]
    grams: frozenset[str]
    kinds: tuple[bool, ...]
    verdict: bool
    words: int


class _Page(Struct, frozen=True):
    title: _Text
    sentences: tuple[_Text, ...]

    @property
    def stems(self) -> frozenset[str]:
        return self.title.stems.union(*(one.stems for one in self.sentences))


class _Question(Struct, frozen=True):
    stems: frozenset[str]
    grams: frozenset[str]
    asks: tuple[bool, ...]
    wants_verdict: bool
    grammar: float
    length: float


def features_of(text: str, vector: Vector, passages: Sequence[Passage]) -> Features:
    """The numbers of all pages beside each other, and of their sentences; ``vector`` is the question's, of length 1."""
    question = _question(text)
    read = [_read(one.chunk.content, one.chunk.title, one.sentences is None) for one in passages]
    weights = _weights(question.stems, read)
    parts = [_of_page(question, vector, *pair, weights) for pair in zip(passages, read, strict=True)]
    pages = np.array([page for page, _ in parts], np.float32).reshape(len(parts), len(PAGE_FEATURES))
    for name, place in _BEHIND:
        column = pages[:, PAGE_FEATURES.index(name)]
        pages[:, place] = column - column.max(initial=-np.inf)
    pages[:, _BEHIND_OWN] = _behind_own(pages[:, PAGE_FEATURES.index("found")], passages)
    none = np.zeros((0, len(SENTENCE_FEATURES)), np.float32)
    sentences = np.concatenate([none, *(found for _, found in parts)])
    return Features(pages, sentences, tuple(len(found) for _, found in parts))


def _behind_own(found: Floats, passages: Sequence[Passage]) -> Floats:
    """How far each stands behind what is nearest of its own page: the page as a whole, or one of its answers."""
    pages = np.array([one.chunk.document_id for one in passages])
    best = (pages[:, None] == pages[None, :]) * found[None, :]
    return found - best.max(1, initial=0)


def _of_page(
    question: _Question, vector: Vector, passage: Passage, page: _Page, weights: dict[str, float]
) -> tuple[list[float], Floats]:
    near = float(passage.vector @ vector)
    cosines = np.array([near], np.float32) if passage.sentences is None else passage.sentences @ vector
    kind_of = (float(passage.chunk.source_type == "faq"), float(passage.chunk.is_answer))
    asked = kind_of[1] * passage.cosine  # an answer is told whole, by whichever of its wordings it was found
    sentences = _of_sentences(question, cosines, page, weights, (*kind_of, asked))
    best = np.sort(cosines)[::-1]
    by_title = question.stems & page.title.stems
    numbers = [
        *(passage.relevance, passage.cosine, passage.lexical, near, float(best[0]), float(best[min(1, len(best) - 1)])),
        _share(by_title, question.stems, weights),
        len(by_title) / len(page.title.stems) if page.title.stems else 0.0,
        _share(question.stems & page.stems, question.stems, weights),
        *(float(sentences[:, 3].max()), max(float(sentences[:, 2].max()), _alike(question.grams, page.title.grams))),
        *(kind_of[0], question.grammar, question.length, 0.0, 0.0, 0.0, 0.0, kind_of[1], 0.0),
    ]
    return numbers, sentences


def _of_sentences(
    question: _Question, cosines: Floats, page: _Page, weights: dict[str, float], kind_of: tuple[float, ...]
) -> Floats:
    count, asked_for = len(page.sentences), [number for number, asks in enumerate(question.asks) if asks]
    mean, best = float(cosines.mean()), float(cosines.max())
    rows: list[list[float]] = []
    for place, (one, cosine) in enumerate(zip(page.sentences, cosines.tolist(), strict=True)):
        shown = sum(one.kinds[number] for number in asked_for)
        rows.append(
            [
                cosine,
                _share(question.stems & one.stems, question.stems, weights),
                _alike(question.grams, one.grams),
                _share(question.stems & (one.stems | page.title.stems), question.stems, weights),
                *(cosine - mean, cosine - best, float(place == 0), place / max(1, count - 1), kind_of[0]),
                *(min(LONG_SENTENCE, one.words) / LONG_SENTENCE, question.grammar, question.length),
                *(float(shown), float(len(asked_for) - shown), float(one.verdict and question.wants_verdict)),
                *kind_of[1:],
            ]
        )
    return np.array(rows, np.float32)


def _weights(stems: frozenset[str], pages: Sequence[_Page]) -> dict[str, float]:
    """Words that few of the sentences hold say more."""
    texts = [one.stems for page in pages for one in (page.title, *page.sentences)]
    return {word: log(1 + len(texts) / (1 + sum(word in held for held in texts))) for word in stems}


def shares_of(text: str, chunks: Sequence[Chunk]) -> Floats:
    """How much of a question's telling words each chunk holds, float32 [chunks], 0 to 1; words that few hold count for more."""
    wanted = frozenset(map(stem, asked(text)))
    held = [stems_of(chunk) & wanted for chunk in chunks]
    weights = {word: log(1 + len(held) / (1 + sum(word in some for some in held))) for word in wanted}
    return np.array([_share(some, wanted, weights) for some in held], np.float32)


def stems_of(chunk: Chunk) -> frozenset[str]:
    """Of all that a page says, its title among it."""
    return _stems(chunk.content, chunk.title)


def _share(met: frozenset[str], wanted: frozenset[str], weights: dict[str, float]) -> float:
    total = sum(weights[word] for word in wanted)
    return sum(weights[word] for word in met) / total if total else 0.0


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the first's sequences of characters that the other has: what is misspelt is still alike."""
    return len(one & other) / len(one) if one else 0.0


def _question(text: str) -> _Question:
    low = text.lower().strip()
    return _Question(
        frozenset(map(stem, asked(text))),
        _grams(text),
        tuple(kind.asks.search(low) is not None for kind in _KINDS),
        _VERDICT.asks.search(low) is not None,
        function_share(text),
        min(LONG_QUESTION, len(text.split())) / LONG_QUESTION,
    )


@lru_cache(KNOWN_TEXTS)
def _stems(content: str, title: str) -> frozenset[str]:
    """What a search found is looked through for a few of them."""
    return stems_in(" ".join((title, *sentences_of(content, title))))


@lru_cache(KNOWN_PAGES)
def _read(content: str, title: str, is_whole: bool) -> _Page:
    """The same pages are in question again and again: those asked for last are kept as they were read."""
    told = (f"{title} {content}".strip(),) if is_whole else sentences_of(content, title)
    return _Page(_text(title), tuple(map(_text, told)))


def _text(text: str) -> _Text:
    return _Text(
        stems_in(text),
        _grams(text),
        tuple(kind.tells.search(text) is not None for kind in _KINDS),
        _VERDICT.tells.search(text) is not None,
        len(text.split()),
    )


def _grams(text: str) -> frozenset[str]:
    whole = f" {' '.join(words_in(text))} "
    return frozenset(intern(whole[start : start + GRAM]) for start in range(len(whole) - GRAM + 1))
