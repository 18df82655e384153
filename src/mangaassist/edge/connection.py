"""One socket connection as a state machine without a socket: frames and moments in, effects out (W-3, W-5, W-6, W-11)."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import BadInput
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import (
    Authenticate,
    ClientFrame,
    ErrorFrame,
    Navigate,
    Ping,
    Pong,
    SendMessage,
    ServerFrame,
    Stop,
    Typing,
)
from mangaassist.wire.problems import problem, problem_of

UNSUPPORTED_DATA: Final = 1003
TOKEN_EXPIRED: Final = 4401
IDLE: Final = 4408
EXPIRY_WARNING_S: Final = 60.0


class Send(Struct, frozen=True):
    frame: ServerFrame


class Close(Struct, frozen=True):
    code: int
    reason: str


class Heard(Struct, frozen=True):
    """The client said something that the conversation must act on."""

    frame: SendMessage | Navigate | Stop | Authenticate


Effect = Send | Close | Heard

_DECODER: Final = msgspec.json.Decoder(ClientFrame)


class Connection:
    """``now`` is a monotonic time in seconds throughout; ``expires`` is when the token ends on that clock, None for a guest."""

    def __init__(self, idle_timeout_s: float, now: float, expires: float | None = None) -> None:
        self._idle_timeout_s = idle_timeout_s
        self._heard_at = now
        self._expires = expires
        self._warned = False

    def receive_text(self, text: str, now: float) -> tuple[Effect, ...]:
        """What a text frame asks for. A frame that does not fit costs an ``error``, never the connection (W-11)."""
        self._heard_at = now
        try:
            frame = decode(_DECODER, text)
        except BadInput as wrong:
            return (Send(ErrorFrame(problem=problem_of(wrong), in_reply_to=_id_of(text))),)
        match frame:
            case Ping():
                return (Send(Pong()),)
            case Typing():
                return ()
            case _:
                return (Heard(frame),)

    def receive_bytes(self, now: float) -> tuple[Effect, ...]:
        self._heard_at = now
        return (Close(UNSUPPORTED_DATA, "text frames only"),)

    def renewed(self, expires: float | None) -> None:
        """A fresh token was accepted (W-6)."""
        self._expires = expires
        self._warned = False

    def tick(self, now: float) -> tuple[Effect, ...]:
        """What the passing of time asks for."""
        if self._expires is not None and now >= self._expires:
            return (Close(TOKEN_EXPIRED, "the token has expired"),)
        if now >= self._heard_at + self._idle_timeout_s:
            return (Close(IDLE, "no message for a while"),)
        if self._expires is not None and not self._warned and now >= self._expires - EXPIRY_WARNING_S:
            self._warned = True
            detail = "The token expires soon. Send an auth frame with a fresh one."
            return (Send(ErrorFrame(problem=problem(401, "token_expiring", detail))),)
        return ()

    def next_tick(self) -> float:
        """The moment at which ``tick`` has something to say at the earliest."""
        moments = [self._heard_at + self._idle_timeout_s]
        if self._expires is not None:
            moments.append(self._expires if self._warned else self._expires - EXPIRY_WARNING_S)
        return min(moments)


class _Addressed(Struct):
    id: str | None = None


def _id_of(text: str) -> str | None:
    """The id of a frame that is otherwise wrong, so that its sender knows which one was meant."""
    try:
        return msgspec.json.decode(text, type=_Addressed).id
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def monotonic_expiry(expires_at: datetime | None, wall: datetime, now: float) -> float | None:
    """A wall-clock expiry on the monotonic clock."""
    return None if expires_at is None else now + (expires_at - wall).total_seconds()
