"""A shopper with AG-UI's own client, whose process is killed in mid-answer: the run goes on at the next one (R-10)."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.crashes.fleet import Assistant
from tests.peers import needed

AGENT: Final = Path(__file__).parents[1] / "ag_ui" / "agent.mjs"
QUESTION: Final = "recommend me something like Berserk"
HEAR_LIMIT_S: Final = 240.0


class Run(Struct, frozen=True):
    """What an agent holds at the end: the answer, and the kinds of all events that it was told."""

    text: str
    kinds: tuple[str, ...]
    warned: tuple[str, ...]


async def killed_under_an_agent(assistants: list[Assistant]) -> tuple[Run, Run]:
    """The same question in peace, and with the process killed once the first words were heard."""
    peaceful = await _run(assistants, lambda: None)
    returned = asyncio.Event()

    def kill() -> None:
        assistants[0].kill()
        assistants[0].begin()
        returned.set()

    killed = await _run(assistants, kill)
    assert returned.is_set()
    await asyncio.to_thread(assistants[0].ready)
    return peaceful, killed


async def _run(assistants: list[Assistant], said: Callable[[], None]) -> Run:
    addresses = ",".join(one.url for one in assistants)
    playing = await asyncio.create_subprocess_exec(
        needed("node"), str(AGENT), needed("ag-ui"), addresses, "long", QUESTION,
        stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    assert playing.stdout is not None
    try:
        async with asyncio.timeout(HEAR_LIMIT_S):
            await playing.stdout.readline()
            said()
            told = json.loads(await playing.stdout.readline())
            await playing.wait()
    finally:
        if playing.returncode is None:
            playing.kill()
    assert "failed" not in told, told["failed"]
    (text,) = (message["content"] for message in told["messages"] if message["role"] == "assistant")
    return Run(text, tuple(told["kinds"]), tuple(told["complaints"]))
