"""Which answers of the pages a message may ask for in its conversation, and the numbers that speak for each (K-2, T-4).

A message is searched for by itself and behind the question before it, both at once: "and if the book costs less" lies near no
answer, and behind "does a gift card run out" near the right one.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from math import log
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.answer_features import Floats
from mangaassist.knowledge.candidates import as_found
from mangaassist.knowledge.index import IndexQuery, StoredChunk
from mangaassist.knowledge.words import asked, stem, stems_in

BEFORE: Final = 0.6
"""What the message behind the question before it counts beside the message by itself, where both are searched for at once. Among
1,351 messages of conversations that go on, the answer is so among the first ten in 0.74; by either alone in 0.59 and 0.66."""
MOST: Final = 24
"""Answers that are told apart: among so many is the one that is asked for in 0.86 of them."""
DEPTH: Final = 80
"""Wordings, sentences and pages that the search gives, of which several stand for one answer."""
LONG: Final = 40
LONGEST: Final = 400
"""Characters of a message behind the question before it."""
KNOWN_TEXTS: Final = 8192
NUMBERS: Final = (
    *("both", "own", "joined", "says_own", "says_joined", "behind_both", "behind_own", "behind_joined", "place"),
    *("said", "titled", "worded", "before_said", "before_titled"),
    *("answer", "answered", "faq", "first_of_page", "told_page", "told_category", "told_before", "length"),
    "lexical",
)


class Talk(Struct, frozen=True, eq=False):
    """A message in its conversation. ``own`` is its vector, float32 [dimensions], ``joined`` that of ``behind(before, text)``."""

    text: str
    own: Vector
    before: str = ""
    """The question before it, self-contained; empty at the beginning, and ``joined`` is then None."""
    joined: Vector | None = None
    told: str = ""
    """The answer to that."""
    page: str = ""
    """The title of the page that was told last."""

    @property
    def query(self) -> IndexQuery:
        return IndexQuery(text=self.text, vector=self.both, source_types=("faq", "policy"), depth=DEPTH)

    @property
    def both(self) -> Vector:
        """Between the message by itself and behind what was asked before, of length 1."""
        if self.joined is None:
            return self.own
        mixed = self.own + BEFORE * self.joined
        return (mixed / np.linalg.norm(mixed)).astype(np.float32)


class InQuestion(Struct, frozen=True, eq=False):
    """A page or an answer of one. ``vectors``: of itself first, of the wordings that ask for it, and of its sentences, float16
    [entries, dimensions]; ``above``: by how much a cosine to each counts for less, float32 [entries]."""

    stored: StoredChunk
    wordings: tuple[frozenset[str], ...]
    """Their telling words."""
    vectors: NDArray[np.float16]
    above: Floats

    @classmethod
    def of(
        cls, stored: StoredChunk, wordings: Sequence[StoredChunk] = (), sentences: Sequence[StoredChunk] = ()
    ) -> "InQuestion":
        entries = (stored, *wordings, *sentences)
        return cls(
            stored,
            tuple(frozenset(map(stem, asked(one.chunk.title))) for one in wordings),
            np.stack([one.vector for one in entries]).astype(np.float16),
            np.array([-as_found(one, 0.0) for one in entries], np.float32),
        )


def behind(before: str, text: str) -> str:
    """A message behind the question before it."""
    return f"{before} {text}".strip()[:LONGEST]


def numbers_of(
    talk: Talk, found: Sequence[InQuestion], lexical: Mapping[str, float]
) -> tuple[list[InQuestion], Floats]:
    """The ``MOST`` that lie nearest, nearest first, with float32 [answers, NUMBERS].

    ``lexical``: by chunk id, what the words count by which the index found it.
    """
    if not found:
        return [], np.zeros((0, len(NUMBERS)), np.float32)
    near, says = _nearness(talk, found)
    order: list[int] = np.argsort(-near[:, 0], kind="stable")[:MOST].tolist()
    best, near, says = [found[place] for place in order], near[order], says[order]
    behind_best = near - near.max(0)
    if talk.joined is None:
        near[:, 2] = says[:, 1] = behind_best[:, 2] = 0
    places = 1 / (1 + np.arange(len(best), dtype=np.float32))
    words = np.array([lexical.get(one.stored.chunk.chunk_id, 0.0) for one in best], np.float32)
    parts = (near, says, behind_best, places[:, None], _words(talk, best), _kinds(talk, best), words[:, None])
    return best, np.concatenate(parts, 1, dtype=np.float32)


def _nearness(talk: Talk, found: Sequence[InQuestion]) -> tuple[Floats, Floats]:
    """float32 [answers, 3] to whatever stands for each, for the message both ways, by itself and joined; and [answers, 2] to what
    it says, for the last two."""
    joined = talk.own if talk.joined is None else talk.joined
    starts = [0, *accumulate(len(one.above) for one in found)][:-1]
    vectors = np.concatenate([one.vectors for one in found]).astype(np.float32)
    above = np.concatenate([one.above for one in found])
    cosines = vectors @ np.stack([talk.both, talk.own, joined], 1)
    near: Floats = np.maximum.reduceat(cosines - above[:, None], starts)
    return near, cosines[starts, 1:]


def _words(talk: Talk, best: Sequence[InQuestion]) -> Floats:
    """How much of the telling words of the message and of the question before it each says, holds in its title or is asked by."""
    own, before = frozenset(map(stem, asked(talk.text))), frozenset(map(stem, asked(talk.before)))
    said = [_stems(one.stored.chunk.content) for one in best]
    titled = [_stems(one.stored.chunk.title) for one in best]
    weights = _Weights(own | before, [one | other for one, other in zip(said, titled, strict=True)])
    rows = [
        (
            weights.share(own & says, own),
            weights.share(own & title, own),
            max((weights.share(own & words, own | words) for words in one.wordings), default=0.0),
            weights.share(before & says, before),
            weights.share(before & title, before),
        )
        for one, says, title in zip(best, said, titled, strict=True)
    ]
    return np.array(rows, np.float32)


def _kinds(talk: Talk, best: Sequence[InQuestion]) -> Floats:
    """What kind of answer each is, and how it stands to what was told before."""
    told, seen = _stems(talk.told), set[str]()
    answered = {one.stored.chunk.document_id for one in best if one.stored.chunk.is_answer}
    categories = {one.stored.chunk.category for one in best if talk.page and one.stored.chunk.title == talk.page}
    rows: list[tuple[float, ...]] = []
    for one in best:
        chunk = one.stored.chunk
        says = _stems(chunk.content)
        rows.append(
            (
                float(chunk.is_answer),
                float(chunk.document_id in answered),
                float(chunk.source_type == "faq"),
                float(chunk.document_id not in seen),
                float(bool(talk.page) and chunk.title == talk.page),
                float(chunk.category in categories),
                len(says & told) / max(1, len(says)),
                min(LONG, len(chunk.content.split())) / LONG,
            )
        )
        seen.add(chunk.document_id)
    return np.array(rows, np.float32)


class _Weights:
    """Words that few of the answers hold say more."""

    def __init__(self, words: Iterable[str], texts: Sequence[frozenset[str]]) -> None:
        self._of = {word: log(1 + len(texts) / (1 + sum(word in text for text in texts))) for word in words}
        self._rare = log(1 + len(texts))

    def share(self, met: Iterable[str], wanted: Iterable[str]) -> float:
        total = sum(self._of.get(word, self._rare) for word in wanted)
        return sum(self._of[word] for word in met) / total if total else 0.0


_stems: Final = lru_cache(KNOWN_TEXTS)(stems_in)
