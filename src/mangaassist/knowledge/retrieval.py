"""Searches the knowledge (K-2): by meaning and by words side by side, fused, reranked, and nothing under the floor."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Literal, Protocol

import numpy as np
from msgspec import Struct, structs

from mangaassist.domain.chunks import ScoredChunk, SourceType
from mangaassist.domain.encoding import Vector, Vectors
from mangaassist.errors import ModelFailure
from mangaassist.knowledge import fusion
from mangaassist.knowledge.answer_features import Passage
from mangaassist.knowledge.chunking import QUOTED, answering_chunk_id, is_sentence, sentence_ids
from mangaassist.knowledge.index import ANY_CHUNK, ChunkFilter, IndexHit, IndexQuery, Searchable, StoredChunk
from mangaassist.knowledge.reranking import Judged, Reranker
from mangaassist.knowledge.words import asked, coverage, function_share

Timed = Callable[[str], AbstractContextManager[object]]
"""Holds a stage, by its name, while it lasts."""

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
ASKED_FLOOR: Final = 0.55
"""The least cosine to one of the wordings that a page answers, at which the page is used: two short questions are soon alike.

Measured on 44 questions in the words of shoppers that the store's pages answer, and 42 that they do not (among them "do you
sell bicycles"), none of them one of the wordings: by cosines to pages alone 22 are answered and pages are used for 6 of the
others; with wordings at 0.50 it is 37 and 15, at 0.55 32 and 9, at 0.60 30 and 8. Through the whole search, words included:
33 and 10 with wordings, 20 and 7 without.
"""
UNDER_FLOOR: Final = 0.3
COVERED: Final = 0.75
TELLING_WORDS: Final = 2
"""A page under its floor is used all the same if it holds three quarters of the telling words of a question that has at least
two. On the same questions that answers one more and is wrong in no other; at 0.6 two more of the others were answered."""
COVERAGE_FLOOR = 0.5
"""Without a vector: half of the question's telling words must occur in a chunk."""
DEPTH = 30
"""Hits that each way of searching gives at least; fusion needs to see past the candidates that it will keep."""
DIVERSITY = 0.3
ALIKE = 0.97
PER_FAMILY: Final[dict[Ranker, int]] = {"precision": 2, "mmr": 1}

RERANK_LIMIT_S: Final = 0.05
"""What judging the candidates may take; later than that they stay in the order of the fused search (M-11)."""

WORD_WEIGHT = 0.25
"""What a point of BM25 (scaled by the logarithm of the number of chunks) is worth in cosine, for a text without grammar.

Measured on six development sets, four of customers' questions and two of this store: 0.2 to 0.3 are within 0.005 nDCG@10.
"""


class RetrievalPlan(Struct, frozen=True, kw_only=True):
    """What an intent asks of the knowledge.

    ``k`` chunks are given out of ``candidates``. ``precision`` gives the best, ``mmr`` a diverse list with one chunk of
    each family. Chunks whose cosine is under ``floor``, None for the one of their source type, are not used; those that do not
    pass ``only`` are not looked for.
    """

    source_types: tuple[SourceType, ...]
    k: int
    ranker: Ranker
    candidates: int = 10
    floor: float | None = None
    only: ChunkFilter = ANY_CHUNK


class Candidate(Struct, frozen=True, eq=False):
    """A chunk in question, with its ``relevance`` after fusion: on the scale of a cosine, a little above where words agree."""

    hit: IndexHit
    relevance: float
    sentences: Vectors | None = None
    judged: Judged | None = None

    @property
    def rank(self) -> float:
        return self.judged.rank if self.judged else 0.0

    @property
    def cosine(self) -> float:
        """To the question, 0 to 1."""
        return min(1.0, max(0.0, self.hit.cosine))


class Retrieval(Protocol):
    """What a turn asks of the knowledge: a ``Retriever``, or what serves one turn in its place."""

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]: ...

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk: ...


class Retriever:
    """Searches one index. Holds no state of a search; use it from any task of the loop."""

    def __init__(
        self,
        index: Searchable,
        by_words_alone: Callable[[], bool] = lambda: False,
        reranker: Reranker | None = None,
        timeout_factor: float = 1.0,
    ) -> None:
        """``by_words_alone``: whether what is searched just now is of another encoder than the vectors that come.

        ``reranker`` None: the order of the fused search stands, as it does while one is down or late (M-11).
        """
        self._index = index
        self._by_words_alone = by_words_alone
        self._reranker = reranker
        self._limit_s = RERANK_LIMIT_S * timeout_factor
        self._answering: dict[str, StoredChunk] = {}
        """Chunks that wordings of questions stand for, as they were at ``_as_of``."""
        self._as_of = index.knowledge_version

    @property
    def knowledge_version(self) -> int:
        return self._index.knowledge_version

    @property
    def takes_vectors(self) -> bool:
        """Whether a vector says anything to what is searched: not while another encoder's knowledge answers."""
        return not self._by_words_alone()

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
        """The chunks that answer a text, best first, at most ``plan.k``; none when nothing fits.

        A page that was found by the wording of a question is given once, as itself.
        ``vector`` is the text's unit vector, float32 [dimensions]; None searches by words alone (M-11), and scores are
        then the part of the question's words that a chunk holds. Raises ``ServiceFailure`` of ``knowledge`` when the index
        could not be searched.
        """
        vector = vector if self.takes_vectors else None
        return await self.found(await self.hits(query_of(text, vector, plan)), text, vector, plan)

    async def hits(self, query: IndexQuery) -> Sequence[IndexHit]:
        """What the index itself finds. Raises as ``search`` does."""
        return await self._index.search(query)

    async def found(
        self,
        found: Sequence[IndexHit],
        text: str,
        vector: Vector | None,
        plan: RetrievalPlan,
        timed: Timed = nullcontext,
    ) -> tuple[ScoredChunk, ...]:
        """As ``search``, of what the index found for the plan's query; ``timed`` holds the stage ``rerank``."""
        hits = pages(found)
        if vector is None:
            return by_words(await self._told(hits), text, plan)
        with timed("rerank"):
            best = await self.reranked(text, vector, candidates(hits, text, plan))
        return tuple(_scored(one, vector) for one in ranked(best, text, plan))

    async def reranked(self, text: str, vector: Vector, fused: Sequence[Candidate]) -> list[Candidate]:
        """The candidates as the chunks that answer, with their sentences; quoted pages change places as they are judged."""
        told = await self._told([candidate.hit for candidate in fused])
        relevance = {answering_chunk_id(one.hit.stored.chunk.chunk_id): one.relevance for one in fused}
        pages = await self._with_sentences([Candidate(hit, relevance[hit.stored.chunk.chunk_id]) for hit in told])
        quoted = [one for one in pages if one.hit.stored.chunk.source_type in QUOTED]
        judged = await self._judged(text, vector, [passage_of(one) for one in quoted])
        if not judged:
            return pages
        best = sorted(
            (structs.replace(one, judged=verdict) for one, verdict in zip(quoted, judged, strict=True)),
            key=lambda one: -one.rank,
        )
        placed = iter(best)
        return [next(placed) if one.hit.stored.chunk.source_type in QUOTED else one for one in pages]

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk:
        """A page that was found otherwise, with how near each of its sentences is to a question and how likely it answers."""
        [stored] = (await self._answers([found.chunk.chunk_id])).values() or [None]
        if stored is None or not self.takes_vectors:
            return found
        hit = IndexHit(stored, float(stored.vector @ vector), 0.0)
        [one] = await self.reranked(text, vector, [Candidate(hit, hit.cosine)])
        return structs.replace(_scored(one, vector), score=found.score)

    async def _with_sentences(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The candidates with the vectors of their sentences, float32 [sentences, dimensions], where all of them are kept."""
        ids = [sentence_ids(one.hit.stored.chunk) for one in candidates]
        kept = await self._answers([chunk_id for some in ids for chunk_id in some])
        return [
            structs.replace(one, sentences=np.stack([kept[chunk_id].vector for chunk_id in some]))
            if some and all(chunk_id in kept for chunk_id in some)
            else one
            for one, some in zip(candidates, ids, strict=True)
        ]

    async def _judged(self, text: str, vector: Vector, passages: Sequence[Passage]) -> Sequence[Judged]:
        """None where nobody judges, or not in time."""
        if self._reranker is None or not passages:
            return ()
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._reranker.judge(text, vector, passages)
        except (ModelFailure, TimeoutError):
            return ()

    async def _told(self, hits: Sequence[IndexHit]) -> list[IndexHit]:
        """The hits, those of a question's wording with the chunk that answers it; one that was just removed is left out."""
        answering = [answering_chunk_id(hit.stored.chunk.chunk_id) for hit in hits]
        kept = {hit.stored.chunk.chunk_id: hit.stored for hit in hits}
        kept.update(await self._answers([chunk_id for chunk_id in answering if chunk_id not in kept]))
        return [
            IndexHit(kept[chunk_id], hit.cosine, hit.lexical)
            for hit, chunk_id in zip(hits, answering, strict=True)
            if chunk_id in kept
        ]

    async def _answers(self, chunk_ids: Sequence[str]) -> dict[str, StoredChunk]:
        """These chunks, fetched once for as long as the knowledge stays as it is."""
        version = self._index.knowledge_version
        if version != self._as_of:
            self._answering, self._as_of = {}, version
        known = self._answering
        if wanted := [chunk_id for chunk_id in chunk_ids if chunk_id not in known]:
            known.update((stored.chunk.chunk_id, stored) for stored in await self._index.fetch(wanted))
        return {chunk_id: known[chunk_id] for chunk_id in chunk_ids if chunk_id in known}


def passage_of(candidate: Candidate) -> Passage:
    hit = candidate.hit
    stored = hit.stored
    return Passage(stored.chunk, candidate.relevance, candidate.cosine, hit.lexical, stored.vector, candidate.sentences)


def _scored(candidate: Candidate, vector: Vector) -> ScoredChunk:
    near: list[float] = [] if candidate.sentences is None else (candidate.sentences @ vector).tolist()
    judged = candidate.judged
    return ScoredChunk(
        candidate.hit.stored.chunk,
        candidate.cosine,
        tuple(near),
        judged.page if judged else None,
        judged.sentences if judged else (),
    )


def pages(hits: Sequence[IndexHit]) -> list[IndexHit]:
    """The hits with all that stands for one chunk in one: the chunk itself and the wordings of questions that it answers.

    A cosine to a wording counts for less, so that floors and orders compare it with those to chunks.
    """
    found: dict[str, IndexHit] = {}
    for hit in hits:
        chunk = hit.stored.chunk
        answering = answering_chunk_id(chunk.chunk_id)
        if answering != chunk.chunk_id:
            lexical = 0.0 if is_sentence(chunk.chunk_id) else hit.lexical
            hit = IndexHit(hit.stored, hit.cosine - (ASKED_FLOOR - FLOORS[chunk.source_type]), lexical)
        known = found.get(answering)
        found[answering] = hit if known is None else _both(known, hit)
    return list(found.values())


def _both(one: IndexHit, other: IndexHit) -> IndexHit:
    chunk = one.stored.chunk
    stored = one.stored if answering_chunk_id(chunk.chunk_id) == chunk.chunk_id else other.stored
    return IndexHit(stored, max(one.cosine, other.cosine), max(one.lexical, other.lexical))


def query_of(text: str, vector: Vector | None, plan: RetrievalPlan) -> IndexQuery:
    """What the index is asked: by words alone for no more than is used, else deep enough for fusion to choose from."""
    return IndexQuery(
        text=text,
        vector=vector,
        source_types=plan.source_types,
        depth=plan.candidates if vector is None else max(DEPTH, plan.candidates),
        per_family=PER_FAMILY[plan.ranker],
        only=plan.only,
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


def ranked(candidates: Sequence[Candidate], text: str, plan: RetrievalPlan) -> Sequence[Candidate]:
    """The ``plan.k`` candidates to use, in order: none under the floor but for its words, none that repeats another."""
    usable = [one for one in candidates if one.cosine >= _floor(one, plan) or _is_covered(one, text, plan)]
    if not usable:
        return ()
    vectors = np.stack([candidate.hit.stored.vector for candidate in usable])
    if plan.ranker == "mmr":
        relevance = np.array([candidate.relevance for candidate in usable], np.float32)
        places = fusion.mmr(relevance, vectors, plan.k, DIVERSITY)
    else:
        places = fusion.distinct(range(len(usable)), vectors, plan.k, ALIKE)
    return [usable[place] for place in places]


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


def _is_covered(candidate: Candidate, text: str, plan: RetrievalPlan) -> bool:
    """Whether a page says what is asked, word for word, though its meaning as a whole is not quite like the question."""
    chunk = candidate.hit.stored.chunk
    if chunk.source_type not in ("faq", "policy") or plan.floor is not None or candidate.cosine < UNDER_FLOOR:
        return False
    return len(asked(text)) >= TELLING_WORDS and coverage(text, f"{chunk.title} {chunk.content}") >= COVERED
