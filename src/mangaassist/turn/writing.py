"""From evidence to text: the writer's pieces through the inline checks, until they end, stall or are stopped (G-2, T-8)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing, closing
from typing import Final

from mangaassist.domain.evidence import Degradation
from mangaassist.domain.writing import Writer, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.guardrails.findings import Finding
from mangaassist.guardrails.inline import InlineFilter, InlineRules
from mangaassist.models.routing import Route, Shortage
from mangaassist.models.writers.chain import FallbackDraft, Writers
from mangaassist.models.writers.moving_limit import MovingLimit
from mangaassist.turn.budget import Budget
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Ending, Gathered, Written
from mangaassist.wire.metadata import Failover

OFFLINE_ROOM_S: Final = 0.1
"""What the offline writer has left once a model has used up all the time that its profile names."""
STALL_S: Final = 10.0
"""A writer that says nothing for this long after its first piece has failed, unless its profile is more patient."""
MOST_CHARS: Final = 7_500
"""Where an answer is cut off: a writer that never ends has failed. All of it still fits into one frame, in any script."""
_NO_MODEL: Final = (Degradation("models", "written without a model"),)
_STEPPED_DOWN: Final[Mapping[Shortage | None, tuple[Degradation, ...]]] = {
    Shortage.UNKNOWN: _NO_MODEL,
    Shortage.CALLS: _NO_MODEL,
}
"""What is told of a route; that a budget is spent is no failure of anything."""
UNFINISHED: Final = " … I'm sorry, I couldn't finish this answer. Please ask me again."


class Writing:
    """Lives as long as the process; ``write`` keeps nothing between answers."""

    def __init__(self, writers: Writers, inline: InlineRules) -> None:
        self._writers = writers
        self._inline = inline

    def calls_model(self, route: Route) -> bool:
        """Whether an answer by this route calls a model at all."""
        return self._writers.has_model(route.tier)

    async def write(
        self,
        gathered: Gathered,
        task: WritingTask,
        route: Route,
        output: Output,
        stop: Stop,
        budget: Budget,
        by_model: Callable[[str], None],
        kept: Writer | None = None,
    ) -> Written:
        """Write to ``output``. Falls back before the first piece; after it, a failure ends the answer visibly (M-6).

        ``by_model`` hears what a model writes as it is sent; ``kept`` says what one wrote before (M-8).
        """
        draft = self._writers.write(task, route, kept)
        answer = _Answer(draft, lambda: self._inline.filter_for(gathered.evidence), output, budget, by_model)
        await answer.tell(_STEPPED_DOWN.get(route.short, ()))
        broke = await answer.take(_pieces(draft, stop, _first_s(draft, budget)))
        if broke is None and not stop.is_set and draft.by == "model" and not answer.sent:
            await answer.take(draft.anew())
        ending: Ending = "stopped" if stop.is_set else "whole"
        if broke is not None and ending == "whole":
            ending = "broken"
            answer.degraded.append(Degradation(f"model:{broke.model}", "the answer ends where it broke"))
            await answer.say(UNFINISHED)
        return Written(
            gathered=gathered,
            task=task,
            route=route,
            text="".join(answer.sent),
            drafted="".join(answer.drafted),
            by=draft.by,
            usage=draft.usage,
            notes=draft.notes,
            ending=ending,
            degraded=tuple(answer.degraded),
            failovers=tuple(_failovers(draft, broke if ending == "broken" else None)),
            findings=tuple(answer.findings),
        )


class _Answer:
    """One answer on its way out: what was ``drafted`` last, what was ``sent`` of it, and what was told and noted beside it."""

    def __init__(
        self,
        draft: FallbackDraft,
        checks: Callable[[], InlineFilter],
        output: Output,
        budget: Budget,
        by_model: Callable[[str], None],
    ) -> None:
        self._draft = draft
        self._checks = checks
        self._output = output
        self._budget = budget
        self._by_model = by_model
        self.drafted: list[str] = []
        self.sent: list[str] = []
        self.degraded: list[Degradation] = []
        self.findings: list[Finding] = []

    async def take(self, pieces: AsyncGenerator[str]) -> ModelFailure | None:
        """Draft these pieces, in place of any before, and send what the checks let through. Returns why they broke off, if so."""
        broke: ModelFailure | None = None
        checks = self._checks()
        self.drafted.clear()
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    if not self.sent:
                        await self.tell(_fallen_over(self._draft))
                    self.drafted.append(piece)
                    await self.say(checks.feed(piece))
        except ModelFailure as failure:
            broke = failure
        except TimeoutError:
            broke = ModelFailure(self._draft.usage.model, "no further piece in time", "timeout")
        await self.say(checks.finish())
        self.findings += checks.findings
        return broke

    async def say(self, content: str) -> None:
        content = content if self.sent else content.lstrip()
        if not content:
            return
        self._budget.note_first_token()
        self.sent.append(content)
        if self._draft.by == "model":
            self._by_model(content)
        await self._output.text(content)

    async def tell(self, degradations: Iterable[Degradation]) -> None:
        """Before the first piece is sent: each once."""
        for degradation in degradations:
            if degradation not in self.degraded:
                self.degraded.append(degradation)
                await self._output.degraded(degradation)


def _fallen_over(draft: FallbackDraft) -> tuple[Degradation, ...]:
    """The writers that should have written and could not: the answer says so (S-5, M-6)."""
    return tuple(
        Degradation(f"model:{failure.model}", f"written by {draft.usage.model} instead") for failure in draft.failures
    )


def _failovers(draft: FallbackDraft, broke: ModelFailure | None) -> Iterator[Failover]:
    """Who could not write, and who wrote instead; ``broke`` when it was after the first piece."""
    instead = (*(failure.model for failure in draft.failures[1:]), draft.usage.model)
    for failure, next_one in zip(draft.failures, instead, strict=False):
        yield Failover(model=failure.model, reason=failure.kind, instead=next_one)
    if broke is not None:
        yield Failover(model=broke.model, reason=broke.kind)


def _first_s(draft: FallbackDraft, budget: Budget) -> float:
    own = draft.own_first_token_s
    return budget.left_s("first_token") if own is None else own + OFFLINE_ROOM_S


async def _pieces(draft: FallbackDraft, stop: Stop, first_s: float) -> AsyncGenerator[str]:
    """The draft's pieces, the first within ``first_s`` and none that stalls, until the shopper says stop.

    Leaving closes the writer's stream at once: nothing more is paid for (W-14). Raises ``TimeoutError``.
    """
    clock, stall_s = asyncio.get_running_loop().time, max(STALL_S, draft.between_tokens_s)
    async with aclosing(aiter(draft)) as source:
        with closing(MovingLimit()) as limit:
            deadline, chars = clock() + first_s, 0
            while not stop.is_set and chars < MOST_CHARS:
                piece: str | None = None
                with stop:
                    piece = await limit.next(source, deadline)
                if piece is None:
                    return
                chars += len(piece)
                yield piece
                deadline = clock() + stall_s
