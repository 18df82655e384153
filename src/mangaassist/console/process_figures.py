"""The figures of one process, out of what is counted anyway, in a form that processes tell each other and that adds up (O-6).

Pure, but for reading the counts. What is a share or a percentile is worked out of the sums, in ``figures.py``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.services.breaker import BreakerState
from mangaassist.services.policies import Service
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.recent_turns import SecondCount
from mangaassist.telemetry.spent import Spent
from mangaassist.telemetry.turn_tally import TurnTally, add_up

Number = TypeVar("Number", int, float)


class Limit(Struct, frozen=True):
    """A limit that alarms before it is reached. ``share`` gives how much of it is used now, 0 and up."""

    name: str
    words: str
    share: Callable[[], float]


class Watched(Struct, frozen=True, kw_only=True):
    """What is looked at of this process. ``clock`` gives monotonic seconds."""

    process: str
    since: datetime
    metrics: Metrics
    clock: Callable[[], float]
    breakers: Callable[[], Mapping[Service, BreakerState]]
    limits: tuple[Limit, ...] = ()


class CorrectionCounts(Struct, frozen=True, kw_only=True):
    """Of the newest ``answers`` those that ``any`` stage corrected, and each; ``alarming`` are stages that correct too many."""

    answers: int = 0
    any: int = 0
    by_stage: dict[str, int] = {}
    alarming: tuple[str, ...] = ()


class ProcessFigures(Struct, frozen=True, kw_only=True):
    """Since ``since``, as of ``at`` (UTC). ``calls`` counts by service and outcome, ``limits`` are shares of them that are used."""

    process: str
    since: datetime
    at: datetime
    sockets: int
    connection_s: float
    newest: TurnTally
    seconds: tuple[SecondCount, ...]
    calls: dict[str, dict[str, int]]
    breakers: dict[str, BreakerState]
    corrections: CorrectionCounts
    answer_cache: dict[str, int]
    spent: Spent
    limits: dict[str, float]
    session_alarm_at: datetime | None


def figures_of(watched: Watched, now: datetime) -> ProcessFigures:
    """Parts that go on being counted are shared, not copied: tell them at once, or add them up into something else."""
    metrics = watched.metrics
    rate = metrics.correction_rate
    return ProcessFigures(
        process=watched.process,
        since=watched.since,
        at=now,
        sockets=metrics.connections.open,
        connection_s=metrics.connections.seconds(watched.clock()),
        newest=metrics.recent.tally,
        seconds=metrics.recent.seconds,
        calls=_calls(metrics),
        breakers={str(service): state for service, state in watched.breakers().items()},
        corrections=CorrectionCounts(
            answers=rate.answers,
            any=rate.any_corrected,
            by_stage=dict(rate.corrected),
            alarming=tuple(filter(rate.is_alarming, rate.stages)),
        ),
        answer_cache=dict(metrics.counted(metrics.answer_cache, "what")),
        spent=metrics.spent,
        limits={limit.name: limit.share() for limit in watched.limits},
        session_alarm_at=metrics.session_alarm_at,
    )


def _calls(metrics: Metrics) -> dict[str, dict[str, int]]:
    calls: dict[str, dict[str, int]] = {}
    for service, outcome, count in metrics.counted_calls():
        add_up(calls.setdefault(service, {}), {outcome: count})
    return calls


# ---- several processes


def together(told: Iterable[ProcessFigures]) -> ProcessFigures:
    """All of them as if they were one: sums, and of what has a state the worst. There is at least one, and the first names it."""
    figures = tuple(told)
    newest, spent, calls = TurnTally(), Spent(), dict[str, dict[str, int]]()
    for one in figures:
        newest.merge(one.newest)
        spent.merge(one.spent)
        for service, counted in one.calls.items():
            add_up(calls.setdefault(service, {}), counted)
    return replace(
        figures[0],
        since=min(one.since for one in figures),
        at=max(one.at for one in figures),
        sockets=sum(one.sockets for one in figures),
        connection_s=sum(one.connection_s for one in figures),
        newest=newest,
        seconds=tuple(second for one in figures for second in one.seconds),
        calls=calls,
        breakers=_worst(one.breakers for one in figures),
        corrections=_corrections([one.corrections for one in figures]),
        answer_cache=_sums(one.answer_cache for one in figures),
        spent=spent,
        limits=_highest(one.limits for one in figures),
        session_alarm_at=max((one.session_alarm_at for one in figures if one.session_alarm_at), default=None),
    )


_BADNESS: Final[Mapping[BreakerState, int]] = {"closed": 0, "half_open": 1, "open": 2}


def _worst(states: Iterable[dict[str, BreakerState]]) -> dict[str, BreakerState]:
    worst: dict[str, BreakerState] = {}
    for own in states:
        for service, state in own.items():
            worst[service] = max(worst.get(service, state), state, key=_BADNESS.__getitem__)
    return worst


def _sums(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for own in counts:
        add_up(total, own)
    return total


def _highest(figures: Iterable[dict[str, Number]]) -> dict[str, Number]:
    """Of what all processes count alike, or each against a limit of its own, the highest."""
    highest: dict[str, Number] = {}
    for own in figures:
        for name, figure in own.items():
            highest[name] = max(highest.get(name, figure), figure)
    return highest


def _corrections(counts: list[CorrectionCounts]) -> CorrectionCounts:
    return CorrectionCounts(
        answers=sum(one.answers for one in counts),
        any=sum(one.any for one in counts),
        by_stage=_sums(one.by_stage for one in counts),
        alarming=tuple(dict.fromkeys(stage for one in counts for stage in one.alarming)),
    )
