"""M-4, M-11: which page answers and which of its sentences, as it is judged; and the search when nobody judges."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from msgspec.structs import replace

from mangaassist.domain.encoding import Vector
from mangaassist.errors import ModelFailure
from mangaassist.knowledge.answer_features import PAGE_FEATURES, SENTENCE_FEATURES, Passage, features_of
from mangaassist.knowledge.chunking import chunks_of
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.index import IndexHit
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.reranking import Judged, Reranker, TrainedReranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.updates import Pipeline
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PLAN = RetrievalPlan(source_types=("faq", "editorial"), k=4, ranker="precision", floor=0.0)
QUESTION = "how long until the ribbon parcel arrives"


def page(name: str, body: str, kind: str = "faq") -> Document:
    return Document(
        document_id=name, title=f"About the {name} parcel", body=body, source_type=kind, version=1, updated_at=NOW,
        questions=(f"a {name} parcel",),
    )  # fmt: skip


RIBBON = page("ribbon", "It is made of silk. The parcel arrives within 4 days. Nobody pays for it.")
PAPER = page("paper", "The paper of the parcel is blue.")
GUIDE = page("guide", "A ribbon parcel arrives in style.", "editorial")


class Verdicts:
    """Judges pages by a word of their text; or fails, or never comes back."""

    def __init__(self, best: str = "", failure: Exception | None = None, *, hangs: bool = False) -> None:
        self.best, self.failure, self.hangs = best, failure, hangs
        self.seen: list[Passage] = []

    async def judge(
        self, text: str, vector: Vector, passages: Sequence[Passage], hits: Sequence[IndexHit] = ()
    ) -> Sequence[Judged]:
        self.seen += passages
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        chances = [0.9 if self.best in one.chunk.content else 0.1 for one in passages]
        return [Judged(chance, (chance,), chance) for chance in chances]


async def retriever(reranker: Reranker | None, timeout_factor: float = 1.0) -> tuple[Retriever, Vector]:
    index, encoder = MemoryIndex(), WordEncoder()
    await Pipeline(index, encoder, MemoryDeadLetters()).apply(
        [upsert("shop", one, NOW) for one in (RIBBON, PAPER, GUIDE)]
    )
    [vector] = await encoder.encode([QUESTION])
    return Retriever(index, reranker=reranker, timeout_factor=timeout_factor), vector


async def names(reranker: Reranker | None, timeout_factor: float = 1.0) -> list[str]:
    searching, vector = await retriever(reranker, timeout_factor)
    return [one.chunk.document_id for one in await searching.search(QUESTION, vector, PLAN)]


async def test_the_page_that_is_judged_best_comes_first_and_says_how_likely_it_answers() -> None:
    searching, vector = await retriever(Verdicts("blue"))
    found = [one for one in await searching.search(QUESTION, vector, PLAN) if one.chunk.source_type == "faq"]
    assert [one.chunk.document_id for one in found] == ["paper", "ribbon"]
    assert [one.answering for one in found] == [0.9, 0.1]


async def test_what_is_no_page_to_quote_keeps_its_place_and_is_not_judged() -> None:
    verdicts = Verdicts("blue")
    unjudged, judged = await names(None), await names(verdicts)
    assert judged.index("guide") == unjudged.index("guide")
    assert {one.chunk.source_type for one in verdicts.seen} == {"faq"}


@pytest.mark.parametrize("broken", [Verdicts(failure=ModelFailure("reranker", "down")), Verdicts(hangs=True)])
async def test_while_nobody_judges_in_time_the_order_of_the_search_stands(broken: Verdicts) -> None:
    assert await names(broken, timeout_factor=0.01) == await names(None)


async def test_what_was_not_judged_says_nothing_of_how_likely_it_answers() -> None:
    searching, vector = await retriever(Verdicts(failure=ModelFailure("reranker", "down")))
    [first, *_] = [one for one in await searching.search(QUESTION, vector, PLAN) if one.chunk.source_type == "faq"]
    assert first.answering is None
    assert first.answers == ()
    assert first.sentences, "likeness is there all the same"


async def test_the_head_that_ships_finds_the_sentence_that_tells_the_time() -> None:
    searching, vector = await retriever(TrainedReranker.load())
    found = next(
        one for one in await searching.search(QUESTION, vector, PLAN) if one.chunk.document_id == "ribbon"
    )  # fmt: skip
    assert np.argmax(found.answers) == 1
    assert all(0 <= chance <= 1 for chance in (*found.answers, found.answering or 0.0))


async def test_a_page_that_is_asked_for_by_name_is_judged_as_well() -> None:
    searching, vector = await retriever(Verdicts("silk"))
    [found] = [one for one in await searching.search("ribbon", None, PLAN) if one.chunk.document_id == "ribbon"]
    compared = await searching.compared(found, QUESTION, vector)
    assert compared.answering == 0.9
    assert compared.score == found.score


def passage(vector: Vector) -> Passage:
    [first, *_] = chunks_of(RIBBON, WordEncoder().spans)
    return Passage(first, 0.5, 0.5, 0.5, 0.0, vector, np.stack([vector, vector, vector]))


def test_pages_without_kept_sentences_stay_in_the_order_of_the_search() -> None:
    vector, *others = np.eye(4, dtype=np.float32)
    bare = replace(passage(vector), sentences=None)
    pages = [replace(bare, fused=0.5 - 0.001 * place, vector=other) for place, other in enumerate((*others, vector))]
    judged = asyncio.run(TrainedReranker.load().judge(QUESTION, vector, pages))
    assert sorted(judged, key=lambda one: -one.rank) == list(judged), "though the last is the very question"
    assert max(judged, key=lambda one: one.page) == judged[-1]


def test_a_sentence_that_looks_as_the_answer_should_shows_its_kind() -> None:
    vector = np.eye(4, dtype=np.float32)[0]
    features = features_of(QUESTION, vector, [passage(vector)])
    assert features.counts == (3,)
    shown = features.sentences[:, SENTENCE_FEATURES.index("kinds_shown")]
    assert shown.tolist() == [0.0, 1.0, 0.0]


def test_numbers_of_pages_beside_each_other_tell_who_is_behind() -> None:
    vector = np.eye(4, dtype=np.float32)[0]
    other = (vector + np.eye(4, dtype=np.float32)[1]) / np.sqrt(2, dtype=np.float32)
    features = features_of(QUESTION, vector, [passage(vector), passage(other)])
    behind = features.pages[:, PAGE_FEATURES.index("behind_cosine")]
    assert behind[0] == 0
    assert behind[1] == pytest.approx(2**-0.5 - 1, abs=1e-6)


def test_of_no_pages_nothing_is_judged() -> None:
    vector = np.eye(4, dtype=np.float32)[0]
    assert asyncio.run(TrainedReranker.load().judge(QUESTION, vector, ())) == ()
