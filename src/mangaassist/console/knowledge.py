"""The knowledge as the console shows it: how fresh it is, what was set aside, and having that tried again (O-6, K-4, K-5)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from mangaassist.console.knowledge_sharing import KnowledgeSharing
from mangaassist.console.process_knowledge import KnowledgeTogether, ProcessKnowledge, together
from mangaassist.console.trail import Trail
from mangaassist.errors import NotFound
from mangaassist.telemetry.freshness import SourceFreshness
from mangaassist.wire.console_knowledge import KnowledgeProcess, KnowledgeView, LetterLine, RetryView, SourceLine


class Known(Struct, frozen=True):
    """What each process told of the knowledge, with its age in seconds, this one first, and all of it ``together``. ``is_all``
    False: others could not be heard."""

    told: tuple[tuple[ProcessKnowledge, float], ...]
    together: KnowledgeTogether
    is_all: bool


class KnowledgeDesk:
    """Lives as long as the process."""

    def __init__(self, sharing: KnowledgeSharing, trail: Trail) -> None:
        self._sharing = sharing
        self._trail = trail

    async def known(self) -> Known:
        own, heard, asks = await self._sharing.look()
        told = ((own, 0.0), *heard.told)
        return Known(told, together([one for one, _ in told], asks), heard.is_all)

    async def changes_wait(self) -> bool:
        """Whether what is approved now is found by some process only later."""
        return (await self.known()).together.changes_wait

    async def look(self, operator: str) -> KnowledgeView:
        """Raises ``ServiceFailure`` when the trail cannot be reached."""
        await self._trail.looks(operator, "console_knowledge")
        known = await self.known()
        merged = known.together
        return KnowledgeView(
            processes=tuple(_process(one, age_s) for one, age_s in known.told),
            is_all=known.is_all and merged.reads_letters,
            changes_wait=merged.changes_wait,
            sources=tuple(sources(merged.freshness)),
            set_aside=dict(merged.set_aside),
            letters=merged.letters,
        )

    async def retry(self, operator: str, letter_ids: Sequence[str] | None) -> RetryView:
        """Have them tried again by whoever keeps them, None for all. Raises ``NotFound`` where none of them is set aside, and
        ``ServiceFailure`` when what this process keeps cannot be reached."""
        await self._trail.note(operator, "console_retry", letters=letter_ids or "all")
        merged = (await self.known()).together
        own, is_all = await self._sharing.ask_again(letter_ids)
        known = sum(merged.set_aside.values()) if letter_ids is None else _named(merged.letters, letter_ids)
        asked = max(own, known) if is_all else own
        if not asked and letter_ids is not None:
            raise NotFound("No such event is set aside any more.")
        return RetryView(asked=asked, is_all=is_all)


def _named(lines: Iterable[LetterLine], letter_ids: Sequence[str]) -> int:
    return sum(line.id in letter_ids for line in lines)


def sources(freshness: Mapping[str, SourceFreshness]) -> Iterator[SourceLine]:
    for name, told in freshness.items():
        yield SourceLine(
            name=name,
            limit_s=told.limit_s,
            found=told.found,
            last_at=told.last_at.isoformat() if told.last_at else None,
            last_lag_s=told.last_lag_s,
            slowest_lag_s=told.slowest_lag_s,
            is_late=told.is_late,
        )


def _process(one: ProcessKnowledge, age_s: float) -> KnowledgeProcess:
    return KnowledgeProcess(
        name=one.process,
        age_s=round(age_s, 1),
        version=one.version,
        is_indexing=one.is_indexing,
        changes_wait=one.changes_wait,
    )
