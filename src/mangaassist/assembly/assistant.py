"""One process of the assistant: everything started top to bottom, and stopped in reverse."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from mangaassist.assembly.agents import opened_agents
from mangaassist.assembly.console import opened_console, prices_of, watched_of
from mangaassist.assembly.desk import a_reception, desk_key, opened_desk
from mangaassist.assembly.durable import audit_retained, opened_durable, opened_event_stream
from mangaassist.assembly.encoders import Progress, opened_encoder, silent
from mangaassist.assembly.folders import durable_folder
from mangaassist.assembly.gateway import opened_gateway
from mangaassist.assembly.knowledge import opened_knowledge, retriever_of, webhook_of
from mangaassist.assembly.review import opened_review
from mangaassist.assembly.shared import opened_shared
from mangaassist.assembly.store import opened_services, opened_verifier, store_facts_followed
from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.entries import Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.domain.encoding import Encoder
from mangaassist.edge.agents.doors import AgentsEdge
from mangaassist.edge.app import Door, build
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.origins import allowed_hosts, allowed_origins
from mangaassist.edge.socket import SocketEdge
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review import Review
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.knowledge.reranking import Reranker, TrainedReranker
from mangaassist.knowledge_sync import KnowledgeFollower, KnowledgeSync
from mangaassist.models.installed import InstalledModels, installed_models
from mangaassist.models.routing import Budgets, Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.models.writers.chain import Writers
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.services.cache import Cache
from mangaassist.services.caller import utc_now
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.collector import collected
from mangaassist.telemetry.generation import Generations
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.turn.admission import PATIENCE_S, Admission
from mangaassist.turn.answer_cache import AnswerCache
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asking_a_person import HumanDesk
from mangaassist.turn.orchestrator import Orchestrator, TurnDependencies
from mangaassist.turn.paid_calls import PaidCalls
from mangaassist.turn.plans import COMPOSERS
from mangaassist.turn.reader import Understanding
from mangaassist.turn.second_opinion import SecondOpinion
from mangaassist.turn.second_reading import SecondReader
from mangaassist.turn.writing import Writing
from mangaassist.understanding.heads import TrainedHeads


class Assistant(Struct, frozen=True):
    """The assistant, ready to be served."""

    app: Door
    dispatcher: Dispatcher
    socket: SocketEdge
    knowledge: KnowledgeSync | KnowledgeFollower
    analytics: Recorder
    agents: AgentsEdge


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
        await exits.enter_async_context(audit_retained(settings, durable.audit))
        sealer = Sealer.kept_in(settings.sealing_key)
        stream = await opened_event_stream(settings, data)
        exits.push_async_callback(stream.close)
        analytics = await exits.enter_async_context(Recorder(stream, sealer.pseudonym, metrics, utc_now, tracing))
        shared = await exits.enter_async_context(opened_shared(settings, data, sealer.key_id))
        services = await exits.enter_async_context(opened_services(settings, metrics, shared.cache, tracing))
        await exits.enter_async_context(store_facts_followed(services))

        understanding = Understanding(TrainedHeads.load(), lambda: services.facts)
        knowledge = await exits.enter_async_context(
            opened_knowledge(settings, encoder, services, metrics, understanding)
        )
        installed = await exits.enter_async_context(
            installed_models(
                settings,
                Generations(tracing, metrics, telemetry.meters, provisioned=settings.models.provisioned),
            )
        )
        model_calls = ModelCalls(shared.counters, settings.limits.model_calls_per_minute, metrics.counters_failed.inc)
        spending = SpendLedger(shared.counters, metrics.counters_failed.inc)
        reception = a_reception(durable.control, shared.counters, services)
        orchestrator = an_orchestrator(
            settings,
            installed,
            encoder,
            knowledge.index,
            services,
            understanding,
            model_calls,
            spending,
            metrics,
            tracing,
            await exits.enter_async_context(opened_review(settings)),
            _answer_cache(shared.answers, encoder, metrics) if installed.writers else None,
            TrainedReranker.load(),
            reception,
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
        other_desk = await asyncio.to_thread(desk_key, settings)
        the_desk = opened_desk(settings, other_desk, reception, conversations, durable.audit, shared.counters)
        desk = await exits.enter_async_context(the_desk)
        prices = prices_of(settings, installed.profiles)
        watched = watched_of(settings, metrics, services, prices, spending, model_calls)
        the_console = opened_console(settings, watched, prices, services, shared, durable.audit, knowledge)
        console = await exits.enter_async_context(the_console)
        doors = EdgeDependencies(
            conversations=conversations,
            control=durable.control,
            desk=desk,
            facts=lambda: services.facts,
            desk_key=other_desk,
            console=console,
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
        the_agents = opened_agents(settings, doors, conversations, orchestrator, services, durable.audit)
        agents = await exits.enter_async_context(the_agents)
        the_gateway = opened_gateway(settings, doors, durable.connections, sealer)
        gateway = await exits.enter_async_context(the_gateway)
        app = build(
            doors, socket, pings, await asyncio.to_thread(webhook_of, settings, knowledge.pushed), agents, gateway
        )
        yield Assistant(app, dispatcher, socket, knowledge.kept_by, analytics, agents)


def an_orchestrator(
    settings: Settings,
    installed: InstalledModels,
    encoder: Encoder,
    index: ServingIndex,
    services: StoreServices,
    understanding: Understanding,
    model_calls: ModelCalls,
    spending: SpendLedger,
    metrics: Metrics,
    tracing: Tracing,
    review: Review,
    answers: AnswerCache | None = None,
    reranker: Reranker | None = None,
    desk: HumanDesk | None = None,
) -> Orchestrator:
    """The turn with every room it walks through (T-1).

    ``answers``: what models wrote, for who asks the same; None asks anew. ``reranker`` None: pages stay in the order of the search.
    ``desk`` None: nobody can be asked for in the chat.
    """
    offline = OfflineWriter(COMPOSERS)
    router = Router(installed.profiles, Budgets(settings.models.session_budget_usd, settings.models.day_budget_usd))
    return Orchestrator(
        TurnDependencies(
            admission=Admission(patience_s=PATIENCE_S * settings.timeout_factor),
            understanding=understanding,
            encoder=encoder,
            asked=AskedHead.load(),
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
            desk=desk,
            review=review,
            metrics=metrics,
            tracing=tracing,
            clock=time.monotonic,
            timeout_factor=settings.timeout_factor,
        )
    )


def _answer_cache(kept: Cache, encoder: Encoder, metrics: Metrics) -> AnswerCache:
    return AnswerCache(kept, encoder.digest, lambda what, why: metrics.answer_cache.labels(what, why).inc())
