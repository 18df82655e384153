"""What the console shows of a process, out of what is counted anyway (O-6): pure, but for reading the counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from mangaassist.console.costs import cost_view
from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import Policy, Service
from mangaassist.telemetry.correction_rate import ALARM_SHARE, CorrectionRate
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.recent_turns import TurnFigures
from mangaassist.telemetry.spent import Priced
from mangaassist.turn.budget import FIRST_TOKEN_MS, TOTAL_MS, allowance_ms
from mangaassist.wire.console import (
    Alarm,
    CacheView,
    CorrectedLine,
    CorrectionView,
    Counted,
    LimitLine,
    Overview,
    Percentiles,
    ServiceLine,
    StageLine,
    TierLine,
)

BIN_S: Final = 5
RATE_OVER_S: Final = 30
"""Turns per second are those of so long."""
NEAR: Final = 0.9
"""O-9: so much of a limit used is an alarm."""
SESSION_ALARM: Final = timedelta(minutes=10)
"""For how long the alarm of a session stands."""
MOST_NAMED: Final = 10
_SENT: Final = frozenset({"ok", "absent"})
_NOT_SENT: Final = frozenset({"cached", "cancelled", "unauthenticated"})


class Limit(Struct, frozen=True):
    """A limit that alarms before it is reached. ``share`` gives how much of it is used now, 0 and up."""

    name: str
    words: str
    share: Callable[[], float]


class Watched(Struct, frozen=True, kw_only=True):
    """What is looked at. ``clock`` gives monotonic seconds; ``large`` prices the large model, None where none is installed;
    ``services`` are those whose ``breakers`` there are."""

    process: str
    since: datetime
    metrics: Metrics
    clock: Callable[[], float]
    breakers: Callable[[], Mapping[Service, BreakerState]]
    services: Mapping[Service, Policy]
    limits: tuple[Limit, ...] = ()
    large: Priced | None = None
    usd_per_connection_minute: float = 0.0


def overview(watched: Watched, now: datetime) -> Overview:
    metrics = watched.metrics
    turns = metrics.recent.turns
    rate = metrics.recent.rate(now, BIN_S)
    lines = tuple(_services(watched))
    corrections = corrections_of(metrics.correction_rate)
    limits = tuple(LimitLine(name=one.name, share=round(one.share(), 4), limit=one.words) for one in watched.limits)
    newest = rate[-RATE_OVER_S // BIN_S :]
    return Overview(
        process=watched.process,
        since=watched.since.isoformat(),
        at=now.isoformat(),
        answers=metrics.spent.answers,
        of=len(turns),
        per_second=round(sum(newest) / RATE_OVER_S, 2),
        rate=rate,
        bin_s=BIN_S,
        sockets=metrics.connections.open,
        first_token=percentiles(turn.answer.ttft_ms for turn in turns if turn.answer.ttft_ms is not None),
        first_token_budget_ms=FIRST_TOKEN_MS,
        whole=percentiles(turn.answer.latency_ms for turn in turns),
        budget_ms=TOTAL_MS,
        stages=tuple(_stages(turns)),
        intents=most_counted(turn.answer.intent for turn in turns),
        acts=most_counted(act for turn in turns for act in turn.answer.acts),
        tiers=tuple(_tiers(turns)),
        caches=tuple(_caches(metrics, lines)),
        services=lines,
        corrections=corrections,
        cost=cost_view(metrics.spent, metrics.connections.seconds(watched.clock()), watched),
        limits=limits,
        alarms=tuple(alarms(metrics, lines, corrections, limits, now)),
    )


def percentiles(values: Iterable[float]) -> Percentiles:
    """The nearest ranks of values in milliseconds."""
    ordered = sorted(values)
    return Percentiles(p50=_at(ordered, 0.5), p95=_at(ordered, 0.95), p99=_at(ordered, 0.99))


def _at(ordered: Sequence[float], share: float) -> float | None:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2) if ordered else None


def most_counted(names: Iterable[str]) -> tuple[Counted, ...]:
    """The most frequent first."""
    return tuple(Counted(name=name, count=count) for name, count in Counter(names).most_common(MOST_NAMED))


def corrections_of(rate: CorrectionRate) -> CorrectionView:
    return CorrectionView(
        answers=rate.answers,
        share=round(rate.any_share, 5),
        alarm_share=ALARM_SHARE,
        stages=tuple(
            CorrectedLine(stage=stage, share=round(rate.share(stage), 5), is_alarming=rate.is_alarming(stage))
            for stage in rate.stages
        ),
    )


def _stages(turns: Sequence[TurnFigures]) -> Iterator[StageLine]:
    took: dict[str, list[float]] = {}
    for turn in turns:
        for stage, took_ms in turn.answer.timings.items():
            took.setdefault(stage, []).append(took_ms)
    for stage, values in sorted(took.items(), key=lambda item: _first_begun(item[0])):
        told = percentiles(values)
        yield StageLine(name=stage, p50=told.p50 or 0.0, p95=told.p95 or 0.0, allowance_ms=allowance_ms(stage))


_ORDER: Final = (
    "intent",
    "embed",
    "read",
    "gather",
    "find",
    "orders",
    "services",
    "search",
    "rerank",
    "write",
    "review",
)


def _first_begun(stage: str) -> int:
    return _ORDER.index(stage) if stage in _ORDER else len(_ORDER)


def _tiers(turns: Sequence[TurnFigures]) -> Iterator[TierLine]:
    for counted in most_counted(turn.answer.tier for turn in turns):
        usd = sum(turn.answer.cost_usd for turn in turns if turn.answer.tier == counted.name)
        yield TierLine(name=counted.name, count=counted.count, usd=round(usd, 6))


def _services(watched: Watched) -> Iterator[ServiceLine]:
    calls: dict[str, Counter[str]] = {}
    for service, outcome, count in watched.metrics.counted_calls():
        calls.setdefault(service, Counter())[outcome] += count
    for service, state in watched.breakers().items():
        counted = calls.get(service, Counter())
        known = sum(counted[outcome] for outcome in _SENT | _NOT_SENT)
        yield ServiceLine(
            name=service,
            breaker=state,
            calls=counted.total(),
            failed=counted.total() - known,
            cached=counted["cached"],
            fallback=watched.services[service].fallback,
        )


def _caches(metrics: Metrics, services: Iterable[ServiceLine]) -> Iterator[CacheView]:
    kept = metrics.counted(metrics.answer_cache, "what")
    yield CacheView(name="answers of models", hits=kept.get("hit", 0), misses=kept.get("miss", 0))
    for line in services:
        if line.cached:
            yield CacheView(name=line.name, hits=line.cached, misses=line.calls - line.cached)


def alarms(
    metrics: Metrics,
    services: Iterable[ServiceLine],
    corrections: CorrectionView,
    limits: Iterable[LimitLine],
    now: datetime,
) -> Iterator[Alarm]:
    """What somebody should look at now, under the names of ``deploy/alerts.yml``."""
    for line in services:
        if line.breaker != "closed":
            how = "is open" if line.breaker == "open" else "waits for a probe"
            yield Alarm(name="ServiceBreakerOpen", detail=f"The breaker of {line.name} {how}: {line.fallback}.")
    for stage in corrections.stages:
        if stage.is_alarming:
            yield Alarm(name="TooManyCorrections", detail=f"{stage.stage} corrects {stage.share:.1%} of the answers.")
    for limit in limits:
        if limit.share >= NEAR:
            yield Alarm(name="LimitNear", detail=f"{limit.share:.0%} of {limit.limit} are used.")
    if metrics.session_alarm_at is not None and now - metrics.session_alarm_at < SESSION_ALARM:
        yield Alarm(name="SessionAlarm", detail="A session had three blocks or corrections within ten minutes.")
    for source, told in metrics.freshness.told().items():
        if told.is_late:
            yield Alarm(
                name="KnowledgeBehind",
                detail=f"A change of {source} took {told.slowest_lag_s:.0f} s to be found; its limit is {told.limit_s:.0f} s.",
            )
    for source, count in metrics.dead_letters_now.items():
        if count:
            yield Alarm(name="KnowledgeSetAside", detail=f"{count} changes of {source} could not be applied.")
