"""The Vercel UI message stream, protocol v1: what ``useChat`` posts, and the parts that it reads (R-7).

Names are the protocol's own. What a ``data-*`` part holds is ours; parts of the same type and ``id`` replace each other.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import MessageText
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.rest import SessionId

VERSION_HEADER = "x-vercel-ai-ui-message-stream"
VERSION = "v1"
SESSION_HEADER = "x-mangaassist-session"

PartyId = Annotated[str, Meta(max_length=96)]
"""An id that the client or we have made: what is put behind it still makes no longer message id than a socket's."""


# ---- what is posted


class UIPart(Struct, frozen=True, kw_only=True):
    """A part of a message. Of those that are posted only ``text`` is read."""

    type: Annotated[str, Meta(max_length=64)]
    text: str = ""


class UIMessage(Struct, frozen=True, kw_only=True):
    """A message as the page holds it. ``metadata`` is the page's own; of an answer it is what this stream has told."""

    id: PartyId
    role: Literal["system", "user", "assistant"]
    parts: tuple[UIPart, ...] = ()
    metadata: Any = None


class StreamRequest(Struct, frozen=True, kw_only=True):
    """``useChat``'s own body, or ``message`` alone.

    ``id`` names the page's chat; ``message_id`` the message that is edited, or whose answer is wanted again.
    """

    id: PartyId | None = None
    messages: tuple[UIMessage, ...] = ()
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: PartyId | None = msgspec.field(name="messageId", default=None)
    message: MessageText | None = None
    session_id: SessionId | None = None
    page_context: PageContext = NOWHERE


# ---- what is streamed


class Part(Struct, frozen=True, kw_only=True, tag_field="type", rename="camel", omit_defaults=True):
    pass


class AnswerOrigin(Struct, frozen=True, kw_only=True):
    """The conversation that an answer belongs to, and the id that feedback names."""

    session_id: str
    response_id: str


class MessageStart(Part, frozen=True, kw_only=True, tag="start"):
    message_id: str
    message_metadata: AnswerOrigin


class OriginChanged(Part, frozen=True, kw_only=True, tag="message-metadata"):
    """The answer began again under another ``response_id``."""

    message_metadata: AnswerOrigin


class StepStart(Part, frozen=True, kw_only=True, tag="start-step"):
    pass


class StepReset(Part, frozen=True, kw_only=True, tag="reset-step"):
    """What the step has said and shown is void, and told again (AI SDK 7 and later)."""


class StepFinish(Part, frozen=True, kw_only=True, tag="finish-step"):
    pass


class TextStart(Part, frozen=True, kw_only=True, tag="text-start"):
    id: str


class TextDelta(Part, frozen=True, kw_only=True, tag="text-delta"):
    id: str
    delta: str


class TextEnd(Part, frozen=True, kw_only=True, tag="text-end"):
    id: str


class DocumentOrigin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    source_type: str
    score: float
    asin: str | None = None
    url: str = ""


class DocumentMetadata(Struct, frozen=True, kw_only=True):
    mangaassist: DocumentOrigin


class SourceDocument(Part, frozen=True, kw_only=True, tag="source-document"):
    """A piece of knowledge that the answer used (K-6)."""

    source_id: str
    title: str
    media_type: str
    provider_metadata: DocumentMetadata


class MessageError(Part, frozen=True, kw_only=True, tag="error"):
    """There is no whole answer; ``error_text`` is for the shopper."""

    error_text: str


class MessageFinish(Part, frozen=True, kw_only=True, tag="finish"):
    message_metadata: AnswerMetadata | None = None


class DataPart(Part, frozen=True, kw_only=True):
    id: str


class SessionPart(DataPart, frozen=True, kw_only=True, tag="data-session"):
    data: AnswerOrigin


class Restarted(Struct, frozen=True, kw_only=True):
    attempt: int


class RestartPart(DataPart, frozen=True, kw_only=True, tag="data-restart"):
    """The answer begins again: all parts before this one are void."""

    data: Restarted


class CorrectedText(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``text`` is the whole text so far, put right; the others are those of the correction that came last."""

    text: str
    replace_seq: int
    content: str
    stage: str
    through_seq: int | None = None


class CorrectionPart(DataPart, frozen=True, kw_only=True, tag="data-correction"):
    data: CorrectedText


class Degradation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    service: str
    fallback: str
    as_of: str | None = None


class DegradedPart(DataPart, frozen=True, kw_only=True, tag="data-degraded"):
    data: Degradation


class ProductsPart(DataPart, frozen=True, kw_only=True, tag="data-products"):
    data: tuple[ProductCard, ...]


class ActionsPart(DataPart, frozen=True, kw_only=True, tag="data-actions"):
    data: tuple[Button, ...]


class SuggestionsPart(DataPart, frozen=True, kw_only=True, tag="data-suggestions"):
    data: tuple[str, ...]


UIMessagePart = (
    MessageStart
    | OriginChanged
    | StepStart
    | StepReset
    | StepFinish
    | TextStart
    | TextDelta
    | TextEnd
    | SourceDocument
    | SessionPart
    | RestartPart
    | CorrectionPart
    | DegradedPart
    | ProductsPart
    | ActionsPart
    | SuggestionsPart
    | MessageError
    | MessageFinish
)
