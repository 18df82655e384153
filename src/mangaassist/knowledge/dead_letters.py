"""Events that cannot be applied as they are, set aside with their error for somebody to look at and have tried again (K-4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final, Protocol

from msgspec import Struct

DEAD_LETTERS: Final = "dead_letters"
"""What the store is called in a ``ServiceFailure``."""
LETTERS_KEPT: Final = 1000
"""Events that are kept; those that failed longest ago go first."""
EVENT_LIMIT: Final = 1 << 20
"""Characters kept of an event: more than any document has."""
ERROR_LIMIT: Final = 4096


class DeadLetter(Struct, frozen=True, kw_only=True):
    """An event set aside: what it was, as far as it could be read, and why it could not be applied when it was tried last.

    ``document_id`` is empty where not even that could be read. ``event`` is the event as it came; of a change that could be read
    it is JSON that can be read again.
    """

    source: str
    document_id: str
    version: int
    error: str
    event: str
    set_aside_at: datetime
    attempts: int = 1
    is_due: bool = False
    """Somebody has asked to have it tried again."""

    @property
    def letter_id(self) -> str:
        """The same for the same event, however often it fails."""
        named = (self.source, self.document_id, str(self.version), "" if self.document_id else self.event)
        return blake2b("\0".join(named).encode("utf-8", "replace"), digest_size=6).hexdigest()


class DeadLetters(Protocol):
    """The events that were set aside. They outlive the index, which can be made anew at any time.

    All methods raise ``ServiceFailure`` of the service ``dead_letters`` when the store behind them fails.
    """

    async def set_aside(self, letter: DeadLetter) -> None:
        """Keep it, and no longer due. One that is kept already has one more attempt, and its newest error."""
        ...

    async def newest(self, limit: int) -> Sequence[DeadLetter]:
        """Those that failed last, newest first."""
        ...

    async def counted(self) -> Mapping[str, int]:
        """How many there are, by source."""
        ...

    async def ask_again(self, letter_ids: Sequence[str] | None = None) -> int:
        """Have these tried again, None for all: they are due from now on. Gives how many there are of them."""
        ...

    async def due(self, limit: int) -> Sequence[DeadLetter]:
        """Those that somebody has asked for, oldest first."""
        ...

    async def drop(self, letter_ids: Sequence[str]) -> None:
        """They were applied, or have come to nothing."""
        ...

    async def overtaken(self, source: str, versions: Mapping[str, int]) -> None:
        """Drop what these documents, by id, failed with at these versions or earlier ones: they were taken since."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


def kept(letter: DeadLetter) -> DeadLetter:
    """The letter as a store keeps it. What is set aside is broken by nature; it must not break the store too."""
    return DeadLetter(
        source=_storable(letter.source, ERROR_LIMIT),
        document_id=_storable(letter.document_id, ERROR_LIMIT),
        version=letter.version,
        error=_storable(letter.error, ERROR_LIMIT),
        event=_storable(letter.event, EVENT_LIMIT),
        set_aside_at=letter.set_aside_at,
        attempts=letter.attempts,
    )


def _storable(text: str, most: int) -> str:
    return text[:most].encode("utf-8", "replace").decode()
