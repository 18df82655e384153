"""M-2: what describes a book looks for it, where neither rules nor model have heard anything surely."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.dialogue import Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.turn.book_witness import by_book

ABOUT = "Yuki is a deaf university student whose world is small, careful and full of light."


class Shelf:
    """Finds one description, as near as it is told."""

    def __init__(self, score: float) -> None:
        self.score = score

    async def search(self, *_: object) -> tuple[ScoredChunk, ...]:
        chunk = Chunk(
            chunk_id="p#0",
            document_id="p",
            title="A Sign of Affection, Vol. 1",
            content=ABOUT,
            source_type="product",
            category="a-sign-of-affection",
            asin="B000000001",
            last_updated=datetime(2026, 11, 1, tzinfo=UTC),
            version=1,
        )
        return (ScoredChunk(chunk, self.score),)

    async def vector_of(self, _: str) -> object:
        return object()


def heard(text: str, act: Act = Act.ABOUT, confidence: float = 0.6, **more: Any) -> Meaning:
    guess = IntentGuess(Intent.PRODUCT_QUESTION, confidence, "model")
    return Meaning(text=text, own_question=text, guess=guess, acts=(HeardAct(act, confidence, "model"),), **more)


async def read(meaning: Meaning, score: float = 0.5) -> Meaning:
    shelf = cast(Any, Shelf(score))
    return await by_book(meaning, shelf, shelf)


async def test_a_description_without_a_title_looks_for_the_book_that_it_tells_of() -> None:
    meaning = await read(heard("about a deaf student"))
    assert meaning.act is Act.FIND
    assert meaning.seeks.words == ("deaf", "student")


@pytest.mark.parametrize(
    ("meaning", "score"),
    [
        (heard("about a deaf student", targets=(Target(series_id="nana", title="Nana"),)), 0.9),
        (heard("about a deaf student", Act.PRICE, 1.0), 0.9),
        (heard("who fixes my old car"), 0.9),
        (heard("about a deaf student"), 0.3),
    ],
    ids=["a title is named", "the act is sure", "the description says nothing of it", "nothing is near"],
)
async def test_what_is_clear_or_told_of_nowhere_stays_as_it_was_heard(meaning: Meaning, score: float) -> None:
    assert await read(meaning, score) is meaning
