"""The audit logs: the double, and SQLite with what only a file can be asked."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from mangaassist.errors import StartFailed
from mangaassist.guardrails.audit import AuditCheck, AuditLog, AuditQuery, shown
from mangaassist.guardrails.audit_chain import chained
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.sealing import KEY_BYTES
from mangaassist.stores.sqlite import audit_rows
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.testing.clock import FakeClock
from mangaassist.testing.memory_audit import MemoryAuditLog
from tests.contracts.audit_log import ASIN, CONTEXT, PHONE, PRICE, SEAL, AuditLogContract


class TestMemoryAuditLog(AuditLogContract):
    @pytest.fixture
    async def log(self, clock: FakeClock) -> AsyncIterator[AuditLog]:
        yield MemoryAuditLog(clock.now, SEAL)


class TestSqliteAuditLog(AuditLogContract):
    @pytest.fixture
    async def log(self, clock: FakeClock, tmp_path: Path) -> AsyncIterator[AuditLog]:
        opened = SqliteAuditLog(tmp_path / "audit.db", SEAL, clock.now)
        yield opened
        await opened.close()

    async def test_personal_data_is_not_in_the_file(self, log: AuditLog, tmp_path: Path) -> None:
        await log.append([PHONE], CONTEXT)
        assert b"2671" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())

    async def test_a_turn_is_one_transaction(self, log: AuditLog, tmp_path: Path) -> None:
        await log.append([PRICE], CONTEXT)
        with sqlite3.connect(tmp_path / "audit.db") as db:
            (before,) = db.execute("PRAGMA data_version").fetchone()
            await log.append([PRICE, PHONE, *shown({ASIN: "$9.99"})], CONTEXT)
            (after,) = db.execute("PRAGMA data_version").fetchone()
        assert after == before + 1

    async def test_of_more_rows_than_one_step_takes_all_go(
        self, log: AuditLog, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit_rows, "DROPPED_AT_ONCE", 2)
        for _ in range(5):
            await log.append([PRICE], CONTEXT)
        clock.advance(60)
        assert await log.drop_before(clock.now()) == 5
        assert (await log.verify()).problems == ()

    async def test_a_clock_that_steps_back_breaks_no_order(self, log: AuditLog, clock: FakeClock) -> None:
        await log.append([PRICE], CONTEXT)
        clock.advance(-3600)
        await log.append([PRICE], CONTEXT)
        first, second = await self.of(log, response_id="r1")
        assert first.at == second.at
        assert (await log.verify()).is_whole


WRITES = """
import asyncio, sys
from pathlib import Path
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from tests.contracts.audit_log import PRICE, SEAL, context

async def write():
    log = SqliteAuditLog(Path(sys.argv[1]), SEAL)
    for number in range(20):
        await log.append([PRICE, PRICE], context(number, customer_id=sys.argv[2]))
    await log.close()

asyncio.run(write())
"""


async def test_several_processes_write_one_chain(tmp_path: Path) -> None:
    """G-7, O-5."""
    path = tmp_path / "audit.db"
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, str(path), f"c{number}"]) for number in range(3)]
    assert [await asyncio.to_thread(writer.wait, 120) for writer in writers] == [0, 0, 0]
    check = await checked(path)
    assert (check.entries, check.problems) == (120, ())


async def filled(path: Path) -> None:
    log = SqliteAuditLog(path, SEAL)
    for _ in range(3):
        await log.append([PRICE], CONTEXT)
    await log.close()


async def checked(path: Path, seal: AuditSeal = SEAL) -> AuditCheck:
    log = SqliteAuditLog(path, seal)
    try:
        return await log.verify()
    finally:
        await log.close()


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET digest = ''"])
async def test_an_entry_can_be_neither_changed_nor_removed(tmp_path: Path, statement: str) -> None:
    await filled(tmp_path / "audit.db")
    with sqlite3.connect(tmp_path / "audit.db") as db, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


MAKES_ROOM = (
    "INSERT OR REPLACE INTO audit_points VALUES ('dropped', 1, (SELECT digest FROM audit WHERE number = 1), '', '')"
)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE audit SET kept = CAST(replace(CAST(kept AS TEXT), '$8.00', '$9.99') AS BLOB) WHERE number = 2",
            "record 2 does not follow",
        ),
        ("UPDATE audit SET customer_id = 'c2' WHERE number = 2", "record 2 is searched by"),
        ("UPDATE audit SET at = '' WHERE number = 2", "record 2 is searched by"),
        ("UPDATE audit SET words = 'x' WHERE number = 2", "record 2 is searched by"),
        ("DELETE FROM audit_asins WHERE number = 2", "record 2 is searched by"),
        ("INSERT INTO audit_words(audit_words, rowid, words) VALUES('delete', 2, '$8.00\n$9.99')", "2 of 3 records"),
        ("DELETE FROM audit WHERE number = 2", "record 2 is missing"),
        ("DELETE FROM audit WHERE number = 3", "records 3 to 3 are missing at its end"),
        ("DELETE FROM audit WHERE number = 1", "record 1 is missing"),
        (f"{MAKES_ROOM}; DELETE FROM audit WHERE number = 1", "told without its mark"),
        ("DELETE FROM audit; DELETE FROM audit_points; DELETE FROM audit_words_docsize", None),
        ("DELETE FROM audit_points", "its head is missing"),
        ("UPDATE audit_points SET number = 2", "its head is told without its mark"),
    ],
)
async def test_a_trail_that_was_tampered_with_is_not_whole(tmp_path: Path, statement: str, problem: str | None) -> None:
    """G-7: a change, a hole, a cut at either end, a copy that hides an entry. A trail that is gone needs a noted head."""
    path = tmp_path / "audit.db"
    await filled(path)
    log = SqliteAuditLog(path, SEAL)
    noted = await log.heads()
    await log.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER audit_keeps")
        db.execute("DROP TRIGGER audit_stays")
        db.executescript(statement)
    if problem is not None:
        assert problem in " ".join((await checked(path)).problems)
    log = SqliteAuditLog(path, SEAL)
    assert not (await log.verify(noted)).is_whole or problem is not None
    await log.close()


@pytest.mark.parametrize(
    ("through", "problem"), [(2, "record 3 does not follow"), (3, "its head tells of another end")]
)
async def test_a_record_that_was_rewritten_with_its_digest_breaks_what_follows_or_the_head(
    tmp_path: Path, through: int, problem: str
) -> None:
    path = tmp_path / "audit.db"
    await filled(path)
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER audit_keeps")
        rows = db.execute("SELECT kept, digest FROM audit ORDER BY number").fetchall()
        digest = rows[0][1]
        for number in range(2, through + 1):
            kept = rows[number - 1][0].replace(b"prices", b"claims") if number == 2 else rows[number - 1][0]
            digest = chained(digest, kept)
            row = (kept, digest, "claims" if number == 2 else "prices", number)
            db.execute("UPDATE audit SET kept = ?, digest = ?, stage = ? WHERE number = ?", row)
    (said,) = (await checked(path)).problems
    assert problem in said


async def test_a_chain_that_was_written_anew_without_the_key_is_not_whole(tmp_path: Path) -> None:
    await filled(tmp_path / "audit.db")
    forged = tmp_path / "forged.db"
    log = SqliteAuditLog(forged, AuditSeal([b"x" * KEY_BYTES]))
    await log.append([PRICE], CONTEXT)
    await log.close()
    assert (await checked(forged)).problems == ("audit: its head is told without its mark",)


async def test_after_a_change_of_keys_old_entries_open_and_old_marks_hold(tmp_path: Path) -> None:
    old, new = b"a" * KEY_BYTES, b"n" * KEY_BYTES
    log = SqliteAuditLog(tmp_path / "audit.db", SEAL)
    await log.append([PHONE], CONTEXT)
    await log.close()
    assert (await checked(tmp_path / "audit.db", AuditSeal([new, old]))).is_whole
    assert not (await checked(tmp_path / "audit.db", AuditSeal([new]))).is_whole


EARLIER = """
CREATE TABLE audit (number INTEGER PRIMARY KEY, customer_id TEXT, session_id TEXT NOT NULL, response_id TEXT NOT NULL,
    kept BLOB NOT NULL, digest TEXT NOT NULL) STRICT;
CREATE INDEX audit_by_customer ON audit (customer_id, number);
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
"""


async def test_a_trail_of_an_earlier_version_goes_on_and_can_be_searched(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    await filled(tmp_path / "now.db")
    with sqlite3.connect(tmp_path / "now.db") as db:
        rows = db.execute("SELECT number, customer_id, session_id, response_id, kept, digest FROM audit").fetchall()
    with sqlite3.connect(path) as db:
        db.executescript(EARLIER)
        db.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", rows)
    log = SqliteAuditLog(path, SEAL)
    await log.append([PRICE], CONTEXT)
    check: Any = await log.verify()
    assert (check.entries, check.problems) == (4, ())
    assert len((await log.search(AuditQuery(text="$8.00", asin=ASIN))).entries) == 4
    await log.close()


def test_a_file_that_is_no_database_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "audit.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StartFailed, match="Move it away"):
        SqliteAuditLog(tmp_path / "audit.db", SEAL)
