"""Bodies of the REST control plane (R-1)."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import MessageText, SessionTurn
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.page import NOWHERE, PageContext

MAX_BODY_BYTES: Final = 64 * 1024
"""Of a request (R-9)."""

SessionId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


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


class SessionView(Struct, frozen=True, kw_only=True):
    """A conversation, as it is given to a page that reloads (R-7)."""

    session_id: str
    turns: tuple[SessionTurn, ...]


class Readiness(Struct, frozen=True):
    """``dependencies`` maps each one's name to ``ok`` or to what is wrong with it (O-3)."""

    status: str
    dependencies: dict[str, str]
