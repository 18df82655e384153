"""W-2, W-4, W-12: two processes over one Redis that dies, hangs, forgets or is replaced in mid-answer, as sockets see it.

The shoppers are those of ``make crashes``: they hold every frame against what was promised, whatever happens to their line.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
import websockets
from litestar import Litestar
from litestar.datastructures import State

from mangaassist.console.operating import Console
from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.desk.operating import Desk
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.app import Door
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.listening import listen
from mangaassist.edge.server import Server as SocketServer
from mangaassist.edge.server import server
from mangaassist.edge.socket import SocketEdge
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.intake import Intake
from mangaassist.services.caller import utc_now
from mangaassist.settings import Limits as LimitSettings
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import memory_recorder
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_conversations import MemorySessionStore
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.wire.frames import ErrorFrame, SendMessage, ServerFrame
from tests.crashes.shopper import Shopper, Told
from tests.peers import needed
from tests.redis_server import RedisServer

FRAMES = msgspec.json.Decoder(ServerFrame)
ANSWER = "one two pause three pause four pause five"
WHOLE = "one two three four five "
MOMENT_S = 1.3
"""After the first words of the answer and before its last."""
LONG_S = 120.0


class Guests:
    async def identify(self, token: str | None) -> Identity:
        return GUEST


class Process:
    """One process that serves sockets; store and audit are shared by all."""

    def __init__(self, log: RedisLog, sessions: MemorySessionStore) -> None:
        self.answers = ScriptedAnswers()
        metrics, sealer, analytics = Metrics(), Sealer(b"k" * KEY_BYTES), memory_recorder()
        shared = WorkerDependencies(
            log=log,
            sessions=sessions,
            audit=MemoryAuditLog(),
            orchestrator=self.answers,
            sealer=sealer,
            metrics=metrics,
            incidents=Incidents(MemoryCounters(), metrics, utc_now),
            analytics=analytics,
            clock=time.monotonic,
            now=utc_now,
        )
        self.dispatcher = Dispatcher(shared)
        doors = EdgeDependencies(
            conversations=Conversations(log, sessions, self.dispatcher, Intake(), sealer, utc_now, analytics),
            control=cast(ControlStores, None),
            desk=cast(Desk, None),
            console=cast(Console, None),
            audit=cast(AuditReading, None),
            verifier=cast(TokenVerifier, Guests()),
            allowed_hosts=frozenset({"*"}),
            limits=Limits(MemoryCounters(time.monotonic), policies(LimitSettings(guest_per_minute=1000)), metrics),
            allowed_origins=frozenset(),
            metrics=metrics,
            analytics=analytics,
            clock=time.monotonic,
            now=utc_now,
        )
        self.edge = SocketEdge(shared=doors, heartbeat_s=3600, idle_timeout_s=3600)
        self.address = ""

    async def serve(self, exits: contextlib.AsyncExitStack) -> None:
        await exits.enter_async_context(self.dispatcher)
        listening, ready = listen("127.0.0.1", 0), asyncio.Event()
        self.address = f"ws://127.0.0.1:{listening.getsockname()[1]}/ws"
        routes = Litestar([], state=State({"is_draining": False}), openapi_config=None, logging_config=None)
        serving = server(Door(routes, self.edge, self.edge.shared), 3600, ready.set)
        task = asyncio.create_task(serving.serve(sockets=[listening]))
        exits.push_async_callback(self._stop, serving, task)
        await ready.wait()

    async def _stop(self, serving: SocketServer, task: asyncio.Task[None]) -> None:
        await self.edge.close()
        serving.finish()
        await task


@pytest.fixture
async def start() -> AsyncIterator[Callable[[str], Any]]:
    """Starts a process over the Redis at an address."""
    sessions = MemorySessionStore()
    async with contextlib.AsyncExitStack() as exits:

        async def begin(url: str) -> Process:
            line = Server(url)
            exits.push_async_callback(line.close)
            log = await RedisLog.open(line, "key")
            exits.push_async_callback(log.close)
            process = Process(log, sessions)
            await process.serve(exits)
            return process

        yield begin


class Address:
    """An address that stays while the Redis behind it is another."""

    def __init__(self) -> None:
        self.target = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    async def open(self, exits: contextlib.AsyncExitStack) -> None:
        listening = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self._port = listening.sockets[0].getsockname()[1]
        exits.callback(listening.close)

    def lead_to(self, port: int) -> None:
        self.target = port
        for end in tuple(self._ends):
            end.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._ends.add(far_writer)
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
            self._ends.discard(far_writer)
        self._ends.discard(writer)
        writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    finally:
        writer.transport.abort()


async def heard_while(
    one: Process, other: Process, happens: Callable[[], Any], text: str = ANSWER
) -> tuple[Told, Told, Shopper]:
    """What a shopper at one process, and who follows the same conversation at the other, are told of an answer in whose middle
    something happens."""
    asking, following = Shopper(lambda: one.address), Shopper(lambda: other.address)
    await asking.ask("m0", "hello")
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(asking.ask("m1", text))
        overheard = group.create_task(following.overhear(asking.session_id, "m1"))
        await asyncio.sleep(MOMENT_S)
        assert not asked.done()
        await happens()
    return asked.result(), overheard.result(), asking


def whole_and_once(*answers: Told) -> None:
    for told in answers:
        assert (told.text, told.receipts) == (WHOLE, 1), told


def away(server: RedisServer, how: str, for_s: float) -> Callable[[], Any]:
    gone, back = {"killed": (server.stop, server.start), "hangs": (server.pause, server.resume)}[how]

    async def happens() -> None:
        await asyncio.to_thread(gone)
        await asyncio.sleep(for_s)
        await asyncio.to_thread(back)

    return happens


@pytest.mark.parametrize("how", ["killed", "hangs"])
async def test_an_answer_goes_on_when_redis_is_back_in_time(server: RedisServer, start: Any, how: str) -> None:
    one, other = await start(server.url), await start(server.url)
    asked, overheard, asking = await heard_while(one, other, away(server, how, 2))
    whole_and_once(asked, overheard)
    assert (asked.retold, asking.gaps) == ((1, 1) if how == "killed" else (0, 0))
    assert (await asking.ask("m2", "six")).text == "six "


async def test_an_answer_whose_redis_is_flushed_begins_again(server: RedisServer, start: Any) -> None:
    one, other = await start(server.url), await start(server.url)
    asked, overheard, asking = await heard_while(one, other, lambda: asyncio.to_thread(server.flush))
    whole_and_once(asked, overheard)
    assert (asked.retold, asking.gaps) == (1, 1)


@pytest.mark.parametrize("how", ["killed", "hangs"])
async def test_an_answer_that_was_let_go_begins_again_when_redis_is_back_at_last(
    server: RedisServer, start: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("mangaassist.conversation.hold.AWAY_S", 1.0)
    one, other = await start(server.url), await start(server.url)
    asked, overheard, asking = await heard_while(one, other, away(server, how, 8))
    whole_and_once(asked, overheard)
    assert asked.retold == 1
    assert (await asking.ask("m2", "six")).text == "six "


async def test_a_question_to_a_redis_that_is_away_is_refused_and_answered_when_it_is_asked_again(
    server: RedisServer, start: Any
) -> None:
    process = await start(server.url)
    asking = Shopper(lambda: process.address)
    await asking.ask("m0", "hello")
    await asking.hang_up()
    place = f"{process.address}?session_id={asking.session_id}"
    async with asyncio.timeout(LONG_S), websockets.connect(place) as line:
        await line.recv()
        server.stop()
        await line.send(msgspec.json.encode(SendMessage("m1", "one two")).decode())
        try:
            refused = FRAMES.decode(await line.recv())
        except websockets.ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert closed.rcvd.code == 1013
        else:
            assert isinstance(refused, ErrorFrame)
            assert (refused.problem.code, refused.in_reply_to) == ("unavailable", "m1")
        server.start()
    assert (await asking.ask("m1", "one two")).text == "one two "


@pytest.mark.parametrize("knew_all", [True, False])
async def test_when_a_replica_is_promoted_in_mid_answer_no_number_comes_twice(
    server: RedisServer, start: Any, tmp_path: Path, knew_all: bool
) -> None:
    """Also when it has not heard of the last frames, which everybody else has."""
    replica = RedisServer(needed("redis-server"), tmp_path)
    async with contextlib.AsyncExitStack() as exits:
        exits.callback(server.restart)  # last, and for the tests after this one
        exits.callback(replica.stop)
        replica.start()
        replica.follow(server)
        address = Address()
        await address.open(exits)
        address.lead_to(server.port)
        one, other = await start(address.url), await start(address.url)

        async def promoted() -> None:
            if not knew_all:
                replica.pause()
                await asyncio.sleep(1)
            server.stop()
            if not knew_all:
                replica.resume()
            replica.promote()
            address.lead_to(replica.port)

        asked, overheard, asking = await heard_while(one, other, promoted)
        whole_and_once(asked, overheard)
        assert (asked.retold, asking.gaps) == (1, 1)
        assert (await asking.ask("m2", "six")).text == "six "
