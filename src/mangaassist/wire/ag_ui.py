"""AG-UI 1.0: what a run is asked for with, the events that it is told in, and what is said of our abilities (R-10).

Names are the protocol's own. What an activity holds is ours; one that comes again under the same ``message_id`` replaces the
former.
"""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from mangaassist import __version__
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import HandoffView
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.ui_messages import Degradation

PROTOCOL_VERSION: Final = "1.0"
LAST_EVENT_ID: Final = "last-event-id"

OwnId = Annotated[str, Meta(min_length=1, max_length=96)]
"""An id of the client's own making."""


# ---- what is posted


class RunMessage(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A message as the client holds it. ``content`` is a text, or for users a list of parts, of which texts are read."""

    id: OwnId
    role: Literal["developer", "system", "assistant", "user", "tool", "activity", "reasoning"]
    content: Any = None
    name: Any = None
    tool_calls: Any = None
    tool_call_id: Any = None
    activity_type: Any = None
    error: Any = None
    encrypted_value: Any = None
    metadata: Any = None


class ForwardedProps(Struct, frozen=True, kw_only=True):
    """What we read of what an application passes on."""

    page_context: PageContext = NOWHERE


class RunInput(Struct, frozen=True, kw_only=True, rename="camel"):
    """A run of a thread: asked is the last message, if it is a user's; without one the thread is told as it stands.

    ``thread_id`` is a random UUID (version 4 or 7) or one of our session ids: whoever knows a guest's may read the conversation.
    """

    thread_id: OwnId
    run_id: OwnId
    messages: tuple[RunMessage, ...] = ()
    forwarded_props: ForwardedProps | str | int | float | bool | tuple[Any, ...] | None = None


class RunStop(Struct, frozen=True, kw_only=True, rename="camel"):
    """End a thread's answer: with ``run_id`` and ``message_id`` (of the user's message) the one of that run, else the open one."""

    thread_id: OwnId
    run_id: OwnId | None = None
    message_id: OwnId | None = None


# ---- what is streamed


class RunEvent(Struct, frozen=True, kw_only=True, tag_field="type", rename="camel", omit_defaults=True):
    pass


class RunOrigin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The conversation on any other wire, and the id that feedback names."""

    session_id: str
    response_id: str | None = None


class RunStartedMetadata(Struct, frozen=True, kw_only=True):
    mangaassist: RunOrigin


class RunStarted(RunEvent, frozen=True, kw_only=True, tag="RUN_STARTED", omit_defaults=False):
    thread_id: str
    run_id: str
    protocol_version: str = PROTOCOL_VERSION
    metadata: RunStartedMetadata


class TextMessageStart(RunEvent, frozen=True, kw_only=True, tag="TEXT_MESSAGE_START", omit_defaults=False):
    message_id: str
    role: Literal["assistant"] = "assistant"


class TextMessageContent(RunEvent, frozen=True, kw_only=True, tag="TEXT_MESSAGE_CONTENT"):
    message_id: str
    delta: str


class TextMessageEnd(RunEvent, frozen=True, kw_only=True, tag="TEXT_MESSAGE_END"):
    message_id: str


class MessagesSnapshot(RunEvent, frozen=True, kw_only=True, tag="MESSAGES_SNAPSHOT"):
    """Words were put right, or the answer begins again: the whole conversation, as it reads now."""

    messages: tuple[RunMessage, ...]


class ProductsShown(Struct, frozen=True, kw_only=True):
    items: tuple[ProductCard, ...] = ()


class ActionsShown(Struct, frozen=True, kw_only=True):
    buttons: tuple[Button, ...] = ()


class SuggestionsShown(Struct, frozen=True, kw_only=True):
    items: tuple[str, ...] = ()


class DegradedShown(Struct, frozen=True, kw_only=True):
    services: tuple[Degradation, ...] = ()


AnswerShown = ProductsShown | ActionsShown | SuggestionsShown | DegradedShown
Shown = AnswerShown | HandoffView

ACTIVITIES: Final[dict[type[Struct], str]] = {
    ProductsShown: "products",
    ActionsShown: "actions",
    SuggestionsShown: "suggestions",
    DegradedShown: "degraded",
    HandoffView: "handoff",
}
"""What an activity shows, and its type."""


class ActivitySnapshot(RunEvent, frozen=True, kw_only=True, tag="ACTIVITY_SNAPSHOT"):
    """Shown beside the text. ``content`` holds one of ``ACTIVITIES``."""

    message_id: str
    activity_type: str
    content: Any


class Outcome(Struct, frozen=True, kw_only=True):
    type: Literal["success", "cancelled"]


SUCCESS: Final = Outcome(type="success")
CANCELLED: Final = Outcome(type="cancelled")


class RunFinished(RunEvent, frozen=True, kw_only=True, tag="RUN_FINISHED"):
    """The receipt. ``result`` is the metadata of ``done``; the outcome of an answer that was stopped is ``cancelled``."""

    thread_id: str
    run_id: str
    result: AnswerMetadata | UnsetType = UNSET
    outcome: Outcome


class RunError(RunEvent, frozen=True, kw_only=True, tag="RUN_ERROR"):
    """There is no whole answer; ``message`` is for the shopper, ``code`` that of a problem."""

    message: str
    code: str


AgUiEvent = (
    RunStarted
    | TextMessageStart
    | TextMessageContent
    | TextMessageEnd
    | MessagesSnapshot
    | ActivitySnapshot
    | RunFinished
    | RunError
)


# ---- what we say of ourselves


class AgentIdentity(Struct, frozen=True, kw_only=True):
    name: str = "MangaAssist"
    type: str = "mangaassist"
    description: str = "A shopping assistant."
    version: str = __version__


class AgentTransport(Struct, frozen=True, kw_only=True, rename="camel"):
    """``resumable``: ``Last-Event-ID`` continues a stream, whichever process told it."""

    streaming: bool = True
    websocket: bool = False
    http_binary: bool = False
    push_notifications: bool = False
    resumable: bool = True


class AgentTools(Struct, frozen=True, kw_only=True, rename="camel"):
    supported: bool = False
    client_provided: bool = False


class AgentState(Struct, frozen=True, kw_only=True, rename="camel"):
    """A thread is remembered; an application's own state is left alone."""

    snapshots: bool = False
    deltas: bool = False
    memory: bool = True
    persistent_state: bool = False


class AgentCapabilities(Struct, frozen=True, kw_only=True):
    identity: AgentIdentity = AgentIdentity()
    transport: AgentTransport = AgentTransport()
    tools: AgentTools = AgentTools()
    state: AgentState = AgentState()
