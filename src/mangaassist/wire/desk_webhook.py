"""What another desk is sent, and what it may send back, when it takes over from ours (O-6): both signed."""

from typing import Annotated

from msgspec import Meta, Struct

from mangaassist.wire.desk import DeskTicket, OperatorName
from mangaassist.wire.frames import MessageId, MessageText, SessionTurn

TicketId = Annotated[str, Meta(min_length=3, max_length=64, pattern=r"^t_[A-Za-z0-9_-]+$")]


class HandoffEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="handoff"):
    """A person is asked for, or what became of that. ``id`` is the same each time that it is sent."""

    id: str
    ticket: DeskTicket


class TurnsEvent(Struct, frozen=True, kw_only=True, tag_field="type", tag="turns"):
    """What was said in the conversation since the last one: the shopper's messages, answers, and what persons wrote."""

    id: str
    ticket_id: str
    turns: tuple[SessionTurn, ...]


class Join(Struct, frozen=True, kw_only=True, tag_field="do", tag="join"):
    ticket_id: TicketId
    name: OperatorName


class Write(Struct, frozen=True, kw_only=True, tag_field="do", tag="write"):
    """``id`` is the other desk's own: sent again with it, it is told once."""

    ticket_id: TicketId
    id: MessageId
    content: MessageText


class HandBack(Struct, frozen=True, kw_only=True, tag_field="do", tag="hand_back"):
    ticket_id: TicketId


class CloseTicket(Struct, frozen=True, kw_only=True, tag_field="do", tag="close"):
    ticket_id: TicketId


AnyDeed = Join | Write | HandBack | CloseTicket
