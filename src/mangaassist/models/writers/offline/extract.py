"""Chooses the sentences of a chunk that answer a question: extractive, so nothing is said that the page does not say."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from math import log
from typing import Final

from msgspec import Struct

from mangaassist.domain.chunks import Chunk, ScoredChunk

MAX_WORDS: Final = 75
KNOWN_PAGES: Final = 256
"""Chunks that are kept in sentences, and short texts in words: some 5 MiB."""

_SENTENCE: Final = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z\"“(\d])")
_WORD: Final = re.compile(r"[a-z0-9]+")
_STOP_WORDS: Final = frozenset(
    (files("mangaassist.models.writers.offline") / "data" / "stop_words.txt").read_text(encoding="utf-8").split()
)
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")


class Passage(Struct, frozen=True):
    """Some sentences of one chunk, in the order of the page. ``fit`` is the share of the question's weight they meet, 0 to 1."""

    chunk: Chunk
    text: str
    fit: float


class _Sentence(Struct, frozen=True):
    text: str
    is_item: bool
    place: int
    words: frozenset[str]


def best_passage(chunks: Sequence[ScoredChunk], question: str, most: int = MAX_WORDS) -> Passage | None:
    """The passage that answers best, of at most about ``most`` words; None without chunks.

    The first chunk is the ranker's choice and wins unless a later one meets clearly more of the question.
    """
    weights = _weights(stems(question), chunks)
    passages = [_passage(scored.chunk, weights, most) for scored in chunks if scored.chunk.content.strip()]
    if not passages:
        return None
    best = max(passages, key=lambda passage: passage.fit)
    return best if best.fit > passages[0].fit + 0.25 else passages[0]


def _passage(chunk: Chunk, weights: Mapping[str, float], most: int) -> Passage:
    asked, total = weights.keys(), sum(weights.values()) or 1.0

    def worth(sentence: _Sentence) -> float:
        met = sum(weights[word] for word in sentence.words & asked) / total
        return met + _lead(chunk, sentence)

    chosen: list[_Sentence] = []
    length = 0
    for value, sentence in sorted(
        ((worth(sentence), sentence) for sentence in sentences_of(chunk)), key=lambda pair: pair[0], reverse=True
    ):
        size = len(sentence.text.split())
        if chosen and length + size > most:
            continue
        if chosen and value <= 0.0:
            break
        chosen.append(sentence)
        length += size
    chosen.sort(key=lambda sentence: sentence.place)
    said = frozenset[str]().union(*(sentence.words for sentence in chosen)) | stems(chunk.title)
    return Passage(chunk, _worded(chosen), sum(weights[word] for word in said & asked) / total)


def _lead(chunk: Chunk, sentence: _Sentence) -> float:
    """A faq page answers its own title in its first sentences; a policy page is read where the question points."""
    steps = (0.6, 0.35, 0.2) if chunk.source_type == "faq" else (0.15, 0.05, 0.02)
    return steps[sentence.place] if sentence.place < len(steps) else 0.0


def _weights(asked: frozenset[str], chunks: Iterable[ScoredChunk]) -> dict[str, float]:
    """Words that few of the sentences hold say more."""
    sentences = [one.words for scored in chunks for one in sentences_of(scored.chunk)]
    held = Counter(word for words in sentences for word in words & asked)
    return {word: log(1 + len(sentences) / (1 + held[word])) for word in asked}


@lru_cache(KNOWN_PAGES)
def stems(text: str) -> frozenset[str]:
    """The telling words of a text, without the endings that questions and answers differ in."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower().replace("'", "")) if word not in _STOP_WORDS)


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ies", "ied", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _body(chunk: Chunk) -> str:
    """The page's own words, without a heading that repeats its title."""
    body = chunk.content.strip()
    first, _, rest = body.partition("\n")
    return rest.strip() if first.strip("#* ").rstrip() == chunk.title and rest.strip() else body


def sentences_of(chunk: Chunk) -> tuple[_Sentence, ...]:
    return _sentences(_body(chunk))


@lru_cache(KNOWN_PAGES)
def _sentences(body: str) -> tuple[_Sentence, ...]:
    """The same pages answer most questions: those asked for last are kept as they were read."""
    found: list[_Sentence] = []
    for line in body.splitlines():
        line = _LINK.sub(r"\1", line.strip())
        if not line or line.startswith("#") or line.startswith("|"):
            continue
        is_item = line.startswith(("- ", "* "))
        pieces = [line[2:]] if is_item else _SENTENCE.split(line)
        for piece in pieces:
            text = piece.strip()
            if text:
                found.append(_Sentence(text, is_item, len(found), stems(text)))
    return tuple(found)


def _worded(sentences: Iterable[_Sentence]) -> str:
    lines: list[str] = []
    prose: list[str] = []
    for sentence in sentences:
        if sentence.is_item:
            if prose:
                lines.append(" ".join(prose) + "\n")
                prose = []
            lines.append(f"- {sentence.text}")
        else:
            if lines and lines[-1].startswith("- "):
                lines.append("")
            prose.append(sentence.text)
    return "\n".join([*lines, " ".join(prose)] if prose else lines).strip()
