"""K-2: whether any page answers at all: what the search looks like as a whole decides, and every page is judged by it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.answer_features import Passage, features_of
from mangaassist.knowledge.answerable import ANSWERABLE_FEATURES, AnswerableHead, Search, whole_of
from mangaassist.knowledge.index import IndexHit, StoredChunk
from mangaassist.knowledge.reranking import AnswerHead, TrainedReranker

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
NONE = frozenset[str]()
AXES = np.eye(4, dtype=np.float32)


def hit(name: str, content: str, cosine: float) -> IndexHit:
    chunk = Chunk(
        chunk_id=f"{name}#0", document_id=name, title=name, content=content, source_type="faq", category="",
        last_updated=NOW, version=1,
    )  # fmt: skip
    vector = cosine * AXES[0] + np.sqrt(1 - cosine**2) * AXES[1]
    return IndexHit(StoredChunk(chunk, vector.astype(np.float32)), cosine, 0.5)


RETURNS = hit("returns", "Send a book back within thirty days.", 0.8)
PARCELS = hit("parcels", "A parcel takes three days.", 0.5)
WRAP = hit("wrapping", "Ribbon and paper cost a little.", 0.3)


def search(text: str, *hits: IndexHit) -> Search:
    vector: Vector = AXES[0]
    passages = [
        Passage(
            one.stored.chunk,
            one.cosine,
            one.cosine,
            one.cosine,
            one.lexical,
            one.stored.vector,
            one.stored.vector[None, :],
        )
        for one in hits
    ]
    features = features_of(text, vector, passages)
    return Search(text, vector, passages, features, AnswerHead.load().scored(features).pages, hits)


def number(of: Search, name: str, plain: frozenset[str] = NONE) -> float:
    return float(whole_of(of, plain)[ANSWERABLE_FEATURES.index(name)])


def test_a_word_that_no_page_holds_is_unknown_and_one_that_some_page_holds_is_not() -> None:
    assert number(search("insured parcels", RETURNS, PARCELS), "unknown") == 0.5
    assert number(search("ribbon parcels", RETURNS, PARCELS, WRAP), "unknown") == 0.0


def test_a_word_that_shoppers_say_without_asking_for_it_counts_for_nothing() -> None:
    asked = search("dude parcels", RETURNS, PARCELS)
    assert number(asked, "unknown") == 0.5
    assert number(asked, "unknown", frozenset({"dude"})) == 0.0


def test_how_far_the_best_stands_before_the_others_is_seen() -> None:
    near, alone = search("send a book back", RETURNS, PARCELS, WRAP), search("send a book back", RETURNS)
    assert number(near, "found") == pytest.approx(0.8)
    assert number(near, "before_ten") == pytest.approx(0.8 - (0.5 + 0.3) / 2)
    assert number(alone, "before_second") > number(near, "before_second") > 0


def test_every_number_has_its_name() -> None:
    assert len(whole_of(search("send a book back", RETURNS), NONE)) == len(ANSWERABLE_FEATURES) - 1


def test_a_vector_of_another_encoder_is_not_held_against_the_direction_of_this_one() -> None:
    head = AnswerableHead.load()
    assert head.kind(np.ones(16, np.float32)) == 0.0
    assert head.kind(head.probe / np.linalg.norm(head.probe)) > head.kind(np.zeros_like(head.probe))


async def test_pages_keep_their_distances_and_the_best_is_as_likely_as_the_whole_says() -> None:
    asked = search("send a book back", RETURNS, PARCELS)
    answerable = AnswerableHead.load()
    alone = await TrainedReranker(AnswerHead.load()).judge(asked.text, asked.vector, asked.passages)
    whole = await TrainedReranker(AnswerHead.load(), answerable).judge(
        asked.text, asked.vector, asked.passages, asked.hits
    )

    def logits(judged: object) -> list[float]:
        return [float(np.log(one.page / (1 - one.page))) for one in judged]  # pyright: ignore

    assert logits(whole)[0] == pytest.approx(answerable.logit(asked), abs=1e-3)
    assert logits(whole)[0] - logits(whole)[1] == pytest.approx(logits(alone)[0] - logits(alone)[1], abs=1e-3)
    assert [one.rank for one in whole] == [one.rank for one in alone], "which page comes first is not decided here"


async def test_a_page_that_nobody_searched_for_is_judged_by_itself() -> None:
    asked = search("send a book back", RETURNS)
    both = TrainedReranker.load(), TrainedReranker(AnswerHead.load())
    one, other = [await reranker.judge(asked.text, asked.vector, asked.passages) for reranker in both]
    assert one == other
