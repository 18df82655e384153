"""What is queued for one socket: bounded, and with a writer task only while there is something to write (W-8)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from mangaassist.edge.connection import Close

QUEUED_BYTES: Final = 256 * 1024
TOO_SLOW: Final = Close(1013, "reading too slowly; reconnect and resume")


class Outbox:
    """``send`` writes one text frame and waits while the peer's buffers are full; ``close`` ends the connection."""

    def __init__(self, send: Callable[[str], Awaitable[None]], close: Callable[[Close], Awaitable[None]]) -> None:
        self._send = send
        self._close = close
        self._queue: deque[bytes | Close] = deque()
        self._queued_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._closing = False

    def push(self, data: bytes) -> None:
        if self._closing:
            return
        self._queued_bytes += len(data)
        if self._queued_bytes > QUEUED_BYTES:
            self._drop()
        else:
            self._enqueue(data)

    def close(self, close: Close) -> None:
        """Close once everything queued has been written."""
        if not self._closing:
            self._closing = True
            self._enqueue(close)

    async def finished(self) -> None:
        """The connection is over: nothing more is written."""
        self._closing = True
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def _drop(self) -> None:
        """W-8: the peer does not read. What is queued is forgotten; it can be resumed from the kept frames."""
        self._queue.clear()
        self._closing = True
        if self._writer is not None:
            self._writer.cancel()
        self._queue.append(TOO_SLOW)
        self._writer = asyncio.create_task(self._write())

    def _enqueue(self, item: bytes | Close) -> None:
        self._queue.append(item)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, Close):
                await self._close(item)
                break
            await self._send(item.decode())
            self._queued_bytes -= len(item)
        self._writer = None
