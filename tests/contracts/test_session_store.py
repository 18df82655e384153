"""What every session store does (W-2, T-4); each adapter inherits the suite."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.turn.memory import Session, SessionStore, TurnRecord
from mangaassist.wire.cards import ProductCard

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
CARD = ProductCard(
    asin="B0ABCDEFGH", title="One Piece, Vol. 1", author="Eiichiro Oda", format="Paperback",
    price="$9.99", currency="USD", image_url="http://x/1.svg", url="http://x/1",
)  # fmt: skip


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def turn(number: int, **fields: object) -> TurnRecord:
    given = {
        "response_id": f"r{number}", "message_id": f"m{number}", "message": f"question {number}",
        "answer": f"answer {number}", "intent": "faq", "last_seq": number * 10, "at": START,
    }  # fmt: skip
    return TurnRecord(**(given | fields))  # type: ignore[arg-type]


class SessionStoreContract:
    clock: Clock

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SessionStore]:
        raise NotImplementedError
        yield

    async def test_an_unknown_session_is_none(self, store: SessionStore) -> None:
        assert await store.load("s_unknown") is None

    async def test_a_saved_turn_comes_back_whole(self, store: SessionStore) -> None:
        session = Session("s_1", "aiko")
        session.last_seq = 12
        await store.save_turn(session, turn(1, products=(CARD,), stopped=True))
        loaded = await store.load("s_1")
        assert loaded is not None
        assert (loaded.customer_id, loaded.last_seq) == ("aiko", 12)
        assert loaded.turns == (turn(1, products=(CARD,), stopped=True),)

    async def test_the_last_ten_turns_are_loaded_oldest_first(self, store: SessionStore) -> None:
        session = Session("s_1")
        for number in range(1, 14):
            await store.save_turn(session, turn(number))
        loaded = await store.load("s_1")
        assert loaded is not None
        assert [kept.response_id for kept in loaded.turns] == [f"r{number}" for number in range(4, 14)]

    async def test_a_session_lives_24_hours_after_its_last_turn(self, store: SessionStore) -> None:
        session = Session("s_1")
        await store.save_turn(session, turn(1))
        self.clock.now = START + timedelta(hours=23)
        await store.save_turn(session, turn(2))
        self.clock.now = START + timedelta(hours=46)
        assert await store.load("s_1") is not None
        self.clock.now = START + timedelta(hours=47, seconds=1)
        assert await store.load("s_1") is None

    async def test_sessions_do_not_see_each_other(self, store: SessionStore) -> None:
        await store.save_turn(Session("s_1", "aiko"), turn(1))
        await store.save_turn(Session("s_2", "ben"), turn(2))
        loaded = await store.load("s_2")
        assert loaded is not None
        assert [kept.response_id for kept in loaded.turns] == ["r2"]

    async def test_a_guest_who_signed_in_owns_the_session_from_the_next_turn_on(self, store: SessionStore) -> None:
        session = Session("s_1")
        await store.save_turn(session, turn(1))
        session.customer_id = "aiko"
        await store.save_turn(session, turn(2))
        loaded = await store.load("s_1")
        assert loaded is not None
        assert loaded.customer_id == "aiko"


class TestSqlite(SessionStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SessionStore]:
        self.clock = Clock()
        opened = SqliteSessionStore(tmp_path / "sessions.db", self.clock)
        yield opened
        await opened.close()

    async def test_a_restart_loses_nothing(self, tmp_path: Path) -> None:
        first = SqliteSessionStore(tmp_path / "sessions.db", Clock())
        await first.save_turn(Session("s_1"), turn(1))
        second = SqliteSessionStore(tmp_path / "sessions.db", Clock())
        assert await second.load("s_1") is not None
        await first.close()
        await second.close()

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "sessions.db").write_bytes(b"this is no database, however long it may be" * 50)
        with pytest.raises(StartFailed, match=r"sessions\.db"):
            SqliteSessionStore(tmp_path / "sessions.db")
