"""The whole system as a shopper finds it: ``mangaassist run`` on free ports with its own data folder."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

import aiohttp
import msgspec
import websockets
from msgspec import Struct

from mangaassist.wire.frames import Done, ErrorFrame, Failed, ServerFrame, SessionOpened, Start, Token
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.transcript import Transcript

START_LIMIT_S: Final = 3600
"""Long past any slow machine: a start that ends without serving is noticed at once."""
STOP_LIMIT_S: Final = 90
HEAR_LIMIT_S: Final = 120
_FRAMES: Final = msgspec.json.Decoder(ServerFrame)
_TOGETHER: Final = msgspec.json.Decoder(list[ServerFrame])


class Running(Struct, frozen=True, kw_only=True):
    """Where the running system is, and the process ids of assistant and store."""

    url: str
    store_url: str
    pid: int
    took_s: float
    data: Path
    log: Path
    grpc: str = ""
    """Address of the store's catalog, where it was started here."""

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1) + "/ws"

    def resident_mib(self) -> float:
        """Resident memory of the assistant's process, MiB."""
        return resident_mib(self.pid)

    def processor_s(self) -> float:
        """Processor time that the assistant has used since it started, all threads, seconds."""
        return processor_s(self.pid)


def resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


_LIMITS: Final = ("CUSTOMER", "GUEST", "NEW_SESSIONS", "CONNECTS")
UNLIMITED: Final = {f"MANGAASSIST_LIMITS__{name}_PER_MINUTE": "1000000" for name in _LIMITS}
"""All shoppers of a test or a bench come from one address, and are in a hurry."""


def environment(data: Path, port: int, store_port: int, grpc_port: int) -> dict[str, str]:
    """The settings that put a system on its own ports and into its own folder, and let shoppers do as much as they like."""
    store = f"http://127.0.0.1:{store_port}"
    return {
        **os.environ,
        **UNLIMITED,
        "MANGAASSIST_DATA_DIR": str(data),
        "MANGAASSIST_SERVER__PORT": str(port),
        "MANGAASSIST_STORE__URL": store,
        "MANGAASSIST_STORE__GRPC": f"127.0.0.1:{grpc_port}",
        "MANGAASSIST_IDENTITY__ISSUER": store,
        "MANGAASSIST_SERVER__ALLOWED_ORIGINS": store,
    }


def unwatched(waited_s: float) -> None:
    """Nobody watches a start."""


@contextlib.contextmanager
def running(
    data: Path,
    command: tuple[str, ...] = ("run",),
    settings: Mapping[str, str] = MappingProxyType({}),
    waiting: Callable[[float], None] = unwatched,
) -> Iterator[Running]:
    """Start ``mangaassist`` and wait until it answers; stop it by its id at the end.

    ``settings`` are further variables of its environment; ``waiting`` hears how many seconds the start has taken so far.
    """
    port, store_port, grpc_port = free_port(), free_port(), free_port()
    data.mkdir(parents=True, exist_ok=True)
    log = data / "output.log"
    began = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mangaassist", *command],
            env=environment(data, port, store_port, grpc_port) | settings,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(port, process, log, waiting)
        yield Running(
            url=f"http://127.0.0.1:{port}",
            store_url=f"http://127.0.0.1:{store_port}",
            grpc=f"127.0.0.1:{grpc_port}",
            pid=process.pid,
            took_s=time.monotonic() - began,
            data=data,
            log=log,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(
    port: int,
    process: subprocess.Popen[bytes],
    log: Path,
    waiting: Callable[[float], None] = unwatched,
    path: str = "/healthz",
) -> None:
    """Until the process answers at its port and ``path``. Raises ``RuntimeError`` with its last words when it ends instead."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < START_LIMIT_S:
        waiting(waited)
        if process.poll() is not None:
            raise RuntimeError(f"the system ended while starting:\n{log.read_text(errors='replace')[-3000:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5) as probe:
            probe.sendall(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
            if probe.recv(64).startswith(b"HTTP/1.1 200"):
                return
        time.sleep(0.05)
    raise RuntimeError(f"the system did not start in {START_LIMIT_S} s:\n{log.read_text(errors='replace')[-3000:]}")


class Heard(Struct, kw_only=True):
    """One answer over the socket: its frames, and when (seconds after the question) each, the first token and ``done`` came."""

    frames: list[ServerFrame]
    at_s: list[float]
    transcript: Transcript
    first_token_s: float
    done_s: float


class Shopper:
    """One open socket, asked one question at a time."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self._connection = connection
        self._came: deque[ServerFrame] = deque()
        self.session_id = ""
        self.epoch = ""

    async def hear(self) -> ServerFrame:
        """The next frame, of those that came together in one message as well."""
        if not self._came:
            async with asyncio.timeout(HEAR_LIMIT_S):
                told = await self._connection.recv(decode=False)
            self._came.extend(_TOGETHER.decode(told) if told.startswith(b"[") else [_FRAMES.decode(told)])
        return self._came.popleft()

    async def say(self, frame: dict[str, object]) -> None:
        await self._connection.send(msgspec.json.encode(frame).decode())

    async def ask(self, message: str, page: PageContext = NOWHERE) -> Heard:
        """Ask and hear the whole answer. Raises ``RuntimeError`` when it fails or an error comes in its place."""
        message_id = secrets.token_hex(8)
        body = {"type": "message", "id": message_id, "message": message, "page_context": page}
        began = time.perf_counter()
        await self._connection.send(msgspec.json.encode(body).decode())
        heard = Heard(frames=[], at_s=[], transcript=Transcript(), first_token_s=float("nan"), done_s=float("nan"))
        is_ours = False  # what a resumed session replays first belongs to other questions
        while True:
            frame = await self.hear()
            heard.frames.append(frame)
            heard.at_s.append(time.perf_counter() - began)
            heard.transcript.apply(frame)
            match frame:
                case Start():
                    is_ours = frame.in_reply_to == message_id
                case Token() if is_ours and heard.first_token_s != heard.first_token_s:
                    heard.first_token_s = time.perf_counter() - began
                case Done() if is_ours:
                    heard.done_s = time.perf_counter() - began
                    return heard
                case Failed() if is_ours:
                    raise RuntimeError(f"{message!r}: {frame.problem}")
                case ErrorFrame():
                    raise RuntimeError(f"{message!r}: {frame.problem}")
                case _:
                    pass


@contextlib.asynccontextmanager
async def shopper(
    system: Running,
    token: str | None = None,
    session_id: str | None = None,
    last_seq: int | None = None,
    epoch: str | None = None,
) -> AsyncIterator[Shopper]:
    """A connected shopper, past the ``session`` frame; a guest without a token. ``last_seq`` is a number of ``epoch``."""
    place = {"session_id": session_id, "last_seq": last_seq, "epoch": epoch}
    query = urlencode({name: value for name, value in place.items() if value is not None})
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with websockets.connect(f"{system.socket_url}?{query}", additional_headers=headers) as connection:
        connected = Shopper(connection)
        greeting = await connected.hear()
        assert isinstance(greeting, SessionOpened)
        connected.session_id, connected.epoch = greeting.session_id, greeting.epoch
        yield connected


async def settled(system: Running, quiet_s: float = 3.0) -> None:
    """Wait until the assistant has caught up with the store: nothing new was indexed for a while."""
    await settled_at(system.url, quiet_s)


async def settled_at(url: str, quiet_s: float = 3.0) -> None:
    """The same of any process that indexes."""
    indexed, since = -1.0, time.monotonic()
    async with aiohttp.ClientSession() as http:
        while time.monotonic() - since < quiet_s:
            async with http.get(f"{url}/metrics") as answer:
                text = await answer.text()
            counts = re.findall(r"^mangaassist_knowledge_lag_seconds_count\S* (\S+)", text, re.MULTILINE)
            if (now := sum(map(float, counts))) != indexed:
                indexed, since = now, time.monotonic()
            await asyncio.sleep(0.25)


async def sign_in(system: Running, name: str) -> str:
    """The token of a demo customer."""
    body = {"username": name, "password": f"{name}-demo"}
    async with aiohttp.ClientSession() as http, http.post(f"{system.store_url}/auth/token", json=body) as answer:
        return (await answer.json())["access_token"]
