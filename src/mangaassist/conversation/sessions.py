"""The session store's port: sessions and their turns, for 24 h after the last one (W-2, T-13)."""

from datetime import timedelta
from typing import Final, Protocol

from mangaassist.turn.memory import Session, TurnRecord

SESSIONS: Final = "sessions"
"""The service that a ``ServiceFailure`` of the store names."""
SESSION_KEPT: Final = timedelta(hours=24)


class SessionStore(Protocol):
    """Every method raises ``ServiceFailure`` of ``sessions`` when the store cannot be reached; ``transient`` may pass."""

    async def begin(self, session_id: str, customer_id: str | None, ceiling: int) -> None:
        """Make a session exist. One that exists already stays as it is."""
        ...

    async def load(self, session_id: str) -> Session | None:
        """The session as it was saved last, or None when there is none or it has expired. Never an older state."""
        ...

    async def turn(self, session_id: str, message_id: str) -> TurnRecord | None:
        """The turn that answered a message, however long ago."""
        ...

    async def turns(self, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
        """The newest turns of a session, ``limit`` at most, oldest first."""
        ...

    async def session_of(self, response_id: str) -> str | None:
        """The session in which an answer was saved, or None. May be a moment behind: what was saved just now may be missing."""
        ...

    async def commit(self, before: Session, turn: TurnRecord) -> Session:
        """Save a turn as the version after ``before``; gives the session with it.

        Raises ``Conflict`` when that version exists already: whoever comes first has saved it, once and for all.
        """
        ...

    async def reserve(self, session_id: str, through: int) -> int:
        """Raise the ceiling of the numbers to ``through`` at least; gives the ceiling. It never falls."""
        ...

    async def own(self, session_id: str, customer_id: str) -> bool:
        """Make the session a customer's, its version untouched. The first wins; True for the owner."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
