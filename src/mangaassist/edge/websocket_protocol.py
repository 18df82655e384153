"""uvicorn's WebSocket protocol, made to let go of peers that do not read what they are sent, and to refuse in problem documents
(W-5, W-8, W-11, R-6)."""

from asyncio.transports import BaseTransport
from http import HTTPStatus
from typing import Any, Final

import msgspec
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidHeader, InvalidState
from websockets.frames import CloseCode
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import StatusLike

from mangaassist.edge.http_protocol import SAFE_HEADERS
from mangaassist.wire.problems import MEDIA_TYPE, Problem, problem

QUEUED_BYTES: Final = 256 * 1024
LINGER_S: Final = 10.0
MORE_FOLLOWS: Final = "mangaassist.more"
"""Set on a frame that another follows at once: both leave in one write."""
TOO_SLOW: Final = (1013, "reading too slowly; reconnect and resume")


class Handshake(ServerProtocol):
    """Words what the library refuses, before anybody of ours hears of it."""

    def reject(self, status: StatusLike, text: str) -> Response:
        refusal, headers = self._worded(HTTPStatus(status))
        response = super().reject(refusal.status, msgspec.json.encode(refusal).decode())
        del response.headers["Content-Type"]
        response.headers.update({"Content-Type": MEDIA_TYPE, **dict(SAFE_HEADERS), **headers})
        return response

    def _worded(self, status: HTTPStatus) -> tuple[Problem, dict[str, str]]:
        wrong = self.handshake_exc.name if isinstance(self.handshake_exc, InvalidHeader) else ""
        if wrong == "Sec-WebSocket-Version":
            detail = "Version 13 of the WebSocket protocol is spoken here."
            headers = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
            return problem(HTTPStatus.UPGRADE_REQUIRED, "upgrade_required", detail), headers
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return problem(status, "internal", "Something went wrong on our side. Please try again."), {}
        detail = (
            f"The header {wrong} of the handshake is missing or wrong." if wrong else "This is no WebSocket handshake."
        )
        return problem(status, "bad_handshake", detail), {}


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Everything that is sent, answers to pings included, waits in one bounded buffer; past the bound the peer is dropped.

    A connection that is closed and whose peer does not read even that is cut after ``LINGER_S``.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = Handshake(max_size=self.config.ws_max_size, logger=self.logger)

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=QUEUED_BYTES)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self.handshake_complete = self.close_sent = True
            self.transport.write(self.conn.reject(HTTPStatus.BAD_REQUEST, "").serialize())
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            self.transport.pause_reading()  # frames that come before the answer to the handshake wait for it

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            self.frames = []
            self.conn.fail(CloseCode.INVALID_DATA, "this is not UTF-8")
            self.handle_parser_exception()
            self._cut_later()
        else:
            super().send_receive_event_to_app()

    def pause_writing(self) -> None:
        if not self.close_sent:
            code, reason = TOO_SLOW
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.conn.fail(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.stop_keepalive()
            self.transport.close()
            self._cut_later()

    async def send(self, message: Any) -> None:
        if self.close_sent:
            raise ClientDisconnected
        if message.get(MORE_FOLLOWS):
            try:
                self.conn.send_text(message["text"].encode())
            except InvalidState:
                raise ClientDisconnected from None
            return
        if message["type"] == "websocket.http.response.start":
            message = message | {"headers": [*self.default_headers, *message["headers"]]}
        await super().send(message)
        if message["type"] == "websocket.accept" and not self.transport.is_closing():
            self.transport.resume_reading()
        elif message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # a refusal is an answer too, and no mistake of whoever refuses
        elif message["type"] == "websocket.close":
            self._cut_later()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_later()

    def _cut_later(self) -> None:
        self.loop.call_later(LINGER_S, self.transport.abort)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
