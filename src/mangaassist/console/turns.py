"""Single turns as the console shows them: their stages as bars against the budget (O-6, M-10)."""

from typing import Final

from mangaassist.telemetry.recent_turns import RecentTurns, TurnFigures
from mangaassist.turn.budget import TOTAL_MS, allowance_ms
from mangaassist.wire.console import StageBar, TurnLine, TurnsView

SHOWN: Final = 20


def turns_view(recent: RecentTurns, process: str) -> TurnsView:
    return TurnsView(
        process=process,
        of=len(recent.turns),
        budget_ms=TOTAL_MS,
        newest=tuple(map(line_of, recent.newest(SHOWN))),
        slowest=tuple(map(line_of, recent.slowest(SHOWN))),
    )


def line_of(turn: TurnFigures) -> TurnLine:
    answer = turn.answer
    return TurnLine(
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
    )
