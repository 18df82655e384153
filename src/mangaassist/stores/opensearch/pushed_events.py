"""Pushed events in an index of their own in an OpenSearch (K-5): whoever serves keeps them, whoever indexes takes them.

An event is a document under its delivery's name, which can be made only once; the newest event of each page is one as well.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, Literal

from msgspec import Struct, field

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.sources.pushed_events import MOST_WAITING, REMEMBERED_S, Kept
from mangaassist.stores.opensearch import bulk
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.making import made, starting, template
from mangaassist.stores.opensearch.replacing import Operation
from mangaassist.stores.opensearch.searching import searched

PAGE: Final = 20
"""Events of one reply that are read: each may hold 64 KiB."""

State = Literal["waiting", "taken", "newest"]
Body = dict[str, Any]


class _Event(Struct, frozen=True, kw_only=True):
    source: str
    state: State
    name: str
    at: int
    event: str


class _Hit(Struct, frozen=True):
    source: _Event = field(name="_source")


class _Named(Struct, frozen=True):
    name: str
    at: int


class _NamedHit(Struct, frozen=True):
    source: _Named = field(name="_source")


class _Got(Struct, frozen=True):
    found: bool = False
    source: _Event | None = field(name="_source", default=None)


class _GotAll(Struct, frozen=True):
    docs: tuple[_Got, ...]


class OpenSearchEvents:
    """Methods are those of ``PushedEvents``; the engine stays open. ``clock`` gives seconds since 1970."""

    def __init__(
        self,
        engine: Engine,
        index: str,
        source: str,
        clock: Callable[[], float] = time.time,
        most_waiting: int = MOST_WAITING,
        remembered_s: float = REMEMBERED_S,
    ) -> None:
        self._engine = engine
        self._index = index
        self._source = source
        self._clock = clock
        self._most_waiting = most_waiting
        self._remembered_s = remembered_s

    @classmethod
    async def make(cls, engine: Engine, name: str, replicas: int) -> str:
        """The index of the events of a name, made where there is none yet. Raises ``StartFailed``."""
        index, body = f"{name}-pushed-events", template("pushed_events")
        body["settings"]["index"]["number_of_replicas"] = replicas
        with starting(engine.url):
            await made(engine, index, body)
        return index

    async def keep(self, delivery: str, event: bytes) -> Kept:
        if (await self._got(self._id(delivery))).found:
            return "known"
        if len(await self._named("waiting", self._most_waiting)) >= self._most_waiting:
            return "full"
        told = self._told("waiting", delivery, event)
        return "kept" if await self._send(Operation("create", {"_id": self._id(delivery)}, told)) else "known"

    async def waiting(self) -> Sequence[str]:
        return [one.name for one in await self._named("waiting", self._most_waiting)]

    async def read(self, delivery: str) -> bytes:
        kept = (await self._got(self._id(delivery))).source
        if kept is None:
            raise ServiceFailure(self._engine.service, "contract", "a pushed event is gone")
        return kept.event.encode()

    async def take(self, delivery: str) -> None:
        taken = {"doc": {"state": "taken", "at": self._now()}}
        await self._send(Operation("update", {"_id": self._id(delivery)}, taken))

    async def forget(self) -> None:
        """The oldest of them, as many as one search shows: the others the next time."""
        limit = self._now() - int(self._remembered_s * 1e9)
        over = [one.name for one in await self._named("taken", PAGE) if one.at < limit]
        await self._send(*(Operation("delete", {"_id": self._id(name)}) for name in over))

    async def remember(self, document_id: str, event: bytes) -> None:
        name = _newest(document_id)
        await self._send(Operation("index", {"_id": self._id(name)}, self._told("newest", name, event)))

    async def remembered(self, document_id: str) -> bytes | None:
        kept = (await self._got(self._id(_newest(document_id)))).source
        return None if kept is None else kept.event.encode()

    async def newest(self, after: str, limit: int) -> Sequence[tuple[str, bytes]]:
        behind: Body = {"search_after": [after]} if after else {}
        body = self._asked("newest", min(limit, PAGE)) | {"sort": [{"name": "asc"}]} | behind
        hits = (await searched(self._engine, self._index, body, _Hit)).hits.hits
        return [(hit.source.name, hit.source.event.encode()) for hit in hits]

    def _asked(self, state: State, size: int) -> Body:
        filters = [{"term": {"source": {"value": self._source}}}, {"term": {"state": {"value": state}}}]
        return {"size": size, "query": {"bool": {"filter": filters}}}

    async def _named(self, state: State, size: int) -> list[_Named]:
        """The longest there first."""
        oldest: Body = {"sort": [{"at": "asc"}, {"name": "asc"}], "_source": ["name", "at"]}
        found = await searched(self._engine, self._index, self._asked(state, size) | oldest, _NamedHit)
        return [hit.source for hit in found.hits.hits]

    async def _got(self, name: str) -> _Got:
        body: Mapping[str, Any] = {"docs": [{"_id": name}]}
        return (await self._engine.ask("POST", f"/{self._index}/_mget", _GotAll, body=body)).docs[0]

    async def _send(self, *operations: Operation) -> bool:
        """Whether all of them hold; they are seen by every search when this returns."""
        return not operations or all(await bulk.sent(self._engine, self._index, operations, refresh=True))

    def _id(self, name: str) -> str:
        return f"{self._source}:{name}"

    def _told(self, state: State, name: str, event: bytes) -> _Event:
        text = event.decode("utf-8", "replace")
        return _Event(source=self._source, state=state, name=name, at=self._now(), event=text)

    def _now(self) -> int:
        return int(self._clock() * 1e9)


def _newest(document_id: str) -> str:
    return f"newest-{blake2b(document_id.encode(), digest_size=16).hexdigest()}"
