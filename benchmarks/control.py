"""Feedback, a person asked for, a session read back: over HTTP on this machine, one after the other, what each request takes."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from msgspec.structs import replace

from benchmarks.measuring import Row, at_most, console, percentile
from deploy.peers import NOBODY
from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.conversations import Conversations
from mangaassist.conversation.dispatcher import Dispatcher
from mangaassist.conversation.entries import KEY_BYTES, Sealer
from mangaassist.conversation.incidents import Incidents
from mangaassist.conversation.sessions import SessionStore
from mangaassist.domain.counting import Bucket
from mangaassist.edge.app import Door, build
from mangaassist.edge.dependencies import ControlStores, EdgeDependencies
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits, Name, Policy, policies
from mangaassist.edge.server import listen, server
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
from mangaassist.stores.sqlite.sessions import SqliteSessionStore
from mangaassist.telemetry.analytics import Recorder
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.memory_analytics import MemoryEventStream
from mangaassist.testing.memory_audit import MemoryAuditLog
from mangaassist.testing.memory_conversations import memory_log
from mangaassist.testing.scripted_answers import CARD, ScriptedAnswers
from mangaassist.testing.small_desk import a_desk
from mangaassist.turn.memory import HEADROOM, TurnRecord
from mangaassist.wire.metadata import AnswerMetadata, Source
from tests.dynalite import dynalite
from tests.peers import PEERS
from tests.tables import fresh_table

LIMIT_MS: Final = 20
REQUESTS: Final = 500
WARMING: Final = 20
SHORT, LONG = 10, 200
"""Turns of a session that is read back."""
SOURCE: Final = Source(chunk_id="policy/us-shipping#1", title="Shipping in the US", source_type="policy", score=0.71)
METADATA: Final = AnswerMetadata(
    intent="product_discovery", confidence=0.93, stage="model", tier="small", model="offline", latency_ms=41.5,
    ttft_ms=12.25, timings={"read": 1.25, "evidence": 8.5, "write": 20.125, "review": 3.0},
    sources=(SOURCE, SOURCE, SOURCE), services=("catalog", "pricing"),
)  # fmt: skip
UNBOUNDED: Final = Bucket(1_000_000, 60)


def turn(session_id: str, number: int) -> TurnRecord:
    """As long as an answer that recommends: five cards and three sources."""
    return TurnRecord(
        response_id=f"r_{session_id}_{number}",
        message_id=f"m{number}",
        message="Could you recommend something dark and beautifully drawn, not too long?",
        answer="These five are the ones that I would begin with. " * 12,
        intent="product_discovery",
        products=(replace(CARD, reason="Dark fantasy at its most beautiful, and complete"),) * 5,
        suggestions=("Anything cheaper?", "Which of these are complete?"),
        metadata=METADATA,
        last_seq=number * 20,
        at=datetime.now(UTC),
    )


async def filled(sessions: SessionStore, session_id: str, turns: int) -> None:
    await sessions.begin(session_id, None, HEADROOM)
    session = await sessions.load(session_id)
    assert session is not None
    for number in range(turns):
        session = await sessions.commit(session, turn(session_id, number))


@asynccontextmanager
async def served(sessions: SessionStore, control: ControlStores) -> AsyncGenerator[str]:
    """The address of an edge over these stores, behind the server that the assistant has."""
    async with AsyncExitStack() as exits:
        listening = exits.enter_context(listen("127.0.0.1", 0))
        door, ready = await exits.enter_async_context(_edge(sessions, control)), asyncio.Event()
        serving = server(door, heartbeat_s=30, ready=ready.set)
        running = asyncio.create_task(serving.serve(sockets=[listening]))
        try:
            await ready.wait()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            serving.finish()
            await running


@asynccontextmanager
async def _edge(sessions: SessionStore, control: ControlStores) -> AsyncGenerator[Door]:
    clock, metrics, sealer = time.monotonic, Metrics(), Sealer(b"k" * KEY_BYTES)
    log, analytics = memory_log(clock), Recorder(MemoryEventStream(), sealer.pseudonym, metrics, _now)
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
        doors = EdgeDependencies(
            conversations=conversations,
            control=control,
            desk=a_desk(conversations, control.tickets, MemoryCounters(clock), workers.audit, _now),
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
        yield build(doors, SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600), {})


async def measured(name: str, sessions: SessionStore, control: ControlStores) -> list[Row]:
    """Over any stores. What has to be there is there before it is measured."""
    for turns in (SHORT, LONG):
        await filled(sessions, f"s_of_{turns}_turns", turns)
    took: dict[str, list[float]] = {}
    ours: dict[str, list[float]] = {}
    async with served(sessions, control) as url, aiohttp.ClientSession(url) as http:

        async def timed(what: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
            began, processor = time.perf_counter(), time.process_time()
            async with http.request(method, path, json=body) as got:
                await got.read()
                took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
                ours.setdefault(what, []).append((time.process_time() - processor) * 1000)
                got.raise_for_status()

        for number in range(WARMING + REQUESTS):
            asked = {
                "session_id": "s_of_10_turns",
                "response_id": f"r_s_of_10_turns_{number % SHORT}",
                "feedback": "thumbs_up",
                "comment": "This was just what I was looking for, thank you!",
            }
            await timed("feedback", "POST", "/chat/feedback", asked)
            reason = {"session_id": "s_of_10_turns", "reason": f"My order {number} has not arrived"}
            await timed("a person asked for", "POST", "/chat/escalate", reason)
            for turns in (SHORT, LONG):
                await timed(f"{turns} turns read back", "GET", f"/chat/sessions/s_of_{turns}_turns")
    return [row for what in took for row in _rows(f"{name}: {what}", took[what][WARMING:], ours[what][WARMING:])]


def _rows(what: str, took: list[float], ours: list[float]) -> list[Row]:
    """``ours`` is what this process works, client and server: of what a request takes, a store in another process has the rest."""
    return [
        Row(what=f"{what}, p50", value=percentile(took, 50), unit="ms"),
        at_most(f"{what}, p99", percentile(took, 99), "ms", LIMIT_MS),
        Row(what=f"{what}, processor time of ours, p50", value=percentile(ours, 50), unit="ms"),
    ]


def rows() -> list[Row]:
    """Over both kinds of stores, or the embedded ones alone where there is no ``dynalite``."""
    in_sqlite = asyncio.run(_in_sqlite())
    program = PEERS["dynalite"].path()
    if program is None:
        console.print("No dynalite: the stores in DynamoDB are not measured.")
        return in_sqlite
    with dynalite(program) as url, patch.dict(os.environ, NOBODY):
        return [*in_sqlite, *asyncio.run(_in_dynamodb(url))]


async def _in_sqlite() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mangaassist-bench-") as folder:
        sessions, control = SqliteSessionStore(Path(folder) / "sessions.db"), SqliteControl(Path(folder) / "control.db")
        try:
            return await measured("SQLite", sessions, control.stores)
        finally:
            await sessions.close()
            await control.close()


async def _in_dynamodb(url: str) -> list[Row]:
    async with fresh_table(url) as table:
        return await measured("dynalite", DynamoSessionStore(table), DynamoControl(table).stores)


async def _no_keys() -> bytes:
    return b"{}"


def _now() -> datetime:
    return datetime.now(UTC)
