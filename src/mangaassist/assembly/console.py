"""The console of one process: what it looks at, and what is told to Prometheus of the same (O-6, O-9)."""

import os
import platform
import secrets
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from mangaassist.assembly.knowledge import KeptKnowledge
from mangaassist.assembly.shared import Shared
from mangaassist.console.costs import Prices
from mangaassist.console.faults import FaultsDesk
from mangaassist.console.figures import Table
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.knowledge_sharing import KnowledgeSharing, WatchedKnowledge
from mangaassist.console.operating import Console
from mangaassist.console.pages import PagesDesk
from mangaassist.console.process_figures import Limit, Watched
from mangaassist.console.sharing import Sharing
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
from mangaassist.services.store_faults import STORE, StoreFaults
from mangaassist.settings import Settings
from mangaassist.telemetry.metrics import Metrics

NO_MODEL: Final = "offline"


@asynccontextmanager
async def opened_console(
    settings: Settings,
    watched: Watched,
    prices: Prices,
    services: StoreServices,
    shared: Shared,
    audit: AuditLog,
    knowledge: KeptKnowledge,
) -> AsyncGenerator[Console]:
    """With the calls that operators have the store do, and what the processes tell each other."""
    trail = Trail(audit, utc_now)
    words = {limit.name: limit.words for limit in watched.limits}
    table = Table(services=services.policies, limits=words, prices=prices)
    own = WatchedKnowledge(
        process=watched.process,
        letters=knowledge.dead_letters,
        freshness=watched.metrics.freshness,
        index=knowledge.index,
        is_indexing=isinstance(knowledge.kept_by, KnowledgeSync),
    )
    boards = shared.boards
    limit_s = LIMIT_S * settings.timeout_factor
    async with (
        OperatorsCalls("content", settings.store.url, limit_s) as content,
        OperatorsCalls(STORE, settings.store.url, limit_s) as store,
        Sharing(watched, boards.figures, boards.turns, utc_now) as sharing,
        KnowledgeSharing(own, boards.knowledge, boards.retries, utc_now) as known,
    ):
        desk = KnowledgeDesk(known, trail)
        pages = PagesDesk(ContentDesk(content), trail, desk.changes_wait)
        faults = FaultsDesk(StoreFaults(store) if settings.console.faults else None, trail)
        yield Console(sharing, table, trail, utc_now, desk, pages, faults)


def process_name() -> str:
    """One that no other live process has."""
    return f"{platform.node()}:{os.getpid()}-{secrets.token_hex(2)}"


def prices_of(settings: Settings, profiles: Mapping[Tier, ModelProfile]) -> Prices:
    large = profiles[Tier.LARGE]
    hourly = [one.provisioned_usd_per_hour for one in {one.name: one for one in profiles.values()}.values()]
    priced = [usd for usd in hourly if usd is not None]
    return Prices(
        large=None if large.provider == NO_MODEL else large.cost,
        usd_per_connection_minute=settings.costs.usd_per_connection_minute,
        provisioned_usd_per_hour=sum(priced) if priced else None,
    )


def watched_of(
    settings: Settings,
    metrics: Metrics,
    services: StoreServices,
    prices: Prices,
    spending: SpendLedger,
    calls: ModelCalls,
) -> Watched:
    """Everything that is counted of this process, and its limits; they become metrics too."""
    limits = tuple(limits_of(settings, metrics, spending, calls))
    for limit in limits:
        metrics.limit_share.labels(limit.name).set_function(limit.share)
    metrics.connection_seconds.set_function(lambda: metrics.connections.seconds(time.monotonic()))
    metrics.provisioned_price.set(prices.provisioned_usd_per_hour or 0.0)
    if (large := prices.large) is not None:
        metrics.routing_saved.set_function(lambda: metrics.spent.all_large_usd(large) - metrics.spent.models_usd)
    return Watched(
        process=process_name(),
        since=utc_now(),
        metrics=metrics,
        clock=time.monotonic,
        breakers=services.breakers,
        limits=limits,
    )


def limits_of(settings: Settings, metrics: Metrics, spending: SpendLedger, calls: ModelCalls) -> list[Limit]:
    most, budget = settings.limits.sockets, settings.models.day_budget_usd
    per_minute = settings.limits.model_calls_per_minute
    limits = [
        Limit("sockets", f"{most} open sockets of a process", lambda: metrics.connections.open / most),
        Limit("model_calls", f"{per_minute} calls of models a minute", calls.share),
    ]
    if budget:
        limits.append(Limit("day_budget", f"${budget:g} for models a day", lambda: spending.day_usd / budget))
    return limits
