"""The requests that read: several searches in one, chunks and heads by their ids, lists and counts, as what they give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import msgspec
from msgspec import Struct, field

from mangaassist.errors import ServiceFailure
from mangaassist.stores.opensearch import queries
from mangaassist.stores.opensearch.chunk_documents import Head, KeptChunk, cursor_id, head_id, routing
from mangaassist.stores.opensearch.engine import ANSWER_S, Engine
from mangaassist.stores.opensearch.failures import EngineError, refused
from mangaassist.stores.opensearch.queries import Counts, Found
from mangaassist.stores.opensearch.replacing import SeenHead

T = TypeVar("T")

SPREAD: Final = "dfs_query_then_fetch"
"""How rare a word is, over all shards; the engine drops that step itself where there is one shard."""


class Shards(Struct, frozen=True):
    failed: int = 0


class Hits(Struct, Generic[T], frozen=True):
    hits: tuple[T, ...] = ()


class Searched(Struct, Generic[T], frozen=True):
    """A reply to a search. What some shards could not answer is no answer: the best page may be theirs."""

    hits: Hits[T] = Hits()
    aggregations: Counts = Counts()
    timed_out: bool = False
    shards: Shards = field(name="_shards", default=Shards())
    status: int = 200
    error: EngineError | None = None

    def checked(self, service: str) -> "Searched[T]":
        if self.error is not None:
            raise refused(service, self.status, self.error)
        if self.timed_out or self.shards.failed:
            raise ServiceFailure(service, "error", f"{self.shards.failed} shards gave no answer")
        return self


class _ReadChunk(Struct, frozen=True):
    id: str = field(name="_id")
    version: int = field(name="_version")
    source: KeptChunk = field(name="_source")


class _Listed(Struct, frozen=True):
    source: "_ListedHead" = field(name="_source")


class _ListedHead(Struct, frozen=True):
    document_id: str
    version: int


class _GotHead(Struct, frozen=True):
    found: bool = False
    seq_no: int = field(name="_seq_no", default=0)
    primary_term: int = field(name="_primary_term", default=0)
    source: Head | None = field(name="_source", default=None)
    error: EngineError | None = None


class _Cursor(Struct, frozen=True):
    cursor: str = ""


class _GotCursor(Struct, frozen=True):
    source: _Cursor = field(name="_source", default=_Cursor())
    error: EngineError | None = None


class _Many(Struct, Generic[T], frozen=True):
    responses: tuple[T, ...] = ()


class _Got(Struct, Generic[T], frozen=True):
    docs: tuple[T, ...] = ()


async def found(engine: Engine, index: str, bodies: Sequence[Mapping[str, Any]]) -> list[tuple[Found, ...]]:
    """What several searches find, asked for at once."""
    lines = b"".join(
        msgspec.json.encode({} if "knn" in body["query"] else {"search_type": SPREAD})
        + b"\n"
        + msgspec.json.encode(body)
        + b"\n"
        for body in bodies
    )
    reply = await engine.ask("POST", f"/{index}/_msearch", _Many[Searched[Found]], lines=lines)
    if len(reply.responses) != len(bodies):
        raise ServiceFailure(engine.service, "contract", f"{len(reply.responses)} replies to {len(bodies)} searches")
    return [one.checked(engine.service).hits.hits for one in reply.responses]


async def searched(engine: Engine, index: str, body: Mapping[str, Any], hit: type[T]) -> Searched[T]:
    return (await engine.ask("POST", f"/{index}/_search", Searched[hit], body=body)).checked(engine.service)


async def counts(engine: Engine, index: str) -> Counts:
    return (await searched(engine, index, queries.COUNTED, Found)).aggregations


async def chunks(engine: Engine, index: str, keys: Sequence[str]) -> dict[str, tuple[int, KeptChunk]]:
    """The chunks of these keys that are there, each with the version under which it is kept."""
    read: dict[str, tuple[int, KeptChunk]] = {}
    for part in _pages(keys):
        reply = await searched(engine, index, queries.by_ids(part), _ReadChunk)
        read |= {one.id: (one.version, one.source) for one in reply.hits.hits}
    return read


async def heads(engine: Engine, index: str, document_ids: Sequence[str]) -> dict[str, SeenHead]:
    """The heads of these documents as they are at this moment, found by searches yet or not."""
    seen: dict[str, SeenHead] = {}
    for part in _pages(document_ids):
        docs = [{"_id": head_id(one), "routing": routing(one)} for one in part]
        got = await engine.ask("POST", f"/{index}/_mget", _Got[_GotHead], body={"docs": docs}, within_s=ANSWER_S)
        if len(got.docs) != len(part):
            raise ServiceFailure(
                engine.service, "contract", f"{len(got.docs)} documents of {len(part)} that were asked for"
            )
        for document_id, one in zip(part, got.docs, strict=True):
            if one.error is not None:
                raise refused(engine.service, 500, one.error)
            if one.found and one.source is not None:
                seen[document_id] = SeenHead(one.source, one.seq_no, one.primary_term)
    return seen


async def cursor(engine: Engine, index: str, feed: str) -> str:
    """How far of a feed everything is in the index, as it was noted last; "" where nobody has."""
    body = {"docs": [{"_id": cursor_id(feed)}]}
    got = await engine.ask("POST", f"/{index}/_mget", _Got[_GotCursor], body=body, within_s=ANSWER_S)
    if len(got.docs) != 1:
        raise ServiceFailure(engine.service, "contract", f"{len(got.docs)} documents of one that was asked for")
    if (error := got.docs[0].error) is not None:
        raise refused(engine.service, 500, error)
    return got.docs[0].source.cursor


async def versions(engine: Engine, index: str, source: str) -> dict[str, int]:
    """The version of every document of a source that is there."""
    known: dict[str, int] = {}
    after: str | None = None
    while True:
        page = (await searched(engine, index, queries.documents_of(source, after), _Listed)).hits.hits
        known |= {one.source.document_id: one.source.version for one in page}
        if len(page) < queries.AT_ONCE:
            return known
        after = page[-1].source.document_id


async def scale(engine: Engine, index: str) -> float:
    """What this engine's BM25 must be multiplied with: versions before 3 give it ``k1 + 1`` times what later ones do."""
    hits = (await searched(engine, index, queries.SCALED, Found)).hits.hits
    if not hits or hits[0].score <= 0:
        raise ServiceFailure(engine.service, "contract", "the index lacks the text that its scores are measured by")
    return queries.KNOWN_SCORE / hits[0].score


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(ids), queries.AT_ONCE):
        yield ids[begin : begin + queries.AT_ONCE]
