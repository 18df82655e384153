"""The REST control plane: the same orchestrator as the socket, the whole answer at once (R-1, R-6, R-7, R-9)."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath

from mangaassist.conversation.conversations import Conversation, Said
from mangaassist.conversation.log import Batch, Cursor, Hole, Joined, Offered, Revoked
from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.identity import token_of
from mangaassist.edge.limits import Standing
from mangaassist.errors import AssistantError, BadInput, NotFound
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import AnswerFrame, ServerFrame, Start
from mangaassist.wire.problems import Problem, problem
from mangaassist.wire.rest import ChatRequest, ChatResponse, SessionView
from mangaassist.wire.transcript import Transcript

AnyRequest = Request[Any, Any, State]

ANSWER_LIMIT_S: Final = 60.0
_FRAMES: Final = msgspec.json.Decoder(ServerFrame)
_CHAT_REQUEST: Final = msgspec.json.Decoder(ChatRequest)


class AnswerFailed(AssistantError):
    """The turn broke; ``problem`` is what the shopper may know of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class RestEdge:
    """What the handlers need. Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self.shared = shared

    async def identity(self, request: AnyRequest) -> Identity:
        return await self.shared.verifier.identify(token_of(request.scope))

    async def chat(
        self, asked: ChatRequest, identity: Identity, address: str, traceparent: str | None
    ) -> tuple[ChatResponse, Standing]:
        conversation = (await self.shared.conversations.open(asked.session_id, identity)).conversation
        said = Said(
            message_id="rest-" + secrets.token_urlsafe(9),
            text=asked.message,
            page=asked.page_context,
            traceparent=traceparent,
        )
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                offered, standing = await self.shared.limits.say(conversation, said, address)
                answer = await _answered(conversation, said, offered)
        except TimeoutError:
            raise AnswerFailed(problem(504, "too_slow", "The answer took too long. Please ask again.")) from None
        assert answer.metadata is not None
        response = ChatResponse(
            session_id=conversation.session_id,
            response_id=answer.response_id,
            response_text=answer.text,
            products=answer.products,
            actions=answer.buttons,
            follow_up_suggestions=answer.suggestions,
            metadata=answer.metadata,
        )
        return response, standing


_REFUSED: Final[Mapping[str, Callable[[], AssistantError]]] = {
    "busy": lambda: BadInput("busy", "This conversation is still answering. Wait for its answer.", status=409),
    "foreign": lambda: NotFound("There is no such conversation."),
}
"""What REST says to a message that was not taken; its ids are our own and never come twice."""


async def _answered(conversation: Conversation, said: Said, offered: Offered) -> Transcript:
    """Follow the conversation to the receipt of what was said. Raises ``AnswerFailed`` when there is no answer to be had."""
    if refused := _REFUSED.get(offered.verdict):
        raise refused()
    transcript = Transcript()
    async with aclosing(conversation.follow(Cursor(offered.last))) as followed:
        async for news in followed:
            match news:
                case Batch():
                    for frame in map(_FRAMES.decode, news.frames):
                        if _belongs(frame, said, transcript):
                            transcript.apply(frame)
                    if transcript.problem is not None:
                        raise AnswerFailed(transcript.problem)
                    if transcript.metadata is not None:
                        return transcript
                case Revoked():
                    break
                case Joined() | Hole():  # a hole ends before the open answer begins again
                    pass
    raise AnswerFailed(problem(503, "unavailable", "The answer could not be followed to its end. Please ask again."))


def _belongs(frame: ServerFrame, said: Said, transcript: Transcript) -> bool:
    """The frame is of the answer to what was said here, and not to what another connection said before it."""
    if isinstance(frame, Start):
        return frame.in_reply_to == said.message_id
    return isinstance(frame, AnswerFrame) and frame.response_id == transcript.response_id


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
    identity, address = await edge.identity(request), address_of(request.scope)
    answer, standing = await edge.chat(asked, identity, address, request.headers.get("traceparent"))
    return json_response(answer, headers=standing.headers())


@get("/chat/sessions/{session_id:str}")
async def chat_session(request: AnyRequest, state: State, session_id: FromPath[str]) -> Response[bytes]:
    edge: RestEdge = state.rest
    session = await edge.shared.conversations.find(session_id, await edge.identity(request))
    if session is None:
        raise NotFound("There is no such conversation.")
    turns = tuple(turn.view() for turn in session.turns)
    return json_response(SessionView(session_id=session_id, turns=turns))


def json_response(body: msgspec.Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/json", headers=dict(headers or {})
    )
