"""Log and session store in memory: what the embedded adapters keep on disk, kept for as long as the object lives."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from msgspec.structs import replace

from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.log import Entry
from mangaassist.conversation.sessions import SESSION_KEPT
from mangaassist.conversation.slot import Slot
from mangaassist.conversation.slot_table import Journalled, SlotTable
from mangaassist.errors import Conflict
from mangaassist.turn.memory import Session, TurnRecord, remembered


class MemoryJournal:
    """Survives a slot table, as a disk does: give it to a new one to see what a restart finds."""

    def __init__(self) -> None:
        self.epoch = uuid4().hex
        self._kept: dict[str, Journalled] = {}

    def load(self, session_id: str) -> Journalled | None:
        return self._kept.get(session_id)

    def write(self, slot: Slot, put: Sequence[Entry] = (), drop: str | None = None) -> None:
        before = self._kept.get(slot.session_id)
        inbox = {} if before is None else {waiting.message_id: waiting for waiting in before.inbox}
        inbox |= {entry.message_id: entry for entry in put}
        inbox.pop(drop or "", None)
        self._kept[slot.session_id] = Journalled(
            through=slot.through, fence=slot.fence, owner=slot.owner, inbox=tuple(inbox.values())
        )

    def stop(self, session_id: str, message_id: str | None) -> bool:
        kept = self._kept.get(session_id)
        for place, waiting in enumerate(kept.inbox if kept else ()):
            if message_id == waiting.message_id or (message_id is None and waiting.kind == "ask"):
                assert kept is not None
                inbox = (*kept.inbox[:place], replace(waiting, stopped=True), *kept.inbox[place + 1 :])
                self._kept[session_id] = replace(kept, inbox=inbox)
                return not waiting.stopped
        return False

    def waiting(self) -> tuple[str, ...]:
        return tuple(session_id for session_id, kept in self._kept.items() if kept.inbox)

    def reboot(self, entries: bool = True) -> None:
        """What the loss of power leaves: another epoch, and no number that is certain; without ``entries`` nothing at all."""
        self.epoch = uuid4().hex
        kept = self._kept.items() if entries else ()
        self._kept = {session_id: replace(known, through=None) for session_id, known in kept}

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


def memory_log(clock: Callable[[], float], journal: MemoryJournal | None = None) -> EmbeddedLog:
    """A conversation log of one holder. ``clock`` gives monotonic seconds."""
    return EmbeddedLog(SlotTable(journal or MemoryJournal(), clock), clock)


class MemorySessionStore:
    """``now`` gives UTC."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._sessions: dict[str, tuple[Session, datetime]] = {}
        self._turns: dict[str, list[TurnRecord]] = {}

    async def begin(self, session_id: str, customer_id: str | None, ceiling: int) -> None:
        if await self.load(session_id) is None:
            self._turns.pop(session_id, None)
            self._sessions[session_id] = (
                Session(session_id=session_id, customer_id=customer_id, ceiling=ceiling),
                self._now(),
            )

    async def load(self, session_id: str) -> Session | None:
        session, touched_at = self._sessions.get(session_id, (None, self._now()))
        if session is None or self._now() - touched_at > SESSION_KEPT:
            return None
        return replace(session, turns=remembered(self._turns.get(session_id, ())))

    async def turn(self, session_id: str, message_id: str) -> TurnRecord | None:
        turns = self._turns.get(session_id, ())
        return next((turn for turn in turns if turn.message_id == message_id), None)

    async def commit(self, before: Session, turn: TurnRecord) -> Session:
        session_id = before.session_id
        turns = self._turns.setdefault(session_id, [])
        if len(turns) != before.version or await self.turn(session_id, turn.message_id) is not None:
            raise Conflict(session_id, before.version + 1)
        kept = self._sessions.get(session_id, (before, None))[0]
        after = before.with_turn(turn)
        turns.append(after.turns[-1])
        after = replace(after, customer_id=kept.customer_id, ceiling=max(after.ceiling, kept.ceiling))
        self._sessions[session_id] = (after, self._now())
        return after

    async def turns(self, session_id: str, limit: int) -> tuple[TurnRecord, ...]:
        return self.turns_of(session_id)[-limit:]

    async def session_of(self, response_id: str) -> str | None:
        for session_id, turns in self._turns.items():
            if any(turn.response_id == response_id for turn in turns):
                return session_id
        return None

    def turns_of(self, session_id: str) -> tuple[TurnRecord, ...]:
        """Every turn of a session, oldest first."""
        return tuple(self._turns.get(session_id, ()))

    async def reserve(self, session_id: str, through: int) -> int:
        if session_id not in self._sessions:
            return through
        session, touched_at = self._sessions[session_id]
        session = replace(session, ceiling=max(session.ceiling, through))
        self._sessions[session_id] = (session, touched_at)
        return session.ceiling

    async def own(self, session_id: str, customer_id: str) -> bool:
        if session_id not in self._sessions:
            return False
        session, touched_at = self._sessions[session_id]
        if session.customer_id is None:
            self._sessions[session_id] = (replace(session, customer_id=customer_id), touched_at)
        return session.customer_id in (None, customer_id)

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
