"""Scenes that somebody else's client plays in Node against the edge on a real port of this process."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from mangaassist.edge.app import build
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process
from tests.edge.rest_client import Sockets, Tokens

LONGEST_LINE = 2**24


@asynccontextmanager
async def served(process: Process) -> AsyncIterator[str]:
    """Where the doors of a process stand while this lasts."""
    door = build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {})
    listening, ready = listen("127.0.0.1", 0), asyncio.Event()
    serve = server(door, 3600, ready.set)
    task = asyncio.create_task(serve.serve(sockets=[listening]))
    await ready.wait()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    serve.finish()
    await task


async def played(limit_s: float, *command: str, then: Callable[[Any], Awaitable[None]] | None = None) -> Any:
    """What a scene shows at its end. ``then`` is told what it tells before; the scene goes on when that is done."""
    playing = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert playing.stdin and playing.stdout
    try:
        async with asyncio.timeout(limit_s):
            if then is not None:
                await then(json.loads(await playing.stdout.readline()))
                playing.stdin.write(b"\n")
            shown, complaint = await playing.communicate()
    except TimeoutError:
        playing.kill()
        raise
    assert playing.returncode == 0, complaint.decode()
    return json.loads(shown)
