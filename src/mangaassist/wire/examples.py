"""One of everything that crosses the edge, as it looks in a conversation: the published documents show them (R-8)."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from mangaassist.wire.ag_ui import AgentCapabilities, ForwardedProps, RunInput, RunMessage, RunStop
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.console_examples import CONSOLE
from mangaassist.wire.desk import (
    CancelRequest,
    DeskAbout,
    DeskConversation,
    DeskDeed,
    DeskDone,
    DeskJoin,
    DeskMessage,
    DeskQueue,
    DeskTaken,
    DeskTicket,
)
from mangaassist.wire.frames import (
    Actions,
    AgentTyping,
    Authenticate,
    Correction,
    Degraded,
    Done,
    Drain,
    ErrorFrame,
    Failed,
    Gap,
    Handoff,
    Happened,
    HumanMessage,
    Navigate,
    Ping,
    Pong,
    Products,
    SendMessage,
    SessionOpened,
    SessionTurn,
    Start,
    Stop,
    Suggestions,
    Token,
    Typing,
)
from mangaassist.wire.metadata import AnswerMetadata, Source
from mangaassist.wire.page import PageContext
from mangaassist.wire.problems import NOT_TAKEN, Problem, WrongField, problem
from mangaassist.wire.rest import (
    AuditLine,
    AuditSearch,
    AuditView,
    ChatRequest,
    ChatResponse,
    EscalationRequest,
    FeedbackRequest,
    FeedbackView,
    Readiness,
    SessionView,
    TicketView,
)
from mangaassist.wire.ui_messages import StreamRequest, UIMessage, UIPart

_SESSION: Final = "s_Zk3vJ9qLw0c7Yx2TtQm4eAbc"
_THREAD: Final = "8f14e45f-ceea-467f-9575-1c3a0f1e2b7d"
_RUN: Final = "c9f0f895-fb98-4b91-a5d9-0d1f6e1b2a3c"
_TICKET = DeskTicket(
    ticket_id="t_41c7",
    session_id=_SESSION,
    state="requested",
    reason="My parcel has not come.",
    reasons=("My parcel has not come.",),
    at="2026-11-01T12:00:00+00:00",
    waiting_s=75,
    position=2,
    operator=None,
    name="",
    customer="guest",
    about=DeskAbout(
        intent="order_tracking",
        acts=("know where an order is",),
        orders=("112-3456789-1234567",),
        books=("The Salt Road",),
        cart=(),
        summary="",
        last_asked="Where is my parcel?",
        trouble=("“Where is my parcel?” was answered without shipping.",),
    ),
)
_EPOCH: Final = "9f2c41d07be84a6f"
_ANSWER: Final = "r_5fW8d2f60c1xYq0T"
_NEXT: Final = "r_7c0e9a31d4Zk3vJ9"
_AT: Final = "2026-03-01T12:00:00+00:00"
_PAGE: Final = PageContext(current_asin="B0SALTROAD", store_section="novels", cart_asins=("B0HARBOUR3",))
_CARD: Final = ProductCard(
    asin="B0SALTROAD",
    title="The Salt Road",
    author="Ines Marlow",
    format="hardcover",
    price="$19.99",
    currency="USD",
    image_url="https://shop.example/covers/B0SALTROAD.svg",
    url="https://shop.example/products/B0SALTROAD",
    availability="in stock",
    rating=4.8,
    review_count=2114,
    reason="Sailors, and a heroine who grows up",
)
_BUTTON: Final = Button(label="Add to cart", type="add_to_cart", asin="B0SALTROAD")
_FOLLOW_UP: Final = ("What do readers say?", "Something shorter?")
_METADATA: Final = AnswerMetadata(
    intent="recommendation",
    confidence=0.93,
    stage="rules",
    tier="large",
    model="offline",
    reason="no model is configured",
    latency_ms=41.2,
    ttft_ms=9.7,
    timings={"understand": 2.1, "evidence": 6.4, "write": 27.9, "review": 3.3},
    sources=(
        Source(
            chunk_id="B0SALTROAD#0",
            title="The Salt Road",
            source_type="product",
            score=0.81,
            asin="B0SALTROAD",
            url="https://shop.example/products/B0SALTROAD",
        ),
    ),
    services=("catalog", "pricing"),
    degraded=("inventory",),
    corrections=1,
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
_TEXT: Final = "Try The Salt Road. It is $19.99 today."
_UNSAVED: Final = problem(503, "unsaved", "I couldn't save this answer. Please ask again in a moment.")
_WRONG: Final = Problem(
    type="https://mangaassist.dev/problems/invalid-field",
    title="Bad Request",
    status=400,
    detail="message: must not be empty",
    code="invalid_field",
    fields=(WrongField("message", "must not be empty"),),
)
_TURN: Final = SessionTurn(
    response_id=_ANSWER,
    in_reply_to="m1",
    message="Something about sailors?",
    answer=_TEXT,
    products=(_CARD,),
    actions=(_BUTTON,),
    suggestions=_FOLLOW_UP,
    at=_AT,
)

_ONE_OF_EACH: Final[tuple[Struct, ...]] = (
    SendMessage(id="m1", message="Something about sailors?", page_context=_PAGE),
    Navigate(page_context=_PAGE),
    Typing(),
    Stop(id="m1"),
    Authenticate("eyJhbGciOiJFUzI1NiJ9…"),
    Ping(),
    Happened(name="clicked", response_id=_ANSWER, asin="B0SALTROAD"),
    SessionOpened(
        session_id=_SESSION,
        epoch=_EPOCH,
        resumed=False,
        recovered=False,
        last_seq=0,
        turns=(),
        customer="guest",
        heartbeat_s=30,
        idle_timeout_s=600,
    ),
    Start(seq=1, response_id=_ANSWER, in_reply_to="m1", attempt=1),
    Degraded(seq=2, response_id=_ANSWER, service="inventory", fallback="cards without availability"),
    Token(seq=3, response_id=_ANSWER, content="Try The Salt Road. It is $21.99 today."),
    Correction(seq=4, response_id=_ANSWER, replace_seq=3, content=_TEXT, stage="prices"),
    Products(seq=5, response_id=_ANSWER, items=(_CARD,)),
    Actions(seq=6, response_id=_ANSWER, buttons=(_BUTTON,)),
    Suggestions(seq=7, response_id=_ANSWER, items=_FOLLOW_UP),
    Done(seq=8, response_id=_ANSWER, metadata=_METADATA),
    Failed(seq=10, response_id=_NEXT, problem=_UNSAVED),
    Handoff(seq=11, ticket_id="t_41c7", state="requested", position=2, eta_s=180),
    AgentTyping(),
    HumanMessage(seq=12, name="Mia", content="Hello! I have read your conversation."),
    Gap(epoch=_EPOCH, from_seq=1, to_seq=12, turns=(_TURN,), more=False),
    Drain(reconnect_after_ms=1_000),
    Pong(),
    ErrorFrame(problem=NOT_TAKEN["busy"], in_reply_to="m2"),
    ChatRequest(message="Something about sailors?", session_id=_SESSION, page_context=_PAGE),
    ChatResponse(
        session_id=_SESSION,
        response_id=_ANSWER,
        response_text=_TEXT,
        products=(_CARD,),
        actions=(_BUTTON,),
        follow_up_suggestions=_FOLLOW_UP,
        metadata=_METADATA,
    ),
    StreamRequest(
        id="chat-1",
        messages=(UIMessage(id="m1", role="user", parts=(UIPart(type="text", text="Something about sailors?"),)),),
        session_id=_SESSION,
        page_context=_PAGE,
    ),
    RunInput(
        thread_id=_THREAD,
        run_id=_RUN,
        messages=(RunMessage(id="m1", role="user", content="Something about sailors?"),),
        forwarded_props=ForwardedProps(page_context=_PAGE),
    ),
    RunStop(thread_id=_THREAD, run_id=_RUN, message_id="m1"),
    AgentCapabilities(),
    FeedbackRequest(response_id=_ANSWER, session_id=_SESSION, feedback="thumbs_up", comment="Just what I was after."),
    FeedbackView(
        session_id=_SESSION, response_id=_ANSWER, feedback="thumbs_up", comment="Just what I was after.", at=_AT
    ),
    EscalationRequest(session_id=_SESSION, reason="My parcel has not come.", summary="Order 112-3456789-1234567"),
    TicketView(ticket_id="t_41c7", state="requested"),
    CancelRequest(session_id=_SESSION),
    DeskQueue(seen="5f1c", tickets=(_TICKET,)),
    DeskConversation(
        ticket=_TICKET, version=1, turns=(), typing=True, replies=("One moment please, I am looking into it.",)
    ),
    DeskJoin(name="Mia"),
    DeskMessage(id="w1", content="Hello! I have read your conversation."),
    DeskTaken(id="w1"),
    DeskDeed(),
    DeskDone(ticket_id="t_41c7", state="left", told_as="left"),
    SessionView(session_id=_SESSION, turns=(_TURN,)),
    AuditSearch(asin="B0SALTROAD", stage="shown", text="$19.99"),
    AuditView(
        entries=(
            AuditLine(
                at=_AT,
                session_id=_SESSION,
                response_id=_ANSWER,
                customer_id="cus-aiko",
                seq=4,
                asins=("B0SALTROAD",),
                stage="shown",
                verdict="allow",
                kind="prices",
                original="",
                replacement="B0SALTROAD $19.99",
                sealed=False,
            ),
        ),
        is_all=True,
    ),
    Readiness("ready", {"catalog": "ok", "store": "ok", "knowledge": "ok", "conversations": "ok", "sessions": "ok"}),
    _WRONG,
)

EXAMPLES: Final[Mapping[type[Struct], Struct]] = {type(example): example for example in (*_ONE_OF_EACH, *CONSOLE)}
"""By type."""
