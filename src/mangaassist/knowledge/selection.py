"""Chooses of the candidates what is used: what is over its floor, as many as the plan asks for, and nothing twice (K-2)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.knowledge import fusion
from mangaassist.knowledge.candidates import Candidate
from mangaassist.knowledge.chunking import page_chunk_id
from mangaassist.knowledge.floors import COVERAGE_FLOOR, MAY_ANSWER, SAID, floor_of, is_covered
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.words import coverage

ALIKE = 0.97
MOST_OF_A_PAGE = 2
"""Answers of one page that are used."""


def by_words(hits: Sequence[IndexHit], text: str, plan: RetrievalPlan) -> tuple[ScoredChunk, ...]:
    """Without a vector: the chunks that hold enough of the question's words, in the order of the lexical search."""
    chunks = (hit.stored.chunk for hit in hits)
    scored = (ScoredChunk(chunk, coverage(text, f"{chunk.title} {chunk.content}")) for chunk in chunks)
    return tuple(one for one in scored if one.score >= COVERAGE_FLOOR)[: plan.k]


def is_used(one: Candidate, text: str, plan: RetrievalPlan) -> bool:
    """Whether a candidate may answer: by its meaning, as it was judged, or by what it says."""
    chunk = one.hit.stored.chunk
    if one.cosine >= floor_of(chunk, plan):
        return True
    if plan.floor is not None:
        return False
    if one.judged is not None and one.judged.page >= MAY_ANSWER:
        return True
    is_said = chunk.source_type == "editorial" and one.relevance >= SAID
    return is_said or is_covered(chunk, one.cosine, text, plan)


def ranked(candidates: Sequence[Candidate], text: str, plan: RetrievalPlan) -> Sequence[Candidate]:
    """The candidates to use, in order: none under the floor but for its words, none that repeats another.

    ``plan.k`` of them, a page and its few best answers counting as one: a page stands beside whatever it answers.
    """
    fitting = [one for one in candidates if is_used(one, text, plan)]
    if not fitting:
        return ()
    answered = {_whole(one) for one in fitting}
    usable = [one for one in candidates if one in fitting or one.hit.stored.chunk.chunk_id in answered]
    vectors = np.stack([candidate.hit.stored.vector for candidate in usable])
    if plan.ranker == "mmr":
        relevance = np.array([candidate.relevance for candidate in usable], np.float32)
        return [usable[place] for place in fusion.mmr(relevance, vectors, plan.k, plan.diversity)]
    distinct = [usable[place] for place in fusion.distinct(range(len(usable)), vectors, len(usable), ALIKE)]
    first = list(dict.fromkeys(map(_whole, distinct)))[: plan.k]
    answers = Counter[str]()
    chosen: list[Candidate] = []
    for one in distinct:
        answers[_whole(one)] += one.hit.stored.chunk.is_answer
        if _whole(one) in first and (not one.hit.stored.chunk.is_answer or answers[_whole(one)] <= MOST_OF_A_PAGE):
            chosen.append(one)
    return chosen


def _whole(one: Candidate) -> str:
    """The chunk itself, the page of an answer."""
    chunk = one.hit.stored.chunk
    return page_chunk_id(chunk.chunk_id) if chunk.is_answer else chunk.chunk_id
