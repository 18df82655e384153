"""The composition root: reads the settings, picks the adapters, starts everything top to bottom and stops it in reverse."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import aiohttp
from msgspec import Struct

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.entries import Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.log import ConversationLog
from mangaassist.conversation.sessions import SessionStore
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.domain.counting import Counters
from mangaassist.domain.customers import GUEST
from mangaassist.domain.encoding import Encoder
from mangaassist.edge.app import Door, build
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.openid_provider import LIMIT_S, OpenIdProvider
from mangaassist.edge.origins import allowed_hosts, allowed_origins
from mangaassist.edge.signing_keys import SigningKeys
from mangaassist.edge.socket import SocketEdge
from mangaassist.edge.webhook_signatures import LEAST_KEY_BYTES
from mangaassist.edge.webhooks import SOURCE as EDITORIAL
from mangaassist.edge.webhooks import Webhook
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.guardrails.audit import AuditLog
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.audit_retention import retained
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.elsewhere import Elsewhere
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review import Review
from mangaassist.guardrails.review_context import ReviewStage
from mangaassist.guardrails.stages.read_elsewhere import DetectedPiiStage, JudgedToxicityStage
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.followed_index import FollowedIndex
from mangaassist.knowledge.generations import Generation, GenerationStore, IndexGenerations, ServingIndex
from mangaassist.knowledge.reranking import Reranker, TrainedReranker
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.knowledge.sources.content import ContentSource
from mangaassist.knowledge.sources.folder import FolderSource
from mangaassist.knowledge.sources.inbox import EventInbox
from mangaassist.knowledge.sources.reviews import ReviewSource
from mangaassist.knowledge.updates import Indexed, Pipeline
from mangaassist.knowledge_sync import KnowledgeFollower, KnowledgeSync, SeriesNames
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.installed import InstalledModels, installed_models
from mangaassist.models.provisioning import provision
from mangaassist.models.remote_encoder import Endpoint, HttpEndpoint, RemoteEncoder
from mangaassist.models.routing import Budgets, Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.services.answers import Answer
from mangaassist.services.cache import Cache
from mangaassist.services.call_spans import NO_SPANS, CallSpans
from mangaassist.services.caller import utc_now
from mangaassist.services.clients import Addresses, clients_at
from mangaassist.services.policies import POLICIES, stretched
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.memory.near_cache import NearCache
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.sqlite.analytics import SqliteEventStream
from mangaassist.stores.sqlite.audit import SqliteAuditLog
from mangaassist.stores.sqlite.control import SqliteControl
from mangaassist.stores.sqlite.dead_letters import SqliteDeadLetters
from mangaassist.stores.sqlite.index_generations import SqliteGenerations
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.stores.sqlite.relocation import bring_over
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.telemetry.analytics import EventStream, Recorder
from mangaassist.telemetry.collector import collected
from mangaassist.telemetry.generation import Generations
from mangaassist.telemetry.logs import logger
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn.admission import PATIENCE_S, Admission
from mangaassist.turn.answer_cache import BUCKETS, AnswerCache
from mangaassist.turn.orchestrator import Orchestrator, TurnDependencies
from mangaassist.turn.paid_calls import PaidCalls
from mangaassist.turn.plans import COMPOSERS
from mangaassist.turn.reader import Understanding
from mangaassist.turn.second_opinion import SecondOpinion
from mangaassist.turn.second_reading import SecondReader
from mangaassist.turn.writing import Writing
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.understanding.lexicon import Lexicon

Progress = Callable[[str, int, int], None]

AUDIT_FILE: Final = "audit.db"
KNOWLEDGE: Final = "knowledge"
"""The folder of the index within the cache."""
SERIES_NAMES: Final = "series.json"
INGESTED: Final = "ingested"
"""The source of what ``knowledge ingest`` hands in."""
FIRST_FACTS_S: Final = 1.0
"""How long a start waits for the facts of the store."""


_log = logger("assembly")


class Assistant(Struct, frozen=True):
    """The assistant, ready to be served."""

    app: Door
    dispatcher: Dispatcher
    socket: SocketEdge
    knowledge: KnowledgeSync | KnowledgeFollower
    analytics: Recorder


def silent(stage: str, done: int, total: int) -> None:
    pass


@asynccontextmanager
async def assembled(settings: Settings, progress: Progress = silent) -> AsyncGenerator[Assistant]:
    """Everything that one process needs. Raises ``StartFailed`` when it cannot be had."""
    clock, data = time.monotonic, durable_folder(settings)
    async with AsyncExitStack() as exits:
        metrics, telemetry = Metrics(), collected(settings.telemetry)
        exits.push_async_callback(asyncio.to_thread, telemetry.close)
        tracing = telemetry.tracing
        encoder = await exits.enter_async_context(opened_encoder(settings, progress))
        durable = await exits.enter_async_context(opened_durable(settings, data))
        await exits.enter_async_context(_retained(settings, durable.audit))
        sealer = Sealer.kept_in(settings.sealing_key)
        stream = await opened_event_stream(settings, data)
        exits.push_async_callback(stream.close)
        analytics = await exits.enter_async_context(Recorder(stream, sealer.pseudonym, metrics, utc_now, tracing))
        shared = await exits.enter_async_context(opened_shared(settings, data, sealer.key_id))
        services = await exits.enter_async_context(opened_services(settings, metrics, shared.cache, tracing))
        await exits.enter_async_context(store_facts_followed(services))

        understanding = Understanding(TrainedHeads.load())
        knowledge = await exits.enter_async_context(
            opened_knowledge(settings, encoder, services, metrics, understanding)
        )
        installed = await exits.enter_async_context(
            installed_models(settings, Generations(tracing, metrics, telemetry.meters))
        )
        orchestrator = an_orchestrator(
            settings,
            installed,
            encoder,
            knowledge.index,
            services,
            understanding,
            shared.counters,
            metrics,
            tracing,
            await exits.enter_async_context(opened_review(settings)),
            _answer_cache(shared.answers, encoder, metrics) if installed.writers else None,
            TrainedReranker.load(),
        )
        worker = WorkerDependencies(
            log=shared.log,
            sessions=durable.sessions,
            audit=durable.audit,
            orchestrator=orchestrator,
            sealer=sealer,
            metrics=metrics,
            incidents=Incidents(shared.counters, metrics, utc_now),
            analytics=analytics,
            clock=clock,
            now=utc_now,
            tracing=tracing,
        )
        dispatcher = await exits.enter_async_context(Dispatcher(worker))
        conversations = Conversations(shared.log, durable.sessions, dispatcher, Intake(), sealer, utc_now, analytics)
        verifier = await exits.enter_async_context(opened_verifier(settings))
        doors = EdgeDependencies(
            conversations=conversations,
            control=durable.control,
            audit=AuditReading(durable.audit, durable.seal),
            verifier=verifier,
            allowed_hosts=allowed_hosts(settings.server),
            allowed_origins=allowed_origins(settings.server),
            limits=Limits(shared.counters, policies(settings.limits), metrics),
            metrics=metrics,
            analytics=analytics,
            clock=clock,
            now=utc_now,
            tracing=tracing,
        )
        socket = SocketEdge(
            shared=doors, heartbeat_s=settings.socket.heartbeat_s, idle_timeout_s=settings.socket.idle_timeout_s
        )
        pings = {
            **services.pings(),
            "knowledge": knowledge.index.ping,
            "sessions": durable.sessions.ping,
            "audit": durable.audit.ping,
            "conversations": shared.log.ping,
            "counters": shared.counters.ping,
            "control": durable.ping_control,
            "analytics": stream.ping,
        }
        app = build(doors, socket, pings, await asyncio.to_thread(webhook_of, settings))
        yield Assistant(app, dispatcher, socket, knowledge.kept_by, analytics)


def an_orchestrator(
    settings: Settings,
    installed: InstalledModels,
    encoder: Encoder,
    index: ServingIndex,
    services: StoreServices,
    understanding: Understanding,
    counters: Counters,
    metrics: Metrics,
    tracing: Tracing,
    review: Review,
    answers: AnswerCache | None = None,
    reranker: Reranker | None = None,
) -> Orchestrator:
    """The turn with every room it walks through (T-1).

    ``answers``: what models wrote, for who asks the same; None asks anew. ``reranker`` None: pages stay in the order of the search.
    """
    model_calls = ModelCalls(counters, settings.limits.model_calls_per_minute, metrics.counters_failed.inc)
    offline = OfflineWriter(COMPOSERS)
    router = Router(installed.profiles, Budgets(settings.models.session_budget_usd, settings.models.day_budget_usd))
    spending = SpendLedger(counters, metrics.counters_failed.inc)
    return Orchestrator(
        TurnDependencies(
            admission=Admission(patience_s=PATIENCE_S * settings.timeout_factor),
            understanding=understanding,
            encoder=encoder,
            speculates=settings.models.encoder.reads_ahead,
            retriever=retriever_of(index, reranker, settings.timeout_factor),
            services=services,
            second_reader=SecondReader(
                installed.reader,
                understanding,
                router,
                spending,
                model_calls,
                lambda doubt, outcome: metrics.model_readings.labels(doubt.name.lower(), outcome).inc(),
                settings.timeout_factor,
            )
            if installed.reader is not None
            else None,
            second_opinion=SecondOpinion(
                installed.judge,
                PaidCalls(router, spending, model_calls),
                lambda outcome: metrics.scope_opinions.labels(outcome).inc(),
                settings.timeout_factor,
            )
            if installed.judge is not None
            else None,
            router=router,
            model_calls=model_calls,
            spending=spending,
            writing=Writing(
                Writers(offline, installed.writers, model_calls, installed.profiles, settings.timeout_factor),
                InlineRules.load(),
            ),
            answers=answers,
            suggestions=offline.suggestions,
            review=review,
            metrics=metrics,
            tracing=tracing,
            clock=time.monotonic,
            timeout_factor=settings.timeout_factor,
        )
    )


@asynccontextmanager
async def opened_review(settings: Settings) -> AsyncGenerator[Review]:
    """The stages of the review, those among them that the settings leave to a service (G-9)."""
    chosen, local = settings.guardrails, Review.load()
    async with AsyncExitStack() as exits:
        elsewhere: list[ReviewStage] = []
        try:
            if chosen.pii == "comprehend":
                from mangaassist.stores.comprehend.pii import ComprehendPii

                detector = await ComprehendPii.open(
                    chosen.language, chosen.region, chosen.comprehend_url, settings.timeout_factor
                )
                exits.push_async_callback(detector.close)
                elsewhere.append(Elsewhere(DetectedPiiStage(detector, local.stage("pii")), local.stage("pii")))
            if chosen.toxicity == "bedrock":
                from mangaassist.stores.bedrock.guardrail import BedrockGuardrail

                named = (chosen.guardrail, chosen.guardrail_version, chosen.region, chosen.bedrock_url)
                judge = await BedrockGuardrail.open(*named, settings.timeout_factor)
                exits.push_async_callback(judge.close)
                elsewhere.append(Elsewhere(JudgedToxicityStage(judge), local.stage("toxicity")))
        except ImportError as error:
            raise StartFailed("Guardrails of AWS need its client: install mangaassist[aws].") from error
        yield local.having(*elsewhere)


def _answer_cache(kept: Cache, encoder: Encoder, metrics: Metrics) -> AnswerCache:
    return AnswerCache(kept, encoder.digest, lambda what, why: metrics.answer_cache.labels(what, why).inc())


def durable_folder(settings: Settings) -> Path:
    """The folder of what must not be lost, made for its user alone; an earlier version's databases are brought there (O-7)."""
    folder = settings.data
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartFailed(
            f"{folder} cannot hold the assistant's data ({error.strerror}): name another folder in MANGAASSIST_DATA_DIR."
        ) from error
    bring_over(settings.cache, folder)
    return folder


class Durable(Struct, frozen=True):
    """What outlives every process: in the DynamoDB table that the settings name, for all of them; else on the disk, for one."""

    sessions: SessionStore
    control: ControlStores
    ping_control: Callable[[], Awaitable[None]]
    audit: AuditLog
    seal: AuditSeal


@asynccontextmanager
async def opened_durable(settings: Settings, data: Path) -> AsyncGenerator[Durable]:
    async with AsyncExitStack() as exits:
        seal = audit_seal(settings)
        if settings.dynamodb.table:
            durable = await _durable_in_dynamodb(settings, seal)
        else:
            control = SqliteControl(data / "control.db")
            exits.push_async_callback(control.close)
            audit = SqliteAuditLog(data / AUDIT_FILE, seal)
            durable = Durable(SqliteSessionStore(data / "sessions.db"), control.stores, control.ping, audit, seal)
        exits.push_async_callback(durable.sessions.close)
        exits.push_async_callback(durable.audit.close)
        yield durable


def audit_seal(settings: Settings) -> AuditSeal:
    """The audit's keys: of the environment where the settings name a variable, else of a file."""
    name = settings.audit.key_env
    return AuditSeal.of_text(os.environ.get(name, ""), name) if name else AuditSeal.kept_in(settings.audit_keys)


@asynccontextmanager
async def _retained(settings: Settings, audit: AuditLog) -> AsyncGenerator[None]:
    """The trail is kept as long as the settings say, and the log hears where it ends."""

    def note(head: str) -> None:
        _log.info("audit_head", head=head)

    def failed(failure: ServiceFailure) -> None:
        _log.warning("audit_retention_failed", failure=str(failure))

    async with retained(audit, timedelta(days=settings.audit.keep_days), utc_now, note, failed):
        yield


async def _durable_in_dynamodb(settings: Settings, seal: AuditSeal) -> Durable:
    """All of it over the same connections; the session store closes them."""
    chosen = settings.dynamodb
    try:
        from mangaassist.stores.dynamodb.audit import DynamoAuditLog
        from mangaassist.stores.dynamodb.control import DynamoControl
        from mangaassist.stores.dynamodb.schema import opened
        from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
    except ImportError as error:
        raise StartFailed("dynamodb.table needs AWS's client: install mangaassist[aws].") from error
    table = await opened(chosen.table, chosen.region, chosen.endpoint_url, settings.timeout_factor)
    control = DynamoControl(table)
    return Durable(DynamoSessionStore(table), control.stores, control.ping, DynamoAuditLog(table, seal), seal)


async def opened_event_stream(settings: Settings, data: Path) -> EventStream:
    chosen = settings.kinesis
    if not chosen.analytics_stream:
        return SqliteEventStream(data / "analytics.db")
    try:
        from mangaassist.stores.kinesis.stream import KinesisEventStream
    except ImportError as error:
        raise StartFailed("Analytics in Kinesis need what mangaassist[aws] installs.") from error
    return await KinesisEventStream.open(
        chosen.analytics_stream, chosen.region, chosen.endpoint_url, settings.timeout_factor
    )


class Shared(Struct, frozen=True):
    """What serving processes share in the Redis that the settings name; without one, each has its own."""

    log: ConversationLog
    counters: Counters
    cache: Cache
    answers: Cache
    """What models wrote (M-8)."""


@asynccontextmanager
async def opened_shared(settings: Settings, data: Path, key_id: str) -> AsyncGenerator[Shared]:
    async with AsyncExitStack() as exits:
        if settings.redis.url:
            shared = await _shared_in_redis(settings.redis.url, key_id, exits)
        else:
            log = EmbeddedLog(SlotTable(SqliteJournal(data / "conversations.db"), time.monotonic))
            shared = Shared(log, MemoryCounters(), MemoryCache(), MemoryCache(limit=BUCKETS))
        exits.push_async_callback(shared.log.close)
        yield shared


async def _shared_in_redis(url: str, key_id: str, exits: AsyncExitStack) -> Shared:
    """Log and cache over the same few lines, which the log closes. Counters have lines of their own: limits must not fall when
    everybody talks to the log."""
    try:
        from mangaassist.stores.redis.cache import RedisCache
        from mangaassist.stores.redis.connection import Server
        from mangaassist.stores.redis.conversation_log import RedisLog
        from mangaassist.stores.redis.counters import RedisCounters
    except ImportError as error:
        raise StartFailed("redis.url needs Redis's client: install mangaassist[redis].") from error
    server, counting = Server(url), Server(url)
    exits.push_async_callback(counting.close)
    cache = RedisCache(server)
    return Shared(await RedisLog.open(server, key_id), RedisCounters(counting), NearCache(MemoryCache(), cache), cache)


@asynccontextmanager
async def opened_onnx_encoder(settings: Settings, progress: Progress = silent) -> AsyncGenerator[OnnxEncoder]:
    """The encoder in this process, warm."""
    model = await asyncio.to_thread(provision, settings.cache, settings.models.encoder.folder, progress)
    encoder = OnnxEncoder(model, settings.timeout_factor)
    try:
        await encoder.warm_up()
        yield encoder
    finally:
        await encoder.close()


@asynccontextmanager
async def opened_encoder(settings: Settings, progress: Progress = silent) -> AsyncGenerator[Encoder]:
    """The encoder that the settings name: in this process, behind a model server or endpoint, or Titan's."""
    match settings.models.encoder.provider:
        case "onnx":
            opening = opened_onnx_encoder(settings, progress)
        case "titan":
            opening = _titan(settings, progress)
        case _:
            opening = _remote(settings)
    async with opening as encoder:
        yield encoder


@asynccontextmanager
async def _remote(settings: Settings) -> AsyncGenerator[Encoder]:
    chosen = settings.models.encoder
    if chosen.provider == "http":
        endpoint: Endpoint = HttpEndpoint(chosen.url or "")
    else:
        try:
            from mangaassist.stores.sagemaker.endpoint import SageMakerEndpoint
        except ImportError as error:
            raise StartFailed("An encoder in SageMaker needs AWS's client: install mangaassist[aws].") from error
        endpoint = await SageMakerEndpoint.open(
            chosen.endpoint, chosen.region, chosen.endpoint_url, settings.timeout_factor
        )
    try:
        yield await RemoteEncoder.open(endpoint, settings.timeout_factor)
    finally:
        await endpoint.close()


@asynccontextmanager
async def _titan(settings: Settings, progress: Progress) -> AsyncGenerator[Encoder]:
    chosen = settings.models.encoder
    try:
        from mangaassist.stores.bedrock.titan import TitanEncoder
    except ImportError as error:
        raise StartFailed("Titan's vectors need AWS's client: install mangaassist[aws].") from error
    async with opened_onnx_encoder(settings, progress) as reader:
        titan = await TitanEncoder.open(
            reader, chosen.model, chosen.dimensions, chosen.region, chosen.endpoint_url, settings.timeout_factor
        )
        try:
            yield titan
        finally:
            await titan.close()


def retriever_of(index: ServingIndex, reranker: Reranker | None, timeout_factor: float) -> Retriever:
    return Retriever(index, lambda: index.by_words_alone, reranker, timeout_factor)


class Knowledge(Struct, frozen=True):
    """The knowledge in the process that indexes: as turns search it, what of it the encoder in use has made, and where all of
    them are kept."""

    index: IndexGenerations
    generation: Generation
    kept: GenerationStore


class KeptKnowledge(Struct, frozen=True):
    """What turns search, and what keeps it in step with the store: this process itself, or the one that indexes."""

    index: ServingIndex
    kept_by: KnowledgeSync | KnowledgeFollower


@asynccontextmanager
async def opened_knowledge(
    settings: Settings, encoder: Encoder, services: StoreServices, metrics: Metrics, understanding: Understanding
) -> AsyncGenerator[KeptKnowledge]:
    """As the settings say: to be written by this process, or to be followed (O-7)."""
    async with AsyncExitStack() as exits:
        if settings.knowledge.indexed_by == "serve":
            knowledge = await exits.enter_async_context(opened_index(settings, encoder))
            await knowledge.kept.settle_on(knowledge.generation)
            letters = await exits.enter_async_context(opened_dead_letters(settings))
            learn = understanding.learn
            sync = opened_knowledge_sync(settings, knowledge, encoder, services, metrics, learn, letters)
            kept = KeptKnowledge(knowledge.index, sync)
        else:
            followed = await exits.enter_async_context(followed_index(settings, encoder))
            names = SeriesNames(settings.cache / SERIES_NAMES, understanding.learn)
            elsewhere = services.changes if settings.knowledge.index != "embedded" else None
            kept = KeptKnowledge(followed.shown, KnowledgeFollower(followed.refresh, names, elsewhere))
        metrics.knowledge_version.set_function(lambda: kept.index.knowledge_version)
        yield kept


@asynccontextmanager
async def opened_index(settings: Settings, encoder: Encoder) -> AsyncGenerator[Knowledge]:
    """What this encoder made of the knowledge, to be written by this process; where it is not whole yet and another one's is,
    that answers meanwhile (K-3). Raises ``StartFailed`` when another process writes it and only one may."""
    async with opened_generations(settings) as kept:
        mine = await kept.of(encoder.dimensions, encoder.digest)
        with mine.held():
            other = None if mine.is_built else await kept.former_of(mine)
            current = await mine.opened(settings.timeout_factor)
            index = IndexGenerations(current, None if other is None else await other.followed(settings.timeout_factor))
            try:
                yield Knowledge(index, mine, kept)
            finally:
                await index.close()


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


def opened_services(settings: Settings, metrics: Metrics, cache: Cache, spans: CallSpans = NO_SPANS) -> StoreServices:
    addresses = Addresses(rest=settings.store.url, grpc=settings.store.grpc)
    policies = stretched(POLICIES, settings.timeout_factor)
    clients = clients_at(addresses, metrics.remark, policies)
    services = StoreServices(
        clients, cache, observe=metrics.observe_call, remark=metrics.remark, policies=policies, spans=spans
    )
    for service, policy in policies.items():
        metrics.latency_goal.labels(service).set(policy.goal_s)
        metrics.breaker_open.labels(service).set_function(partial(services.openness, service))
    return services


@asynccontextmanager
async def store_facts_followed(services: StoreServices) -> AsyncGenerator[None]:
    """What is particular to the store (S-8), read before anybody is served, unless the store keeps it waiting, and from then on."""
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_FACTS_S):
            await services.refresh_facts()
    following = asyncio.create_task(services.follow_facts(), name="store facts")
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def opened_knowledge_sync(
    settings: Settings,
    knowledge: Knowledge,
    encoder: Encoder,
    services: StoreServices,
    metrics: Metrics,
    learn: Callable[[Lexicon], None],
    dead_letters: DeadLetters,
) -> KnowledgeSync:
    """The pipeline, and the sources that it is filled from: the store's pages and reviews, a folder, the catalog."""

    def note(done: Indexed) -> None:
        if sync.is_following:
            metrics.knowledge_lag.labels(done.source).observe(done.lag_s)

    pipeline = Pipeline(knowledge.index.current, encoder, dead_letters, note)
    background = services.for_turn(GUEST)
    pages = (ContentSource(_fetched(background.content_page)),)
    if settings.knowledge.pages:
        pages = (*pages, FolderSource(settings.knowledge.pages))
    names = SeriesNames(settings.cache / SERIES_NAMES, learn)
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
        (inbox_of(settings, EDITORIAL), inbox_of(settings, INGESTED)),
    )
    for source, limit_s in sync.lag_limits.items():
        metrics.knowledge_lag_limit.labels(source).set(limit_s)
    return sync


def inbox_of(settings: Settings, source: str) -> EventInbox:
    """What is pushed or handed over lies with what must not be lost: whoever acknowledged it may be gone by now."""
    return EventInbox(durable_folder(settings) / "pushed" / source, source)


def webhook_of(settings: Settings) -> Webhook | None:
    """Reads a file. None where nothing may be pushed. Raises ``StartFailed`` for a key that is not there or too short to be one."""
    if settings.knowledge.webhook_key_file is None:
        return None
    path = Path(settings.knowledge.webhook_key_file).expanduser()
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise StartFailed(f"The key of the webhook {path} cannot be read ({error.strerror}).") from error
    if len(key) < LEAST_KEY_BYTES:
        raise StartFailed(f"The key of the webhook {path} has {len(key)} bytes; {LEAST_KEY_BYTES} are the least.")
    return Webhook(inbox_of(settings, EDITORIAL), key)


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
    expected = settings.identity
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        provider = OpenIdProvider(http, expected.issuer, expected.jwks_url, LIMIT_S * settings.timeout_factor)
        yield TokenVerifier(SigningKeys(provider.keys, time.monotonic), expected, utc_now)
