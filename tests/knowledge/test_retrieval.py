"""K-2: what is found, what is not used, and what happens when a part of the search fails (M-10, M-11)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from mangaassist.domain.chunks import ScoredChunk, SourceType
from mangaassist.domain.encoding import Vector
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.candidates import as_found
from mangaassist.knowledge.documents import Document, upsert
from mangaassist.knowledge.floors import FLOORS
from mangaassist.knowledge.plan import RetrievalPlan
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.updates import Pipeline
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_index import MemoryIndex
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CONTENT = Path(__file__).parents[2] / "src" / "mangastore" / "content"
POLICY = RetrievalPlan(source_types=("faq", "policy"), k=3, ranker="precision", candidates=10)
DIVERSE = RetrievalPlan(source_types=("product", "editorial", "reviews"), k=3, ranker="mmr", candidates=50)


class Shop:
    """The real pages, the real encoder, the real index."""

    def __init__(self, encoder: OnnxEncoder, index: SqliteChunkIndex) -> None:
        self.encoder = encoder
        self.index = index
        self.retriever = Retriever(index)

    async def ask(self, text: str, plan: RetrievalPlan = POLICY) -> tuple[ScoredChunk, ...]:
        [vector] = await self.encoder.encode([text])
        return await self.retriever.search(text, vector, plan)


@pytest.fixture(scope="module")
def built(provisioned: ProvisionedEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questions and policies of the demo store and some products, indexed once."""
    folder = tmp_path_factory.mktemp("shop")

    async def fill() -> None:
        encoder = OnnxEncoder(provisioned, PATIENCE)
        index = await SqliteChunkIndex.open(folder, encoder.dimensions, encoder.digest, timeout_factor=PATIENCE)
        pipeline = Pipeline(index, encoder, MemoryDeadLetters())
        pages = [page async for page in FolderSource(CONTENT).read() if isinstance(page, Document)]
        answers = [page for page in pages if page.source_type in ("faq", "policy")]
        await pipeline.apply([upsert("shop", document, NOW) for document in (*answers, *products())])
        await index.close()
        await encoder.close()

    asyncio.run(fill())
    return folder


@pytest.fixture
async def shop(built: Path, provisioned: ProvisionedEncoder) -> AsyncIterator[Shop]:
    encoder = OnnxEncoder(provisioned, PATIENCE)
    index = await SqliteChunkIndex.open(built, encoder.dimensions, encoder.digest, timeout_factor=PATIENCE)
    yield Shop(encoder, index)
    await index.close()
    await encoder.close()


def products() -> list[Document]:
    series = {
        "One Piece": "A rubber-limbed boy sets out to become king of all pirates. Action, Adventure.",
        "Black Lagoon": "Mercenaries and pirates smuggle goods in the South China Sea. Action, Crime.",
        "Uzumaki": "A town is cursed by spirals. Horror by Junji Ito.",
        "Silver Spoon": "A city boy learns farming and food at an agricultural school.",
    }
    return [
        Document(
            document_id=f"{title}-{volume}", title=f"{title}, Vol. {volume}", body=f"Volume {volume}. {body}",
            source_type="product", asin=f"B0{number}{volume:07}", version=1, updated_at=NOW, family=title,
        )
        for number, (title, body) in enumerate(series.items()) for volume in range(1, 31)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("forgot my password", "faq-reset-password"),
        ("u charged me twice for same order!!", "faq-charged-twice"),
        ("my parcel says delivered but its not here", "faq-delivered-not-received"),
        ("do you wrap presents", "faq-gift-wrap"),
        ("can i pay in instalments", "faq-installments"),
        ("who pays postage when I return something", "faq-return-shipping-cost"),
        ("how do i delete all my data", "faq-delete-my-data"),
        ("will you match amazon price", "faq-price-match"),
    ],
)
async def test_a_shoppers_question_finds_the_page_that_answers_it(shop: Shop, question: str, answer: str) -> None:
    found = await shop.ask(question)
    assert answer in [scored.chunk.document_id for scored in found]
    assert len({scored.chunk.document_id for scored in found}) <= 3


@pytest.mark.parametrize(
    "question",
    [
        "what is the capital of France", "how do I cook pasta", "write me a python function that sorts a list",
        "what's the weather tomorrow", "how tall is mount everest", "tell me a joke", "is gold a good investment",
        "how do I fix a leaking tap",
    ],
)  # fmt: skip
async def test_a_question_that_no_page_answers_finds_nothing(shop: Shop, question: str) -> None:
    assert await shop.ask(question) == ()


async def test_scores_are_cosines_to_the_page_or_to_a_question_that_it_answers(shop: Shop) -> None:
    text = "how long do i have to send a book back"
    [vector] = await shop.encoder.encode([text])
    found = await shop.ask(text)
    answered = {scored.chunk.document_id for scored in found if scored.chunk.is_answer}
    for scored in found:
        [stored] = await shop.index.fetch([scored.chunk.chunk_id])
        assert stored.chunk == scored.chunk
        assert scored.score >= as_found(stored, float(stored.vector @ vector)) - 1e-3
        stands_beside_its_answer = not scored.chunk.is_answer and scored.chunk.document_id in answered
        assert stands_beside_its_answer or scored.score >= FLOORS[scored.chunk.source_type]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("can i use bitcoin or dogecoin to pay", "faq-payment-methods"),
        ("any funko stuff", "faq-merchandise"),
        ("do u post to new zealand", "international-shipping"),
        ("second hand copies anywhere?", "faq-new-or-used"),
        ("does someone have to be home to sign", "signature"),
    ],
)
async def test_a_page_is_found_by_the_words_that_shoppers_have_for_it(shop: Shop, question: str, answer: str) -> None:
    found = await shop.ask(question)
    assert any(answer in scored.chunk.document_id for scored in found)


async def test_a_page_that_a_wording_found_is_given_once_as_itself(shop: Shop) -> None:
    for text in ("do you take bitcoin", "apple pay?", "can i pay with crypto"):
        found = [scored.chunk for scored in await shop.ask(text)]
        page = next(chunk for chunk in found if chunk.document_id == "faq-payment-methods")
        assert (page.chunk_id, page.title) == ("faq-payment-methods#0", "Which payment methods do you accept?")
        assert page.content.startswith("We accept Visa")
        assert len({chunk.chunk_id for chunk in found}) == len(found)
        assert len([chunk for chunk in found if not chunk.is_answer]) == len({chunk.document_id for chunk in found})


async def test_without_a_vector_a_wording_finds_its_page_too(shop: Shop) -> None:
    found = await shop.retriever.search("installments", None, POLICY)
    assert "faq-installments#0" in [scored.chunk.chunk_id for scored in found]


async def test_a_plan_may_set_its_own_floor(shop: Shop) -> None:
    strict = RetrievalPlan(source_types=("faq",), k=3, ranker="precision", floor=0.99)
    assert await shop.ask("forgot my password", strict) == ()


async def test_a_diverse_list_has_one_volume_of_a_series(shop: Shop) -> None:
    found = await shop.ask("manga about pirates", DIVERSE)
    series = [scored.chunk.title.partition(",")[0] for scored in found if scored.chunk.source_type == "product"]
    assert {"One Piece", "Black Lagoon"} <= set(series)
    assert len(series) == len(set(series))


async def test_a_volume_is_found_by_its_number(shop: Shop) -> None:
    plan = RetrievalPlan(source_types=("product",), k=3, ranker="precision")
    found = await shop.ask("silver spoon vol 17", plan)
    assert found[0].chunk.title == "Silver Spoon, Vol. 17"


async def test_only_the_source_types_of_the_plan_are_searched(shop: Shop) -> None:
    found = await shop.ask("one piece pirates", RetrievalPlan(source_types=("faq",), k=5, ranker="mmr", floor=0))
    assert {scored.chunk.source_type for scored in found} == {"faq"}


async def test_without_a_vector_words_alone_find_the_page(shop: Shop) -> None:
    found = await shop.retriever.search("forgot my password", None, POLICY)
    assert found[0].chunk.document_id == "faq-reset-password"
    assert all(0.5 <= scored.score <= 1 for scored in found)


async def test_without_a_vector_a_page_that_shares_one_word_of_many_is_not_used(shop: Shop) -> None:
    assert await shop.retriever.search("book me a flight to tokyo with window seat", None, POLICY) == ()


async def test_a_question_of_mere_grammar_is_searched_by_meaning_alone(shop: Shop) -> None:
    [vector] = await shop.encoder.encode(["I forgot my password."])
    assert (await shop.retriever.search("what is it", vector, POLICY))[0].chunk.document_id == "faq-reset-password"


@pytest.mark.parametrize("vector", [None, np.eye(8, dtype=np.float32)[0]])
async def test_an_index_that_fails_is_a_failure_of_the_service(vector: Vector | None) -> None:
    broken = Retriever(MemoryIndex(ServiceFailure("knowledge", "timeout")))
    with pytest.raises(ServiceFailure) as caught:
        await broken.search("forgot my password", vector, POLICY)
    assert (caught.value.service, caught.value.kind) == ("knowledge", "timeout")


async def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = await SqliteChunkIndex.open(tmp_path, 8, "m", timeout_factor=PATIENCE)
    vector = np.eye(8, dtype=np.float32)[0]
    assert await Retriever(index).search("anything", vector, POLICY) == ()
    assert await Retriever(index).search("anything", None, DIVERSE) == ()
    await index.close()


def test_every_source_type_has_a_floor() -> None:
    assert set(FLOORS) == set(get_args(SourceType))
