"""How long a turn may take, stage by stage, and how long each stage took (M-10)."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from itertools import accumulate
from typing import Final

from mangaassist.services.turn_calls import TurnCall
from mangaassist.telemetry.recent_turns import CallSpan, StageSpan

ALLOWANCES_MS: Final[dict[str, float]] = {
    "edge": 50,
    "intent": 50,
    "embed": 80,
    "search": 50,
    "rerank": 120,
    "services": 200,
    "prompt": 10,
    "first_token": 900,
    "headroom": 40,
}
"""In the order in which the stages run. What one stage leaves over, the later ones may use."""

_CUMULATIVE_MS: Final = dict(zip(ALLOWANCES_MS, accumulate(ALLOWANCES_MS.values()), strict=True))
FIRST_TOKEN_MS: Final = _CUMULATIVE_MS["first_token"]
"""By when the first token is there."""
TOTAL_MS: Final = sum(ALLOWANCES_MS.values())
_MADE_OF: Final[dict[str, tuple[str, ...]]] = {
    "gather": ("search", "rerank", "services"),
    "find": ("services",),
    "orders": ("services",),
    "write": ("prompt", "first_token"),
}
"""Timed stages that are made of others, or are part of one: of the writing, what comes before its first token."""
MOST_SPANS: Final = 64
"""Of a turn, of stages and of calls each; what it does after so many is in its timings alone."""
_STAGE: Final = ContextVar("stage", default="")
"""The innermost timed stage of whoever runs: calls that go out at once belong to different ones."""


def allowance_ms(stage: str) -> float | None:
    """How long a timed stage may take when nothing before it left anything over; None for one that the budget does not know."""
    parts = _MADE_OF.get(stage, (stage,))
    return sum(ALLOWANCES_MS[part] for part in parts) if all(part in ALLOWANCES_MS for part in parts) else None


class Budget:
    """The clock of one turn. Times are seconds of ``clock`` (monotonic); timings are reported in milliseconds.

    Every stage may take ``factor`` times its allowance; ``span`` traces each, by its name.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        factor: float = 1.0,
        span: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._clock = clock
        self._span = span
        self._factor = factor
        self._on_top = 0.0
        self.started = clock()
        self.timings: dict[str, float] = {}
        self._spans: list[StageSpan] = []
        self._calls: list[CallSpan] = []
        self.first_token_ms: float | None = None

    def elapsed_ms(self) -> float:
        return (self._clock() - self.started) * 1000

    def deadline(self, stage: str) -> float:
        """The moment (seconds of the clock) at which ``stage`` must be over, whatever came before it took."""
        return self.started + self._on_top + self._factor * _CUMULATIVE_MS[stage] / 1000

    def left_s(self, stage: str) -> float:
        """Seconds that ``stage`` may still take; 0 when its time is up."""
        return max(0.0, self.deadline(stage) - self._clock())

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Add the time of the block to the stage's timing."""
        began, outer = self._clock(), _STAGE.get()
        _STAGE.set(stage)
        try:
            with self._span(stage):
                yield
        finally:
            _STAGE.set(outer)
            took_ms = (self._clock() - began) * 1000
            self.timings[stage] = self.timings.get(stage, 0.0) + took_ms
            if len(self._spans) < MOST_SPANS:
                self._spans.append(StageSpan(stage, round((began - self.started) * 1000, 3), round(took_ms, 3)))

    def note_call(self, call: TurnCall) -> None:
        """A question to a service is answered; whoever runs had asked it, within the stage that they are in."""
        if len(self._calls) < MOST_SPANS:
            self._calls.append(
                CallSpan(
                    service=call.service,
                    question=call.question,
                    stage=_STAGE.get(),
                    began_ms=round((call.began_s - self.started) * 1000, 3),
                    took_ms=round(call.took_s * 1000, 3),
                    outcome=call.outcome,
                    retried=call.retried,
                )
            )

    @contextmanager
    def on_top(self, stage: str) -> Generator[None]:
        """As ``timed``, of a stage by choice: it has a limit of its own, and leaves those after it as much time as without it."""
        began = self._clock()
        try:
            with self.timed(stage):
                yield
        finally:
            self._on_top += self._clock() - began

    def note_first_token(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms()

    def report(self) -> dict[str, float]:
        """Milliseconds by stage, rounded to a microsecond."""
        return {stage: round(took, 3) for stage, took in self.timings.items()}

    def spans(self) -> tuple[StageSpan, ...]:
        """Every stage with its beginning, in the order in which they began (O-6)."""
        return tuple(sorted(self._spans, key=lambda span: span.began_ms))

    def calls(self) -> tuple[CallSpan, ...]:
        """Every question to a service, in the order in which they were asked (O-6)."""
        return tuple(sorted(self._calls, key=lambda call: call.began_ms))
