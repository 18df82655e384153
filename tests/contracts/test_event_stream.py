"""The event streams of one process: the double, and SQLite with what only a file can be asked."""

import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.sqlite.analytics import FORGOTTEN_AT_ONCE, SqliteEventStream
from mangaassist.telemetry.analytics import KEPT, Answered, Event, EventStream, Shown
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_analytics import MemoryEventStream
from tests.contracts.event_stream import ONE_OF_EACH, EventStreamContract, event


class TestMemoryEventStream(EventStreamContract):
    @pytest.fixture
    async def stream(self) -> AsyncIterator[EventStream]:
        yield MemoryEventStream()

    async def kept(self, stream: Any) -> Sequence[Event]:
        return stream.events


class TestSqliteEventStream(EventStreamContract):
    @pytest.fixture
    async def stream(self, tmp_path: Path) -> AsyncIterator[EventStream]:
        opened = SqliteEventStream(tmp_path / "analytics.db", FakeClock().now)
        yield opened
        await opened.close()

    async def kept(self, stream: Any) -> Sequence[Event]:
        return await stream.newest()

    async def test_what_is_put_outlives_the_process(self, stream: Any, tmp_path: Path) -> None:
        await stream.put([event(1)])
        await stream.close()
        again = SqliteEventStream(tmp_path / "analytics.db", FakeClock().now)
        assert await again.newest() == (event(1),)
        await again.close()

    async def test_figures_are_read_with_plain_sql(self, stream: Any, tmp_path: Path) -> None:
        await stream.put([event(number, what=what) for number, what in enumerate(ONE_OF_EACH)])
        with contextlib.closing(sqlite3.connect(tmp_path / "analytics.db")) as db:
            asked = "SELECT kind, figures ->> 'intent', figures ->> 'latency_ms' FROM events WHERE kind = 'answered'"
            assert db.execute(asked).fetchall() == [("answered", "recommend", 12.5)]


async def test_events_are_forgotten_after_ninety_days_a_few_at_a_time(tmp_path: Path) -> None:
    clock = FakeClock()
    stream = SqliteEventStream(tmp_path / "analytics.db", clock.now)
    old = [event(number) for number in range(FORGOTTEN_AT_ONCE + 1)]
    await stream.put(old)
    kept = replace(event(5000), at=clock.now() + timedelta(seconds=1000))
    await stream.put([kept])
    clock.advance(KEPT.total_seconds() + 999)
    await stream.put([])
    assert await stream.newest() == (old[-1], kept)
    await stream.put([])
    assert await stream.newest() == (kept,)
    await stream.close()


def test_a_file_that_is_no_database_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "analytics.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StartFailed, match="Move it away"):
        SqliteEventStream(tmp_path / "analytics.db")


async def test_a_disk_that_fails_may_come_back(tmp_path: Path) -> None:
    stream = SqliteEventStream(tmp_path / "analytics.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "analytics.db")) as db:
        db.execute("ALTER TABLE events RENAME TO elsewhere")
        with pytest.raises(ServiceFailure, match="no such table") as failed:
            await stream.put([event(1)])
        assert failed.value.transient
        db.execute("ALTER TABLE elsewhere RENAME TO events")
    assert list(await stream.put([event(1)])) == []
    assert await stream.newest() == (event(1),)
    await stream.close()


async def test_the_question_on_the_page_for_operators_has_an_answer(tmp_path: Path) -> None:
    stream = SqliteEventStream(tmp_path / "analytics.db")
    unused = [replace(what, response_id="r9") for what in ONE_OF_EACH if isinstance(what, Answered | Shown)]
    await stream.put([event(number, what=what) for number, what in enumerate((*ONE_OF_EACH, *unused))])
    await stream.close()
    page = Path(__file__).parents[2] / "docs" / "analytics.md"
    (question,) = re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    with contextlib.closing(sqlite3.connect(tmp_path / "analytics.db")) as db:
        assert db.execute(question).fetchall() == [("recommend", 2, 0.5)]
