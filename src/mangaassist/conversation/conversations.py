"""The conversations as every wire sees them: open one, say something in it, follow what is said (W-2, W-3, W-9)."""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from mangaassist.conversation import happenings
from mangaassist.conversation.entries import Sealer, digest_of, entry_of
from mangaassist.conversation.log import Claim, ConversationLog, Cursor, Followed, Offered, Origin, Verdict
from mangaassist.conversation.notes import Note, note_entry
from mangaassist.conversation.offering import offered
from mangaassist.conversation.sessions import SessionStore
from mangaassist.domain.customers import Identity
from mangaassist.guardrails.intake import Intake
from mangaassist.telemetry.analytics import Recorder
from mangaassist.turn.memory import HEADROOM, Session, TurnRecord
from mangaassist.turn.stages import Message
from mangaassist.wire.frames import MAX_SERVER_FRAME_BYTES, SessionTurn
from mangaassist.wire.page import PageContext

SNAPSHOT_BYTES: Final = MAX_SERVER_FRAME_BYTES - 1024
"""What the turns in a ``session`` or ``gap`` frame may take: the rest is for the frame's other fields."""
TURNS_TOLD: Final = 1000

_ENCODER: Final = msgspec.json.Encoder()
_GIVEN_OUT: Final = re.compile(r"s_[A-Za-z0-9_-]{24}", re.ASCII)


def new_session_id() -> str:
    """Whoever holds a guest's holds the conversation: it cannot be guessed (W-2)."""
    return "s_" + secrets.token_urlsafe(18)


def session_id_of(name: str) -> str:
    """The session that a client's own name for a conversation stands for. It is as hard to guess as the name."""
    return (
        name if Conversations.is_free(name) else "s_" + urlsafe_b64encode(sha256(name.encode()).digest()[:18]).decode()
    )


class Said(Struct, frozen=True, kw_only=True):
    """What a shopper says, before anybody has looked at it. ``message_id`` is the client's own."""

    message_id: str
    text: str
    page: PageContext
    traceparent: str | None = None


class Opened(Struct, frozen=True):
    """A conversation and its session as it was saved last; not ``resumed``: nobody has said anything in it yet."""

    conversation: "Conversation"
    session: Session
    resumed: bool


class Answering(Protocol):
    """Who answers what this process has claimed: ``dispatcher.py``. One that ``is_draining`` claims nothing."""

    @property
    def is_draining(self) -> bool: ...

    def begin(self, claim: Claim, session: Session) -> None:
        """Answer what was claimed."""
        ...

    def recall(self, claim: Claim) -> Session | None:
        """The session as it was saved last, when nobody else can have saved it since."""
        ...


class AnsweredElsewhere:
    """Nothing is claimed here: whoever serves answers what this process has put into the log."""

    is_draining = True

    def begin(self, claim: Claim, session: Session) -> None:
        raise AssertionError("nothing was to be claimed")

    def recall(self, claim: Claim) -> Session | None:
        return None


class Conversations:
    """Lives as long as the process. Methods raise ``ServiceFailure`` when log or store cannot be reached."""

    def __init__(
        self,
        log: ConversationLog,
        sessions: SessionStore,
        dispatcher: Answering,
        intake: Intake,
        sealer: Sealer,
        now: Callable[[], datetime],
        analytics: Recorder,
    ) -> None:
        self.log = log
        self.sessions = sessions
        self.dispatcher = dispatcher
        self._intake = intake
        self._sealer = sealer
        self._now = now
        self._analytics = analytics

    async def open(self, session_id: str | None, identity: Identity) -> Opened:
        """The caller's conversation. An id that is not theirs gets what one that does not exist gets: a fresh one (W-2)."""
        found = None if session_id is None else await self.find(session_id, identity)
        if found is not None and await self.take_along(found, identity):
            return Opened(Conversation(self, found, identity, exists=True), found, resumed=True)
        fresh = Session(session_id=new_session_id(), customer_id=identity.customer_id)
        return Opened(Conversation(self, fresh, identity, exists=False), fresh, resumed=False)

    async def open_at(self, session_id: str, identity: Identity, is_alone: bool = False) -> Opened | None:
        """The conversation of an id that only the caller can know; None when it is somebody else's.

        Where nobody has said anything in it yet, others who were given the id may be about to, as the caller is, unless
        ``is_alone``.
        """
        session = await self.sessions.load(session_id)
        if session is None:
            fresh = Session(session_id=session_id, customer_id=identity.customer_id)
            return Opened(Conversation(self, fresh, identity, exists=False, is_alone=is_alone), fresh, resumed=False)
        if not await self.take_along(session, identity):
            return None
        return Opened(Conversation(self, session, identity, exists=True), session, resumed=True)

    async def find(self, session_id: str, identity: Identity) -> Session | None:
        """The caller's session as it was saved last, or None (R-7)."""
        session = await self.sessions.load(session_id)
        return session if session is not None and session.is_open_to(identity.customer_id) else None

    async def take_along(self, session: Session, identity: Identity) -> bool:
        """A guest who signed in keeps the conversation; whoever else listens stops hearing it at that moment.

        The log comes first: it is what they listen to. False when the conversation is somebody else's by now.
        """
        customer_id = identity.customer_id
        if customer_id is None or session.customer_id is not None:
            return session.is_open_to(customer_id)
        origin = Origin(session.ceiling, None)
        return await self.log.own(session.session_id, customer_id, origin) and await self.sessions.own(
            session.session_id, customer_id
        )

    def screened(self, said: Said, identity: Identity) -> Message:
        """The message as it may be stored and read (G-1)."""
        screened = self._intake.screen(said.text)
        return Message(
            message_id=said.message_id,
            response_id="r_" + secrets.token_urlsafe(12),
            digest=digest_of(screened.text),
            text=screened.text,
            identity=identity,
            page=said.page,
            at=self._now(),
            findings=screened.findings,
            blocked=screened.blocked,
            suspicion=screened.suspicion,
            traceparent=said.traceparent,
        )

    async def offer(self, message: Message, session: Session, is_new: bool) -> Offered:
        """Put a message into a session's inbox, and begin to answer it when nobody else does.

        ``is_new``: the session began for this very message, and no frame of it can have a number.
        """
        entry = entry_of(message, self._sealer)
        begun = [session] if is_new else []

        async def load() -> tuple[Session, int]:
            """No frame of a session that began for this message has a number, unless the log is lost before it hears so."""
            if begun:
                return begun.pop(), 0
            known = await self._known(session)
            return known, known.ceiling

        found, asked = await offered(
            self.log, session.session_id, entry, claim=not self.dispatcher.is_draining, load=load
        )
        if found.verdict == "taken":
            customer_id = message.identity.customer_id
            self._analytics.note(happenings.asked(message), session.session_id, customer_id, message.at)
        if found.claim is not None:
            last_saved = asked or self.dispatcher.recall(found.claim) or await self._known(session)
            self.dispatcher.begin(found.claim, last_saved)
        return found

    @staticmethod
    def is_free(session_id: str) -> bool:
        """Whether it may be an id that was given out, and in which nobody has said anything yet: nobody guesses such a one."""
        return _GIVEN_OUT.fullmatch(session_id) is not None

    async def exists(self, session_id: str) -> bool:
        """Whether something was said in it that has not expired."""
        return await self.sessions.load(session_id) is not None

    async def turns(self, session: Session) -> tuple[TurnRecord, ...]:
        """Those of a session as it was loaded, with as many of the older ones as are told at once, oldest first."""
        return session.turns if session.has_all_turns else await self.sessions.turns(session.session_id, TURNS_TOLD)

    async def note(
        self, session_id: str, note_id: str, note: Note, is_new: bool = False, found: Session | None = None
    ) -> Verdict:
        """Put a note of the desk into a conversation (R-3): ``taken`` is kept, and told. ``unknown``: there is no such session.

        ``is_new``: the session began for this very note, and no frame of it can have a number. ``found``: the session, where
        it was loaded just now.
        """
        known = found or await self.sessions.load(session_id)
        if known is None:
            return "unknown"

        async def load() -> tuple[Session, int]:
            if begun:
                return begun.pop(), 0
            session = await self._known(known)
            return session, session.ceiling

        begun = [known] if is_new and not known.version else []
        entry = note_entry(note_id, note)
        offer, asked = await offered(self.log, session_id, entry, claim=not self.dispatcher.is_draining, load=load)
        if offer.claim is not None:
            self.dispatcher.begin(offer.claim, asked or self.dispatcher.recall(offer.claim) or await self._known(known))
        return offer.verdict

    async def _known(self, session: Session) -> Session:
        """The session as the store has it. One that has expired meanwhile begins anew."""
        session_id, customer_id = session.session_id, session.customer_id
        if (known := await self.sessions.load(session_id)) is not None:
            return known
        await self.sessions.begin(session_id, customer_id, HEADROOM)
        return Session(session_id=session_id, customer_id=customer_id, ceiling=HEADROOM)


class Conversation:
    """One shopper's place in a conversation, for the time of a connection or a request."""

    __slots__ = ("_all", "_exists", "_is_alone", "_is_theirs", "_session", "identity")

    def __init__(
        self, conversations: Conversations, session: Session, identity: Identity, exists: bool, is_alone: bool = True
    ) -> None:
        """``is_alone``: nobody else can have begun a session that does not exist."""
        self._all = conversations
        self._session = msgspec.structs.replace(session, turns=())
        self._exists = exists
        self._is_alone = is_alone
        self._is_theirs = True
        self.identity = identity

    @property
    def session_id(self) -> str:
        return self._session.session_id

    @property
    def begins(self) -> bool:
        """Nobody has said anything in it yet: the first message makes its session."""
        return not self._exists

    async def say(self, said: Said) -> Offered:
        """Offer a message to be answered: at once, or after the ones before it (W-9). A resend is not taken twice (W-3)."""
        if not await self._goes_along():
            return Offered(verdict="foreign", last=0)
        message, is_new = self._all.screened(said, self.identity), not self._exists
        if is_new:
            await self._all.sessions.begin(self.session_id, self._session.customer_id, HEADROOM)
            self._exists = True
            self._session = msgspec.structs.replace(self._session, ceiling=HEADROOM)
        return await self._all.offer(message, self._session, is_new and self._is_alone)

    def is_begun(self) -> None:
        """Something was said in it: by the desk, perhaps, since a person may be asked for first."""
        self._exists = True

    async def stop(self, message_id: str | None = None) -> None:
        """End the answer that is being written, or the one to a message (W-14)."""
        await self._all.log.stop(self.session_id, message_id)

    async def sign_in(self, identity: Identity) -> bool:
        """Go on as a customer, or with a fresh token. False when the conversation is somebody else's.

        Should log or store be away, it is heard as the customer's from now on, but nothing is said before it is theirs: the log
        may have made it so, and its owner is not sent away.
        """
        before = self.identity
        if before.customer_id not in (None, identity.customer_id):
            return False
        self.identity, self._is_theirs = identity, False
        if await self._goes_along():
            return True
        self.identity, self._is_theirs = before, True
        return False

    async def _goes_along(self) -> bool:
        """Make the conversation that of who signed in, unless it is already."""
        if self._is_theirs:
            return True
        if self._exists:
            session = await self._all.find(self.session_id, self.identity)
            if session is None or not await self._all.take_along(session, self.identity):
                return False
        self._session = msgspec.structs.replace(self._session, customer_id=self.identity.customer_id)
        self._is_theirs = True
        return True

    def follow(self, after: Cursor) -> AsyncGenerator[Followed]:
        """What is said after the cursor, as it is said; ends with ``Revoked`` when the conversation is somebody else's."""
        origin = Origin(self._session.ceiling, self._session.customer_id)
        return self._all.log.follow(self.session_id, after, self.identity.customer_id, origin)

    async def snapshot(self) -> tuple[tuple[SessionTurn, ...], bool]:
        """The newest turns that fit into a frame, oldest first, and whether there are more."""
        session = await self._all.sessions.load(self.session_id)
        return snapshot(session) if session is not None else ((), False)


def snapshot(session: Session) -> tuple[tuple[SessionTurn, ...], bool]:
    """The newest turns that fit into a frame, oldest first, and whether there are more."""
    room, turns = SNAPSHOT_BYTES, list[SessionTurn]()
    for record in reversed(session.turns):
        turn = record.view()
        room -= len(_ENCODER.encode(turn)) + 1
        if room < 0:
            break
        turns.insert(0, turn)
    return tuple(turns), len(turns) < session.version
