"""The socket to the assistant: resumes where it left off, and sends again what has no receipt (W-2, W-3)."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Final, Self
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from mangaassist.errors import StartFailed
from mangaassist.wire.frames import (
    Authenticate,
    ClientFrame,
    ConversationFrame,
    Drain,
    Gap,
    SendMessage,
    ServerFrame,
    SessionOpened,
    Stop,
)

OPEN_LIMIT_S: Final = 5.0
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 15.0
STEADY_S: Final = 10.0
"""A connection that lasted for so long was a good one: the next may be sought at once."""
QUEUED_EVENTS: Final = 1024
TOKEN_EXPIRED: Final = 4401
REVOKED: Final = 4403
IDLE: Final = 4408
PARTED: Final = "This conversation now belongs to somebody who signed in. You are in a new one."
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

_DECODER: Final[msgspec.json.Decoder[ServerFrame]] = msgspec.json.Decoder(ServerFrame)


class Lost(Struct, frozen=True):
    """The connection is gone and is being sought again; ``why`` is for people."""

    why: str


class Parted(Struct, frozen=True):
    """The conversation is somebody else's now: another one begins."""

    why: str


class Refused(Struct, frozen=True):
    """The server does not want us, and asking again would not help."""

    why: str


Event = ServerFrame | Lost | Parted | Refused


class Place(Struct, frozen=True):
    """How far the conversation was heard: a number of one epoch (W-2)."""

    seq: int
    epoch: str


class Backoff:
    """How long to wait before the next try: longer after each one that came to nothing.

    ``jitter`` gives a factor, so that a thousand clients do not come back in the same second.
    """

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0

    def after(self, lasted_s: float, comeback_s: float | None = None) -> float:
        """Seconds to wait after a try that lasted so long; ``comeback_s`` is what the server asked for."""
        if lasted_s >= STEADY_S:
            self._failures = 0
        wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**self._failures)
        self._failures += 1
        return (wait_s if comeback_s is None else comeback_s) * self._jitter()


_CHANCE: Final = random.SystemRandom()


class Line:
    """``token`` None is a guest; ``session_id`` None is a new conversation. Used as a context manager, which owns the task."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        session_id: str | None = None,
        jitter: Callable[[], float] = lambda: _CHANCE.uniform(0.5, 1.5),
    ) -> None:
        self._url = url.rstrip("/")
        self._backoff = Backoff(jitter)
        self.token = token
        self.session_id = session_id
        self.events: asyncio.Queue[Event] = asyncio.Queue(QUEUED_EVENTS)
        self._heard: Place | None = None
        self._unanswered: dict[str, list[ClientFrame]] = {}
        """A message that has no receipt yet, and what stops it."""
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._comeback_s: float | None = None

    async def __aenter__(self) -> Self:
        """Connect. Raises ``StartFailed``, worded in one line, when that cannot be done."""
        socket = await self._first()
        self._reader = asyncio.create_task(self._run(socket), name="chat line")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def say(self, frame: ClientFrame) -> None:
        """Send a frame. A message, and what stops it, is sent again after a reconnect until it is ``settled``."""
        match frame:
            case SendMessage():
                self._unanswered[frame.id] = [frame]
            case Stop(id=str(message_id)) if message_id in self._unanswered:
                self._unanswered[message_id].append(frame)
            case Authenticate():
                self.token = frame.token
            case _:
                pass
        self._wanted.set()
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(_text(frame))

    def settled(self, message_id: str) -> None:
        """The message has its receipt, or nobody waits for its answer any more."""
        self._unanswered.pop(message_id, None)

    async def renew(self) -> None:
        """Leave this conversation and begin another."""
        self._forget()
        self._unanswered.clear()
        self._comeback_s = 0.0
        self._wanted.set()
        if self._socket is not None:
            await self._socket.close()

    def _forget(self) -> None:
        self.session_id, self._heard = None, None

    # ---- connecting

    @property
    def address(self) -> str:
        asked: dict[str, str | int] = {}
        if self.session_id is not None:
            asked["session_id"] = self.session_id
            if self._heard is not None:
                asked |= {"last_seq": self._heard.seq, "epoch": self._heard.epoch}
        query = f"?{urlencode(asked)}" if asked else ""
        return f"{self._url.replace('http', 'ws', 1)}/ws{query}"

    def _connecting(self) -> connect:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        direct = urlsplit(self._url).hostname in LOOPBACK
        return connect(
            self.address,
            additional_headers=headers,
            compression=None,
            open_timeout=OPEN_LIMIT_S,
            close_timeout=1,
            proxy=None if direct else True,
        )

    async def _first(self) -> ClientConnection:
        try:
            return await self._connecting()
        except InvalidStatus as refused:
            raise StartFailed(_worded(refused)) from None
        except InvalidURI:
            raise StartFailed(f"{self._url} is not an address such as http://127.0.0.1:8000.") from None
        except (OSError, TimeoutError, WebSocketException):
            raise StartFailed(f"No assistant answers at {self._url}. Start one with: mangaassist run") from None

    async def _run(self, socket: ClientConnection | None) -> None:
        """Keep a connection for as long as somebody wants one."""
        now = asyncio.get_running_loop().time
        while True:
            began = now()
            try:
                socket = socket or await self._connecting()
            except InvalidStatus as refused:
                if refused.response.status_code in (401, 403):
                    await self.events.put(Refused(_worded(refused)))
                    return
            except (OSError, TimeoutError, WebSocketException):
                pass
            else:
                await self._serve(socket)
                await self._ended(socket.close_code)
            socket, comeback_s, self._comeback_s = None, self._comeback_s, None
            await asyncio.sleep(self._backoff.after(now() - began, comeback_s))

    async def _serve(self, socket: ClientConnection) -> None:
        """Hear one connection out."""
        try:
            async for data in socket:
                frame = _frame(data)
                if isinstance(frame, SessionOpened):
                    await self._greeted(frame, socket)
                elif frame is not None and self._new(frame):
                    if isinstance(frame, Drain):
                        self._comeback_s = frame.reconnect_after_ms / 1000
                    await self.events.put(frame)
        except ConnectionClosed:
            pass
        finally:
            self._socket = None
            await socket.close()

    async def _greeted(self, session: SessionOpened, socket: ClientConnection) -> None:
        if not session.resumed:
            self._forget()
        if self._heard is None or session.recovered:  # else a gap will say where we are
            self._heard = Place(session.last_seq, session.epoch)
        self.session_id = session.session_id
        for turn in session.turns:  # what is saved needs no answer
            self.settled(turn.in_reply_to)
        await self.events.put(session)
        self._socket = socket
        for frames in tuple(self._unanswered.values()):  # W-3: a repeated id is not answered twice
            for frame in frames:
                with contextlib.suppress(ConnectionClosed):
                    await socket.send(_text(frame))

    async def _ended(self, code: int | None) -> None:
        """What the end of a connection asks for: a word about it, or silence until there is something to say."""
        self._wanted.clear()
        if code == REVOKED:
            self._forget()
            await self.events.put(Parted(PARTED))
        elif code == TOKEN_EXPIRED:
            self.token = None
            await self.events.put(Lost("Your sign-in has run out. Go on as a guest, or use /signin again."))
        elif code == IDLE and not self._unanswered:
            await self._wanted.wait()
        elif self._comeback_s is None:
            await self.events.put(Lost("Reconnecting…"))

    # ---- hearing

    def _new(self, frame: ServerFrame) -> bool:
        """W-2: each frame of the conversation once; what a replay repeats is passed over."""
        match frame:
            case Gap():
                self._heard = Place(frame.to_seq, frame.epoch)
            case ConversationFrame() if self._heard is not None:
                if frame.seq <= self._heard.seq:
                    return False
                self._heard = Place(frame.seq, self._heard.epoch)
            case _:
                pass
        return True


def _text(frame: ClientFrame) -> str:
    return msgspec.json.encode(frame).decode()


def _frame(data: str | bytes) -> ServerFrame | None:
    """None for a frame that this client does not know: a newer server may say more than we understand."""
    try:
        return _DECODER.decode(data)
    except msgspec.MsgspecError:
        return None


_REFUSALS: Final = {
    401: "The assistant does not accept this token. Sign in again, or leave it out to chat as a guest.",
    403: "The assistant does not take connections from here.",
    404: "There is no assistant at this address: it has no /ws.",
    429: "The assistant has too many new visitors just now. Try again in a minute.",
}


def _worded(refused: InvalidStatus) -> str:
    status = refused.response.status_code
    return _REFUSALS.get(status, f"The assistant refused the connection (HTTP {status}).")
