"""The connections of an API Gateway in memory, for as long as the object lives."""

from datetime import datetime

from msgspec.structs import replace

from mangaassist.edge.api_gateway.connections import GatewayConnection


class MemoryConnections:
    """``kept`` by their ids."""

    def __init__(self) -> None:
        self.kept: dict[str, GatewayConnection] = {}
        self._there_until: dict[str, datetime] = {}

    async def keep(self, connection: GatewayConnection) -> None:
        self.kept[connection.connection_id] = connection

    async def find(self, connection_id: str) -> GatewayConnection | None:
        return self.kept.get(connection_id)

    async def replace(self, before: GatewayConnection, after: GatewayConnection) -> GatewayConnection | None:
        known = self.kept.get(before.connection_id)
        if known is None or known.revision != before.revision:
            return None
        self.kept[before.connection_id] = changed = replace(after, revision=before.revision + 1)
        return changed

    async def forget(self, connection_id: str) -> None:
        self.kept.pop(connection_id, None)

    async def held_by(self, holder: str, limit: int) -> tuple[str, ...]:
        return tuple(name for name, known in self.kept.items() if known.holder == holder)[:limit]

    async def beat(self, holder: str, until: datetime) -> None:
        self._there_until[holder] = until

    async def lapsed(self, now: datetime) -> tuple[str, ...]:
        return tuple(holder for holder, until in self._there_until.items() if until < now)

    async def retire(self, holder: str) -> None:
        self._there_until.pop(holder, None)
