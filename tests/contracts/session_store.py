"""What every session store does (W-2, T-4, T-13); each adapter inherits the suite."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from mangaassist.conversation.sessions import SessionStore
from mangaassist.domain.dialogue import DialogueState
from mangaassist.errors import Conflict
from mangaassist.testing.clock import START, FakeClock
from mangaassist.turn.memory import HEADROOM, REMEMBERED_TURNS, Session, TurnRecord
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import problem

SESSION = "s_contract"
CARD = ProductCard(
    asin="B0ABCDEFGH", title="One Piece, Vol. 1", author="Eiichiro Oda", format="Paperback",
    price="$9.99", currency="USD", image_url="http://x/1.svg", url="http://x/1", rating=4.5,
)  # fmt: skip
METADATA = AnswerMetadata(
    intent="faq", confidence=0.9123, stage="model", tier="small", model="offline", latency_ms=12.345, ttft_ms=None,
    timings={"write": 1.25}, services=("catalog",), cost_usd=0.000125,
)  # fmt: skip


def turn(number: int, **fields: Any) -> TurnRecord:
    given = {
        "response_id": f"r{number}", "message_id": f"m{number}", "digest": f"d{number}", "message": f"question {number}",
        "answer": f"answer {number}", "intent": "faq", "metadata": METADATA, "last_seq": number * 10, "at": START,
    }  # fmt: skip
    return TurnRecord(**(given | fields))


async def begun(store: SessionStore, customer_id: str | None = None, session_id: str = SESSION) -> Session:
    await store.begin(session_id, customer_id, HEADROOM)
    session = await store.load(session_id)
    assert session is not None
    return session


class SessionStoreContract:
    clock: FakeClock

    @pytest.fixture
    async def store(self) -> AsyncIterator[SessionStore]:
        raise NotImplementedError
        yield

    async def test_an_unknown_session_is_none(self, store: SessionStore) -> None:
        assert await store.load(SESSION) is None
        assert await store.turn(SESSION, "m1") is None
        assert await store.turns(SESSION, 100) == ()
        assert await store.session_of("r1") is None

    async def test_a_session_that_began_is_there_without_turns(self, store: SessionStore) -> None:
        assert await begun(store, "aiko") == Session(session_id=SESSION, customer_id="aiko", ceiling=HEADROOM)

    async def test_to_begin_again_changes_nothing(self, store: SessionStore) -> None:
        session = await store.commit(await begun(store, "aiko"), turn(1))
        await store.begin(SESSION, None, 1)
        assert await store.load(SESSION) == session

    async def test_a_saved_turn_comes_back_whole(self, store: SessionStore) -> None:
        record = turn(
            1, products=(CARD,), actions=(Button(label="View", type="view_product", asin=CARD.asin),),
            suggestions=("進撃の巨人?",), stopped=True, attempt=2, problem=problem(500, "given_up", "No."),
        )  # fmt: skip
        saved = await store.commit(await begun(store), record)
        assert saved.turns == (record,)
        assert (saved.version, saved.last_seq, saved.ceiling) == (1, 10, 10 + HEADROOM)
        assert await store.load(SESSION) == saved
        assert await store.turn(SESSION, "m1") == record

    async def test_the_last_ten_turns_are_loaded_oldest_first_and_older_ones_are_found_by_their_message(
        self, store: SessionStore
    ) -> None:
        session = await begun(store)
        for number in range(1, 14):
            session = await store.commit(session, turn(number))
        loaded = await store.load(SESSION)
        assert loaded == session
        assert [kept.response_id for kept in loaded.turns] == [f"r{number}" for number in range(4, 14)]
        assert not loaded.has_all_turns
        assert len(loaded.turns) == REMEMBERED_TURNS
        assert await store.turn(SESSION, "m1") == turn(1)

    async def test_what_the_conversation_is_about_comes_back_with_its_newest_turn(self, store: SessionStore) -> None:
        session = await begun(store)
        for number in range(1, 14):
            session = await store.commit(session, turn(number, dialogue=DialogueState(question=f"q{number}")))
        loaded = await store.load(SESSION)
        assert loaded == session
        assert loaded.dialogue.question == "q13"
        assert [kept.dialogue is None for kept in loaded.turns] == [True] * 9 + [False]

    async def test_a_turn_without_an_answer_leaves_what_the_conversation_is_about(self, store: SessionStore) -> None:
        session = await store.commit(await begun(store), turn(1, dialogue=DialogueState(question="q1")))
        await store.commit(session, turn(2, problem=problem(500, "given_up", "No.")))
        loaded = await store.load(SESSION)
        assert loaded is not None
        assert loaded.dialogue.question == "q1"

    async def test_what_is_no_longer_remembered_leaves_a_summary_that_is_kept(self, store: SessionStore) -> None:
        session = await begun(store)
        asked = msgspec.structs.replace(METADATA, acts=("price",))
        for number in range(1, 13):
            session = await store.commit(session, turn(number, metadata=asked))
        loaded = await store.load(SESSION)
        assert loaded == session
        assert loaded.dialogue.summary == "wanted to know what a book costs"

    async def test_a_version_is_saved_once_whoever_comes_second_reloads(self, store: SessionStore) -> None:
        session = await begun(store)
        first = await store.commit(session, turn(1))
        with pytest.raises(Conflict):
            await store.commit(session, turn(2))
        assert await store.load(SESSION) == first
        assert await store.turn(SESSION, "m2") is None
        second = await store.commit(first, turn(2))
        assert [kept.response_id for kept in second.turns] == ["r1", "r2"]

    async def test_of_many_who_save_the_same_version_at_once_one_wins(self, store: SessionStore) -> None:
        session = await begun(store)
        saves = (store.commit(session, turn(number)) for number in range(8))
        outcomes = await asyncio.gather(*saves, return_exceptions=True)
        (winner,) = [outcome for outcome in outcomes if isinstance(outcome, Session)]
        assert all(isinstance(outcome, Conflict) for outcome in outcomes if outcome is not winner)
        assert await store.load(SESSION) == winner

    async def test_the_ceiling_only_rises(self, store: SessionStore) -> None:
        session = await begun(store)
        assert await store.reserve(SESSION, 5000) == 5000
        assert await store.reserve(SESSION, 2000) == 5000
        saved = await store.commit(session, turn(1))
        assert saved.ceiling == 5000
        loaded = await store.load(SESSION)
        assert loaded is not None
        assert loaded.ceiling == 5000

    async def test_the_first_customer_owns_a_session(self, store: SessionStore) -> None:
        await begun(store)
        assert await store.own(SESSION, "aiko")
        assert await store.own(SESSION, "aiko")
        assert not await store.own(SESSION, "ben")
        loaded = await store.load(SESSION)
        assert loaded is not None
        assert loaded.customer_id == "aiko"

    async def test_owning_leaves_the_version_alone_and_a_save_leaves_the_owner_alone(self, store: SessionStore) -> None:
        session = await begun(store)
        await store.own(SESSION, "aiko")
        saved = await store.commit(session, turn(1))
        assert (saved.version, saved.customer_id) == (1, "aiko")
        assert await store.load(SESSION) == saved

    async def test_nobody_owns_a_session_that_is_not_there(self, store: SessionStore) -> None:
        assert not await store.own(SESSION, "aiko")

    async def test_a_session_lives_24_hours_after_its_last_turn(self, store: SessionStore) -> None:
        session = await store.commit(await begun(store), turn(1))
        self.clock.advance(timedelta(hours=23).total_seconds())
        await store.commit(session, turn(2))
        self.clock.advance(timedelta(hours=23).total_seconds())
        assert await store.load(SESSION) is not None
        self.clock.advance(timedelta(hours=1, seconds=1).total_seconds())
        assert await store.load(SESSION) is None

    async def test_an_id_that_has_expired_begins_anew(self, store: SessionStore) -> None:
        await store.commit(await begun(store, "aiko"), turn(1))
        self.clock.advance(timedelta(hours=25).total_seconds())
        assert await begun(store) == Session(session_id=SESSION, ceiling=HEADROOM)
        assert await store.turn(SESSION, "m1") is None
        assert await store.turns(SESSION, 100) == ()
        assert await store.session_of("r1") is None

    async def test_all_turns_are_told_oldest_first(self, store: SessionStore) -> None:
        session = await begun(store)
        assert await store.turns(SESSION, 100) == ()
        for number in range(1, 14):
            session = await store.commit(session, turn(number, products=(CARD,)))
        assert await store.turns(SESSION, 100) == tuple(turn(number, products=(CARD,)) for number in range(1, 14))

    async def test_of_more_turns_than_are_asked_for_the_newest_are_told(self, store: SessionStore) -> None:
        session = await begun(store)
        for number in range(1, 6):
            session = await store.commit(session, turn(number))
        assert await store.turns(SESSION, 3) == (turn(3), turn(4), turn(5))
        assert await store.turns(SESSION, 5) == await store.turns(SESSION, 6)

    async def test_an_answer_leads_to_its_session(self, store: SessionStore) -> None:
        one, two = await begun(store, "aiko", "s_1"), await begun(store, None, "s_2")
        await store.commit(await store.commit(one, turn(1)), turn(2))
        await store.commit(two, turn(3))
        assert [await store.session_of(f"r{number}") for number in (1, 2, 3, 4)] == ["s_1", "s_1", "s_2", None]

    async def test_sessions_do_not_see_each_other(self, store: SessionStore) -> None:
        await store.commit(await begun(store, "aiko", "s_1"), turn(1))
        other = await begun(store, "ben", "s_2")
        assert other.turns == ()
        assert await store.turn("s_2", "m1") is None
        assert await store.turns("s_2", 100) == ()
