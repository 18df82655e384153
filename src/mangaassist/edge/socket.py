"""The shell around one socket: feeds the connection and follows the conversation, and decides nothing itself (W)."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing, suppress
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from msgspec import Struct
from opentelemetry.util.types import AttributeValue

from mangaassist.conversation.conversations import Opened
from mangaassist.conversation.log import Batch, Cursor, Hole, Joined, Revoked
from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.connection import (
    Close,
    Effect,
    On,
)
from mangaassist.edge.cursors import cursor_of, first_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.greeting import Timing, session_opened
from mangaassist.edge.identity import SUBPROTOCOL
from mangaassist.edge.limits import refusal_headers
from mangaassist.edge.request_spans import traceparent_of
from mangaassist.edge.speaking import TYPING_S, Speaker
from mangaassist.edge.websocket_protocol import MORE_FOLLOWS
from mangaassist.errors import Refused, ServiceFailure
from mangaassist.telemetry.analytics import Closed
from mangaassist.telemetry.conventions import Attr
from mangaassist.telemetry.logs import logger
from mangaassist.wire.frames import AgentTyping, Gap, Handoff, ServerFrame
from mangaassist.wire.problems import MEDIA_TYPE, NO_IDENTITY, Problem, problem_of

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
SendEvent = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logger("edge")
_ENCODER: Final = msgspec.json.Encoder()
_HANDOFF: Final = msgspec.json.Decoder(Handoff)
_OF_A_PERSON: Final = b'{"type":"handoff"'
_HANDSHAKE: Final[dict[str, AttributeValue]] = {Attr.HTTP_METHOD: "GET", Attr.HTTP_ROUTE: "/ws"}


class SocketEdge(Struct, frozen=True, kw_only=True):
    """Everything that serving sockets needs. Lives as long as the process."""

    shared: EdgeDependencies
    heartbeat_s: float
    idle_timeout_s: float
    open_sockets: "dict[SocketSession, None]" = msgspec.field(default_factory=lambda: dict[SocketSession, None]())
    """Those that have been greeted: ``session`` is the first that anybody hears (W-4)."""
    told: list[On] = msgspec.field(default_factory=lambda: list[On]())
    """What all of them were told, and whoever joins them is told at once."""

    async def serve(self, scope: Scope, receive: Receive, send: SendEvent) -> None:
        """Serve one upgrade request from handshake to close, as an ASGI application."""
        await receive()
        try:
            with self.shared.tracing.request("GET /ws", traceparent_of(scope), _HANDSHAKE):
                identity = await self._admit(scope)
        except Refused as refused:
            await refuse(scope, send, problem_of(refused), refusal_headers(refused))
            return
        except ServiceFailure:
            await refuse(scope, send, NO_IDENTITY)
            return
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})
        socket = SocketSession(self, identity, address_of(scope), receive, send)
        try:
            with self.shared.metrics.connections.held(self.shared.clock):
                await socket.run(parse_qs(scope["query_string"].decode("latin-1")))
        finally:
            self.open_sockets.pop(socket, None)

    async def _admit(self, scope: Scope) -> Identity:
        await self.shared.limits.connect(address_of(scope))
        return await self.shared.caller(scope)

    async def drain(self) -> None:
        """Tell everybody that the server is going away (W-7)."""
        await self._tell_all(On.DRAIN)

    async def close(self) -> None:
        """Close what is still open, once every answer is over."""
        await self._tell_all(On.DRAIN, On.DRAINED)

    async def join(self, socket: "SocketSession") -> None:
        """From now on it is told what all are told."""
        self.open_sockets[socket] = None
        for event in tuple(self.told):
            await socket.tell(event)

    async def _tell_all(self, *events: On) -> None:
        self.told.extend(events)
        for socket in tuple(self.open_sockets):
            try:
                for event in events:
                    await socket.tell(event)
            except OSError:  # that peer is gone already
                pass
            except Exception as error:  # whatever it is, the others are told
                _log.error("socket_not_told", exc_info=error)


_NO_HEADERS: Final[Mapping[str, str]] = {}


async def refuse(scope: Scope, send: SendEvent, refusal: Problem, headers: Mapping[str, str] = _NO_HEADERS) -> None:
    """Answer a request, or an upgrade instead of making it (W-1), with an HTTP error."""
    response = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    body = _ENCODER.encode(refusal)
    told = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **refusal.headers, **headers}
    said = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": f"{response}.start", "status": refusal.status, "headers": said})
    await send({"type": f"{response}.body", "body": body})


class SocketSession(Speaker):
    """One open socket: who is on it, which conversation it shows, how far that was heard."""

    __slots__ = (
        "_edge",
        "_epoch",
        "_errands",
        "_following",
        "_greeting",
        "_heard",
        "_receive",
        "_send",
        "_timer",
        "_watching",
    )

    def __init__(self, edge: SocketEdge, identity: Identity, address: str, receive: Receive, send: SendEvent) -> None:
        super().__init__(edge.shared, identity, address, edge.idle_timeout_s)
        self._edge = edge
        self._receive = receive
        self._send = send
        self._following: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._errands: dict[asyncio.Task[None], None] = {}
        self._greeting: Greeting | None = None
        self._heard = 0
        self._epoch: str | None = None
        self._watching: asyncio.Task[None] | None = None

    async def run(self, query: dict[str, list[str]]) -> None:
        try:
            opened = await self._shared.conversations.open(first_of(query, "session_id"), self._identity)
        except ServiceFailure:
            await self.tell(On.AWAY)
            return
        self._conversation = opened.conversation
        self._begin(opened, cursor_of(query, opened.session.ceiling) if opened.resumed else None)
        self._follow()
        self._schedule()
        began = self._shared.clock()
        try:
            await self._listen()
        finally:
            open_s = self._shared.clock() - began
            if self._timer is not None:
                self._timer.cancel()
            await _ended(*self._errands, *([self._watching] if self._watching else ()))
            await self._unfollow()
            self._left(opened, open_s)

    def _left(self, opened: Opened, open_s: float) -> None:
        """What happened on this connection may leave as well (W-10)."""
        closed = Closed(connection_id=secrets.token_hex(8), open_s=round(open_s, 3), resumed=opened.resumed)
        session_id = opened.conversation.session_id
        self._shared.analytics.note(closed, session_id, self._identity.customer_id)
        self._shared.analytics.hurry()

    # ---- what the client says

    async def _listen(self) -> None:
        while True:
            event = await self._receive()
            if event["type"] != "websocket.receive":
                return
            text = event.get("text")
            if text is None:
                await self._do(self._connection.receive_bytes())
            else:
                await self._do(self._connection.receive_text(text, self._shared.clock()))

    async def _close(self, close: Close) -> None:
        await self._send({"type": "websocket.close", "code": close.code, "reason": close.reason})

    @property
    def _is_watched(self) -> bool:
        return self._watching is not None

    async def _signs_in(self) -> None:
        """Nobody is listening as a guest at the moment at which guests stop hearing it."""
        await self._unfollow()

    async def _signed_in(self) -> None:
        self._schedule()

    async def _goes_on(self) -> None:
        self._follow()

    # ---- what the conversation says

    def _begin(self, opened: Opened, cursor: Cursor | None) -> None:
        """Who holds no cursor is told the turns, and goes on behind the last of them."""
        self._heard = opened.session.last_seq if cursor is None else cursor.seq
        self._epoch = None if cursor is None else cursor.epoch
        self._greeting = Greeting(opened, is_new=cursor is None)

    def _follow(self) -> None:
        if self._following is None:
            self._following = asyncio.create_task(self._pass_on(), name="follower")

    async def _unfollow(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            await _ended(following)

    async def _pass_on(self) -> None:
        """Send what is said after what was heard, as it is said."""
        try:
            if (opened := await self._pass_on_from_here()) is not None:
                self._begin(opened, None)
                await self._pass_on_from_here()
        except ServiceFailure:
            await self.tell(On.AWAY)
        except OSError:
            return  # the peer is gone, and the listening side hears of it
        except Exception as error:  # whatever it is, nobody is left listening to nothing
            _log.error("socket_lost_its_conversation", exc_info=error)
            await self.tell(On.AWAY)

    async def _pass_on_from_here(self) -> Opened | None:
        """Ends at once, with what is to be greeted anew, when the client claims to have heard what nobody has said yet."""
        assert self._conversation is not None
        async with aclosing(self._conversation.follow(Cursor(self._heard, self._epoch))) as followed:
            async for news in followed:
                match news:
                    case Joined():
                        if (greeting := self._greeting) and not greeting.is_new and news.last < self._heard:
                            return greeting.opened
                        await self._greet(news)
                    case Batch():
                        await self._pass(news)
                    case Hole():
                        await self._tell_gap(news)
                    case Revoked():
                        await self.tell(On.REVOKED)
        return None

    async def _pass(self, batch: Batch) -> None:
        if self._conversation is not None:
            self._conversation.is_begun()
        unheard = batch.frames[max(0, self._heard + 1 - batch.first) :]
        for left, data in zip(range(len(unheard) - 1, -1, -1), unheard, strict=True):
            await self._send({"type": "websocket.send", "text": data.decode(), MORE_FOLLOWS: left > 0})
            self._heard += 1
            if data.startswith(_OF_A_PERSON):
                self._watch_person(_HANDOFF.decode(data).state == "joined")

    async def _greet(self, joined: Joined) -> None:
        """The first frame. Who has heard nothing yet is told by turns what others would be told by a gap."""
        greeting, self._greeting = self._greeting, None
        if greeting is None:
            return
        self._epoch = joined.epoch
        if greeting.is_new and joined.hole is not None:
            self._heard = joined.hole.to_seq
        session, resumed = greeting.opened.session, greeting.opened.resumed
        timing = Timing(self._edge.heartbeat_s, self._edge.idle_timeout_s)
        await self._say(session_opened(session, resumed, joined, self._heard, self._identity, timing))
        await self._edge.join(self)
        self._watch_person(session.is_with_a_person)

    def _watch_person(self, is_in: bool) -> None:
        """While a person is in, what they are writing shows (it is kept nowhere, so it is looked for)."""
        if is_in and self._watching is None:
            self._watching = asyncio.create_task(self._show_their_typing(), name="typing")
        elif not is_in and self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _show_their_typing(self) -> None:
        assert self._conversation is not None
        with suppress(OSError):  # the peer is gone, and the listening side hears of it
            while True:
                await asyncio.sleep(TYPING_S)
                if await self._shared.typing.of("agent", self._conversation.session_id):
                    await self._say(AgentTyping())

    async def _tell_gap(self, hole: Hole) -> None:
        """What can no longer be told frame by frame is told as turns (W-2)."""
        assert self._conversation is not None
        if hole.to_seq > self._heard:
            turns, more = await self._conversation.snapshot()
            gap = Gap(epoch=hole.epoch, from_seq=self._heard + 1, to_seq=hole.to_seq, turns=turns, more=more)
            await self._say(gap)
            self._heard = hole.to_seq

    async def _say(self, frame: ServerFrame) -> None:
        await self._send({"type": "websocket.send", "text": _ENCODER.encode(frame).decode()})

    # ---- what time asks for

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        moment = self._connection.next_tick()
        if moment is not None:
            wait = max(0.0, moment - self._shared.clock())
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        effects = self._connection.tick(self._shared.clock())
        self._schedule()
        if effects:
            errand = asyncio.create_task(self._do_in_time(effects), name="errand")
            self._errands[errand] = None
            errand.add_done_callback(self._errands.pop)

    async def _do_in_time(self, effects: tuple[Effect, ...]) -> None:
        with suppress(OSError):  # the peer is gone, and the listening side hears of it
            await self._do(effects)


class Greeting(Struct, frozen=True):
    """What the first frame tells. ``is_new``: the client holds no cursor, and all of it is new to it."""

    opened: Opened
    is_new: bool


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
