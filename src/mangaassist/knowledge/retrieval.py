"""Searches the knowledge (K-2): by meaning and by words side by side, fused, ranked, and nothing under the floor."""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import ScoredChunk, SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge import fusion
from mangaassist.knowledge.index import ChunkIndex, IndexHit, IndexQuery
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
    """A chunk in question, with its ``relevance`` after fusion: on the scale of a cosine, a little above where words agree."""

    hit: IndexHit
    relevance: float

    @property
    def cosine(self) -> float:
        """To the question, 0 to 1."""
        return min(1.0, max(0.0, self.hit.cosine))


class Retriever:
    """Searches one index. Holds no state of a search; use it from any task of the loop."""

    def __init__(self, index: ChunkIndex) -> None:
        self._index = index

    @property
    def knowledge_version(self) -> int:
        return self._index.knowledge_version

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        """The chunks that answer a text, best first, at most ``plan.k``; none when nothing fits.

        ``vector`` is the text's unit vector, float32 [dimensions]; None searches by words alone (M-11), and scores are
        then the part of the question's words that a chunk holds. Raises ``ServiceFailure`` of ``knowledge`` when the index
        could not be searched.
        """
        hits = await self._index.search(query_of(text, vector, plan))
        return by_words(hits, text, plan) if vector is None else ranked(candidates(hits, text, plan), plan)


def query_of(text: str, vector: Vector | None, plan: RetrievalPlan) -> IndexQuery:
    """What the index is asked: by words alone for no more than is used, else deep enough for fusion to choose from."""
    return IndexQuery(
        text=text,
        vector=vector,
        source_types=plan.source_types,
        depth=plan.candidates if vector is None else max(DEPTH, plan.candidates),
        per_family=PER_FAMILY[plan.ranker],
    )


def by_words(hits: Sequence[IndexHit], text: str, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
    """Without a vector: the chunks that hold enough of the question's words, in the order of the lexical search."""
    chunks = (hit.stored.chunk for hit in hits)
    scored = (ScoredChunk(chunk, coverage(text, f"{chunk.title} {chunk.content}")) for chunk in chunks)
    return tuple(one for one in scored if one.score >= COVERAGE_FLOOR)[: plan.k]


def candidates(hits: Sequence[IndexHit], text: str, plan: RetrievalPlan) -> list[Candidate]:
    """The best ``plan.candidates`` after fusion, best first: what a reranker would look at."""
    return few_of_each_family(fused(hits, word_weight(text)), PER_FAMILY[plan.ranker])[: plan.candidates]


def word_weight(text: str) -> float:
    """How much words count beside meaning.

    Names and keywords ("berserk deluxe 3") are found by their words; the more a text is a sentence, the more its words
    are the shopper's own and not those of the page that answers it.
    """
    return WORD_WEIGHT * (1 - function_share(text))


def fused(hits: Sequence[IndexHit], weight: float) -> list[Candidate]:
    """The hits with their fused relevance, most relevant first."""
    cosines = np.array([hit.cosine for hit in hits], np.float32).clip(0, 1)
    scores = fusion.fuse(cosines, np.array([hit.lexical for hit in hits], np.float32), weight)
    relevance: list[float] = scores.tolist()
    return [Candidate(hits[place], relevance[place]) for place in fusion.best(scores, len(hits))]


def ranked(candidates: Sequence[Candidate], plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
    """The ``plan.k`` candidates to use, in order: none under the floor, none that repeats another."""
    usable = [candidate for candidate in candidates if candidate.cosine >= _floor(candidate, plan)]
    if not usable:
        return ()
    vectors = np.stack([candidate.hit.stored.vector for candidate in usable])
    if plan.ranker == "mmr":
        relevance = np.array([candidate.relevance for candidate in usable], np.float32)
        places = fusion.mmr(relevance, vectors, plan.k, DIVERSITY)
    else:
        places = fusion.distinct(range(len(usable)), vectors, plan.k, ALIKE)
    return tuple(ScoredChunk(usable[place].hit.stored.chunk, usable[place].cosine) for place in places)


def few_of_each_family(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """The candidates in their order, without those that come after ``most`` of their family."""
    seen: dict[str, int] = {}
    kept: list[Candidate] = []
    for candidate in candidates:
        family = candidate.hit.stored.family
        seen[family] = seen.get(family, 0) + 1
        if not family or seen[family] <= most:
            kept.append(candidate)
    return kept


def _floor(candidate: Candidate, plan: RetrievalPlan) -> float:
    return FLOORS[candidate.hit.stored.chunk.source_type] if plan.floor is None else plan.floor
