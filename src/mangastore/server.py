"""Runs a store: HTTP and gRPC on one event loop, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass
from typing import Any, cast

import grpc
import grpc.aio
import msgspec
import uvicorn

from mangaproto import catalog_pb2_grpc as pb_grpc
from mangastore.app import make_app
from mangastore.faults.catalog_door import CatalogDoor
from mangastore.services.catalog import CatalogService
from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store

GRACE_S = 3
BACKLOG = 1024


class PortTakenError(Exception):
    """An address that the store was told to listen on is in use."""

    def __init__(self, what: str, host: str, port: int) -> None:
        super().__init__(what, host, port)
        self.what, self.host, self.port = what, host, port

    def __str__(self) -> str:
        option = "--port" if self.what == "HTTP" else "--grpc-port"
        return f"The store cannot listen on {self.host}:{self.port} ({self.what}): choose another with {option}."


@dataclass(frozen=True, slots=True)
class RunningStore:
    """A store that serves: where it is, and what it serves from."""

    store: Store
    http_url: str
    grpc_address: str


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: whoever runs the store decides when it stops."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the process's signal handlers alone."""
        yield


@contextlib.asynccontextmanager
async def running_store(
    settings: StoreSettings, make_store: Callable[[StoreSettings], Store] = open_store
) -> AsyncGenerator[RunningStore]:
    """A store that serves inside the `async with` block. Raises PortTakenError."""
    with _listen(settings) as http_socket:
        port = cast("int", http_socket.getsockname()[1])
        store = make_store(_with_public_url(settings, port))
        async with _grpc_side(store) as grpc_address, _http_side(store, http_socket):
            yield RunningStore(store, f"http://{_reachable(settings.host)}:{port}", grpc_address)


async def serve(
    settings: StoreSettings,
    *,
    stop: asyncio.Event | None = None,
    on_ready: Callable[[RunningStore], None] | None = None,
) -> None:
    """Serve a store until `stop` is set, or for ever. Raises PortTakenError."""
    async with running_store(settings) as running:
        if on_ready:
            on_ready(running)
        await (stop or asyncio.Event()).wait()


def _listen(settings: StoreSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise PortTakenError("HTTP", settings.host, settings.port) from error


def _with_public_url(settings: StoreSettings, port: int) -> StoreSettings:
    url = settings.public_url or f"http://{_reachable(settings.host)}:{port}"
    return msgspec.structs.replace(settings, public_url=url.rstrip("/"))


def _reachable(host: str) -> str:
    """The name under which this machine reaches a listening address."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # names it, binds nothing
    return f"[{reachable}]" if ":" in reachable else reachable


@contextlib.asynccontextmanager
async def _grpc_side(store: Store) -> AsyncGenerator[str]:
    settings = store.settings
    door = CatalogDoor(store.faults, store.catalogue.anything)
    server = grpc.aio.server(interceptors=(door,), options=[("grpc.so_reuseport", 0)])
    service = CatalogService(store.catalogue)
    pb_grpc.add_CatalogServicer_to_server(service, server)  # pyright: ignore[reportUnknownMemberType]  # generated code
    try:
        port = server.add_insecure_port(f"{_bracketed(settings.host)}:{settings.grpc_port}")
    except RuntimeError as error:
        raise PortTakenError("gRPC", settings.host, settings.grpc_port) from error
    await server.start()
    try:
        yield f"{_reachable(settings.host)}:{port}"
    finally:
        # Watchers never end by themselves, so there is nothing to wait for.
        await server.stop(grace=0)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextlib.asynccontextmanager
async def _http_side(store: Store, listening: socket.socket) -> AsyncGenerator[None]:
    config = uvicorn.Config(
        cast("Any", make_app(store)),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not task.done():  # noqa: ASYNC110  # uvicorn offers no event; one turn of the loop
        await asyncio.sleep(0)
    try:
        yield
    finally:
        server.should_exit = True
        await task
