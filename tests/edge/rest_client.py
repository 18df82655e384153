"""Whoever calls the edge by HTTP, for tests in process: requests as they come from the server, and what is answered."""

import asyncio
import json
from typing import Any

from msgspec import Struct

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.app import Door
from mangaassist.errors import ServiceFailure, Unauthenticated
from tests.conversation.virtual import AIKO, BEN

SHOP = "http://shop.example"
ODA, OLA, ULI = (Identity(name, f"token of {name}", is_operator=True) for name in ("oda", "ola", "uli"))
"""Operators; the first two edit pages as well."""


class Tokens:
    """Knows whom a token is of; ``away`` is an identity provider that does not answer."""

    async def identify(self, token: str | None) -> Identity:
        if token == "away":
            raise ServiceFailure("identity", "unreachable")
        known = {None: GUEST, "aiko": AIKO, "ben": BEN, "oda": ODA, "ola": OLA, "uli": ULI}
        if token not in known:
            raise Unauthenticated("The token is not valid. Sign in again.")
        return known[token]


class Sockets:
    """Serves no socket, but notes that it was asked to."""

    def __init__(self) -> None:
        self.served: list[str] = []

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        self.served.append(scope["path"])


class Got(Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> tuple[int, str]:
        """The status and code of what must be a problem document."""
        assert self.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code"} <= set(self.json)
        assert self.json["status"] == self.status
        assert self.headers.get("retry-after") == (str(wait) if (wait := self.json.get("retry_after_s")) else None)
        return self.status, self.json["code"]


class Caller:
    """Calls the edge as an ASGI server does."""

    def __init__(self, door: Door, address: str = "127.0.0.1") -> None:
        self.door = door
        self._address = address

    async def get(self, path: str, **headers: str) -> Got:
        return await self.request("GET", path, **headers)

    async def ask(self, message: str, token: str | None = None, **fields: Any) -> Got:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.post({"message": message} | fields, **headers)

    async def post(self, body: object, content_type: str | None = "application/json", **headers: str) -> Got:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        typed = {} if content_type is None else {"content-type": content_type}
        return await self.request("POST", "/chat/message", data, **typed, **headers)

    async def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Got:
        sent = {"host": "127.0.0.1:8000", "content-length": str(len(body))}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 8000),
            "client": (self._address, 50_000),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        coming = [{"type": "http.request", "body": body, "more_body": False}]
        got = Got(0, {}, b"")

        async def receive() -> Any:
            if coming:
                return coming.pop()
            return await asyncio.Event().wait()

        async def send(event: Any) -> None:
            if event["type"] == "http.response.start":
                got.status = event["status"]
                got.headers = {name.decode(): value.decode() for name, value in event["headers"]}
            else:
                got.body += event.get("body", b"")

        await self.door(scope, receive, send)
        return got
