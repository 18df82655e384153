"""The journal of the embedded conversation log in SQLite: entries, numbers and owners, written on the loop's thread.

A write is one transaction on a connection in WAL mode that does not wait for the disk (``synchronous = NORMAL``): it survives
the death of the process, and takes some 40 µs. It may not survive the loss of power; therefore the journal takes a new epoch
after a boot, and numbers then go on above whatever the session store says was used. Checkpoints, which do wait for the
disk, run on a thread of their own.
"""

import asyncio
import contextlib
import sqlite3
import time
import uuid
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal

from mangaassist.conversation.log import HEADS_KEPT_S, LOG, Entry
from mangaassist.conversation.slot import Slot
from mangaassist.conversation.slot_table import Journalled
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.sqlite.chunk_tables import transaction
from mangaassist.stores.sqlite.lanes import connect, failure_kind
from mangaassist.stores.sqlite.process_lock import locked

BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
CHECKPOINT_EVERY: Final = 500
"""Writes after which the log of the database is folded back into it."""
FORGOTTEN_AT_ONCE: Final = 20
_SCHEMA_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (
    session_id TEXT PRIMARY KEY,
    through INTEGER,
    fence INTEGER NOT NULL,
    owner TEXT,
    touched_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heads_by_age ON heads (touched_at);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    response_id TEXT NOT NULL,
    asker TEXT,
    kind TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    stopped INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS entries_by_session ON entries (session_id, message_id);
"""


def this_boot() -> str:
    """Names this run of the machine; where it cannot be told, nothing that was written before is taken for certain."""
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return uuid.uuid4().hex


_ONE_PROCESS: Final = (
    "Another assistant serves from {folder}. Stop it first, or give this one a data directory of its own; several processes that"
    " serve the same conversations need Redis and DynamoDB."
)


class SqliteJournal:
    """Of one process at a time. Raises ``StartFailed`` when another one holds it or the file is no usable database.

    ``boot`` names the run of the machine, ``wall`` gives seconds since 1970.
    """

    def __init__(self, path: Path, boot: Callable[[], str] = this_boot, wall: Callable[[], float] = time.time) -> None:
        self._path = path
        self._wall = wall
        self._writes = 0
        try:
            self._lock = locked(path.with_suffix(".lock"), _ONE_PROCESS.format(folder=path.parent))
            self._db = connect(path)
            self._db.executescript(_SCHEMA)
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA wal_autocheckpoint = 0")
            self.epoch = self._begun(boot())
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The conversation journal {path.name} cannot be used ({error}). Move it away to start anew."
            ) from error
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="journal-checkpoint")
        self._checkpoint: Future[None] | None = None

    def load(self, session_id: str) -> Journalled | None:
        with _failing():
            head = self._db.execute(
                "SELECT through, fence, owner FROM heads WHERE session_id = ?", (session_id,)
            ).fetchone()
            if head is None:
                return None
            rows = self._db.execute(
                "SELECT message_id, digest, response_id, asker, kind, attempt, stopped, body"
                " FROM entries WHERE session_id = ? ORDER BY number",
                (session_id,),
            ).fetchall()
        return Journalled(through=head[0], fence=head[1], owner=head[2], inbox=tuple(map(_entry, rows)))

    def write(self, slot: Slot, put: Sequence[Entry] = (), drop: str | None = None) -> None:
        with _failing(), transaction(self._db):
            self._db.execute(
                "INSERT INTO heads VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " through = excluded.through, fence = excluded.fence, owner = excluded.owner, touched_at = excluded.touched_at",
                (slot.session_id, slot.through, slot.fence, slot.owner, self._wall()),
            )
            for entry in put:
                self._db.execute(
                    "INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                    " attempt = excluded.attempt, stopped = excluded.stopped",
                    (slot.session_id, *_row(entry)),
                )
            if drop is not None:
                self._db.execute("DELETE FROM entries WHERE session_id = ? AND message_id = ?", (slot.session_id, drop))
        self._writes += 1
        if self._writes % CHECKPOINT_EVERY == 0:
            self._tidy()

    def stop(self, session_id: str, message_id: str | None) -> bool:
        with _failing(), transaction(self._db):
            number = self._db.execute(
                "SELECT min(number) FROM entries WHERE session_id = ?"
                " AND (message_id = ? OR (? IS NULL AND kind = 'ask'))",
                (session_id, message_id, message_id),
            ).fetchone()[0]
            changed = self._db.execute("UPDATE entries SET stopped = 1 WHERE number = ? AND NOT stopped", (number,))
            return changed.rowcount > 0

    def waiting(self) -> tuple[str, ...]:
        with _failing():
            rows = self._db.execute("SELECT session_id FROM entries GROUP BY session_id ORDER BY min(number)")
            return tuple(session_id for (session_id,) in rows)

    async def ping(self) -> None:
        with _failing():
            self._db.execute("SELECT 1").fetchone()

    async def close(self) -> None:
        await asyncio.to_thread(self._checkpoints.shutdown)
        self._db.close()
        self._lock.close()

    def _begun(self, boot: str) -> str:
        """The journal's epoch. After a boot it is another one, and no number is certain any more."""
        with transaction(self._db):
            known = dict(self._db.execute("SELECT name, value FROM meta"))
            if known.get("boot") == boot:
                return known["epoch"]
            meta = {"boot": boot, "epoch": uuid.uuid4().hex}
            self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", tuple(meta.items()))
            self._db.execute("UPDATE heads SET through = NULL")
        return meta["epoch"]

    def _tidy(self) -> None:
        """Let go of sessions that are long over, and fold the log back into the database, beside the loop."""
        with _failing():
            self._db.execute(
                "DELETE FROM heads WHERE session_id IN (SELECT session_id FROM heads WHERE touched_at < ?"
                " AND session_id NOT IN (SELECT session_id FROM entries) LIMIT ?)",
                (self._wall() - HEADS_KEPT_S, FORGOTTEN_AT_ONCE),
            )
        if self._checkpoint is None or self._checkpoint.done():
            self._checkpoint = self._checkpoints.submit(_checkpointed, self._path)


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.message_id,
        entry.digest,
        entry.response_id,
        entry.asker,
        entry.kind,
        entry.attempt,
        int(entry.stopped),
        entry.body,
    )


def _entry(row: tuple[str, str, str, str | None, Literal["ask", "note"], int, int, bytes]) -> Entry:
    message_id, digest, response_id, asker, kind, attempt, stopped, body = row
    return Entry(
        message_id=message_id,
        digest=digest,
        response_id=response_id,
        asker=asker,
        kind=kind,
        attempt=attempt,
        stopped=bool(stopped),
        body=body,
    )


def _checkpointed(path: Path) -> None:
    with contextlib.closing(connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)")


@contextlib.contextmanager
def _failing() -> Generator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ServiceFailure(LOG, failure_kind(error), f"{type(error).__name__}: {error}") from error
