"""The shell around one socket: feeds the connection, the conversation and the outbox, and decides nothing itself (W)."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar.connection import WebSocket

from mangaassist.domain.customers import Identity
from mangaassist.edge.connection import Close, Connection, Effect, Heard, Send, monotonic_expiry
from mangaassist.edge.conversation import Conversation, Conversations
from mangaassist.edge.identity import SUBPROTOCOL, TokenVerifier, check_origin, token_of
from mangaassist.edge.outbox import Outbox
from mangaassist.errors import Refused, ServiceFailure
from mangaassist.telemetry.metrics import Metrics
from mangaassist.turn.turn import Message
from mangaassist.wire.frames import (
    Authenticate,
    ConversationFrame,
    ErrorFrame,
    Gap,
    Navigate,
    SendMessage,
    ServerFrame,
    SessionOpened,
    Stop,
)
from mangaassist.wire.problems import MEDIA_TYPE, Problem, problem, problem_of

AnySocket = WebSocket[Any, Any, Any]

_ENCODER: Final = msgspec.json.Encoder()
_BUSY: Final = problem(409, "busy", "I'm still answering. Please wait for an answer before asking more.")
_WRONG_OWNER: Final = problem(403, "forbidden", "This token belongs to somebody else.")


class SocketEdge:
    """Everything that serving sockets needs. Lives as long as the process."""

    def __init__(
        self,
        conversations: Conversations,
        verifier: TokenVerifier,
        metrics: Metrics,
        allowed_origins: frozenset[str],
        heartbeat_s: float,
        idle_timeout_s: float,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self.conversations = conversations
        self.verifier = verifier
        self.metrics = metrics
        self.allowed_origins = allowed_origins
        self.heartbeat_s = heartbeat_s
        self.idle_timeout_s = idle_timeout_s
        self.clock = clock
        self.now = now

    async def serve(self, socket: AnySocket) -> None:
        """Serve one upgrade request from handshake to close."""
        try:
            identity = await self._admit(socket)
        except Refused as refused:
            await _refuse(socket, problem_of(refused))
            return
        except ServiceFailure:
            await _refuse(socket, problem(503, "identity_unavailable", "Sign-in cannot be checked just now."))
            return
        offered = SUBPROTOCOL in socket.scope["subprotocols"]
        await socket.accept(subprotocols=SUBPROTOCOL if offered else None)
        with self.metrics.sockets.track_inprogress():
            await SocketSession(self, socket, identity).run()

    async def _admit(self, socket: AnySocket) -> Identity:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in socket.scope["headers"]}
        check_origin(headers, self.allowed_origins)
        return await self.verifier.identify(token_of(headers, socket.scope["subprotocols"]))


async def _refuse(socket: AnySocket, refusal: Problem) -> None:
    """Answer the upgrade with an HTTP error instead (W-1)."""
    headers = [(b"content-type", MEDIA_TYPE.encode())]
    await socket.send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})  # pyright: ignore[reportArgumentType]
    await socket.send({"type": "websocket.http.response.body", "body": _ENCODER.encode(refusal)})  # pyright: ignore[reportArgumentType]


class SocketSession:
    """One open socket: who is on it, which conversation it shows, what is queued for it."""

    def __init__(self, edge: SocketEdge, socket: AnySocket, identity: Identity) -> None:
        self._edge = edge
        self._socket = socket
        self._identity = identity
        now = edge.clock()
        self._connection = Connection(edge.idle_timeout_s, now, monotonic_expiry(identity.expires_at, edge.now(), now))
        self._outbox = Outbox(socket.send_text, self._close)
        self._timer: asyncio.TimerHandle | None = None
        self._conversation: Conversation | None = None

    async def run(self) -> None:
        query = self._socket.query_params
        session_id, last_seq = query.get("session_id"), _cursor(query.get("last_seq"))
        self._conversation, resumed = await self._edge.conversations.open(session_id, self._identity)
        self._greet(self._conversation, resumed, last_seq)
        self._conversation.join(self._heard_frame)
        self._schedule()
        try:
            await self._listen()
        finally:
            self._conversation.leave(self._heard_frame)
            if self._timer is not None:
                self._timer.cancel()
            await self._outbox.finished()

    def _greet(self, conversation: Conversation, resumed: bool, last_seq: int | None) -> None:
        """The session frame, then what the client missed: frame by frame, or as a gap when they are no longer kept (W-2)."""
        session = conversation.session
        turns = tuple(turn.view() for turn in session.turns)
        self._say(
            SessionOpened(
                session_id=session.session_id,
                resumed=resumed,
                last_seq=session.last_seq,
                turns=turns,
                customer=session.customer_id or "guest",
                heartbeat_s=self._edge.heartbeat_s,
                idle_timeout_s=self._edge.idle_timeout_s,
            )
        )
        if not resumed or last_seq is None:
            return
        missed = conversation.since(last_seq)
        if missed is None:
            self._say(Gap(from_seq=last_seq + 1, to_seq=session.last_seq, turns=turns))
            return
        for frame in missed:
            self._outbox.push(frame.data)

    async def _listen(self) -> None:
        while True:
            event = await self._socket.receive()
            if event["type"] != "websocket.receive":
                return
            now = self._edge.clock()
            text = event.get("text")
            effects = self._connection.receive_bytes(now) if text is None else self._connection.receive_text(text, now)
            await self._do(effects)

    async def _do(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Heard(frame=Authenticate() as renewal):
                    await self._renew(renewal)
                case Heard():
                    self._act(effect.frame)
                case _:
                    self._emit(effect)

    def _emit(self, effect: Send | Close) -> None:
        if isinstance(effect, Close):
            self._outbox.close(effect)
        else:
            self._say(effect.frame)

    def _act(self, frame: SendMessage | Navigate | Stop | Authenticate) -> None:
        assert self._conversation is not None
        match frame:
            case SendMessage():
                self._ask(self._conversation, frame)
            case Navigate():
                self._conversation.move(frame.page_context)
            case Stop():
                self._conversation.stop()
            case _:
                pass

    def _ask(self, conversation: Conversation, frame: SendMessage) -> None:
        if frame.page_context is not None:
            conversation.move(frame.page_context)
        message = Message(
            message_id=frame.id, text=frame.message, identity=self._identity, page=conversation.session.page
        )
        if conversation.offer(message) == "busy":
            self._say(ErrorFrame(problem=_BUSY, in_reply_to=frame.id))

    async def _renew(self, frame: Authenticate) -> None:
        """A fresh token for the same shopper, or a guest's first one: the conversation goes along (W-2, W-6)."""
        assert self._conversation is not None
        try:
            identity = await self._edge.verifier.identify(frame.token)
        except Refused as refused:
            self._say(ErrorFrame(problem=problem_of(refused)))
            return
        except ServiceFailure:
            self._say(ErrorFrame(problem=problem(503, "identity_unavailable", "Sign-in cannot be checked just now.")))
            return
        if self._conversation.session.customer_id not in (None, identity.customer_id):
            self._say(ErrorFrame(problem=_WRONG_OWNER))
            return
        self._identity = identity
        self._conversation.session.customer_id = identity.customer_id
        self._connection.renewed(monotonic_expiry(identity.expires_at, self._edge.now(), self._edge.clock()))
        self._schedule()

    def _heard_frame(self, frame: ConversationFrame | ErrorFrame, data: bytes) -> None:
        self._outbox.push(data)

    def _say(self, frame: ServerFrame) -> None:
        self._outbox.push(_ENCODER.encode(frame))

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait = max(0.0, self._connection.next_tick() - self._edge.clock())
        self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        effects = self._connection.tick(self._edge.clock())
        for effect in effects:
            if not isinstance(effect, Heard):
                self._emit(effect)
        if not any(isinstance(effect, Close) for effect in effects):
            self._schedule()

    async def _close(self, close: Close) -> None:
        await self._socket.close(code=close.code, reason=close.reason)


def _cursor(text: str | None) -> int | None:
    """``last_seq`` as a number; anything else is no cursor."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else None
