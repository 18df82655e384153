"""Every route, with what is said of it in public: the server is built from this table, and so is its document (R-8).

Method and path are the handler's own. What any route may answer, and what follows from a property of a route (it takes a
body, it asks who is there), is not repeated in its row: ``Route.refusals`` derives it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from litestar.handlers import HTTPRouteHandler
from msgspec import Meta, Struct

from mangaassist.edge.ag_ui import ag_ui_capabilities, ag_ui_run, ag_ui_stop
from mangaassist.edge.agents.doors import mcp, protected_resource, protected_resource_of_mcp, ucp_document
from mangaassist.edge.api_gateway.door import gateway_connect, gateway_default, gateway_disconnect
from mangaassist.edge.console import console_overview, console_turns
from mangaassist.edge.console_faults import console_fault, console_fault_end, console_faults
from mangaassist.edge.console_knowledge import (
    console_approve,
    console_discard,
    console_draft,
    console_knowledge,
    console_page,
    console_pages,
    console_retry,
)
from mangaassist.edge.control import chat_escalate, chat_escalate_cancel, chat_feedback, chat_session
from mangaassist.edge.desk import (
    desk_close,
    desk_hand_back,
    desk_join,
    desk_message,
    desk_ticket,
    desk_tickets,
    desk_typing,
)
from mangaassist.edge.desk_webhook import desk_webhook
from mangaassist.edge.event_stream import MEDIA_TYPE as EVENTS
from mangaassist.edge.idempotency_keys import KEY_PATTERN
from mangaassist.edge.operators import audit_search
from mangaassist.edge.pages import (
    asyncapi_document,
    desk_page,
    docs_page,
    home,
    openapi_document,
    ops_page,
    ops_section,
    web_file,
    web_file_for_ever,
)
from mangaassist.edge.probes import healthz, metrics, readyz
from mangaassist.edge.rest import chat_message
from mangaassist.edge.stream import chat_stream, chat_stream_resumed
from mangaassist.edge.webhooks import editorial_webhook
from mangaassist.wire.ag_ui import LAST_EVENT_ID, AgentCapabilities, RunInput, RunStop
from mangaassist.wire.console import Overview, TurnsView
from mangaassist.wire.console_faults import FaultRequest, FaultsEnd, FaultsView
from mangaassist.wire.console_knowledge import (
    ApprovalRequest,
    KnowledgeView,
    PageDone,
    PagesView,
    PageView,
    RetryRequest,
    RetryView,
)
from mangaassist.wire.desk import (
    CancelRequest,
    DeskConversation,
    DeskDeed,
    DeskDone,
    DeskJoin,
    DeskMessage,
    DeskQueue,
    DeskTaken,
)
from mangaassist.wire.rest import (
    AuditSearch,
    AuditView,
    ChatRequest,
    ChatResponse,
    EscalationRequest,
    EventView,
    FeedbackRequest,
    FeedbackView,
    Readiness,
    SessionView,
    TicketView,
)
from mangaassist.wire.store_pages import PageText
from mangaassist.wire.ui_messages import SESSION_HEADER, VERSION_HEADER, StreamRequest

JSON: Final = "application/json"


class Parameter(Struct, frozen=True, kw_only=True):
    """A header or a query parameter. ``kind`` is the type that its JSON schema is made of."""

    name: str
    means: str
    kind: Any = str
    required: bool = False


class Answer(Struct, frozen=True, kw_only=True):
    """A body that a route gives. ``kind`` None: something that is no JSON of ours, as its media type says; no type, no body."""

    kind: type[Struct] | None = None
    media_type: str | None = JSON
    status: int = 200
    means: str = "Fine."
    headers: tuple[Parameter, ...] = ()


class Refusal(Struct, frozen=True, kw_only=True):
    """A status whose body is a problem document (R-6)."""

    means: str
    headers: tuple[Parameter, ...] = ()


class Route(Struct, frozen=True, kw_only=True):
    """``identifies``: a token is read, and a guest needs none. ``limited``: there may be too much of it (R-5), and what it gives
    says how much is left. ``published`` false: a page or a part of one, of which the document says nothing.
    """

    handler: HTTPRouteHandler
    summary: str
    takes: type[Struct] | None = None
    gives: tuple[Answer, ...] = (Answer(),)
    refuses: tuple[int, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    identifies: bool = False
    limited: bool = False
    published: bool = True

    @property
    def method(self) -> str:
        (method,) = self.handler.http_methods
        return str(method)

    @property
    def path(self) -> str:
        """As the framework has it: ``/chat/sessions/{session_id:str}``."""
        (path,) = self.handler.paths
        return path

    @property
    def refusals(self) -> tuple[int, ...]:
        """Every status of ``REFUSALS`` that it may answer with, each once, in order."""
        derived = (
            *EVERYWHERE,
            *(BODY if self.takes else ()),
            *(IDENTITY if self.identifies else ()),
            *(LIMIT if self.limited else ()),
        )
        return tuple(sorted({*derived, *self.refuses}))


EVERYWHERE: Final = (400, 408, 414, 421, 431, 500, 503)
"""What any route may say, whatever it does: the server says some of it before a route is found."""
BODY: Final = (400, 413, 415)
IDENTITY: Final = (401, 403, 503)
LIMIT: Final = (429,)

UPGRADE: Final[Mapping[int, str]] = {
    400: "The handshake is none.",
    401: "The token is wrong or has ended, or `Authorization` is there twice or of another kind.",
    403: "The page's origin is not on the allow-list.",
    404: "There is no socket at this address.",
    408: "The handshake took too long to arrive.",
    414: "The URL is too long.",
    421: "The server does not answer under this host name.",
    426: "This is a plain request, or another version than 13.",
    429: "Too many connections from this address.",
    431: "The headers are too large.",
    503: "Sign-in cannot be checked just now, or the server is going away.",
}
"""What an upgrade may be refused with, and why (W-1)."""

_SECONDS: Final = Annotated[int, Meta(ge=0)]
RETRY_AFTER: Final = Parameter(name="Retry-After", means="Seconds after which another try makes sense.", kind=_SECONDS)
LIMITS: Final = (
    Parameter(name="RateLimit-Policy", means="The limits that hold here (IETF draft)."),
    Parameter(name="RateLimit", means="What is left of them (IETF draft)."),
)
TRACEPARENT: Final = Parameter(name="traceparent", means="The trace that the call belongs to (W3C Trace Context).")
IDEMPOTENCY_KEY: Final = Parameter(
    name="Idempotency-Key",
    means="The client's own name for this request: sent again with it, it is answered once (R-4).",
    kind=Annotated[str, Meta(pattern=KEY_PATTERN)],
)
IDEMPOTENT_REPLAYED: Final = Parameter(
    name="Idempotent-Replayed",
    means="The answer was given before, under the same key.",
    kind=Literal["true"],
)

RESET: Final = Parameter(
    name="reset", means="1: corrections come as `reset-step`, which AI SDK 7 and later know. Anything else is none."
)
STREAM_HEADERS: Final = (
    Parameter(name=SESSION_HEADER, means="The conversation.", required=True),
    Parameter(name=VERSION_HEADER, means="The version of the protocol.", required=True),
    Parameter(name="X-Accel-Buffering", means="Asks a proxy to pass each event on at once.", kind=Literal["no"]),
    *LIMITS,
)

RUN_HEADERS: Final = (
    Parameter(name=SESSION_HEADER, means="The conversation.", required=True),
    Parameter(name="X-Accel-Buffering", means="Asks a proxy to pass each event on at once.", kind=Literal["no"]),
    *LIMITS,
)
HEARD: Final = Parameter(
    name=LAST_EVENT_ID, means="The id of the last event of this run that was heard; those after it follow."
)

REFUSALS: Final[Mapping[int, Refusal]] = {
    400: Refusal(means="The request cannot be read, or a field of it is wrong; `fields` names it."),
    401: Refusal(
        means="The token is wrong or has ended.",
        headers=(Parameter(name="WWW-Authenticate", means="How to sign in.", required=True),),
    ),
    403: Refusal(means="Not for this caller."),
    404: Refusal(means="There is no such thing, or it is somebody else's."),
    405: Refusal(
        means="The address does not take this method.",
        headers=(Parameter(name="Allow", means="The methods that it takes.", required=True),),
    ),
    408: Refusal(means="The request took too long to arrive."),
    409: Refusal(means="Not now: something else is under way.", headers=(RETRY_AFTER,)),
    413: Refusal(means="The body is too large."),
    414: Refusal(means="The URL is too long."),
    415: Refusal(means="The body does not say that it is JSON."),
    421: Refusal(means="The server is not known under this host."),
    422: Refusal(means="The same key came with another body before."),
    426: Refusal(means="The address is a WebSocket's.", headers=(Parameter(name="Upgrade", means="`websocket`."),)),
    429: Refusal(means="Too many, too fast.", headers=(RETRY_AFTER, *LIMITS)),
    431: Refusal(means="The headers are too large."),
    500: Refusal(means="Something went wrong on our side."),
    503: Refusal(means="It cannot be done just now.", headers=(RETRY_AFTER,)),
    504: Refusal(means="The answer took too long."),
}
"""What each status says when its body is a problem document."""


def _deed(handler: HTTPRouteHandler, takes: type[Struct], summary: str) -> Route:
    """What somebody at the desk does with a ticket."""
    return Route(
        handler=handler,
        summary=summary,
        takes=takes,
        gives=(Answer(kind=DeskDone, means="It is done, and told.", headers=LIMITS),),
        refuses=(404, 409),
        identifies=True,
        limited=True,
    )


def _console(
    handler: HTTPRouteHandler,
    gives: type[Struct],
    summary: str,
    takes: type[Struct] | None = None,
    refuses: tuple[int, ...] = (),
) -> Route:
    """What operators look at in the console, or do there."""
    means = "As it is now." if takes is None else "It is done."
    return Route(
        handler=handler,
        summary=summary,
        takes=takes,
        gives=(Answer(kind=gives, means=means, headers=LIMITS),),
        refuses=refuses,
        identifies=True,
        limited=True,
    )


def _page(handler: HTTPRouteHandler, summary: str) -> Route:
    """A page of operators; a customer is refused in words."""
    return Route(
        handler=handler,
        summary=summary,
        gives=(
            Answer(media_type="text/html", means="It says nothing by itself."),
            Answer(media_type="text/html", status=403, means="It is nothing for a customer."),
        ),
        published=False,
    )


def _gateway(handler: HTTPRouteHandler, summary: str, refuses: tuple[int, ...] = ()) -> Route:
    """What an API Gateway's integrations call, and nobody else."""
    return Route(
        handler=handler,
        summary=summary,
        gives=(Answer(media_type=None, means="It is taken."),),
        refuses=(404, *refuses),
        published=False,
    )


ROUTES: Final = (
    Route(
        handler=chat_message,
        summary="Ask, and get the whole answer in one response.",
        takes=ChatRequest,
        gives=(Answer(kind=ChatResponse, means="The whole answer.", headers=(IDEMPOTENT_REPLAYED, *LIMITS)),),
        refuses=(404, 409, 422, 504),
        headers=(IDEMPOTENCY_KEY, TRACEPARENT),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=chat_feedback,
        summary="Say what one thinks of an answer. The first time counts.",
        takes=FeedbackRequest,
        gives=(Answer(kind=FeedbackView, means="What is kept.", headers=LIMITS),),
        refuses=(404,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=chat_escalate,
        summary="Ask for a person. The same reason within five minutes is the same ticket.",
        takes=EscalationRequest,
        gives=(Answer(kind=TicketView, means="The ticket.", headers=LIMITS),),
        refuses=(404,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=chat_escalate_cancel,
        summary="Want no person any more.",
        takes=CancelRequest,
        gives=(Answer(kind=TicketView, means="The ticket.", headers=LIMITS),),
        refuses=(404,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=chat_stream,
        summary="Ask, and get the answer as a UI message stream, which `useChat` reads.",
        takes=StreamRequest,
        gives=(Answer(media_type=EVENTS, means="The answer, as it is written.", headers=STREAM_HEADERS),),
        refuses=(404, 409),
        query=(RESET,),
        headers=(TRACEPARENT,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=chat_stream_resumed,
        summary="The answer that is being written, from its beginning, as a UI message stream.",
        gives=(
            Answer(media_type=EVENTS, means="The answer, as it is written.", headers=STREAM_HEADERS),
            Answer(media_type=None, status=204, means="None is being written.", headers=LIMITS),
        ),
        refuses=(404,),
        query=(RESET,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=ag_ui_run,
        summary="Ask, and get the answer as a run of AG-UI 1.0; with `Last-Event-ID` from there on.",
        takes=RunInput,
        gives=(Answer(media_type=EVENTS, means="The run, as it happens.", headers=RUN_HEADERS),),
        refuses=(404, 409),
        headers=(HEARD, TRACEPARENT),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=ag_ui_stop,
        summary="End the answer that a run of AG-UI is told.",
        takes=RunStop,
        gives=(
            Answer(media_type=None, status=204, means="It ends as soon as its writer hears of it.", headers=LIMITS),
        ),
        refuses=(404,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=ag_ui_capabilities,
        summary="What this agent can do, as AG-UI's clients ask it.",
        gives=(Answer(kind=AgentCapabilities, means="Its capabilities."),),
    ),
    Route(
        handler=chat_session,
        summary="The turns of the caller's conversation.",
        gives=(Answer(kind=SessionView, means="The conversation.", headers=LIMITS),),
        refuses=(404,),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=audit_search,
        summary="Look into the audit trail, as an operator. That you did is in it from then on.",
        takes=AuditSearch,
        gives=(Answer(kind=AuditView, means="What was found, the newest first.", headers=LIMITS),),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=desk_tickets,
        summary="Who asked for a person and waits or is talked to, with what it is about, as an operator.",
        gives=(Answer(kind=DeskQueue, means="The queue, unless it is as it was seen.", headers=LIMITS),),
        refuses=(404,),
        query=(Parameter(name="seen", means="What was told last; nothing is told again."),),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=desk_ticket,
        summary="One ticket and its conversation, as an operator.",
        gives=(Answer(kind=DeskConversation, means="What is new in it.", headers=LIMITS),),
        refuses=(404,),
        query=(Parameter(name="after", means="The version up to which it is known.", kind=Annotated[int, Meta(ge=0)]),),
        identifies=True,
        limited=True,
    ),
    _deed(desk_join, DeskJoin, "Join a conversation as a person; the assistant is silent from then on."),
    Route(
        handler=desk_message,
        summary="Write to the shopper, as the person who is in.",
        takes=DeskMessage,
        gives=(Answer(kind=DeskTaken, status=202, means="It is kept, and told.", headers=LIMITS),),
        refuses=(404, 409),
        identifies=True,
        limited=True,
    ),
    Route(
        handler=desk_typing,
        summary="Show the shopper that the person is writing.",
        takes=DeskDeed,
        gives=(Answer(kind=DeskTaken, means="It is shown for a moment.", headers=LIMITS),),
        refuses=(404, 409),
        identifies=True,
        limited=True,
    ),
    _deed(desk_hand_back, DeskDeed, "Leave a conversation; the assistant goes on with what was said."),
    _deed(desk_close, DeskDeed, "Close a ticket: the matter is settled."),
    _console(console_overview, Overview, "How the processes do together, in figures, as an operator."),
    _console(
        console_turns, TurnsView, "The newest and the slowest turns of the processes, stage by stage, as an operator."
    ),
    _console(console_knowledge, KnowledgeView, "How fresh the knowledge is, and what was set aside, as an operator."),
    _console(console_retry, RetryView, "Have what was set aside tried again, as an operator.", RetryRequest, (404,)),
    _console(console_pages, PagesView, "The pages of the store and their drafts, as an operator."),
    _console(console_page, PageView, "One page, its draft, and what that changes, as an operator.", refuses=(404,)),
    _console(console_draft, PageDone, "Save a draft of a page, as an operator who edits.", PageText, (404, 409)),
    _console(console_approve, PageDone, "Approve a draft that somebody else wrote.", ApprovalRequest, (404, 409)),
    _console(console_discard, PageDone, "Drop a draft; the page stays as it is.", DeskDeed, (404, 409)),
    _console(console_faults, FaultsView, "The faults that the store's services have now, as an operator."),
    _console(console_fault, FaultsView, "Make a service of the demo store faulty for a while.", FaultRequest, (404,)),
    _console(console_fault_end, FaultsView, "Make a service well again before its time, or all.", FaultsEnd, (404,)),
    _gateway(gateway_connect, "A connection at the API Gateway opens.", refuses=IDENTITY + LIMIT),
    _gateway(gateway_default, "A connection at the API Gateway says something."),
    _gateway(gateway_disconnect, "A connection at the API Gateway is gone."),
    Route(
        handler=editorial_webhook,
        summary="Take a page that the editorial system pushes, signed (docs/knowledge.md).",
        gives=(Answer(kind=EventView, status=202, means="It is kept, and applied within seconds."),),
        published=False,
    ),
    Route(
        handler=desk_webhook,
        summary="Take what another desk does in a conversation, signed (docs/desk.md).",
        gives=(Answer(kind=DeskTaken, status=202, means="It is done."),),
        published=False,
    ),
    Route(
        handler=mcp,
        summary="Other agents: MCP over streamable HTTP (docs/protocol.md).",
        gives=(Answer(means="What MCP says.", headers=LIMITS),),
        published=False,
    ),
    Route(handler=ucp_document, summary="What other agents find here, as UCP's profile.", published=False),
    Route(handler=protected_resource, summary="Who signs shoppers in (RFC 9728).", published=False),
    Route(handler=protected_resource_of_mcp, summary="The same, for `/mcp`.", published=False),
    Route(handler=healthz, summary="Alive.", gives=(Answer(media_type="text/plain"),)),
    Route(
        handler=readyz,
        summary="Every dependency by name; 503 when nothing can be answered.",
        gives=(
            Answer(kind=Readiness, means="All are there, or those without which answers are thinner are not."),
            Answer(kind=Readiness, status=503, means="One is away without which nothing can be answered."),
        ),
    ),
    Route(handler=metrics, summary="Metrics for Prometheus.", gives=(Answer(media_type="text/plain"),)),
    Route(handler=openapi_document, summary="The REST side, as OpenAPI."),
    Route(handler=asyncapi_document, summary="The socket and its frames, as AsyncAPI."),
    Route(handler=docs_page, summary="Both documents, to read.", published=False),
    _page(desk_page, "The desk, for operators."),
    _page(ops_page, "The console, for operators."),
    _page(ops_section, "A page of the console."),
    Route(handler=home, summary="The assistant's own page.", published=False),
    Route(handler=web_file, summary="A file of the widget or of a page.", published=False),
    Route(handler=web_file_for_ever, summary="The widget under an address that names its content.", published=False),
)
