"""How long it takes to find something in a long audit trail, and to verify it: ``python -m benchmarks.audit ENTRIES`` (G-7)."""

import asyncio
import contextlib
import random
import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from mangaassist.guardrails.audit import AuditContext, AuditQuery, entry, shown
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.sealing import KEY_BYTES
from mangaassist.stores.sqlite import audit_rows
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.stores.sqlite.lanes import connect

SEAL: Final = AuditSeal([b"k" * KEY_BYTES])
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
BETWEEN: Final = timedelta(seconds=30)
ASIN: Final = "B000000042"
ROUNDS: Final = 5
QUERIES: Final = {
    "customer": AuditQuery(customer_id="cus-77"),
    "asin": AuditQuery(asin=ASIN),
    "asin, time": AuditQuery(asin=ASIN, since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=20)),
    "asin, text": AuditQuery(asin=ASIN, text="$9.99", limit=1000),
    "customer, text": AuditQuery(customer_id="cus-77", text=".99"),
    "text that many have": AuditQuery(text="$9.99"),
    "text that few have": AuditQuery(text=f"{ASIN} $12.3"),
    "text that none has": AuditQuery(text="zebra"),
    "text, time": AuditQuery(text="$9.99", since=FIRST + timedelta(days=1), until=FIRST + timedelta(days=2)),
    "time": AuditQuery(since=FIRST + timedelta(days=2), until=FIRST + timedelta(days=3)),
    "stage": AuditQuery(stage="prices"),
    "stage, text that none has": AuditQuery(stage="prices", text="zebra"),
    "a thousand": AuditQuery(limit=1000),
}


def fill(path: Path, entries: int) -> None:
    """Answers that show four prices; one in twenty had a wrong one, one in thirty a phone number."""
    drawn, count = random.Random(1), 0
    with contextlib.closing(connect(path)) as db:
        while count < entries:
            db.execute("BEGIN IMMEDIATE")
            for _ in range(1000):
                count += _answer(db, drawn, count)
            db.execute("COMMIT")


def _answer(db: sqlite3.Connection, drawn: random.Random, number: int) -> int:
    prices = {f"B0{drawn.randrange(4000):08d}": f"${drawn.randrange(500, 4000) / 100:.2f}" for _ in range(4)}
    findings = [*shown(prices)]
    if drawn.random() < 1 / 20:
        findings.append(
            Finding(stage="prices", verdict=Verdict.CHANGE, kind="wrong_price", original="$8.00", replacement="$9.99")
        )
    if drawn.random() < 1 / 30:
        findings.append(Finding(stage="intake", verdict=Verdict.CHANGE, kind="PHONE", original="415-555-2671"))
    whose = AuditContext(
        session_id=f"s_{number // 6}",
        response_id=f"r_{number}",
        customer_id=f"cus-{drawn.randrange(50_000)}" if drawn.random() < 0.5 else None,
        asins=tuple(prices),
    )
    at = FIRST + number * BETWEEN
    audit_rows.append(db, [entry(finding, whose, at, SEAL) for finding in findings], SEAL)
    return len(findings)


async def measure(path: Path, entries: int) -> None:
    log = SqliteAuditLog(path, SEAL)
    fill(path, entries)
    for name, query in QUERIES.items():
        took: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = await log.search(query)
            took.append((time.perf_counter() - began) * 1000)
        print(f"{name:26} {len(found.entries):5} found, first {took[0]:7.1f} ms, best {min(took):7.1f} ms")
    began = time.perf_counter()
    check = await log.verify()
    print(f"verified {check.entries} entries in {time.perf_counter() - began:.1f} s, whole: {check.is_whole}")
    await log.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder) / "audit.db", int(sys.argv[1])))
