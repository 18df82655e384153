"""A real browser, a host page, and a fake assistant whose every word the test decides."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from aiohttp import WSMsgType, web
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from mangaassist.edge.web_files import FILES
from tests.published import Published

WEB = Path(__file__).parents[2] / "src" / "mangaassist" / "web"
CHROMIUM_ARGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LIMIT_S = 60.0
"""Until something is there. Nothing waits this long; a busy machine may need a good part of it."""

# A page that tries to break what is on it: its rules must stop at the widget's shadow root.
HOST_PAGE = """<!doctype html><html lang="en"><title>A shop</title>
<style>* {{ color: rgb(0, 255, 0) !important; font-size: 40px !important; display: block; letter-spacing: 9px }}</style>
<body><h1>A shop</h1><script type="module" src="{assistant}/widget/widget.js" data-assistant="{assistant}"
  data-line="/assistant-line.js"></script>"""

Frame = dict[str, Any]


class FakeAssistant:
    """Serves the widget's files and the socket. Numbers and keeps frames as the protocol asks; answers only as told."""

    def __init__(self) -> None:
        self.session_id = "s_first"
        self.epoch = "e1"
        self.turns: list[Frame] = []
        self.kept: list[Frame] = []
        self.last_seq = 0
        self.forgotten_through = 0
        self.has_more = False
        self.dies_before_gap = False
        self.turns_away_with: int | None = None
        self.refuses = False
        self.replies: dict[str, tuple[int, Frame]] = {}
        self.asked: list[Frame] = []
        self.greeting: Frame = {}
        self.page = ""
        self.is_foreign = False
        self.refused_tokens: set[str] = set()
        self.handshakes: list[dict[str, Any]] = []
        self.inbox: asyncio.Queue[Frame] = asyncio.Queue()
        self.socket: web.WebSocketResponse | None = None
        self.connected = asyncio.Event()
        self.port = 0
        self.came_or_went = asyncio.Event()
        self.sockets: set[web.WebSocketResponse] = set()
        self.said: Callable[[str], None] = lambda _: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host_page(self) -> str:
        """The shop's address: another origin than the assistant's."""
        return f"http://localhost:{self.port}/"

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/", self._host)
        app.router.add_get("/assistant-line.js", self._line)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/widget/{path:.+}", self._file)
        app.router.add_get("/home", self._home)
        app.router.add_get("/docs", self._docs)
        app.router.add_get("/schema/{name}", self._schema)
        app.router.add_get("/ws", self._serve)
        app.router.add_route("*", "/chat/{what:.+}", self._rest)
        return app

    async def _host(self, _: web.Request) -> web.Response:
        page = self.page or HOST_PAGE.format(assistant=self.url)
        return web.Response(text=page, content_type="text/html")

    async def _line(self, _: web.Request) -> web.Response:
        """The shop's own file, by which its tabs share a socket."""
        return web.Response(text=f'import "{self.url}/widget/shared-line.js";', content_type="text/javascript")

    async def _health(self, _: web.Request) -> web.Response:
        headers = {} if self.is_foreign else {"access-control-allow-origin": "*"}
        return web.Response(text="ok", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        """As it is really served: joined, without the lines that only people read."""
        file = FILES[request.match_info["path"]]
        if request.path.endswith("/shared-line.js"):  # what nobody listens to any more is hung up at once
            text = file.body.decode().replace("LINGER_MS=5_000", "LINGER_MS=0")
            headers = {"access-control-allow-origin": "*"}
            return web.Response(text=text, content_type=file.media_type, headers=headers)
        headers = {"access-control-allow-origin": "*", **({"content-encoding": "gzip"} if file.packed else {})}
        return web.Response(body=file.packed.get("gzip", file.body), content_type=file.media_type, headers=headers)

    async def _home(self, _: web.Request) -> web.Response:
        return web.Response(body=(WEB / "home.html").read_bytes(), content_type="text/html")

    async def _docs(self, _: web.Request) -> web.Response:
        return web.Response(body=(WEB / "docs.html").read_bytes(), content_type="text/html")

    async def _schema(self, request: web.Request) -> web.Response:
        from mangaassist.edge import schemas

        document = {"openapi.json": schemas.openapi, "asyncapi.json": schemas.asyncapi}[request.match_info["name"]]()
        return web.json_response(document)

    async def _rest(self, request: web.Request) -> web.Response:
        """Answers as told in ``replies``; what was asked is kept in ``asked``."""
        headers = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
        if request.method == "OPTIONS":
            return web.Response(headers=headers)
        body = await request.json() if request.can_read_body else None
        key = request.headers.get("idempotency-key")
        self.asked.append({"path": request.path, "body": body, **({"key": key} if key else {})})
        status, reply = self.replies.get(request.path, (404, {"detail": "There is no such thing."}))
        return web.json_response(reply, status=status, headers=headers)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        offered = [
            part.strip() for part in request.headers.get("sec-websocket-protocol", "").split(",") if part.strip()
        ]
        token = next((part.removeprefix("bearer.") for part in offered if part.startswith("bearer.")), None)
        self.handshakes.append({"query": dict(request.query), "protocols": offered, "token": token})
        if self.refuses or token in self.refused_tokens:
            return web.Response(status=401)
        socket = web.WebSocketResponse(protocols=["mangaassist.v1"])
        await socket.prepare(request)
        if self.turns_away_with is not None:
            await socket.close(code=self.turns_away_with)
            return socket
        await self._greet(socket, dict(request.query))
        self.socket = socket
        self.sockets.add(socket)
        self.came_or_went.set()
        self.connected.set()
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.said(message.data)
                self.inbox.put_nowait(json.loads(message.data))
        self.sockets.discard(socket)
        self.came_or_went.set()
        if self.socket is socket:
            self.connected.clear()
        return socket

    async def _greet(self, socket: web.WebSocketResponse, query: dict[str, str]) -> None:
        resumed = query.get("session_id") == self.session_id
        heard = int(query["last_seq"]) if resumed and "last_seq" in query else self.last_seq
        is_whole = heard >= self.forgotten_through and query.get("epoch", self.epoch) == self.epoch
        turns = self.turns if resumed else []
        await socket.send_json(
            {
                "type": "session", "session_id": self.session_id, "epoch": self.epoch, "resumed": resumed,
                "recovered": resumed and is_whole, "last_seq": heard, "turns": turns, "customer": "guest",
                "heartbeat_s": 30, "idle_timeout_s": 600, **self.greeting,
            }
        )  # fmt: skip
        if resumed and not is_whole and self.dies_before_gap:
            self.dies_before_gap = False
            await socket.close(code=1012)
            return
        if resumed and not is_whole:
            through = self.forgotten_through
            place = {"epoch": self.epoch, "from_seq": heard + 1, "to_seq": through}
            await socket.send_json({"type": "gap", **place, "turns": turns, "more": self.has_more})
            heard = through
        for frame in self.kept:
            if frame["seq"] > heard:
                await socket.send_json(frame)

    # ---- what a test does

    async def says(self, *frames: Frame) -> None:
        """Frames of the conversation: numbered, kept, and sent when somebody listens."""
        for frame in frames:
            self.last_seq += 1
            numbered = {**frame, "seq": self.last_seq}
            self.kept.append(numbered)
            if self.socket is not None and not self.socket.closed:
                await self.socket.send_json(numbered)

    async def tells(self, frame: Frame) -> None:
        """A frame of the connection."""
        assert self.socket is not None
        await self.socket.send_json(frame)

    async def hears(self, kind: str) -> Frame:
        """The next client frame of this type; others before it are passed over."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                frame = await self.inbox.get()
                if frame["type"] == kind:
                    return frame

    async def drops(self, code: int = 1012) -> None:
        """End the connection from this side."""
        assert self.socket is not None
        self.connected.clear()
        await self.socket.close(code=code)

    async def is_connected(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.connected.wait()

    async def answers(self, text: str, response_id: str = "r1", **metadata: Any) -> Frame:
        """Hear one message and answer it whole, word by word; gives the message."""
        asked = await self.hears("message")
        await self.begins(asked, response_id)
        await self.says(*words(text, response_id))
        await self.says({"type": "done", "response_id": response_id, "metadata": metadata})
        return asked

    async def begins(self, asked: Frame, response_id: str = "r1", attempt: int = 1) -> None:
        await self.says({"type": "start", "response_id": response_id, "in_reply_to": asked["id"], "attempt": attempt})

    async def fails(self, detail: str, response_id: str = "r1") -> None:
        problem = {"type": "about:blank", "title": "", "status": 503, "code": "unsaved", "detail": detail}
        await self.says({"type": "failed", "response_id": response_id, "problem": problem})

    def forgets(self, *turns: Frame) -> None:
        """What was said so far can be told as turns only."""
        self.last_seq += 100
        self.forgotten_through, self.kept, self.turns = self.last_seq, [], list(turns)


def words(text: str, response_id: str = "r1") -> list[Frame]:
    pieces = [piece + " " for piece in text.split(" ")]
    pieces[-1] = pieces[-1][:-1]
    return [{"type": "token", "response_id": response_id, "content": piece} for piece in pieces]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(peer: Callable[[str], str]) -> AsyncIterator[Browser]:
    chromium = peer("chromium")
    expect.set_options(timeout=LIMIT_S * 1000)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM_ARGS, timeout=LIMIT_S * 1000
        )
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def assistant(published: Published) -> AsyncIterator[FakeAssistant]:
    fake = FakeAssistant()
    fake.said = published.client_frame  # what the widget says that no client may fails the test
    runner = web.AppRunner(fake.app(), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.port = runner.addresses[0][1]
    yield fake
    if fake.socket is not None:
        await fake.socket.close()
    await runner.cleanup()


DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
AT_BOTH_WIDTHS = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)


@pytest.fixture
def size(request: pytest.FixtureRequest) -> ViewportSize:
    """Of the window; a desktop's where a test or its file says nothing else."""
    return getattr(request, "param", DESKTOP)


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, size: ViewportSize) -> AsyncIterator[Page]:
    """A fresh shopper: nothing remembered. Whatever a script complains of fails the test."""
    context = await browser.new_context(viewport=size)
    opened = await context.new_page()
    opened.set_default_timeout(LIMIT_S * 1000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    await context.close()
    assert complaints == []


async def reopened(page: Page) -> None:
    """On a page that opens it by itself, or again: on a phone it covers the page, and waits to be asked for."""
    if page.viewport_size == PHONE:
        await page.locator(".launcher").click()


@pytest_asyncio.fixture(loop_scope="session")
async def widget(page: Page, assistant: FakeAssistant) -> Page:
    """The host page with the panel open and the line up."""
    await page.goto(assistant.host_page)
    await page.get_by_role("button", name="Ask the assistant").click()
    await assistant.is_connected()
    return page


@pytest.fixture
def word_by_word() -> Any:
    return words
