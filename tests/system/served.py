"""An application behind our own server, in this process, and a client that does only what it is told to."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from mangaassist.edge.listening import listen
from mangaassist.edge.server import Server, server

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class Served:
    """An application behind our protocol: what it saw of its one connection. ``head``: how the upgrade was answered."""

    def __init__(self, talk: Callable[["Served"], Any]) -> None:
        self.port = 0
        self.ended = asyncio.Event()
        self.last: dict[str, Any] = {}
        self.server: Server | None = None
        self.head = b""
        self.wrong: Exception | None = None
        self.sent = 0
        self._talk = talk

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.receive, self.send = receive, send
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await self._talk(self)
        except OSError:
            pass  # the peer is gone
        except Exception as wrong:
            self.wrong = wrong
        finally:
            self.ended.set()

    async def until_disconnected(self) -> None:
        while (event := await self.receive())["type"] != "websocket.disconnect":
            pass
        self.last = event


@asynccontextmanager
async def serving(
    app: Served, heartbeat_s: float = 3600, handshake: bytes = HANDSHAKE
) -> AsyncGenerator[socket.socket]:
    """The application served on a free port; gives a client that has connected and reads only what it is told to."""
    async with listening(app, heartbeat_s) as (app.server, address):
        loop = asyncio.get_running_loop()
        with await connected(address) as client:
            await loop.sock_sendall(client, handshake)
            while b"\r\n\r\n" not in app.head:
                app.head += await loop.sock_recv(client, 1)
            assert app.head.startswith(b"HTTP/1.1 101")
            yield client
    if app.wrong is not None:
        raise app.wrong


@asynccontextmanager
async def listening(app: Any, heartbeat_s: float = 3600) -> AsyncGenerator[tuple[Server, tuple[str, int]]]:
    """Any ASGI application behind our own server; gives that and its address."""
    with listen("127.0.0.1", 0) as taken:
        ready = asyncio.Event()
        serve = server(app, heartbeat_s, ready.set)
        task = asyncio.create_task(serve.serve(sockets=[taken]))
        await ready.wait()
        try:
            yield serve, taken.getsockname()
        finally:
            serve.finish()
            await task


async def connected(address: tuple[str, int]) -> socket.socket:
    """A client that has connected, with little room for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, address)
    return client


async def rest_of(client: socket.socket) -> bytes:
    """Everything that still comes, to the end of the connection."""
    loop, heard = asyncio.get_running_loop(), b""
    try:
        while more := await loop.sock_recv(client, 65536):
            heard += more
    except ConnectionResetError:
        pass
    return heard
