"""Events set aside (K-4), in an index of their own, so that whoever looks on any machine finds those of all that index.

Each letter is one document under its own id. One that fails again is written over what was read, or read again where somebody
else was first; ``number`` says in which order they failed last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.dead_letters import DEAD_LETTERS, LETTERS_KEPT, DeadLetter, kept
from mangaassist.stores.opensearch import bulk
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.making import made, starting, template
from mangaassist.stores.opensearch.replacing import Operation
from mangaassist.stores.opensearch.searching import searched

PAGE: Final = 20
"""Letters of one reply: each may hold a megabyte."""
IDS: Final = 2 * LETTERS_KEPT
"""More letters than there ever are."""
TRIES: Final = 5
"""For a letter that others set aside at the same moment."""

Body = dict[str, Any]


class _Kept(Struct, frozen=True, kw_only=True):
    letter_id: str
    number: int
    source: str
    document_id: str
    version: int
    error: str
    event: str
    set_aside_at: str
    attempts: int
    is_due: bool


class _Hit(Struct, frozen=True):
    source: _Kept = field(name="_source")
    sort: tuple[Any, ...] = ()


class _Named(Struct, frozen=True):
    id: str = field(name="_id")


class _Versioned(Struct, frozen=True):
    document_id: str
    version: int


class _Overtaken(Struct, frozen=True):
    id: str = field(name="_id")
    source: _Versioned = field(name="_source")


class _Got(Struct, frozen=True):
    found: bool = False
    seq_no: int = field(name="_seq_no", default=0)
    primary_term: int = field(name="_primary_term", default=0)
    source: _Kept | None = field(name="_source", default=None)


class _GotAll(Struct, frozen=True):
    docs: tuple[_Got, ...]


class OpenSearchDeadLetters:
    """Use it with an index that is there. Methods are those of ``DeadLetters``; the engine stays open when it is closed."""

    def __init__(self, engine: Engine, index: str) -> None:
        """``engine`` is called as the service ``dead_letters``."""
        self._engine = engine
        self._index = index

    @classmethod
    async def open(cls, engine: Engine, name: str, replicas: int) -> "OpenSearchDeadLetters":
        """Those of a name; its index is made where there is none yet. Raises ``StartFailed``."""
        index, engine = f"{name}-dead-letters", engine.known_as(DEAD_LETTERS)
        body = template("dead_letters")
        body["settings"]["index"]["number_of_replicas"] = replicas
        with starting(engine.url):
            await made(engine, index, body)
        return cls(engine, index)

    async def set_aside(self, letter: DeadLetter) -> None:
        letter = kept(letter)
        for _ in range(TRIES):
            before = await self._before(letter.letter_id)
            newest = await self._listed({}, "desc", 1)
            number = newest[0].number + 1 if newest else 1
            if all(await self._send([_written(letter, before, number)])):
                await self._send([_deletion(one) for one in await self._beyond()])
                return
        raise ServiceFailure(self._engine.service, "error", "others keep setting the same event aside")

    async def newest(self, limit: int) -> Sequence[DeadLetter]:
        return [_letter(one) for one in await self._listed({}, "desc", limit)]

    async def counted(self) -> Mapping[str, int]:
        body: Body = {
            "size": 0,
            "track_total_hits": False,
            "aggs": {"chunks": {"terms": {"field": "source", "size": IDS}}},
        }
        return (await searched(self._engine, self._index, body, _Named)).aggregations.by_type

    async def ask_again(self, letter_ids: Sequence[str] | None = None) -> int:
        asked = await self._ids({"size": IDS}) if letter_ids is None else list(dict.fromkeys(letter_ids))
        marked = await self._send([Operation("update", {"_id": one}, {"doc": {"is_due": True}}) for one in asked])
        return sum(marked)

    async def due(self, limit: int) -> Sequence[DeadLetter]:
        return [_letter(one) for one in await self._listed({"query": DUE}, "asc", limit)]

    async def drop(self, letter_ids: Sequence[str]) -> None:
        await self._send([_deletion(one) for one in letter_ids])

    async def overtaken(self, source: str, versions: Mapping[str, int]) -> None:
        if not versions:
            return
        filters: list[Body] = [{"term": {"source": {"value": source}}}, {"terms": {"document_id": list(versions)}}]
        body: Body = {"size": IDS, "query": {"bool": {"filter": filters}}, "_source": ["document_id", "version"]}
        found = (await searched(self._engine, self._index, body, _Overtaken)).hits.hits
        await self.drop([one.id for one in found if one.source.version <= versions[one.source.document_id]])

    async def ping(self) -> None:
        await self._ids({"size": 0})

    async def close(self) -> None: ...

    async def _before(self, letter_id: str) -> _Got:
        body: Body = {"docs": [{"_id": letter_id}]}
        return (await self._engine.ask("POST", f"/{self._index}/_mget", _GotAll, body=body)).docs[0]

    async def _listed(self, asked: Body, order: str, limit: int) -> list[_Kept]:
        letters: list[_Kept] = []
        after: Body = {}
        while len(letters) < limit:
            page: Body = {"size": min(PAGE, limit - len(letters)), "sort": [{"number": order}, {"letter_id": order}]}
            hits = (await searched(self._engine, self._index, asked | page | after, _Hit)).hits.hits
            letters += [hit.source for hit in hits]
            if len(hits) < page["size"]:
                break
            after = {"search_after": list(hits[-1].sort)}
        return letters

    async def _beyond(self) -> list[str]:
        """The ids of those that are one too many."""
        newest_first: Body = {"size": IDS, "sort": [{"number": "desc"}, {"letter_id": "desc"}]}
        return (await self._ids(newest_first))[LETTERS_KEPT:]

    async def _ids(self, body: Body) -> list[str]:
        return [
            hit.id for hit in (await searched(self._engine, self._index, body | {"_source": False}, _Named)).hits.hits
        ]

    async def _send(self, operations: Sequence[Operation]) -> list[bool]:
        return await bulk.sent(self._engine, self._index, operations, refresh=True) if operations else []


DUE: Final[Body] = {"term": {"is_due": {"value": True}}}


def _written(letter: DeadLetter, before: _Got, number: int) -> Operation:
    told = _Kept(
        letter_id=letter.letter_id,
        number=number,
        source=letter.source,
        document_id=letter.document_id,
        version=letter.version,
        error=letter.error,
        event=letter.event,
        set_aside_at=letter.set_aside_at.isoformat(),
        attempts=1 if before.source is None else before.source.attempts + 1,
        is_due=letter.is_due,
    )
    about: Body = {"_id": letter.letter_id}
    if not before.found:
        return Operation("create", about, told)
    return Operation("index", about | {"if_seq_no": before.seq_no, "if_primary_term": before.primary_term}, told)


def _deletion(letter_id: str) -> Operation:
    return Operation("delete", {"_id": letter_id})


def _letter(one: _Kept) -> DeadLetter:
    return DeadLetter(
        source=one.source,
        document_id=one.document_id,
        version=one.version,
        error=one.error,
        event=one.event,
        set_aside_at=datetime.fromisoformat(one.set_aside_at),
        attempts=one.attempts,
        is_due=one.is_due,
    )
