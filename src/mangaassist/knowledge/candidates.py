"""What the index found, brought together by page and into one order: the candidates of a search (K-2)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from mangaassist.domain.encoding import Vectors
from mangaassist.knowledge import fusion
from mangaassist.knowledge.answer_features import Passage, shares_of
from mangaassist.knowledge.chunking import answering_chunk_id, is_sentence
from mangaassist.knowledge.floors import ANSWER_ASKED_FLOOR, ASKED_FLOOR, FLOORS, SAYS_FLOOR
from mangaassist.knowledge.index import IndexHit, StoredChunk
from mangaassist.knowledge.plan import PER_FAMILY, RetrievalPlan
from mangaassist.knowledge.reranking import Judged
from mangaassist.knowledge.words import function_share

WORD_WEIGHT = 0.25
"""What a point of BM25 (scaled by the logarithm of the number of chunks) is worth in cosine, for a text without grammar.

Measured on six development sets, four of customers' questions and two of this store: 0.2 to 0.3 are within 0.005 nDCG@10.
"""
BY_ITSELF: Final = 0.3
"""What a word counts of a question of which its page holds nothing else; what holds all of it counts whole."""


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


def passage_of(candidate: Candidate, word_weight: float) -> Passage:
    """``word_weight``: of the question."""
    hit = candidate.hit
    stored = hit.stored
    return Passage(
        stored.chunk,
        candidate.cosine + word_weight * hit.lexical,
        candidate.relevance,
        candidate.cosine,
        hit.lexical,
        stored.vector,
        candidate.sentences,
    )


def pages(hits: Sequence[IndexHit]) -> list[IndexHit]:
    """The hits with all that stands for one chunk in one: the chunk itself and the wordings of questions that it answers.

    A cosine to a wording counts for less, so that floors and orders compare it with those to chunks.
    """
    found: dict[str, IndexHit] = {}
    for hit in hits:
        chunk = hit.stored.chunk
        answering = answering_chunk_id(chunk.chunk_id)
        lexical = 0.0 if is_sentence(chunk.chunk_id) else hit.lexical
        hit = IndexHit(hit.stored, as_found(hit.stored, hit.cosine), lexical)
        known = found.get(answering)
        found[answering] = hit if known is None else _both(known, hit)
    return list(found.values())


def as_found(stored: StoredChunk, cosine: float) -> float:
    """What a cosine counts as beside those to pages: one to a short text (a wording, a sentence, an answer) is soon high."""
    chunk = stored.chunk
    stands_for_it = answering_chunk_id(chunk.chunk_id) != chunk.chunk_id
    if not (stands_for_it or chunk.is_answer):
        return cosine
    of_answer = ANSWER_ASKED_FLOOR if stands_for_it else SAYS_FLOOR
    return cosine - ((of_answer if chunk.is_answer else ASKED_FLOOR) - FLOORS["faq"])


def _both(one: IndexHit, other: IndexHit) -> IndexHit:
    chunk = one.stored.chunk
    stored = one.stored if answering_chunk_id(chunk.chunk_id) == chunk.chunk_id else other.stored
    return IndexHit(stored, max(one.cosine, other.cosine), max(one.lexical, other.lexical))


def candidates(hits: Sequence[IndexHit], text: str, plan: RetrievalPlan) -> list[Candidate]:
    """The best ``plan.candidates`` after fusion, best first: what a reranker would look at."""
    return few_of_each_family(fused(hits, text), PER_FAMILY[plan.ranker])[: plan.candidates]


def word_weight(text: str) -> float:
    """How much words count beside meaning.

    Names and keywords ("berserk deluxe 3") are found by their words; the more a text is a sentence, the more its words
    are the shopper's own and not those of the page that answers it.
    """
    return WORD_WEIGHT * (1 - function_share(text))


def fused(hits: Sequence[IndexHit], text: str) -> list[Candidate]:
    """The hits with their fused relevance, most relevant first: what words add counts for as much of the question as a hit holds.

    One rare word that a page shares with a sentence is often the shopper's own. On five sets of other shops' and a bank's questions
    words counted so are better than meaning alone on each, and counted whole worse on two; a name is held whole by what it names.
    """
    cosines = np.array([hit.cosine for hit in hits], np.float32).clip(0, 1)
    lexical = np.array([hit.lexical for hit in hits], np.float32)
    held = shares_of(text, [hit.stored.chunk for hit in hits])
    counted = (lexical * (BY_ITSELF + (1 - BY_ITSELF) * held)).astype(np.float32)
    scores = fusion.fuse(cosines, counted, word_weight(text))
    relevance: list[float] = scores.tolist()
    return [Candidate(hits[place], relevance[place]) for place in fusion.best(scores, len(hits))]


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
