"""A writer that writes what it is told, waits, fails and never ends: a model as a test wants it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from msgspec import Struct

from mangaassist.domain.writing import NO_NOTES, Usage, WritingNotes, WritingTask
from mangaassist.errors import ModelFailure


class Pause(Struct, frozen=True):
    """Nothing is written for so many seconds."""

    seconds: float


class Fail(Struct, frozen=True):
    """The model breaks."""

    detail: str = "broken on purpose"


Step = str | Pause | Fail


class ScriptedWriter:
    """A ``Writer``. ``tasks`` are what it was asked to write, ``closed`` how many of its drafts were cut off before their end."""

    def __init__(
        self,
        *steps: Step,
        model: str = "scripted",
        cost_usd: float = 0.0,
        endless: str = "",
        notes: WritingNotes = NO_NOTES,
        **counted: Any,
    ) -> None:
        """``endless`` is written again and again after the steps; ``counted`` are further figures of its ``Usage``."""
        self.notes = notes
        self.steps = steps
        self.endless = endless
        self.usage = Usage(model, tokens_in=100, tokens_out=20, cost_usd=cost_usd, **counted)
        self.tasks: list[WritingTask] = []
        self.closed = 0

    def write(self, task: WritingTask) -> "ScriptedDraft":
        self.tasks.append(task)
        return ScriptedDraft(self)


class ScriptedDraft:
    def __init__(self, writer: ScriptedWriter) -> None:
        self._writer = writer

    @property
    def usage(self) -> Usage:
        return self._writer.usage

    @property
    def notes(self) -> WritingNotes:
        return self._writer.notes

    async def __aiter__(self) -> AsyncGenerator[str]:
        is_over = False
        try:
            for step in self._writer.steps:
                match step:
                    case str():
                        yield step
                    case Pause():
                        await asyncio.sleep(step.seconds)
                    case Fail():
                        is_over = True
                        raise ModelFailure(self._writer.usage.model, step.detail)
            while self._writer.endless:
                yield self._writer.endless
            is_over = True
        finally:
            self._writer.closed += not is_over
