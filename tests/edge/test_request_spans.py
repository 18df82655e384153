"""O-3: a request or a message of a client is a server span, the answer's attempt is below it, and neither holds a word of it."""

import asyncio
from typing import cast

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from mangaassist.edge.app import Door, build
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import SHOP, Caller, Sockets, Tokens
from tests.edge.socket_client import Client
from tests.spans import Kept, collected_by

INCOMING = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRET = "zanzibar"


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def process(world: World, kept: Kept) -> Process:
    """One whose spans are kept."""
    world.tracing = collected_by(kept)
    return await world.process()


async def test_a_request_is_a_server_span_in_its_clients_trace_and_the_answer_is_below_it(
    kept: Kept, door: Door
) -> None:
    got = await Caller(door).post({"message": f"hello {SECRET}"}, traceparent=INCOMING)
    assert got.status == 200
    await asyncio.sleep(1)  # of virtual time: the attempt ends after its last frame
    request = kept.by_name["POST /chat/message"]
    assert request.kind is SpanKind.SERVER
    assert f"{request.context.trace_id:032x}" in INCOMING
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" in INCOMING
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/chat/message",
        "http.response.status_code": 200,
    }
    assert kept.below("POST /chat/message") == {"answer"}
    assert kept.by_name["answer"].kind is SpanKind.CONSUMER
    assert SECRET not in kept.told


async def test_a_route_that_names_a_session_tells_the_route_and_no_session(kept: Kept, door: Door) -> None:
    await Caller(door).get(f"/chat/sessions/{SECRET}")
    [span] = kept.get_finished_spans()
    assert span.name == "GET /chat/sessions/{session_id}"
    assert span.status.status_code is not StatusCode.ERROR, "a client's mistake is none of ours"
    assert SECRET not in kept.told


async def test_a_method_that_a_client_made_up_names_no_span(kept: Kept, door: Door) -> None:
    await Caller(door).request(SECRET.upper(), "/chat/message")
    [span] = kept.get_finished_spans()
    assert dict(span.attributes or {})["http.request.method"] == "_OTHER"
    assert SECRET.upper() not in kept.told


async def test_probes_are_no_traces(kept: Kept, door: Door) -> None:
    await Caller(door).get("/healthz")
    assert kept.get_finished_spans() == ()


async def test_a_message_on_a_socket_is_a_server_span_and_the_answer_is_below_it(kept: Kept, edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    client.ask(f"hello {SECRET}")
    await client.hears("done")
    await client.goes()
    await asyncio.sleep(1)
    handshake, message = kept.by_name["GET /ws"], kept.by_name["message"]
    assert (handshake.kind, message.kind) == (SpanKind.SERVER, SpanKind.SERVER)
    assert dict(message.attributes or {}) == {"network.protocol.name": "websocket"}
    assert handshake.context.trace_id != message.context.trace_id
    assert kept.below("message") == {"answer"}
    assert SECRET not in kept.told


async def test_where_nobody_collects_a_clients_trace_is_passed_on_as_it_came(world: World) -> None:
    process = await world.process()
    door = build(process.doors(Tokens(), SHOP), cast(SocketEdge, Sockets()), {})
    await Caller(door).post({"message": "hello"}, traceparent=INCOMING)
    assert [message.traceparent for message in process.answers.asked] == [INCOMING]
