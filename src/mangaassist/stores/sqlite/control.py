"""Feedback, tickets and idempotency records in SQLite: the embedded adapters of three ports, over one file and one thread."""

import sqlite3
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from mangaassist.desk.ticket import Ticket
from mangaassist.edge.dependencies import CONTROL, ControlStores
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.idempotency import IdempotencyRecord
from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.connections import SCHEMA as CONNECTIONS_SCHEMA
from mangaassist.stores.sqlite.connections import SqliteConnections
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import decoded, prepare

Record = TypeVar("Record", Feedback, IdempotencyRecord)

FORGOTTEN_AT_ONCE: Final = 20

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS firsts (
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        expires_at REAL NOT NULL,
        record BLOB NOT NULL,
        PRIMARY KEY (kind, key)
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS tickets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        expires_at REAL NOT NULL,
        record BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS desk (
        ticket_id TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        is_settled INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS desk_unsettled ON desk (is_settled, number)",
    "CREATE INDEX IF NOT EXISTS firsts_by_age ON firsts (expires_at)",
    "CREATE INDEX IF NOT EXISTS tickets_by_session ON tickets (session_id, digest, number)",
    "CREATE INDEX IF NOT EXISTS tickets_by_age ON tickets (expires_at)",
)
_FORGET_FIRSTS: Final = "DELETE FROM firsts WHERE rowid IN (SELECT rowid FROM firsts WHERE expires_at <= ? LIMIT ?)"
_FORGET_TICKETS: Final = (
    "DELETE FROM tickets WHERE number IN (SELECT number FROM tickets WHERE expires_at <= ? LIMIT ?)"
)

_FORGET_DESK: Final = "DELETE FROM desk WHERE is_settled AND number < (SELECT coalesce(min(number), 0) FROM tickets)"


class SqliteControl:
    """Raises ``StartFailed`` when the file is no usable database; its stores raise ``ServiceFailure`` when it fails later."""

    def __init__(self, path: Path) -> None:
        try:
            prepare(path, (*_SCHEMA, *CONNECTIONS_SCHEMA))
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The database of feedback and tickets {path.name} cannot be used ({error})."
                " Move it away to start anew, and keep it: it holds what shoppers have asked for."
            ) from error
        self._commits = GroupCommit(CONTROL, path)
        self.stores = ControlStores(
            feedback=SqliteFeedback(self._commits),
            tickets=SqliteTickets(self._commits),
            idempotency=SqliteIdempotency(self._commits),
        )
        self.connections = SqliteConnections(self._commits)

    async def ping(self) -> None:
        await self._commits.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._commits.close()


class SqliteFeedback:
    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._first = _FirstOf("feedback", Feedback)

    async def keep(self, feedback: Feedback) -> Feedback:
        return await self._commits.run(lambda db: self._first.keep(db, _joined(feedback.key), feedback))


class SqliteIdempotency:
    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._first = _FirstOf("idempotency", IdempotencyRecord)

    async def begin(self, record: IdempotencyRecord) -> IdempotencyRecord:
        return await self._commits.run(lambda db: self._first.keep(db, record.key, record))

    async def forget(self, record: IdempotencyRecord) -> None:
        await self._commits.run(lambda db: self._forget(db, record))

    def _forget(self, db: sqlite3.Connection, record: IdempotencyRecord) -> None:
        kept = self._first.found(db, record.key)
        if kept is not None and kept.message_id == record.message_id:
            self._first.drop(db, record.key)


class SqliteTickets:
    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._decoder = msgspec.json.Decoder(Ticket)

    async def file(self, ticket: Ticket) -> Ticket:
        return await self._commits.run(lambda db: self._file(db, ticket))

    async def of_session(self, session_id: str) -> tuple[Ticket, ...]:
        return await self._commits.run(lambda db: self._of_session(db, session_id))

    async def get(self, ticket_id: str) -> Ticket | None:
        return await self._commits.run(lambda db: self._get(db, ticket_id))

    async def change(self, before: Ticket, after: Ticket) -> Ticket | None:
        return await self._commits.run(lambda db: self._change(db, before, after))

    async def unsettled(self) -> tuple[Ticket, ...]:
        return await self._commits.run(self._unsettled)

    def _get(self, db: sqlite3.Connection, ticket_id: str) -> Ticket | None:
        row = db.execute(
            "SELECT record FROM desk JOIN tickets USING (number) WHERE ticket_id = ?", (ticket_id,)
        ).fetchone()
        return None if row is None else decoded(CONTROL, self._decoder, row[0])

    def _change(self, db: sqlite3.Connection, before: Ticket, after: Ticket) -> Ticket | None:
        known = self._get(db, before.ticket_id)
        if known is None or known.revision != before.revision:
            return None
        after = replace(after, revision=before.revision + 1)
        db.execute(
            "UPDATE tickets SET record = ? WHERE number = (SELECT number FROM desk WHERE ticket_id = ?)",
            (msgspec.json.encode(after), after.ticket_id),
        )
        db.execute("UPDATE desk SET is_settled = ? WHERE ticket_id = ?", (after.is_settled, after.ticket_id))
        return after

    def _unsettled(self, db: sqlite3.Connection) -> tuple[Ticket, ...]:
        rows = db.execute("SELECT record FROM desk JOIN tickets USING (number) WHERE NOT is_settled ORDER BY number")
        return tuple(decoded(CONTROL, self._decoder, record) for (record,) in rows)

    def _file(self, db: sqlite3.Connection, ticket: Ticket) -> Ticket:
        newest = db.execute(
            "SELECT record FROM tickets WHERE session_id = ? AND digest = ? ORDER BY number DESC LIMIT 1", ticket.key
        ).fetchone()
        if newest is not None and (filed := decoded(CONTROL, self._decoder, newest[0])).covers(ticket):
            return filed
        db.execute(_FORGET_TICKETS, (ticket.at.timestamp(), FORGOTTEN_AT_ONCE))
        db.execute(_FORGET_DESK)
        filed = db.execute(
            "INSERT INTO tickets (session_id, digest, expires_at, record) VALUES (?, ?, ?, ?)",
            (*ticket.key, ticket.expires_at.timestamp(), msgspec.json.encode(ticket)),
        )
        db.execute(
            "INSERT OR REPLACE INTO desk VALUES (?, ?, ?)", (ticket.ticket_id, filed.lastrowid, ticket.is_settled)
        )
        return ticket

    def _of_session(self, db: sqlite3.Connection, session_id: str) -> tuple[Ticket, ...]:
        rows = db.execute("SELECT record FROM tickets WHERE session_id = ? ORDER BY number", (session_id,))
        return tuple(decoded(CONTROL, self._decoder, record) for (record,) in rows)


class _FirstOf(Generic[Record]):
    """Records of one kind: the first of a key stands until it expires."""

    def __init__(self, kind: str, record: type[Record]) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(record)

    def keep(self, db: sqlite3.Connection, key: str, record: Record) -> Record:
        now = record.at.timestamp()
        db.execute(_FORGET_FIRSTS, (now, FORGOTTEN_AT_ONCE))
        db.execute(
            "INSERT INTO firsts VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE"
            " SET expires_at = excluded.expires_at, record = excluded.record WHERE expires_at <= ?",
            (self._kind, key, record.expires_at.timestamp(), msgspec.json.encode(record), now),
        )
        return self.found(db, key) or record

    def found(self, db: sqlite3.Connection, key: str) -> Record | None:
        row = db.execute("SELECT record FROM firsts WHERE kind = ? AND key = ?", (self._kind, key)).fetchone()
        return None if row is None else decoded(CONTROL, self._decoder, row[0])

    def drop(self, db: sqlite3.Connection, key: str) -> None:
        db.execute("DELETE FROM firsts WHERE kind = ? AND key = ?", (self._kind, key))


def _joined(key: tuple[str | None, ...]) -> str:
    """One string for a key of several parts, and no other for another."""
    return msgspec.json.encode(key).decode()
