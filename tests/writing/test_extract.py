"""Answers out of pages: sentences are chosen, never made."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.models.writers.offline.extract import best_passage


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("how much is the return label", "$4.99"),
        ("can i return an opened box set", "must be unopened"),
        ("which warehouse do returns reach", "Columbus"),
    ],
)
def test_a_policy_page_is_read_where_the_question_points(question: str, told: str, shelf: SimpleNamespace) -> None:
    page = next(page for page in shelf.pages() if page.document_id == "returns" and page.source_type == "policy")
    passage = best_passage([ScoredChunk(page, 0.6)], question, 40)
    assert passage is not None
    assert told in passage.text


def test_every_sentence_is_the_pages_own(shelf: SimpleNamespace) -> None:
    for page in shelf.pages():
        passage = best_passage([ScoredChunk(page, 0.6)], "how long does it take and what does it cost")
        assert passage is not None
        for line in passage.text.replace("\n- ", "\n").removeprefix("- ").splitlines():
            assert line.strip()[:40] in page.content


def test_a_later_page_wins_only_when_it_meets_clearly_more(shelf: SimpleNamespace) -> None:
    by_id = {page.document_id: ScoredChunk(page, 0.6) for page in shelf.pages() if page.source_type == "faq"}
    chunks = [by_id["gift-wrap"], by_id["payment-methods"]]
    chosen = best_passage(chunks, "which payment methods like paypal do you take")
    assert chosen is not None
    assert chosen.chunk.document_id == "payment-methods"
    near = best_passage(chunks, "do you do gift things")
    assert near is not None
    assert near.chunk.document_id == "gift-wrap"


def test_no_page_is_no_passage() -> None:
    assert best_passage([], "anything") is None


@given(content=st.text(max_size=400), question=st.text(max_size=80), most=st.integers(5, 80))
def test_no_page_breaks_it(content: str, question: str, most: int, shelf: SimpleNamespace) -> None:
    page: Chunk = replace(shelf.pages()[0], content=content)
    best_passage([ScoredChunk(page, 0.5)], question, most)
