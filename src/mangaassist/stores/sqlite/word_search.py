"""BM25 over the words of one source type (FTS5), reading no more of it than a question is worth."""

import math
import sqlite3

from msgspec import Struct

from mangaassist.domain.chunks import SourceType

TITLE_WEIGHT, BODY_WEIGHT = 2.0, 1.0
"""A word of the title or an alias tells twice as much as one of the text."""
READS_LIMIT = 1500
"""Chunks that BM25 looks at for one question in one partition: about a millisecond."""


class Lookup(Struct, frozen=True, eq=False):
    """A search by words in one partition. ``spread`` remembers in how many of its ``count`` chunks a word occurs."""

    source_type: SourceType
    asked: tuple[str, ...]
    limit: int
    count: int
    spread: dict[str, int]


def _telling(db: sqlite3.Connection, lookup: Lookup) -> list[str]:
    """The words to look for, rarest first: BM25 reads every chunk that holds a word, and one that half of all chunks hold
    ("volume", among products) adds nothing to any score."""
    table = f"words_{lookup.source_type}"
    for word in lookup.asked:
        if word not in lookup.spread:
            statement = f"SELECT count(*) FROM {table} WHERE {table} MATCH ?"  # noqa: S608  one of TYPES
            lookup.spread[word] = db.execute(statement, (_quoted(word),)).fetchone()[0]
    chosen: list[str] = []
    reads = 0
    for word in sorted(lookup.asked, key=lambda word: lookup.spread[word]):
        spread = lookup.spread[word]
        reads += spread
        if reads > READS_LIMIT or (chosen and spread * 2 > lookup.count):
            break
        if spread:
            chosen.append(word)
    return chosen


def _quoted(word: str) -> str:
    """A word as FTS5 takes it. Words are letters and digits alone, so nothing in them can end the quotes."""
    return f'"{word}"'


def matching(db: sqlite3.Connection, lookup: Lookup) -> list[tuple[int, float]]:
    """Keys and scores, best first.

    BM25 grows with the logarithm of the number of chunks; divided by it, the scores of a small and of a large partition
    can be compared.
    """
    telling = _telling(db, lookup)
    if not telling:
        return []
    table = f"words_{lookup.source_type}"
    found = db.execute(
        f"SELECT rowid, bm25({table}, {TITLE_WEIGHT}, {BODY_WEIGHT}) AS score FROM {table}"  # noqa: S608  one of TYPES
        f" WHERE {table} MATCH ? ORDER BY score, rowid LIMIT ?",
        (" OR ".join(map(_quoted, telling)), lookup.limit),
    ).fetchall()
    scale = math.log(lookup.count + 2)
    return [(key, max(0.0, -score / scale)) for key, score in found]
