"""The connections of an API Gateway in SQLite: the embedded adapter, over the control plane's file and thread (W-13)."""

import sqlite3
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from mangaassist.edge.api_gateway.connections import CONNECTIONS, GatewayConnection
from mangaassist.stores.sqlite.group_commit import GroupCommit
from mangaassist.stores.sqlite.lanes import decoded

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS gateway_connections (
        connection_id TEXT PRIMARY KEY,
        holder TEXT NOT NULL,
        revision INTEGER NOT NULL,
        record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS gateway_holders (
        holder TEXT PRIMARY KEY,
        there_until REAL NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS gateway_connections_by_holder ON gateway_connections (holder)",
)


class SqliteConnections:
    """Methods are those of ``Connections``. Whoever opened the file closes it."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._decoder = msgspec.json.Decoder(GatewayConnection)

    async def keep(self, connection: GatewayConnection) -> None:
        row = (connection.connection_id, connection.holder, connection.revision, msgspec.json.encode(connection))
        await self._commits.run(
            lambda db: db.execute("INSERT OR REPLACE INTO gateway_connections VALUES (?, ?, ?, ?)", row)
        )

    async def find(self, connection_id: str) -> GatewayConnection | None:
        statement = "SELECT record FROM gateway_connections WHERE connection_id = ?"
        row = await self._commits.run(lambda db: db.execute(statement, (connection_id,)).fetchone())
        return None if row is None else decoded(CONNECTIONS, self._decoder, row[0])

    async def replace(self, before: GatewayConnection, after: GatewayConnection) -> GatewayConnection | None:
        after = replace(after, revision=before.revision + 1)
        new = (after.holder, after.revision, msgspec.json.encode(after), before.connection_id, before.revision)
        statement = (
            "UPDATE gateway_connections SET holder = ?, revision = ?, record = ?"
            " WHERE connection_id = ? AND revision = ?"
        )
        written = await self._commits.run(lambda db: db.execute(statement, new).rowcount)
        return after if written else None

    async def forget(self, connection_id: str) -> None:
        statement = "DELETE FROM gateway_connections WHERE connection_id = ?"
        await self._commits.run(lambda db: db.execute(statement, (connection_id,)))

    async def held_by(self, holder: str, limit: int) -> tuple[str, ...]:
        statement = "SELECT connection_id FROM gateway_connections WHERE holder = ? LIMIT ?"
        return await self._commits.run(lambda db: _names(db.execute(statement, (holder, limit))))

    async def beat(self, holder: str, until: datetime) -> None:
        row = (holder, until.timestamp())
        await self._commits.run(lambda db: db.execute("INSERT OR REPLACE INTO gateway_holders VALUES (?, ?)", row))

    async def lapsed(self, now: datetime) -> tuple[str, ...]:
        statement = "SELECT holder FROM gateway_holders WHERE there_until < ?"
        return await self._commits.run(lambda db: _names(db.execute(statement, (now.timestamp(),))))

    async def retire(self, holder: str) -> None:
        await self._commits.run(lambda db: db.execute("DELETE FROM gateway_holders WHERE holder = ?", (holder,)))


def _names(rows: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(name for (name,) in rows)
