"""The far end of a socket, for tests in process: what a client says, and everything that it hears."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure, Unauthenticated
from mangaassist.testing.clock import START
from tests.conversation.virtual import AIKO, BEN, LONG_S

Frame = dict[str, Any]


class Tokens:
    """Knows whom a token is of; ``away`` is an identity provider that does not answer."""

    async def identify(self, token: str | None) -> Identity:
        known = {
            None: GUEST,
            "aiko": AIKO,
            "ben": BEN,
            "short": Identity("aiko", "short", START + timedelta(seconds=90)),
        }
        if token == "away":
            raise ServiceFailure("identity", "unreachable")
        if token not in known:
            raise Unauthenticated("The token is not valid. Sign in again.")
        return known[token]


class Client:
    """The far end of a socket: an ASGI server that hands on what is said and keeps what comes back."""

    def __init__(
        self,
        edge: SocketEdge,
        query: str = "",
        token: str | None = None,
        subprotocols: tuple[str, ...] = (),
        **headers: str,
    ) -> None:
        self._said: asyncio.Queue[Frame] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})
        self._came = asyncio.Condition()
        self.frames: list[Frame] = []
        self.refused: Frame | None = None
        self.problem: Frame = {}
        self.closed: int | None = None
        sent = {"authorization": f"Bearer {token}"} if token else {}
        scope = {
            "type": "websocket",
            "path": "/ws",
            "client": ("127.0.0.1", 50_000),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (sent | headers).items()],
            "subprotocols": list(subprotocols),
        }
        self.serving = asyncio.create_task(edge.serve(scope, self._said.get, self._send))

    async def _send(self, event: Any) -> None:
        async with self._came:
            match event["type"]:
                case "websocket.send":
                    assert self.closed is None
                    self.frames.append(json.loads(event["text"]))
                case "websocket.close":
                    self.closed = event["code"]
                    self._said.put_nowait({"type": "websocket.disconnect", "code": event["code"]})
                case "websocket.http.response.start":
                    self.refused = event
                case "websocket.http.response.body":
                    self.problem = json.loads(event["body"])
                case _:
                    pass
            self._came.notify_all()

    def say(self, **frame: Any) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    def ask(self, message: str, message_id: str = "m1", **more: Any) -> None:
        self.say(type="message", id=message_id, message=message, **more)

    def say_bytes(self, data: bytes) -> None:
        self._said.put_nowait({"type": "websocket.receive", "bytes": data})

    async def hears(self, kind: str, count: int = 1) -> Frame:
        """The ``count``th frame of a kind."""
        async with asyncio.timeout(LONG_S), self._came:
            await self._came.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def is_closed(self) -> int:
        async with asyncio.timeout(LONG_S), self._came:
            await self._came.wait_for(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    async def goes(self) -> None:
        """The line is lost."""
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.serving

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if "seq" in frame]

    @property
    def text(self) -> str:
        return "".join(frame["content"] for frame in self.of("token"))
