"""uvicorn, set up the way the edge needs it (W-5, W-11, R-6), on an address that is taken before anything heavy starts."""

import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import uvicorn
from litestar import Litestar

from mangaassist.edge.addresses import trusted_networks
from mangaassist.edge.app import Door
from mangaassist.edge.http_protocol import SAFE_HEADERS, BoundedHttpProtocol
from mangaassist.edge.websocket_protocol import BoundedWebSocketProtocol
from mangaassist.wire.frames import MAX_FRAME_BYTES

CLOSING_S: Final = 5


class Server(uvicorn.Server):
    """Calls ``ready`` once connections are taken. Signals are its owner's: ``finish`` stops it.

    uvicorn's own handlers would end the process before anything else could be closed.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    def stop_listening(self) -> None:
        """Take no more connections; those that are open go on."""
        for listening in self.servers:
            listening.close()

    def finish(self) -> None:
        """Let requests that are under way finish, and return from ``serve``."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def inner(app: Litestar) -> uvicorn.Config:
    """For a process that no shopper talks to: its probes, or requests of our own processes."""
    return uvicorn.Config(
        cast(Any, app),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=CLOSING_S,
    )


def server(
    app: Door, heartbeat_s: float, ready: Callable[[], None] = lambda: None, proxies: Sequence[str] = ()
) -> Server:
    """A server for ``app``. A peer that answers no ping for two heartbeats is dropped (W-5); a long frame closes with 1009.

    ``proxies`` are the only ones that are believed who called and by which scheme.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        http=BoundedHttpProtocol,
        ws=BoundedWebSocketProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=heartbeat_s,
        ws_ping_timeout=2 * heartbeat_s,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=trusted_networks(proxies),
        headers=list(SAFE_HEADERS),
        timeout_graceful_shutdown=CLOSING_S,
    )
    return Server(config, ready)
