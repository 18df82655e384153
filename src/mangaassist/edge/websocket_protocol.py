"""uvicorn's WebSocket protocol, made to let go of peers that do not read what they are sent (W-5, W-8)."""

from asyncio.transports import BaseTransport
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

QUEUED_BYTES: Final = 256 * 1024
LINGER_S: Final = 10.0
MORE_FOLLOWS: Final = "mangaassist.more"
"""Set on a frame that another follows at once: both leave in one write."""
TOO_SLOW: Final = (1013, "reading too slowly; reconnect and resume")


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """Everything that is sent, answers to pings included, waits in one bounded buffer; past the bound the peer is dropped.

    A connection that is closed and whose peer does not read even that is cut after ``LINGER_S``.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=QUEUED_BYTES)

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
            self.conn.send_text(message["text"].encode())
            return
        await super().send(message)
        if message["type"] == "websocket.close":
            self._cut_later()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_later()

    def _cut_later(self) -> None:
        self.loop.call_later(LINGER_S, self.transport.abort)
