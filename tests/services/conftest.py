"""A clock that stands still, hostile servers on loopback, and the real demo store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import grpc
import grpc.aio
import pytest
from aiohttp import web

from mangaassist.services.policies import POLICIES, stretched
from mangastore.server import RunningStore, running_store
from mangastore.settings import StoreSettings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATIENT = stretched(POLICIES, 30)
"""The same table for tests of what is answered, so that a busy machine fails none of them; those of time use the real one."""


class Clock:
    """Monotonic seconds and UTC that move only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wall(self) -> datetime:
        return datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(seconds=self.now - 1000)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def serve_http() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    """Starts a server that answers every GET with the handler; gives its base URL."""
    async with AsyncExitStack() as exits:

        async def serve(handler: Handler) -> str:
            app = web.Application()
            app.router.add_get("/{path:.*}", handler)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            exits.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield serve


@pytest.fixture
async def serve_grpc() -> AsyncIterator[Callable[[Callable[..., object]], Awaitable[str]]]:
    """Starts a gRPC server whose every unary method answers the bytes that the handler gives; gives ``host:port``."""
    async with AsyncExitStack() as exits:

        async def serve(handler: Callable[..., object]) -> str:
            class Every(grpc.GenericRpcHandler):
                def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
                    if details.method.endswith("WatchChanges"):
                        return grpc.unary_stream_rpc_method_handler(handler)
                    return grpc.unary_unary_rpc_method_handler(handler)

            server = grpc.aio.server(options=[("grpc.so_reuseport", 0), ("grpc.max_send_message_length", -1)])
            server.add_generic_rpc_handlers((Every(),))
            port = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            exits.push_async_callback(server.stop, 0)
            return f"127.0.0.1:{port}"

        yield serve


@pytest.fixture
async def demo_store(tmp_path: Path) -> AsyncIterator[RunningStore]:
    async with running_store(StoreSettings(port=0, grpc_port=0, state_dir=tmp_path)) as running:
        yield running


@pytest.fixture
async def sign_in(demo_store: RunningStore) -> Callable[[str], Awaitable[str]]:
    """Gives the access token of a demo customer."""

    async def token(name: str) -> str:
        login = {"username": name, "password": f"{name}-demo"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{demo_store.http_url}/auth/token", json=login) as response,
        ):
            return (await response.json())["access_token"]

    return token
