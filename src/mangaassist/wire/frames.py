"""Every frame of the socket protocol (W-3, W-4): two tagged unions are the whole grammar.

A frame of the *conversation* carries ``seq`` and can be replayed; a frame of the *connection* carries none and never is. The
class a frame derives from says which it is, so nobody needs a list.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from mangaassist.wire.cards import Button, ButtonType, ProductCard
from mangaassist.wire.metadata import AnswerMetadata, Source
from mangaassist.wire.page import PageAsin, PageContext
from mangaassist.wire.problems import Problem

MAX_MESSAGE_CHARS = 2000
MAX_FRAME_BYTES = 16 * 1024
"""The longest client frame."""
MAX_SERVER_FRAME_BYTES = 32 * 1024

MessageText = Annotated[str, Meta(min_length=1, max_length=MAX_MESSAGE_CHARS)]
ResponseId = Annotated[str, Meta(pattern=r"^r[A-Za-z0-9_-]{1,32}$")]
MessageId = Annotated[str, Meta(min_length=1, max_length=128)]
TicketState = Literal["requested", "joined", "left"]


# ---- what a client may say: W-3


class SendMessage(Struct, frozen=True, tag_field="type", tag="message"):
    """The shopper says something. ``id`` is the client's own: a resend of it is not answered twice."""

    id: MessageId
    message: MessageText
    page_context: PageContext | None = None


class Navigate(Struct, frozen=True, tag_field="type", tag="context"):
    """The shopper went to another page."""

    page_context: PageContext


class Typing(Struct, frozen=True, tag_field="type", tag="typing"):
    pass


class Stop(Struct, frozen=True, tag_field="type", tag="stop"):
    """End the answer that is streaming, or the one to the message ``id`` (T-8, W-14)."""

    id: MessageId | None = None


class Authenticate(Struct, frozen=True, tag_field="type", tag="auth"):
    """A fresh token, before the old one expires (W-6), or a guest who signed in."""

    token: Annotated[str, Meta(min_length=1, max_length=8192)]


class Ping(Struct, frozen=True, tag_field="type", tag="ping"):
    pass


class Happened(Struct, frozen=True, tag_field="type", tag="event"):
    """The shopper clicked on a card or a button of an answer, or put a product of it into the cart. It is counted, no more.

    It names the card's ``asin``, the button, or both, and ``added`` the product; one that names nothing is passed over.
    """

    name: Literal["clicked", "added"]
    response_id: ResponseId
    asin: PageAsin | None = None
    button: ButtonType | None = None


ClientFrame = SendMessage | Navigate | Typing | Stop | Authenticate | Ping | Happened


# ---- what the server says of the connection: never numbered, never replayed


class ConnectionFrame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    pass


class HandoffView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it stands with the person who was asked for: the fields of a ``handoff`` frame."""

    ticket_id: str
    state: TicketState
    position: int | None = None
    eta_s: int | None = None
    opens_at: str | None = None
    name: str | None = None


class SessionTurn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One past exchange: what a widget needs to draw the conversation again.

    ``in_reply_to`` is the client's own id of the message; ``problem`` says why there is no whole answer. What a person wrote
    has their ``name``, no ``message``, and their words as ``answer``; a change of a ``handoff`` has neither. A message that
    went to a person has no ``answer`` of its own.
    """

    response_id: str
    in_reply_to: str
    message: str
    answer: str
    products: tuple[ProductCard, ...] = ()
    actions: tuple[Button, ...] = ()
    suggestions: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    stopped: bool = False
    problem: Problem | None = None
    at: str = ""
    name: str | None = None
    handoff: HandoffView | None = None


class SessionOpened(ConnectionFrame, frozen=True, kw_only=True, tag="session", omit_defaults=False):
    """The first frame of every connection.

    ``epoch`` names the log that numbers the frames; a cursor is a number of one epoch. ``recovered``: everything after the
    client's cursor follows without a gap. ``last_seq`` is the number that the next frame continues from; ``turns`` tells
    what came before it to a client that holds no cursor, the newest that fit into a frame. ``summary`` says in words what the
    turns that nobody keeps any more were about (T-4); it is there only where there are such turns. ``handoff`` says how it
    stands with a person, where one was asked for.
    """

    session_id: str
    epoch: str
    resumed: bool
    recovered: bool
    last_seq: int
    turns: tuple[SessionTurn, ...]
    customer: str
    heartbeat_s: float
    idle_timeout_s: float
    summary: str | UnsetType = UNSET
    handoff: HandoffView | UnsetType = UNSET


class Gap(ConnectionFrame, frozen=True, kw_only=True, tag="gap", omit_defaults=False):
    """Numbers ``from_seq`` to ``to_seq`` are void or no longer kept; ``turns`` is what they amounted to (W-2).

    The newest turns that fit into a frame; ``more`` says that older ones are to be had by R-7.
    """

    epoch: str
    from_seq: int
    to_seq: int
    turns: tuple[SessionTurn, ...]
    more: bool


class Drain(ConnectionFrame, frozen=True, kw_only=True, tag="drain"):
    reconnect_after_ms: int


class Pong(ConnectionFrame, frozen=True, kw_only=True, tag="pong"):
    pass


class AgentTyping(ConnectionFrame, frozen=True, kw_only=True, tag="typing"):
    """The person who is in is writing just now; it is shown for a few seconds."""


class ErrorFrame(ConnectionFrame, frozen=True, kw_only=True, tag="error"):
    problem: Problem
    in_reply_to: str | None = None


# ---- what the server says in the conversation: numbered, kept, replayed


class ConversationFrame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """``seq`` grows by exactly one over the whole session, whatever crashed; ``conversation`` alone gives it."""

    seq: int = 0


class AnswerFrame(ConversationFrame, frozen=True, kw_only=True):
    response_id: str


class Start(AnswerFrame, frozen=True, kw_only=True, tag="start", omit_defaults=False):
    """An answer begins, or begins again: for a known ``response_id`` it clears all that the answer had said and shown."""

    in_reply_to: str
    attempt: int


class Failed(AnswerFrame, frozen=True, kw_only=True, tag="failed"):
    """The answer could not be finished or saved. The shopper may ask again, under a new id."""

    problem: Problem


class Token(AnswerFrame, frozen=True, kw_only=True, tag="token"):
    content: str


class Correction(AnswerFrame, frozen=True, kw_only=True, tag="correction"):
    """The text of token frames ``replace_seq`` through ``through_seq`` (alone, if that is absent) becomes ``content``."""

    replace_seq: int
    content: Annotated[str, Meta(description="May be empty: the text is taken back.")]
    stage: str
    through_seq: int | None = None


class Degraded(AnswerFrame, frozen=True, kw_only=True, tag="degraded"):
    service: str
    fallback: str
    as_of: str | None = None


class Products(AnswerFrame, frozen=True, kw_only=True, tag="products"):
    items: tuple[ProductCard, ...]


class Actions(AnswerFrame, frozen=True, kw_only=True, tag="actions"):
    buttons: tuple[Button, ...]


class Suggestions(AnswerFrame, frozen=True, kw_only=True, tag="suggestions"):
    items: tuple[str, ...]


class Done(AnswerFrame, frozen=True, kw_only=True, tag="done"):
    """The answer is final: no correction comes after it."""

    metadata: AnswerMetadata


class Handoff(ConversationFrame, frozen=True, kw_only=True, tag="handoff"):
    """A person was asked for, is in, or has left. ``position`` and ``eta_s`` (seconds) tell who waits where and about how long.

    ``opens_at``: nobody is there before that moment, and what is written until then waits for them as a message.
    """

    ticket_id: str
    state: TicketState
    position: int | None = None
    eta_s: int | None = None
    opens_at: str | None = None
    name: str | None = None


class HumanMessage(ConversationFrame, frozen=True, kw_only=True, tag="message", omit_defaults=False):
    from_: Literal["agent"] = msgspec.field(name="from", default="agent")
    name: str
    content: str


ServerFrame = (
    SessionOpened
    | Gap
    | Drain
    | Pong
    | AgentTyping
    | ErrorFrame
    | Start
    | Token
    | Correction
    | Degraded
    | Products
    | Actions
    | Suggestions
    | Done
    | Failed
    | Handoff
    | HumanMessage
)
