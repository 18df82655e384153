"""S-3: a call ends in its time; a loop that was late itself never makes a healthy service look late."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from typing import Any

import grpc
import msgspec
import pytest

from mangaassist.domain.customers import GUEST
from mangaassist.services import questions
from mangaassist.services.answers import Answer
from mangaassist.services.caller import Caller
from mangaassist.services.catalog import CatalogClient
from mangaassist.services.limits import Limits, extension
from mangaassist.services.policies import POLICIES
from mangaassist.services.rest import RestClient
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.testing.virtual_time import VirtualTimeLoop, in_virtual_time


@pytest.mark.parametrize(
    ("limit", "late", "more"),
    [
        (0.2, 0.0, 0.0),
        (0.2, 0.019, 0.0),
        (0.2, 0.021, 0.021),
        (0.2, 0.5, 0.5),
        (0.01, 0.005, 0.005),
        (0.2, -0.001, 0.0),
    ],
)
def test_a_call_gets_what_our_own_timer_was_late_by_where_that_is_noticeable(
    limit: float, late: float, more: float
) -> None:
    assert extension(limit, late) == more


@in_virtual_time
async def test_every_call_ends_at_its_own_limit_whatever_the_order() -> None:
    limits, ended = Limits(), dict[float, float]()

    async def call(seconds: float) -> None:
        with pytest.raises(TimeoutError), limits.within(seconds):
            await asyncio.Event().wait()
        ended[seconds] = asyncio.get_running_loop().time()

    await asyncio.gather(*(call(seconds) for seconds in (0.5, 0.15, 0.2, 0.3, 0.15)))
    assert ended == {0.15: 0.15, 0.2: 0.2, 0.3: 0.3, 0.5: 0.5}


@in_virtual_time
async def test_what_ends_in_time_is_left_alone_and_so_is_what_comes_after_it() -> None:
    limits = Limits()
    for _ in range(10):
        with limits.within(0.2):
            await asyncio.sleep(0.19)
    await asyncio.sleep(1)


@in_virtual_time
async def test_infinity_is_no_limit() -> None:
    with Limits().within(inf):
        await asyncio.sleep(1_000_000)


@in_virtual_time
async def test_who_else_cancels_the_call_is_not_told_of_a_timeout() -> None:
    limits = Limits()

    async def call() -> None:
        with limits.within(0.2):
            await asyncio.Event().wait()

    task = asyncio.create_task(call())
    asyncio.get_running_loop().call_later(0.1, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


@in_virtual_time
async def test_a_call_that_is_over_leaves_nothing_behind_once_its_limit_has_passed() -> None:
    limits = Limits()
    for _ in range(1000):
        with limits.within(0.2):
            await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    with limits.within(0.2):
        assert len(limits._due) == 1


def busy(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    assert isinstance(loop, VirtualTimeLoop)
    loop.jump(seconds)


@in_virtual_time
async def test_an_answer_that_arrived_while_our_loop_was_busy_is_no_timeout() -> None:
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()
    loop.call_later(0.01, busy, loop, 5.0)
    loop.call_later(0.02, arrived.set)
    with Limits().within(0.2):
        await arrived.wait()


@in_virtual_time
async def test_what_has_not_arrived_by_then_is_given_as_much_more_once_and_no_more() -> None:
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, busy, loop, 0.3)
    with pytest.raises(TimeoutError), Limits().within(0.2):
        loop.call_later(0.4, busy, loop, 0.3)
        await asyncio.Event().wait()
    assert loop.time() == pytest.approx(
        0.7
    )  # due at 0.2, late by 0.11, extended to 0.42, declared late as soon as we can


class Gate:
    """A server in another thread: says that it was asked, answers when told to, and says that it has."""

    def __init__(self) -> None:
        self.asked, self.go, self.answered = threading.Event(), threading.Event(), threading.Event()

    def passed(self) -> None:
        self.asked.set()
        assert self.go.wait(30)


@contextmanager
def http_server(gate: Gate) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gate.passed()
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
            self.wfile.flush()
            gate.answered.set()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def grpc_server(gate: Gate) -> Iterator[str]:
    class Every(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
            def answer(request: bytes, context: Any) -> bytes:
                gate.passed()
                context.add_callback(gate.answered.set)  # the answer has left
                return b""

            return grpc.unary_unary_rpc_method_handler(answer)

    with ThreadPoolExecutor(2) as pool:
        server = grpc.server(pool, handlers=(Every(),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


LIMIT_S = 0.3


async def asked(ask: Callable[[Caller], Awaitable[Answer[Any]]], gate: Gate) -> Answer[Any]:
    """Asks, and blocks the loop from the moment at which the server has the question until long after the limit."""
    loop, began = asyncio.get_running_loop(), time.monotonic()
    table = {service: msgspec.structs.replace(policy, timeout_s=LIMIT_S) for service, policy in POLICIES.items()}

    def block() -> None:
        if not gate.asked.is_set():
            loop.call_later(0.001, block)
            return
        gate.go.set()
        assert gate.answered.wait(30)
        while time.monotonic() < began + 3 * LIMIT_S:
            pass

    loop.call_soon(block)
    return await ask(Caller(MemoryCache(), policies=table))


async def test_a_rest_service_that_answers_while_our_loop_is_blocked_is_not_called_late() -> None:
    gate = Gate()
    with http_server(gate) as url:
        async with RestClient("pricing", url) as rest:

            async def ask(limit: float) -> Any:
                return await rest.get("/row", (), msgspec.json.Decoder(dict))

            answer = await asked(
                lambda caller: caller.call(questions.PRICE, ask, deadline=inf, identity=GUEST, idempotent=False), gate
            )
    assert (answer.value, answer.failure) == ({}, None)


async def test_a_catalog_that_answers_while_our_loop_is_blocked_is_not_called_late() -> None:
    gate = Gate()
    with grpc_server(gate) as target:
        async with CatalogClient(target, print) as catalog:

            async def ask(limit: float) -> Any:
                return await catalog.existing(("B0ABCDEFGH",), limit)

            answer = await asked(
                lambda caller: caller.call(questions.IS_SOLD, ask, deadline=inf, identity=GUEST, idempotent=False), gate
            )
    assert (answer.value, answer.failure) == (frozenset(), None)
