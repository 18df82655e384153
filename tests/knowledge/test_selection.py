"""K-2: what is used of the candidates: what is near enough, what was judged to answer, and what is named; nothing else."""

from datetime import UTC, datetime

import numpy as np
import pytest
from msgspec import structs

from mangaassist.domain.chunks import Chunk, SourceType
from mangaassist.knowledge.candidates import Candidate, fused
from mangaassist.knowledge.floors import FLOORS, MAY_ANSWER, SAID
from mangaassist.knowledge.index import IndexHit, StoredChunk
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.reranking import Judged
from mangaassist.knowledge.selection import is_used

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLAN = RetrievalPlan(source_types=("faq", "editorial", "product"), k=3, ranker="precision")
FAR = 0.2


def candidate(
    cosine: float = FAR, relevance: float = FAR, judged: float | None = None, kind: SourceType = "faq",
    title: str = "Gift wrap", content: str = "Ribbon and paper.", lexical: float = 0.0,
) -> Candidate:  # fmt: skip
    chunk = Chunk(
        chunk_id="one#0", document_id="one", title=title, content=content, source_type=kind, category="",
        last_updated=NOW, version=1,
    )  # fmt: skip
    stored = StoredChunk(chunk, np.ones(4, np.float32) / 2)
    verdict = None if judged is None else Judged(judged, (judged,), 0.0)
    return Candidate(IndexHit(stored, cosine, lexical), relevance, judged=verdict)


@pytest.mark.parametrize("kind", FLOORS)
def test_what_is_near_enough_for_its_kind_is_used_and_what_is_not_is_not(kind: SourceType) -> None:
    assert is_used(candidate(FLOORS[kind], kind=kind), "any question", PLAN)
    assert not is_used(candidate(FLOORS[kind] - 0.01, kind=kind), "any question", PLAN)


def test_a_page_that_was_judged_to_answer_is_used_however_far_it_is() -> None:
    assert is_used(candidate(judged=MAY_ANSWER), "any question", PLAN)
    assert not is_used(candidate(judged=MAY_ANSWER - 0.01), "any question", PLAN)


def test_a_guide_is_used_for_the_name_in_its_title() -> None:
    guide = candidate(kind="editorial", title="Where to start with CLAMP")
    assert is_used(guide, "where do i begin with clamp", PLAN)
    assert not is_used(guide, "where do i begin with urasawa", PLAN)


def test_a_guide_is_used_for_what_meaning_and_words_come_to_together() -> None:
    assert is_used(candidate(relevance=SAID, kind="editorial"), "a terrible week", PLAN)
    assert not is_used(candidate(relevance=SAID, kind="product"), "a terrible week", PLAN)


def test_a_floor_of_the_plan_is_all_that_counts() -> None:
    strict = structs.replace(PLAN, floor=0.9)
    assert not is_used(candidate(cosine=0.8, judged=1.0), "gift wrap ribbon", strict)


def test_words_count_for_as_much_of_a_question_as_a_page_holds() -> None:
    question = "monster deluxe nine"
    whole, part = (
        candidate(0.5, lexical=1.0, content=content).hit for content in ("monster deluxe nine", "monster and others")
    )
    [first], [second] = (fused([hit], question) for hit in (whole, part))
    assert first.relevance > second.relevance > 0.5
