"""The composition root: reads the settings, picks the adapters, starts everything top to bottom and stops it in reverse."""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import aiohttp
from litestar import Litestar
from msgspec import Struct

from mangaassist.domain.customers import GUEST
from mangaassist.edge.app import build
from mangaassist.edge.conversation import Conversations
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.rest import RestEdge
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review import Review
from mangaassist.knowledge.building import Report
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.sources.content import ContentSource
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.sources.reviews import ReviewSource
from mangaassist.knowledge.updates import Pipeline
from mangaassist.models.encoder import Encoder
from mangaassist.models.provisioning import provision
from mangaassist.models.routing import Budgets, Router, SpendLedger
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.offline.writer import OfflineWriter
from mangaassist.services.answers import Answer
from mangaassist.services.store import Addresses, StoreServices
from mangaassist.settings import Settings
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn.orchestrator import Orchestrator, Rooms
from mangaassist.turn.understand import Understanding
from mangaassist.understanding.classifier import IntentHead
from mangaassist.understanding.reading import IntentReader
from mangaassist.understanding.rules import RuleBook
from mangaassist.upkeep import SeriesNames, Upkeep

JWKS_LIMIT_S: Final = 2.0
JWKS_BYTES: Final = 64 * 1024

Progress = Callable[[str, int, int], None]


class Assistant(Struct, frozen=True):
    """The assistant, ready to be served."""

    app: Litestar
    conversations: Conversations
    upkeep: Upkeep


def silent(stage: str, done: int, total: int) -> None:
    pass


@asynccontextmanager
async def assembled(settings: Settings, progress: Progress = silent) -> AsyncGenerator[Assistant]:
    """Everything that one process needs. Raises ``StartFailed`` when it cannot be had."""
    clock, data = time.monotonic, settings.data
    async with AsyncExitStack() as exits:
        metrics, tracing = Metrics(), Tracing()
        exits.callback(tracing.close)
        encoder = await exits.enter_async_context(opened_encoder(settings, progress))
        index = await exits.enter_async_context(opened_index(settings, encoder))
        services = await exits.enter_async_context(opened_services(settings, metrics))
        sessions = SqliteSessionStore(data / "sessions.db")
        exits.push_async_callback(sessions.close)
        audit = await SqliteAuditLog.open(data / "audit.db")
        exits.push_async_callback(audit.close)

        understanding = Understanding(IntentReader(RuleBook(), IntentHead.load()))
        upkeep = opened_upkeep(settings, index, encoder, services, metrics, understanding)
        rooms = Rooms(
            intake=Intake(),
            understanding=understanding,
            encoder=encoder,
            retriever=Retriever(index),
            services=services,
            router=Router(budgets=Budgets(settings.models.session_budget_usd, settings.models.day_budget_usd)),
            spending=SpendLedger(clock),
            writers=Writers(OfflineWriter()),
            inline=InlineRules.load(),
            review=Review.load(),
            audit=audit,
            sessions=sessions,
            metrics=metrics,
            tracing=tracing,
            clock=clock,
        )
        conversations = Conversations(Orchestrator(rooms), sessions)
        exits.push_async_callback(conversations.drain, settings.server.drain_s)
        verifier = await exits.enter_async_context(opened_verifier(settings))
        origins = settings.server.allowed_origins
        socket = SocketEdge(
            conversations,
            verifier,
            metrics,
            frozenset(origins),
            settings.socket.heartbeat_s,
            settings.socket.idle_timeout_s,
            clock,
            lambda: datetime.now(UTC),
        )
        pings = {**services.pings(), "knowledge": index.ping, "sessions": sessions.ping}
        app = build(RestEdge(conversations, verifier), socket, metrics, pings, origins)
        yield Assistant(app, conversations, upkeep)


@asynccontextmanager
async def opened_encoder(settings: Settings, progress: Progress = silent) -> AsyncGenerator[Encoder]:
    encoder = Encoder(await asyncio.to_thread(provision, settings.data, settings.models.encoder, progress))
    try:
        await encoder.warm_up()
        yield encoder
    finally:
        await encoder.close()


@asynccontextmanager
async def opened_index(settings: Settings, encoder: Encoder) -> AsyncGenerator[SqliteChunkIndex]:
    index = await SqliteChunkIndex.open(settings.data / "knowledge", encoder.dimensions, encoder.digest)
    try:
        yield index
    finally:
        await index.close()


def opened_services(settings: Settings, metrics: Metrics) -> StoreServices:
    addresses = Addresses(rest=settings.store.url, grpc=settings.store.grpc)
    return StoreServices(addresses, observe=metrics.observe_call)


def opened_upkeep(
    settings: Settings,
    index: SqliteChunkIndex,
    encoder: Encoder,
    services: StoreServices,
    metrics: Metrics,
    understanding: Understanding,
) -> Upkeep:
    """The pipeline, and the sources that it is filled from: the store's pages and reviews, a folder, the catalog."""
    pipeline = Pipeline(index, encoder, lambda done: metrics.knowledge_lag.labels(done.source).observe(done.lag_s))
    background = services.for_turn(GUEST, math.inf)
    pages = (ContentSource(_fetched(background.content_page)),)
    if settings.knowledge.pages:
        pages = (*pages, FolderSource(settings.knowledge.pages))
    names = SeriesNames(settings.data / "series.json", understanding.learn)
    reviews = ReviewSource(_fetched(background.review_page))
    return Upkeep(pipeline, names, services.catalog.changes, pages, reviews, settings.data / "knowledge" / "built")


def _fetched(ask: Callable[[str | None], Awaitable[Answer[bytes]]]) -> Callable[[str | None], Awaitable[bytes]]:
    async def fetch(after: str | None) -> bytes:
        answer = await ask(after)
        if answer.value is None:
            raise answer.failure or ServiceFailure("content", "contract", "no page")
        return answer.value

    return fetch


@asynccontextmanager
async def opened_verifier(settings: Settings) -> AsyncGenerator[TokenVerifier]:
    """Identity, checked against the keys that the settings' provider publishes."""
    limit = aiohttp.ClientTimeout(total=JWKS_LIMIT_S)
    async with aiohttp.ClientSession(timeout=limit) as http:

        async def fetch_keys() -> bytes:
            try:
                async with http.get(settings.identity.jwks_url) as answer:
                    answer.raise_for_status()
                    return await answer.content.read(JWKS_BYTES)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise ServiceFailure("identity", "unreachable", type(error).__name__) from error

        yield TokenVerifier(fetch_keys, settings.identity.issuer, settings.identity.audience, time.monotonic)


def outcome_words(report: Report) -> str:
    """What a build did, in one line for a person."""
    words = f"{report.added} documents read, {report.skipped} known already"
    if report.problem_count:
        first = report.problems[0]
        words += f", {report.problem_count} could not be taken in (first: {first.where}: {first.detail})"
    return words
