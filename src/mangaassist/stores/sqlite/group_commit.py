"""A thread that owns a SQLite connection and commits whatever has come together since its last commit in one transaction."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from mangaassist.errors import AssistantError, ServiceFailure
from mangaassist.stores.sqlite.lanes import connect, failure_kind

T = TypeVar("T")

WAITING_LIMIT: Final = 4096


class _Job(Struct, eq=False):
    """``done`` gets the result once it is committed, or the error."""

    work: Callable[[sqlite3.Connection], Any]
    done: "asyncio.Future[Any]"


class GroupCommit:
    """Each piece of work is kept whole or not at all, whatever the others do; it is on disk when ``run`` returns.

    Raises ``ServiceFailure`` of ``service`` when the work cannot be done, and what the work itself raises as an
    ``AssistantError``.
    """

    def __init__(self, service: str, path: Path) -> None:
        self._service = service
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=service)
        self._waiting: list[_Job] = []
        self._committing: asyncio.Future[list[Any]] | None = None

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work in a transaction. Work that has begun is finished even when its caller is cancelled."""
        if len(self._waiting) >= WAITING_LIMIT:
            raise ServiceFailure(self._service, "error", f"more than {WAITING_LIMIT} changes wait for the disk")
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._waiting.append(job)
        self._begin()
        return await job.done

    async def close(self) -> None:
        """Commit what waits, then close the connection."""
        while self._committing is not None:
            await asyncio.wait([self._committing])
        await asyncio.to_thread(self._thread.shutdown)
        if self._db is not None:
            self._db.close()

    def _begin(self) -> None:
        if self._committing is None and self._waiting:
            jobs, self._waiting = self._waiting, []
            loop = asyncio.get_running_loop()
            committing = self._committing = loop.run_in_executor(self._thread, self._commit, jobs)
            committing.add_done_callback(lambda done: self._finish(done, jobs))

    def _finish(self, committing: "asyncio.Future[list[Any]]", jobs: list[_Job]) -> None:
        self._committing = None
        failure = committing.exception()
        outcomes: list[Any] = [failure] * len(jobs) if failure else committing.result()
        for job, outcome in zip(jobs, outcomes, strict=True):
            if job.done.done():
                continue
            if isinstance(outcome, Exception):
                job.done.set_exception(outcome)
            else:
                job.done.set_result(outcome)
        self._begin()

    def _commit(self, jobs: list[_Job]) -> list[Any]:
        """On the thread: every job's result or error."""
        try:
            if self._db is None:
                self._db = connect(self._path)
            self._db.execute("BEGIN IMMEDIATE")
            try:
                outcomes = [self._tried(self._db, job) for job in jobs]
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return outcomes
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def _tried(self, db: sqlite3.Connection, job: _Job) -> Any:
        db.execute("SAVEPOINT job")
        try:
            outcome = job.work(db)
        except (AssistantError, sqlite3.Error) as error:
            with contextlib.suppress(sqlite3.OperationalError):  # an error that ended the transaction ended this too
                db.execute("ROLLBACK TO job")
                db.execute("RELEASE job")
            return self._failure(error) if isinstance(error, sqlite3.Error) else error
        db.execute("RELEASE job")
        return outcome

    def _failure(self, error: sqlite3.Error) -> ServiceFailure:
        return ServiceFailure(self._service, failure_kind(error), f"{type(error).__name__}: {error}")
