"""A server on the loopback, on the loop of its client, at a free port, for as long as its block lasts."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Self

from aiohttp import web

MOST_BYTES: Final = 16 << 20
"""Of a request."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer:
    """Use it as a context manager. ``url`` is where it listens; requests that their client leaves are cancelled."""

    def __init__(self) -> None:
        self.url = ""
        self._runner: web.AppRunner

    def posts(self) -> Mapping[str, Handler]:
        """What is asked by ``POST``, by its path."""
        raise NotImplementedError

    def routes(self) -> Iterable[web.RouteDef]:
        """All that is answered; where more is asked than ``posts`` says."""
        return [web.post(path, handler) for path, handler in self.posts().items()]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_routes(self.routes())
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
