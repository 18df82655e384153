"""R-7, W-8: on a real connection, whoever does not read an answer is let go of, and nothing gathers for them meanwhile."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mangaassist.edge import http_protocol
from mangaassist.edge.event_stream import EventStream
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from tests.system.served import rest_of

ROOM_OF_THE_KERNEL = 16 * 1024 * 1024
"""More than both sides' socket buffers take on any machine."""
LAST_CHUNK = b"0\r\n\r\n"
EVENT = b"data: " + b"x" * 16_000 + b"\n\n"


class Endless:
    """Tells events until nobody hears them, or ``count`` of them."""

    def __init__(self, count: int | None = None) -> None:
        self.told = 0
        self.closed = asyncio.Event()
        self._count = count

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await EventStream(self._events(), {})(scope, receive, send)

    async def _events(self) -> AsyncGenerator[bytes]:
        try:
            while self.told != self._count:
                self.told += 1
                await asyncio.sleep(0)
                yield EVENT
        finally:
            self.closed.set()


@asynccontextmanager
async def asked(app: Endless) -> AsyncGenerator[socket.socket]:
    """A client that has asked, and reads only what it is told to."""
    listening, ready = listen("127.0.0.1", 0), asyncio.Event()
    serve = server(app, 3600, ready.set)
    task = asyncio.create_task(serve.serve(sockets=[listening]))
    await ready.wait()
    client, loop = socket.socket(), asyncio.get_running_loop()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setblocking(False)
    await loop.sock_connect(client, listening.getsockname())
    await loop.sock_sendall(client, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        yield client
    finally:
        client.close()
        serve.finish()
        await task


async def test_who_does_not_read_is_cut_off_and_what_is_told_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "UNREAD_LIMIT_S", 0.05)
    app = Endless()
    async with asked(app) as client:
        await app.closed.wait()
        assert app.told * len(EVENT) < ROOM_OF_THE_KERNEL
        assert not (await rest_of(client)).endswith(LAST_CHUNK)


async def test_who_pauses_and_reads_on_hears_all_of_it() -> None:
    app = Endless(count=600)
    async with asked(app) as client:
        told = -1
        while told != app.told:  # until whoever tells has to wait
            told = app.told
            await asyncio.sleep(0.1)
        heard = bytearray()
        while not heard.endswith(LAST_CHUNK):
            heard += await asyncio.get_running_loop().sock_recv(client, 1 << 20)
    assert heard.count(b"data: ") == app.told == 600


async def test_who_goes_away_ends_what_is_told() -> None:
    app = Endless()
    async with asked(app) as client:
        await asyncio.get_running_loop().sock_recv(client, 1)
        client.close()
        await app.closed.wait()
