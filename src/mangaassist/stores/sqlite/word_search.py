"""BM25 over the words of one source type (FTS5), reading no more of it than a question is worth.

BM25 adds up word by word, so what a word gives to each chunk is kept until the chunks change: shoppers ask for much the same
words, and hardly ever for the same ones together.
"""

import math
import sqlite3
from itertools import islice

import msgspec
import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from mangaassist.domain.chunks import SourceType

TITLE_WEIGHT, BODY_WEIGHT = 2.0, 1.0
"""A word of the title or an alias tells twice as much as one of the text."""
READS_LIMIT = 1500
"""Chunks that BM25 looks at for one question in one partition: about a millisecond."""
SPREADS_KEPT = 10_000
"""Words whose number of chunks is remembered."""
SCORES_KEPT = 200_000
"""Scores that are remembered, of all words together: 3 MiB."""

_Rows = msgspec.json.Decoder(tuple[list[int], list[float]])


class WordScores(Struct, frozen=True, eq=False):
    """What one word gives: ``keys`` int64 [chunks] in ascending order, and ``scores`` float64 [chunks], at least 0."""

    keys: NDArray[np.int64]
    scores: NDArray[np.float64]


class WordMemory(Struct, eq=False):
    """What is known of the words of a partition of ``count`` chunks. It holds for those chunks: a change needs a new one."""

    count: int
    spread: dict[str, int] = field(default_factory=dict[str, int])
    scores: dict[str, WordScores] = field(default_factory=dict[str, WordScores])
    kept: int = 0
    """Scores of all words together."""

    def note_spread(self, word: str, spread: int) -> None:
        if len(self.spread) >= SPREADS_KEPT:
            self.spread = {}
        self.spread[word] = spread

    def note_scores(self, word: str, scores: WordScores) -> None:
        if self.kept + len(scores.keys) > SCORES_KEPT:
            self.scores, self.kept = {}, 0
        self.scores[word] = scores
        self.kept += len(scores.keys)


def matching(
    db: sqlite3.Connection,
    source_type: SourceType,
    memory: WordMemory,
    asked: tuple[str, ...],
    limit: int,
    passing: frozenset[int] | None = None,
) -> list[tuple[int, float]]:
    """Keys and scores of the chunks that hold the asked words, best first; of those in ``passing`` alone, unless that is None.

    BM25 grows with the logarithm of the number of chunks; divided by it, the scores of a small and of a large partition
    can be compared.
    """
    telling = _telling(db, source_type, memory, asked)
    if not telling:
        return []
    found = [_scores(db, source_type, memory, word) for word in telling]
    keys, places = np.unique(np.concatenate([one.keys for one in found]), return_inverse=True)
    scores = np.bincount(places, np.concatenate([one.scores for one in found])) / math.log(memory.count + 2)
    best = np.lexsort((keys, -scores))
    found = zip(keys[best].tolist(), scores[best].tolist(), strict=True)
    return list(islice(found if passing is None else (hit for hit in found if hit[0] in passing), limit))


def _telling(db: sqlite3.Connection, source_type: SourceType, memory: WordMemory, asked: tuple[str, ...]) -> list[str]:
    """The words to look for, rarest first: BM25 reads every chunk that holds a word, and one that half of all chunks hold
    ("volume", among products) adds nothing to any score."""
    spreads = {word: _spread(db, source_type, memory, word) for word in asked}
    chosen: list[str] = []
    reads = 0
    for word, spread in sorted(spreads.items(), key=lambda one: one[1]):
        reads += spread
        if reads > READS_LIMIT or (chosen and spread * 2 > memory.count):
            break
        if spread:
            chosen.append(word)
    return chosen


def _spread(db: sqlite3.Connection, source_type: SourceType, memory: WordMemory, word: str) -> int:
    """In how many chunks a word occurs."""
    known = memory.spread.get(word)
    if known is not None:
        return known
    table = f"words_{source_type}"
    statement = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"  # noqa: S608  one of TYPES
    spread: int = db.execute(statement, (_quoted(word),)).fetchone()[0]
    memory.note_spread(word, spread)
    return spread


def _scores(db: sqlite3.Connection, source_type: SourceType, memory: WordMemory, word: str) -> WordScores:
    """All rows come as one: every step of a statement lets go of the interpreter and has to get it back."""
    known = memory.scores.get(word)
    if known is not None:
        return known
    table = f"words_{source_type}"
    [rows] = db.execute(
        "SELECT json_array(json_group_array(key), json_group_array(score)) FROM"  # noqa: S608  one of TYPES
        f" (SELECT rowid AS key, -bm25({table}, {TITLE_WEIGHT}, {BODY_WEIGHT}) AS score FROM {table}"
        f" WHERE {table} MATCH ? ORDER BY rowid LIMIT ?)",
        (_quoted(word), READS_LIMIT),
    ).fetchone()
    keys, scores = _Rows.decode(rows)
    found = WordScores(np.array(keys, np.int64), np.maximum(np.array(scores, np.float64), 0.0))
    memory.note_scores(word, found)
    return found


def _quoted(word: str) -> str:
    """A word as FTS5 takes it. Words are letters and digits alone, so nothing in them can end the quotes."""
    return f'"{word}"'
