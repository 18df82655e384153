"""The stores of feedback, tickets and idempotency records that need nothing beside this process: the doubles, and SQLite."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mangaassist.desk.ticket import TICKET_KEPT
from mangaassist.desk.tickets import TicketStore
from mangaassist.edge.dependencies import ControlStores
from mangaassist.edge.feedback import FEEDBACK_KEPT, FeedbackStore
from mangaassist.edge.idempotency import ANSWER_REPLAYED, IdempotencyStore
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.sqlite.control import FORGOTTEN_AT_ONCE, SqliteControl
from mangaassist.stores.sqlite.lanes import connect
from mangaassist.testing.clock import START
from mangaassist.testing.memory_control import MemoryFeedback, MemoryIdempotency, MemoryTickets
from tests.contracts.feedback_store import FeedbackStoreContract, feedback
from tests.contracts.idempotency_store import IdempotencyStoreContract, record
from tests.contracts.ticket_store import TicketStoreContract, ticket


class TestMemoryFeedback(FeedbackStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[FeedbackStore]:
        yield MemoryFeedback()


class TestMemoryTickets(TicketStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[TicketStore]:
        yield MemoryTickets()


class TestMemoryIdempotency(IdempotencyStoreContract):
    @pytest.fixture
    async def store(self) -> AsyncIterator[IdempotencyStore]:
        yield MemoryIdempotency()


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[ControlStores]:
    opened = SqliteControl(tmp_path / "control.db")
    yield opened.stores
    await opened.close()


class TestSqliteFeedback(FeedbackStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[FeedbackStore]:
        yield control.feedback


class TestSqliteTickets(TicketStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[TicketStore]:
        yield control.tickets


class TestSqliteIdempotency(IdempotencyStoreContract):
    @pytest.fixture
    async def store(self, control: ControlStores) -> AsyncIterator[IdempotencyStore]:
        yield control.idempotency


async def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    first = SqliteControl(tmp_path / "control.db")
    await first.stores.feedback.keep(feedback())
    await first.stores.tickets.file(ticket(1))
    await first.stores.idempotency.begin(record(1))
    second = SqliteControl(tmp_path / "control.db")
    assert await second.stores.feedback.keep(feedback(feedback="thumbs_down")) == feedback()
    assert await second.stores.tickets.file(ticket(2)) == ticket(1)
    assert await second.stores.idempotency.begin(record(2)) == record(1)
    await first.close()
    await second.close()


async def test_what_has_expired_goes_a_few_at_a_time(control: ControlStores, tmp_path: Path) -> None:
    many = range(FORGOTTEN_AT_ONCE + 5)

    def rows(table: str) -> int:
        with contextlib.closing(sqlite3.connect(tmp_path / "control.db")) as db:
            return sum(1 for _ in db.execute("SELECT 1 FROM firsts" if table == "firsts" else "SELECT 1 FROM tickets"))

    for number in many:
        await control.feedback.keep(feedback(response_id=f"r_{number}"))
        await control.tickets.file(ticket(number, digest=f"d{number}"))
    assert (rows("firsts"), rows("tickets")) == (len(many), len(many))
    for left in (5 + 1, 2):
        await control.feedback.keep(feedback(response_id=f"new {left}", at=START + FEEDBACK_KEPT))
        await control.tickets.file(ticket(left, TICKET_KEPT, session_id=f"new {left}"))
        assert (rows("firsts"), rows("tickets")) == (left, left)


async def test_what_has_expired_is_none_although_it_was_not_forgotten_yet(control: ControlStores) -> None:
    for number in range(FORGOTTEN_AT_ONCE + 5):
        await control.idempotency.begin(record(number, key=f"k{number}"))
    last = record(99, ANSWER_REPLAYED, key=f"k{FORGOTTEN_AT_ONCE + 4}")
    assert await control.idempotency.begin(last) == last


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "control.db").write_bytes(b"this is no database, however long it may be" * 50)
    with pytest.raises(StartFailed, match=r"control\.db"):
        SqliteControl(tmp_path / "control.db")


async def test_a_record_that_cannot_be_read_is_a_failure_of_its_own_alone(
    control: ControlStores, tmp_path: Path
) -> None:
    await control.tickets.file(ticket(1))
    with contextlib.closing(connect(tmp_path / "control.db")) as db:
        db.execute("UPDATE tickets SET record = ?", (b"{",))
    other = ticket(2, session_id="s_2")
    outcomes = await asyncio.gather(
        control.tickets.file(ticket(3)), control.tickets.file(other), return_exceptions=True
    )
    assert isinstance(outcomes[0], ServiceFailure)
    assert (outcomes[0].service, outcomes[0].kind) == ("control", "contract")
    assert outcomes[1] == other
