"""The edge and what it keeps, over any stores, behind the server that the assistant has: its answers are scripted."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from unittest.mock import patch

from msgspec import Struct
from msgspec.structs import replace

from benchmarks.measuring import Row, console
from deploy.peers import NOBODY
from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.sessions import SessionStore
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.domain.counting import Bucket
from mangaassist.edge.app import Door, build
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, Name, Policy, policies
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from mangaassist.edge.signing_keys import SigningKeys
from mangaassist.edge.socket import SocketEdge
from mangaassist.guardrails.audit_reading import AuditReading
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.intake import Intake
from mangaassist.settings import Identity
from mangaassist.settings import Limits as LimitSettings
from mangaassist.stores.dynamodb.control import DynamoControl
from mangaassist.stores.dynamodb.sessions import DynamoSessionStore
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.sqlite.control import SqliteControl
from mangaassist.stores.sqlite.journal import SqliteJournal
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import MemoryEventStream
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.scripted_answers import ScriptedAnswers
from mangaassist.testing.small_console import a_console
from mangaassist.testing.small_desk import a_desk
from tests.dynalite import dynalite
from tests.peers import PEERS
from tests.tables import fresh_table

UNBOUNDED: Final = Bucket(1_000_000, 60)


class Stores(Struct, frozen=True):
    """Where conversations, sessions, feedback and tickets are kept; ``name`` is how a row tells them."""

    name: str
    log: EmbeddedLog
    sessions: SessionStore
    control: ControlStores


Measured = Callable[[Stores], Awaitable[list[Row]]]


def over_both(measured: Measured) -> list[Row]:
    """In SQLite and in DynamoDB, or in SQLite alone where there is no ``dynalite``. Frames are on the disk in both."""
    in_sqlite = asyncio.run(_in_sqlite(measured))
    program = PEERS["dynalite"].path()
    if program is None:
        console.print("No dynalite: the stores in DynamoDB are not measured.")
        return in_sqlite
    with dynalite(program) as url, patch.dict(os.environ, NOBODY):
        return [*in_sqlite, *asyncio.run(_in_dynamodb(measured, url))]


@asynccontextmanager
async def _log() -> AsyncGenerator[tuple[Path, EmbeddedLog]]:
    with tempfile.TemporaryDirectory(prefix="mangaassist-bench-") as folder:
        log = EmbeddedLog(SlotTable(SqliteJournal(Path(folder) / "conversations.db"), time.monotonic))
        try:
            yield Path(folder), log
        finally:
            await log.close()


async def _in_sqlite(measured: Measured) -> list[Row]:
    async with _log() as (folder, log):
        sessions, control = SqliteSessionStore(folder / "sessions.db"), SqliteControl(folder / "control.db")
        try:
            return await measured(Stores("SQLite", log, sessions, control.stores))
        finally:
            await sessions.close()
            await control.close()


async def _in_dynamodb(measured: Measured, url: str) -> list[Row]:
    async with _log() as (_, log), fresh_table(url) as table:
        return await measured(Stores("dynalite", log, DynamoSessionStore(table), DynamoControl(table).stores))


@asynccontextmanager
async def served(stores: Stores) -> AsyncGenerator[str]:
    """The address of an edge over these stores, behind the server that the assistant has."""
    async with AsyncExitStack() as exits:
        listening = exits.enter_context(listen("127.0.0.1", 0))
        door, ready = await exits.enter_async_context(_edge(stores)), asyncio.Event()
        serving = server(door, heartbeat_s=30, ready=ready.set)
        running = asyncio.create_task(serving.serve(sockets=[listening]))
        try:
            await ready.wait()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            serving.finish()
            await running


@asynccontextmanager
async def _edge(stores: Stores) -> AsyncGenerator[Door]:
    clock, metrics, sealer = time.monotonic, Metrics(), Sealer(b"k" * KEY_BYTES)
    log, sessions, control = stores.log, stores.sessions, stores.control
    analytics = Recorder(MemoryEventStream(), sealer.pseudonym, metrics, _now)
    workers = WorkerDependencies(
        log=log,
        sessions=sessions,
        audit=MemoryAuditLog(),
        orchestrator=ScriptedAnswers(),
        sealer=sealer,
        metrics=metrics,
        incidents=Incidents(MemoryCounters(clock), metrics, _now),
        analytics=analytics,
        clock=clock,
        now=_now,
    )
    table = policies(LimitSettings())
    unbounded: dict[Name, Policy] = {name: replace(policy, bucket=UNBOUNDED) for name, policy in table.items()}
    async with analytics, Dispatcher(workers) as dispatcher:
        conversations = Conversations(log, sessions, dispatcher, Intake(), sealer, _now, analytics)
        desk = a_desk(conversations, control.tickets, MemoryCounters(clock), workers.audit, _now)
        doors = EdgeDependencies(
            conversations=conversations,
            control=control,
            desk=desk,
            console=a_console(metrics, workers.audit, _now, clock),
            audit=AuditReading(workers.audit, AuditSeal([b"k" * KEY_BYTES])),
            verifier=TokenVerifier(SigningKeys(_no_keys, clock), Identity(), _now),
            limits=Limits(MemoryCounters(clock), unbounded, metrics),
            allowed_hosts=frozenset({"*"}),
            allowed_origins=frozenset(),
            metrics=metrics,
            analytics=analytics,
            clock=clock,
            now=_now,
        )
        async with desk.announcer:
            yield build(doors, SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600), {})


async def _no_keys() -> bytes:
    return b"{}"


def _now() -> datetime:
    return datetime.now(UTC)
