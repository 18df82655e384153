"""T-4: of the books that were shown the one that a message describes is asked about, and none where that is not sure."""

from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
import pytest

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.dialogue import DialogueState, Shown
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.index import StoredChunk
from mangaassist.turn.described_books import as_named
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.page import PageContext
from tests.understanding.demo_lexicon import read

TOLD = {
    "monster": ("Monster", "A surgeon follows the boy he saved."),
    "berserk": ("Berserk", "A swordsman is hunted every night."),
    "slam-dunk": ("Slam Dunk", "A delinquent joins the basketball team."),
    "real": ("Real", "A team plays basketball in wheelchairs."),
}


class Shop:
    """The books of ``TOLD``, as ``near`` to whatever is asked as the test says; an ASIN is the series' id."""

    takes_vectors = True

    def __init__(self, near: dict[str, float] | None = None, *, is_away: bool = False) -> None:
        self.near, self.is_away = near or {}, is_away
        self.heard = read

    def title_of(self, series_id: str) -> str:
        return TOLD[series_id][0]

    async def products(self, asins: list[str]) -> dict[str, StoredChunk]:
        if self.is_away:
            raise ServiceFailure("knowledge", "unreachable")
        return {one: self._stored(one) for one in asins}

    def _stored(self, series_id: str) -> StoredChunk:
        title, content = TOLD[series_id]
        chunk = Chunk(
            chunk_id=f"{series_id}#0",
            document_id=series_id,
            title=f"{title}, Vol. 1",
            content=content,
            source_type="product",
            category=series_id,
            asin=series_id,
            last_updated=datetime(2026, 11, 1, tzinfo=UTC),
            version=1,
        )
        return StoredChunk(chunk, np.array([self.near.get(series_id, 0.0)], np.float32))

    async def encode(self, texts: list[str]) -> Any:
        return np.ones((len(texts), 1), np.float32)


def after_showing(*series: str, answer: str = "Here.") -> Session:
    cards = tuple(Shown(asin=one, series_id=one, title=TOLD[one][0], series_title=TOLD[one][0]) for one in series)
    state = DialogueState(shown=cards)
    turn = TurnRecord(response_id="r", message_id="m", message="x", answer=answer, intent="faq", dialogue=state)
    return Session(session_id="s", turns=(turn,))


async def named(text: str, session: Session, shop: Shop, page: PageContext | None = None) -> str:
    of_it = cast(Any, shop)
    return (await as_named(text, session, page or PageContext(), of_it, of_it, of_it)).text


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("the surgeon one, is that finished", '"Monster", is that finished'),
        ("how long is the one with the swordsman", 'how long is "Berserk"'),
        ("not the surgeon one, the swordsman one", 'not "Monster", "Berserk"'),
    ],
)
async def test_a_message_is_read_as_if_it_named_the_book_that_it_describes(text: str, meant: str) -> None:
    shop = Shop({"monster": 0.2, "berserk": 0.2})
    assert await named(text, after_showing("monster", "berserk"), shop) == meant


async def test_what_the_answer_said_of_a_book_describes_it_as_well() -> None:
    session = after_showing("monster", "berserk", answer="- **Berserk** has the best dragons.\n- **Monster** has none.")
    assert (
        await named("is the dragons one done", session, Shop({"monster": 0.2, "berserk": 0.2})) == 'is "Berserk" done'
    )


async def test_what_the_answer_denied_of_a_book_describes_it_not() -> None:
    session = after_showing(
        "monster", "berserk", answer="No, not dragons by our labels: **Berserk** is a seinen series."
    )
    assert (
        await named("is the dragons one done", session, Shop({"monster": 0.2, "berserk": 0.2}))
        == "is the dragons one done"
    )


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("the basketball one", {"slam-dunk": 0.4, "real": 0.35}),
        ("the dinosaur one", {"slam-dunk": 0.3, "real": 0.1}),
        ("the second one", {"slam-dunk": 0.9}),
        ("is slam dunk finished", {"real": 0.9}),
    ],
    ids=["two are told alike", "none is told so", "a place is no description", "a name is none"],
)
async def test_a_message_stands_as_it_was_written_where_no_book_is_surely_described(
    text: str, near: dict[str, float]
) -> None:
    assert await named(text, after_showing("slam-dunk", "real"), Shop(near)) == text


async def test_a_book_in_the_cart_may_be_described_before_anything_was_said() -> None:
    page = PageContext(cart_asins=("monster", "berserk"))
    text = await named("is the swordsman one gory", Session(session_id="s"), Shop({"berserk": 0.2}), page)
    assert text == 'is "Berserk" gory'


async def test_nothing_is_looked_up_where_nothing_was_shown() -> None:
    text = "the surgeon one"
    assert await named(text, Session(session_id="s"), Shop(is_away=True)) == text


async def test_a_message_stands_as_it_was_written_while_the_knowledge_is_away() -> None:
    text = "the surgeon one, is it done"
    assert await named(text, after_showing("monster", "berserk"), Shop(is_away=True)) == text
