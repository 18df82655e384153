"""Many sockets: what one costs while it is idle, how soon a lost one is back, and a frame beside a bare echo of uvicorn's."""

import asyncio
import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import websockets
from rich.progress import Progress

from benchmarks import answers
from benchmarks.measuring import Row, at_most, console, percentile
from benchmarks.system import Running, free_port, processor_s, resident_mib, settled, shopper, wait_for

IDLE: Final = 10_000
OPENED_AT_ONCE: Final = 100
RECONNECTS: Final = 500
FRAMES: Final = 5_000
HEARTBEATS_S: Final = 35.0
"""Longer than a heartbeat: everybody has been pinged."""


async def measured(system: Running) -> list[Row]:
    """All of it, against a running system. Raises the soft limit of open files, which the system has inherited."""
    await settled(system)
    return [*await reconnecting(system), *await frames(system), *await idle(system)]


def more_files() -> None:
    """Open files for ten thousand sockets on both sides; the hard limit is the machine's."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# ---- idle


async def idle(system: Running) -> list[Row]:
    """Ten thousand sockets that say nothing and answer pings, while five shoppers talk."""
    before = resident_mib(system.pid)
    async with quiet_peers([system.url], IDLE) as peers:
        await asyncio.sleep(HEARTBEATS_S)
        grown = resident_mib(system.pid) - before
        heard = await answers.browsing(system, 5, 20)
        return [
            at_most("an idle socket", grown * 1024 / IDLE, "KiB", 25),
            Row(what="sockets held with heartbeats", value=sum(peer.is_open for peer in peers), unit=""),
            Row(what="pings that one was sent, at least", value=min(peer.pings for peer in peers), unit=""),
            Row(what="first token beside them, p50", value=percentile(heard, 50), unit="ms"),
            Row(what="first token beside them, p99", value=percentile(heard, 99), unit="ms"),
        ]


@asynccontextmanager
async def quiet_peers(urls: Sequence[str], count: int) -> AsyncGenerator[list["Quiet"]]:
    """So many idle sockets, at each address in turn."""
    peers: list[Quiet] = []
    try:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("Opening sockets", total=count)
            while len(peers) < count:
                few = range(len(peers), min(count, len(peers) + OPENED_AT_ONCE))
                peers += await asyncio.gather(*(Quiet.open(urls[number % len(urls)]) for number in few))
                bar.update(task, completed=len(peers))
        yield peers
    finally:
        for peer in peers:
            peer.close()


class Quiet(asyncio.Protocol):
    """As little as a client can be: the handshake, and a pong for each ping."""

    def __init__(self) -> None:
        self.is_open = False
        self.pings = 0
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._read = b""

    @classmethod
    async def open(cls, url: str) -> "Quiet":
        host, port = url.removeprefix("http://").split(":")
        transport, quiet = await asyncio.get_running_loop().create_connection(cls, host, int(port))
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        await quiet._opened
        return quiet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            self._read += data
            if b"\r\n\r\n" in self._read and not self._opened.done():
                self.is_open = self._read.startswith(b"HTTP/1.1 101")
                self._opened.set_result(None)
                self._read = b""
            return
        if data[:1] == b"\x89":  # a ping; its payload is echoed, masked by zeroes
            self.pings += 1
            length = data[1]
            pong = bytes((0x8A, 0x80 | length)) + bytes(4) + data[2 : 2 + length]
            self._transport.write(pong)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False

    def close(self) -> None:
        self._transport.close()


# ---- reconnecting


async def reconnecting(system: Running) -> list[Row]:
    """From the first byte of a new connection to the first replayed frame: one after another, then all at once."""
    async with shopper(system) as asking:
        await asking.ask("who wrote Berserk?")
        address = f"{system.socket_url}?session_id={asking.session_id}&last_seq=0&epoch={asking.epoch}"
    one_by_one = [await _replayed(address) for _ in range(RECONNECTS)]
    began = time.perf_counter()
    at_once = await asyncio.gather(*(_replayed(address) for _ in range(RECONNECTS)))
    return [
        Row(what="reconnect to the first replayed frame, p50", value=percentile(one_by_one, 50), unit="ms"),
        at_most("reconnect to the first replayed frame, p99", percentile(one_by_one, 99), "ms", 20),
        Row(what=f"{RECONNECTS} at once, p99", value=percentile(at_once, 99), unit="ms"),
        Row(what=f"{RECONNECTS} at once, all", value=(time.perf_counter() - began) * 1000, unit="ms"),
    ]


async def _replayed(address: str) -> float:
    began = time.perf_counter()
    async with websockets.connect(address, open_timeout=60) as connection:
        await connection.recv()  # session
        frame = await connection.recv()
        assert '"start"' in frame if isinstance(frame, str) else b'"start"' in frame, frame
        return (time.perf_counter() - began) * 1000


# ---- a frame


ECHO: Final = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": event["text"]})
uvicorn.run(app, port=int(sys.argv[1]), lifespan="off", ws="websockets-sansio", access_log=False, log_level="error")
"""


async def frames(system: Running) -> list[Row]:
    """Frames there and back on one socket, ours read, checked and answered, uvicorn's sent back as they are."""
    with _echo() as (port, pid):
        ours = await _frame(system.socket_url, system.pid)
        bare = await _frame(f"ws://127.0.0.1:{port}/ws", pid)
    return [
        Row(what="a frame there and back", value=ours[0], unit="µs"),
        Row(what="a frame there and back, uvicorn's echo", value=bare[0], unit="µs"),
        Row(what="processor time of a frame", value=ours[1], unit="µs"),
        Row(what="processor time of a frame, uvicorn's echo", value=bare[1], unit="µs"),
    ]


@contextmanager
def _echo() -> Generator[tuple[int, int]]:
    port = free_port()
    log = Path(os.devnull)
    process = subprocess.Popen([sys.executable, "-c", ECHO, str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process, log)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


async def _frame(address: str, pid: int) -> tuple[float, float]:
    """Microseconds there and back, at the median, and of the server's processor, on average."""
    async with _greeted(address) as connection:
        for _ in range(500):
            await _there_and_back(connection)
        before = processor_s(pid)
        took = [await _there_and_back(connection) for _ in range(FRAMES)]
        return percentile(took, 50), (processor_s(pid) - before) / FRAMES * 1e6


@asynccontextmanager
async def _greeted(address: str) -> AsyncGenerator[websockets.ClientConnection]:
    async with websockets.connect(address) as connection:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await connection.recv()
        yield connection


async def _there_and_back(connection: websockets.ClientConnection) -> float:
    began = time.perf_counter()
    await connection.send('{"type":"ping"}')
    await connection.recv()
    return (time.perf_counter() - began) * 1e6
