"""A WebSocket API of an API Gateway on the loopback: clients connect, HTTP integrations are called, frames are posted back (W-13).

It holds both sides to what the vendor documents: 32 KB a frame, 128 KB a post, 29 s an integration, 10 min without traffic, 2 h a
connection, 410 for one that is gone or whose ``$connect`` is not answered yet, and a signature for ``execute-api``.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Iterable
from typing import Final

import aiohttp
from aiohttp import web
from msgspec import Struct, field

from mangaassist.testing.loopback_server import LoopbackServer

FRAME_BYTES: Final = 32 * 1024
POST_BYTES: Final = 128 * 1024
SIGNED: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[a-z0-9-]+/execute-api/aws4_request, SignedHeaders=[a-z0-9;-]+, "
    r"Signature=[0-9a-f]{64}"
)
_CLIENTS: Final = ("Authorization", "Cookie", "Origin", "Sec-WebSocket-Protocol")
_ASKED: Final = {"session_id": "session-id", "last_seq": "last-seq", "epoch": "epoch", "together": "together"}


class Limits(Struct, frozen=True, kw_only=True):
    """The vendor's, in seconds."""

    integration_s: float = 29.0
    idle_s: float = 600.0
    oldest_s: float = 7200.0


class Line(Struct, kw_only=True):
    """A connection: its socket once it is accepted, or what was posted to it where a test has opened it."""

    socket: web.WebSocketResponse | None = None
    posted: list[bytes] = field(default_factory=lambda: list[bytes]())
    told_at: float = 0.0


class ApiGatewayServer(LoopbackServer):
    """Use it as a context manager, on the loop of its client. ``integration``: where the assistant listens, ``key``: what it is
    shown. ``lines`` are the connections by their ids; ``refusal``: a status and a code to refuse posts with."""

    def __init__(self, integration: str = "", key: str = "", limits: Limits | None = None) -> None:
        super().__init__()
        self.lines: dict[str, Line] = {}
        self.refusal: tuple[int, str] | None = None
        self.integration = integration
        self._key = key
        self._limits = limits or Limits()

    def routes(self) -> Iterable[web.RouteDef]:
        return [
            web.get("/", self._connected),
            web.post("/@connections/{id}", self._posted),
            web.delete("/@connections/{id}", self._deleted),
        ]

    def opened(self) -> str:
        """The id of a connection that no client is at."""
        self.lines[name := _new_id()] = Line()
        return name

    # ---- the side of our processes

    async def _posted(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        data = await request.read()
        if len(data) > POST_BYTES:
            return _error(413, "PayloadTooLargeException")
        line = self.lines[request.match_info["id"]]
        line.posted.append(data)
        line.told_at = time.monotonic()
        if line.socket is not None:
            await line.socket.send_str(data.decode())
        return web.Response()

    async def _deleted(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        line = self.lines.pop(request.match_info["id"])
        if line.socket is not None:
            await line.socket.close()
        return web.Response(status=204)

    def _refused(self, request: web.Request) -> web.Response | None:
        if not SIGNED.fullmatch(request.headers.get("Authorization", "")):
            return _error(403, "ForbiddenException")
        if self.refusal is not None:
            return _error(*self.refusal)
        return None if request.match_info["id"] in self.lines else _error(410, "GoneException")

    # ---- the side of clients

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        name, made_at = _new_id(), time.monotonic()
        shown = {f"Gateway-Client-{each}": request.headers[each] for each in _CLIENTS if each in request.headers}
        asked = {
            f"Gateway-Query-{header}": request.query[each] for each, header in _ASKED.items() if each in request.query
        }
        known = {"Gateway-Connected-At": str(int(time.time() * 1000)), "Gateway-Source": request.remote or ""}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            status, spoken = await self._integrated(http, "connect", name, b"", shown | asked | known)
            if status != 200:
                return web.Response(status=status)
            socket = web.WebSocketResponse(protocols=[spoken] if spoken else [], max_msg_size=FRAME_BYTES)
            await socket.prepare(request)
            self.lines[name] = Line(socket=socket, told_at=made_at)
            try:
                await self._passed_on(http, name, socket, made_at)
            finally:
                self.lines.pop(name, None)
                await self._integrated(http, "disconnect", name, b"", {})
            return socket

    async def _passed_on(
        self, http: aiohttp.ClientSession, name: str, socket: web.WebSocketResponse, made_at: float
    ) -> None:
        line, limits = self.lines[name], self._limits
        while True:
            until = min(line.told_at + limits.idle_s, made_at + limits.oldest_s)
            try:
                said = await socket.receive(timeout=max(0.001, until - time.monotonic()))
            except TimeoutError:
                if time.monotonic() >= min(line.told_at + limits.idle_s, made_at + limits.oldest_s):
                    await socket.close(code=1001)
                    return
                continue
            if said.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return
            line.told_at = time.monotonic()
            body = said.data.encode() if isinstance(said.data, str) else said.data
            await self._integrated(http, "default", name, body, {})

    async def _integrated(
        self, http: aiohttp.ClientSession, route: str, name: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, str]:
        """The status of an integration, 504 for one that is late, and the subprotocol that it chose."""
        told = {"Gateway-Connection": name, "Gateway-Key": self._key, **headers}
        try:
            async with (
                asyncio.timeout(self._limits.integration_s),
                http.post(f"{self.integration}/gateway/{route}", data=body, headers=told) as answer,
            ):
                return answer.status, answer.headers.get("Sec-WebSocket-Protocol", "")
        except TimeoutError:
            return 504, ""


def _new_id() -> str:
    return secrets.token_urlsafe(10) + "="


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"message": code}, status=status, headers={"x-amzn-ErrorType": code})
