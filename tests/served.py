"""An ASGI application on a free port of the loopback, served from the event loop of the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from mangaassist.edge.listening import listen
from mangaassist.edge.server import Server


@contextlib.asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Its address, once it answers."""
    listening = listen("127.0.0.1", 0)
    ready = asyncio.Event()
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5)
    server = Server(config, ready.set)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await ready.wait()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.finish()
        await serving
        listening.close()
