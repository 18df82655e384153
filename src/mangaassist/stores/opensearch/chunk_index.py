"""The distributed chunk index (K-3, O-5): one OpenSearch index a generation, shared by any number of processes.

A write goes in four steps: heads are read, chunks written, heads written over what was read, and with that refresh all of it is
found at once. No refresh comes by itself, so that searches see a document before its change or after it. Who dies in between has
acknowledged nothing; its chunks are written again under the same versions.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.index import (
    LINE_LIMIT_S,
    SEARCH_LIMIT_S,
    IndexHit,
    IndexQuery,
    IndexStats,
    Revision,
    StoredChunk,
    Unstorable,
)
from mangaassist.services.limits import Limits
from mangaassist.stores.opensearch import bulk, queries, searching
from mangaassist.stores.opensearch.chunk_documents import chunk_key, cursor_id, stored
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.known_chunks import KnownChunks
from mangaassist.stores.opensearch.queries import Counts, Found
from mangaassist.stores.opensearch.replacing import Operation, Replacement, SeenHead, drops, plan

SEARCHES: Final = 16
"""Of one process under way at once; more of them wait in line."""
LOOK_EVERY_S: Final = 0.5
"""How often a process looks whether another has written: a new version is heard of within a second (O-7)."""
TRIES: Final = 5
"""For a document that others write at the same time."""
TIDY_S: Final = 60.0


class _Health(Struct, frozen=True):
    status: str


class _Done(Struct, frozen=True):
    pass


class OpenSearchChunkIndex:
    """Use ``open``. Methods are those of ``ChunkIndex``; the engine stays open when the index is closed."""

    def __init__(self, engine: Engine, index: str, dimensions: int) -> None:
        self.name = index
        self._engine = engine
        self._dimensions = dimensions
        self._chunks = KnownChunks()
        self._counts = Counts()
        self._scale = 1.0
        self._version = 0
        self._limits = Limits()
        self._line = asyncio.Semaphore(SEARCHES)
        self._writing = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, engine: Engine, index: str, dimensions: int, *, looks: bool = True) -> "OpenSearchChunkIndex":
        """Of an index that is there. ``looks``: what others write is noted by itself, and not by ``catch_up`` alone.

        Raises ``ServiceFailure`` when it cannot be read.
        """
        opened = cls(engine, index, dimensions)
        opened._scale = await searching.scale(engine, index)
        await opened.look()
        if looks:
            opened._looking = asyncio.create_task(opened._look_again(), name=f"versions of {index}")
        return opened

    @property
    def knowledge_version(self) -> int:
        return self._version

    async def look(self) -> Counts:
        """Take note of what others wrote."""
        self._counts = await searching.counts(self._engine, self.name)
        self._version = max(self._version, int(self._counts.writes.value))
        return self._counts

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        for revision in revisions:
            _check(revision, self._dimensions)
        if not revisions:
            return ()
        async with self._writing:  # one write of a process at a time: the engine's queues are everybody's
            taken = await self._write(revisions)
            with contextlib.suppress(ServiceFailure):  # what is written is written
                await self.look()
        return taken

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        async with self._place_in_line():
            limit_s = SEARCH_LIMIT_S * self._engine.timeout_factor
            try:
                with self._limits.within(limit_s):
                    return await self._search(query)
            except TimeoutError as error:
                raise ServiceFailure(
                    self._engine.service, "timeout", f"no answer within {limit_s * 1000:.0f} ms"
                ) from error

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        read = await searching.chunks(self._engine, self.name, [chunk_key(one) for one in chunk_ids])
        return [stored(read[key][1]) for one in chunk_ids if (key := chunk_key(one)) in read]

    async def versions(self, source: str) -> Mapping[str, int]:
        return await searching.versions(self._engine, self.name, source)

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        heads = await searching.heads(self._engine, self.name, document_ids)
        return {document_id: seen.head.version for document_id, seen in heads.items()}

    async def cursor(self, feed: str) -> str:
        return await searching.cursor(self._engine, self.name, feed)

    async def keep_cursor(self, feed: str, cursor: str) -> None:
        await self._send([Operation("index", {"_id": cursor_id(feed)}, {"cursor": cursor})])

    async def catch_up(self) -> bool:
        await self.look()
        return True

    async def stats(self) -> IndexStats:
        counts = await self.look()
        return IndexStats(
            documents=counts.documents(removed=False),
            removed=counts.documents(removed=True),
            chunks=counts.by_type,
            knowledge_version=self._version,
        )

    async def consolidate(self) -> None:
        """Segments that hold much of what was replaced are merged. The engine goes on when nobody waits for it any more."""
        with contextlib.suppress(ServiceFailure):
            params = {"only_expunge_deletes": "true"}
            await self._engine.ask("POST", f"/{self.name}/_forcemerge", _Done, params=params, within_s=TIDY_S)

    async def ping(self) -> None:
        """Raises ``ServiceFailure`` also when the engine is there and a part of the index is not."""
        health = await self._engine.ask("GET", f"/_cluster/health/{self.name}", _Health)
        if health.status == "red":
            raise ServiceFailure(self._engine.service, "unreachable", "a part of the index has no copy that answers")

    async def close(self) -> None:
        looking, self._looking = self._looking, None
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def _place_in_line(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(LINE_LIMIT_S * self._engine.timeout_factor):
                await self._line.acquire()
        except TimeoutError as error:
            raise ServiceFailure(self._engine.service, "timeout", "too many searches wait") from error
        try:
            yield
        finally:
            self._line.release()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            with contextlib.suppress(ServiceFailure):  # ``ping`` tells of it
                await self.look()

    async def _search(self, query: IndexQuery) -> Sequence[IndexHit]:
        near, matching = queries.near(query), queries.matching(query, self._counts.by_type, self._scale)
        asked = [body for body in (near, matching) if body is not None]
        if not asked:
            return []
        replies = iter(await searching.found(self._engine, self.name, asked))
        nearest = () if near is None else queries.few_of_each(next(replies), query.depth, query.per_family)
        worded = () if matching is None else queries.few_of_each(next(replies), query.depth, query.per_family)
        known = await self._known((*nearest, *worded))
        return _hits(known, {one.id: one.score for one in worded}, query)

    async def _known(self, hits: Iterable[Found]) -> list[tuple[str, StoredChunk]]:
        """The chunks of these hits in their order, without those that were removed since they were found."""
        versions = {one.id: one.version for one in hits}
        known = self._chunks.known(versions)
        missing = [key for key in versions if key not in known]
        if missing:
            kept = await searching.chunks(self._engine, self.name, missing)
            read = {key: (version, stored(chunk)) for key, (version, chunk) in kept.items()}
            self._chunks.keep(read)
            known |= {key: chunk for key, (_, chunk) in read.items()}
        return [(key, known[key]) for key in versions if key in known]

    async def _write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        taken = [False] * len(revisions)
        waiting = list(range(len(revisions)))
        lost: dict[str, Replacement] = {}
        refused: dict[str, ServiceFailure] = {}
        for _ in range(TRIES):
            mine = [revisions[place] for place in waiting]
            heads = await searching.heads(self._engine, self.name, list({one.document_id for one in mine}))
            planned = plan(mine, heads)
            await self._send(_left_behind(lost, heads), refresh=True)
            refused |= await self._chunks_refused(planned.replacements, heads)
            replacements = {one: what for one, what in planned.replacements.items() if one not in refused}
            won = await self._sealed(list(replacements.values()))
            lost = {document_id: one for document_id, one in replacements.items() if document_id not in won}
            for place, counts in zip(waiting, planned.taken, strict=True):
                taken[place] = counts and revisions[place].document_id in won
            waiting = [place for place in waiting if revisions[place].document_id in lost]
            if not waiting and refused:
                raise Unstorable(refused, taken)
            if not waiting:
                return tuple(taken)
        raise ServiceFailure(self._engine.service, "error", "others keep writing the same documents")

    async def _chunks_refused(
        self, replacements: Mapping[str, Replacement], heads: Mapping[str, SeenHead]
    ) -> dict[str, ServiceFailure]:
        """Chunks first. The documents of which the engine can never keep one; nothing new is left of those."""
        operations = [(one, operation) for one, what in replacements.items() for operation in what.operations()]
        sent = [operation for _, operation in operations]
        held = await bulk.tried(self._engine, self.name, sent, refresh=False) if sent else []
        pairs = zip(operations, held, strict=True)
        refused = {one: failure for (one, _), failure in pairs if isinstance(failure, ServiceFailure)}
        await self._send(
            [drop for one in refused for drop in _new_chunks(replacements[one], heads.get(one))], refresh=True
        )
        return refused

    async def _sealed(self, replacements: Sequence[Replacement]) -> set[str]:
        """Then heads, each over the one that was read. The documents whose head is ours now."""
        held = await self._send([one.seal() for one in replacements], refresh=True)
        won = {one.head.document_id for one, holds in zip(replacements, held, strict=True) if holds}
        self._version += len(won)
        return won

    async def _send(self, operations: Sequence[Operation], *, refresh: bool = False) -> list[bool]:
        return await bulk.sent(self._engine, self.name, operations, refresh=refresh) if operations else []


def _left_behind(lost: Mapping[str, Replacement], heads: Mapping[str, SeenHead]) -> list[Operation]:
    """Chunks that were written for a version which lost, and which the one that won does not have."""
    return [
        operation
        for document_id, one in lost.items()
        if (seen := heads.get(document_id)) is not None
        for operation in drops(seen.head, one.chunks.keys() - set(seen.head.chunk_ids))
    ]


def _new_chunks(refused: Replacement, seen: SeenHead | None) -> Iterable[Operation]:
    return drops(refused.head, refused.chunks.keys() - set(() if seen is None else seen.head.chunk_ids))


def _hits(
    known: Sequence[tuple[str, StoredChunk]], lexical: Mapping[str, float], query: IndexQuery
) -> Sequence[IndexHit]:
    if query.vector is None or not known:
        return [IndexHit(chunk, 0.0, lexical.get(key, 0.0)) for key, chunk in known]
    cosines: list[float] = (np.stack([chunk.vector for _, chunk in known]) @ query.vector).tolist()
    return [IndexHit(chunk, cosine, lexical.get(key, 0.0)) for (key, chunk), cosine in zip(known, cosines, strict=True)]


def _check(revision: Revision, dimensions: int) -> None:
    if revision.removes:
        return
    vectors = revision.vectors
    if vectors is None or vectors.shape != (len(revision.chunks), dimensions) or not np.isfinite(vectors).all():
        shape = None if vectors is None else vectors.shape
        raise ValueError(f"{revision.document_id}: {len(revision.chunks)} chunks with vectors {shape}")
