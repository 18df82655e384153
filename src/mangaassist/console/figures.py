"""What the console shows of the processes that are covered: shares and percentiles of what they counted together (O-6). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from mangaassist.console.alarms import alarms
from mangaassist.console.costs import Prices, cost_view
from mangaassist.console.process_figures import CorrectionCounts, ProcessFigures, together
from mangaassist.console.process_knowledge import KnowledgeTogether
from mangaassist.services.policies import Policy, Service
from mangaassist.telemetry.correction_rate import ALARM_SHARE
from mangaassist.telemetry.quantile_sketch import QuantileSketch
from mangaassist.telemetry.recent_turns import rate
from mangaassist.telemetry.turn_tally import TurnTally
from mangaassist.turn.budget import FIRST_TOKEN_MS, TOTAL_MS, allowance_ms
from mangaassist.wire.console import (
    CacheView,
    CorrectedLine,
    CorrectionView,
    Counted,
    LimitLine,
    Overview,
    Percentiles,
    ProcessLine,
    ServiceLine,
    StageLine,
    TierLine,
)

BIN_S: Final = 5
RATE_OVER_S: Final = 30
"""Turns per second are those of so long."""
MOST_NAMED: Final = 10
_SENT: Final = frozenset({"ok", "absent"})
_NOT_SENT: Final = frozenset({"cached", "cancelled", "unauthenticated"})


class Covered(Struct, frozen=True):
    """A process whose figures are shown, as it told them ``age_s`` seconds ago."""

    figures: ProcessFigures
    age_s: float = 0.0


class Table(Struct, frozen=True, kw_only=True):
    """What all processes have alike: the table of services, the words of the limits by their names, and the prices."""

    services: Mapping[Service, Policy]
    limits: Mapping[str, str]
    prices: Prices


def overview(
    covered: Sequence[Covered],
    table: Table,
    knowledge: KnowledgeTogether,
    now: datetime,
    *,
    is_all: bool,
    injects_faults: bool,
) -> Overview:
    """The first of ``covered`` is this process; ``is_all`` False: the others could not be heard."""
    figures = together(one.figures for one in covered)
    newest = figures.newest
    turns = rate(figures.seconds, now, BIN_S)
    lines = tuple(_services(figures, [one.figures for one in covered], table.services))
    corrections = _corrections(figures.corrections)
    limits = tuple(
        LimitLine(name=name, share=round(share, 4), limit=table.limits.get(name, name))
        for name, share in figures.limits.items()
    )
    return Overview(
        processes=tuple(map(_process, covered)),
        is_all=is_all,
        at=now.isoformat(),
        answers=figures.spent.answers,
        of=newest.turns,
        per_second=round(sum(turns.turns[-RATE_OVER_S // BIN_S :]) / RATE_OVER_S, 2),
        rate=turns.turns,
        degraded_rate=turns.degraded,
        bin_s=BIN_S,
        sockets=figures.sockets,
        first_token=percentiles(newest.first_token),
        first_token_budget_ms=FIRST_TOKEN_MS,
        whole=percentiles(newest.whole),
        budget_ms=TOTAL_MS,
        stages=tuple(_stages(newest)),
        intents=most_counted(newest.intents),
        acts=most_counted(newest.acts),
        degraded=most_counted(newest.degraded),
        tiers=tuple(_tiers(newest)),
        caches=tuple(_caches(figures.answer_cache, lines)),
        services=lines,
        corrections=corrections,
        cost=cost_view([one.figures for one in covered], table.prices, now),
        limits=limits,
        alarms=tuple(alarms(figures, lines, corrections, limits, knowledge, now)),
        injects_faults=injects_faults,
    )


def _process(covered: Covered) -> ProcessLine:
    told = covered.figures
    return ProcessLine(
        name=told.process,
        since=told.since.isoformat(),
        age_s=round(covered.age_s, 1),
        answers=told.spent.answers,
        sockets=told.sockets,
    )


def percentiles(sketch: QuantileSketch) -> Percentiles:
    """In milliseconds."""
    p50, p95, p99 = (_rounded(sketch.percentile(share)) for share in (0.5, 0.95, 0.99))
    return Percentiles(p50=p50, p95=p95, p99=p99)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def most_counted(counts: Mapping[str, int]) -> tuple[Counted, ...]:
    """The most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return tuple(Counted(name=name, count=count) for name, count in ordered[:MOST_NAMED])


def _corrections(counts: CorrectionCounts) -> CorrectionView:
    return CorrectionView(
        answers=counts.answers,
        share=_share(counts.any, counts.answers),
        alarm_share=ALARM_SHARE,
        stages=tuple(
            CorrectedLine(stage=stage, share=_share(count, counts.answers), is_alarming=stage in counts.alarming)
            for stage, count in counts.by_stage.items()
        ),
    )


def _share(count: int, of: int) -> float:
    return round(count / of, 5) if of else 0.0


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


def _stages(newest: TurnTally) -> Iterator[StageLine]:
    for stage, sketch in sorted(newest.stages.items(), key=lambda item: _first_begun(item[0])):
        told = percentiles(sketch)
        if told.p50 is not None and told.p95 is not None:
            yield StageLine(name=stage, p50=told.p50, p95=told.p95, allowance_ms=allowance_ms(stage))


def _first_begun(stage: str) -> int:
    return _ORDER.index(stage) if stage in _ORDER else len(_ORDER)


def _tiers(newest: TurnTally) -> Iterator[TierLine]:
    for counted in most_counted(newest.tiers):
        yield TierLine(name=counted.name, count=counted.count, usd=round(newest.usd.get(counted.name, 0.0), 6))


def _services(
    figures: ProcessFigures, each: Iterable[ProcessFigures], table: Mapping[Service, Policy]
) -> Iterator[ServiceLine]:
    own = tuple(each)
    for service, policy in table.items():
        counted = figures.calls.get(service, {})
        calls = sum(counted.values())
        known = sum(counted.get(outcome, 0) for outcome in _SENT | _NOT_SENT)
        yield ServiceLine(
            name=service,
            breaker=figures.breakers.get(service, "closed"),
            not_closed_in=sum(one.breakers.get(service, "closed") != "closed" for one in own),
            calls=calls,
            failed=calls - known,
            cached=counted.get("cached", 0),
            fallback=policy.fallback,
        )


def _caches(kept: Mapping[str, int], services: Iterable[ServiceLine]) -> Iterator[CacheView]:
    yield CacheView(name="answers of models", hits=kept.get("hit", 0), misses=kept.get("miss", 0))
    for line in services:
        if line.cached:
            yield CacheView(name=line.name, hits=line.cached, misses=line.calls - line.cached)
