"""The console of one process: what it looks at, and what is told to Prometheus of the same (O-6, O-9)."""

import os
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from mangaassist.assembly.knowledge import KeptKnowledge
from mangaassist.console.costs import cost_view
from mangaassist.console.figures import Limit, Watched
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.operating import Console
from mangaassist.console.pages import PagesDesk
from mangaassist.console.trail import Trail
from mangaassist.domain.writing import Tier
from mangaassist.guardrails.audit import AuditLog
from mangaassist.knowledge_sync import KnowledgeSync
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.services.caller import utc_now
from mangaassist.services.operators_calls import LIMIT_S, OperatorsCalls
from mangaassist.services.pages import ContentDesk
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings
from mangaassist.telemetry.metrics import Metrics

NO_MODEL: Final = "offline"


@asynccontextmanager
async def opened_console(
    settings: Settings, watched: Watched, audit: AuditLog, knowledge: KeptKnowledge
) -> AsyncGenerator[Console]:
    """With the calls that operators have the store do."""
    trail = Trail(audit, utc_now)
    desk = KnowledgeDesk(
        watched.process,
        knowledge.dead_letters,
        watched.metrics.freshness,
        knowledge.index,
        trail,
        is_indexing=isinstance(knowledge.kept_by, KnowledgeSync),
    )
    async with OperatorsCalls("content", settings.store.url, LIMIT_S * settings.timeout_factor) as calls:
        yield Console(watched, trail, utc_now, desk, PagesDesk(ContentDesk(calls), trail, knowledge.index))


def watched_of(
    settings: Settings,
    metrics: Metrics,
    services: StoreServices,
    profiles: Mapping[Tier, ModelProfile],
    spending: SpendLedger,
    calls: ModelCalls,
) -> Watched:
    """Everything that is counted of this process, and its limits; they become metrics too."""
    limits = tuple(_limits(settings, metrics, spending, calls))
    large = profiles[Tier.LARGE]
    watched = Watched(
        process=f"process {os.getpid()}",
        since=utc_now(),
        metrics=metrics,
        clock=time.monotonic,
        breakers=services.breakers,
        services=services.policies,
        limits=limits,
        large=None if large.provider == NO_MODEL else large.cost,
        usd_per_connection_minute=settings.costs.usd_per_connection_minute,
    )
    for limit in limits:
        metrics.limit_share.labels(limit.name).set_function(limit.share)
    metrics.connection_seconds.set_function(lambda: metrics.connections.seconds(time.monotonic()))
    metrics.routing_saved.set_function(lambda: _saved(watched))
    return watched


def _limits(settings: Settings, metrics: Metrics, spending: SpendLedger, calls: ModelCalls) -> list[Limit]:
    most, budget = settings.limits.sockets, settings.models.day_budget_usd
    per_minute = settings.limits.model_calls_per_minute
    limits = [
        Limit("sockets", f"{most} open sockets of a process", lambda: metrics.connections.open / most),
        Limit("model_calls", f"{per_minute} calls of models a minute", calls.share),
    ]
    if budget:
        limits.append(Limit("day_budget", f"${budget:g} for models a day", lambda: spending.day_usd / budget))
    return limits


def _saved(watched: Watched) -> float:
    view = cost_view(watched.metrics.spent, 0.0, watched)
    return view.saved_usd or 0.0
