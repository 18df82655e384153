"""Events set aside, in SQLite: a database of its own among what must not be lost, since an index is only derived (K-4, O-7)."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mangaassist.errors import StartFailed
from mangaassist.knowledge.dead_letters import DEAD_LETTERS, LETTERS_KEPT, DeadLetter, kept
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import prepare

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS letters (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        letter_id TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        document_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        error TEXT NOT NULL,
        event TEXT NOT NULL,
        set_aside_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        is_due INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS letters_by_document ON letters (source, document_id, version)",
    "CREATE INDEX IF NOT EXISTS letters_due ON letters (number) WHERE is_due",
)
_LETTER: Final = "source, document_id, version, error, event, set_aside_at, attempts, is_due"


class SqliteDeadLetters:
    """Methods are those of ``DeadLetters``. The process that indexes and a command may have the file open at once.

    Raises ``StartFailed`` when the file is no usable database.
    """

    def __init__(self, path: Path) -> None:
        try:
            prepare(path, _SCHEMA)
        except (OSError, sqlite3.DatabaseError) as error:
            raise StartFailed(
                f"The database of events set aside {path} cannot be used ({error}). Move it away to start anew."
            ) from error
        self._commits = GroupCommit(DEAD_LETTERS, path)

    async def set_aside(self, letter: DeadLetter) -> None:
        await self._commits.run(lambda db: _set_aside(db, kept(letter)))

    async def newest(self, limit: int) -> Sequence[DeadLetter]:
        statement = f"SELECT {_LETTER} FROM letters ORDER BY number DESC LIMIT ?"  # noqa: S608  its columns
        return await self._commits.run(lambda db: _letters(db.execute(statement, (limit,))))

    async def counted(self) -> Mapping[str, int]:
        statement = "SELECT source, count(*) FROM letters GROUP BY source"
        return await self._commits.run(lambda db: dict(db.execute(statement).fetchall()))

    async def ask_again(self, letter_ids: Sequence[str] | None = None) -> int:
        return await self._commits.run(lambda db: _ask_again(db, letter_ids))

    async def due(self, limit: int) -> Sequence[DeadLetter]:
        statement = f"SELECT {_LETTER} FROM letters WHERE is_due ORDER BY number LIMIT ?"  # noqa: S608  its columns
        return await self._commits.run(lambda db: _letters(db.execute(statement, (limit,))))

    async def drop(self, letter_ids: Sequence[str]) -> None:
        named = [(one,) for one in letter_ids]
        await self._commits.run(lambda db: db.executemany("DELETE FROM letters WHERE letter_id = ?", named))

    async def overtaken(self, source: str, versions: Mapping[str, int]) -> None:
        taken = [(source, document_id, version) for document_id, version in versions.items()]
        statement = "DELETE FROM letters WHERE source = ? AND document_id = ? AND version <= ?"
        await self._commits.run(lambda db: db.executemany(statement, taken))

    async def ping(self) -> None:
        await self._commits.run(lambda db: db.execute("SELECT 1").fetchone())

    async def close(self) -> None:
        await self._commits.close()


def _set_aside(db: sqlite3.Connection, letter: DeadLetter) -> None:
    before = db.execute("DELETE FROM letters WHERE letter_id = ? RETURNING attempts", (letter.letter_id,)).fetchall()
    attempts = 1 + sum(attempts for (attempts,) in before)
    row = (letter.letter_id, letter.source, letter.document_id, letter.version, letter.error, letter.event)
    db.execute(
        "INSERT INTO letters VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (*row, letter.set_aside_at.isoformat(), attempts),
    )
    oldest = "SELECT number FROM letters ORDER BY number DESC LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM letters WHERE number IN ({oldest})", (LETTERS_KEPT,))  # noqa: S608  the line above


def _ask_again(db: sqlite3.Connection, letter_ids: Sequence[str] | None) -> int:
    if letter_ids is None:
        return db.execute("UPDATE letters SET is_due = 1").rowcount
    marked = [db.execute("UPDATE letters SET is_due = 1 WHERE letter_id = ?", (one,)).rowcount for one in letter_ids]
    return sum(marked)


def _letters(rows: sqlite3.Cursor) -> list[DeadLetter]:
    return [_letter(row) for row in rows]


def _letter(row: tuple[Any, ...]) -> DeadLetter:
    return DeadLetter(
        source=row[0],
        document_id=row[1],
        version=row[2],
        error=row[3],
        event=row[4],
        set_aside_at=datetime.fromisoformat(row[5]),
        attempts=row[6],
        is_due=bool(row[7]),
    )
