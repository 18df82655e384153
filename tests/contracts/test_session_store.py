"""The session stores that need nothing beside this process: the double, and SQLite."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mangaassist.conversation.sessions import SessionStore
from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_conversations import MemorySessionStore
from tests.contracts.session_store import SESSION, SessionStoreContract, begun, turn


class TestMemorySessionStore(SessionStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[SessionStore]:
        self.clock = FakeClock()
        yield MemorySessionStore(self.clock.now)


class TestSqliteSessionStore(SessionStoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SessionStore]:
        self.clock = FakeClock()
        opened = SqliteSessionStore(tmp_path / "sessions.db", self.clock.now)
        yield opened
        await opened.close()

    async def test_a_restart_loses_nothing(self, tmp_path: Path) -> None:
        first = SqliteSessionStore(tmp_path / "sessions.db")
        saved = await first.commit(await begun(first), turn(1))
        second = SqliteSessionStore(tmp_path / "sessions.db")
        assert await second.load(SESSION) == saved
        await first.close()
        await second.close()

    async def test_an_upgrade_keeps_the_sessions_and_finds_them_by_their_answers(self, tmp_path: Path) -> None:
        """The tables as version 2 made them."""
        path = tmp_path / "sessions.db"
        store = SqliteSessionStore(path)
        saved = await store.commit(await store.commit(await begun(store, "aiko"), turn(1)), turn(2, answer="猫\"'"))
        await store.close()
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("DROP INDEX turns_by_response")
            db.execute("ALTER TABLE turns DROP COLUMN response_id")
            db.execute("PRAGMA user_version = 2")
            db.commit()
        upgraded = SqliteSessionStore(path)
        assert await upgraded.load(SESSION) == saved
        assert [await upgraded.session_of(f"r{number}") for number in (1, 2, 3)] == [SESSION, SESSION, None]
        await upgraded.commit(saved, turn(3))
        assert await upgraded.session_of("r3") == SESSION
        await upgraded.close()

    async def test_tables_of_a_format_that_nobody_knows_begin_anew(self, tmp_path: Path) -> None:
        path = tmp_path / "sessions.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE turns (whatever TEXT)")
            db.execute("PRAGMA user_version = 1")
            db.commit()
        store = SqliteSessionStore(path)
        saved = await store.commit(await begun(store), turn(1))
        assert await store.load(SESSION) == saved
        await store.close()

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "sessions.db").write_bytes(b"this is no database, however long it may be" * 50)
        with pytest.raises(StartFailed, match=r"sessions\.db"):
            SqliteSessionStore(tmp_path / "sessions.db")
