"""R-6, R-9, W-11: on a real connection, HTTP that is broken, too large, too slow or two things at once ends in time, in words."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from mangaassist.edge import http_protocol
from mangaassist.edge.http_protocol import MAX_HEADERS, MAX_QUEUED, MAX_URL_BYTES
from mangaassist.wire.rest import MAX_BODY_BYTES
from tests.system.raw_http import ASK, HEAD, Answer, answers, dripped, exchanged, exchanged_raw
from tests.system.served import connected, listening, rest_of

Address = tuple[str, int]

POST = b"POST / HTTP/1.1\r\n" + HEAD
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
CLOSE = b"Connection: close\r\n\r\n"
UPGRADE = b"GET /ws HTTP/1.1\r\n" + HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY, VERSION = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", b"Sec-WebSocket-Version: 13\r\n"


class Echo:
    """Says what it was asked. ``gate`` holds answers back; ``endless`` answers without end until nobody is there."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.heard_end = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["path"])
        if scope["type"] == "websocket":
            await receive()
            await self.gate.wait()
            await send({"type": "websocket.accept"})
            while (event := await receive())["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": event["text"]})
            return
        coming = await receive()
        assert not coming["more_body"]
        if scope["path"] == "/endless":
            await self._talk_on(receive, send)
            return
        await self.gate.wait()
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        said = {"path": scope["path"], "headers": headers, "length": len(coming["body"])}
        body = json.dumps(said).encode()
        length = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": body})

    async def _talk_on(self, receive: Any, send: Any) -> None:
        hearing = asyncio.create_task(receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not hearing.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        self.heard_end.set()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def address(echo: Echo) -> AsyncIterator[Address]:
    async with listening(echo) as (_, taken):
        yield taken


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the real limits."""
    for limit in ("HEAD_LIMIT_S", "BODY_LIMIT_S", "UNREAD_LIMIT_S", "LINGER_S"):
        monkeypatch.setattr(http_protocol, limit, 0.05)


async def only(address: Address, *parts: bytes) -> Answer:
    """The one answer that comes before the connection ends."""
    (answer,) = await exchanged(address, *parts)
    return answer


# ---- what is no HTTP


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/3.0\r\n" + HEAD + b"\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET /\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET http://x HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"CONNECT shop.example:443 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET / HTTP/1.1\r\n" + HEAD + b"A: b\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HEAD + b"A: b\x00c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HEAD + b"A: b\rSet-Cookie: c\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + HEAD + b"A : b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        CHUNKED + b"ZZ\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"-1\r\nhello\r\n0\r\n\r\n",
        CHUNKED + b"5\r\nhello!\r\n0\r\n\r\n",
        POST + b"Content-Length: five\r\n\r\nhello",
        POST + b"Content-Length: -5\r\n\r\nhello",
        POST + b"Content-Length: +5\r\n\r\nhello",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\nhello",
    ],
)
async def test_what_is_no_http_is_refused_in_words_and_nothing_of_it_is_taken_up(
    address: Address, echo: Echo, raw: bytes
) -> None:
    answer = await only(address, raw)
    assert answer.problem == (400, "bad_request")
    assert answer.closes
    assert echo.asked == []


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ],
)
async def test_a_body_whose_end_two_servers_could_see_in_two_places_smuggles_nothing(
    address: Address, echo: Echo, framing: bytes
) -> None:
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await only(address, POST + framing + b"\r\n" + smuggled)
    assert answer.problem == (400, "bad_request")
    assert answer.closes
    assert echo.asked == []


async def test_chunks_are_not_spoken_in_http_1_0(address: Address, echo: Echo) -> None:
    answer = await only(address, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert answer.problem == (400, "bad_request")
    assert echo.asked == []


async def test_what_comes_as_a_trailer_is_no_header(address: Address) -> None:
    trailer = b"1\r\nx\r\n0\r\nAuthorization: Bearer y\r\n\r\n"
    answer = await only(address, POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + trailer)
    assert answer.json["length"] == 1
    assert "authorization" not in answer.json["headers"]


async def test_no_refusal_says_what_the_server_is_and_all_say_that_they_are_what_they_are(address: Address) -> None:
    for raw in (b"GARBAGE\r\n\r\n", UPGRADE + b"\r\n", ASK.replace(b"\r\n\r\n", b"\r\n" + CLOSE)):
        answer = await only(address, raw)
        assert "server" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


# ---- what is too large


@pytest.mark.parametrize(
    "head",
    [
        b"A: " + b"x" * 1024 * 1024 + b"\r\n",
        b"".join(b"A%d: %s\r\n" % (number, b"x" * 10_000) for number in range(100)),
        b"".join(b"A%d: b\r\n" % number for number in range(MAX_HEADERS)),
        b"x" * 1024 * 1024,
    ],
    ids=["one", "long", "many", "name"],
)
async def test_a_mebibyte_of_headers_is_refused_before_it_is_read(address: Address, echo: Echo, head: bytes) -> None:
    answer = await only(address, b"GET / HTTP/1.1\r\n" + HEAD + head + b"\r\n")
    assert answer.problem == (431, "headers_too_large")
    assert answer.closes
    assert echo.asked == []


async def test_as_many_and_as_long_headers_as_may_be_are_read(address: Address) -> None:
    most = b"".join(b"A%d: b\r\n" % number for number in range(MAX_HEADERS - 2))
    assert (await only(address, b"GET / HTTP/1.1\r\n" + HEAD + most + CLOSE)).status == 200
    assert (await only(address, b"GET / HTTP/1.1\r\n" + HEAD + b"A: " + b"x" * 32_000 + b"\r\n" + CLOSE)).status == 200


async def test_a_url_of_8_kib_is_read_and_a_longer_one_is_not(address: Address, echo: Echo) -> None:
    path = b"/".ljust(MAX_URL_BYTES, b"x")
    assert (await only(address, b"GET " + path + b" HTTP/1.1\r\n" + HEAD + CLOSE)).json["path"] == path.decode()
    refused = await only(address, b"GET " + path + b"x HTTP/1.1\r\n" + HEAD + CLOSE)
    assert refused.problem == (414, "url_too_long")
    assert len(echo.asked) == 1
    assert (await only(address, b"GET /" + b"x" * 1024 * 1024)).problem == (414, "url_too_long")


@pytest.mark.parametrize(
    "request_",
    [
        POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        CHUNKED + b"%x\r\n" % (MAX_BODY_BYTES + 1) + b"x" * (MAX_BODY_BYTES + 1) + b"\r\n",
        CHUNKED + (b"400\r\n" + b"x" * 1024 + b"\r\n") * 1024,
        CHUNKED + b"1;" + b"x" * 1024 * 1024,
        CHUNKED + b"0\r\n" + b"A: b\r\n" * 200_000,
        CHUNKED + b"0\r\nA: " + b"x" * 1024 * 1024,
    ],
    ids=["declared", "expecting", "chunk", "chunks", "extension", "trailers", "trailer"],
)
async def test_a_body_over_64_kib_is_refused_however_it_comes_and_before_it_is_there(
    address: Address, echo: Echo, request_: bytes
) -> None:
    answer = await only(address, request_)
    assert answer.problem == (413, "too_large")
    assert answer.closes
    assert answer.said == ()
    assert echo.asked == []


@pytest.mark.parametrize("chunk", [1024, MAX_BODY_BYTES])
async def test_a_body_of_64_kib_is_taken_however_it_comes(address: Address, chunk: int) -> None:
    body = b"x" * MAX_BODY_BYTES
    declared = await only(address, POST + b"Content-Length: %d\r\n" % len(body) + CLOSE + body)
    chunks = (b"%x\r\n" % chunk + b"x" * chunk + b"\r\n") * (MAX_BODY_BYTES // chunk) + b"0\r\n\r\n"
    chunked = await only(address, POST + b"Transfer-Encoding: chunked\r\n" + CLOSE + chunks)
    assert declared.json["length"] == chunked.json["length"] == MAX_BODY_BYTES


async def test_a_body_longer_than_it_says_is_not_the_beginning_of_another_request(address: Address, echo: Echo) -> None:
    answer = await only(address, POST + b"Content-Length: 5\r\n\r\nhello, and more of it\r\n\r\n")
    assert (answer.status, answer.json["length"]) == (200, 5)
    assert answer.closes
    assert len(echo.asked) == 1


# ---- what never comes


@pytest.mark.usefixtures("quick")
async def test_who_says_nothing_is_let_go_without_a_word(address: Address) -> None:
    assert await exchanged_raw(address) == b""


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "begun",
    [b"G", b"GET / HTTP/1.1\r\nHo", POST + b"Content-Length: 5\r\n\r\nhell", CHUNKED, CHUNKED + b"5\r\nhello\r\n0\r\n"],
)
async def test_a_request_that_stops_in_its_middle_is_ended_in_words(address: Address, echo: Echo, begun: bytes) -> None:
    answer = await only(address, begun)
    assert answer.problem == (408, "request_too_slow")
    assert answer.closes
    assert echo.asked == []


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("begun", "drop"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"x"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n"),
        (POST + b"Content-Length: 60000\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\nx\r\n"),
    ],
)
async def test_dripping_buys_no_time(address: Address, begun: bytes, drop: bytes) -> None:
    with await connected(address) as client:
        await asyncio.get_running_loop().sock_sendall(client, begun)
        (answer,) = answers(await dripped(client, drop))
    assert answer.problem == (408, "request_too_slow")


@pytest.mark.usefixtures("quick")
async def test_blank_lines_buy_no_time_before_a_request_nor_after_one(address: Address) -> None:
    with await connected(address) as client:
        assert await dripped(client, b"\r\n") == b""
    with await connected(address) as client:
        await asyncio.get_running_loop().sock_sendall(client, ASK)
        (answer,) = answers(await dripped(client, b"\r\n"))
    assert answer.status == 200


@pytest.mark.usefixtures("quick")
async def test_who_does_not_read_an_answer_is_cut_off(address: Address, echo: Echo) -> None:
    with await connected(address) as client:
        await asyncio.get_running_loop().sock_sendall(client, ASK.replace(b"GET /", b"GET /endless"))
        await echo.heard_end.wait()


@pytest.mark.usefixtures("quick")
async def test_an_answer_may_take_longer_than_its_question(address: Address, echo: Echo) -> None:
    echo.gate.clear()
    asyncio.get_running_loop().call_later(0.2, echo.gate.set)
    with await connected(address) as client:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, POST + b"Content-Length: 5\r\n" + CLOSE + b"hello")
        (answer,) = answers(await rest_of(client))
    assert answer.status == 200


async def test_a_client_that_asks_whether_to_go_on_is_told_to(address: Address) -> None:
    loop = asyncio.get_running_loop()
    with await connected(address) as client:
        await loop.sock_sendall(client, POST + b"Expect: 100-continue\r\nContent-Length: 5\r\n" + CLOSE)
        heard = b""
        while b"100 Continue\r\n\r\n" not in heard:
            heard += await loop.sock_recv(client, 100)
        await loop.sock_sendall(client, b"hello")
        (answer,) = answers(heard + await rest_of(client))
    assert answer.said == (100,)
    assert answer.json["length"] == 5


# ---- several at once


async def test_requests_that_come_at_once_are_answered_in_their_order(address: Address) -> None:
    asked = [b"GET /%d HTTP/1.1\r\n" % number + HEAD for number in range(MAX_QUEUED + 1)]
    heard = await exchanged(address, b"\r\n".join(asked) + CLOSE)
    assert [answer.json["path"] for answer in heard] == [f"/{number}" for number in range(MAX_QUEUED + 1)]


async def test_of_too_many_that_come_at_once_some_are_answered_and_then_it_ends(address: Address, echo: Echo) -> None:
    echo.gate.clear()
    asyncio.get_running_loop().call_later(0.05, echo.gate.set)
    heard = await exchanged(address, ASK * 1000)
    assert [answer.status for answer in heard] == [200] * (MAX_QUEUED + 1)
    assert heard[-1].closes


@pytest.mark.parametrize("then", [b"GARBAGE\r\n\r\n", CHUNKED + b"ZZ\r\n", UPGRADE + KEY + VERSION + b"\r\n"])
async def test_what_was_asked_before_a_mistake_is_answered(address: Address, echo: Echo, then: bytes) -> None:
    echo.gate.clear()
    asyncio.get_running_loop().call_later(0.05, echo.gate.set)
    heard = await exchanged(address, ASK + ASK + then)
    assert [answer.status for answer in heard] == [200, 200]
    assert heard[-1].closes
    assert echo.asked == ["/", "/"]


@pytest.mark.usefixtures("quick")
async def test_what_was_asked_before_a_body_that_never_comes_is_answered(address: Address, echo: Echo) -> None:
    echo.gate.clear()
    asyncio.get_running_loop().call_later(0.2, echo.gate.set)
    (answer,) = await exchanged(address, ASK + POST + b"Content-Length: 5\r\n\r\nhell")
    assert answer.status == 200


# ---- upgrades


@pytest.mark.parametrize(
    ("handshake", "problem", "headers"),
    [
        (UPGRADE + VERSION, (400, "bad_handshake"), {}),
        (UPGRADE + VERSION + KEY + KEY, (400, "bad_handshake"), {}),
        (UPGRADE + VERSION + b"Sec-WebSocket-Key: short\r\n", (400, "bad_handshake"), {}),
        (UPGRADE + VERSION + b"Sec-WebSocket-Key: \xff\xfe\r\n", (400, "bad_handshake"), {}),
        (UPGRADE + KEY, (426, "upgrade_required"), {"sec-websocket-version": "13", "upgrade": "websocket"}),
        (
            UPGRADE + KEY + b"Sec-WebSocket-Version: 8\r\n",
            (426, "upgrade_required"),
            {"sec-websocket-version": "13", "upgrade": "websocket"},
        ),
        (UPGRADE + KEY + VERSION + b"Origin: a\r\nOrigin: b\r\n", (400, "bad_handshake"), {}),
        (UPGRADE + KEY + VERSION + b"A: " + b"x" * 9000 + b"\r\n", (400, "bad_handshake"), {}),
        (UPGRADE + KEY + VERSION + b"Content-Length: 5\r\n", (400, "bad_request"), {}),
        (UPGRADE + KEY + VERSION + b"Transfer-Encoding: chunked\r\n", (400, "bad_request"), {}),
        (UPGRADE.replace(b"GET", b"POST") + KEY + VERSION, (405, "bad_handshake"), {"allow": "GET"}),
    ],
)
async def test_an_upgrade_that_is_none_is_refused_in_words(
    address: Address, echo: Echo, handshake: bytes, problem: tuple[int, str], headers: dict[str, str]
) -> None:
    answer = await only(address, handshake + b"\r\n")
    assert answer.problem == problem
    assert headers.items() <= answer.headers.items()
    assert answer.closes
    assert echo.asked == []


@pytest.mark.parametrize("request_", [b"GET /h2c HTTP/1.1\r\n", b"POST /h2c HTTP/1.1\r\nContent-Length: 0\r\n"])
async def test_an_offer_of_another_protocol_is_not_taken_up_and_the_request_is_answered(
    address: Address, request_: bytes
) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
    answer = await only(address, request_ + HEAD + offer + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert (answer.status, answer.json["path"]) == (200, "/h2c")
    assert answer.closes


async def test_http_1_0_knows_no_upgrade(address: Address, echo: Echo) -> None:
    answer = await only(address, (UPGRADE + KEY + VERSION).replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n")
    assert (answer.status, answer.json["path"]) == (200, "/ws")


async def test_frames_that_come_before_the_handshake_is_answered_wait_for_it(address: Address, echo: Echo) -> None:
    echo.gate.clear()
    loop = asyncio.get_running_loop()
    with await connected(address) as client:
        await loop.sock_sendall(client, UPGRADE + KEY + VERSION + b"\r\n")
        while not echo.asked:
            await asyncio.sleep(0.001)
        await loop.sock_sendall(client, b"\x89\x80\x00\x00\x00\x00" + b"\x81\x81\x00\x00\x00\x00x")
        await asyncio.sleep(0.05)
        echo.gate.set()
        heard = b""
        while not heard.endswith(b"\x81\x01x"):
            heard += await loop.sock_recv(client, 1000)
    assert heard.endswith(b"\r\n\r\n\x8a\x00\x81\x01x")


async def test_text_that_is_no_utf_8_closes_with_1007(address: Address) -> None:
    loop = asyncio.get_running_loop()
    with await connected(address) as client:
        await loop.sock_sendall(client, UPGRADE + KEY + VERSION + b"\r\n")
        while b"\r\n\r\n" not in await loop.sock_recv(client, 1000):
            pass
        await loop.sock_sendall(client, b"\x81\x81\x00\x00\x00\x00\xff")
        heard = await rest_of(client)
    assert heard[0] == 0x88
    assert heard[2:4] == (1007).to_bytes(2, "big")
