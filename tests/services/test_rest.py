"""S-1, S-7: the REST client against servers that mean no good."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import inf
from typing import Any

import pytest
from aiohttp import web
from msgspec import Struct
from msgspec.json import Decoder

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.errors import NotFound, ServiceFailure
from mangaassist.services.caller import Caller
from mangaassist.services.failures import failure_of
from mangaassist.services.policies import POLICIES, Service
from mangaassist.services.questions import Question
from mangaassist.services.rest import MAX_BODY, RestClient
from mangaassist.stores.memory.cache import MemoryCache
from tests.services.conftest import PATIENT

Serve = Callable[[Callable[[web.Request], Awaitable[web.StreamResponse]]], Awaitable[str]]


class Row(Struct):
    value: int


ROW = Decoder(Row)
AIKO = Identity("aiko", "token")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def answering(body: bytes, status: int = 200, **options: Any) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="application/json", **options)

    return handler


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def trickling(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b'{"value":')
    await asyncio.Event().wait()
    return response


async def breaking_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"value":')
    assert request.transport is not None
    request.transport.abort()
    return response


async def hanging(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


@asynccontextmanager
async def client(url: str) -> AsyncIterator[RestClient]:
    async with RestClient("reviews", url) as opened:
        yield opened


async def kind_of_failure(url: str, caller: Caller | None = None) -> str:
    """How the caller names what the server does to it."""
    async with client(url) as rest:

        async def ask(limit: float) -> Row:
            return await rest.get("/row", (), ROW)

        answer = await (caller or Caller(MemoryCache(), policies=PATIENT)).call(
            Question("reviews", "row", Row), ask, deadline=float("inf"), identity=GUEST, idempotent=False
        )
    assert answer.failure is not None
    assert answer.value is None
    return answer.failure.kind


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"value": 1',
        b'{"value": "one"}',
        b"{}",
        b"null",
        b"<html>busy</html>",
        b'{"value": 1} and more',
        b'{"text": "\xff\xfe", "value": 1}',
        b'{"other": ' + b"[" * 50_000 + b"]" * 50_000 + b', "value": 1}',
    ],
    ids=["empty", "truncated", "wrong type", "no field", "null", "html", "trailing", "not utf-8", "deep"],
)
async def test_a_body_that_is_not_the_answer_is_a_broken_contract(serve_http: Serve, body: bytes) -> None:
    if b"\xff" in body:
        body = b'{"value": "\xff"}'
    assert await kind_of_failure(await serve_http(answering(body))) == "contract"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, "error"), (503, "error"), (429, "error"), (400, "rejected"), (404, "rejected"), (204, "contract")],
)
async def test_a_status_other_than_200_is_a_failure(serve_http: Serve, status: int, kind: str) -> None:
    assert await kind_of_failure(await serve_http(answering(b"", status))) == kind


async def test_a_redirect_is_not_followed_to_a_stranger(serve_http: Serve) -> None:
    visits: list[str] = []

    async def stranger(request: web.Request) -> web.Response:
        visits.append(request.headers.get("Authorization", ""))
        return web.Response(body=b'{"value": 1}')

    elsewhere = await serve_http(stranger)
    assert await kind_of_failure(await serve_http(answering(b"", 302, headers={"Location": elsewhere}))) == "contract"
    assert visits == []


async def test_an_answer_that_says_it_is_too_long_is_not_read(serve_http: Serve) -> None:
    assert await kind_of_failure(await serve_http(answering(b" " * (10 * MAX_BODY)))) == "contract"


async def test_an_answer_that_never_ends_is_cut_off_at_the_limit(serve_http: Serve) -> None:
    assert await kind_of_failure(await serve_http(endless)) == "contract"


async def test_an_answer_of_just_the_limit_is_read(serve_http: Serve) -> None:
    body = b'{"value": 7}'
    async with client(await serve_http(answering(body + b" " * (MAX_BODY - len(body))))) as rest:
        assert (await rest.get("/row", (), ROW)).value == 7


@pytest.mark.parametrize("body", [b'{"value": 1}', b" " * (200 * MAX_BODY)], ids=["small", "bomb"])
async def test_a_packed_answer_is_not_unpacked(serve_http: Serve, body: bytes) -> None:
    packed = gzip.compress(body)
    assert len(packed) < MAX_BODY
    headers = {"Content-Encoding": "gzip"}
    assert await kind_of_failure(await serve_http(answering(packed, headers=headers))) == "contract"


async def test_an_answer_that_breaks_off_is_an_unreachable_service(serve_http: Serve) -> None:
    assert await kind_of_failure(await serve_http(breaking_off)) == "unreachable"


@pytest.mark.parametrize("handler", [hanging, trickling], ids=["hangs", "trickles"])
async def test_an_answer_that_does_not_come_in_time_is_a_timeout(serve_http: Serve, handler: Any) -> None:
    assert await kind_of_failure(await serve_http(handler), Caller(MemoryCache())) == "timeout"


async def test_a_service_that_is_not_there_is_unreachable(serve_http: Serve) -> None:
    assert await kind_of_failure("http://127.0.0.1:1") == "unreachable"


async def test_what_does_not_speak_http_is_a_broken_contract() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await kind_of_failure(f"http://127.0.0.1:{port}") == "contract"


@asynccontextmanager
async def resetting(requests: list[bytes], answered: int = 0) -> AsyncIterator[str]:
    """A server that reads every request to its end, answers the first ones and then resets the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            if len(requests) > answered:
                writer.transport.abort()
                return
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"value": 1}')

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("service", [service for service, policy in POLICIES.items() if policy.protocol == "rest"])
@pytest.mark.parametrize("answered", [0, 1], ids=["fresh connection", "kept connection"])
async def test_a_service_that_resets_is_asked_as_often_as_its_table_says_and_no_more(
    service: Service, answered: int
) -> None:
    requests: list[bytes] = []
    async with resetting(requests, answered) as url, RestClient(service, url) as rest:

        async def ask(limit: float) -> Row:
            return await rest.get("/row", (), ROW)

        caller = Caller(MemoryCache(), policies=PATIENT)
        for _ in range(answered):
            assert (await caller.call(Question(service, "row", Row), ask, deadline=inf, identity=AIKO)).value
        answer = await caller.call(Question(service, "row", Row), ask, deadline=inf, identity=AIKO)
    assert answer.failure
    assert answer.failure.kind == "unreachable"
    assert len(requests) - answered == 1 + POLICIES[service].retries


async def test_one_thing_that_does_not_exist_is_not_found(serve_http: Serve) -> None:
    async with client(await serve_http(answering(b"{}", 404))) as rest:
        with pytest.raises(NotFound):
            await rest.find("/row/1", ROW)


async def test_identity_and_trace_travel_only_when_they_are_given(serve_http: Serve) -> None:
    seen: list[tuple[str | None, str | None, str | None]] = []

    async def handler(request: web.Request) -> web.Response:
        headers = request.headers
        seen.append((headers.get("Authorization"), headers.get("traceparent"), headers.get("Cookie")))
        return web.Response(body=b'{"value": 1}', headers={"Set-Cookie": "session=of-somebody"})

    url = (await serve_http(handler)).replace("127.0.0.1", "localhost")  # an address never gets its cookies back
    async with client(url) as rest:
        await rest.get("/row", (), ROW, token="secret", traceparent=TRACE)
        await rest.get("/row", (), ROW)
    assert seen == [("Bearer secret", TRACE, None), (None, None, None)]


async def test_cancelling_a_call_gives_its_connection_back(serve_http: Serve) -> None:
    async with RestClient("reviews", await serve_http(hanging), connections=1) as rest:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.03):
                    await rest.get("/row", (), ROW)


async def test_a_ping_says_whether_the_service_is_there(serve_http: Serve) -> None:
    async with client(await serve_http(answering(b"ok"))) as rest:
        await rest.ping()
    for url in (await serve_http(answering(b"", 503)), "http://127.0.0.1:1"):
        async with client(url) as rest:
            with pytest.raises(ServiceFailure):
                await rest.ping()


async def test_a_ping_does_not_wait_for_ever(serve_http: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangaassist.services.rest.PING_LIMIT_S", 0.05)
    async with client(await serve_http(hanging)) as rest:
        with pytest.raises(ServiceFailure) as caught:
            await rest.ping()
    assert caught.value.kind == "timeout"


def test_a_failure_never_quotes_what_the_shopper_sent() -> None:
    failure = failure_of("orders", ConnectionError("GET /orders?email=aiko@example.com failed"))
    assert "aiko@example.com" not in str(failure)
    assert "secret" not in repr(Identity("aiko", "secret"))
