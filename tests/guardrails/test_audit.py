"""The audit trail (G-7)."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import AuditContext
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.stores.sqlite.audit import SqliteAuditLog

CONTEXT = AuditContext(session_id="s1", response_id="r1", customer_id="c1", seq=7)
PRICE = Finding(stage="prices", verdict=Verdict.CHANGE, kind="wrong_price", original="$8.00", replacement="$9.99")
PHONE = Finding(stage="pii", verdict=Verdict.CHANGE, kind="PHONE", original="415-555-2671", replacement="[REDACTED]")


async def filled(path: Path, count: int = 3) -> None:
    log = await SqliteAuditLog.open(path, now=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    for _ in range(count):
        await log.record(PRICE, CONTEXT)
    await log.close()


async def test_what_was_recorded_is_found_by_its_answer_and_the_chain_is_whole(tmp_path: Path) -> None:
    await filled(tmp_path / "audit.db")
    log = await SqliteAuditLog.open(tmp_path / "audit.db")
    entries = await log.of_response("r1")
    assert [(kept.original, kept.replacement, kept.seq) for kept in entries] == [("$8.00", "$9.99", 7)] * 3
    check = await log.verify()
    assert (check.entries, check.is_whole) == (3, True)
    await log.close()


async def test_personal_data_is_not_in_the_file(tmp_path: Path) -> None:
    log = await SqliteAuditLog.open(tmp_path / "audit.db")
    await log.record(PHONE, CONTEXT)
    assert [kept.original for kept in await log.of_response("r1")] == ["[PHONE]"]
    await log.close()
    assert b"2671" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET digest = ''"])
async def test_an_entry_can_be_neither_changed_nor_removed(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path / "audit.db")
    with sqlite3.connect(tmp_path / "audit.db") as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET kept = replace(CAST(kept AS TEXT), '$8.00', '$9.99') WHERE number = 2",
        "UPDATE audit SET customer_id = 'c2' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
    ],
)
async def test_a_trail_that_was_tampered_with_is_not_whole(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path / "audit.db")
    with sqlite3.connect(tmp_path / "audit.db") as db:
        db.execute("DROP TRIGGER audit_keeps")
        db.execute("DROP TRIGGER audit_stays")
        db.execute(
            statement.replace(
                "replace(CAST(kept AS TEXT), '$8.00', '$9.99')",
                "CAST(replace(CAST(kept AS TEXT), '$8.00', '$9.99') AS BLOB)",
            )
        )
    log = await SqliteAuditLog.open(tmp_path / "audit.db")
    assert (await log.verify()).broken_at == 2
    await log.close()


async def test_a_file_that_is_no_database_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "audit.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StartFailed, match="Move it away"):
        await SqliteAuditLog.open(tmp_path / "audit.db")
