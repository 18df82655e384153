"""W-1, W-2, W-11, R-6, R-8, R-9, O-3: the running edge, and everything hostile that comes to it."""

import asyncio
import json
import subprocess
import sys

import aiohttp
import pytest
import websockets

from benchmarks.system import Running, environment, free_port, shopper, sign_in
from mangaassist.wire.frames import ErrorFrame, Pong, SessionOpened, Start
from tests.published import Published


async def test_a_guest_needs_nothing_and_the_first_frame_is_the_session(system: Running) -> None:
    async with websockets.connect(system.socket_url) as socket:
        opened = json.loads(await socket.recv())
    assert opened["type"] == "session"
    assert opened["customer"] == "guest"
    assert opened["resumed"] is False
    assert len(opened["session_id"]) > 20


@pytest.mark.parametrize("way", ["header", "cookie", "subprotocol"])
async def test_a_customer_is_known_by_header_cookie_or_subprotocol(system: Running, way: str) -> None:
    token = await sign_in(system, "aiko")
    odd_neighbour = f'prefs={{"a":1}}; flag; session-token={token}; cart[0]=x'
    headers = {"header": {"authorization": f"Bearer {token}"}, "cookie": {"cookie": odd_neighbour}}.get(way, {})
    subprotocols = ["mangaassist.v1", f"bearer.{token}"] if way == "subprotocol" else None
    async with websockets.connect(system.socket_url, additional_headers=headers, subprotocols=subprotocols) as socket:
        opened = json.loads(await socket.recv())
        assert socket.subprotocol == ("mangaassist.v1" if subprotocols else None)
    assert opened["customer"] != "guest"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer nonsense"}, 401),
        ({"authorization": "Basic abc"}, 401),
        ({"cookie": "session-token=eyJhbGciOiJub25lIn0.e30."}, 401),
        ({"cookie": 'prefs={"a":1}; session-token=nonsense'}, 401),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
    ],
)
async def test_the_wrong_caller_is_refused_at_the_socket_and_at_rest(
    system: Running, headers: dict[str, str], status: int
) -> None:
    async with aiohttp.ClientSession(system.url, headers=headers) as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect("/ws")
        assert refused.value.status == status
        async with http.post("/chat/message", json={"message": "hi"}) as got:
            assert (await got.json(content_type="application/problem+json"))["status"] == got.status == status
        async with http.get("/healthz") as got:  # load balancers call by address, and show no page
            assert got.status == 200


@pytest.mark.parametrize(
    ("headers", "status"), [({"authorization": "Bearer nonsense"}, 401), ({"origin": "http://evil.example"}, 403)]
)
async def test_the_wrong_caller_is_told_why_before_the_upgrade(
    system: Running, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(system.socket_url, additional_headers=headers):
            pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["status"] == status


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        ("this is no json", None),
        ('{"type":"juggle"}', "type"),
        ('{"type":"message","id":"x"}', "message"),
        ('{"type":"message","id":"x","message":""}', "message"),
        ('{"type":"message","id":5,"message":"hi"}', "id"),
        (json.dumps({"type": "message", "id": "x", "message": "a" * 2001}), "message"),
    ],
)
async def test_bad_input_costs_an_error_that_names_the_field_and_never_the_connection(
    system: Running, frame: str, field: str | None
) -> None:
    async with shopper(system) as asking:
        await asking._connection.send(frame)
        error = await asking.hear()
        assert isinstance(error, ErrorFrame)
        assert [wrong.field for wrong in error.problem.fields] == ([field] if field else [])
        await asking.say({"type": "ping"})
        assert isinstance(await asking.hear(), Pong)


@pytest.mark.parametrize(("sent", "code"), [("x" * 17_000, 1009), (b"\x00\x01", 1003)])
async def test_frames_too_long_or_binary_close_with_their_code(system: Running, sent: str | bytes, code: int) -> None:
    async with websockets.connect(system.socket_url) as socket:
        await socket.recv()
        await socket.send(sent)
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 60)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


async def test_a_reconnect_gets_what_it_missed_in_order_and_the_answer_goes_on(system: Running) -> None:
    async with shopper(system) as first:
        await first.say({"type": "message", "id": "m1", "message": "show me dark fantasy manga"})
        start = await first.hear()
        assert isinstance(start, Start)
        session_id = first.session_id
    async with shopper(system, session_id=session_id, last_seq=start.seq) as again:
        assert again.session_id == session_id
        frames = [await again.hear()]
        while frames[-1].__struct_config__.tag != "done":
            frames.append(await again.hear())
    assert [frame.seq for frame in frames] == list(range(start.seq + 1, start.seq + 1 + len(frames)))


async def test_somebody_elses_session_looks_like_one_that_does_not_exist(system: Running) -> None:
    async with shopper(system, await sign_in(system, "aiko")) as aiko:
        await aiko.ask("hi there!")
        session_id = aiko.session_id
    for stranger in (None, await sign_in(system, "ben")):
        headers = {"authorization": f"Bearer {stranger}"} if stranger else {}
        url = f"{system.socket_url}?session_id={session_id}&last_seq=0"
        async with websockets.connect(url, additional_headers=headers) as socket:
            opened = json.loads(await socket.recv())
        assert opened["resumed"] is False
        assert opened["session_id"] != session_id
        assert opened["turns"] == []
        async with (
            aiohttp.ClientSession(headers=headers) as http,
            http.get(f"{system.url}/chat/sessions/{session_id}") as got,
        ):
            assert got.status == 404


async def test_a_session_outlives_its_connection(system: Running) -> None:
    async with shopper(system) as asking:
        await asking.ask("hi there!")
        session_id = asking.session_id
    async with websockets.connect(f"{system.socket_url}?session_id={session_id}") as socket:
        opened = json.loads(await socket.recv())
    assert opened["resumed"] is True
    assert [turn["message"] for turn in opened["turns"]] == ["hi there!"]
    assert SessionOpened.__struct_fields__


async def test_the_eleventh_message_of_a_guests_burst_is_refused_in_words(system: Running) -> None:
    """The settings' limits are those of the doors."""
    async with shopper(system) as asking, aiohttp.ClientSession() as http:
        await asking.ask("hi there!")
        ask = {"message": "hi there!", "session_id": asking.session_id}
        statuses: list[int] = []
        while 429 not in statuses and len(statuses) < 100:
            async with http.post(f"{system.url}/chat/message", json=ask) as got:
                statuses.append(got.status)
                headers, body = got.headers, await got.json()
        assert statuses[:9] == [200] * 9
        assert statuses[-1] == 429
        assert headers["RateLimit-Policy"] == '"guest";q=10;w=60'
        assert body["code"] == "too_many_requests"
        assert f"try again in {headers['Retry-After']} seconds" in body["detail"]


async def test_what_is_heard_of_the_running_system_is_held_against_its_documents(
    system: Running, published: Published
) -> None:
    frames, answers = published.frames, published.answers
    async with shopper(system) as asking:
        heard = await asking.ask("hi there!")
    assert published.frames == frames + 1 + len(heard.frames)
    async with aiohttp.ClientSession(system.url) as http, http.get("/readyz"):
        pass
    assert published.answers > answers


HOSTILE = [
    (b'{"message": "\xff\xfe"}', "application/json", 400),
    (b'{"message": "nul \\u0000"}', "application/json", 400),
    (b'{"message": "lone \\ud800 surrogate"}', "application/json", 400),
    (b'{"message": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "application/json", 400),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"", "application/json", 400),
    (b'{"message": ""}', "application/json", 400),
    (b'{"message": 7}', "application/json", 400),
    (b'{"message": "hi", "page_context": {"current_asin": "x"}}', "application/json", 400),
    (b'{"message": "hi", "session_id": "../../etc/passwd"}', "application/json", 400),
    (b'{"message": "hi"}', "text/plain", 415),
    (b'{"message": "hi"}', "application/x-www-form-urlencoded", 415),
    (b'{"message": "' + b"a" * 70_000 + b'"}', "application/json", 413),
]


@pytest.mark.parametrize(("body", "media_type", "status"), HOSTILE)
async def test_a_hostile_body_is_refused_as_a_problem(
    system: Running, body: bytes, media_type: str, status: int
) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{system.url}/chat/message", data=body, headers={"content-type": media_type}) as got,
    ):
        problem = await got.json(content_type=None)
    assert got.status == status
    assert got.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    assert problem["status"] == status
    assert "Traceback" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/chat/message", 405), ("GET", "/widget/..%2Fcli.py", 404)],
)
async def test_an_address_that_is_none_is_a_problem(system: Running, method: str, path: str, status: int) -> None:
    async with aiohttp.ClientSession() as http, http.request(method, system.url + path) as got:
        assert got.status == status
        assert got.headers["content-type"] == "application/problem+json"


async def test_our_own_page_and_the_shops_may_ask(system: Running) -> None:
    async with aiohttp.ClientSession() as http:
        for page in (system.url, system.store_url):
            async with http.post(
                f"{system.url}/chat/message", json={"message": "hi there!"}, headers={"origin": page}
            ) as got:
                assert got.status == 200


async def test_nobody_is_believed_to_have_been_called_otherwise_while_no_proxy_is_named(system: Running) -> None:
    forwarded = {"x-forwarded-proto": "https", "origin": system.url.replace("http", "https")}
    async with (
        aiohttp.ClientSession(system.url, headers=forwarded) as http,
        http.post("/chat/message", json={"message": "hi"}) as got,
    ):
        assert got.status == 403


async def test_only_listed_origins_get_cors_headers(system: Running) -> None:
    async with aiohttp.ClientSession() as http:
        for origin, allowed in ((system.store_url, True), ("http://evil.example", False)):
            headers = {"origin": origin, "access-control-request-method": "POST"}
            async with http.options(f"{system.url}/chat/message", headers=headers) as got:
                assert (got.headers.get("access-control-allow-origin") == origin) is allowed


async def test_it_is_alive_ready_measured_and_described(system: Running) -> None:
    async with aiohttp.ClientSession(system.url) as http:
        async with http.get("/healthz") as got:
            assert got.status == 200
        async with http.get("/readyz") as got:
            assert (await got.json())["dependencies"] == {
                "catalog": "ok", "store": "ok", "knowledge": "ok", "conversations": "ok", "sessions": "ok",
                "control": "ok", "counters": "ok", "analytics": "ok", "audit": "ok",
            }  # fmt: skip
        async with http.get("/metrics") as got:
            text = await got.text()
            assert "mangaassist_turns_total" in text
            assert "mangaassist_service_call_seconds_bucket" in text
        for page in ("/docs", "/", "/widget/widget.js"):
            async with http.get(page) as got:
                assert got.status == 200
        async with http.get("/schema/openapi.json") as got:
            assert (await got.json())["openapi"].startswith("3.1")
        async with http.get("/schema/asyncapi.json") as got:
            document = await got.json()
            assert document["asyncapi"].startswith("3.")
            assert {"SendMessage", "Token", "Correction", "Done"} <= set(document["components"]["messages"])


def test_a_port_already_in_use_is_one_clear_sentence(system: Running, tmp_path) -> None:
    port = int(system.url.rpartition(":")[2])
    refused = subprocess.run(
        [sys.executable, "-m", "mangaassist", "serve"],
        env=environment(tmp_path, port, free_port(), free_port()),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert refused.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr
    assert "Traceback" not in refused.stderr
