"""Bodies of REST (R-1 to R-3, R-7)."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import MessageText, ResponseId, SessionTurn, TicketState
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.page import NOWHERE, PageContext

MAX_COMMENT_CHARS: Final = 2000
MAX_REASON_CHARS: Final = 500
MAX_BODY_BYTES: Final = 64 * 1024
"""Of a request (R-9)."""

SessionId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Comment = Annotated[str, Meta(max_length=MAX_COMMENT_CHARS)]
Name = Annotated[str, Meta(min_length=1, max_length=255)]
Thumbs = Literal["thumbs_up", "thumbs_down"]


class ChatRequest(Struct, frozen=True, kw_only=True):
    message: MessageText
    session_id: SessionId | None = None
    page_context: PageContext = NOWHERE


class ChatResponse(Struct, frozen=True, kw_only=True):
    """The whole answer at once; ``response_text`` is what the socket shows after its corrections."""

    session_id: str
    response_id: str
    response_text: str
    products: tuple[ProductCard, ...]
    actions: tuple[Button, ...]
    follow_up_suggestions: tuple[str, ...]
    metadata: AnswerMetadata


class FeedbackRequest(Struct, frozen=True, kw_only=True):
    """``session_id`` may be left out by customers: the answer's own session is looked for."""

    response_id: ResponseId
    feedback: Thumbs
    session_id: SessionId | None = None
    comment: Comment | None = None


class FeedbackView(Struct, frozen=True, kw_only=True):
    """What is kept: the first that this shopper said of the answer. ``comment`` is without personal data."""

    session_id: str
    response_id: str
    feedback: Thumbs
    comment: str | None
    at: str


class EscalationRequest(Struct, frozen=True, kw_only=True):
    """The shopper asks for a person."""

    session_id: SessionId
    reason: Annotated[str, Meta(min_length=1, max_length=MAX_REASON_CHARS)]
    summary: Comment | None = None


class TicketView(Struct, frozen=True, kw_only=True):
    ticket_id: str
    state: TicketState


class SessionView(Struct, frozen=True, kw_only=True):
    """A conversation, as it is given to a page that reloads (R-7)."""

    session_id: str
    turns: tuple[SessionTurn, ...]


AuditPlace = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00~[1-9]\d{0,2}$")]


class AuditSearch(Struct, frozen=True, kw_only=True):
    """What is looked for in the audit trail (G-7): entries that fit all that is named, the newest first. ``opened``: originals that
    are sealed are shown, and searched for the text. Whoever asks is in the trail from then on."""

    customer_id: Name | None = None
    session_id: Name | None = None
    response_id: Name | None = None
    asin: Name | None = None
    stage: Name | None = None
    text: Annotated[str, Meta(min_length=3, max_length=200)] | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None
    until: Annotated[datetime, Meta(tz=True)] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    opened: bool = False
    cursor: AuditPlace | None = None
    """Where to read on: ``next`` of the same search."""


class AuditLine(Struct, frozen=True, kw_only=True):
    """``original`` is what was found, ``replacement`` what it became; of what is ``sealed`` the original is its kind or has
    ``[REDACTED]`` in it. Stage ``shown``: the replacement names the prices that an answer showed, by ASIN."""

    at: str
    session_id: str
    response_id: str
    customer_id: str | None
    seq: int | None
    asins: tuple[str, ...]
    stage: str
    verdict: str
    kind: str
    original: str
    replacement: str
    sealed: bool


class AuditView(Struct, frozen=True, kw_only=True):
    """``is_all`` false: there are more than were asked for. ``next`` is the ``cursor`` that they come after; None: no more, or none
    that could be looked at."""

    entries: tuple[AuditLine, ...]
    is_all: bool
    next: str | None = None


class EventView(Struct, frozen=True, kw_only=True):
    """An event that was kept: it is applied from now on, whatever becomes of this process."""

    id: str
    version: int


class Readiness(Struct, frozen=True):
    """``dependencies`` maps each one's name to ``ok`` or to what is wrong with it (O-3)."""

    status: str
    dependencies: dict[str, str]
