"""One socket connection as a state machine without a socket: frames, verdicts and moments in, effects out (W-3 to W-11).

Theory of operation. A connection is ``open`` until its token is about to end (``expiring``), until the server goes away
(``draining``), and at last ``closed``. Everything that can happen to it is an ``On``; ``TRANSITIONS`` says in which state it
counts and which state follows, ``EVENTS`` what is done about it. What has no transition in a state is passed over there.
``docs/protocol.md`` prints both tables from these very objects.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist.errors import BadInput
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import (
    Authenticate,
    ClientFrame,
    Drain,
    ErrorFrame,
    Happened,
    Navigate,
    Ping,
    Pong,
    SendMessage,
    ServerFrame,
    Stop,
    Typing,
)
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.problems import Problem, problem, problem_of

CLOSES: Final[Mapping[int, str]] = {
    1002: "a frame that breaks the rules of WebSocket itself",
    1003: "a binary frame",
    1007: "a text frame that is not UTF-8",
    1009: "a frame over 16 KiB",
    1012: "the server is going away",
    1013: "the client reads too slowly, or the conversation cannot be reached; reconnect and resume",
    4401: "the token ended; an `error` with code `token_expiring` came 60 s before",
    4403: "a shopper signed in to this conversation, and this connection is not theirs",
    4408: "`idle_timeout_s` without a frame other than `ping` and `typing`; the session persists",
}
"""Every code that the server closes a connection with, and why."""

EXPIRY_WARNING_S: Final = 60.0
RECONNECT_AFTER_MS: Final = 1_000
EVENTS_A_MINUTE: Final = 30
STOPS_A_MINUTE: Final = 30
TOKENS_A_MINUTE: Final = 10
"""More than a person can do, or a page that renews its token."""


class State(StrEnum):
    OPEN = "open"
    EXPIRING = "expiring"
    DRAINING = "draining"
    CLOSED = "closed"


class On(StrEnum):
    """What can happen to a connection."""

    MESSAGE = "message"
    CONTEXT = "context"
    TYPING = "typing"
    STOP = "stop"
    AUTH = "auth"
    PING = "ping"
    EVENT = "event"
    WRONG = "a text that is no client frame"
    BINARY = "a binary frame"
    RENEWED = "the token is accepted"
    REFUSED = "the token or the message is refused"
    SIGN_IN_ENDING = "60 s before the token ends"
    SIGN_IN_ENDED = "the token ends"
    IDLE = "10 min without a frame other than ping and typing"
    REVOKED = "somebody else signs in to the conversation"
    AWAY = "the conversation cannot be reached"
    DRAIN = "the server is going away"
    DRAINED = "every answer in flight is over"


class Send(Struct, frozen=True):
    frame: ServerFrame


class Close(Struct, frozen=True):
    code: int
    reason: str


class Ask(Struct, frozen=True):
    """The shopper said something; ``page`` is where."""

    message: SendMessage
    page: PageContext


class StopAnswer(Struct, frozen=True):
    message_id: str | None


class Verify(Struct, frozen=True):
    token: str


class ShowTyping(Struct, frozen=True):
    """The shopper is writing: a person who is in may see it."""


class Count(Struct, frozen=True):
    """The shopper used what an answer showed."""

    happened: Happened


Effect = Send | Close | Ask | StopAnswer | Verify | Count | ShowTyping


def _stays(state: State, *events: On) -> dict[On, State]:
    return dict.fromkeys(events, state)


_SAID = (On.MESSAGE, On.CONTEXT, On.TYPING, On.STOP, On.AUTH, On.PING, On.EVENT, On.WRONG, On.REFUSED)
_ENDS = _stays(State.CLOSED, On.BINARY, On.SIGN_IN_ENDED, On.IDLE, On.REVOKED, On.AWAY)

TRANSITIONS: Final[Mapping[State, Mapping[On, State]]] = {
    State.OPEN: {
        **_stays(State.OPEN, *_SAID, On.RENEWED),
        On.SIGN_IN_ENDING: State.EXPIRING,
        On.DRAIN: State.DRAINING,
        **_ENDS,
    },
    State.EXPIRING: {
        **_stays(State.EXPIRING, *_SAID),
        On.RENEWED: State.OPEN,
        On.DRAIN: State.DRAINING,
        **_ENDS,
    },
    State.DRAINING: {
        **_stays(State.DRAINING, *_SAID, On.RENEWED),
        On.DRAINED: State.CLOSED,
        **_ENDS,
    },
    State.CLOSED: {},
}


class Event(Struct, frozen=True):
    """What is done about an event: in words for the protocol's page, and as effects of what the event carries."""

    words: str
    effects: Callable[["Connection", Any], tuple[Effect, ...]]


def _closes(code: int, reason: str) -> Event:
    return Event(f"closes with {code}", lambda connection, carried: (Close(code, reason),))


def _nothing(connection: "Connection", carried: Any) -> tuple[Effect, ...]:
    return ()


EVENTS: Final[Mapping[On, Event]] = {
    On.MESSAGE: Event("offers it to the conversation", lambda connection, frame: connection.asked(frame)),
    On.CONTEXT: Event("remembers the page for the messages to come", lambda connection, frame: connection.moved(frame)),
    On.TYPING: Event(
        "shows it to the person who is in, if one is",
        lambda connection, carried: (ShowTyping(),),
    ),
    On.STOP: Event(
        f"ends the answer, {STOPS_A_MINUTE} a minute at most", lambda connection, frame: connection.stopped(frame)
    ),
    On.AUTH: Event(
        f"checks the token; beyond {TOKENS_A_MINUTE} a minute `error` with code `too_many_requests`",
        lambda connection, frame: connection.signed_in(frame),
    ),
    On.PING: Event("`pong`", lambda connection, carried: (Send(Pong()),)),
    On.EVENT: Event(f"counts it, {EVENTS_A_MINUTE} a minute at most", lambda connection, frame: connection.used(frame)),
    On.WRONG: Event("`error` that names the field", lambda connection, error: (Send(error),)),
    On.BINARY: _closes(1003, "text frames only"),
    On.RENEWED: Event("goes on under the new token", _nothing),
    On.REFUSED: Event("`error` with the reason", lambda connection, error: (Send(error),)),
    On.SIGN_IN_ENDING: Event("`error` with code `token_expiring`", lambda connection, carried: (Send(ENDING_SOON),)),
    On.SIGN_IN_ENDED: _closes(4401, "the token has expired"),
    On.IDLE: _closes(4408, "no message for a while"),
    On.REVOKED: _closes(4403, "the conversation belongs to a signed-in shopper"),
    On.AWAY: _closes(1013, "the conversation cannot be reached; try again"),
    On.DRAIN: Event("`drain`", lambda connection, carried: (Send(Drain(reconnect_after_ms=RECONNECT_AFTER_MS)),)),
    On.DRAINED: _closes(1012, "the server is going away"),
}

_CLIENT_EVENTS: Final[Mapping[type[Struct], On]] = {
    SendMessage: On.MESSAGE,
    Navigate: On.CONTEXT,
    Typing: On.TYPING,
    Stop: On.STOP,
    Authenticate: On.AUTH,
    Ping: On.PING,
    Happened: On.EVENT,
}
_KEEPS_AWAKE: Final = frozenset({On.MESSAGE, On.CONTEXT, On.STOP, On.AUTH, On.EVENT})
ENDING_SOON: Final = ErrorFrame(
    problem=problem(401, "token_expiring", "The token expires soon. Send an auth frame with a fresh one.")
)
_TOO_MANY_TOKENS: Final = ErrorFrame(
    problem=problem(
        429,
        "too_many_requests",
        "Those were too many sign-ins at once. Please try again in a minute.",
        retry_after_s=60,
    )
)
_A_MINUTE: Final[Mapping[On, int]] = {
    On.EVENT: EVENTS_A_MINUTE,
    On.STOP: STOPS_A_MINUTE,
    On.AUTH: TOKENS_A_MINUTE,
}
_DECODER: Final = msgspec.json.Decoder(ClientFrame)


class Connection:
    """``now`` is a monotonic time in seconds throughout; ``expires`` is when the token ends on that clock, None for a guest."""

    __slots__ = ("_counted", "_counted_from", "_expires", "_idle_timeout_s", "heard_at", "page", "state")

    def __init__(self, idle_timeout_s: float, now: float, expires: float | None = None) -> None:
        self.state = State.OPEN
        self._idle_timeout_s = idle_timeout_s
        self.heard_at = now
        self._expires = expires
        self.page = NOWHERE
        """Where the shopper is: of the messages that name no page."""
        self._counted = dict.fromkeys(_A_MINUTE, 0)
        self._counted_from = now

    def receive_text(self, text: str, now: float) -> tuple[Effect, ...]:
        """What a text frame asks for. A frame that does not fit costs an ``error``, never the connection (W-11)."""
        try:
            frame = decode(_DECODER, text)
        except BadInput as wrong:
            return self.on(On.WRONG, ErrorFrame(problem=problem_of(wrong), in_reply_to=_id_of(text)))
        event = _CLIENT_EVENTS[type(frame)]
        if event in _KEEPS_AWAKE:
            self.heard_at = now
        return self.on(event, frame)

    def receive_bytes(self) -> tuple[Effect, ...]:
        return self.on(On.BINARY)

    def renewed(self, expires: float | None) -> tuple[Effect, ...]:
        """A token was accepted (W-6)."""
        self._expires = expires
        return self.on(On.RENEWED)

    def refused(self, why: Problem, in_reply_to: str | None = None) -> tuple[Effect, ...]:
        """A token or a message was not."""
        return self.on(On.REFUSED, ErrorFrame(problem=why, in_reply_to=in_reply_to))

    def tick(self, now: float) -> tuple[Effect, ...]:
        """What the passing of time asks for."""
        if self._expires is not None and now >= self._expires:
            return self.on(On.SIGN_IN_ENDED)
        if now >= self.heard_at + self._idle_timeout_s:
            return self.on(On.IDLE)
        if self._expires is not None and now >= self._expires - EXPIRY_WARNING_S:
            return self.on(On.SIGN_IN_ENDING)
        return ()

    def next_tick(self) -> float | None:
        """The moment at which ``tick`` has something to say at the earliest; None when it never will."""
        if self.state is State.CLOSED:
            return None
        moments = [self.heard_at + self._idle_timeout_s]
        if self._expires is not None:
            warns = self.state is State.OPEN
            moments.append(self._expires - EXPIRY_WARNING_S if warns else self._expires)
        return min(moments)

    def on(self, event: On, carried: Any = None) -> tuple[Effect, ...]:
        """What an event asks for in the state that the connection is in."""
        following = TRANSITIONS[self.state].get(event)
        if following is None:
            return ()
        self.state = following
        return EVENTS[event].effects(self, carried)

    def asked(self, message: SendMessage) -> tuple[Effect, ...]:
        """A message that names no page was said on the one that was named last."""
        if message.page_context is not None:
            self.page = message.page_context
        return (Ask(message, self.page),)

    def moved(self, frame: Navigate) -> tuple[Effect, ...]:
        self.page = frame.page_context
        return ()

    def used(self, frame: Happened) -> tuple[Effect, ...]:
        """What names nothing is passed over, and so is more than a person can do; nobody is told."""
        if frame.asin is None and (frame.button is None or frame.name == "added"):
            return ()
        return (Count(frame),) if self._has_room(On.EVENT) else ()

    def stopped(self, frame: Stop) -> tuple[Effect, ...]:
        """Whatever is still to be stopped beyond that ends by itself; nobody is told."""
        return (StopAnswer(frame.id),) if self._has_room(On.STOP) else ()

    def signed_in(self, frame: Authenticate) -> tuple[Effect, ...]:
        return (Verify(frame.token),) if self._has_room(On.AUTH) else (Send(_TOO_MANY_TOKENS),)

    def _has_room(self, event: On) -> bool:
        """Within what one connection may ask for in a minute."""
        if self.heard_at >= self._counted_from + 60:
            self._counted, self._counted_from = dict.fromkeys(_A_MINUTE, 0), self.heard_at
        self._counted[event] += 1
        return self._counted[event] <= _A_MINUTE[event]


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
