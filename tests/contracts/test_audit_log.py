"""The audit logs: the double, and SQLite with what only a file can be asked."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import AuditEntry, AuditLog
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.testing.memory_conversations import MemoryAuditLog
from tests.contracts.audit_log import CONTEXT, PHONE, PRICE, AuditLogContract


class TestMemoryAuditLog(AuditLogContract):
    @pytest.fixture
    async def log(self) -> AsyncIterator[AuditLog]:
        yield MemoryAuditLog()

    async def entries_of(self, log: Any, response_id: str) -> Sequence[AuditEntry]:
        return tuple(entry for entry in log.entries if entry.response_id == response_id)


class TestSqliteAuditLog(AuditLogContract):
    @pytest.fixture
    async def log(self, tmp_path: Path) -> AsyncIterator[AuditLog]:
        opened = SqliteAuditLog(tmp_path / "audit.db")
        yield opened
        await opened.close()

    async def entries_of(self, log: Any, response_id: str) -> Sequence[AuditEntry]:
        return await log.of_response(response_id)

    async def test_the_chain_holds_however_entries_came_together(self, log: Any) -> None:
        await self.test_turns_that_end_at_once_are_all_kept(log)
        check = await log.verify()
        assert (check.entries, check.is_whole) == (100, True)

    async def test_personal_data_is_not_in_the_file(self, log: AuditLog, tmp_path: Path) -> None:
        await log.append([PHONE], CONTEXT)
        assert b"2671" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


async def filled(path: Path) -> None:
    log = SqliteAuditLog(path)
    for _ in range(3):
        await log.append([PRICE], CONTEXT)
    await log.close()


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET digest = ''"])
async def test_an_entry_can_be_neither_changed_nor_removed(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path / "audit.db")
    with sqlite3.connect(tmp_path / "audit.db") as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET kept = CAST(replace(CAST(kept AS TEXT), '$8.00', '$9.99') AS BLOB) WHERE number = 2",
        "UPDATE audit SET customer_id = 'c2' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
    ],
)
async def test_a_trail_that_was_tampered_with_is_not_whole(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path / "audit.db")
    with sqlite3.connect(tmp_path / "audit.db") as db:
        db.execute("DROP TRIGGER audit_keeps")
        db.execute("DROP TRIGGER audit_stays")
        db.execute(statement)
    log = SqliteAuditLog(tmp_path / "audit.db")
    assert (await log.verify()).broken_at == 2
    await log.close()


def test_a_file_that_is_no_database_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "audit.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StartFailed, match="Move it away"):
        SqliteAuditLog(tmp_path / "audit.db")
