"""The REST control plane: the same orchestrator as the socket, the whole answer at once (R-1, R-6, R-7, R-9)."""

import asyncio
import secrets
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State

from mangaassist.domain.customers import Identity
from mangaassist.edge.conversation import Conversation, Conversations
from mangaassist.edge.identity import TokenVerifier, token_of
from mangaassist.errors import AssistantError, BadInput, NotFound
from mangaassist.turn.turn import Message
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import ConversationFrame, Done, ErrorFrame, Start
from mangaassist.wire.problems import Problem, problem
from mangaassist.wire.rest import ChatRequest, ChatResponse, SessionView
from mangaassist.wire.transcript import Transcript

AnyRequest = Request[Any, Any, State]

ANSWER_LIMIT_S: Final = 60.0
_CHAT_REQUEST: Final = msgspec.json.Decoder(ChatRequest)


class AnswerFailed(AssistantError):
    """The turn broke; ``problem`` is what the shopper may know of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class RestEdge:
    """What the handlers need. Lives as long as the process."""

    def __init__(self, conversations: Conversations, verifier: TokenVerifier) -> None:
        self.conversations = conversations
        self.verifier = verifier

    async def identity(self, request: AnyRequest) -> Identity:
        return await self.verifier.identify(token_of(request.headers))

    async def chat(self, asked: ChatRequest, identity: Identity, traceparent: str | None) -> ChatResponse:
        conversation, _ = await self.conversations.open(asked.session_id, identity)
        conversation.move(asked.page_context)
        message = Message(
            message_id="rest-" + secrets.token_urlsafe(9),
            text=asked.message,
            identity=identity,
            page=asked.page_context,
            traceparent=traceparent,
        )
        answer = await _answered(conversation, message)
        assert answer.metadata is not None
        return ChatResponse(
            session_id=conversation.session.session_id,
            response_id=answer.response_id,
            response_text=answer.text,
            products=answer.products,
            actions=answer.buttons,
            follow_up_suggestions=answer.suggestions,
            metadata=answer.metadata,
        )


async def _answered(conversation: Conversation, message: Message) -> Transcript:
    """Offer the message and wait for its ``done``. Raises ``AnswerFailed`` when the turn broke or takes too long."""
    transcript = Transcript()
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def listen(frame: ConversationFrame | ErrorFrame, data: bytes) -> None:
        if over.done():
            return
        if isinstance(frame, ErrorFrame):
            if frame.in_reply_to == message.message_id:
                over.set_exception(AnswerFailed(frame.problem))
        elif isinstance(frame, Start) and frame.in_reply_to == message.message_id:
            transcript.apply(frame)
        elif getattr(frame, "response_id", None) == transcript.response_id:
            transcript.apply(frame)
            if isinstance(frame, Done):
                over.set_result(None)

    conversation.join(listen)
    try:
        if conversation.offer(message) == "busy":
            detail = "This conversation is still answering. Wait for its answer before asking more."
            raise BadInput("busy", detail, status=409)
        async with asyncio.timeout(ANSWER_LIMIT_S):
            await over
    except TimeoutError:
        raise AnswerFailed(problem(504, "too_slow", "The answer took too long. Please ask again.")) from None
    finally:
        conversation.leave(listen)
    return transcript


def json_body(request: AnyRequest) -> None:
    """Raise ``BadInput`` (415) for a body that does not say it is JSON (R-9)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadInput("unsupported_media_type", "Send the body as application/json.", status=415)


@post("/chat/message", status_code=200)
async def chat_message(request: AnyRequest, state: State) -> Response[bytes]:
    edge: RestEdge = state.rest
    json_body(request)
    asked = decode(_CHAT_REQUEST, await request.body())
    answer = await edge.chat(asked, await edge.identity(request), request.headers.get("traceparent"))
    return json_response(answer)


@get("/chat/sessions/{session_id:str}")
async def chat_session(request: AnyRequest, state: State, session_id: str) -> Response[bytes]:
    edge: RestEdge = state.rest
    conversation = await edge.conversations.find(session_id, await edge.identity(request))
    if conversation is None:
        raise NotFound("There is no such conversation.")
    turns = tuple(turn.view() for turn in conversation.session.turns)
    return json_response(SessionView(session_id=session_id, turns=turns))


def json_response(body: msgspec.Struct, status: int = 200) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
