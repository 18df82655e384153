"""R-1, R-6, R-7, R-9: every address of the edge, in process, with what its caller sees."""

import asyncio
import json
import re
from typing import Any, cast

import msgspec
import pytest

from mangaassist.conversation.conversations import Said
from mangaassist.domain.customers import GUEST
from mangaassist.edge.app import Door, build
from mangaassist.edge.rest import ANSWER_LIMIT_S
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from mangaassist.wire.page import NOWHERE
from mangaassist.wire.rest import MAX_BODY_BYTES
from tests.conversation.virtual import AIKO, Process
from tests.edge.rest_client import SHOP, Caller, Sockets, Tokens

# ---- asking: R-1


async def test_the_whole_answer_comes_at_once_as_it_reads_after_its_corrections(caller: Caller) -> None:
    got = await caller.ask("one wrong card")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    answer = got.json
    assert answer["response_text"] == "one right "
    assert [card["asin"] for card in answer["products"]] == ["B0ABCDEFGH"]
    assert answer["metadata"]["corrections"] == 1
    assert (answer["actions"], answer["follow_up_suggestions"]) == ([], [])


async def test_questions_with_a_session_go_on_in_it_and_others_each_have_their_own(
    caller: Caller, process: Process
) -> None:
    first = (await caller.ask("one")).json
    second = (await caller.ask("two", session_id=first["session_id"])).json
    other = (await caller.ask("three")).json
    assert second["session_id"] == first["session_id"] != other["session_id"]
    assert len({answer["response_id"] for answer in (first, second, other)}) == 3
    assert [len(session.turns) for session in process.answers.sessions] == [0, 1, 0]
    assert len({message.message_id for message in process.answers.asked}) == 3


async def test_page_and_trace_of_a_question_reach_whoever_answers(caller: Caller, process: Process) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    page = {"current_asin": "B0ABCDEFGH"}
    await caller.post({"message": "one", "page_context": page}, traceparent=trace)
    (asked,) = process.answers.asked
    assert asked.page.current_asin == "B0ABCDEFGH"
    assert asked.traceparent == trace


async def test_a_question_gets_its_own_answer_and_not_the_one_that_is_being_written(
    caller: Caller, process: Process
) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    opened = await process.conversations.open(session_id, GUEST)
    await opened.conversation.say(Said(message_id="m1", text="from elsewhere pause boom", page=NOWHERE))
    await asyncio.sleep(0.5)
    assert (await caller.ask("one two", session_id=session_id)).json["response_text"] == "one two "


async def test_a_conversation_in_which_too_much_waits_takes_no_more(caller: Caller) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    asking = [asyncio.create_task(caller.ask("pause", session_id=session_id)) for _ in range(5)]
    got = [await task for task in asking]
    assert sorted(each.status for each in got) == [200, 200, 200, 200, 409]
    (refused,) = (each for each in got if each.status == 409)
    assert refused.problem == (409, "busy")
    assert refused.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("text", "problem"),
    [("one boom", (500, "internal")), ("crowd", (503, "overloaded")), ("forever", (504, "too_slow"))],
)
async def test_an_answer_that_cannot_be_had_is_a_problem_without_internals(
    caller: Caller, text: str, problem: tuple[int, str]
) -> None:
    got = await caller.ask(text)
    assert got.problem == problem
    assert got.json["detail"]
    assert "purpose" not in got.json["detail"]


async def test_an_answer_that_takes_almost_a_minute_is_waited_for(caller: Caller) -> None:
    text = "pause " * (int(ANSWER_LIMIT_S) - 1) + "one"
    assert (await caller.ask(text)).json["response_text"] == "one "


async def test_an_answer_whose_conversation_becomes_another_shoppers_is_not_told(
    caller: Caller, process: Process
) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    asking = asyncio.create_task(caller.ask("secret pause", session_id=session_id))
    await asyncio.sleep(0.5)
    await process.conversations.open(session_id, AIKO)
    assert (await asking).problem == (503, "unavailable")


# ---- who asks: W-1, R-7


@pytest.mark.parametrize("headers", [{"authorization": "Bearer nonsense"}, {"authorization": "Basic abc"}])
async def test_a_caller_whose_token_is_wrong_is_told_how_to_sign_in(caller: Caller, headers: dict[str, str]) -> None:
    got = await caller.post({"message": "one"}, **headers)
    assert got.problem == (401, "unauthenticated")
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("service", "code"), [("identity", "identity_unavailable"), ("sessions", "unavailable"), ("log", "unavailable")]
)
async def test_what_is_away_is_told_with_when_to_come_back(
    caller: Caller, process: Process, monkeypatch: pytest.MonkeyPatch, service: str, code: str
) -> None:
    async def away(*_: object) -> None:
        raise ServiceFailure(service, "unreachable")

    monkeypatch.setattr(process.log, "offer", away)
    got = await caller.ask("one", token="away" if service == "identity" else None)
    assert got.problem == (503, code)
    assert int(got.headers["retry-after"]) > 0
    assert got.json["detail"]


async def test_a_page_that_reloads_gets_the_turns_of_its_own_conversation_and_nobody_elses(caller: Caller) -> None:
    session_id = (await caller.ask("one wrong card", token="aiko")).json["session_id"]
    got = await caller.get(f"/chat/sessions/{session_id}", authorization="Bearer aiko")
    assert got.status == 200
    assert got.json["session_id"] == session_id
    (turn,) = got.json["turns"]
    assert (turn["message"], turn["answer"]) == ("one wrong card", "one right ")
    stranger = await caller.get(f"/chat/sessions/{session_id}", authorization="Bearer ben")
    guest = await caller.get(f"/chat/sessions/{session_id}")
    unknown = await caller.get("/chat/sessions/s_nobodys_at_all")
    assert [each.problem for each in (stranger, guest, unknown)] == [(404, "not_found")] * 3
    assert stranger.body == guest.body == unknown.body


async def test_the_session_of_somebody_else_is_not_gone_on_with(caller: Caller) -> None:
    session_id = (await caller.ask("secret", token="aiko")).json["session_id"]
    got = await caller.ask("one", token="ben", session_id=session_id)
    assert got.json["session_id"] != session_id


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"host": "evil.example"}, (421, "misdirected_request")),
        ({}, (421, "misdirected_request")),
        ({"host": "127.0.0.1:8000", "origin": "http://evil.example"}, (403, "forbidden")),
        ({"host": "127.0.0.1:8000", "origin": "null"}, (403, "forbidden")),
        ({"host": "evil.example", "origin": "http://evil.example"}, (421, "misdirected_request")),
    ],
)
async def test_who_calls_by_another_name_or_from_a_foreign_page_is_turned_away_at_the_door(
    process: Process, sockets: Sockets, kind: str, headers: dict[str, str], refusal: tuple[int, str]
) -> None:
    shared = msgspec.structs.replace(process.doors(Tokens(), SHOP), allowed_hosts=frozenset({"127.0.0.1"}))
    door = build(shared, cast(SocketEdge, sockets), {})
    sent: list[Any] = []
    heard = [{"type": "websocket.connect"}] if kind == "websocket" else []

    async def receive() -> Any:
        return heard.pop()  # of a body nothing is waited for

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {
        "type": kind,
        "method": "POST",
        "path": "/ws" if kind == "websocket" else "/chat/message",
        "scheme": "ws" if kind == "websocket" else "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await door(scope, receive, send)
    response = "websocket.http.response" if kind == "websocket" else "http.response"
    assert [event["type"] for event in sent] == [f"{response}.start", f"{response}.body"]
    problem = json.loads(sent[1]["body"])
    assert (sent[0]["status"], problem["status"], problem["code"]) == (refusal[0], *refusal)
    assert dict(sent[0]["headers"]) == {
        b"content-type": b"application/problem+json",
        b"content-length": str(len(sent[1]["body"])).encode(),
    }
    assert sockets.served == []


async def test_a_foreign_page_is_refused_before_its_question_is_heard(caller: Caller) -> None:
    assert (await caller.post({"message": "hi"}, origin="http://evil.example")).problem == (403, "forbidden")
    assert (await caller.post({"message": "one"}, origin=SHOP)).status == 200


async def test_only_pages_of_listed_origins_may_read_answers(caller: Caller) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "authorization, traceparent"}
    listed = await caller.request("OPTIONS", "/chat/message", origin=SHOP, **asked)
    assert listed.headers["access-control-allow-origin"] == SHOP
    assert listed.headers["access-control-allow-credentials"] == "true"
    foreign = await caller.request("OPTIONS", "/chat/message", origin="http://evil.example", **asked)
    assert "access-control-allow-origin" not in foreign.headers


async def test_a_page_may_read_what_is_left_of_its_limits(caller: Caller) -> None:
    answered = await caller.post({"message": "one"}, origin=SHOP)
    assert {"ratelimit", "ratelimit-policy"} <= set(answered.headers)
    exposed = answered.headers["access-control-expose-headers"]
    read = {"retry-after", "ratelimit", "ratelimit-policy", "idempotent-replayed", "x-mangaassist-session"}
    assert set(re.split(", ?", exposed)) == read


@pytest.mark.parametrize("header", ["content-type", "authorization", "idempotency-key", "traceparent"])
async def test_a_page_may_send_the_headers_that_the_edge_reads(caller: Caller, header: str) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": header}
    assert (await caller.request("OPTIONS", "/chat/message", origin=SHOP, **asked)).status == 204


@pytest.mark.parametrize(("method", "status"), [("GET", 204), ("POST", 204), ("DELETE", 400)])
async def test_a_page_may_get_and_post_and_nothing_else(caller: Caller, method: str, status: int) -> None:
    got = await caller.request("OPTIONS", "/chat/message", origin=SHOP, access_control_request_method=method)
    assert got.status == status


@pytest.mark.parametrize(
    ("origin", "asked", "problem"),
    [
        ("http://evil.example", {"method": "POST"}, (403, "forbidden")),
        ("null", {"method": "POST"}, (403, "forbidden")),
        (SHOP, {"method": "DELETE"}, (400, "preflight_refused")),
        (SHOP, {"method": "POST", "headers": "x-mine"}, (400, "preflight_refused")),
    ],
)
async def test_a_preflight_that_is_refused_is_refused_in_words(
    caller: Caller, origin: str, asked: dict[str, str], problem: tuple[int, str]
) -> None:
    headers = {f"access_control_request_{name}": value for name, value in asked.items()}
    got = await caller.request("OPTIONS", "/chat/message", origin=origin, **headers)
    assert got.problem == problem
    assert "access-control-allow-origin" not in got.headers


# ---- what is refused


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", []),
        (b"", []),
        (b"[]", ["(body)"]),
        ({"message": ""}, ["message"]),
        ({"message": 7}, ["message"]),
    ],
)
async def test_a_body_that_does_not_fit_is_refused_and_the_field_is_named(
    caller: Caller, body: object, fields: list[str]
) -> None:
    got = await caller.post(body)
    assert got.problem[0] == 400
    assert [wrong["field"] for wrong in got.json.get("fields", ())] == fields


@pytest.mark.parametrize(
    ("media_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON ; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-seq", 415),
        (None, 415),
    ],
)
async def test_a_body_must_say_that_it_is_json(caller: Caller, media_type: str | None, status: int) -> None:
    got = await caller.post({"message": "one"}, content_type=media_type)
    assert got.status == status
    if status != 200:
        assert got.problem == (415, "unsupported_media_type")


async def test_a_body_of_64_kib_is_read_and_a_longer_one_is_not(caller: Caller) -> None:
    fits = b'{"message": "one"}'.ljust(64 * 1024)
    assert len(fits) == MAX_BODY_BYTES
    assert (await caller.post(fits)).status == 200
    refused = await caller.post(fits + b" ")
    assert refused.problem == (413, "too_large")
    assert "64 KiB" in refused.json["detail"]


@pytest.mark.parametrize(
    ("method", "path", "problem"),
    [
        ("GET", "/nowhere", (404, "not_found")),
        ("GET", "/chat/message", (405, "method_not_allowed")),
        ("GET", "/widget/../cli.py", (404, "not_found")),
        ("GET", "/widget/nothing.js", (404, "not_found")),
        ("GET", f"/widget/{'a' * 300}.js", (404, "not_found")),
        ("GET", "/widget/__init__.py", (404, "not_found")),
        ("GET", "/widget/a\\widget.js", (404, "not_found")),
    ],
)
async def test_an_address_that_is_none_is_a_problem(
    caller: Caller, method: str, path: str, problem: tuple[int, str]
) -> None:
    got = await caller.request(method, path)
    assert got.problem == problem
    assert got.json["detail"]


async def test_a_method_that_an_address_does_not_take_is_told_which_it_does(caller: Caller) -> None:
    assert "POST" in (await caller.get("/chat/message")).headers["allow"]


async def test_an_address_says_which_methods_it_takes(caller: Caller) -> None:
    got = await caller.request("OPTIONS", "/chat/message")
    assert (got.status, got.body) == (204, b"")
    assert set(got.headers["allow"].split(", ")) == {"OPTIONS", "POST"}


async def test_an_address_of_several_handlers_says_the_methods_of_all(caller: Caller) -> None:
    got = await caller.request("OPTIONS", "/ag-ui")
    assert (got.status, got.body) == (204, b"")
    assert set(got.headers["allow"].split(", ")) == {"GET", "OPTIONS", "POST"}


async def test_what_can_be_got_can_be_asked_for_its_head(caller: Caller) -> None:
    got, head = await caller.get("/healthz"), await caller.request("HEAD", "/healthz")
    assert (head.status, head.headers) == (got.status, got.headers)
    assert (await caller.request("HEAD", "/nowhere")).problem == (404, "not_found")


async def test_the_sockets_address_says_what_it_is_to_who_does_not_upgrade(caller: Caller) -> None:
    got = await caller.get("/ws")
    assert got.problem == (426, "upgrade_required")
    assert got.headers["upgrade"] == "websocket"


async def test_a_mistake_of_ours_is_a_problem_that_tells_nothing_of_it(
    caller: Caller, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise KeyError("a secret of ours")

    monkeypatch.setattr(process.log, "offer", broken)
    got = await caller.ask("one")
    assert got.problem == (500, "internal")
    assert got.json["detail"]
    assert b"secret" not in got.body


# ---- sockets at the same door


@pytest.mark.parametrize(("path", "served"), [("/ws", ["/ws"]), ("/elsewhere", [])])
async def test_sockets_are_served_at_their_one_address_and_refused_elsewhere(
    door: Door, sockets: Sockets, path: str, served: list[str]
) -> None:
    heard: list[Any] = [{"type": "websocket.connect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return heard.pop()

    async def send(event: Any) -> None:
        sent.append(event)

    await door({"type": "websocket", "path": path, "scheme": "ws", "headers": []}, receive, send)
    assert sockets.served == served
    if not served:
        assert not heard  # the handshake is read before it is answered
        assert [event["type"] for event in sent] == ["websocket.http.response.start", "websocket.http.response.body"]
        assert sent[0]["status"] == 404
        assert dict(sent[0]["headers"])[b"content-type"] == b"application/problem+json"
        assert json.loads(sent[1]["body"])["detail"]
