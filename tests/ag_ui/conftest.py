"""The edge with scripted answers behind our own server, in this process, and agents in Node that talk to it by AG-UI's client."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from mangaassist.edge.app import build
from mangaassist.edge.server import listen, server
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, World
from tests.edge.rest_client import Sockets, Tokens

AGENT = Path(__file__).with_name("agent.mjs")
LIMIT_S = 120

Play = Callable[..., Awaitable[Any]]


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    made = Process(World(), "one")
    async with made.dispatcher:
        yield made


@pytest.fixture
async def url(process: Process) -> AsyncIterator[str]:
    door = build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {})
    listening, ready = listen("127.0.0.1", 0), asyncio.Event()
    serve = server(door, 3600, ready.set)
    task = asyncio.create_task(serve.serve(sockets=[listening]))
    await ready.wait()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    serve.finish()
    await task


@pytest.fixture
def play(url: str, peer: Callable[[str], str]) -> Play:
    """Plays a scene of ``agent.mjs`` to its end, and gives what the agent holds, and it heard no complaint of the client's.

    ``then`` is told each line that the scene tells before its end; the scene goes on when it is done.
    """
    node, client = peer("node"), peer("ag-ui")

    async def play(scene: str, *given: str, then: Callable[[Any], Awaitable[None]] | None = None) -> Any:
        playing = await asyncio.create_subprocess_exec(
            node, str(AGENT), client, url, scene, *given,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=2**24,
        )  # fmt: skip
        assert playing.stdin and playing.stdout and playing.stderr
        try:
            async with asyncio.timeout(LIMIT_S):
                if then is not None:
                    await then(json.loads(await playing.stdout.readline()))
                    playing.stdin.write(b"\n")
                shown, complaint = await playing.communicate()
        except TimeoutError:
            playing.kill()
            raise
        assert playing.returncode == 0, complaint.decode()
        told = json.loads(shown)
        told["warned"] = [each for each in told.pop("complaints") if not each.startswith("Agent execution failed")]
        return told

    return play
