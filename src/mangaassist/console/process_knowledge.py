"""The knowledge as one process sees it, in a form that processes tell each other and that adds up (O-6, K-4, K-5). Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.knowledge.dead_letters import DeadLetter
from mangaassist.telemetry.freshness import SourceFreshness
from mangaassist.wire.console_knowledge import MOST_LETTERS, LetterLine

EVENT_SHOWN: Final = 1500
"""Characters of an event that are shown."""


class ProcessKnowledge(Struct, frozen=True, kw_only=True):
    """``freshness`` is by source, and empty in a process that only serves (``is_indexing`` false); ``set_aside`` counts by source,
    ``letters`` are the newest. ``reads_letters`` false: what it has set aside cannot be read now."""

    process: str
    version: int
    is_indexing: bool
    changes_wait: bool
    freshness: dict[str, SourceFreshness]
    set_aside: dict[str, int]
    letters: tuple[LetterLine, ...]
    reads_letters: bool = True


class Ask(Struct, frozen=True, kw_only=True):
    """Somebody wishes these events to be tried again, None for all, whichever process keeps them. ``at`` is UTC."""

    id: str
    at: datetime
    letters: frozenset[str] | None = None

    def covers(self, line: LetterLine) -> bool:
        """And it has not failed since."""
        is_named = self.letters is None or line.id in self.letters
        return is_named and datetime.fromisoformat(line.at) <= self.at


class KnowledgeTogether(Struct, frozen=True, kw_only=True):
    """What several processes know of the knowledge. An event that some of them have set aside each is one; of more than
    ``MOST_LETTERS`` in several stores ``set_aside`` counts at least those."""

    freshness: Mapping[str, SourceFreshness]
    set_aside: Mapping[str, int]
    letters: tuple[LetterLine, ...]
    changes_wait: bool
    reads_letters: bool


def together(told: Sequence[ProcessKnowledge], asks: Sequence[Ask] = ()) -> KnowledgeTogether:
    letters = _letters((line for one in told for line in one.letters), asks)
    return KnowledgeTogether(
        freshness=_freshness(one.freshness for one in told),
        set_aside=_counted([one.set_aside for one in told], letters),
        letters=letters[:MOST_LETTERS],
        changes_wait=any(one.changes_wait for one in told),
        reads_letters=all(one.reads_letters for one in told),
    )


def line_of(letter: DeadLetter) -> LetterLine:
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


def _freshness(told: Iterable[dict[str, SourceFreshness]]) -> dict[str, SourceFreshness]:
    """Of each source what all who index it have found; the newest is told with its lag."""
    merged: dict[str, SourceFreshness] = {}
    for own in told:
        for source, one in own.items():
            merged[source] = one if source not in merged else merged[source].beside(one)
    return merged


def _letters(lines: Iterable[LetterLine], asks: Sequence[Ask]) -> tuple[LetterLine, ...]:
    """Each event once, as it failed last, the newest first."""
    newest: dict[str, LetterLine] = {}
    for line in lines:
        before = newest.get(line.id, line)
        later = max(before, line, key=lambda one: datetime.fromisoformat(one.at))
        newest[line.id] = replace(later, is_due=before.is_due or line.is_due or any(ask.covers(line) for ask in asks))
    return tuple(sorted(newest.values(), key=lambda one: datetime.fromisoformat(one.at), reverse=True))


def _counted(counts: Sequence[Mapping[str, int]], letters: Iterable[LetterLine]) -> dict[str, int]:
    named = Counter(line.source for line in letters)
    sources = dict.fromkeys(source for counted in (*counts, named) for source in counted)
    return {source: max((named[source], *(counted.get(source, 0) for counted in counts))) for source in sources}
