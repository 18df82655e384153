"""uvicorn's HTTP protocol, made to let go of peers that do not read what they are sent (R-7, W-8)."""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UNREAD_LIMIT_S: Final = 30.0


class BoundedHttpProtocol(HttpToolsProtocol):
    """What is sent waits in one bounded buffer, and whoever sends waits with it: but not for longer than ``UNREAD_LIMIT_S``."""

    _cut: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cut = self.loop.call_later(UNREAD_LIMIT_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._keep()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._keep()

    def _keep(self) -> None:
        if self._cut is not None:
            self._cut.cancel()
            self._cut = None
