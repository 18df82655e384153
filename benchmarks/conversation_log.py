"""The conversation log, embedded and in Redis side by side: the calls of an answer, and coming back in its middle (W-2)."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable
from contextlib import aclosing
from pathlib import Path
from typing import Final, TypeVar

from benchmarks.measuring import Row, at_most, console, percentile
from mangaassist.conversation.embedded import EmbeddedLog
from mangaassist.conversation.log import Batch, ConversationLog, Cursor, Entry, Lease, Origin
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.conversation_log import RedisLog
from mangaassist.stores.sqlite.journal import SqliteJournal
from tests.peers import PEERS
from tests.redis_server import RedisServer

T = TypeVar("T")

SESSIONS: Final = 500
BATCHES: Final = 20
"""Of each answer, with one token frame each."""
RECONNECT_MS: Final = 20
NEW: Final = Origin(0)
ENTRY: Final = Entry(message_id="m1", digest="d" * 64, response_id="r_0123456789abcdef", body=b"x" * 600)
FRAME: Final = b'{"type":"token","seq":1234,"response_id":"r_0123456789abcdef","content":"a few words of an answer, "}'


class Watch:
    """What each step took, in milliseconds."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    async def time(self, what: str, step: Awaitable[T]) -> T:
        began = time.perf_counter()
        result = await step
        self.took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
        return result

    def rows(self, name: str) -> list[Row]:
        return [
            _row(f"{name}: {what}, p{q}", percentile(took, q)) for what, took in self.took.items() for q in (50, 99)
        ]


def _row(what: str, value: float) -> Row:
    if what.endswith("replayed, p99"):
        return at_most(what, value, "ms", RECONNECT_MS)
    return Row(what=what, value=value, unit="ms")


def rows() -> list[Row]:
    """Both logs, or the embedded one alone where there is no ``redis-server``."""
    measured = asyncio.run(_embedded())
    program = PEERS["redis-server"].path()
    if program is None:
        console.print("No redis-server: the log in Redis is not measured.")
        return measured
    return [*measured, *asyncio.run(_in_redis(program))]


async def _embedded() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mangaassist-bench-") as folder:
        log = EmbeddedLog(SlotTable(SqliteJournal(Path(folder) / "conversations.db"), time.monotonic))
        try:
            return await _measured("embedded", log)
        finally:
            await log.close()


async def _in_redis(program: str) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="mangaassist-bench-") as folder:
        server = RedisServer(program, Path(folder))
        server.start()
        log = await RedisLog.open(Server(server.url), "key")
        try:
            return await _measured("Redis", log)
        finally:
            await log.close()
            server.stop()


async def _measured(name: str, log: ConversationLog) -> list[Row]:
    watch = Watch()
    for number in range(SESSIONS):
        await _answer(log, f"s_{number}", watch)
        await watch.time("a look for what is due", log.due(64))
    return watch.rows(name)


async def _answer(log: ConversationLog, session_id: str, watch: Watch) -> None:
    """One answer, heard by one follower while a second one comes back in its middle."""
    offered = await watch.time("offer with claim", log.offer(session_id, ENTRY, NEW, claim=True))
    assert offered.claim is not None
    lease = offered.claim.lease
    async with aclosing(log.follow(session_id, Cursor(0), None, NEW)) as heard:
        await anext(heard)
        for number in range(BATCHES):
            if number == BATCHES // 2:
                await watch.time("reconnect until the first frame is replayed", _come_back(log, lease))
            lease = await watch.time("from an append until it is heard", _heard(log, lease, anext(heard), watch))
    await watch.time("append with acknowledgement", log.append(lease, (FRAME,), ack=ENTRY.message_id))


async def _heard(log: ConversationLog, lease: Lease, heard: Awaitable[object], watch: Watch) -> Lease:
    lease = await watch.time("append", log.append(lease, (FRAME,)))
    await heard
    return lease


async def _come_back(log: ConversationLog, lease: Lease) -> None:
    async with aclosing(log.follow(lease.session_id, Cursor(lease.last - 3, lease.epoch), None, NEW)) as replayed:
        await anext(replayed)
        assert isinstance(await anext(replayed), Batch)
