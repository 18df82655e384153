"""The slots of all sessions that one machine keeps: in memory, bounded, behind a journal for what must survive the process."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.conversation.log import FRAMES_KEPT_S, Entry, Origin
from mangaassist.conversation.slot import Slot

KEPT_BYTES: Final = 32 << 20
"""Frames of all sessions that are kept; past it the sessions in which nothing happened for the longest let go of theirs."""
SLOT_BYTES: Final = 1024
WAKES_KEPT: Final = 4096
LOOKED_AT: Final = 256
"""Sessions that one round of letting go looks at, so that no round is long."""


class Journalled(Struct, frozen=True, kw_only=True):
    """What the journal knows of a session. ``through``: no frame has a higher number; None when that is not certain."""

    through: int | None
    fence: int = 0
    owner: str | None = None
    inbox: tuple[Entry, ...] = ()


class Journal(Protocol):
    """What survives the process. Called on the loop's thread: a call takes some tens of microseconds.

    Raises ``ServiceFailure`` of ``conversations`` when it cannot be read or written.
    """

    @property
    def epoch(self) -> str:
        """Names this journal, and no other and no earlier state of it that may have known more."""
        ...

    def load(self, session_id: str) -> Journalled | None: ...

    def write(self, slot: Slot, put: Sequence[Entry] = (), drop: str | None = None) -> None:
        """Keep numbers and owner of a session, put entries (new or changed) and drop one by its id: all or nothing."""
        ...

    def stop(self, session_id: str, message_id: str | None) -> bool:
        """Mark the oldest entry, or the one named, of a session without a slot; True when that is news."""
        ...

    def waiting(self) -> tuple[str, ...]:
        """Sessions with entries."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class Wakes:
    """Sessions that a holder should look at, in order; of too many the oldest are lost."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque(maxlen=WAKES_KEPT)
        self._some = asyncio.Event()

    def add(self, session_id: str) -> None:
        self._waiting.append(session_id)
        self._some.set()

    async def next(self) -> str:
        while not self._waiting:
            self._some.clear()
            await self._some.wait()
        return self._waiting.popleft()


class _Kept(Struct):
    slot: Slot
    touched_at: float


class SlotTable:
    """``clock`` gives monotonic seconds. Used from one event loop."""

    def __init__(self, journal: Journal, clock: Callable[[], float]) -> None:
        self.journal = journal
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        """Sessions in which something happened, the last of them at the end."""
        self._bytes = 0
        self._due = dict.fromkeys(journal.waiting())
        self._followers: dict[str, dict[asyncio.Future[None], None]] = {}
        """Who waits for news of a session, in order of arrival."""
        self._holders: list[Wakes] = []

    # ---- slots

    def known(self, session_id: str, origin: Origin | None = None) -> Slot | None:
        """The session's slot as it is, or None when nothing is known of it, or nothing certain and no origin given."""
        if kept := self._kept.get(session_id):
            return kept.slot
        found = self.journal.load(session_id)
        if found is None or (found.through is None and origin is None):
            return None
        floor, owner = (found.through, None) if origin is None else (found.through or origin.floor, origin.owner)
        start = Origin(floor or 0, found.owner or owner)
        return Slot(session_id, self.journal.epoch, start, found.inbox, found.fence)

    def opened(self, session_id: str, origin: Origin | None) -> Slot | None:
        """The session's slot, from now on kept in memory; None when it takes an origin to open it."""
        kept = self._kept.get(session_id)
        if kept is None:
            if origin is not None and origin.epoch not in (None, self.journal.epoch):
                origin = None
            slot = self.known(session_id, origin)
            if slot is None and origin is None:
                return None
            slot = slot or Slot(session_id, self.journal.epoch, origin or Origin())
            kept = self._kept[session_id] = _Kept(slot, 0.0)
            self._bytes += SLOT_BYTES
        self._touch(session_id, kept)
        return kept.slot

    def kept(self, session_id: str) -> Slot | None:
        """The session's slot, if it is in memory."""
        kept = self._kept.get(session_id)
        if kept is None:
            return None
        self._touch(session_id, kept)
        return kept.slot

    def write(self, slot: Slot, put: Sequence[Entry] = (), drop: str | None = None) -> None:
        """Journal a change. One that cannot be kept did not happen: the slot is read anew from what was kept before."""
        try:
            self.journal.write(slot, put, drop)
        except Exception:
            self._forget(slot.session_id)
            raise

    def grew(self, by_bytes: int) -> None:
        """Frames were added to a slot, or let go."""
        self._bytes += by_bytes

    def forget_all(self) -> None:
        """Lose everything that is in memory alone."""
        for session_id in tuple(self._kept):
            self._forget(session_id)
        self._due = dict.fromkeys(self.journal.waiting())

    def let_go(self) -> None:
        """Forget sessions in which nothing happens; those in which something waits stay."""
        oldest = self._clock() - FRAMES_KEPT_S
        for session_id, kept in tuple(islice(self._kept.items(), LOOKED_AT)):
            if kept.touched_at > oldest and self._bytes <= KEPT_BYTES:
                return
            if not kept.slot.inbox:
                self._forget(session_id)

    def _touch(self, session_id: str, kept: _Kept) -> None:
        kept.touched_at = self._clock()
        self._kept.move_to_end(session_id)

    def _forget(self, session_id: str) -> None:
        if kept := self._kept.pop(session_id, None):
            self._bytes -= kept.slot.kept_bytes + SLOT_BYTES

    # ---- what waits

    def note(self, slot: Slot) -> None:
        """Remember whether something waits in a session."""
        if slot.inbox:
            self._due[slot.session_id] = None
        else:
            self._due.pop(slot.session_id, None)

    def due(self, limit: int) -> tuple[str, ...]:
        now = self._clock()
        waiting = (session_id for session_id in tuple(self._due) if self._is_due(session_id, now))
        return tuple(islice(waiting, limit))

    def _is_due(self, session_id: str, now: float) -> bool:
        kept = self._kept.get(session_id)
        return kept is None or kept.slot.is_due(now)

    # ---- news

    def wakes(self) -> Wakes:
        """What another holder will hear."""
        wakes = Wakes()
        self._holders.append(wakes)
        return wakes

    def wake(self, session_id: str) -> None:
        """Something happened that the holder should look at, or something waits for one."""
        for wakes in self._holders:
            wakes.add(session_id)

    def tell(self, session_id: str) -> None:
        """Something can be heard in a session."""
        for follower in self._followers.pop(session_id, ()):
            if not follower.done():
                follower.set_result(None)

    async def news_of(self, session_id: str) -> None:
        """Wait until something can be heard in a session."""
        news = asyncio.get_running_loop().create_future()
        self._followers.setdefault(session_id, {})[news] = None
        try:
            await news
        finally:
            if waiting := self._followers.get(session_id):
                waiting.pop(news, None)
                if not waiting:
                    del self._followers[session_id]
