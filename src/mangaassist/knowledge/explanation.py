"""Why each passage came, or did not: every candidate of a search with what spoke for it (``mangaassist search``)."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector
from mangaassist.domain.sentences import sentences_of
from mangaassist.knowledge.candidates import Candidate
from mangaassist.knowledge.floors import COVERAGE_FLOOR, floor_of
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.selection import ALIKE, is_used
from mangaassist.knowledge.words import coverage

Fate = Literal["used", "under the floor", "says what another says", "behind"]


class Weighed(Struct, frozen=True, kw_only=True):
    """A candidate of a search. ``place`` is its place among those that are used, from 1; None where it is not.

    ``dense``: its cosine, and ``lexical`` its BM25, as in ``IndexHit``; ``fused``: both together, on the scale of a cosine;
    ``reranked``: the reranker's score, the higher the earlier, and ``answering`` the probability that it answers, both None where
    nobody judged; ``floor``: the least ``dense`` at which it is used, without a vector the least share of the question's words.
    ``sentence``: the one that would be quoted, empty where the page is none to quote.
    """

    chunk: Chunk
    place: int | None
    fate: Fate
    dense: float
    lexical: float
    fused: float
    floor: float
    reranked: float | None = None
    answering: float | None = None
    sentence: str = ""


def weighed(
    candidates: Sequence[Candidate], chosen: Sequence[Candidate], text: str, vector: Vector, plan: RetrievalPlan
) -> tuple[Weighed, ...]:
    """Every candidate, those that are used first."""
    places = {one.hit.stored.chunk.chunk_id: place for place, one in enumerate(chosen, start=1)}
    order = sorted(candidates, key=lambda one: places.get(one.hit.stored.chunk.chunk_id, len(candidates) + 1))
    return tuple(
        Weighed(
            chunk=one.hit.stored.chunk,
            place=places.get(one.hit.stored.chunk.chunk_id),
            fate=_fate(one, chosen, text, plan),
            dense=one.cosine,
            lexical=one.hit.lexical,
            fused=one.relevance,
            floor=floor_of(one.hit.stored.chunk, plan),
            reranked=one.judged.rank if one.judged else None,
            answering=one.judged.page if one.judged else None,
            sentence=_sentence(one, vector),
        )
        for one in order
    )


def weighed_by_words(hits: Sequence[IndexHit], text: str, plan: RetrievalPlan) -> tuple[Weighed, ...]:
    """The same of a search by words alone."""
    rows: list[Weighed] = []
    for hit in hits:
        chunk = hit.stored.chunk
        share = coverage(text, f"{chunk.title} {chunk.content}")
        place = sum(row.place is not None for row in rows) + 1
        fate: Fate = "under the floor" if share < COVERAGE_FLOOR else "used" if place <= plan.k else "behind"
        rows.append(
            Weighed(
                chunk=chunk, place=place if fate == "used" else None, fate=fate, dense=0.0, lexical=hit.lexical,
                fused=share, floor=COVERAGE_FLOOR,
            )
        )  # fmt: skip
    return tuple(rows)


def _fate(one: Candidate, chosen: Sequence[Candidate], text: str, plan: RetrievalPlan) -> Fate:
    if any(one is other for other in chosen):
        return "used"
    if not is_used(one, text, plan):
        return "under the floor"
    vector = one.hit.stored.vector
    alike = plan.ranker == "precision" and any(float(vector @ other.hit.stored.vector) >= ALIKE for other in chosen)
    return "says what another says" if alike else "behind"


def _sentence(one: Candidate, vector: Vector) -> str:
    chunk = one.hit.stored.chunk
    told = sentences_of(chunk.content, chunk.title)
    if one.sentences is None or not told:
        return ""
    likely = one.judged.sentences if one.judged and one.judged.sentences else (one.sentences @ vector).tolist()
    return told[int(np.argmax(likely))]
