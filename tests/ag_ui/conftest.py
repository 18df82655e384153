"""The edge with scripted answers behind our own server, in this process, and agents in Node that talk to it by AG-UI's client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conversation.virtual import Process, World
from tests.scenes import played, served

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
    async with served(process) as address:
        yield address


@pytest.fixture
def play(url: str, peer: Callable[[str], str]) -> Play:
    """Plays a scene of ``agent.mjs`` to its end, and gives what the agent holds, and it heard no complaint of the client's.

    ``then`` is told each line that the scene tells before its end; the scene goes on when it is done.
    """
    node, client = peer("node"), peer("ag-ui")

    async def play(scene: str, *given: str, then: Callable[[Any], Awaitable[None]] | None = None) -> Any:
        told = await played(LIMIT_S, node, str(AGENT), client, url, scene, *given, then=then)
        told["warned"] = [each for each in told.pop("complaints") if not each.startswith("Agent execution failed")]
        return told

    return play
