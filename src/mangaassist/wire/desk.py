"""What operators read of the desk and do there (O-6)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mangaassist.wire.frames import MessageId, MessageText, SessionTurn, TicketState
from mangaassist.wire.rest import SessionId

DeskState = Literal["requested", "left_message", "joined", "left", "closed", "cancelled"]
OperatorName = Annotated[str, Meta(min_length=1, max_length=60)]


class DeskJoin(Struct, frozen=True, kw_only=True):
    """``name`` is how the shopper sees the person."""

    name: OperatorName


class DeskMessage(Struct, frozen=True, kw_only=True):
    """What the person writes. ``id`` is the client's own: sent again with it, it is told once."""

    id: MessageId
    content: MessageText


class DeskDeed(Struct, frozen=True, kw_only=True):
    """A deed that needs no words."""


class CancelRequest(Struct, frozen=True, kw_only=True):
    """The shopper wants nobody any more."""

    session_id: SessionId


class DeskAbout(Struct, frozen=True, kw_only=True):
    """What a conversation is about, so that nobody asks again: the last intent and acts, orders and books in focus, the ASINs of
    the cart, what was said in the turns that nobody keeps any more, and what did not work."""

    intent: str
    acts: tuple[str, ...]
    orders: tuple[str, ...]
    books: tuple[str, ...]
    cart: tuple[str, ...]
    summary: str
    last_asked: str
    trouble: tuple[str, ...]


class DeskTicket(Struct, frozen=True, kw_only=True):
    """``waiting_s``: how long the shopper has waited, or did until somebody was in. ``position`` is theirs in the queue."""

    ticket_id: str
    session_id: str
    state: DeskState
    reason: str
    reasons: tuple[str, ...]
    at: str
    waiting_s: int
    position: int | None
    operator: str | None
    name: str
    customer: str
    about: DeskAbout | None


class DeskQueue(Struct, frozen=True, kw_only=True):
    """``seen`` names what was told; who comes with it is told the tickets only when they have changed."""

    seen: str
    tickets: tuple[DeskTicket, ...] | None


class DeskConversation(Struct, frozen=True, kw_only=True):
    """A ticket with its conversation. ``turns`` are those after ``after``, oldest first; ``version`` is what to ask after next.
    ``typing``: the shopper is writing just now."""

    ticket: DeskTicket
    version: int
    turns: tuple[SessionTurn, ...]
    typing: bool
    replies: tuple[str, ...]


class DeskDone(Struct, frozen=True, kw_only=True):
    ticket_id: str
    state: DeskState
    told_as: TicketState


class DeskTaken(Struct, frozen=True, kw_only=True):
    """What was written is kept, and told as soon as it can be."""

    id: str
