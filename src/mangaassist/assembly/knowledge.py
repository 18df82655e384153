"""The knowledge (K-3 to K-5): where chunks are kept, who writes them, what they are made from, and how turns search them."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Final

from msgspec import Struct

from mangaassist.assembly.folders import durable_folder
from mangaassist.assembly.webhook_keys import webhook_key
from mangaassist.domain.customers import GUEST
from mangaassist.domain.encoding import Encoder
from mangaassist.edge.webhooks import SOURCE as EDITORIAL
from mangaassist.edge.webhooks import Webhook
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.followed_index import FollowedIndex
from mangaassist.knowledge.generations import Generation, GenerationStore, IndexGenerations, ServingIndex
from mangaassist.knowledge.index import ChunkIndex
from mangaassist.knowledge.reranking import Reranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.sources.changes import ChangeFeed
from mangaassist.knowledge.sources.content import ContentSource
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.sources.inbox import EventInbox
from mangaassist.knowledge.sources.reviews import ReviewSource
from mangaassist.knowledge.updates import Indexed, Pipeline
from mangaassist.knowledge_sync import KnowledgeFollower, KnowledgeSync, Successor, no_successor
from mangaassist.series_names import SeriesNames
from mangaassist.services.answers import Answer
from mangaassist.services.caller import utc_now
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.stores.folder.pushed_events import FolderEvents
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.sqlite.dead_letters import SqliteDeadLetters
from mangaassist.stores.sqlite.index_generations import SqliteGenerations
from mangaassist.telemetry.metrics import Metrics
from mangaassist.turn.reader import Understanding
from mangaassist.understanding.lexicon import Lexicon

KNOWLEDGE: Final = "knowledge"
"""The folder of the index within the cache."""
SERIES_NAMES: Final = "series.json"
INGESTED: Final = "ingested"
"""The source of what ``knowledge ingest`` hands in."""


def retriever_of(index: ServingIndex, reranker: Reranker | None, timeout_factor: float) -> Retriever:
    return Retriever(index, lambda: index.by_words_alone, reranker, timeout_factor)


InboxOf = Callable[[str], EventInbox]
"""The inbox of a source."""


class Knowledge(Struct, frozen=True):
    """The knowledge in the process that indexes: as turns search it, what of it the encoder in use has made, and where all of
    them are kept."""

    index: IndexGenerations
    generation: Generation
    kept: GenerationStore
    successor: Successor = no_successor


class KeptKnowledge(Struct, frozen=True):
    """What turns search, and what keeps it in step with the store: this process itself, or the one that indexes."""

    index: ServingIndex
    kept_by: KnowledgeSync | KnowledgeFollower
    dead_letters: DeadLetters
    pushed: EventInbox
    """What the editorial system pushes."""


@asynccontextmanager
async def opened_knowledge(
    settings: Settings, encoder: Encoder, services: StoreServices, metrics: Metrics, understanding: Understanding
) -> AsyncGenerator[KeptKnowledge]:
    """As the settings say: to be written by this process, or to be followed (O-7)."""
    async with AsyncExitStack() as exits:
        letters = await exits.enter_async_context(opened_dead_letters(settings))
        inbox_of = await exits.enter_async_context(opened_inboxes(settings))
        pushed = inbox_of(EDITORIAL)
        if settings.knowledge.indexed_by == "serve":
            knowledge = await exits.enter_async_context(opened_index(settings, encoder))
            await knowledge.kept.settle_on(knowledge.generation)
            learn = understanding.learn
            feed = await exits.enter_async_context(opened_feed(settings))
            sync = opened_knowledge_sync(
                settings, knowledge, encoder, services, metrics, learn, letters, inbox_of, feed
            )
            kept = KeptKnowledge(knowledge.index, sync, letters, pushed)
        else:
            followed = await exits.enter_async_context(followed_index(settings, encoder))
            names = SeriesNames(settings.cache / SERIES_NAMES, understanding.learn, lambda: services.facts.words)
            elsewhere = services.changes if settings.knowledge.index != "embedded" else None
            kept = KeptKnowledge(followed.shown, KnowledgeFollower(followed.refresh, names, elsewhere), letters, pushed)
        metrics.knowledge_version.set_function(lambda: kept.index.knowledge_version)
        yield kept


@asynccontextmanager
async def opened_index(settings: Settings, encoder: Encoder) -> AsyncGenerator[Knowledge]:
    """What this encoder made of the knowledge, to be written by this process; where it is not whole yet and another one's is,
    that answers meanwhile (K-3). Raises ``StartFailed`` when another process writes it and only one may."""
    async with opened_generations(settings) as kept:
        mine = await kept.of(encoder.dimensions, encoder.digest)
        written = _Written(kept, settings.timeout_factor)
        with contextlib.closing(written):
            written.hold(mine)
            other = None if mine.is_built else await kept.former_of(mine)
            current = await mine.opened(settings.timeout_factor)
            index = IndexGenerations(current, None if other is None else await other.followed(settings.timeout_factor))
            try:
                yield Knowledge(index, mine, kept, written.successor)
            finally:
                await index.close()


class _Written:
    """Holds the generation that this process writes, and the one before it until the next look: it is closed by then."""

    def __init__(self, kept: GenerationStore, timeout_factor: float) -> None:
        self._kept = kept
        self._timeout_factor = timeout_factor
        self._held: list[ExitStack] = []

    def hold(self, generation: Generation) -> None:
        """Raises ``InUse`` while another process writes it."""
        with ExitStack() as exits:
            exits.enter_context(generation.held())
            self._held.append(exits.pop_all())

    async def successor(self, current: Generation) -> tuple[Generation, ChunkIndex] | None:
        while len(self._held) > 1:
            self._held.pop(0).close()
        if await self._kept.is_chosen(current):
            return None
        dimensions = int(current.model.rpartition("/")[2])
        chosen = await self._kept.of(dimensions, current.model.rpartition("/")[0])
        if chosen.name == current.name or not chosen.is_built:
            return None
        self.hold(chosen)
        try:
            return chosen, await chosen.opened(self._timeout_factor)
        except BaseException:
            self._held.pop().close()
            raise

    def close(self) -> None:
        while self._held:
            self._held.pop().close()


@asynccontextmanager
async def followed_index(settings: Settings, encoder: Encoder) -> AsyncGenerator[FollowedIndex]:
    """What another process makes of the knowledge. Nothing is shown before its first ``refresh``."""
    async with opened_generations(settings) as kept:
        followed = FollowedIndex(kept, encoder.dimensions, encoder.digest, settings.timeout_factor)
        try:
            yield followed
        finally:
            await followed.shown.close()


@asynccontextmanager
async def opened_dead_letters(settings: Settings) -> AsyncGenerator[DeadLetters]:
    """Events set aside are kept with what must not be lost, or where several index, where all of them look."""
    if settings.knowledge.index == "opensearch":
        from mangaassist.stores.opensearch.dead_letters import OpenSearchDeadLetters

        async with _opensearch(settings) as engine:
            yield await OpenSearchDeadLetters.open(engine, settings.opensearch.name, settings.opensearch.replicas)
        return
    letters = await asyncio.to_thread(SqliteDeadLetters, durable_folder(settings) / "dead_letters.db")
    try:
        yield letters
    finally:
        await letters.close()


@asynccontextmanager
async def opened_generations(settings: Settings) -> AsyncGenerator[GenerationStore]:
    """Where chunks are kept: on the disk, for one process, or in the OpenSearch that the settings name, for all of them."""
    if settings.knowledge.index == "embedded":
        yield SqliteGenerations(settings.cache / KNOWLEDGE)
        return
    from mangaassist.stores.opensearch.index_generations import OpenSearchGenerations, Shape

    chosen = settings.opensearch
    async with _opensearch(settings) as engine:
        yield OpenSearchGenerations(engine, chosen.name, Shape(shards=chosen.shards, replicas=chosen.replicas))


@asynccontextmanager
async def _opensearch(settings: Settings) -> AsyncGenerator[Engine]:
    chosen = settings.opensearch
    login = os.environ.get(chosen.login_env, "") if chosen.login_env else ""
    engine = Engine.open(chosen.url, login, settings.timeout_factor)
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def opened_feed(settings: Settings) -> AsyncGenerator[ChangeFeed | None]:
    """The stream that carries the catalog's changes; None where the catalog does. Raises ``StartFailed``."""
    chosen = settings.kinesis
    if not chosen.changes_stream:
        yield None
        return
    try:
        from mangaassist.stores.kinesis.changes import KinesisChanges
    except ImportError as error:
        raise StartFailed("Changes from Kinesis need what mangaassist[aws] installs.") from error
    feed = await KinesisChanges.open(chosen.changes_stream, chosen.region, chosen.endpoint_url, settings.timeout_factor)
    try:
        yield feed
    finally:
        await feed.close()


def opened_knowledge_sync(
    settings: Settings,
    knowledge: Knowledge,
    encoder: Encoder,
    services: StoreServices,
    metrics: Metrics,
    learn: Callable[[Lexicon], None],
    dead_letters: DeadLetters,
    inbox_of: InboxOf,
    feed: ChangeFeed | None = None,
    at_once: int = 1,
) -> KnowledgeSync:
    """The pipeline, and the sources that it is filled from: the store's pages and reviews, a folder, the catalog.

    ``feed`` carries the catalog's changes where it does not do so itself; ``at_once`` as ``Pipeline`` has it.
    """

    def note(done: Indexed) -> None:
        if sync.is_following:
            metrics.observe_knowledge(done.source, done.lag_s, utc_now())

    pipeline = Pipeline(knowledge.index.current, encoder, dead_letters, note, at_once=at_once)
    background = services.for_turn(GUEST)
    pages = (ContentSource(_fetched(background.content_page)),)
    if settings.knowledge.pages:
        pages = (*pages, FolderSource(settings.knowledge.pages))
    names = SeriesNames(settings.cache / SERIES_NAMES, learn, lambda: services.facts.words)
    reviews = ReviewSource(_fetched(background.review_page))
    sync = KnowledgeSync(
        pipeline,
        names,
        services.changes,
        pages,
        reviews,
        knowledge.generation,
        knowledge.index,
        metrics.note_dead_letters,
        (inbox_of(EDITORIAL), inbox_of(INGESTED)),
        feed,
        knowledge.successor,
    )
    for source, limit_s in sync.lag_limits.items():
        metrics.limit_knowledge(source, limit_s)
    return sync


@asynccontextmanager
async def opened_inboxes(settings: Settings) -> AsyncGenerator[InboxOf]:
    """What is pushed or handed over lies with what must not be lost, or where several index and serve, where all of them look:
    whoever acknowledged it may be gone by now."""
    if settings.knowledge.index == "opensearch":
        from mangaassist.stores.opensearch.pushed_events import OpenSearchEvents

        async with _opensearch(settings) as engine:
            index = await OpenSearchEvents.make(engine, settings.opensearch.name, settings.opensearch.replicas)
            yield lambda source: EventInbox(OpenSearchEvents(engine, index, source), source)
        return
    folder = durable_folder(settings) / "pushed"
    yield lambda source: EventInbox(FolderEvents(folder / source), source)


def webhook_of(settings: Settings, inbox: EventInbox) -> Webhook | None:
    """Reads a file. None where nothing may be pushed. Raises ``StartFailed`` for a key that is not there or too short to be one."""
    if settings.knowledge.webhook_key_file is None:
        return None
    return Webhook(inbox, webhook_key(settings.knowledge.webhook_key_file))


def _fetched(ask: Callable[[str | None], Awaitable[Answer[bytes]]]) -> Callable[[str | None], Awaitable[bytes]]:
    async def fetch(after: str | None) -> bytes:
        answer = await ask(after)
        if answer.value is None:
            raise answer.failure or ServiceFailure("content", "contract", "no page")
        return answer.value

    return fetch
