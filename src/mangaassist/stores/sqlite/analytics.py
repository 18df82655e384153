"""What happened in the sessions, in SQLite: the embedded ``EventStream``. ``docs/analytics.md`` says how it is read."""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from mangaassist.errors import StartFailed
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import connect
from mangaassist.telemetry.analytics import ANALYTICS, KEPT, AnyEvent, Event

FORGOTTEN_AT_ONCE: Final = 1000
"""More than a batch adds, so that the past grows no longer."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    session TEXT NOT NULL,
    customer TEXT,
    kind TEXT NOT NULL,
    figures TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS events_by_age ON events (at);
CREATE INDEX IF NOT EXISTS events_by_session ON events (session);
"""
_ENCODER: Final = msgspec.json.Encoder()
_WHAT: Final = msgspec.json.Decoder(AnyEvent)


class SqliteEventStream:
    """Raises ``StartFailed`` when the file is no usable database, ``ServiceFailure`` when it fails later. ``now`` gives UTC."""

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(connect(path)) as db:
                db.executescript(_SCHEMA)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The analytics database {path.name} cannot be used ({error}). Move it away to start anew."
            ) from error
        self._commits = GroupCommit(ANALYTICS, path)

    async def put(self, events: Sequence[Event]) -> Sequence[Event]:
        oldest = (self._now() - KEPT).isoformat()
        await self._commits.run(lambda db: _put(db, events, oldest))
        return ()

    async def newest(self, limit: int = 1000) -> tuple[Event, ...]:
        """The events that came last, oldest first."""
        return await self._commits.run(lambda db: _newest(db, limit))

    async def ping(self) -> None:
        await self._commits.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._commits.close()


def _put(db: sqlite3.Connection, events: Sequence[Event], oldest: str) -> None:
    db.execute(
        "DELETE FROM events WHERE number IN (SELECT number FROM events WHERE at < ? ORDER BY at LIMIT ?)",
        (oldest, FORGOTTEN_AT_ONCE),
    )
    db.executemany("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", map(_row, events))


def _row(event: Event) -> tuple[str | None, ...]:
    figures = _ENCODER.encode(event.what).decode()
    return event.id, event.at.isoformat(), event.session, event.customer, event.what.kind, figures


def _newest(db: sqlite3.Connection, limit: int) -> tuple[Event, ...]:
    rows = db.execute(
        "SELECT id, at, session, customer, figures FROM events ORDER BY number DESC LIMIT ?", (limit,)
    ).fetchall()
    return tuple(
        Event(
            id=event_id,
            at=datetime.fromisoformat(at),
            session=session,
            customer=customer,
            what=_WHAT.decode(figures),
        )
        for event_id, at, session, customer, figures in reversed(rows)
    )
