"""Says an answer that a model wrote before, as it was written: its placeholders are filled while it leaves, as any (M-7, M-8)."""

from collections.abc import AsyncGenerator
from typing import Final

from mangaassist.domain.writing import NO_NOTES, Usage, WritingNotes, WritingTask

KEPT: Final = "cache"
"""What answers and figures call it."""
_USAGE: Final = Usage(KEPT, stop="end")


class KeptWriter:
    """A ``Writer`` of one answer."""

    def __init__(self, text: str) -> None:
        self._text = text

    def write(self, task: WritingTask) -> "KeptDraft":
        return KeptDraft(self._text)


class KeptDraft:
    def __init__(self, text: str) -> None:
        self._text = text

    @property
    def usage(self) -> Usage:
        return _USAGE

    @property
    def notes(self) -> WritingNotes:
        return NO_NOTES

    async def __aiter__(self) -> AsyncGenerator[str]:
        yield self._text
