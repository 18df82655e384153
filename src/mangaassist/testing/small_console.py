"""A console of a process without services of its own: for tests and measurements of what is around it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mangaassist.console.figures import Limit, Watched
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.operating import Console
from mangaassist.console.pages import PagesDesk, PageStore
from mangaassist.console.trail import Trail
from mangaassist.guardrails.audit import AuditLog
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.spent import Priced
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_pages import MemoryPages


def a_console(
    metrics: Metrics,
    audit: AuditLog,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    *,
    breakers: Mapping[Service, BreakerState] | None = None,
    limits: tuple[Limit, ...] = (),
    large: Priced | None = None,
    letters: DeadLetters | None = None,
    pages: PageStore | None = None,
    index: ServingIndex | None = None,
) -> Console:
    """``breakers`` None: all are closed; ``letters``, ``pages`` and ``index`` None: there are none."""
    shown = index or ServingIndex()
    states = breakers or dict.fromkeys(POLICIES, "closed")
    watched = Watched(
        process="process 1",
        since=now(),
        metrics=metrics,
        clock=clock,
        breakers=lambda: states,
        services=POLICIES,
        limits=limits,
        large=large,
        usd_per_connection_minute=0.000_000_25,
    )
    trail = Trail(audit, now)
    desk = KnowledgeDesk(watched.process, letters or MemoryDeadLetters(), metrics.freshness, shown, trail)
    return Console(watched, trail, now, desk, PagesDesk(pages or MemoryPages(), trail, shown))
