"""One session's inbox, lease and frames as a pure object: what every conversation log does, told once (W-12). No clock, no IO.

An entry is taken, claimed (as often as its holders die), answered by frames and acknowledged:

    offer ──► waiting ──claim──► claimed ──append*──► append(ack) ──► gone
                 ▲                   │
                 └── lease over ─────┘

Only the holder of the newest fence may append, and only right behind the last number. ``now`` is seconds of one clock.
"""

from collections import deque

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import (
    INBOX_LIMIT,
    KEPT_ANSWERS,
    LEASE_S,
    NOTES_LIMIT,
    NUMBERS_AN_ATTEMPT,
    Batch,
    Claim,
    Cursor,
    Entry,
    Hole,
    Joined,
    Lease,
    Offered,
    Origin,
    Revoked,
    Verdict,
)
from mangaassist.errors import EpochLost, Fenced

_ROOM = {"ask": INBOX_LIMIT, "note": NOTES_LIMIT}


class Held(Struct, frozen=True):
    """Who holds the session, until when, and the entry that is being answered; None between two entries."""

    holder: str
    until: float
    message_id: str | None


class Answered(Struct, frozen=True):
    """An acknowledged entry whose frames are kept; they end with the number ``last``."""

    message_id: str
    digest: str
    last: int


class Slot:
    """``last`` is the number of the last frame. Methods change all of what they change, or raise and change nothing."""

    def __init__(
        self, session_id: str, epoch: str, origin: Origin, inbox: tuple[Entry, ...] = (), fence: int = 0
    ) -> None:
        self.session_id = session_id
        self.epoch = epoch
        self.last = origin.floor
        self.owner = origin.owner
        self.fence = fence
        self.inbox = list(inbox)
        self.held: Held | None = None
        self.batches: deque[Batch] = deque()
        self.kept_bytes = 0
        self.answered: deque[Answered] = deque()

    # ---- the inbox

    def offer(self, entry: Entry) -> Offered:
        verdict = self._verdict(entry)
        if verdict == "taken":
            self.inbox.append(entry)
        return Offered(verdict=verdict, last=self.last)

    def stop(self, message_id: str | None) -> Entry | None:
        """Mark an entry, the oldest message if none is named; gives it when that is news."""
        for place, entry in enumerate(self.inbox):
            if message_id == entry.message_id or (message_id is None and entry.kind == "ask"):
                if entry.stopped:
                    return None
                self.inbox[place] = stopped = replace(entry, stopped=True)
                return stopped
        return None

    def is_due(self, now: float) -> bool:
        return bool(self.inbox) and not self._is_held(now)

    def _verdict(self, entry: Entry) -> Verdict:
        if self.owner is not None and entry.asker != self.owner and entry.kind == "ask":
            return "foreign"
        for known in (*self.inbox, *self.answered):
            if known.message_id == entry.message_id:
                return "repeated" if known.digest == entry.digest else "id_reused"
        alike = sum(1 for waiting in self.inbox if waiting.kind == entry.kind)
        return "busy" if alike >= _ROOM[entry.kind] else "taken"

    # ---- the lease

    def claim(self, holder: str, now: float) -> Claim | None:
        if not self.inbox or self._is_held(now, by_others_than=holder):
            return None
        self.fence += 1
        head = self.inbox[0] = replace(self.inbox[0], attempt=self.inbox[0].attempt + 1)
        self.held = Held(holder, now + LEASE_S, head.message_id)
        return Claim(lease=self._lease(), entry=head, shown=self._open_frames())

    def renew(self, lease: Lease, now: float) -> Lease:
        self._check(lease)
        self._extend(now)
        return self._lease()

    def release(self, lease: Lease) -> None:
        if self.epoch == lease.epoch and self.fence == lease.fence:
            self.held = None

    def _is_held(self, now: float, by_others_than: str | None = None) -> bool:
        if self.held is None or self.held.until <= now:
            return False
        return self.held.holder != by_others_than or self.held.message_id is not None

    def _lease(self) -> Lease:
        stopped = self.held is not None and any(e.stopped for e in self.inbox if e.message_id == self.held.message_id)
        return Lease(
            session_id=self.session_id,
            epoch=self.epoch,
            fence=self.fence,
            last=self.last,
            stopped=stopped,
            more=bool(self.inbox),
        )

    def _check(self, lease: Lease) -> None:
        if self.epoch != lease.epoch:
            raise EpochLost(lease.session_id)
        if self.fence != lease.fence:
            raise Fenced(lease.session_id)

    def _extend(self, now: float) -> None:
        if self.held is not None:
            self.held = replace(self.held, until=now + LEASE_S)

    # ---- the frames

    def append(self, lease: Lease, frames: tuple[bytes, ...], ack: str | None, now: float) -> Lease:
        self._check(lease)
        ahead = self.last - lease.last
        if ahead == 0:
            self._add(frames, ack)
        elif ahead != len(frames):  # a second try of what was appended already is no error
            raise Fenced(lease.session_id)
        self._extend(now)
        return self._lease()

    def own(self, customer_id: str) -> bool:
        if self.owner is None:
            self.owner = customer_id
        return self.owner == customer_id

    def join(self, after: Cursor, who: str | None) -> Joined | Revoked:
        """Where a follower begins; a cursor of another epoch has missed everything up to the first frame that is kept."""
        if not self.may_hear(who):
            return Revoked()
        return Joined(self.epoch, self.last, self.hole(after.seq))

    def hole(self, after: int) -> Hole | None:
        """What lies between a number and the first frame that is kept."""
        kept_from = self.batches[0].first if self.batches else self.last + 1
        return Hole(self.epoch, after + 1, kept_from - 1) if after + 1 < kept_from else None

    def since(self, after: int, who: str | None) -> tuple[Batch | Hole | Revoked, ...]:
        """Everything after a number, for one follower."""
        if not self.may_hear(who):
            return (Revoked(),)
        hole = self.hole(after)
        start = hole.to_seq if hole else after
        later = (batch for batch in self.batches if batch.last > start)
        cut = tuple(replace(batch, frames=batch.frames[max(0, start + 1 - batch.first) :]) for batch in later)
        return (hole, *cut) if hole else cut

    def may_hear(self, who: str | None) -> bool:
        return self.owner is None or self.owner == who

    @property
    def through(self) -> int:
        """No frame has a number above this one, also when an answer that has begun is cut off right now."""
        return self.last + (NUMBERS_AN_ATTEMPT if any(entry.attempt for entry in self.inbox) else 0)

    def _add(self, frames: tuple[bytes, ...], ack: str | None) -> None:
        if frames:
            self.last += len(frames)
            self.batches.append(Batch(self.last, self.owner, frames))
            self.kept_bytes += sum(map(len, frames))
        if ack is not None and self.inbox and self.inbox[0].message_id == ack:
            self._acknowledge(self.inbox.pop(0))

    def _acknowledge(self, entry: Entry) -> None:
        self.answered.append(Answered(entry.message_id, entry.digest, self.last))
        self._trim(KEPT_ANSWERS)
        if self.held is not None:
            self.held = replace(self.held, message_id=None) if self.inbox else None

    def _trim(self, answers: int) -> None:
        while len(self.answered) > answers:
            gone = self.answered.popleft().last
            while self.batches and self.batches[0].last <= gone:
                self.kept_bytes -= sum(map(len, self.batches.popleft().frames))

    def _open_frames(self) -> tuple[bytes, ...]:
        """The frames since the last acknowledgement: what earlier attempts at the oldest entry have shown."""
        begun = self.answered[-1].last if self.answered else 0
        return tuple(frame for batch in self.batches if batch.last > begun for frame in batch.frames)


def unknown(epoch: str, after: Cursor, who: str | None, origin: Origin) -> Joined | Revoked:
    """Where a follower of a session begins that the log knows nothing of (any more).

    What a cursor of another epoch has missed is void up to the origin's floor. Any other stays where it is: the session may
    be so new that its first number is still to come.
    """
    if origin.owner not in (None, who):
        return Revoked()
    is_behind = after.epoch not in (None, epoch) and after.seq < origin.floor
    hole = Hole(epoch, after.seq + 1, origin.floor) if is_behind else None
    return Joined(epoch, origin.floor if is_behind else after.seq, hole)
