"""A console of a process without services of its own: for tests and measurements of what is around it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mangaassist.console.figures import Limit, Watched
from mangaassist.console.operating import Console, Trail
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import POLICIES, Service
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.spent import Priced


def a_console(
    metrics: Metrics,
    audit: AuditLog,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    *,
    breakers: Mapping[Service, BreakerState] | None = None,
    limits: tuple[Limit, ...] = (),
    large: Priced | None = None,
) -> Console:
    """``breakers`` None: all are closed."""
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
    return Console(watched, Trail(audit, now), now)
