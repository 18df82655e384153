"""Wordings of questions that a page answers: each is found by itself, and the page is what is given."""

from datetime import UTC, datetime

import msgspec
import pytest

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.knowledge.chunking import answering_chunk_id, chunks_of, embedded_text, page_chunk_id
from mangaassist.knowledge.documents import Answer, Document, upsert
from mangaassist.knowledge.floors import ANSWER_ASKED_FLOOR, ASKED_FLOOR, FLOORS
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.selection import MOST_OF_A_PAGE
from mangaassist.knowledge.updates import Pipeline
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
FAQ = RetrievalPlan(source_types=("faq",), k=3, ranker="precision")


def page(name: str, body: str, *questions: str, version: int = 1) -> Document:
    return Document(
        document_id=name, title=f"About {name}", body=body, source_type="faq", version=version, updated_at=NOW,
        questions=questions,
    )  # fmt: skip


PAYMENT = page("payment", "We accept Visa and Mastercard.", "bitcoin crypto coins", "apple pay", "klarna instalments")
WRAP = page("wrap", "Paper with a ribbon costs a little more.", "gift wrapped present")


async def filled(*pages: Document) -> tuple[Retriever, WordEncoder, MemoryIndex]:
    index, encoder = MemoryIndex(), WordEncoder()
    await Pipeline(index, encoder, MemoryDeadLetters()).apply([upsert("shop", one, NOW) for one in pages])
    return Retriever(index), encoder, index


def test_a_wording_and_a_sentence_are_chunks_of_their_own_whose_embedding_is_their_words_alone() -> None:
    own, *parts = chunks_of(PAYMENT, WordEncoder().spans)
    assert own.chunk_id == "payment#0"
    assert [embedded_text(chunk, WordEncoder().spans) for chunk in parts] == [*PAYMENT.questions, PAYMENT.body]
    assert {answering_chunk_id(chunk.chunk_id) for chunk in parts} == {"payment#0"}
    assert len({chunk.chunk_id for chunk in parts}) == 4


GIFTS = msgspec.structs.replace(
    page("gifts", "Gift cards never expire."),
    answers=(
        Answer(says="No, never.", asks=("card run out", "lose value")),
        Answer(says="At most $250.", asks=("highest amount",)),
    ),
)


def test_an_answer_is_a_chunk_that_its_wordings_and_sentences_stand_for() -> None:
    page_chunk, first, second, *parts = chunks_of(GIFTS, WordEncoder().spans)
    assert [one.chunk_id for one in (page_chunk, first, second)] == ["gifts#0", "gifts#0=0", "gifts#0=1"]
    assert [first.title, first.content] == ["About gifts", "No, never."]
    assert [one.is_answer for one in (page_chunk, first, second)] == [False, True, True]
    assert {answering_chunk_id(one.chunk_id) for one in parts} == {"gifts#0=0", "gifts#0=1"}
    assert [one.title for one in parts if answering_chunk_id(one.chunk_id) == "gifts#0=1"] == [
        "About gifts highest amount",
        "At most $250.",
    ]
    assert page_chunk_id(first.chunk_id) == page_chunk.chunk_id


async def test_what_an_answer_is_asked_by_finds_the_answer_and_its_page_is_at_hand() -> None:
    retriever, encoder, _ = await filled(GIFTS, WRAP)
    [vector] = await encoder.encode(["highest amount"])
    best, *_ = await retriever.search("highest amount", vector, FAQ)
    assert best.chunk.content == "At most $250."
    whole = await retriever.whole(best)
    assert whole is not None
    assert whole.chunk.content == "Gift cards never expire."


async def test_beside_an_answer_stands_its_page_and_both_count_as_one_of_the_k_pages() -> None:
    retriever, encoder, _ = await filled(GIFTS, WRAP)
    [vector] = await encoder.encode(["About gifts highest amount"])
    one_page = msgspec.structs.replace(FAQ, k=1)
    found = [one.chunk for one in await retriever.search("About gifts highest amount", vector, one_page)]
    assert {chunk.document_id for chunk in found} == {"gifts"}
    assert {chunk.is_answer for chunk in found} == {True, False}


async def test_of_one_page_only_a_few_answers_are_used() -> None:
    asks = [Answer(says=f"Sum {number}.", asks=(f"highest amount {number}",)) for number in range(6)]
    retriever, encoder, _ = await filled(msgspec.structs.replace(GIFTS, answers=tuple(asks)))
    [vector] = await encoder.encode(["About gifts highest amount"])
    found = [one.chunk for one in await retriever.search("About gifts highest amount", vector, FAQ)]
    assert sum(chunk.is_answer for chunk in found) == MOST_OF_A_PAGE


async def test_an_answer_of_a_page_is_as_near_as_its_nearest_wording_though_less_than_a_page_would_be() -> None:
    retriever, encoder, index = await filled(GIFTS)
    text = "About gifts lose value"
    [vector] = await encoder.encode([text])
    [stored] = await index.fetch(["gifts#0"])
    answers = await retriever.answers_of(ScoredChunk(stored.chunk, 1.0))
    assert [one.chunk.content for one in answers] == ["No, never.", "At most $250."]
    never, most = [await retriever.compared(one, text, vector) for one in answers]
    assert never.score == pytest.approx(1 - (ANSWER_ASKED_FLOOR - FLOORS["faq"]), abs=1e-3)
    assert most.score < never.score


@pytest.mark.parametrize("chunk_id", ["payment#0", "payment#12", "pay#0=1", "what?1#0", "a#0?x#3", ""])
def test_any_other_chunk_answers_for_itself(chunk_id: str) -> None:
    assert answering_chunk_id(chunk_id) == chunk_id


async def test_the_page_is_given_once_whichever_of_its_wordings_is_asked() -> None:
    retriever, encoder, _ = await filled(PAYMENT, WRAP)
    for question in PAYMENT.questions:
        [vector] = await encoder.encode([question])
        found = await retriever.search(question, vector, FAQ)
        assert [one.chunk.chunk_id for one in found] == ["payment#0"]
        assert found[0].chunk.content == PAYMENT.body


async def test_what_is_only_a_little_like_a_wording_finds_nothing() -> None:
    retriever, encoder, _ = await filled(PAYMENT, WRAP)
    question = "apple harvest in autumn rain"
    [vector] = await encoder.encode([question])
    [wording] = await encoder.encode(["apple pay"])
    assert 0.25 < float(vector @ wording) < ASKED_FLOOR
    assert await retriever.search(question, vector, FAQ) == ()


async def test_an_edit_replaces_the_wordings_with_the_page() -> None:
    retriever, encoder, index = await filled(PAYMENT, WRAP)
    edited = page("payment", "We accept cards.", "apple pay", version=2)
    await Pipeline(index, encoder, MemoryDeadLetters()).apply([upsert("shop", edited, NOW)])
    [vector] = await encoder.encode(["bitcoin crypto coins"])
    assert await retriever.search("bitcoin crypto coins", vector, FAQ) == ()
    assert (await index.stats()).chunks["faq"] == 6


async def test_a_page_that_says_what_is_asked_is_used_though_its_meaning_is_not_quite_alike() -> None:
    body = (
        "Ribbons, string and tape cost nothing. Velvet bows, on the other hand, are for the most costly orders alone."
    )
    retriever, encoder, _ = await filled(page("wrap", body), PAYMENT)
    for question, found in (("velvet ribbons", ("wrap#0",)), ("velvet curtains", ()), ("velvet", ())):
        [vector] = await encoder.encode([question])
        answer = await retriever.search(question, vector, FAQ)
        assert tuple(one.chunk.chunk_id for one in answer) == found, question
        assert all(one.score < 0.38 for one in answer)


def test_a_question_without_words_or_too_many_of_them_are_refused() -> None:
    for wrong in (("",), ("x" * 201,), ("x",) * 51):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**msgspec.to_builtins(PAYMENT), "questions": wrong}, Document)


async def test_each_sentence_of_a_page_is_compared_with_what_is_asked() -> None:
    body = "We accept Visa. Checks are refused. Gift cards never expire."
    retriever, encoder, _ = await filled(page("payment", body, "bitcoin crypto coins"), WRAP)
    question = "gift cards never expire"
    [vector] = await encoder.encode([question])
    found = (await retriever.search(question, vector, FAQ))[0]
    assert max(range(3), key=lambda place: found.sentences[place]) == 2


async def test_a_page_is_not_found_by_a_sentence_that_is_only_a_little_like_the_question() -> None:
    body = "Alpha beta gamma. Orders leave in rigid mailers."
    retriever, encoder, _ = await filled(page("packing", body, "bubble foil"))
    question = "rigid rules and orders"
    [vector] = await encoder.encode([question])
    assert await retriever.search(question, vector, FAQ) == ()
