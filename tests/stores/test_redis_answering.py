"""W-2, W-12: answers that are being written while the log's Redis is started again, flushed, paused or shared by two processes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import msgspec
import pytest

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversation, Conversations, Said
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.log import Batch, Cursor, Followed, Hole
from mangaassist.domain.customers import GUEST
from mangaassist.edge.answers import running_answer
from mangaassist.guardrails.intake import Intake
from mangaassist.services.caller import utc_now
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import memory_recorder
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_conversations import MemorySessionStore
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.wire.frames import ConversationFrame, Done, ServerFrame, Start, Token
from mangaassist.wire.page import NOWHERE
from mangaassist.wire.transcript import Transcript
from tests.redis_server import RedisServer

FRAMES = msgspec.json.Decoder(ServerFrame)


class Process:
    """One process that holds conversations; store and audit are shared by all."""

    def __init__(self, log: RedisLog, sessions: MemorySessionStore) -> None:
        self.answers = ScriptedAnswers()
        sealer, metrics = Sealer(b"k" * KEY_BYTES), Metrics()
        shared = WorkerDependencies(
            log=log,
            sessions=sessions,
            audit=MemoryAuditLog(),
            orchestrator=self.answers,
            sealer=sealer,
            metrics=metrics,
            incidents=Incidents(MemoryCounters(), metrics, utc_now),
            analytics=memory_recorder(),
            clock=time.monotonic,
            now=utc_now,
        )
        self.dispatcher = Dispatcher(shared)
        self.conversations = Conversations(log, sessions, self.dispatcher, Intake(), sealer, utc_now, shared.analytics)


@pytest.fixture
async def start(server: RedisServer) -> AsyncIterator[Any]:
    """Starts a process."""
    sessions = MemorySessionStore()
    async with AsyncExitStack() as exits:

        async def begin() -> Process:
            log = await RedisLog.open(Server(server.url), "key")
            exits.push_async_callback(log.close)
            process = Process(log, sessions)
            await exits.enter_async_context(process.dispatcher)
            return process

        yield begin


class Shopper:
    """Says something once it listens, and hears until it has heard enough."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.news: list[Followed] = []
        self.frames: list[Any] = []

    async def listen(self, process: Process) -> None:
        async with aclosing(self.conversation.follow(Cursor(0))) as news:
            async for item in news:
                self.news.append(item)
                if isinstance(item, Batch):
                    self.frames += map(FRAMES.decode, item.frames)

    async def hears(self, kind: type[Any], count: int = 1) -> None:
        async with asyncio.timeout(60):
            while len(self.of(kind)) < count:
                await asyncio.sleep(0.01)

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    @property
    def holes(self) -> list[Hole]:
        return [item for item in self.news if isinstance(item, Hole)]

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames if isinstance(frame, ConversationFrame)]

    @property
    def text(self) -> str:
        transcript = Transcript()
        for frame in self.frames:
            transcript.apply(frame)
        return transcript.text


@pytest.fixture
async def ask() -> AsyncIterator[Any]:
    """Ask something at a process, and listen there: ``ask(process, text, listens_at)``."""
    listening: list[asyncio.Task[None]] = []

    async def asked(process: Process, text: str, listens_at: Process | None = None) -> Shopper:
        opened = await process.conversations.open(None, GUEST)
        await opened.conversation.say(Said(message_id="m1", text=text, page=NOWHERE))
        at = listens_at or process
        shopper = Shopper((await at.conversations.open(opened.conversation.session_id, GUEST)).conversation)
        listening.append(asyncio.create_task(shopper.listen(at)))
        return shopper

    yield asked
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)


async def test_an_answer_is_heard_at_another_process_and_stopped_from_there(start: Any, ask: Any) -> None:
    one, other = await start(), await start()
    shopper = await ask(one, "one two forever", other)
    await shopper.hears(Token, 2)
    await shopper.conversation.stop()
    await shopper.hears(Done)
    assert shopper.text == "one two "
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))
    assert other.answers.asked == []


async def test_an_answer_is_taken_up_in_its_middle_at_another_process_from_its_beginning(start: Any, ask: Any) -> None:
    one, other = await start(), await start()
    shopper = await ask(one, "one pause two")
    await shopper.hears(Token)
    conversation = (await other.conversations.open(shopper.conversation.session_id, GUEST)).conversation
    answer = await running_answer(conversation)
    assert answer is not None
    transcript = Transcript()
    async with asyncio.timeout(60), aclosing(answer.frames(other.conversations.sessions)) as told:
        async for frames in told:
            for frame in frames:
                transcript.apply(frame)
    assert transcript.text == "one two "
    assert await running_answer(conversation) is None


@pytest.mark.parametrize("loses", ["restart", "flush"])
async def test_when_redis_loses_an_answer_in_its_middle_it_is_offered_again_above_every_number_that_was_used(
    server: RedisServer, start: Any, ask: Any, loses: str
) -> None:
    process = await start()
    shopper = await ask(process, "one pause pause pause two")
    await shopper.hears(Token)
    used = shopper.seqs[-1]
    getattr(server, loses)()
    await shopper.hears(Done)
    (hole,) = shopper.holes
    assert hole.from_seq == used + 1
    assert hole.to_seq >= 1024
    again = [seq for seq in shopper.seqs if seq > used]
    assert again == list(range(hole.to_seq + 1, hole.to_seq + 1 + len(again)))
    first, second = shopper.of(Start)
    assert second.response_id == first.response_id
    assert shopper.text == "one two "
    assert len(process.answers.asked) == 2


async def test_while_redis_hangs_an_answer_is_held_and_then_goes_on_without_a_gap(
    server: RedisServer, start: Any, ask: Any
) -> None:
    process = await start()
    shopper = await ask(process, "one pause two pause three")
    await shopper.hears(Token)
    server.pause()
    await asyncio.sleep(3)
    server.resume()
    await shopper.hears(Done)
    assert shopper.text == "one two three "
    assert shopper.holes == []
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))
    assert len(process.answers.asked) == 1


async def test_a_message_that_nobody_could_take_is_taken_up_by_another_process(start: Any, ask: Any) -> None:
    one, other = await start(), await start()
    await one.dispatcher.drain(0)
    shopper = await ask(one, "one")
    await shopper.hears(Done)
    assert len(other.answers.asked) == 1
