"""K-2, O-4: ``mangaassist search`` says why each passage came, and looks where it is told to."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from mangaassist import search_command
from mangaassist.errors import BadInput
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.explanation import Weighed
from mangaassist.knowledge.index import ANY_CHUNK, ChunkFilter
from mangaassist.knowledge.reranking import TrainedReranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.updates import Pipeline
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.word_encoder import WordEncoder

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATIENCE = 1000.0


def page(document_id: str, title: str, body: str, **fields: object) -> Document:
    given = {
        "document_id": document_id,
        "title": title,
        "body": body,
        "source_type": "faq",
        "version": 1,
        "updated_at": NOW,
    }
    return Document(**(given | fields))


PAGES = (
    page("returns", "How do I return a book?", "You have thirty days. Send the book back unread.", questions=("send back a book",)),
    page("parcels", "Where is my parcel?", "A parcel takes three days.", questions=("parcel late",)),
    page("volume", "Monster, Vol. 1", "A surgeon hunts a killer.", source_type="product", asin="B0MONSTER1", category="monster"),
    page("other", "Pluto, Vol. 1", "A robot hunts a killer.", source_type="product", asin="B0PLUTO001", category="pluto"),
)  # fmt: skip


async def found(
    text: str, *sources: str, k: int = 2, only: ChunkFilter = ANY_CHUNK, by_words: bool = False
) -> tuple[Weighed, ...]:
    index, encoder = MemoryIndex(), WordEncoder()
    await Pipeline(index, encoder, MemoryDeadLetters()).apply([upsert("shop", one, NOW) for one in PAGES])
    vector = None if by_words else (await encoder.encode([text]))[0]
    retriever = Retriever(index, reranker=TrainedReranker.load(), timeout_factor=PATIENCE)
    return await retriever.explained(text, vector, search_command.planned(sources, k, only))


async def test_a_passage_says_by_what_it_came_and_which_sentence_answers() -> None:
    best, *_ = await found("send back a book", "faq")
    assert (best.chunk.document_id, best.place, best.fate) == ("returns", 1, "used")
    assert best.dense >= best.floor
    assert best.lexical > 0
    assert best.fused > best.dense
    assert best.reranked is not None
    assert best.answering is not None
    assert best.sentence in ("You have thirty days.", "Send the book back unread.")


async def test_what_is_not_used_is_told_with_its_reason() -> None:
    fates = {one.chunk.document_id: (one.place, one.fate) for one in await found("how do i return a book", k=1)}
    assert fates["returns"] == (1, "used")
    assert fates["volume"] == (None, "under the floor")


async def test_what_is_used_is_what_a_search_gives() -> None:
    index, encoder = MemoryIndex(), WordEncoder()
    await Pipeline(index, encoder, MemoryDeadLetters()).apply([upsert("shop", one, NOW) for one in PAGES])
    retriever = Retriever(index, reranker=TrainedReranker.load(), timeout_factor=PATIENCE)
    plan = search_command.planned((), 3)
    for text in ("send back a book", "a killer parcel", "nothing of it"):
        [vector] = await encoder.encode([text])
        for way in (vector, None):
            given = [one.chunk.chunk_id for one in await retriever.search(text, way, plan)]
            explained = await retriever.explained(text, way, plan)
            assert given == [one.chunk.chunk_id for one in explained if one.place]


async def test_a_search_looks_only_where_it_is_told_to() -> None:
    assert {one.chunk.source_type for one in await found("a killer returns", "product")} == {"product"}
    for only in (ChunkFilter(asin="B0PLUTO001"), ChunkFilter(series_id="pluto")):
        assert [one.chunk.document_id for one in await found("hunts a killer", only=only)] == ["other"]


async def test_how_likely_a_page_of_help_answers_is_told_of_the_likeliest() -> None:
    passages = await found("send back a book", "faq")
    told = search_command.told(search_command.Asked("send back a book", search_command.planned(("faq",), 2)), passages)
    assert told["answering"] == max(one.answering or 0.0 for one in passages)
    assert search_command.likeliest(await found("hunts a killer", "product")) is None


async def test_without_the_encoder_words_alone_are_weighed() -> None:
    best, *others = await found("hunts a killer", k=1, by_words=True)
    assert (best.place, best.fate, best.dense, best.reranked) == (1, "used", 0.0, None)
    assert [one.fate for one in others] == ["behind"]


def test_a_source_that_there_is_not_is_named() -> None:
    with pytest.raises(BadInput, match="'blog'"):
        search_command.planned(("blog",), 3)


async def test_the_table_tells_scores_fates_and_the_sentence() -> None:
    out = Console(file=StringIO(), width=80)
    out.print(search_command.shown(await found("how do i return a book", "faq", "product")))
    shown = out.file.getvalue()
    assert "You have thirty days." in shown or "Send the book back unread." in shown
    for word in (*search_command.COLUMNS, "used", "under the floor"):
        assert word in shown


async def test_what_is_told_as_json_names_what_it_was_narrowed_by() -> None:
    plan = search_command.planned(("product",), 2, ChunkFilter(asin="B0PLUTO001"))
    asked = search_command.Asked("killer", plan)
    told = search_command.told(asked, await found("killer", "product", only=plan.only))
    assert told["only"] == {"asin": "B0PLUTO001"}
    assert told["sources"] == ("product",)
    assert told["passages"][0]["chunk"]["asin"] == "B0PLUTO001"
