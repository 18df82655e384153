"""Events set aside (K-4), in an index of their own: a ring of numbered places, so that the newest stay and nothing is swept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.index import POISONED_KEPT, Poisoned
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.failures import CONFLICT, SERVICE
from mangaassist.stores.opensearch.searching import searched

EVENT_LIMIT: Final = 4096
"""Characters kept of an event that was set aside."""
TRIES: Final = 8
"""For a number that nobody else takes at the same moment."""


class _Kept(Struct, frozen=True, kw_only=True):
    number: int
    source: str
    document_id: str
    version: int
    error: str
    event: str
    set_aside_at: str


class _Hit(Struct, frozen=True):
    source: _Kept = field(name="_source")


class _Stored(Struct, frozen=True):
    taken: bool = True


class _Counted(Struct, frozen=True):
    count: int


class SetAside:
    """Of all generations of a name together."""

    def __init__(self, engine: Engine, index: str) -> None:
        self._engine = engine
        self._index = index

    async def put(self, poisoned: Poisoned) -> None:
        """In the place of the oldest, once all are taken. Whoever finds its number taken takes the next."""
        newest = await self._newest(1)
        number = newest[0].number + 1 if newest else 1
        for taken in range(number, number + TRIES):
            if await self._stored(_kept(poisoned, taken)):
                return
        raise ServiceFailure(SERVICE, "error", f"{TRIES} others set events aside at once")

    async def latest(self, limit: int) -> Sequence[Poisoned]:
        return [_told(one) for one in await self._newest(min(limit, POISONED_KEPT))]

    async def count(self) -> int:
        return (await self._engine.ask("GET", f"/{self._index}/_count", _Counted)).count

    async def _stored(self, kept: _Kept) -> bool:
        params = {"version": str(kept.number), "version_type": "external", "refresh": "true"}
        path = f"/{self._index}/_doc/{kept.number % POISONED_KEPT}"
        overtaken = {CONFLICT: _Stored(taken=False)}
        return (await self._engine.ask("PUT", path, _Stored, body=kept, params=params, also=overtaken)).taken

    async def _newest(self, limit: int) -> Sequence[_Kept]:
        if limit <= 0:
            return ()
        body: dict[str, Any] = {"size": limit, "sort": [{"number": "desc"}], "track_total_hits": False}
        return [one.source for one in (await searched(self._engine, self._index, body, _Hit)).hits.hits]


def _kept(poisoned: Poisoned, number: int) -> _Kept:
    return _Kept(
        number=number,
        source=_storable(poisoned.source),
        document_id=_storable(poisoned.document_id),
        version=poisoned.version,
        error=_storable(poisoned.error),
        event=_storable(poisoned.event),
        set_aside_at=poisoned.set_aside_at.isoformat(),
    )


def _told(kept: _Kept) -> Poisoned:
    return Poisoned(
        source=kept.source,
        document_id=kept.document_id,
        version=kept.version,
        error=kept.error,
        event=kept.event,
        set_aside_at=datetime.fromisoformat(kept.set_aside_at),
    )


def _storable(text: str) -> str:
    """What is set aside is broken by nature; it must not break the request too."""
    return text[:EVENT_LIMIT].encode("utf-8", "replace").decode()
