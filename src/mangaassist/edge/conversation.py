"""One session's conversation while it is alive in this process: its queue, its running answer, its kept frames.

The answer belongs to the conversation and not to the connection that asked: a shopper who loses the line loses nothing (W-10).
"""

import asyncio
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct

from mangaassist.domain.customers import Identity
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import Session, SessionStore
from mangaassist.turn.orchestrator import Orchestrator
from mangaassist.turn.turn import Message, Turn
from mangaassist.wire.frames import ConversationFrame, ErrorFrame
from mangaassist.wire.page import PageContext
from mangaassist.wire.problems import problem

WAITING: Final = 3
KEPT_FRAMES: Final = 512
"""Frames kept in memory for a client that comes back; older ones are told as turns (W-2)."""
IDLE_CONVERSATIONS: Final = 2000
SLICE_S: Final = 0.001
"""Seconds that an answer whose writer never waits may take before everything else has a turn."""

Reception = Literal["taken", "busy", "repeated"]
Listener = Callable[[ConversationFrame | ErrorFrame, bytes], None]

_ENCODER: Final = msgspec.json.Encoder()
_log = logger("edge")


class KeptFrame(Struct, frozen=True):
    seq: int
    data: bytes


class Conversation:
    """``on_idle`` is called each time when nothing is being answered and nobody listens any more."""

    def __init__(
        self,
        session: Session,
        orchestrator: Orchestrator,
        on_idle: Callable[["Conversation"], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.session = session
        self._orchestrator = orchestrator
        self._on_idle = on_idle
        self._clock = clock
        self._waiting: deque[Message] = deque()
        self._kept: deque[KeptFrame] = deque(maxlen=KEPT_FRAMES)
        self._listeners: set[Listener] = set()
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None

    # ---- what the shopper does

    def offer(self, message: Message) -> Reception:
        """Take a message to be answered: at once, or after the ones before it (W-9). A resend is not taken twice (W-3)."""
        if self._knows(message.message_id):
            return "repeated"
        being_answered = 0 if self._turn is None else 1
        if being_answered + len(self._waiting) > WAITING:
            return "busy"
        self._waiting.append(message)
        if self._task is None:
            self._task = asyncio.create_task(self._answer_all(), name=f"conversation {self.session.session_id[:6]}")
        return "taken"

    def stop(self) -> None:
        """End the answer that is streaming (T-8)."""
        if self._turn is not None:
            self._turn.stop.set()

    def move(self, page: PageContext) -> None:
        self.session.page = page

    # ---- who listens

    def join(self, listener: Listener) -> None:
        self._listeners.add(listener)

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        self._tell_if_idle()

    def since(self, seq: int) -> tuple[KeptFrame, ...] | None:
        """The frames after ``seq``; None when some of them are no longer kept (W-2)."""
        if seq >= self.session.last_seq:
            return ()
        if not self._kept or self._kept[0].seq > seq + 1:
            return None
        return tuple(frame for frame in self._kept if frame.seq > seq)

    @property
    def idle(self) -> bool:
        return self._task is None and not self._listeners

    def _tell_if_idle(self) -> None:
        if self.idle:
            self._on_idle(self)

    async def drained(self) -> None:
        """Wait until every message that was taken has been answered (W-7)."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    # ---- how messages are answered

    def _knows(self, message_id: str) -> bool:
        running = self._turn is not None and self._turn.message.message_id == message_id
        waiting = any(message.message_id == message_id for message in self._waiting)
        return running or waiting or self.session.has_taken(message_id)

    async def _answer_all(self) -> None:
        try:
            while self._waiting:
                self._turn = self._orchestrator.begin(self._waiting.popleft(), self.session)
                await self._answer(self._turn)
                self._turn = None
        finally:
            self._turn = None
            self._task = None
            self._tell_if_idle()

    async def _answer(self, turn: Turn) -> None:
        began = self._clock()
        try:
            async for frame in self._orchestrator.answer(turn):
                self._publish(frame)
                # A writer that never waits would keep its own frames, and everybody else, waiting; but what it writes at
                # one go may leave at one go: a pause after every frame costs more than the frame.
                if self._clock() - began >= SLICE_S:
                    await asyncio.sleep(0)
                    began = self._clock()
        except Exception:
            _log.exception("turn_failed", session=self.session.session_id[:6], response=turn.response_id)
            detail = "Something went wrong on our side. Please ask again."
            self._tell(ErrorFrame(problem=problem(500, "internal", detail), in_reply_to=turn.message.message_id))

    def _publish(self, frame: ConversationFrame) -> None:
        data = _ENCODER.encode(frame)
        self._kept.append(KeptFrame(frame.seq, data))
        for listener in tuple(self._listeners):
            listener(frame, data)

    def _tell(self, frame: ErrorFrame) -> None:
        data = _ENCODER.encode(frame)
        for listener in tuple(self._listeners):
            listener(frame, data)


class Conversations:
    """The conversations alive in this process. Idle ones beyond a bound are let go: their turns are in the store."""

    def __init__(self, orchestrator: Orchestrator, sessions: SessionStore) -> None:
        self._orchestrator = orchestrator
        self._sessions = sessions
        self._alive: dict[str, Conversation] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()
        """The ids of idle conversations, the one that has been idle longest first."""

    async def open(self, session_id: str | None, identity: Identity) -> tuple[Conversation, bool]:
        """The caller's conversation, and whether it was resumed. An id of somebody else's opens a fresh one (W-2)."""
        if session_id is not None:
            conversation = self._alive.get(session_id) or await self._loaded(session_id)
            if conversation is not None and _owns(identity, conversation.session):
                conversation.session.customer_id = identity.customer_id
                self._alive[session_id] = conversation
                self._idle.pop(session_id, None)
                return conversation, True
        return self._fresh(identity), False

    async def find(self, session_id: str, identity: Identity) -> Conversation | None:
        """The caller's conversation, or None; never a fresh one (R-7)."""
        conversation = self._alive.get(session_id) or await self._loaded(session_id)
        return conversation if conversation is not None and _owns(identity, conversation.session) else None

    async def drain(self, grace_s: float) -> None:
        """Let the answers in flight finish for ``grace_s`` seconds, then end them visibly (W-7)."""
        running = [conversation.drained() for conversation in self._alive.values()]
        if not running:
            return
        waiting = asyncio.ensure_future(asyncio.gather(*running))
        done, _ = await asyncio.wait({waiting}, timeout=grace_s)
        if not done:
            for conversation in self._alive.values():
                conversation.stop()
            await asyncio.wait({waiting}, timeout=1)

    async def _loaded(self, session_id: str) -> Conversation | None:
        session = await self._sessions.load(session_id)
        # Another connection may have loaded the same session while this one waited for the store.
        return self._alive.get(session_id) or (self._conversation(session) if session else None)

    def _fresh(self, identity: Identity) -> Conversation:
        session = Session("s_" + secrets.token_urlsafe(18), identity.customer_id)
        conversation = self._alive[session.session_id] = self._conversation(session)
        return conversation

    def _conversation(self, session: Session) -> Conversation:
        return Conversation(session, self._orchestrator, self._rest)

    def _rest(self, conversation: Conversation) -> None:
        """Keep an idle conversation for its return, and let go of the one that has waited longest when there are many."""
        session_id = conversation.session.session_id
        if self._alive.get(session_id) is not conversation:
            return
        self._idle[session_id] = None
        self._idle.move_to_end(session_id)
        if len(self._idle) > IDLE_CONVERSATIONS:
            oldest, _ = self._idle.popitem(last=False)
            del self._alive[oldest]


def _owns(identity: Identity, session: Session) -> bool:
    """A guest's session belongs to whoever holds its id, and a guest who signs in takes it along (W-2)."""
    return session.customer_id is None or session.customer_id == identity.customer_id
