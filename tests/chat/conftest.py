"""A fake assistant on a real socket: the test says what it says."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

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
    Failed,
    Gap,
    SendMessage,
    ServerFrame,
    SessionOpened,
    Start,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import problem

LIMIT_S = 60.0
_CLIENT = msgspec.json.Decoder(ClientFrame)


class FakeAssistant:
    """Numbers and keeps what it says, replays it to whoever comes back, and otherwise does as it is told."""

    def __init__(self) -> None:
        self.session_id = "s_first"
        self.epoch = "e1"
        self.turns: tuple[Any, ...] = ()
        self.kept: list[ConversationFrame] = []
        self.last_seq = 0
        self.forgotten_through = 0
        self.has_more = False
        self.dies_before_gap = False
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

    @property
    def queries(self) -> list[dict[str, str]]:
        """What each connection asked for."""
        return [dict(parse_qsl(urlsplit(path).query)) for path in self.paths]

    def admit(self, socket: ServerConnection, request: Request) -> Response | None:
        self.paths.append(request.path)
        self.tokens.append(request.headers.get("authorization"))
        return socket.respond(self.refuse_with, "no") if self.refuse_with else None

    async def serve(self, socket: ServerConnection) -> None:
        query = self.queries[-1]
        resumed = query.get("session_id") == self.session_id
        heard = int(query["last_seq"]) if resumed and "last_seq" in query else self.last_seq
        is_whole = heard >= self.forgotten_through and query.get("epoch", self.epoch) == self.epoch
        self.socket = socket
        await self.tells(
            SessionOpened(
                session_id=self.session_id, epoch=self.epoch, resumed=resumed, recovered=resumed and is_whole,
                last_seq=heard, turns=self.turns if resumed else (), customer="guest", heartbeat_s=30, idle_timeout_s=600,
            )
        )  # fmt: skip
        if resumed and not is_whole and self.dies_before_gap:
            self.dies_before_gap = False
            await socket.close(1012)
            return
        if resumed and not is_whole:
            through = self.forgotten_through
            await self.tells(
                Gap(epoch=self.epoch, from_seq=heard + 1, to_seq=through, turns=self.turns, more=self.has_more)
            )
            heard = through
        for frame in self.kept:
            if frame.seq > heard:
                await self.tells(frame)
        self.connected.set()
        async for data in socket:
            self.inbox.put_nowait(_CLIENT.decode(data))

    async def tells(self, frame: ServerFrame) -> None:
        assert self.socket is not None
        await self.socket.send(msgspec.json.encode(frame).decode())

    async def says(self, *frames: ConversationFrame) -> None:
        for frame in frames:
            self.last_seq += 1
            numbered = msgspec.structs.replace(frame, seq=self.last_seq)
            self.kept.append(numbered)
            if self.socket is not None and self.connected.is_set():
                await self.tells(numbered)

    async def hears(self, kind: type[Any] = SendMessage) -> Any:
        async with asyncio.timeout(LIMIT_S):
            while not isinstance(frame := await self.inbox.get(), kind):
                pass
            return frame

    async def begins(self, asked: SendMessage, response_id: str = "r1", attempt: int = 1) -> None:
        await self.says(Start(response_id=response_id, in_reply_to=asked.id, attempt=attempt))

    async def writes(self, *pieces: str, response_id: str = "r1") -> None:
        await self.says(*(Token(response_id=response_id, content=piece) for piece in pieces))

    async def ends(self, response_id: str = "r1", **facts: Any) -> None:
        await self.says(Done(response_id=response_id, metadata=metadata(**facts)))

    async def fails(self, words: str, response_id: str = "r1") -> None:
        await self.says(Failed(response_id=response_id, problem=problem(503, "unsaved", words)))

    async def answers(self, *pieces: str, response_id: str = "r1", **facts: Any) -> SendMessage:
        asked = await self.hears()
        await self.begins(asked, response_id)
        await self.writes(*pieces, response_id=response_id)
        await self.ends(response_id, **facts)
        return asked

    def forgets(self) -> None:
        """What was said so far can be told as turns only."""
        self.last_seq += 100
        self.forgotten_through, self.kept = self.last_seq, []

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

    def aside(self, prompt: str) -> Any:
        return contextlib.nullcontext()

    def overhear(self, heard: Any) -> Any:
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
