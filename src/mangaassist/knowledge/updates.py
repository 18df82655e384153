"""The update pipeline (K-4): changes come in, what changed is embedded, the index is replaced in one step, the lag is told."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct, structs

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Encoder, Spans, Vector, Vectors
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge.chunking import CHUNK_TOKENS, chunks_of, embedded_text
from mangaassist.knowledge.dead_letters import EVENT_LIMIT, DeadLetter, DeadLetters
from mangaassist.knowledge.documents import Document, DocumentChange, PoisonedEvent, decode_change, encode_change
from mangaassist.knowledge.index import ChunkIndex, Revision, StoredChunk, Unstorable

QUEUE_LIMIT = 256
"""Changes that wait; past it whoever offers one waits too, so that a stream is read no faster than it is indexed."""
BATCH = 64
"""Changes of one pass: as many as are written in one transaction, about a second of embedding."""
RETRY_S = (0.1, 0.5, 2.0, 5.0)
"""Pauses before a pass is tried again while the index or the encoder is away; the last one repeats."""
AGAIN_AT_ONCE = 16
"""Events set aside that are tried again in one pass."""


class Indexed(Struct, frozen=True):
    """A change that can be found now. ``lag_s`` is the time since it was emitted, in seconds."""

    source: str
    document_id: str
    version: int
    lag_s: float


class Applied(Struct, frozen=True):
    """What became of a batch: changes taken, changes that were late or twice, events set aside."""

    taken: int = 0
    skipped: int = 0
    failed: Mapping[str, str] = {}
    """Documents set aside, with the reason."""


class _Offered(Struct, frozen=True):
    change: DocumentChange
    on_applied: Callable[[], None]


class _Batch(Struct, eq=False):
    """Changes that are applied together, in the order in which they were offered."""

    offered: tuple[_Offered, ...]
    is_applied: bool = False


class _Cut(Struct, frozen=True):
    """A document in chunks, with the text of each that is embedded."""

    document: Document
    source: str
    chunks: tuple[Chunk, ...]
    texts: tuple[str, ...]


class Pipeline:
    """Applies changes. Safe to use from several tasks: the index decides by version which change is the newest.

    ``on_indexed`` is called for each change that was taken; ``on_trouble`` with the failure each time a pass must wait.
    """

    def __init__(
        self,
        index: ChunkIndex,
        encoder: Encoder,
        dead_letters: DeadLetters,
        on_indexed: Callable[[Indexed], None] = lambda _: None,
        on_trouble: Callable[[Exception], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        at_once: int = 1,
    ) -> None:
        """``at_once``: batches of what is offered that are applied side by side, each with a pass of the encoder: more than one
        where no shopper waits for one.
        """
        self.index = index
        self._at_once = at_once
        self._batches: deque[_Batch] = deque()
        self._encoder = encoder
        self.dead_letters = dead_letters
        self._on_indexed = on_indexed
        self._on_trouble = on_trouble
        self._now = now
        self._sleep = sleep
        self._under_way: set[asyncio.Event] = set()
        self._queue: asyncio.Queue[_Offered] = asyncio.Queue(QUEUE_LIMIT)

    async def offer(self, change: DocumentChange, on_applied: Callable[[], None] = lambda: None) -> None:
        """Hand a change to ``run``; waits while the queue is full. ``on_applied`` hears in order as each is found, or set aside."""
        await self._queue.put(_Offered(change, on_applied))

    async def offer_raw(self, source: str, raw: bytes) -> bool:
        """Hand in an event as it came off a stream or a webhook; one that cannot be read is set aside (False)."""
        try:
            change = decode_change(raw)
            if change.source != source:
                raise PoisonedEvent(f"an event of source {change.source!r} on the stream of {source!r}")
        except PoisonedEvent as error:
            event = raw[:EVENT_LIMIT].decode("utf-8", "replace")
            await self.set_aside(source, "", 0, error, event)
            return False
        await self.offer(change)
        return True

    async def set_aside(self, source: str, document_id: str, version: int, error: Exception, event: str) -> None:
        """Keep an event that cannot be applied, with its error, for somebody to look at and have tried again."""
        await self.dead_letters.set_aside(
            DeadLetter(
                source=source,
                document_id=document_id,
                version=version,
                error=f"{type(error).__name__}: {error}",
                event=event,
                set_aside_at=self._now(),
            )
        )

    async def settled(self) -> None:
        """Wait until everything offered so far has been applied."""
        await self._queue.join()

    async def run(self) -> None:
        """Apply what is offered until cancelled. While the index or the encoder is away it waits and tries again."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._run())

    async def _run(self) -> None:
        while True:
            offered = [await self._queue.get()]
            while len(offered) < BATCH and not self._queue.empty():
                offered.append(self._queue.get_nowait())
            batch = _Batch(tuple(offered))
            self._batches.append(batch)
            try:
                await self.persist([one.change for one in offered])
                batch.is_applied = True
                self._tell_applied()
            finally:
                for _ in offered:
                    self._queue.task_done()

    def _tell_applied(self) -> None:
        """Of each batch once it and all before it are applied: nobody resumes behind what is still on its way."""
        while self._batches and self._batches[0].is_applied:
            for one in self._batches.popleft().offered:
                one.on_applied()

    async def persist(self, changes: Sequence[DocumentChange]) -> Applied:
        """Apply changes however long the index or the encoder is away."""
        attempt = 0
        while True:
            try:
                return await self.apply(changes)
            except (ServiceFailure, ModelFailure) as failure:
                self._on_trouble(failure)
                await self._sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                attempt += 1

    async def apply(self, changes: Sequence[DocumentChange]) -> Applied:
        """Apply changes now. Embeds only text that the index does not hold a vector of.

        One pass of the encoder is under way at a time: its other workers are for shoppers, or for another batch beside.
        Raises ``ServiceFailure`` or a transient ``ModelFailure``; the same changes can then be applied again.
        """
        ended = asyncio.Event()
        self._under_way.add(ended)
        try:
            return await self._apply(self.index, changes)
        finally:
            self._under_way.discard(ended)
            ended.set()

    async def move_to(self, index: ChunkIndex) -> None:
        """Write another index from now on. When this returns, nothing is on its way into the one before."""
        self.index, under_way = index, tuple(self._under_way)
        for ended in under_way:
            await ended.wait()

    async def _apply(self, index: ChunkIndex, changes: Sequence[DocumentChange]) -> Applied:
        fresh = await _fresh(index, changes)
        revisions, failures = await self._revisions(index, fresh)
        taken = await _written(index, list(revisions.values()), failures)
        found = [fresh[one] for one, was_taken in zip(revisions, taken, strict=True) if was_taken]
        self._tell(found)
        for document_id, error in failures.items():
            change = fresh[document_id]
            await self.set_aside(change.source, change.id, change.version, error, encode_change(change))
        await self._overtake(found)
        return Applied(sum(taken), len(changes) - sum(taken) - len(failures), {i: str(e) for i, e in failures.items()})

    async def try_again(self) -> int:
        """Try again what somebody has asked for of the events set aside. Gives how many have become applied, or late."""
        settled = 0
        for letter in await self.dead_letters.due(AGAIN_AT_ONCE):
            try:
                change = decode_change(letter.event.encode())
            except PoisonedEvent:  # it is no better than it was, and neither is its error
                await self.dead_letters.set_aside(structs.replace(letter, set_aside_at=self._now()))
                continue
            if not (await self.persist([change])).failed:
                await self.dead_letters.drop([letter.letter_id])
                settled += 1
        return settled

    async def _overtake(self, taken: Sequence[DocumentChange]) -> None:
        """What these documents failed with before has come to nothing."""
        for source in {change.source for change in taken}:
            here = {change.id: change.version for change in taken if change.source == source}
            await self.dead_letters.overtaken(source, here)

    async def _revisions(
        self, index: ChunkIndex, fresh: Mapping[str, DocumentChange]
    ) -> tuple[dict[str, Revision], dict[str, Exception]]:
        """What to write, and what can never be written with the reason, by document."""
        revisions = {
            change.id: Revision(document_id=change.id, source=change.source, version=change.version)
            for change in fresh.values()
            if change.op == "delete"
        }
        upserts = [change for change in fresh.values() if change.op == "upsert"]
        cut, failures = await asyncio.to_thread(_cut_all, upserts, self._encoder.spans, self._encoder.max_tokens)
        known = await self._known_vectors(index, cut)
        await self._embed([one for one in cut if not known.keys() >= set(one.texts)], known, failures)
        for one in cut:
            if one.document.document_id not in failures:
                revisions[one.document.document_id] = _revision(one, known)
        return revisions, failures

    async def _known_vectors(self, index: ChunkIndex, cut: Sequence[_Cut]) -> dict[str, Vector]:
        """The vectors that the index holds of the text that these documents had before."""
        stored = await index.fetch([chunk.chunk_id for one in cut for chunk in one.chunks])
        return await asyncio.to_thread(_by_text, stored, self._encoder.spans)

    async def _embed(self, cut: Sequence[_Cut], known: dict[str, Vector], failures: dict[str, Exception]) -> None:
        """Embed together; when that fails for good, one by one, so that only the document that is to blame is set aside."""
        texts = list(dict.fromkeys(text for one in cut for text in one.texts if text not in known))
        if not texts:
            return
        try:
            known.update(zip(texts, _sound(await self._encoder.encode_many(texts), len(texts)), strict=True))
        except (ModelFailure, ValueError) as error:
            if isinstance(error, ModelFailure) and error.transient:
                raise
            if len(cut) == 1:
                failures[cut[0].document.document_id] = error
                return
            for one in cut:
                await self._embed([one], known, failures)

    def _tell(self, taken: Iterable[DocumentChange]) -> None:
        now = self._now()
        for change in taken:
            lag_s = max(0.0, (now - change.emitted_at).total_seconds())
            self._on_indexed(Indexed(change.source, change.id, change.version, lag_s))


async def _fresh(index: ChunkIndex, changes: Sequence[DocumentChange]) -> dict[str, DocumentChange]:
    """The changes worth embedding, by document: the newest of each, and that only if the index does not have it."""
    newest: dict[str, DocumentChange] = {}
    for change in changes:
        if change.id not in newest or rank(change) > rank(newest[change.id]):
            newest[change.id] = change
    kept = await index.newest(list(newest))
    return {one: change for one, change in newest.items() if _may_be_new(change, kept)}


async def _written(
    index: ChunkIndex, revisions: Sequence[Revision], failures: dict[str, Exception]
) -> tuple[bool, ...]:
    """Which were taken. What the index can never keep is a failure of its document; an index that refuses all is away."""
    try:
        return await index.write(revisions) if revisions else ()
    except Unstorable as refusal:
        failures.update(refusal.refused)
        return refusal.taken


def rank(change: DocumentChange) -> tuple[int, bool]:
    """Of two changes of a document the higher one stands."""
    return change.version, change.op == "delete"


def _may_be_new(change: DocumentChange, kept: Mapping[str, int]) -> bool:
    version = kept.get(change.id, -1)
    return change.version > version or (change.version == version and change.op == "delete")


def _cut_all(
    upserts: Sequence[DocumentChange], spans: Spans, max_tokens: int
) -> tuple[list[_Cut], dict[str, Exception]]:
    """On a thread: counting the tokens of a long page takes a while."""
    cut: list[_Cut] = []
    failures: dict[str, Exception] = {}
    for change in upserts:
        document = change.body
        assert document is not None
        try:
            chunks = tuple(chunks_of(document, spans, limit=min(max_tokens, CHUNK_TOKENS)))
            cut.append(_Cut(document, change.source, chunks, tuple(embedded_text(chunk, spans) for chunk in chunks)))
        except Exception as error:  # K-4: whatever a document does to tokenizer or cutter, the stream goes on
            failures[change.id] = error
    return cut, failures


def _by_text(stored: Sequence[StoredChunk], spans: Spans) -> dict[str, Vector]:
    """On a thread: long titles are counted in tokens."""
    return {embedded_text(one.chunk, spans): one.vector for one in stored}


def _revision(cut: _Cut, known: Mapping[str, Vector]) -> Revision:
    document = cut.document
    return Revision(
        document_id=document.document_id,
        source=cut.source,
        version=document.version,
        chunks=cut.chunks,
        vectors=np.stack([known[text] for text in cut.texts]),
        # The wordings of one page must not crowd out the other pages.
        family=document.family or (document.document_id[:200] if document.questions or document.answers else ""),
        aliases=document.aliases,
    )


def _sound(vectors: Vectors, count: int) -> Vectors:
    if len(vectors) != count or not np.isfinite(vectors).all():
        raise ValueError(f"the encoder gave {len(vectors)} vectors for {count} texts, or one that is no number")
    return vectors
