"""Threads that own SQLite connections: a bounded queue of work each, so that the event loop never waits for the disk.

A limit of local work counts its own time: what its thread computes, not how long it waits for a thread, the interpreter or a core.
"""

import asyncio
import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from mangaassist.errors import FailureKind, ServiceFailure

T = TypeVar("T")

BUSY_TIMEOUT_S = 5
WAITING_LIMIT = 512
STEPS_BETWEEN_LOOKS = 500
"""Instructions of the database between two looks at the time that a limited work has used: some ten microseconds."""


class Limits(Struct, frozen=True):
    """Of one work, in seconds: what it may compute, and how long all of it may take, its wait for a thread included."""

    own_s: float
    all_s: float


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


def prepare(path: Path, schema: Sequence[str]) -> None:
    """Make what is not there yet of a database. Raises ``OSError`` and ``sqlite3.DatabaseError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(connect(path)) as db:
        for statement in schema:
            db.execute(statement)


class Lane:
    """A few threads with one connection each. Raises ``ServiceFailure`` of ``service`` when work fails or too much waits.

    ``own_time`` gives the seconds that the calling thread has computed. ``check`` looks at each connection as it is opened, which
    is when a thread is first needed: whatever it raises, the connection is not used.
    """

    def __init__(
        self,
        service: str,
        path: Path,
        threads: int,
        read_only: bool,
        own_time: Callable[[], float] = time.thread_time,
        check: Callable[[sqlite3.Connection], None] = lambda _: None,
    ) -> None:
        self._check = check
        self._service = service
        self._path = path
        self._read_only = read_only
        self._own_time = own_time
        self._own = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._waiting = 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=f"{service}-{'read' if read_only else 'write'}")

    async def run(self, work: Callable[[sqlite3.Connection], T], limits: Limits | None = None) -> T:
        """Run on one of the threads. Work that has begun is finished even when its caller is cancelled, unless it is limited."""
        if self._waiting >= WAITING_LIMIT:
            raise ServiceFailure(self._service, "error", f"more than {WAITING_LIMIT} requests wait for the database")
        self._waiting += 1
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, self._run, work, math.inf if limits is None else limits.own_s)
        late = _Late(running)
        timer = None if limits is None else loop.call_later(limits.all_s, late)
        try:
            return await running
        except asyncio.CancelledError:
            if limits is not None and late.came:
                raise ServiceFailure(self._service, "timeout", f"no answer within {limits.all_s:g} s") from None
            raise
        finally:
            self._waiting -= 1
            if timer is not None:
                timer.cancel()

    async def close(self) -> None:
        """Finish what waits, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for db in self._opened:
            db.close()
        self._opened.clear()

    def _run(self, work: Callable[[sqlite3.Connection], T], own_s: float) -> T:
        self._own.until = self._own_time() + own_s
        try:
            return work(self._connection())
        except sqlite3.Error as error:
            if self._is_over():
                raise ServiceFailure(self._service, "timeout", f"no answer within {own_s * 1000:.0f} ms") from error
            raise ServiceFailure(self._service, failure_kind(error), f"{type(error).__name__}: {error}") from error

    def _is_over(self) -> bool:
        """Asked by the database while it works: whether the work on this thread has had its time."""
        return self._own_time() > self._own.until

    def _connection(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._own, "db", None)
        if db is None:
            db = connect(self._path)
            try:
                self._check(db)
            except BaseException:
                db.close()
                raise
            if self._read_only:
                db.execute("PRAGMA query_only = ON")
                db.set_progress_handler(self._is_over, STEPS_BETWEEN_LOOKS)
            self._own.db = db
            self._opened.append(db)
        return db


class _Late(Struct, eq=False):
    """Called when a work takes too long: gives it up. One that no thread has begun is never begun."""

    work: "asyncio.Future[Any]"
    came: bool = False

    def __call__(self) -> None:
        self.came = self.work.cancel()


def decoded(service: str, decoder: msgspec.json.Decoder[T], record: bytes) -> T:
    """A kept record. Raises ``ServiceFailure`` when it is none: damaged, or of a version that knows more."""
    try:
        return decoder.decode(record)
    except msgspec.MsgspecError as error:
        raise ServiceFailure(service, "contract", "a record that cannot be read") from error


def failure_kind(error: sqlite3.Error) -> FailureKind:
    for kind in type(error).__mro__:
        if kind in FAILURES:
            return FAILURES[kind]
    return "error"
