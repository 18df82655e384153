"""The conversation log's port: each session's inbox, the lease of whoever answers it, its numbered frames (W-2, W-9, W-12).

Whoever asks offers an entry; one process at a time claims the oldest and appends the frames of its answer; everybody who
listens, on whatever wire, follows the frames from a cursor. All of one session's state is changed in one step or not at all.
"""

from collections.abc import AsyncGenerator
from typing import Final, Literal, Protocol

from msgspec import Struct

LOG: Final = "conversations"
"""The service that a ``ServiceFailure`` of the log names."""
LEASE_S: Final = 6.0
RENEW_S: Final = 2.0
INBOX_LIMIT: Final = 4
"""Messages of one session that are being answered or wait (W-9)."""
NOTES_LIMIT: Final = 16
KEPT_ANSWERS: Final = 2
"""Acknowledged answers whose frames are kept for those who come back; the open one is always kept whole."""
NUMBERS_AN_ATTEMPT: Final = 256
"""The most frames of one attempt at an answer: what a crash can void."""
FRAMES_KEPT_S: Final = 15 * 60.0
"""Frames of a conversation in which nothing happens for so long are let go: the turns tell it from then on."""
HEADS_KEPT_S: Final = 25 * 3600.0
"""The numbers of a session outlive the session itself (W-2: 24 h)."""

Verdict = Literal["taken", "repeated", "id_reused", "busy", "foreign", "unknown"]
"""``foreign``: the session is somebody else's; ``unknown``: the log knows nothing of it, ask again with an ``Origin``."""


class Entry(Struct, frozen=True, kw_only=True):
    """A message (``ask``) or what a person at the desk wrote (``note``), waiting to be put into the log.

    ``message_id`` is the client's own, ``digest`` tells whether it is sent again with the same words, ``body`` is opaque
    to the log and erased when the entry is acknowledged; ``asker`` is the customer who sent it, None for a guest.
    ``attempt`` counts the claims so far.
    """

    message_id: str
    digest: str
    response_id: str
    body: bytes
    asker: str | None = None
    kind: Literal["ask", "note"] = "ask"
    attempt: int = 0
    stopped: bool = False


class Origin(Struct, frozen=True):
    """What the store says of a session just now: from here a log goes on that knows nothing of it (any more).

    No number up to ``floor`` may be used again; ``owner`` is the customer whose session it is, None for a guest's. With an
    ``epoch`` it holds under that one alone: a log that has begun another since may have lost numbers of which it says nothing.
    """

    floor: int = 0
    owner: str | None = None
    epoch: str | None = None


class Lease(Struct, frozen=True, kw_only=True):
    """The right to append to one session's frames.

    ``fence`` grows with every claim; ``last`` is the number of the last frame; ``stopped`` says that the entry that is being
    answered shall end; ``more`` that something waits in the inbox, and that the session is still held.
    """

    session_id: str
    epoch: str
    fence: int
    last: int
    stopped: bool = False
    more: bool = True


class Claim(Struct, frozen=True, kw_only=True):
    """The oldest entry, with its attempt counted, and the lease to answer it. ``shown``: the frames of earlier attempts."""

    lease: Lease
    entry: Entry
    shown: tuple[bytes, ...] = ()


class Unknown(Struct, frozen=True):
    """The log knows nothing of where the session goes on (any more). An origin of this epoch is asked for."""

    epoch: str


class Offered(Struct, frozen=True, kw_only=True):
    """What became of an offer. The answer's frames come after ``last``; ``claim`` is there when the caller shall answer.

    ``epoch`` is the log's when it is ``unknown`` where the session goes on: an origin of this epoch is asked for.
    """

    verdict: Verdict
    last: int
    claim: Claim | None = None
    epoch: str = ""


class Cursor(Struct, frozen=True):
    """How far a follower has heard. ``epoch`` None takes the number for one of the log as it is."""

    seq: int
    epoch: str | None = None


class Joined(Struct, frozen=True):
    """The first thing that a follower hears: the log's epoch, its last number, and what cannot be told any more.

    Of a session that the log knows nothing of (any more) ``last`` is where the follower goes on.
    """

    epoch: str
    last: int
    hole: "Hole | None" = None


class Hole(Struct, frozen=True):
    """Numbers that are void or no longer kept. It ends before the start of an answer that is still open."""

    epoch: str
    from_seq: int
    to_seq: int


class Batch(Struct, frozen=True):
    """Frames that became visible together; the last of them has the number ``last``. ``audience``: whose they are."""

    last: int
    audience: str | None
    frames: tuple[bytes, ...]

    @property
    def first(self) -> int:
        return self.last - len(self.frames) + 1


class Revoked(Struct, frozen=True):
    """The conversation belongs to somebody else: nothing more is told."""


Followed = Joined | Batch | Hole | Revoked


class ConversationLog(Protocol):
    """Every method raises ``ServiceFailure`` of ``conversations`` when the log cannot be reached; ``transient`` may pass."""

    async def offer(self, session_id: str, entry: Entry, origin: Origin | None, claim: bool) -> Offered:
        """Put an entry behind those that wait. With ``claim`` the caller takes the session over if nobody holds it."""
        ...

    async def claim(self, session_id: str, origin: Origin | None) -> Claim | Unknown | None:
        """The oldest entry, unless there is none or somebody else holds the lease. Fence and attempt are counted first."""
        ...

    async def renew(self, lease: Lease) -> Lease:
        """Keep the lease for another ``LEASE_S`` and learn of a stop. Raises ``Fenced``, ``EpochLost``."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give the session back; what waits is anybody's. A lease that is not held any more is no error."""
        ...

    async def append(self, lease: Lease, frames: tuple[bytes, ...], ack: str | None = None) -> Lease:
        """Make frames visible, all or none; they carry the numbers after ``lease.last``.

        ``ack`` names the entry that is thereby answered: it leaves the inbox, and with it, when it was the last, the lease.
        Appending the same again after a lost reply changes nothing. Raises ``Fenced``, ``EpochLost``.
        """
        ...

    async def stop(self, session_id: str, message_id: str | None = None) -> None:
        """Mark the oldest entry, or the one named, to be ended. Unknown ones are no error."""
        ...

    async def own(self, session_id: str, customer_id: str, origin: Origin) -> bool:
        """Make the session a customer's; followers who are somebody else end. The first wins; True for the owner."""
        ...

    def follow(self, session_id: str, after: Cursor, who: str | None, origin: Origin) -> AsyncGenerator[Followed]:
        """``Joined``, then the frames after the cursor as they come, each once and in order; or ``Revoked``, and the end.

        A slow reader holds a cursor and no queue: what was let go meanwhile comes as a ``Hole``.
        """
        ...

    async def due(self, limit: int) -> tuple[str, ...]:
        """Sessions in which something waits and nobody holds the lease; may name others too."""
        ...

    def wakes(self) -> AsyncGenerator[str]:
        """Sessions in which something happened that their holder should look at, or that wait for one. Hints: some are lost."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
