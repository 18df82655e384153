"""The edge with scripted answers behind our own server, in this process, and pages in Node that talk to it by the AI SDK."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.evidence import Degradation
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Output, Stop
from mangaassist.turn.stages import Answered, Message
from mangaassist.wire.metadata import Source
from tests.conversation.virtual import Process, World
from tests.scenes import played, served

PAGE = Path(__file__).with_name("page.mjs")
LIMIT_S = 120


SOURCE = Source(chunk_id="c1", title="Returns", source_type="policy", score=0.5)


class RestingAnswers(ScriptedAnswers):
    """Every answer rests on a page; one that begins with ``alone`` does without a service."""

    async def answer(self, message: Message, session: Session, output: Output, stop: Stop) -> Answered:
        if message.text.startswith("alone"):
            await output.degraded(Degradation(service="reviews", fallback="left out"))
        answered = await super().answer(message, session, output, stop)
        return replace(answered, metadata=replace(answered.metadata, sources=(SOURCE,)))


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    made = Process(World(), "one", RestingAnswers())
    async with made.dispatcher:
        yield made


@pytest.fixture
async def url(process: Process) -> AsyncIterator[str]:
    async with served(process) as address:
        yield address


@pytest.fixture(params=["ai@7", "ai@6"])
def sdk(request: pytest.FixtureRequest, peer: Callable[[str], str]) -> str:
    return peer(request.param)


@pytest.fixture
def page(sdk: str, url: str, peer: Callable[[str], str]) -> Callable[[str], Any]:
    """Plays a scene of ``page.mjs`` to its end, and gives what it shows."""
    node = peer("node")

    async def play(scene: str) -> Any:
        return await played(LIMIT_S, node, str(PAGE), sdk, url, scene)

    return play
