"""The knowledge as the console shows it: how fresh it is, what was set aside, and having that tried again (O-6, K-4, K-5)."""

from collections.abc import Iterator, Sequence
from typing import Final

from mangaassist.console.trail import Trail
from mangaassist.errors import NotFound
from mangaassist.knowledge.dead_letters import DeadLetter, DeadLetters
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.telemetry.freshness import Freshness
from mangaassist.wire.console_knowledge import MOST_LETTERS, KnowledgeView, LetterLine, RetryView, SourceLine

EVENT_SHOWN: Final = 1500
"""Characters of an event that are shown."""


class KnowledgeDesk:
    """Lives as long as the process. ``freshness`` knows nothing in one that only serves (``is_indexing``)."""

    def __init__(
        self,
        process: str,
        letters: DeadLetters,
        freshness: Freshness,
        index: ServingIndex,
        trail: Trail,
        *,
        is_indexing: bool = True,
    ) -> None:
        self._process = process
        self._letters = letters
        self._freshness = freshness
        self._index = index
        self._trail = trail
        self._is_indexing = is_indexing

    async def look(self, operator: str) -> KnowledgeView:
        """Raises ``ServiceFailure`` when the trail or the store of what was set aside cannot be reached."""
        await self._trail.looks(operator, "console_knowledge")
        return KnowledgeView(
            process=self._process,
            version=self._index.knowledge_version,
            is_indexing=self._is_indexing,
            changes_wait=self._index.by_words_alone,
            sources=tuple(sources(self._freshness)),
            set_aside=dict(await self._letters.counted()),
            letters=tuple(map(_line, await self._letters.newest(MOST_LETTERS))),
        )

    async def retry(self, operator: str, letter_ids: Sequence[str] | None) -> RetryView:
        """Have them tried again, None for all. Raises ``NotFound`` where none of them is set aside."""
        await self._trail.note(operator, "console_retry", letters=letter_ids or "all")
        asked = await self._letters.ask_again(letter_ids)
        if not asked and letter_ids is not None:
            raise NotFound("No such event is set aside any more.")
        return RetryView(asked=asked)


def sources(freshness: Freshness) -> Iterator[SourceLine]:
    for name, told in freshness.told().items():
        yield SourceLine(
            name=name,
            limit_s=told.limit_s,
            found=told.found,
            last_at=told.last_at.isoformat() if told.last_at else None,
            last_lag_s=told.last_lag_s,
            slowest_lag_s=told.slowest_lag_s,
            is_late=told.is_late,
        )


def _line(letter: DeadLetter) -> LetterLine:
    return LetterLine(
        id=letter.letter_id,
        source=letter.source,
        document_id=letter.document_id,
        version=letter.version,
        error=letter.error,
        event=letter.event[:EVENT_SHOWN],
        at=letter.set_aside_at.isoformat(),
        attempts=letter.attempts,
        is_due=letter.is_due,
    )
