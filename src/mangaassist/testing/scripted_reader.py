"""A small model that reads every message as it is told: a ``ModelReader`` as a test wants it."""

import asyncio
from typing import Any, Final

import msgspec

from mangaassist.domain.reading import ModelReading, ReadingTask
from mangaassist.domain.writing import NO_USAGE, Usage
from mangaassist.errors import ModelFailure
from mangaassist.testing.scripted_writer import Fail, Pause

NOTHING: Final[dict[str, Any]] = {
    **dict.fromkeys(("about", "volumes", "orders", "wanted", "unwanted", "like"), ()),
    **dict.fromkeys(("edition", "least_price", "most_price", "least_volumes", "most_volumes", "finished", "ordering")),
    "goes_on": False,
}


def reading(*acts: str, **fields: Any) -> ModelReading:
    """A reading with these ``acts``; what ``fields`` do not say is not said."""
    return msgspec.convert({**NOTHING, "acts": acts, **fields}, ModelReading)


class ScriptedReader:
    """``tasks`` are what it was asked to read, ``closed`` how many of its calls were left before their end."""

    def __init__(
        self, *steps: ModelReading | Pause | Fail | None, cost_usd: float = 0.0, most_usd: float = 0.0
    ) -> None:
        """None: what comes back is no reading. It costs ``cost_usd`` once it is called."""
        self.steps = steps
        self.usage = Usage("scripted", tokens_in=50, tokens_out=10, cost_usd=cost_usd)
        self.most_usd = most_usd
        self.tasks: list[ReadingTask] = []
        self.closed = 0

    def asked(self, task: ReadingTask) -> "ScriptedReading":
        self.tasks.append(task)
        return ScriptedReading(self)


class ScriptedReading:
    def __init__(self, reader: ScriptedReader) -> None:
        self._reader = reader
        self.usage = NO_USAGE

    async def read(self) -> ModelReading | None:
        self.usage = self._reader.usage
        is_over = False
        try:
            for step in self._reader.steps:
                match step:
                    case Pause():
                        await asyncio.sleep(step.seconds)
                    case Fail():
                        is_over = True
                        raise ModelFailure("scripted", step.detail)
                    case _:
                        is_over = True
                        return step
            return None
        finally:
            self._reader.closed += not is_over
