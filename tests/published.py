"""What the assistant says, held against what it publishes of itself (R-8): every frame and every HTTP answer of a test run.

``watching`` looks at the doors of this process, ``watching_clients`` at what clients of other processes hear. What is wrong
still reaches who asked, and is kept until ``take`` is called: the fixture ``as_published`` fails the test in which it was said.
"""

import contextlib
import json
import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any, Final

import aiohttp
import jsonschema_rs
import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mangaassist.edge import schemas
from mangaassist.edge.app import Door
from mangaassist.edge.http_protocol import SAFE_HEADERS
from mangaassist.edge.routes import EVERYWHERE, ROUTES
from mangaassist.edge.socket import SocketEdge
from mangaassist.wire.problems import CODES, MEDIA_TYPE

JSON: Final = ("application/json", MEDIA_TYPE)
PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
CLOSED_BY_THE_PEER: Final = frozenset({1000, 1001, 1005, 1006})
"""No codes of the server: the client left, or the line broke."""
AMONG_BROWSERS: Final = ("access-control-", "vary")
OF_EVERY_ANSWER: Final = frozenset(
    {
        "content-type",
        "content-length",
        "date",
        "connection",
        "transfer-encoding",
        "cache-control",
        "x-accel-buffering",
        *(name for name, _ in SAFE_HEADERS),
    }
)
"""What carries an answer, and what is said to caches and proxies on its way."""
OF_NO_ROUTE: Final = (403, 404, 405, 426, *EVERYWHERE)
"""What may be said where no route is: to a page of elsewhere, of no such address or method, of the socket's."""

OF_THE_STORE_TOO: Final = frozenset({"/healthz"})

Validate = Callable[[Any], str | None]
"""Gives what is wrong with a value, or None."""


def document(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """As it is served."""
    return json.loads(msgspec.json.encode(make()))


def closed(schema: Any) -> Any:
    """The same schema, but what it does not name is wrong: clients pass unknown fields over, a server says none."""
    match schema:
        case {"type": "object", "properties": _} if "additionalProperties" not in schema:
            return {**{name: closed(part) for name, part in schema.items()}, "additionalProperties": False}
        case dict():
            return {name: closed(part) for name, part in schema.items()}
        case list():
            return [closed(part) for part in schema]
        case _:
            return schema


def validator(schema: dict[str, Any], components: dict[str, Any]) -> Validate:
    compiled = jsonschema_rs.Draft202012Validator({**schema, "components": components})

    def wrong(value: Any) -> str | None:
        return next((f"{error.message} at {list(error.instance_path)}" for error in compiled.iter_errors(value)), None)

    return wrong


class Published:
    """Both documents, with their validators made once. ``frames``, ``said`` and ``answers`` count what was looked at."""

    def __init__(self) -> None:
        self.frames = self.said = self.answers = 0
        self._wrong: list[str] = []
        socket = document(schemas.asyncapi)
        self._heard = _by_type(socket, "hear", closed)
        self._sayable = _by_type(socket, "say", closed)
        self._channel = socket["channels"]["chat"]
        rest = document(schemas.openapi)
        components = closed(rest["components"])
        self._upgrade = _Operation("/ws", {"responses": self._channel["x-refusals"]}, components)
        self._problem = validator(PROBLEM, components)
        self._operations = {
            (method.upper(), path): _Operation(path, described, components)
            for path, methods in rest["paths"].items()
            for method, described in methods.items()
        }
        self._pages = {
            _pattern(re.sub(r":\w+}", "}", route.path)): {given.status for given in route.gives}
            for route in ROUTES
            if not route.published
        }

    def take(self) -> list[str]:
        """What was wrong since the last time, in words."""
        wrong, self._wrong = self._wrong, []
        return wrong

    def frame(self, text: str | bytes) -> None:
        """The server says a frame."""
        self.frames += 1
        self._check("frame", text, self._heard)
        if len(text.encode() if isinstance(text, str) else text) > self._channel["x-max-server-frame-bytes"]:
            self._wrong.append(f"a frame larger than any may be: {text[:100]!r}")

    def client_frame(self, text: str | bytes) -> None:
        """Our own client says a frame."""
        self.said += 1
        self._check("client frame", text, self._sayable)

    def close(self, code: int) -> None:
        """The server closes a connection."""
        if str(code) not in self._channel["x-close-codes"]:
            self._wrong.append(f"closed with {code}, of which nothing is published")

    def refused_upgrade(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        what, headers = f"an upgrade refused with {status}", _lowered(headers)
        self._wrong += (f"{what}: {wrong}" for wrong in self._upgrade.wrong(status, headers, body))
        self._check_code(what, _parsed(body))

    def answer(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes | None) -> None:
        """An HTTP answer. ``body`` None: nobody read it, or it goes on and on."""
        self.answers += 1
        headers, what = _lowered(headers), f"{method} {path} {status}"
        if method == "HEAD":  # as GET says it, without its body
            method, body = "GET", None
        operation = self._operation(method, path)
        if operation is not None:
            self._wrong += (f"{what}: {wrong}" for wrong in operation.wrong(status, headers, body))
        elif method == "OPTIONS" or any(page.fullmatch(path) for page in self._pages):
            in_words = any(page.fullmatch(path) and status in given for page, given in self._pages.items())
            if status >= 400 and method != "OPTIONS" and not in_words:
                self._check_problem(what, _media_type(headers), body)
        elif status not in OF_NO_ROUTE:
            self._wrong.append(f"{what}: nothing is published of this address")
        else:
            self._check_problem(what, _media_type(headers), body)
        if _media_type(headers) == MEDIA_TYPE and body:
            self._check_code(what, _parsed(body))

    def knows(self, path: str) -> bool:
        """An address of the assistant's, and not of the store beside it."""
        return path not in OF_THE_STORE_TOO and any(each.path.fullmatch(path) for each in self._operations.values())

    def _operation(self, method: str, path: str) -> "_Operation | None":
        fitting = [each for (own, _), each in self._operations.items() if own == method and each.path.fullmatch(path)]
        return min(fitting, key=lambda each: each.placeholders, default=None)

    def _check(self, what: str, text: str | bytes, validators: Mapping[str, Validate]) -> None:
        value = _parsed(text)
        kind = value.get("type")
        wrong = validators[kind](value) if kind in validators else "nothing is published of this type"
        if wrong is not None:
            self._wrong.append(f"{what} {kind!r}: {wrong}")
        if "problem" in value:
            self._check_code(f"{what} {kind!r}", value["problem"])

    def _check_problem(self, what: str, media_type: str, body: bytes | None) -> None:
        if media_type != MEDIA_TYPE:
            self._wrong.append(f"{what}: {media_type or 'no media type'} in place of a problem document")
        elif body is not None and (wrong := self._problem(_parsed(body))) is not None:
            self._wrong.append(f"{what}: {wrong}")

    def _check_code(self, what: str, problem: Any) -> None:
        if problem.get("code") not in CODES:
            self._wrong.append(f"{what}: nothing is published of the code {problem.get('code')!r}")


class _Operation:
    """What the document says of one method at one path."""

    def __init__(self, path: str, described: dict[str, Any], components: dict[str, Any]) -> None:
        self.path = _pattern(path)
        self.placeholders = path.count("{")
        self._responses = described["responses"]
        self._bodies = {
            (status, media_type): validator(content["schema"], components)
            for status, response in self._responses.items()
            for media_type, content in response.get("content", {}).items()
            if media_type in JSON
        }

    def wrong(self, status: int, headers: Mapping[str, str], body: bytes | None) -> Generator[str]:
        response = self._responses.get(str(status))
        if response is None:
            yield "this status is not published"
            return
        declared = {name.lower(): header for name, header in response.get("headers", {}).items()}
        for name, header in declared.items():
            if header["required"] and name not in headers:
                yield f"there is no header {name}"
        for name in headers.keys() - declared.keys() - OF_EVERY_ANSWER:
            if not name.startswith(AMONG_BROWSERS):
                yield f"the header {name} is not published"
        media_type = _media_type(headers)
        if media_type not in response.get("content", {"": None}):
            yield f"{media_type or 'no media type'} is not published"
        elif body is not None and (validate := self._bodies.get((str(status), media_type))):
            why = validate(_parsed(body))
            yield from () if why is None else (why,)


def sayable(asyncapi: dict[str, Any]) -> Callable[[str], bool]:
    """Whether a text is a frame that a client may say. What a frame does not name is passed over."""
    validators = _by_type(asyncapi, "say", lambda components: components)

    def fits(text: str) -> bool:
        frame = _parsed(text)
        frame = json.loads(json.dumps(frame, ensure_ascii=False).encode(errors="replace"))  # no schema knows surrogates
        kind = frame.get("type")
        return isinstance(kind, str) and kind in validators and validators[kind](frame) is None

    return fits


def _by_type(asyncapi: dict[str, Any], operation: str, made: Callable[[Any], Any]) -> dict[str, Validate]:
    components = made(asyncapi["components"])
    messages = asyncapi["components"]["messages"]
    named = [messages[each["$ref"].rpartition("/")[2]] for each in asyncapi["operations"][operation]["messages"]]
    return {message["name"]: validator(message["payload"], components) for message in named}


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))


def _parsed(text: str | bytes) -> dict[str, Any]:
    """One JSON object; what is none fits no schema of ours."""
    try:
        value = json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"not": text}


def _no_json(constant: str) -> Any:
    raise ValueError(f"{constant} is JavaScript, but not JSON")


def _media_type(headers: Mapping[str, str]) -> str:
    return _lowered(headers).get("content-type", "").partition(";")[0]


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


# ---- where it is heard


@contextlib.contextmanager
def watching(published: Published) -> Generator[None]:
    """Everything that leaves by a door of this process."""
    with (
        _replaced(Door, "__call__", lambda own: _answering(own, published)),
        _replaced(SocketEdge, "serve", lambda own: _conversing(own, published)),
    ):
        yield


@contextlib.contextmanager
def watching_clients(published: Published) -> Generator[None]:
    """Everything that clients in this process hear of an assistant: a WebSocket at ``/ws``, and HTTP at what is published."""
    with (
        _replaced(ClientConnection, "handshake", lambda own: _shaking_hands(own, published)),
        _replaced(ClientConnection, "recv", lambda own: _hearing(own, published)),
        _replaced(aiohttp.ClientResponse, "start", lambda own: _starting(own, published)),
        _replaced(aiohttp.ClientResponse, "read", lambda own: _reading(own, published)),
    ):
        yield


@contextlib.contextmanager
def _replaced(owner: type, name: str, made: Callable[[Any], Any]) -> Generator[None]:
    own = getattr(owner, name)
    setattr(owner, name, made(own))
    try:
        yield
    finally:
        setattr(owner, name, own)


def _answering(own: Callable[..., Awaitable[None]], published: Published) -> Any:
    async def answering(door: Door, scope: Any, receive: Any, send: Any) -> None:
        heard = _Response(send)
        await own(door, scope, receive, heard)
        if heard.status and scope["type"] == "http":
            published.answer(scope["method"], scope["path"], heard.status, heard.headers, heard.body)
        elif heard.status:
            published.refused_upgrade(heard.status, heard.headers, heard.body or b"")

    return answering


def _conversing(own: Callable[..., Awaitable[None]], published: Published) -> Any:
    async def conversing(edge: SocketEdge, scope: Any, receive: Any, send: Any) -> None:
        async def saying(event: Any) -> None:
            if event["type"] == "websocket.send":
                published.frame(event["text"])
            elif event["type"] == "websocket.close":
                published.close(event["code"])
            await send(event)

        heard = _Response(saying)
        await own(edge, scope, receive, heard)
        if heard.status:
            published.refused_upgrade(heard.status, heard.headers, heard.body or b"")

    return conversing


class _Response:
    """Passes on what is sent, and keeps an HTTP response among it; its body where that is JSON."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None

    async def __call__(self, event: Any) -> None:
        await self._send(event)
        if event["type"].endswith("http.response.start"):
            self.status = event["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event["headers"]}
        elif event["type"].endswith("http.response.body") and _media_type(self.headers) in JSON:
            self.body = (self.body or b"") + event.get("body", b"")


def _is_ours(connection: ClientConnection) -> bool:
    return connection.request is not None and connection.request.path.partition("?")[0] == "/ws"


def _shaking_hands(own: Callable[..., Awaitable[None]], published: Published) -> Any:
    async def handshake(connection: ClientConnection, *args: Any, **more: Any) -> None:
        try:
            await own(connection, *args, **more)
        except InvalidStatus as refused:
            if _is_ours(connection):
                response = refused.response
                published.refused_upgrade(
                    response.status_code, dict(response.headers.raw_items()), response.body or b""
                )
            raise

    return handshake


def _hearing(own: Callable[..., Awaitable[Any]], published: Published) -> Any:
    async def recv(connection: ClientConnection, *args: Any, **more: Any) -> Any:
        try:
            heard = await own(connection, *args, **more)
        except ConnectionClosed as ended:
            if ended.rcvd is not None and ended.rcvd.code not in CLOSED_BY_THE_PEER and _is_ours(connection):
                published.close(ended.rcvd.code)
            raise
        if _is_ours(connection):
            published.frame(heard)
        return heard

    return recv


def _starting(own: Callable[..., Awaitable[Any]], published: Published) -> Any:
    """Status and headers of an answer whose body nobody may read."""

    async def start(response: aiohttp.ClientResponse, *args: Any, **more: Any) -> Any:
        started = await own(response, *args, **more)
        if published.knows(response.url.path):
            published.answer(response.method, response.url.path, response.status, dict(response.headers), None)
        return started

    return start


def _reading(own: Callable[..., Awaitable[bytes]], published: Published) -> Any:
    async def read(response: aiohttp.ClientResponse) -> bytes:
        body = await own(response)
        if published.knows(response.url.path):
            published.answer(response.method, response.url.path, response.status, dict(response.headers), body)
        return body

    return read
