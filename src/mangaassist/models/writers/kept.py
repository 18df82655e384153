"""Says an answer that a model wrote before, as it was written: its placeholders are filled while it leaves, as any (M-7, M-8)."""

from collections.abc import AsyncGenerator
from typing import Final

from mangaassist.domain.writing import Usage, WritingNotes, WritingTask

KEPT: Final = "cache"
"""What answers and figures call it."""
_USAGE: Final = Usage(KEPT, stop="end")


class KeptWriter:
    """A ``Writer`` of one answer, and a draft of it. ``cited`` are the ids of the knowledge that it has something from."""

    def __init__(self, text: str, cited: tuple[str, ...] = ()) -> None:
        self._text = text
        self.notes = WritingNotes(cited=cited)
        self.usage = _USAGE

    def write(self, task: WritingTask) -> "KeptWriter":
        return self

    async def __aiter__(self) -> AsyncGenerator[str]:
        yield self._text
