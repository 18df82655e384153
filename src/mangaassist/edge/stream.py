"""The same answer as server-sent events, in the protocol that ``useChat`` reads (R-7).

Whatever goes wrong before the first byte is a problem document, as everywhere; after it, an ``error`` part and the end.
"""

import secrets
from collections.abc import Iterable
from typing import Final

import msgspec
from litestar import get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from mangaassist.conversation.conversations import Said
from mangaassist.conversation.log import Cursor
from mangaassist.edge.addresses import address_of
from mangaassist.edge.answer_events import answer_events
from mangaassist.edge.answers import BEGINNING, Answer, running_answer
from mangaassist.edge.asking import offered
from mangaassist.edge.dialects.ui_messages import UIMessageEncoder, asked
from mangaassist.edge.event_stream import EventStream
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, RestEdge, json_body
from mangaassist.errors import NotFound
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import AnswerFrame
from mangaassist.wire.ui_messages import SESSION_HEADER, VERSION, VERSION_HEADER, StreamRequest, UIMessagePart

END: Final = b"data: [DONE]\n\n"

_REQUEST: Final = msgspec.json.Decoder(StreamRequest)
_ENCODER: Final = msgspec.json.Encoder()


@post("/chat/stream", status_code=200)
async def chat_stream(request: AnyRequest, state: State) -> ASGIResponse:
    edge: RestEdge = state.rest
    json_body(request)
    body = decode(_REQUEST, await request.body())
    wanted = asked(body)
    identity = await edge.shared.caller(request.scope)
    opened = await edge.shared.conversations.open(wanted.session_id, identity)

    async def is_saved(message_id: str) -> bool:
        return await edge.shared.conversations.sessions.turn(opened.session.session_id, message_id) is not None

    said = Said(
        message_id=await wanted.message_id_in(opened.session, is_saved) or "rest-" + secrets.token_urlsafe(9),
        text=wanted.text,
        page=body.page_context,
        traceparent=request.headers.get("traceparent"),
    )
    address = address_of(request.scope)
    found, standing = await offered(edge.shared.limits, opened.conversation, said, address)
    after = Cursor(found.last)
    if found.verdict == "repeated":
        after, standing = BEGINNING, await edge.shared.limits.connect(address)
    return _told(edge, Answer(opened.conversation, said.message_id, after), request, standing)


@get("/chat/stream/{session_id:str}/stream")
async def chat_stream_resumed(request: AnyRequest, state: State, session_id: FromPath[str]) -> ASGIResponse:
    edge: RestEdge = state.rest
    standing = await edge.shared.limits.connect(address_of(request.scope))
    opened = await edge.shared.conversations.open(session_id, await edge.shared.caller(request.scope))
    if not opened.resumed:
        raise NotFound("There is no such conversation.")
    answer = await running_answer(opened.conversation)
    if answer is None:
        return ASGIResponse(status_code=204, headers=standing.headers())
    return _told(edge, answer, request, standing)


def _told(edge: RestEdge, answer: Answer, request: AnyRequest, standing: Standing) -> EventStream:
    session_id = answer.conversation.session_id
    encoder = UIMessageEncoder(session_id, resets=request.query_params.get("reset") == "1")

    async def told(frames: Iterable[AnswerFrame]) -> bytes:
        return written(encoder.encode(frames))

    events = answer_events(
        answer,
        edge.shared.conversations.sessions,
        told,
        broken_off=lambda wrong: written(encoder.broken_off(wrong)) + END,
    )
    return EventStream(events, {VERSION_HEADER: VERSION, SESSION_HEADER: session_id} | standing.headers())


def written(parts: Iterable[UIMessagePart]) -> bytes:
    return b"".join(b"data: " + _ENCODER.encode(part) + b"\n\n" for part in parts)
