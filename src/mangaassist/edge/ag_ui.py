"""The same conversation as runs of AG-UI 1.0: asked, resumed from any event, stopped, told as it stands (R-10).

Whatever goes wrong before the first byte is a problem document, as everywhere; after it, ``RUN_ERROR``.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.response.base import ASGIResponse

from mangaassist.conversation.conversations import Conversations, Opened, Said
from mangaassist.conversation.log import Cursor
from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.answer_events import answer_events
from mangaassist.edge.answers import BEGINNING, Answer, running_answer
from mangaassist.edge.asking import offered
from mangaassist.edge.dialects.ag_ui import AgUiEncoder, Run, failed
from mangaassist.edge.dialects.resuming import Placed, Telling, place_of
from mangaassist.edge.dialects.run_input import (
    asked_in,
    begins_within,
    conversation_before,
    conversation_so_far,
    message_id_of,
    session_of,
)
from mangaassist.edge.event_stream import EventStream
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, RestEdge, json_body, json_response
from mangaassist.errors import NotFound
from mangaassist.turn.memory import Session
from mangaassist.wire.ag_ui import (
    LAST_EVENT_ID,
    AgentCapabilities,
    AgentIdentity,
    AgUiEvent,
    MessagesSnapshot,
    RunInput,
    RunMessage,
    RunStop,
)
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import AnswerFrame
from mangaassist.wire.problems import Problem
from mangaassist.wire.ui_messages import SESSION_HEADER

_RUN: Final = msgspec.json.Decoder(RunInput)
_STOP: Final = msgspec.json.Decoder(RunStop)
_ENCODER: Final = msgspec.json.Encoder()


@get("/ag-ui")
async def ag_ui_capabilities(state: State) -> Response[bytes]:
    edge: RestEdge = state.rest
    facts = edge.shared.facts()
    identity = AgentIdentity(
        name=facts.assistant_name, description=facts.worded("A shopping assistant that knows {wares}.")
    )
    return json_response(AgentCapabilities(identity=identity))


@post("/ag-ui", status_code=200)
async def ag_ui_run(request: AnyRequest, state: State) -> ASGIResponse:
    edge: RestEdge = state.rest
    json_body(request)
    body = decode(_RUN, await request.body())
    asked, heard = asked_in(body), place_of(request.headers.get(LAST_EVENT_ID), body.run_id)
    opened = await _opened(edge, body.thread_id, await edge.shared.caller(request.scope))
    past, address = Past(edge.shared.conversations, opened.session, body), address_of(request.scope)
    run = _run(body, opened, past)
    if asked is None:
        standing = await edge.shared.limits.connect(address)
        events = _as_it_stands(edge, opened, run, past)
    else:
        said = Said(
            message_id=asked.message_id,
            text=asked.text,
            page=asked.page,
            traceparent=request.headers.get("traceparent"),
        )
        answer, standing = await _answer(edge, opened, said, address, BEGINNING if heard is None else heard.answer)
        events = _told(edge, answer, Telling(run, heard), past)
    return EventStream(events, {SESSION_HEADER: run.session_id} | standing.headers())


@post("/ag-ui/stop", status_code=200)
async def ag_ui_stop(request: AnyRequest, state: State) -> ASGIResponse:
    edge: RestEdge = state.rest
    json_body(request)
    body = decode(_STOP, await request.body())
    identity = await edge.shared.caller(request.scope)
    standing = await edge.shared.limits.control(identity, address_of(request.scope))
    opened = await _opened(edge, body.thread_id, identity)
    own_id, run_id = body.message_id, body.run_id
    await opened.conversation.stop(None if own_id is None or run_id is None else message_id_of(own_id, run_id))
    return ASGIResponse(status_code=204, headers=standing.headers())


async def _opened(edge: RestEdge, thread_id: str, identity: Identity) -> Opened:
    opened = await edge.shared.conversations.open_at(session_of(thread_id), identity)
    if opened is None:
        raise NotFound("There is no such conversation.")
    return opened


class Past:
    """What was said before a run. Turns that the session does not remember are fetched once they are to be told: a client that
    posts less than the whole conversation is told of all of it, when its words are put right."""

    def __init__(self, conversations: Conversations, session: Session, body: RunInput) -> None:
        self._conversations = conversations
        self._session = session
        self._posted = body.messages
        self._own = message_id_of(body.messages[-1].id, body.run_id) if body.messages else None
        self._is_known = not begins_within(session.turns, body.messages)
        """The client has posted what is older than the session remembers."""
        self.turns = session.turns

    async def fetch(self) -> None:
        """Have the turns that the client does not hold."""
        if not self._is_known:
            await self.fetch_all()
            self._is_known = True

    async def fetch_all(self) -> None:
        self.turns = await self._conversations.turns(self._session)

    def messages(self) -> tuple[RunMessage, ...]:
        return conversation_before((turn for turn in self.turns if turn.message_id != self._own), self._posted)


def _run(body: RunInput, opened: Opened, past: Past) -> Run:
    return Run(
        thread_id=body.thread_id,
        run_id=body.run_id,
        session_id=opened.session.session_id,
        handoff=opened.session.handoff,
        before=past.messages,
    )


async def _answer(edge: RestEdge, opened: Opened, said: Said, address: str, began: Cursor) -> tuple[Answer, Standing]:
    """The answer that was asked for: live, or from where it ``began`` when the run was posted before."""
    found, standing = await offered(edge.shared.limits, opened.conversation, said, address)
    if found.verdict == "repeated":
        return Answer(opened.conversation, said.message_id, began), await edge.shared.limits.connect(address)
    return Answer(opened.conversation, said.message_id, Cursor(found.last)), standing


def _told(edge: RestEdge, answer: Answer, telling: Telling, past: Past) -> AsyncGenerator[bytes]:
    async def told(frames: tuple[AnswerFrame, ...]) -> bytes:
        if telling.retells(frames):
            await past.fetch()
        return numbered(telling.tell(frames))

    sessions = edge.shared.conversations.sessions
    return answer_events(answer, sessions, told, lambda wrong: _broken_off(telling.encoder, wrong))


async def _as_it_stands(edge: RestEdge, opened: Opened, run: Run, past: Past) -> AsyncGenerator[bytes]:
    """The whole conversation, and the answer that is being written, if one is. No event has an id: who loses it asks again."""
    await past.fetch_all()
    messages = conversation_so_far(past.turns)
    snapshot = [MessagesSnapshot(messages=messages)] if messages else []
    yield written([*run.started(), *snapshot])
    answer = await running_answer(opened.conversation) if opened.resumed else None
    if answer is None:
        yield written([run.finished()])
        return
    encoder = AgUiEncoder(run, is_started=True)

    async def told(frames: tuple[AnswerFrame, ...]) -> bytes:
        return written(event for frame in frames for event in encoder.encode(frame))

    events = answer_events(answer, edge.shared.conversations.sessions, told, lambda wrong: _broken_off(encoder, wrong))
    async with aclosing(events):
        async for event in events:
            yield event


def _broken_off(encoder: AgUiEncoder, wrong: Problem) -> bytes:
    return b"" if encoder.is_over else written([failed(wrong)])


def numbered(told: Iterable[Placed]) -> bytes:
    return b"".join(b"id: %b\ndata: %b\n\n" % (str(each.place).encode(), _ENCODER.encode(each.event)) for each in told)


def written(events: Iterable[AgUiEvent]) -> bytes:
    return b"".join(b"data: %b\n\n" % _ENCODER.encode(event) for event in events)
