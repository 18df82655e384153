"""Threads that own SQLite connections: a bounded queue of work each, so that the event loop never waits for the disk."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from mangaassist.errors import FailureKind, ServiceFailure

T = TypeVar("T")

BUSY_TIMEOUT_S = 5
WAITING_LIMIT = 512

FAILURES: dict[type[sqlite3.Error], FailureKind] = {
    sqlite3.OperationalError: "error",
    sqlite3.InternalError: "error",
    sqlite3.InterfaceError: "error",
    sqlite3.DataError: "contract",
    sqlite3.IntegrityError: "contract",
    sqlite3.NotSupportedError: "contract",
    sqlite3.ProgrammingError: "contract",
    sqlite3.DatabaseError: "contract",
}
"""What the database raises, as our own: a full disk or a lock may pass, a damaged file or a wrong statement will not."""


def connect(path: Path) -> sqlite3.Connection:
    """Open in WAL mode with full synchronisation: what is committed survives the loss of power (K-3)."""
    db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db


class Lane:
    """A few threads with one connection each. Raises ``ServiceFailure`` of ``service`` when work fails or too much waits."""

    def __init__(self, service: str, path: Path, threads: int, read_only: bool) -> None:
        self._service = service
        self._path = path
        self._read_only = read_only
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._waiting = 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"{service}-{'read' if read_only else 'write'}")

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run on one of the threads. Work that has begun is finished even when its caller is cancelled."""
        if self._waiting >= WAITING_LIMIT:
            raise ServiceFailure(self._service, "error", f"more than {WAITING_LIMIT} requests wait for the database")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, work)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Finish what waits, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for db in self._opened:
            db.close()
        self._opened.clear()

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connection())
        except sqlite3.Error as error:
            raise ServiceFailure(self._service, failure_kind(error), f"{type(error).__name__}: {error}") from error

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._own, "db", None)
        if db is None:
            db = connect(self._path)
            if self._read_only:
                db.execute("PRAGMA query_only = ON")
            self._own.db = db
            self._opened.append(db)
        return db


def failure_kind(error: sqlite3.Error) -> FailureKind:
    for kind in type(error).__mro__:
        if kind in FAILURES:
            return FAILURES[kind]
    return "error"
