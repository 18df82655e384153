"""K-2, T-4: which answers a message may ask for in its conversation, and what speaks for each."""

import asyncio
from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge import retrieval
from mangaassist.knowledge.asked_answers import MOST, NUMBERS, InQuestion, Talk, behind, numbers_of
from mangaassist.knowledge.index import IndexHit, IndexQuery, StoredChunk
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.testing.store_data import NOW

TITLE: Final = "How do I use a gift card?"
SIZE: Final = 64


def unit(*places: int) -> Vector:
    vector = np.zeros(SIZE, np.float32)
    vector[list(places)] = 1
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def stored(chunk_id: str, vector: Vector, content: str = "", title: str = TITLE) -> StoredChunk:
    return StoredChunk(
        Chunk(
            chunk_id=chunk_id, document_id=chunk_id.partition("#")[0], title=title, content=content, source_type="faq",
            category="gift", last_updated=NOW, version=1,
        ),
        vector,
    )  # fmt: skip


def answer(number: int, vector: Vector, content: str, *wordings: tuple[str, Vector]) -> InQuestion:
    name = f"gift#0={number}"
    asks = tuple(stored(f"{name}?{place}", one, "", text) for place, (text, one) in enumerate(wordings))
    return InQuestion.of(stored(name, vector, content), asks)


def numbers(talk: Talk, *found: InQuestion) -> tuple[list[InQuestion], np.ndarray]:
    return numbers_of(talk, found, {"gift#0=2": 0.7})


def of(found: list[InQuestion], numbers: np.ndarray, number: str) -> dict[str, float]:
    return dict(
        zip([one.stored.chunk.chunk_id for one in found], numbers[:, NUMBERS.index(number)].tolist(), strict=True)
    )


LEFT: Final = answer(2, unit(5), "What is left stays on the code.", ("what if my order is less", unit(1, 2)))
EXPIRES: Final = answer(4, unit(6), "Gift cards never expire.", ("does it run out", unit(3)))
OTHER: Final = InQuestion.of(stored("packing#0", unit(7), "Books travel in mailers.", "How are books packed?"))


def test_a_message_is_as_near_to_an_answer_as_to_whatever_stands_for_it() -> None:
    found, rows = numbers(Talk(text="less than the card", own=unit(1)), OTHER, EXPIRES, LEFT)
    assert found[0] is LEFT
    own = of(found, rows, "own")
    assert own["gift#0=2"] > own["gift#0=4"]
    assert of(found, rows, "says_own")["gift#0=2"] == 0


def test_the_question_before_it_counts_beside_the_message_and_less() -> None:
    alone, _ = numbers(Talk(text="and then", own=unit(9)), OTHER, EXPIRES)
    talk = Talk(text="and then", own=unit(9), before="does it run out", joined=unit(3))
    joined, rows = numbers(talk, OTHER, EXPIRES)
    assert (alone[0], joined[0]) == (OTHER, EXPIRES)
    assert of(joined, rows, "before_said")["gift#0=4"] == 0
    talk = Talk(text="", own=unit(1), joined=unit(2))
    assert talk.both @ unit(1) > talk.both @ unit(2) > 0


def test_words_of_what_it_says_of_its_title_and_of_its_wordings_are_told_apart() -> None:
    found, rows = numbers(Talk(text="what if my order is less", own=unit(1)), LEFT, EXPIRES)
    assert of(found, rows, "worded")["gift#0=2"] == 1
    assert of(found, rows, "worded")["gift#0=4"] == 0
    found, rows = numbers(Talk(text="gift card left on the code", own=unit(1)), LEFT, EXPIRES)
    said, titled = of(found, rows, "said"), of(found, rows, "titled")
    assert said["gift#0=2"] > said["gift#0=4"]
    assert titled["gift#0=2"] == titled["gift#0=4"] > 0


def test_what_was_told_a_moment_ago_shows() -> None:
    talk = Talk(text="and then", own=unit(1), told="Gift cards never expire. (More on our page.)", page=TITLE)
    found, rows = numbers(talk, LEFT, EXPIRES, OTHER)
    assert of(found, rows, "told_before")["gift#0=4"] == 1 > of(found, rows, "told_before")["gift#0=2"]
    assert of(found, rows, "told_page") == {"gift#0=2": 1, "gift#0=4": 1, "packing#0": 0}


def test_nothing_found_is_nothing_and_of_much_the_nearest_is_left() -> None:
    none, rows = numbers(Talk(text="x", own=unit(1)))
    assert (none, rows.shape) == ([], (0, len(NUMBERS)))
    many = [answer(number, unit(1, 2 + number % 40), "x") for number in range(2 * MOST)]
    found, rows = numbers(Talk(text="x", own=unit(1)), *many)
    assert (len(found), rows.shape) == (MOST, (MOST, len(NUMBERS)))
    assert rows[0, NUMBERS.index("behind_both")] == 0


def test_behind_keeps_to_its_length() -> None:
    assert behind("does it run out", "and then") == "does it run out and then"
    assert len(behind("x" * 500, "and then")) == 400


def test_what_the_words_count_by_which_it_was_found_stands_beside_it() -> None:
    lexical = of(*numbers(Talk(text="and then", own=unit(1)), LEFT, EXPIRES), "lexical")
    assert (lexical["gift#0=2"], lexical["gift#0=4"]) == (pytest.approx(0.7), 0)


class Changing:
    """An index of so many pages, which is written between any two looks at it."""

    def __init__(self, count: int) -> None:
        self.pages = {f"page-{number}#0": stored(f"page-{number}#0", unit(number), "says") for number in range(count)}
        self.version = 0

    @property
    def knowledge_version(self) -> int:
        self.version += 1
        return self.version

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        await asyncio.sleep(0)
        return [IndexHit(page, 0.5, 0.0) for page in self.pages.values()]

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        await asyncio.sleep(0)
        return [self.pages[chunk_id] for chunk_id in chunk_ids if chunk_id in self.pages]


async def test_knowledge_that_changes_under_several_searches_is_answered_from_all_the_same() -> None:
    retriever = Retriever(Changing(5))

    async def asked_later(rounds: int) -> int:
        for _ in range(rounds):
            await asyncio.sleep(0)
        chunks, _ = await retriever.asked_in(Talk(text="x", own=unit(1)))
        return len(chunks)

    assert await asyncio.gather(*map(asked_later, range(8))) == [5] * 8


class Halves(Changing):
    """As it is, and each question finds half of it."""

    knowledge_version = 1

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        hits = await super().search(query)
        return hits[:5] if query.text == "first" else hits[5:]


async def test_no_more_answers_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "MOST_IN_QUESTION", 7)
    retriever = Retriever(Halves(10))
    for text in ("first", "second"):
        chunks, _ = await retriever.asked_in(Talk(text=text, own=unit(1)))
        assert len(chunks) == 5
    assert len(retriever._in_question) == 5
