"""Searches the knowledge (K-2): by meaning and by words side by side, fused, ranked, and nothing under the floor."""

import asyncio
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import ScoredChunk, SourceType
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge import fusion
from mangaassist.knowledge.index import ChunkIndex, Hit, StoredChunk, Vector
from mangaassist.knowledge.words import coverage, function_share

Ranker = Literal["precision", "mmr"]

FLOORS: Final[dict[SourceType, float]] = {
    "faq": 0.38,
    "policy": 0.38,
    "product": 0.28,
    "editorial": 0.28,
    "reviews": 0.28,
}
"""The least cosine at which a chunk is used. Measured with the shipped encoder on 65 questions that the store's pages answer
and 40 that they do not: at 0.38 it keeps 97 % of the first and 7 % of the second. A guide or a product that fits badly
does less harm than a wrong policy, and descriptions of taste ("something cosy with food") are less like what they mean.
"""
COVERAGE_FLOOR = 0.5
"""Without a vector: half of the question's telling words must occur in a chunk."""
DEPTH = 30
"""Hits that each way of searching gives at least; fusion needs to see past the candidates that it will keep."""
DIVERSITY = 0.3
ALIKE = 0.97
PER_FAMILY: Final[dict[Ranker, int]] = {"precision": 2, "mmr": 1}
LIMIT_S = 0.05
"""M-10: what a search may take in all."""

WORD_WEIGHT = 0.25
"""What a point of BM25 (scaled by the logarithm of the number of chunks) is worth in cosine, for a text without grammar.

Measured on six development sets, four of customers' questions and two of this store: 0.2 to 0.3 are within 0.005 nDCG@10.
"""


class RetrievalPlan(Struct, frozen=True, kw_only=True):
    """What an intent asks of the knowledge.

    ``k`` chunks are given out of ``candidates``. ``precision`` gives the best, ``mmr`` a diverse list with one chunk of
    each family. Chunks whose cosine is under ``floor``, None for the one of their source type, are not used.
    """

    source_types: tuple[SourceType, ...]
    k: int
    ranker: Ranker
    candidates: int = 10
    floor: float | None = None


class Candidate(Struct, frozen=True, eq=False):
    """A chunk in question: ``cosine`` to the question, 0 to 1, and ``relevance`` after fusion on the same scale."""

    stored: StoredChunk
    cosine: float
    relevance: float


class Retriever:
    """Searches one index. Holds no state of a search; use it from any task of the loop."""

    def __init__(self, index: ChunkIndex, limit_s: float = LIMIT_S) -> None:
        self._index = index
        self._limit_s = limit_s

    @property
    def knowledge_version(self) -> int:
        return self._index.knowledge_version

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        """The chunks that answer a text, best first, at most ``plan.k``; none when nothing fits.

        ``vector`` is the text's unit vector, float32 [dimensions]; None searches by words alone (M-11), and scores are
        then the part of the question's words that a chunk holds. Late or failed words leave the vector's findings.
        Raises ``ServiceFailure`` of ``knowledge`` when neither way gave anything within the limit.
        """
        try:
            async with asyncio.timeout(self._limit_s):
                if vector is None:
                    return await self._by_words(text, plan)
                return ranked(await self.candidates(text, vector, plan), plan)
        except TimeoutError as error:
            raise ServiceFailure("knowledge", "timeout", f"no answer within {self._limit_s * 1000:.0f} ms") from error

    async def candidates(self, text: str, vector: Vector, plan: RetrievalPlan) -> list[Candidate]:
        """The best ``plan.candidates`` after fusion, best first: what a reranker would look at."""
        depth, per_family = max(DEPTH, plan.candidates), PER_FAMILY[plan.ranker]
        words = asyncio.create_task(self._words(text, plan, depth, self._limit_s / 2), name="lexical")
        try:
            near = await self._index.dense(vector, plan.source_types, depth, per_family)
            lexical = await words
        finally:
            words.cancel()
        chunk_ids = list(dict.fromkeys(hit.chunk_id for hit in (*near, *lexical)))
        found = fused(await self._index.fetch(chunk_ids), vector, lexical, word_weight(text))
        return few_of_each_family(found, per_family)[: plan.candidates]

    async def _words(self, text: str, plan: RetrievalPlan, depth: int, limit_s: float) -> Sequence[Hit]:
        """The lexical findings, or none when they fail or are late: the vector's suffice."""
        try:
            async with asyncio.timeout(limit_s):
                return await self._index.lexical(text, plan.source_types, depth, PER_FAMILY[plan.ranker])
        except (ServiceFailure, TimeoutError):
            return ()

    async def _by_words(self, text: str, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        hits = await self._index.lexical(text, plan.source_types, plan.candidates, PER_FAMILY[plan.ranker])
        stored = await self._index.fetch([hit.chunk_id for hit in hits])
        scored = (ScoredChunk(one.chunk, coverage(text, f"{one.chunk.title} {one.chunk.content}")) for one in stored)
        return tuple(chunk for chunk in scored if chunk.score >= COVERAGE_FLOOR)[: plan.k]


def word_weight(text: str) -> float:
    """How much words count beside meaning.

    Names and keywords ("berserk deluxe 3") are found by their words; the more a text is a sentence, the more its words
    are the shopper's own and not those of the page that answers it.
    """
    return WORD_WEIGHT * (1 - function_share(text))


def fused(stored: Sequence[StoredChunk], vector: Vector, lexical: Sequence[Hit], weight: float) -> list[Candidate]:
    """Candidates with their cosines and fused relevance, most relevant first."""
    if not stored:
        return []
    cosines = np.clip(np.stack([one.vector for one in stored]) @ vector, 0, 1)
    words = {hit.chunk_id: hit.score for hit in lexical}
    scores = fusion.fuse(cosines, fusion.lexical_scores([one.chunk.chunk_id for one in stored], words), weight)
    order = fusion.best(scores, len(stored))
    return [Candidate(stored[place], float(cosines[place]), float(scores[place])) for place in order]


def ranked(candidates: Sequence[Candidate], plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
    """The ``plan.k`` candidates to use, in order: none under the floor, none that repeats another."""
    usable = [candidate for candidate in candidates if candidate.cosine >= _floor(candidate, plan)]
    if not usable:
        return ()
    vectors = np.stack([candidate.stored.vector for candidate in usable])
    if plan.ranker == "mmr":
        relevance = np.array([candidate.relevance for candidate in usable], np.float32)
        places = fusion.mmr(relevance, vectors, plan.k, DIVERSITY)
    else:
        places = fusion.distinct(range(len(usable)), vectors, plan.k, ALIKE)
    return tuple(ScoredChunk(usable[place].stored.chunk, min(1.0, usable[place].cosine)) for place in places)


def few_of_each_family(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """The candidates in their order, without those that come after ``most`` of their family."""
    seen: dict[str, int] = {}
    kept: list[Candidate] = []
    for candidate in candidates:
        family = candidate.stored.family
        seen[family] = seen.get(family, 0) + 1
        if not family or seen[family] <= most:
            kept.append(candidate)
    return kept


def _floor(candidate: Candidate, plan: RetrievalPlan) -> float:
    return FLOORS[candidate.stored.chunk.source_type] if plan.floor is None else plan.floor
