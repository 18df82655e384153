"""M-10: how long work on a database may take, what it may wait for, and who is told when it does not come."""

import asyncio
import itertools
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from mangaassist.errors import ServiceFailure
from mangaassist.stores.sqlite.lanes import Lane, Limits

LONG = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000000) SELECT count(*) FROM n"
SHORT = Limits(own_s=0.0, all_s=60.0)


def stands_still() -> float:
    return 0.0


def opened(path: Path, own_time: Callable[[], float] = stands_still) -> Lane:
    return Lane("knowledge", path / "lane.db", 1, read_only=True, own_time=own_time)


@pytest.fixture
async def lane(tmp_path: Path) -> AsyncIterator[Lane]:
    one = opened(tmp_path)
    yield one
    await one.close()


async def test_work_that_computes_for_longer_than_it_may_is_stopped(tmp_path: Path) -> None:
    lane = opened(tmp_path, own_time=itertools.count().__next__)
    with pytest.raises(ServiceFailure) as caught:
        await lane.run(lambda db: db.execute(LONG).fetchone(), SHORT)
    assert (caught.value.service, caught.value.kind) == ("knowledge", "timeout")
    assert await lane.run(lambda db: db.execute("SELECT 1").fetchone()) == (1,)
    await lane.close()


async def test_work_without_limits_takes_as_long_as_it_takes(tmp_path: Path) -> None:
    lane = opened(tmp_path, own_time=itertools.count().__next__)
    counted = LONG.replace("100000000", "100000")
    assert await lane.run(lambda db: db.execute(counted).fetchone()) == (100000,)
    await lane.close()


async def test_a_wait_for_a_thread_is_no_part_of_a_limit(lane: Lane) -> None:
    gate = threading.Event()
    first = asyncio.create_task(lane.run(lambda _: gate.wait(10)))
    waiting = asyncio.create_task(lane.run(lambda db: db.execute("SELECT 1").fetchone(), SHORT))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not waiting.done()
    gate.set()
    assert await waiting == (1,)
    await first


async def test_work_that_waits_too_long_is_refused_and_never_begun(lane: Lane) -> None:
    gate = threading.Event()
    begun: list[sqlite3.Connection] = []
    first = asyncio.create_task(lane.run(lambda _: gate.wait(10)))
    await asyncio.sleep(0)
    with pytest.raises(ServiceFailure) as caught:
        await lane.run(begun.append, Limits(own_s=1.0, all_s=0.0))
    assert caught.value.kind == "timeout"
    gate.set()
    await first
    await lane.run(lambda _: None)
    assert begun == []


async def test_who_is_cancelled_while_waiting_is_cancelled_and_not_told_of_a_failure(lane: Lane) -> None:
    gate = threading.Event()
    first = asyncio.create_task(lane.run(lambda _: gate.wait(10)))
    waiting = asyncio.create_task(lane.run(lambda _: None, SHORT))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    await first
