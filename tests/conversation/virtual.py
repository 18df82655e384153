"""Conversations in virtual time: log, store and audit in memory, an orchestrator that does what the message says."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar, cast

import msgspec
import pytest

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations, Opened, Said
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.log import Batch, Cursor, Offered
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.domain.counting import Counters
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.store_facts import Support
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, policies
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.intake import Intake
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.settings import Limits as LimitSettings
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.memory.noticeboard import memory_boards
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.testing.clock import START
from mangaassist.testing.memory_analytics import MemoryEventStream
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_control import MemoryFeedback, MemoryIdempotency, MemoryTickets
from mangaassist.testing.memory_conversations import MemoryJournal, MemorySessionStore
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.testing.memory_faults import MemoryFaults
from mangaassist.testing.memory_pages import MemoryPages, Person
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.testing.small_console import a_console
from mangaassist.testing.small_desk import a_desk
from mangaassist.testing.virtual_time import VirtualTimeLoop
from mangaassist.wire.frames import ConversationFrame, Done, Failed, ServerFrame
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.transcript import Transcript

T = TypeVar("T")

FRAMES = msgspec.json.Decoder(ServerFrame)
MOST = 1_000_000
UNLIMITED = LimitSettings(
    customer_per_minute=MOST, guest_per_minute=MOST, new_sessions_per_minute=MOST, connects_per_minute=MOST
)
LONG_S = 3600
"""Of virtual time: what has not come by then never does."""
EDITORS = {f"token of {name}": Person(name, frozenset({"editor", "approver"})) for name in ("oda", "ola")} | {
    "token of uli": Person("uli")
}
AIKO, BEN = Identity("aiko", "token of aiko"), Identity("ben", "token of ben")


def pytest_asyncio_loop_factories() -> dict[str, type[VirtualTimeLoop]]:
    """Everything here happens in virtual time."""
    return {"virtual": VirtualTimeLoop}


def seconds() -> float:
    return asyncio.get_running_loop().time()


def loop() -> VirtualTimeLoop:
    running = asyncio.get_running_loop()
    assert isinstance(running, VirtualTimeLoop)
    return running


class Process:
    """One process that holds conversations, over a log, a store and an audit that others may share."""

    def __init__(self, world: "World", name: str, answers: ScriptedAnswers | None = None) -> None:
        self.name = name
        self.answers = answers or ScriptedAnswers()
        self.log: Any = EmbeddedLog(world.slots, seconds)
        self.control = ControlStores(feedback=world.feedback, tickets=world.tickets, idempotency=world.idempotency)
        self.sealer = Sealer(b"k" * KEY_BYTES)
        self.seal = world.audit.seal
        metrics = Metrics()
        self.analytics = Recorder(world.stream, self.sealer.pseudonym, metrics, lambda: START)
        self.shared = WorkerDependencies(
            log=self.log,
            sessions=world.sessions,
            audit=world.audit,
            orchestrator=self.answers,
            sealer=self.sealer,
            metrics=metrics,
            incidents=Incidents(world.counters, metrics, lambda: START),
            analytics=self.analytics,
            clock=seconds,
            now=lambda: START,
            tracing=world.tracing,
        )
        self.tracing = world.tracing
        self.now = world.now
        self.counters = world.counters
        self.dispatcher = Dispatcher(self.shared)
        self.conversations = Conversations(
            self.log, world.sessions, self.dispatcher, Intake(), self.sealer, lambda: START, self.analytics
        )

        self.letters = MemoryDeadLetters()
        self.pages = MemoryPages(EDITORS)
        self.index = ServingIndex()
        self.boards = memory_boards(seconds)
        self.faults = MemoryFaults(lambda: self.now().timestamp())
        self.desk = a_desk(
            self.conversations, world.tickets, world.counters, world.audit, world.now, lambda: world.hours
        )

    def doors(self, verifier: object, *allowed_origins: str, limits: LimitSettings = UNLIMITED) -> EdgeDependencies:
        """What the edge of this process needs. ``verifier`` knows the shoppers by their tokens."""
        return EdgeDependencies(
            conversations=self.conversations,
            control=self.control,
            desk=self.desk,
            console=a_console(
                self.shared.metrics,
                self.shared.audit,
                self.now,
                seconds,
                letters=self.letters,
                pages=self.pages,
                index=self.index,
                faults=self.faults,
                boards=self.boards,
            ),
            audit=AuditReading(self.shared.audit, self.seal),
            verifier=cast(TokenVerifier, verifier),
            allowed_hosts=frozenset({"*"}),
            limits=Limits(self.counters, policies(limits), self.shared.metrics),
            allowed_origins=frozenset(allowed_origins),
            metrics=self.shared.metrics,
            analytics=self.analytics,
            clock=seconds,
            now=self.now,
            tracing=self.tracing,
        )

    async def does(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in this process, so that it dies with it."""
        return await loop().as_process(self.name, work)

    def die(self) -> None:
        """As by kill -9: not another line of it runs."""
        loop().kill(self.name)


class World:
    """What outlives a process: journal, stores, audit, the stream of events."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.slots = SlotTable(self.journal, seconds)
        self.sessions = MemorySessionStore(lambda: self.moment)
        self.audit = MemoryAuditLog(lambda: START)
        self.moment = START
        self.hours = Support()
        self.counters: Counters = MemoryCounters(seconds)
        self.feedback = MemoryFeedback()
        self.tickets = MemoryTickets()
        self.idempotency = MemoryIdempotency()
        self.stream = MemoryEventStream()
        self.tracing = Tracing()
        self._processes: list[Process] = []

    async def process(self, name: str = "one") -> Process:
        process = Process(self, name)
        await process.does(process.analytics.__aenter__())
        await process.does(process.dispatcher.__aenter__())
        self._processes.append(process)
        return process

    async def close(self) -> None:
        for process in self._processes:
            if not loop().is_dead(process.name):
                await process.does(process.dispatcher.__aexit__(None, None, None))
                await process.does(process.analytics.__aexit__(None, None, None))

    def now(self) -> datetime:
        return self.moment

    def restart(self) -> None:
        """What the next process finds when the one that held the slots is dead."""
        self.slots = SlotTable(self.journal, seconds)


class Shopper:
    """One place in a conversation, with everything that was heard there."""

    def __init__(self, process: Process, opened: Opened, after: Cursor) -> None:
        self._process = process
        self.conversation = opened.conversation
        self.session = opened.session
        self.resumed = opened.resumed
        self.frames: list[ServerFrame] = []
        self.news: list[object] = []
        self._after = after
        self._receipts = 0
        self._heard = asyncio.Condition()
        self.listening: asyncio.Task[None] | None = None

    def listen(self) -> None:
        self.listening = loop().as_process(self._process.name, self._listen())

    async def hang_up(self) -> None:
        assert self.listening is not None
        if not loop().is_dead(self._process.name):
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)

    async def say(self, text: str, message_id: str = "m1", page: PageContext = NOWHERE) -> Offered:
        said = Said(message_id=message_id, text=text, page=page)
        return await self._process.does(self.conversation.say(said))

    async def ask(self, text: str, message_id: str = "m1") -> Transcript:
        """Say something and hear its answer out."""
        await self.say(text, message_id)
        return await self.answer()

    async def answer(self) -> Transcript:
        """The next answer that ends."""
        self._receipts += 1
        async with asyncio.timeout(LONG_S), self._heard:
            await self._heard.wait_for(lambda: len(self.receipts) >= self._receipts)
        return self.transcript(self.receipts[self._receipts - 1].response_id)

    async def hears(self, kind: type[Any], count: int = 1) -> None:
        async with asyncio.timeout(LONG_S), self._heard:
            await self._heard.wait_for(lambda: len(self.of(kind)) >= count)

    def of(self, kind: type[Any]) -> list[Any]:
        return [frame for frame in self.frames if isinstance(frame, kind)]

    @property
    def receipts(self) -> list[Done | Failed]:
        return [frame for frame in self.frames if isinstance(frame, Done | Failed)]

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames if isinstance(frame, ConversationFrame)]

    @property
    def kinds(self) -> list[str]:
        return [str(frame.__struct_config__.tag) for frame in self.frames]

    def transcript(self, response_id: str) -> Transcript:
        transcript = Transcript()
        for frame in self.frames:
            if getattr(frame, "response_id", None) == response_id:
                transcript.apply(frame)
        return transcript

    async def _listen(self) -> None:
        async with aclosing(self.conversation.follow(self._after)) as news:
            async for item in news:
                async with self._heard:
                    self.news.append(item)
                    if isinstance(item, Batch):
                        self.frames += map(FRAMES.decode, item.frames)
                    self._heard.notify_all()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.close()


@pytest.fixture
async def process(world: World) -> Process:
    return await world.process()


@pytest.fixture
async def join() -> AsyncIterator[Any]:
    """Take a place in a conversation and listen: ``join(process, session_id, identity, after)``."""
    shoppers: list[Shopper] = []

    async def joined(
        process: Process, session_id: str | None = None, identity: Identity = GUEST, after: int = 0
    ) -> Shopper:
        opened = await process.does(process.conversations.open(session_id, identity))
        shopper = Shopper(process, opened, Cursor(after))
        shopper.listen()
        shoppers.append(shopper)
        await asyncio.sleep(0.001)
        return shopper

    yield joined
    for shopper in shoppers:
        await shopper.hang_up()
