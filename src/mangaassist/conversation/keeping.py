"""A session as whoever holds it knows it, and what they save of it: once for each entry, whoever else tries (T-13)."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from mangaassist.conversation.hold import Hold, patiently
from mangaassist.conversation.log import NUMBERS_AN_ATTEMPT, ConversationLog
from mangaassist.conversation.sessions import SessionStore
from mangaassist.errors import Conflict, Fenced
from mangaassist.turn.memory import HEADROOM, Session, TurnRecord

T = TypeVar("T")


class Keeping:
    """``session`` is the session as it was saved last. ``clock`` gives monotonic seconds."""

    def __init__(
        self, log: ConversationLog, sessions: SessionStore, session: Session, hold: Hold, clock: Callable[[], float]
    ) -> None:
        self._log = log
        self._sessions = sessions
        self._hold = hold
        self._clock = clock
        self.session = session

    async def known(self, message_id: str) -> TurnRecord | None:
        """The turn in which this entry was answered already."""
        session_id = self.session.session_id
        known = self.session.turn(message_id)
        if known is not None or self.session.has_all_turns:
            return known
        return await self.patiently(lambda: self._sessions.turn(session_id, message_id))

    async def make_room(self) -> None:
        """No number above the ceiling is used, so that none is used twice, whatever is lost."""
        if self._hold.last + NUMBERS_AN_ATTEMPT > self.session.ceiling:
            session_id, through = self.session.session_id, self._hold.last + HEADROOM
            ceiling = await self.patiently(lambda: self._sessions.reserve(session_id, through))
            self.session = replace(self.session, ceiling=ceiling)

    async def save(self, record: TurnRecord) -> None:
        """A version that somebody else has saved is built upon. Raises ``Fenced`` when it answers this very entry."""
        while True:
            try:
                self.session = await self.patiently(lambda: self._sessions.commit(self.session, record))
                return
            except Conflict:
                await self._reload()
            stored = await self.known(record.message_id)
            if stored is not None and stored.response_id == record.response_id and stored.attempt == record.attempt:
                return  # our own: only the reply was lost
            if stored is not None:  # an earlier holder was faster: what it saved is told, not what we wrote
                await self._log.release(self._hold.lease)
                raise Fenced(self.session.session_id)

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        return await patiently(ask, self._clock)

    async def _reload(self) -> None:
        """The session as the store has it now; one that has expired meanwhile begins anew."""
        session_id = self.session.session_id
        session = await self.patiently(lambda: self._sessions.load(session_id))
        self.session = session or replace(self.session, version=0, turns=())
