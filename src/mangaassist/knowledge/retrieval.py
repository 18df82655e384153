"""Searches the knowledge (K-2): by meaning and by words side by side, fused, reranked, and nothing under the floor."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

import numpy as np
from msgspec import structs

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.encoding import Vector
from mangaassist.errors import ModelFailure
from mangaassist.knowledge.answer_features import Floats, Passage
from mangaassist.knowledge.asked_answers import InQuestion, Talk, numbers_of
from mangaassist.knowledge.candidates import Candidate, as_found, candidates, pages, passage_of, word_weight
from mangaassist.knowledge.chunking import (
    QUOTED,
    answer_ids,
    answering_chunk_id,
    asked_ids,
    first_chunk_id,
    is_answer,
    page_chunk_id,
    sentence_ids,
)
from mangaassist.knowledge.explanation import Weighed, weighed, weighed_by_words
from mangaassist.knowledge.index import IndexHit, IndexQuery, Searchable, StoredChunk
from mangaassist.knowledge.plan import RetrievalPlan, query_of
from mangaassist.knowledge.reranking import Judged, Reranker
from mangaassist.knowledge.selection import by_words, ranked

Timed = Callable[[str], AbstractContextManager[object]]
"""Holds a stage, by its name, while it lasts."""

MOST_IN_QUESTION: Final = 4096
"""Answers that are kept with all that stands for them: about seven KiB each."""
RERANK_LIMIT_S: Final = 0.05
"""What judging the candidates may take; later than that they stay in the order of the fused search (M-11)."""


class Retrieval(Protocol):
    """What a turn asks of the knowledge: a ``Retriever``, or what serves one turn in its place."""

    async def search(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]: ...

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk: ...

    async def answers_of(self, page: ScoredChunk) -> tuple[ScoredChunk, ...]: ...

    async def whole(self, found: ScoredChunk) -> ScoredChunk | None: ...

    async def asked_in(self, talk: Talk) -> tuple[Sequence[Chunk], Floats]: ...

    async def told(self, chunk_ids: Sequence[str]) -> Sequence[Chunk]: ...


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
        self._answering: dict[str, StoredChunk | None] = {}
        """Chunks that wordings of questions stand for, as they were at ``_as_of``; None for one that was not there."""
        self._in_question: dict[str, InQuestion] = {}
        """Answers with all that stands for them, as they were at the same version."""
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
            best = await self.reranked(text, vector, await self.in_question(hits, text, vector, plan), hits)
        return tuple(_scored(one, vector) for one in ranked(best, text, plan))

    async def explained(self, text: str, vector: Vector | None, plan: RetrievalPlan) -> tuple[Weighed, ...]:
        """Every candidate of a ``search``, with why it is used or not. Raises as that does."""
        vector = vector if self.takes_vectors else None
        hits = pages(await self.hits(query_of(text, vector, plan)))
        if vector is None:
            return weighed_by_words(await self._told(hits), text, plan)
        best = await self.reranked(text, vector, await self.in_question(hits, text, vector, plan), hits)
        return weighed(best, ranked(best, text, plan), text, vector, plan)

    async def in_question(
        self, hits: Sequence[IndexHit], text: str, vector: Vector, plan: RetrievalPlan
    ) -> list[Candidate]:
        """The candidates, and behind them the page of each answer among them: it may answer better as a whole."""
        best = candidates(hits, text, plan)
        there = {answering_chunk_id(one.hit.stored.chunk.chunk_id) for one in best}
        pages = (page_chunk_id(chunk_id) for chunk_id in there if is_answer(chunk_id))
        kept = await self._answers([page for page in dict.fromkeys(pages) if page not in there])
        found = {answering_chunk_id(hit.stored.chunk.chunk_id): hit for hit in hits}
        beside = [
            IndexHit(stored, max(float(stored.vector @ vector), found[page].cosine if page in found else 0.0), 0.0)
            for page, stored in sorted(kept.items())
        ]
        return [*best, *(Candidate(hit, max(0.0, hit.cosine)) for hit in beside)]

    async def reranked(
        self, text: str, vector: Vector, fused: Sequence[Candidate], hits: Sequence[IndexHit] = ()
    ) -> list[Candidate]:
        """The candidates as the chunks that answer, with their sentences; quoted pages change places as they are judged.

        ``hits`` is all that was found, the candidates among it; without it each page is judged by itself.
        """
        told = await self._told([candidate.hit for candidate in fused])
        relevance = {answering_chunk_id(one.hit.stored.chunk.chunk_id): one.relevance for one in fused}
        pages = await self._with_sentences([Candidate(hit, relevance[hit.stored.chunk.chunk_id]) for hit in told])
        quoted = [one for one in pages if one.hit.stored.chunk.source_type in QUOTED]
        weight = word_weight(text)
        beside = await self._told([hit for hit in hits if hit.stored.chunk.source_type in QUOTED])
        judged = await self._judged(text, vector, [passage_of(one, weight) for one in quoted], beside)
        if not judged:
            return pages
        best = sorted(
            (structs.replace(one, judged=verdict) for one, verdict in zip(quoted, judged, strict=True)),
            key=lambda one: -one.rank,
        )
        placed = iter(best)
        return [next(placed) if one.hit.stored.chunk.source_type in QUOTED else one for one in pages]

    async def compared(self, found: ScoredChunk, text: str, vector: Vector) -> ScoredChunk:
        """A page that was found otherwise, with how near each of its sentences is to a question and how likely it answers;
        an answer is as near as it was found to be by its wordings."""
        [stored] = (await self._answers([found.chunk.chunk_id])).values() or [None]
        if stored is None or not self.takes_vectors:
            return found
        wordings = await self._answers(asked_ids(found.chunk)) if found.chunk.is_answer else {}
        near = [
            float(stored.vector @ vector),
            *(as_found(one, float(one.vector @ vector)) for one in wordings.values()),
        ]
        hit = IndexHit(stored, max(near), 0.0)
        [one] = await self.reranked(text, vector, [Candidate(hit, hit.cosine)])
        told = _scored(one, vector)
        return told if found.chunk.is_answer else structs.replace(told, score=found.score)

    async def answers_of(self, page: ScoredChunk) -> tuple[ScoredChunk, ...]:
        """What a page says to single questions, in its order; not yet held against any."""
        kept = await self._answers(answer_ids(page.chunk))
        return tuple(ScoredChunk(stored.chunk, 0.0) for stored in kept.values())

    async def whole(self, found: ScoredChunk) -> ScoredChunk | None:
        """The page that an answer stands on, found as that was; None where it was just removed."""
        if not found.chunk.is_answer:
            return found
        page_id = page_chunk_id(found.chunk.chunk_id)
        stored = (await self._answers([page_id])).get(page_id)
        return None if stored is None else ScoredChunk(stored.chunk, found.score)

    async def asked_in(self, talk: Talk, found: Sequence[IndexHit] | None = None) -> tuple[Sequence[Chunk], Floats]:
        """The pages and answers of pages that a message may ask for in its conversation, nearest first, with the numbers that speak
        for each (``asked_answers.NUMBERS``); none while vectors say nothing to what is searched. Raises as ``search`` does.

        ``found``: what the index has given for its query already.
        """
        if found is None:
            found = await self.hits(talk.query) if self.takes_vectors else ()
        hits = pages(found)
        lexical = {answering_chunk_id(hit.stored.chunk.chunk_id): hit.lexical for hit in hits}
        standing = await self._with_all_that_stands_for(list(lexical))
        best, numbers = numbers_of(talk, standing, lexical)
        return [one.stored.chunk for one in best], numbers

    async def products(self, asins: Sequence[str]) -> dict[str, StoredChunk]:
        """What the catalog tells of these products, by ASIN; unknown ones are left out. Raises as ``search`` does."""
        kept = await self._answers([first_chunk_id(asin) for asin in dict.fromkeys(asins)])
        return {stored.chunk.asin: stored for stored in kept.values() if stored.chunk.asin}

    async def told(self, chunk_ids: Sequence[str]) -> Sequence[Chunk]:
        """These chunks in their order; those that are no longer there are left out."""
        return [stored.chunk for stored in (await self._answers(chunk_ids)).values()]

    async def _with_all_that_stands_for(self, chunk_ids: Sequence[str]) -> list[InQuestion]:
        """Read once for as long as the knowledge stays as it is, and no more than ``MOST_IN_QUESTION`` are kept."""
        there = await self._answers(chunk_ids)
        known = self._in_question
        fresh = {chunk_id: stored for chunk_id, stored in there.items() if chunk_id not in known}
        if len(known) + len(fresh) > MOST_IN_QUESTION:
            self._in_question, fresh = (known := {}), there
        asks = {chunk_id: asked_ids(one.chunk) for chunk_id, one in fresh.items()}
        told = {chunk_id: sentence_ids(one.chunk) for chunk_id, one in fresh.items()}
        parts = [part for some in (*asks.values(), *told.values()) for part in some]
        kept = {one.chunk.chunk_id: one for one in await self._index.fetch(parts)} if parts else {}
        for chunk_id, stored in fresh.items():
            wordings = tuple(kept[part] for part in asks[chunk_id] if part in kept)
            sentences = tuple(kept[part] for part in told[chunk_id] if part in kept)
            whole = sentences if len(sentences) == len(told[chunk_id]) else ()
            known[chunk_id] = InQuestion.of(stored, wordings, whole)
        return [known[chunk_id] for chunk_id in there]

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

    async def _judged(
        self, text: str, vector: Vector, passages: Sequence[Passage], hits: Sequence[IndexHit]
    ) -> Sequence[Judged]:
        """None where nobody judges, or not in time."""
        if self._reranker is None or not passages:
            return ()
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._reranker.judge(text, vector, passages, hits)
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
            self._answering, self._in_question, self._as_of = {}, {}, version
        known = self._answering
        if wanted := [chunk_id for chunk_id in chunk_ids if chunk_id not in known]:
            fetched = {stored.chunk.chunk_id: stored for stored in await self._index.fetch(wanted)}
            known.update((chunk_id, fetched.get(chunk_id)) for chunk_id in wanted)
        there = ((chunk_id, known.get(chunk_id)) for chunk_id in chunk_ids)
        return {chunk_id: stored for chunk_id, stored in there if stored is not None}


def _scored(candidate: Candidate, vector: Vector) -> ScoredChunk:
    near: list[float] = [] if candidate.sentences is None else (candidate.sentences @ vector).tolist()
    judged = candidate.judged
    stored = candidate.hit.stored
    return ScoredChunk(
        stored.chunk,
        max(candidate.cosine, as_found(stored, float(stored.vector @ vector))),
        tuple(near),
        judged.page if judged else None,
        judged.sentences if judged else (),
    )
