"""Single turns as the console shows them: their stages as bars against the budget, and each question to a service (O-6, M-10)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from heapq import nlargest
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from mangaassist.telemetry.recent_turns import RecentTurns, TurnFigures
from mangaassist.turn.budget import TOTAL_MS, allowance_ms
from mangaassist.wire.console import CallBar, StageBar, TurnLine, TurnsView

SHOWN: Final = 20


class ProcessTurns(Struct, frozen=True, kw_only=True):
    """What a process tells of its single turns: the newest and the slowest of the ``of`` that it keeps."""

    process: str
    of: int
    newest: tuple[TurnLine, ...]
    slowest: tuple[TurnLine, ...]


def turns_of(recent: RecentTurns, process: str, shown: int = SHOWN) -> ProcessTurns:
    return ProcessTurns(
        process=process,
        of=recent.tally.turns,
        newest=tuple(line_of(turn, process) for turn in recent.newest(shown)),
        slowest=tuple(line_of(turn, process) for turn in recent.slowest(shown)),
    )


def turns_view(told: Sequence[ProcessTurns], *, is_all: bool) -> TurnsView:
    return TurnsView(
        processes=tuple(one.process for one in told),
        is_all=is_all,
        of=sum(one.of for one in told),
        budget_ms=TOTAL_MS,
        newest=_first((line for one in told for line in one.newest), lambda line: datetime.fromisoformat(line.at)),
        slowest=_first((line for one in told for line in one.slowest), lambda line: line.latency_ms),
    )


def _first(lines: Iterable[TurnLine], by: Callable[[TurnLine], Any]) -> tuple[TurnLine, ...]:
    return tuple(nlargest(SHOWN, lines, key=by))


def line_of(turn: TurnFigures, process: str) -> TurnLine:
    answer = turn.answer
    return TurnLine(
        process=process,
        trace=answer.traceparent.split("-")[1] if answer.traceparent.count("-") == 3 else "",
        at=turn.at.isoformat(),
        intent=answer.intent,
        acts=answer.acts,
        tier=answer.tier,
        model=answer.model,
        outcome="blocked" if answer.blocked else "stopped" if answer.stopped else "answered",
        latency_ms=answer.latency_ms,
        ttft_ms=answer.ttft_ms,
        cost_usd=answer.cost_usd,
        cached=answer.cached,
        corrected=turn.corrected,
        degraded=answer.degraded,
        bars=tuple(
            StageBar(
                name=span.stage, began_ms=span.began_ms, took_ms=span.took_ms, allowance_ms=allowance_ms(span.stage)
            )
            for span in turn.spans
        ),
        calls=tuple(CallBar(**asdict(call)) for call in turn.calls),
    )
