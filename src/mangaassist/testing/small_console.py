"""A console of a process without services of its own: for tests and measurements of what is around it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mangaassist.console.costs import Prices
from mangaassist.console.faults import FaultsDesk, FaultStore
from mangaassist.console.figures import Table
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.knowledge_sharing import KnowledgeSharing, WatchedKnowledge
from mangaassist.console.noticeboard import Boards
from mangaassist.console.operating import Console
from mangaassist.console.pages import PagesDesk, PageStore
from mangaassist.console.process_figures import Limit, Watched
from mangaassist.console.sharing import Sharing
from mangaassist.console.trail import Trail
from mangaassist.guardrails.audit import AuditLog
from mangaassist.knowledge.dead_letters import DeadLetters
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.stores.memory.noticeboard import memory_boards
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
    faults: FaultStore | None = None,
    boards: Boards | None = None,
) -> Console:
    """``breakers`` None: all are closed; ``letters``, ``pages`` and ``index`` None: there are none; ``faults`` None: none are
    allowed; ``boards`` None: there are no other processes."""
    shown = index or ServingIndex()
    states = breakers or dict.fromkeys(POLICIES, "closed")
    watched = Watched(
        process="process 1",
        since=now(),
        metrics=metrics,
        clock=clock,
        breakers=lambda: states,
        limits=limits,
    )
    prices = Prices(large=large, usd_per_connection_minute=0.000_000_25)
    table = Table(services=POLICIES, limits={limit.name: limit.words for limit in limits}, prices=prices)
    shared = boards or memory_boards(clock)
    sharing = Sharing(watched, shared.figures, shared.turns, now)
    trail = Trail(audit, now)
    own = WatchedKnowledge(
        process=watched.process, letters=letters or MemoryDeadLetters(), freshness=metrics.freshness, index=shown
    )
    knowledge = KnowledgeSharing(own, shared.knowledge, shared.retries, now)
    desk = KnowledgeDesk(knowledge, trail)
    the_pages = PagesDesk(pages or MemoryPages(), trail, desk.changes_wait)
    return Console(sharing, table, trail, now, desk, the_pages, FaultsDesk(faults, trail))
