"""What somebody should look at now, of one process or of several together, under the names of ``deploy/alerts.yml`` (O-9): pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from mangaassist.console.process_figures import ProcessFigures
from mangaassist.console.process_knowledge import KnowledgeTogether
from mangaassist.wire.console import Alarm, CorrectionView, LimitLine, ServiceLine

NEAR: Final = 0.9
"""O-9: so much of a limit used is an alarm."""
SESSION_ALARM: Final = timedelta(minutes=10)
"""For how long the alarm of a session stands."""


def alarms(
    figures: ProcessFigures,
    services: Iterable[ServiceLine],
    corrections: CorrectionView,
    limits: Iterable[LimitLine],
    knowledge: KnowledgeTogether,
    now: datetime,
) -> Iterator[Alarm]:
    yield from _of_breakers(services)
    for stage in corrections.stages:
        if stage.is_alarming:
            yield Alarm(name="TooManyCorrections", detail=f"{stage.stage} corrects {stage.share:.1%} of the answers.")
    for limit in limits:
        if limit.share >= NEAR:
            yield Alarm(name="LimitNear", detail=f"{limit.share:.0%} of {limit.limit} are used.")
    if figures.session_alarm_at is not None and now - figures.session_alarm_at < SESSION_ALARM:
        yield Alarm(name="SessionAlarm", detail="A session had three blocks or corrections within ten minutes.")
    yield from _of_knowledge(knowledge)


def _of_breakers(services: Iterable[ServiceLine]) -> Iterator[Alarm]:
    for line in services:
        if line.breaker != "closed":
            how = "is open" if line.breaker == "open" else "waits for a probe"
            yield Alarm(name="ServiceBreakerOpen", detail=f"The breaker of {line.name} {how}: {line.fallback}.")


def _of_knowledge(knowledge: KnowledgeTogether) -> Iterator[Alarm]:
    for source, told in knowledge.freshness.items():
        if told.is_late:
            late = (
                f"A change of {source} took {told.slowest_lag_s:.0f} s to be found; its limit is {told.limit_s:.0f} s."
            )
            yield Alarm(name="KnowledgeBehind", detail=late)
    for source, count in knowledge.set_aside.items():
        if count:
            yield Alarm(name="KnowledgeSetAside", detail=f"{count} changes of {source} could not be applied.")
