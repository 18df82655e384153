"""W-7, W-10, O-5: what happened reaches the stream, without a word of the shopper's, and no answer waits for it."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from benchmarks.system import Running, settled, shopper, sign_in
from deploy.peers import NOBODY
from mangaassist.telemetry.analytics import Event
from tests.crashes.fleet import Assistant, fleet
from tests.kinesalite import Kinesalite, kinesalite
from tests.streams import Stream, fresh_stream
from tests.tables import REGION

CANARY = "zanzibar"
QUESTION = f"My friend {CANARY} ({CANARY}@example.com) wants something like Vinland Saga"
PATIENCE_S = 60.0


async def _once(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.05)


async def test_a_conversation_is_kept_as_figures_and_holds_no_word_of_it(system: Running) -> None:
    path = system.data / "analytics.db"
    async with shopper(system, await sign_in(system, "aiko")) as asking:
        heard = await asking.ask(QUESTION)
        used = {"type": "event", "name": "clicked", "response_id": heard.transcript.response_id}
        for card in heard.transcript.products:
            await asking.say({**used, "asin": card.asin})
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        of_answer = "SELECT session FROM events WHERE figures ->> 'response_id' = ?"
        await _once(lambda: bool(db.execute(of_answer, (heard.transcript.response_id,)).fetchall()))
        ((session,),) = set(db.execute(of_answer, (heard.transcript.response_id,)))
        asked = "SELECT kind FROM events WHERE session = ? ORDER BY number"
        await _once(lambda: "closed" in [kind for (kind,) in db.execute(asked, (session,))])
        kinds = [kind for (kind,) in db.execute(asked, (session,))]
    clicks = ["clicked"] * len(heard.transcript.products)
    assert clicks
    assert kinds == ["asked", "shown", "answered", *clicks, "closed"]
    stored = b"".join(file.read_bytes() for file in system.data.glob("analytics.db*"))
    for word in (CANARY, "Vinland", "aiko", asking.session_id):
        assert word.encode() not in stored


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.timeout(1200, func_only=True)
def test_a_kinesis_that_hangs_is_seen_and_nobody_waits_for_it_and_a_drain_leaves_nothing_behind(
    tmp_path: Path, system: Running, peer: Callable[[str], str]
) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    with kinesalite(peer("kinesalite")) as server:
        asyncio.run(_told_to(server, tmp_path / "told", system.data / "cache"))


async def _told_to(server: Kinesalite, home: Path, built: Path) -> None:
    async with fresh_stream(server.url) as stream:
        settings = NOBODY | {
            "MANGAASSIST_KINESIS__ANALYTICS_STREAM": stream.name,
            "MANGAASSIST_KINESIS__REGION": REGION,
            "MANGAASSIST_KINESIS__ENDPOINT_URL": server.url,
        }
        with fleet(home, built, settings, 1, ("tests.system.unblocked",)) as (one,):
            await _asked_while_it_hangs(one, server, stream)
            assert "BLOCKED" not in one.said()


async def _asked_while_it_hangs(one: Assistant, server: Kinesalite, stream: Stream) -> None:
    async with shopper(one.running()) as asking:
        await asking.ask(QUESTION)
        assert await _readiness(one.running()) == "ok"
        os.kill(server.pid, signal.SIGSTOP)
        try:
            for _ in range(3):
                assert (await asking.ask(QUESTION)).transcript.text
            while await _readiness(one.running()) == "ok":  # it is asked once a second
                await asyncio.sleep(0.1)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        await asking.ask(QUESTION)
        leaving = asyncio.create_task(asyncio.to_thread(one.leave))
        with contextlib.suppress(Exception):
            while True:
                await asking.hear()
        await leaving
    events = await stream.events()
    assert _kinds(events) == ["asked", "shown", "answered"] * 5 + ["closed"]
    assert CANARY not in repr(events)
    assert asking.session_id not in repr(events)


def _kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.what.kind for event in events]


async def _readiness(system: Running) -> str:
    async with aiohttp.ClientSession() as http, http.get(f"{system.url}/readyz") as answer:
        return (await answer.json())["dependencies"]["analytics"]
