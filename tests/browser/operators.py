"""A real edge for the pages of operators: its assistant says the words of the message, and ``oda`` is the token of an operator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mangaassist.edge.app import build
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Tokens


@asynccontextmanager
async def served(process: Process | None = None) -> AsyncIterator[str]:
    """Its address."""
    process = process or Process(World(), "operators")
    doors = process.doors(Tokens())
    door = build(doors, SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600), {})
    ready = asyncio.Event()
    with listen("127.0.0.1", 0) as listening:
        serving = server(door, 30, ready.set)
        async with process.dispatcher:
            running = asyncio.create_task(serving.serve(sockets=[listening]))
            await ready.wait()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            serving.finish()
            await running
