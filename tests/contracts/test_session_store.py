"""The session stores that need nothing beside this process: the double, and SQLite."""

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

    def test_a_file_that_is_no_database_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "sessions.db").write_bytes(b"this is no database, however long it may be" * 50)
        with pytest.raises(StartFailed, match=r"sessions\.db"):
            SqliteSessionStore(tmp_path / "sessions.db")
