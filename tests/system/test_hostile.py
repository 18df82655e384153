"""R-6, R-9, O-3: the whole edge in a process of its own, under everything that a hostile client can think of."""

import asyncio
import json
import random
import socket
import struct
from pathlib import Path
from typing import Any

from tests.system.raw_http import answers
from tests.system.served import HANDSHAKE, connected, rest_of
from tests.system.small_edge import SHOP, Small, small_edge

HURRY = {"keep_alive_s": 0.3, "HEAD_LIMIT_S": 0.3, "BODY_LIMIT_S": 0.3, "UNREAD_LIMIT_S": 0.5, "LINGER_S": 0.2}
SECRET = "my-secret-wish"
HOST = b"Host: 127.0.0.1\r\n"
BODY = b'{"message": "one two"}'
JSON = b"Content-Type: application/json\r\n"
ASKED = b"POST /chat/message HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = (
    b"POST /chat/message HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
    b"5\r\n" + BODY[:5] + b"\r\n%x;a=b\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\nTrailer: x\r\n\r\n"
)
REQUESTS = (
    ASKED,
    CHUNKED,
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"Accept: */*\r\n\r\n",
    b"GET /readyz?a=b&c=%20%00%ff HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    b"GET /widget/widget.js HTTP/1.1\r\n" + HOST + b"Accept-Encoding: gzip\r\nRange: bytes=0-10\r\n\r\n",
    b"GET /chat/sessions/s_abcdefgh HTTP/1.1\r\n" + HOST + b'Cookie: prefs={"a":1}; x; session-token=a.b.c\r\n\r\n',
    b"OPTIONS /chat/message HTTP/1.1\r\n" + HOST + b"Origin: " + SHOP.encode() + b"\r\n"
    b"Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n",
    b"GET /ws?session_id=abc&last_seq=5 HTTP/1.1\r\n" + HOST + HANDSHAKE.partition(b"Host: x\r\n")[2],
    b"PUT http://127.0.0.1/chat/message HTTP/1.0\r\nAuthorization: Bearer x\r\nExpect: 100-continue\r\n\r\n",
)
HEAD = b"HEAD /docs HTTP/1.1\r\n" + HOST + b"\r\n"
"""Never before another: whoever reads the answers has to know which has no body."""
TOKENS = (
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\x00", b"\xff", b" ", b"\t", b":", b";", b"%0d%0a", b"%", b"../", b"\xc3\x28",
    b"Host: y\r\n", b"Content-Length: 5\r\n", b"Content-Length: 99999999\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"Upgrade: websocket\r\n",
    b"Expect: 100-continue\r\n", b"Authorization: Bearer \xff\r\n", b"Origin: http://a\r\n", b"Cookie: session-token=\r\n",
    b"Content-Type: application/json; charset=utf-16\r\n", b"Content-Encoding: gzip\r\n", b"HTTP/1.1", b"HTTP/2.0",
    b"CONNECT ", b"TRACE ", b"DELETE ", b"0\r\n\r\n", b"ffffffffffffffffff\r\n", b"A: " + b"x" * 5000 + b"\r\n", b"x" * 9000,
    b'{"message": "\\ud800"}', b"[" * 5000, b"\x16\x03\x01", b"*", b"//", b"?", b"#",
)  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """One to three requests on one connection, some of it wrong."""
    raw = b"".join(chance.choices(REQUESTS, k=chance.choice((0, 0, 0, 1, 2)))) + chance.choice((*REQUESTS, HEAD))
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        at, until = sorted((chance.randrange(len(raw) + 1), chance.randrange(len(raw) + 1)))
        until = min(until, at + 40)
        match chance.randrange(6):
            case 0:
                raw = raw[:at] + raw[until:]
            case 1:
                raw = raw[:until] + raw[at:until] + raw[until:]
            case 2:
                raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
            case 3:
                lines = raw.split(b"\r\n")
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
                raw = b"\r\n".join(lines)
            case 4:
                raw = raw[: max(1, at)]
            case _:
                raw = raw[:at] + chance.choice(TOKENS) + raw[at:]
        raw = raw or b"\r\n"
    return raw


async def told(edge: Small, raw: bytes, cuts: list[int]) -> bytes:
    """What the server says to it, sent in pieces, until it closes or a socket is open."""
    loop, heard = asyncio.get_running_loop(), b""
    with await connected(edge.address) as client:

        async def send() -> None:
            for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
                await loop.sock_sendall(client, raw[begin:end])
                await asyncio.sleep(0)

        sending = asyncio.create_task(send())
        try:
            while b"HTTP/1.1 101 " not in heard and (more := await loop.sock_recv(client, 65536)):
                heard += more
        except ConnectionResetError:
            pass
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return heard.partition(b"HTTP/1.1 101 ")[0]


async def reset(edge: Small, raw: bytes) -> None:
    """Say it and hang up as rudely as can be."""
    with await connected(edge.address) as client:
        await asyncio.get_running_loop().sock_sendall(client, raw)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def on_a_socket(edge: Small, *frames: bytes, is_heard: bool) -> None:
    """Open a socket, send what a client may never send, and wait for the end of it or hang up."""
    loop, head = asyncio.get_running_loop(), b""
    with await connected(edge.address) as client:
        await loop.sock_sendall(client, SOCKET)
        while b"\r\n\r\n" not in head:
            head += await loop.sock_recv(client, 1)
        for frame in frames:
            await loop.sock_sendall(client, frame)
        if is_heard:
            await rest_of(client)
        else:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def text(data: bytes) -> bytes:
    """A frame of a client, masked with zeros."""
    return b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data


SOCKET = REQUESTS[-2].replace(b"session_id=abc", b"session_id=" + SECRET.encode())
REFUSED_SOCKETS = tuple(
    SOCKET.replace(b"\r\n\r\n", b"\r\n" + header + b"\r\n\r\n")
    for header in (b"Authorization: Bearer x", b"Origin: http://elsewhere.example")
)
MESSAGE = text(b'{"type": "message", "id": "m1", "message": "%s pause pause"}' % SECRET.encode())
BAD_FRAMES = (
    b"\x81\x01x",
    b"\xff\x80\x00\x00\x00\x00",
    b"\x80\x80\x00\x00\x00\x00",
    b"\x82\x81\x00\x00\x00\x00x",
    b"\x88\x81\x00\x00\x00\x00x",
    b"\x88\x82\x00\x00\x00\x00\x00\x01",
    b"\x89\xfe\x01\x00\x00\x00\x00\x00" + bytes(256),
    b"\x81\xff" + b"\xff" * 12,
    text(b"x" * 16385),
    text(b"\xff\xfe"),
)


async def test_whatever_clients_do_is_no_more_than_a_remark_in_the_log_and_says_nothing_of_shoppers(
    tmp_path: Path,
) -> None:
    secret = f'{{"message": "{SECRET} pause"}}'.encode()
    asked = ASKED.replace(b"Content-Length: %d" % len(BODY), b"Content-Length: %d" % len(secret)).replace(BODY, secret)
    query = f"GET /nowhere/{SECRET}?message={SECRET} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {SECRET}\r\n".encode()
    rude: list[Any] = []
    with small_edge(tmp_path / "log", **HURRY) as edge:
        for raw in (
            b"",
            b"G",
            *TOKENS,
            *REQUESTS,
            asked,
            query + b"\r\n",
            query,
            asked[:-3],
            SOCKET[:-9],
            SOCKET,
            *REFUSED_SOCKETS,
            ASKED * 50,
        ):
            rude += [reset(edge, raw), told(edge, raw, [len(raw) // 2])]
        for frame in BAD_FRAMES:
            rude += [on_a_socket(edge, frame, frame, is_heard=True), on_a_socket(edge, MESSAGE, frame, is_heard=False)]
        rude += [on_a_socket(edge, MESSAGE, is_heard=False), on_a_socket(edge, is_heard=False)]
        await asyncio.gather(*rude)
        (alive,) = answers(
            await told(edge, b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [])
        )
        assert alive.status == 200
        assert edge.leave() == 0
        check_log(edge.log, len(rude))


async def test_upgrades_that_are_refused_are_no_more_than_a_remark_in_the_log(tmp_path: Path) -> None:
    with small_edge(tmp_path / "log", shoppers="usual", **HURRY) as edge:
        told = [await told_whole(edge, raw) for raw in (*REFUSED_SOCKETS, *[SOCKET] * 61)]
        assert {head.split(b" ")[1] for head in told} == {b"101", b"401", b"403", b"429"}
        assert edge.leave() == 0
        check_log(edge.log, len(told))


INJECTED = (
    b"%0d%0aX-Injected: 1",
    b"a\r\nX-Injected: 1",
    b"a\rX-Injected: 1",
    b"a\nX-Injected: 1",
    b"\x85X-Injected: 1",
)


async def test_nothing_of_a_request_becomes_a_header_of_the_answer(tmp_path: Path) -> None:
    asked = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n"
    upgrade = REQUESTS[-2].partition(b"\r\n\r\n")[0] + b"\r\n"
    with small_edge(tmp_path / "log", **HURRY) as edge:
        for injected in (
            b"%0d%0aX-Injected: 1",
            b"a\r\nX-Injected: 1",
            b"a\rX-Injected: 1",
            b"a\nX-Injected: 1",
            b"\x85X-Injected: 1",
        ):
            for name in (
                b"Origin",
                b"Idempotency-Key",
                b"traceparent",
                b"Cookie",
                b"Accept",
                b"Sec-WebSocket-Protocol",
            ):
                header = name + b": " + injected + b"\r\n\r\n"
                for begun in (asked, upgrade):
                    heard = await told_whole(edge, begun + header)
                    assert heard.startswith(b"HTTP/1.1 ")
                    assert b"injected" not in heard.partition(b"\r\n\r\n")[0].lower()
            for raw in (b"GET /widget/" + injected, b"GET /?a=" + injected, b"GET /ws?session_id=" + injected):
                heard = await told_whole(edge, raw + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
                assert b"injected" not in heard.partition(b"\r\n\r\n")[0].lower()


async def told_whole(edge: Small, raw: bytes) -> bytes:
    """The head of what the server says, and what comes with it."""
    loop, heard = asyncio.get_running_loop(), b""
    with await connected(edge.address) as client:
        await loop.sock_sendall(client, raw)
        while b"\r\n\r\n" not in heard and (more := await loop.sock_recv(client, 65536)):
            heard += more
    return heard


async def test_two_thousand_mutated_requests_get_well_formed_answers_and_no_mistake_of_ours(tmp_path: Path) -> None:
    statuses: dict[int, int] = {}
    with small_edge(tmp_path / "log", **HURRY) as edge:
        room = asyncio.Semaphore(50)

        async def ask(seed: int) -> None:
            chance = random.Random(seed)
            raw = mutated(chance)
            cuts = sorted(chance.randrange(len(raw) + 1) for _ in range(chance.choice((0, 0, 1, 5))))
            async with room:
                heard = await told(edge, raw, cuts)
            if b"HEAD" in raw:
                assert heard == b"" or answers(heard, "HEAD")[0].status < 500, (seed, raw, heard)
                return
            for answer in answers(heard):
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                assert answer.status < 500, (seed, raw, answer)
                assert answer.status < 400 or answer.problem, (seed, raw, answer)

        async with asyncio.TaskGroup() as group:
            for seed in range(2500):
                group.create_task(ask(seed))
        assert edge.leave() == 0
        check_log(edge.log, 2500)
    assert sum(statuses.values()) > 2000, statuses
    assert len(statuses) > 8, statuses


def check_log(log: Path, most: int) -> None:
    """Every line is an event, none is more than a remark, and none holds a stack trace or what a shopper said."""
    lines = log.read_text().splitlines()
    assert len(lines) <= most
    for line in lines:
        event = json.loads(line)
        assert {"event", "level", "timestamp"} <= event.keys()
        assert event["level"] in ("debug", "info"), line
        assert "exception" not in event
        assert "Traceback" not in line
        assert SECRET not in line
