"""M-2, T-10: a book that is recalled by its plot is looked for among what all books tell of themselves, with how sure that is."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.dialogue import Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import ServiceFailure
from mangaassist.turn.book_recalled import by_recall

PLOT = "a deaf girl and the boy who used to bully her"
DEAF, WELL = "He bullied a deaf classmate; years later the boy learns to sign.", "She falls down a well."


class Shelf:
    """Finds descriptions of series, each as near as it is told."""

    def __init__(self, *found: tuple[str, str, float]) -> None:
        self.found = found

    async def search(self, *_: object) -> tuple[ScoredChunk, ...]:
        return tuple(
            ScoredChunk(described(series, text, place), near) for place, (series, text, near) in enumerate(self.found)
        )

    async def vector_of(self, _: str) -> object:
        return object()


class Away(Shelf):
    async def search(self, *_: object) -> tuple[ScoredChunk, ...]:
        raise ServiceFailure("knowledge", "away")


def described(series: str, text: str, place: int) -> Chunk:
    return Chunk(
        chunk_id=f"{place}#0", document_id=f"{place}", title=series, content=text, source_type="product", category=series,
        asin=f"B00000000{place}", last_updated=datetime(2026, 11, 1, tzinfo=UTC), version=1,
    )  # fmt: skip


def heard(recalls: str = PLOT, **more: Any) -> Meaning:
    guess = IntentGuess(Intent.PRODUCT_QUESTION, 0.6, "model")
    return Meaning(
        text=recalls,
        own_question=recalls,
        recalls=recalls,
        guess=guess,
        acts=(HeardAct(Act.ABOUT, 0.6, "model"),),
        **more,
    )


async def read(meaning: Meaning, shelf: Shelf) -> Meaning:
    return await by_recall(meaning, cast(Any, shelf), cast(Any, shelf))


async def test_the_nearest_series_is_first_and_a_series_counts_once() -> None:
    shelf = Shelf(("well", WELL, 0.5), ("voice", DEAF, 0.5), ("voice", WELL, 0.1))
    meaning = await read(heard(targets=(Target(series_id="misread"),), avoid=("voice",)), shelf)
    assert meaning.act is Act.FIND
    assert meaning.seeks.recalled is not None
    assert meaning.seeks.recalled.series == ("voice", "well")
    assert not meaning.targets
    assert not meaning.avoid


@pytest.mark.parametrize(
    ("near", "next_one", "surety"), [(0.8, 0.3, "surely"), (0.35, 0.6, "likely"), (0.1, 0.35, "hardly")]
)
async def test_it_is_as_sure_as_it_is_near_and_stands_before_the_next(
    near: float, next_one: float, surety: str
) -> None:
    meaning = await read(heard(), Shelf(("voice", DEAF, near), ("well", WELL, next_one)))
    assert meaning.seeks.recalled is not None
    assert meaning.seeks.recalled.surety == surety


@pytest.mark.parametrize(
    ("meaning", "shelf"),
    [
        (heard(""), Shelf(("voice", DEAF, 0.8))),
        (heard(orders=("1-2",)), Shelf(("voice", DEAF, 0.8))),
        (heard(care="danger"), Shelf(("voice", DEAF, 0.8))),
        (heard(), Shelf()),
        (heard(), Away()),
    ],
    ids=[
        "nothing is recalled",
        "an order is named",
        "somebody is in danger",
        "nothing is found",
        "the knowledge is away",
    ],
)
async def test_anything_else_stays_as_it_was_heard(meaning: Meaning, shelf: Shelf) -> None:
    assert await read(meaning, shelf) is meaning
