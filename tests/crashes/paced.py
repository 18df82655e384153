"""The assistant as it is, but for its writer, which takes its time: ``python -m tests.crashes.paced``.

What kills it at a random moment then kills it in mid-answer.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import uvloop
from rich.console import Console

from mangaassist.assembly import assistant
from mangaassist.domain.writing import NO_NOTES, Draft, Usage, WritingNotes, WritingTask
from mangaassist.models.writers.offline.composing import OfflineWriter
from mangaassist.serving import serve_assistant
from mangaassist.settings import load

PAUSE_S: Final = 0.1


class PacedWriter(OfflineWriter):
    def write(self, task: WritingTask) -> Draft:
        return PacedDraft(super().write(task))


class PacedDraft:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    @property
    def usage(self) -> Usage:
        return self._draft.usage

    @property
    def notes(self) -> WritingNotes:
        return NO_NOTES

    async def __aiter__(self) -> AsyncIterator[str]:
        async for piece in self._draft:
            yield piece
            await asyncio.sleep(PAUSE_S)


def main() -> None:
    assistant.OfflineWriter = PacedWriter
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_assistant(load(), Console(stderr=True)))


if __name__ == "__main__":
    main()
