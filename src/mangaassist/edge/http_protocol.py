"""uvicorn's HTTP protocol, made to let go of peers that never come to an end, and to say why in problem documents (R-6, R-9).

A request is taken up when all of it is there: a body that never comes costs a timer and no task. Every part of it has a size and
a time, of which dripping buys no more. What was asked before a mistake is still answered.
"""

import asyncio
from asyncio.transports import BaseTransport
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mangaassist.errors import BadInput, Draining
from mangaassist.telemetry.logs import logger
from mangaassist.wire.problems import MEDIA_TYPE, problem_of
from mangaassist.wire.rest import MAX_BODY_BYTES

HEAD_LIMIT_S: Final = 10.0
"""From the first byte of a request to the end of its headers; also how long who has connected may say nothing."""
BODY_LIMIT_S: Final = 15.0
UNREAD_LIMIT_S: Final = 30.0
"""How long a peer may leave unread what it was sent."""
LINGER_S: Final = 2.0
"""How long a peer that was refused may go on sending."""

MAX_URL_BYTES: Final = 8 * 1024
MAX_HEADERS: Final = 100
MAX_HEAD_BYTES: Final = 32 * 1024
MAX_BODY_ON_THE_WIRE_BYTES: Final = 4 * MAX_BODY_BYTES
"""With what frames its chunks, and trailers."""
MAX_QUEUED: Final = 8
"""Requests that wait behind the one that is being answered."""
_PIECE_BYTES: Final = 4096

SAFE_HEADERS: Final = (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"))
"""On every response: what we send is what we say it is, and our addresses, which may name a session, are told to nobody else."""

_log = logger("edge")
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

Headers = Sequence[tuple[bytes, bytes]]


class Part(Enum):
    """What of a request is being received."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


def _broken(detail: str = "This is not HTTP/1.1 as it should be.") -> BadInput:
    return BadInput("bad_request", detail)


def _url_too_long() -> BadInput:
    return BadInput("url_too_long", f"The URL is longer than {MAX_URL_BYTES // 1024} KiB.", status=414)


def _head_too_large() -> BadInput:
    detail = f"There are more than {MAX_HEADERS} headers, or they take more than {MAX_HEAD_BYTES // 1024} KiB."
    return BadInput("headers_too_large", detail, status=431)


def _body_too_large() -> BadInput:
    return BadInput("too_large", f"The body is larger than {MAX_BODY_BYTES // 1024} KiB.", status=413)


def _too_slow() -> BadInput:
    return BadInput("request_too_slow", "The request took too long to arrive.", status=408)


def check_head(version: str, headers: Headers) -> None:
    """Raise ``BadInput`` for what the parser lets pass and two servers could read in two ways, and for a body that is too large."""
    values = {name: [value for named, value in headers if named == name] for name in (b"host", b"transfer-encoding")}
    if version not in ("1.0", "1.1"):
        raise _broken("Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    if len(values[b"host"]) > 1 or (version == "1.1" and not values[b"host"]):
        raise _broken("A request names exactly one Host.")
    coding = values[b"transfer-encoding"]
    if coding and (version == "1.0" or [value.lower() for value in coding] != [b"chunked"]):
        raise _broken("A body comes with a Content-Length, or in chunks and not coded otherwise.")
    if body_length(headers) > MAX_BODY_BYTES:
        raise _body_too_large()


def body_length(headers: Headers) -> int:
    """The length that the head declares, which the parser has read as a number; 0 without one."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)


class LingeringTransport(asyncio.Transport):
    """What an answer is written to: closing it is left to the connection."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[], None]) -> None:
        super().__init__()
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.close = end


class BoundedHttpProtocol(HttpToolsProtocol):
    """One connection. After a mistake nothing more is read of it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._part = Part.NOTHING
        self._begun = 0
        self._taken = 0
        self._watched: tuple[int, Part] | None = None
        self._clock: asyncio.TimerHandle | None = None
        self._cut: asyncio.TimerHandle | None = None
        self._answering: RequestResponseCycle | None = None
        self._incoming: tuple[RequestResponseCycle, Any] | None = None
        self._is_deaf = False
        self._is_ended = False

    @property
    def _reader(self) -> httptools.HttpRequestParser:
        assert self.parser is not None  # until the connection is lost
        return self.parser

    # ---- what arrives

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # pyright: ignore[reportArgumentType] - a transport that writes
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._is_deaf:
            return
        try:
            for start in range(0, len(data), _PIECE_BYTES):
                self._feed(data[start : start + _PIECE_BYTES])
        except BadInput as mistake:
            self._refuse(mistake)
        except httptools.HttpParserUpgrade:
            self._change_protocol()
        except httptools.HttpParserError as error:
            self._refuse(error.__context__ if isinstance(error.__context__, BadInput) else _broken())
        self._watch()

    def _feed(self, piece: bytes) -> None:
        self._reader.feed_data(piece)
        self._taken += len(piece)
        if self._part is Part.HEAD and self._taken > MAX_HEAD_BYTES:
            raise _head_too_large()
        if self._part is Part.BODY and self._taken > MAX_HEAD_BYTES + MAX_BODY_ON_THE_WIRE_BYTES:
            raise _body_too_large()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = Part.HEAD
        self._begun += 1
        self._taken = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            raise _url_too_long()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._part is Part.BODY:
            return  # trailers come after what was decided by the headers
        if len(self.headers) == MAX_HEADERS:
            raise _head_too_large()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._part = Part.BODY
        check_head(self._reader.get_http_version(), self.headers)
        if self._should_upgrade() and self._has_body():
            raise _broken("An upgrade has no body.")
        if len(self.pipeline) == MAX_QUEUED:
            raise _broken("Too many requests came at once on one connection.")
        super().on_headers_complete()
        if self._should_upgrade():
            return
        self.cycle.transport = LingeringTransport(self.transport, self.end)
        if self._reader.should_upgrade():
            self.cycle.keep_alive = False  # what follows may be in the other protocol

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if len(self.cycle.body) > MAX_BODY_BYTES:
            raise _body_too_large()

    def on_message_complete(self) -> None:
        self._part = Part.NOTHING
        super().on_message_complete()
        if self._incoming is not None:
            (cycle, app), self._incoming = self._incoming, None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.more_body:
            self._incoming = cycle, app
            if cycle.waiting_for_100_continue:
                cycle.waiting_for_100_continue = False
                self.transport.write(_CONTINUE)
        else:
            self._answering = cycle
            super()._start_asgi_task(cycle, app)

    def _has_body(self) -> bool:
        return body_length(self.headers) > 0 or any(name == b"transfer-encoding" for name, _ in self.headers)

    # ---- other protocols

    def _should_upgrade(self) -> bool:
        return self._reader.should_upgrade() and self._reader.get_http_version() == "1.1" and super()._should_upgrade()

    def _change_protocol(self) -> None:
        """To a socket. Any other upgrade is an offer that we may ignore: the request itself is answered."""
        if not self._should_upgrade():
            self._is_deaf = True
        elif self._last_owed() is not None:
            self._refuse(_broken("A connection that is upgraded has nothing else to answer."))
        else:
            self._is_deaf = True
            self._stop_timers()
            self.handle_websocket_upgrade()

    # ---- what time asks for

    def _watch(self) -> None:
        """Give the peer its time for the part that it is in, once, however often more of it comes."""
        waits = self._part is Part.NOTHING and self._last_owed() is not None
        part = None if self._is_deaf or waits else (self._begun, self._part)
        if part == self._watched:
            return
        self._watched = part
        if self._clock is not None:
            self._clock.cancel()
        if part is not None:
            limit_s = BODY_LIMIT_S if self._part is Part.BODY else HEAD_LIMIT_S
            self._clock = self.loop.call_later(limit_s, self._end_slow)

    def _end_slow(self) -> None:
        if self._part is Part.NOTHING:
            self.transport.close()  # nobody asked anything
            self._cut_after(UNREAD_LIMIT_S)
        else:
            self._refuse(_too_slow())

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cut_after(UNREAD_LIMIT_S)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._cut is not None and not self.transport.is_closing():
            self._cut.cancel()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._cut_after(UNREAD_LIMIT_S)

    def on_response_complete(self) -> None:
        if not self._is_ended:
            super().on_response_complete()

    def _cut_after(self, seconds: float) -> None:
        if self._cut is not None:
            self._cut.cancel()
        self._cut = self.loop.call_later(seconds, self.transport.abort)

    def _stop_timers(self) -> None:
        for timer in (self._clock, self._cut):
            if timer is not None:
                timer.cancel()

    # ---- how it ends

    def _refuse(self, mistake: BadInput | Draining) -> None:
        """Read no more, drop what has half arrived, answer what was asked before; who is owed nothing is told the mistake."""
        _log.debug("request_refused", status=mistake.status, code=mistake.code)
        self._is_deaf = True
        self._incoming = None
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()
        last = self._last_owed()
        if last is not None:
            last.keep_alive = False
        else:
            self.transport.write(self._worded(mistake))
            self.end(LINGER_S)

    def end(self, linger_s: float = UNREAD_LIMIT_S) -> None:
        """Say nothing more, and hear out the peer for so long: who resets it while it sends takes our last words from it."""
        self._is_deaf = self._is_ended = True
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._cut_after(linger_s)
        else:
            self.transport.close()

    def _last_owed(self) -> RequestResponseCycle | None:
        """The last request that was taken up whole and is not answered yet."""
        owed = [cycle for cycle, _ in self.pipeline if not cycle.more_body]
        if owed:
            return owed[0]
        if self._answering is not None and not self._answering.response_complete:
            return self._answering
        return None

    def _worded(self, mistake: BadInput | Draining) -> bytes:
        worded = problem_of(mistake)
        body = msgspec.json.encode(worded)
        headers = (
            *self.server_state.default_headers,
            *((name.encode(), value.encode()) for name, value in worded.headers.items()),
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        )
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"".join((STATUS_LINE[mistake.status], lines, b"\r\n", body))

    def shutdown(self) -> None:
        """Nothing more is taken up; what was is still answered."""
        if self._part is not Part.NOTHING and not self._is_deaf:
            self._refuse(Draining())
            self._watch()
        elif self._last_owed() is None:
            self.end(LINGER_S)
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timers()
        self._is_deaf = True
        self._incoming = None
        super().connection_lost(exc)
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()
