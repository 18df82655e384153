"""A fake assistant on a real socket: the test says what it says."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from rich.console import Console
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mangaassist.wire.frames import (
    ClientFrame,
    ConversationFrame,
    Done,
    SendMessage,
    ServerFrame,
    SessionOpened,
    Start,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata

LIMIT_S = 5.0
_CLIENT = msgspec.json.Decoder(ClientFrame)


class FakeAssistant:
    """Numbers and keeps what it says, replays it to whoever comes back, and otherwise does as it is told."""

    def __init__(self) -> None:
        self.session_id = "s_first"
        self.turns: tuple[Any, ...] = ()
        self.kept: list[ConversationFrame] = []
        self.paths: list[str] = []
        self.tokens: list[str | None] = []
        self.refuse_with: int | None = None
        self.inbox: asyncio.Queue[Any] = asyncio.Queue()
        self.socket: ServerConnection | None = None
        self.connected = asyncio.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        self.tokens.append(request.headers.get("authorization"))
        return socket.respond(self.refuse_with, "no") if self.refuse_with else None

    async def serve(self, socket: ServerConnection) -> None:
        query = dict(part.split("=") for part in self.paths[-1].partition("?")[2].split("&") if part)
        resumed = query.get("session_id") == self.session_id
        self.socket = socket
        await self.tells(
            SessionOpened(
                session_id=self.session_id, resumed=resumed, last_seq=len(self.kept),
                turns=self.turns if resumed else (), customer="guest", heartbeat_s=30, idle_timeout_s=600,
            )
        )  # fmt: skip
        for frame in self.kept:
            if resumed and "last_seq" in query and frame.seq > int(query["last_seq"]):
                await self.tells(frame)
        self.connected.set()
        async for data in socket:
            self.inbox.put_nowait(_CLIENT.decode(data))

    async def tells(self, frame: ServerFrame) -> None:
        assert self.socket is not None
        await self.socket.send(msgspec.json.encode(frame).decode())

    async def says(self, *frames: ConversationFrame) -> None:
        for frame in frames:
            numbered = msgspec.structs.replace(frame, seq=len(self.kept) + 1)
            self.kept.append(numbered)
            if self.socket is not None and self.connected.is_set():
                await self.tells(numbered)

    async def hears(self, kind: type[Any] = SendMessage) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while not isinstance(frame := await self.inbox.get(), kind):
                pass
            return frame

    async def begins(self, asked: SendMessage, response_id: str = "r1") -> None:
        await self.says(Start(response_id=response_id, in_reply_to=asked.id))

    async def writes(self, *pieces: str, response_id: str = "r1") -> None:
        await self.says(*(Token(response_id=response_id, content=piece) for piece in pieces))

    async def ends(self, response_id: str = "r1", **facts: Any) -> None:
        await self.says(Done(response_id=response_id, metadata=metadata(**facts)))

    async def answers(self, *pieces: str, response_id: str = "r1", **facts: Any) -> SendMessage:
        asked = await self.hears()
        await self.begins(asked, response_id)
        await self.writes(*pieces, response_id=response_id)
        await self.ends(response_id, **facts)
        return asked

    async def drops(self, code: int = 1012) -> None:
        assert self.socket is not None
        self.connected.clear()
        await self.socket.close(code)

    async def is_connected(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.connected.wait()


def metadata(**facts: Any) -> AnswerMetadata:
    usual: dict[str, Any] = {
        "intent": "faq", "confidence": 0.9, "stage": "rules", "tier": "small", "model": "offline", "latency_ms": 31.4,
        "ttft_ms": 12.2, "timings": {},
    }  # fmt: skip
    return AnswerMetadata(**(usual | facts))


class Typist:
    """A person at the keyboard. ``types`` waits until the prompt is there."""

    def __init__(self) -> None:
        self.lines: asyncio.Queue[str | None] = asyncio.Queue()
        self.prompted = asyncio.Queue[str]()
        self.hears_typing: Any = None

    async def line(self, prompt: str) -> str | None:
        self.prompted.put_nowait(prompt)
        return await self.lines.get()

    def overhear(self, heard: Any) -> Any:
        import contextlib

        @contextlib.contextmanager
        def listening() -> Any:
            self.hears_typing = heard
            yield
            self.hears_typing = None

        return listening()

    async def types(self, line: str | None) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.prompted.get()
        self.lines.put_nowait(line)

    async def sees_prompt(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            self.prompted.put_nowait(await self.prompted.get())


@pytest_asyncio.fixture
async def assistant() -> AsyncIterator[FakeAssistant]:
    fake = FakeAssistant()
    async with serve(fake.serve, "127.0.0.1", 0, process_request=fake.admit, close_timeout=0.2) as server:
        fake.port = next(iter(server.sockets)).getsockname()[1]
        yield fake


@pytest.fixture
def typist() -> Typist:
    return Typist()


@pytest.fixture
def screen() -> Console:
    """A terminal 80 columns wide whose text can be read back."""
    return Console(file=io.StringIO(), width=80, force_terminal=False, color_system=None)
