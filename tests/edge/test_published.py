"""R-8: the published documents are good documents, and the run of the tests is really held against them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast, get_args

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mangaassist import conversation, edge, errors, wire
from mangaassist.edge import schemas
from mangaassist.edge.app import build
from mangaassist.edge.connection import CLOSES, EVENTS, Close, Connection, On
from mangaassist.edge.routes import ROUTES, Route
from mangaassist.edge.socket import SocketEdge
from mangaassist.edge.websocket_protocol import TOO_SLOW
from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.frames import ClientFrame, Pong, ServerFrame
from mangaassist.wire.problems import CODES, MEDIA_TYPE, problem
from tests.conversation.virtual import Process
from tests.edge.rest_client import Caller
from tests.edge.rest_client import Tokens as RestTokens
from tests.edge.socket_client import Client, Tokens
from tests.published import Published, document, watching

PROBLEM = msgspec.json.encode(problem(404, "not_found", "There is no such conversation."))


@pytest.fixture
def own() -> Published:
    return Published()


# ---- the documents


def test_openapi_keeps_to_the_rules_of_openapi() -> None:
    OpenAPIV31SpecValidator(cast(Any, document(schemas.openapi))).validate()


def test_asyncapi_keeps_to_the_rules_of_asyncapi(peer: Callable[[str], str]) -> None:
    rules = json.loads((Path(peer("asyncapi-specs")) / "schemas" / "3.0.0.json").read_text(encoding="utf-8"))
    holds = jsonschema.Draft7Validator(rules)
    told = document(schemas.asyncapi)
    holds.validate(told)
    del told["channels"]["chat"]["bindings"]["ws"]["query"]["type"]
    told["channels"]["chat"]["bindings"]["ws"]["method"] = "PUT"
    assert not holds.is_valid(told)


@pytest.mark.parametrize("kind", get_args(ServerFrame), ids=lambda kind: kind.__name__)
def test_every_frame_of_the_server_has_an_example_that_fits(own: Published, kind: type[msgspec.Struct]) -> None:
    own.frame(msgspec.json.encode(EXAMPLES[kind]))
    assert own.take() == []


@pytest.mark.parametrize("kind", get_args(ClientFrame), ids=lambda kind: kind.__name__)
def test_every_frame_of_a_client_has_an_example_that_is_taken(own: Published, kind: type[msgspec.Struct]) -> None:
    text = msgspec.json.encode(EXAMPLES[kind]).decode()
    own.client_frame(text)
    assert own.take() == []
    assert all(
        not hasattr(effect, "frame") or effect.frame == Pong() for effect in Connection(600, 0).receive_text(text, 1)
    )


@pytest.mark.parametrize("route", [route for route in ROUTES if route.published], ids=lambda route: route.path)
def test_every_body_has_an_example_that_fits(own: Published, route: Route) -> None:
    for kind in (route.takes, *(answer.kind for answer in route.gives)):
        if kind is not None:
            assert msgspec.convert(msgspec.to_builtins(EXAMPLES[kind]), kind) == EXAMPLES[kind]


def test_every_code_that_the_code_names_is_published() -> None:
    named = re.compile(r"""(?:problem|BadInput)\(\s*(?:\d+,\s*)?"(\w+)"|\bcode(?:: \w+)? = "(\w+)\"""")
    sources = [
        Path(errors.__file__),
        *(file for room in (edge, conversation, wire) for file in Path(room.__path__[0]).rglob("*.py")),
    ]
    codes = {
        code for file in sources for pair in named.findall(file.read_text(encoding="utf-8")) for code in pair if code
    }
    assert codes - CODES.keys() == set()
    assert len(codes) > 15


def test_every_code_that_closes_a_connection_is_published() -> None:
    connection = Connection(600, 0)
    effects = [
        effect for event in On if "closes" in EVENTS[event].words for effect in EVENTS[event].effects(connection, None)
    ]
    codes = {effect.code for effect in effects if isinstance(effect, Close)}
    assert codes | {TOO_SLOW[0], 1002, 1007, 1009} == set(CLOSES)


def test_the_socket_tells_how_it_is_opened_and_refused() -> None:
    channel = document(schemas.asyncapi)["channels"]["chat"]
    opening = channel["bindings"]["ws"]
    assert opening["query"]["properties"].keys() == {"session_id", "last_seq", "epoch"}
    assert opening["headers"]["properties"].keys() >= {"Authorization", "Cookie", "Sec-WebSocket-Protocol", "Origin"}
    assert {"401", "403", "429", "503"} <= channel["x-refusals"].keys()


# ---- what is seen of a run


async def test_every_frame_that_a_socket_sends_is_looked_at(process: Process, own: Published) -> None:
    edge = SocketEdge(shared=process.doors(Tokens()), heartbeat_s=30, idle_timeout_s=600)
    with watching(own):
        client = Client(edge)
        client.ask("one two wrong card")
        await client.hears("done")
        client.say_bytes(b"\x00")
        assert await client.is_closed() == 1003
    assert own.frames == len(client.frames) >= 5
    assert own.take() == []


async def test_a_frame_that_is_not_as_published_is_seen(
    process: Process, own: Published, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DressingUp:
        def encode(self, frame: Any) -> bytes:
            return msgspec.json.encode(msgspec.to_builtins(frame) | {"mood": "sunny"})

    edge = SocketEdge(shared=process.doors(Tokens()), heartbeat_s=30, idle_timeout_s=600)
    monkeypatch.setattr("mangaassist.edge.socket._ENCODER", DressingUp())
    with watching(own):
        client = Client(edge)
        await client.hears("session")
        await client.goes()
    assert len(own.take()) == len(published.take()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        '{"type":"juggle"}',
        '{"type":"token","seq":1,"content":"no answer"}',
        '{"type":"token","seq":"1","response_id":"r","content":"a word for a number"}',
        '{"type":"token","response_id":"r","content":"no number"}',
        '{"type":"token","seq":0,"response_id":"r","content":"no number that a frame can have"}',
        '{"type":"start","seq":1,"response_id":"r","in_reply_to":"m"}',
        '{"type":"pong","mood":"sunny"}',
        '{"type":"error","problem":{"type":"","title":"","status":400,"detail":"","code":"of_nobody"}}',
        '{"type":"token","seq":1,"response_id":"r","content":"%s"}' % ("x" * 33_000),
    ],
)
def test_what_is_wrong_with_a_frame_is_told(own: Published, text: str) -> None:
    own.frame(text)
    assert len(own.take()) == 1
    assert own.take() == []


async def test_every_answer_over_http_is_looked_at(process: Process, own: Published) -> None:
    door = build(process.doors(RestTokens()), cast(SocketEdge, None), {})
    with watching(own):
        caller = Caller(door)
        for path in ("/healthz", "/nowhere", "/chat/sessions/s_nobodys_at_all", "/docs", "/schema/openapi.json"):
            await caller.get(path)
        await caller.ask("one")
    assert own.answers == 6
    assert own.take() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "media_type", "body"),
    [
        ("GET", "/chat/sessions/s_1", 418, MEDIA_TYPE, PROBLEM),
        ("GET", "/chat/sessions/s_1", 404, "application/json", PROBLEM),
        ("GET", "/chat/sessions/s_1", 404, MEDIA_TYPE, b'{"code":"not_found","detail":"no problem"}'),
        ("GET", "/chat/sessions/s_1", 404, MEDIA_TYPE, PROBLEM.replace(b"not_found", b"of_nobody")),
        ("GET", "/chat/sessions/s_1", 200, "application/json", b'{"session_id":"s_1"}'),
        ("GET", "/chat/sessions/s_1", 200, "application/json", b'{"session_id":"s_1","turns":[],"mood":"sunny"}'),
        ("GET", "/nowhere", 200, "application/json", b"{}"),
        ("GET", "/nowhere", 404, "text/html", b"<p>no"),
        ("GET", "/widget/x.js", 404, "text/html", b"<p>no"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    own: Published, method: str, path: str, status: int, media_type: str, body: bytes
) -> None:
    own.answer(method, path, status, {"Content-Type": media_type}, body)
    assert len(own.take()) == 1


def test_what_head_says_is_what_get_says(own: Published) -> None:
    own.answer("HEAD", "/healthz", 200, {"content-type": "text/plain"}, b"")
    assert own.take() == []


@pytest.mark.parametrize(("headers", "wrong"), [({}, 1), ({"WWW-Authenticate": "Bearer"}, 0), ({"X-Mood": "sunny"}, 2)])
def test_headers_are_as_published(own: Published, headers: dict[str, str], wrong: int) -> None:
    body = PROBLEM.replace(b"not_found", b"unauthenticated")
    own.answer("GET", "/chat/sessions/s_1", 401, {"content-type": MEDIA_TYPE} | headers, body)
    assert len(own.take()) == wrong
