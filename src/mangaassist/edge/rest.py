"""Asking by REST: the same orchestrator as the socket, the whole answer at once (R-1, R-4, R-6, R-9)."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State

from mangaassist.conversation.conversations import Said
from mangaassist.conversation.log import Cursor
from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.answers import Answer
from mangaassist.edge.asking import AnswerFailed, Told, heard_out, offered
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.idempotency_keys import HEADER, key_of
from mangaassist.edge.limits import Standing, headers_of
from mangaassist.edge.once import answered_once
from mangaassist.errors import BadInput
from mangaassist.wire.decoding import decode
from mangaassist.wire.problems import TOO_SLOW
from mangaassist.wire.rest import ChatRequest, ChatResponse

T = TypeVar("T")

AnyRequest = Request[Any, Any, State]

ANSWER_LIMIT_S: Final = 60.0
REPLAYED: Final = "idempotent-replayed"
_CHAT_REQUEST: Final = msgspec.json.Decoder(ChatRequest)


class RestEdge:
    """What the handlers need. Lives as long as the process."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self.shared = shared

    async def answer(
        self, asked: ChatRequest, identity: Identity, address: str, key: str | None, traceparent: str | None
    ) -> Told:
        """``key`` is the client's name for the request (R-4). Raises ``AnswerFailed`` when no answer came in time."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                if key is None:
                    return await self._answer(asked, identity, address, traceparent)
                return await answered_once(self.shared, asked, identity, address, key, traceparent)
        except TimeoutError:
            raise AnswerFailed(TOO_SLOW) from None

    async def _answer(self, asked: ChatRequest, identity: Identity, address: str, traceparent: str | None) -> Told:
        conversation = (await self.shared.conversations.open(asked.session_id, identity)).conversation
        said = Said(
            message_id="rest-" + secrets.token_urlsafe(9),
            text=asked.message,
            page=asked.page_context,
            traceparent=traceparent,
        )
        found, standing = await offered(self.shared.limits, conversation, said, address)
        answer = await heard_out(
            Answer(conversation, said.message_id, Cursor(found.last)), self.shared.conversations.sessions
        )
        return Told(conversation.session_id, answer, standing)


def json_body(request: AnyRequest) -> None:
    """Raise ``BadInput`` (415) for a body that does not say it is JSON (R-9)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise BadInput("unsupported_media_type", "Send the body as application/json.", status=415)


async def asked_in(request: AnyRequest, decoder: "msgspec.json.Decoder[T]") -> T:
    """What a body asks for. Raises ``BadInput`` for one that does not say it is JSON, and as ``decode`` does (R-9)."""
    json_body(request)
    return decode(decoder, await request.body())


@post("/chat/message", status_code=200)
async def chat_message(request: AnyRequest, state: State) -> Response[bytes]:
    edge: RestEdge = state.rest
    json_body(request)
    key = key_of(request.headers.getall(HEADER, []))
    asked = decode(_CHAT_REQUEST, await request.body())
    identity, traceparent = await edge.shared.caller(request.scope), request.headers.get("traceparent")
    told = await edge.answer(asked, identity, address_of(request.scope), key, traceparent)
    replayed = {REPLAYED: "true"} if told.is_replay else {}
    return json_response(response_of(told), headers=replayed | told.standing.headers())


def response_of(told: Told) -> ChatResponse:
    answer = told.transcript
    assert answer.metadata is not None
    return ChatResponse(
        session_id=told.session_id,
        response_id=answer.response_id,
        response_text=answer.text,
        products=answer.products,
        actions=answer.buttons,
        follow_up_suggestions=answer.suggestions,
        metadata=answer.metadata,
    )


def json_response(body: msgspec.Struct, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/json", headers=dict(headers or {})
    )


def answered(view: msgspec.Struct, *standings: Standing, status: int = 200) -> Response[bytes]:
    """What was asked for, and how whoever asked stands with each limit that it counted for (R-5)."""
    return json_response(view, status, headers_of(*standings))
