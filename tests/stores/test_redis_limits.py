"""R-5, M-5, O-5: limits and budgets that processes share in a Redis, which may be killed."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from benchmarks.evidence import asks
from mangaassist.domain.customers import GUEST
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Tier
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.probes import Probes
from mangaassist.errors import TooMany
from mangaassist.models.profiles import OFFLINE_ALONE, ModelProfile, Prices
from mangaassist.models.routing import UNKNOWN, Budgets, Router, Shortage, Spend
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.settings import Limits as Settings
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.counters import RedisCounters
from mangaassist.telemetry.metrics import Metrics
from tests.conversation.virtual import AIKO
from tests.patience import PATIENCE
from tests.redis_server import RedisServer

SETTINGS = Settings(model_calls_per_minute=1)
"""One token a minute: no test takes so long that it comes back meanwhile."""


class Process:
    """What one process counts with."""

    def __init__(self, server: RedisServer) -> None:
        self.lines = Server(server.url)
        self.counters = RedisCounters(self.lines, PATIENCE)
        self.metrics = Metrics()
        self.limits = Limits(self.counters, policies(SETTINGS), self.metrics)
        self.calls = ModelCalls(self.counters, SETTINGS.model_calls_per_minute, self.metrics.counters_failed.inc)
        self.spending = SpendLedger(self.counters, self.metrics.counters_failed.inc)

    async def readiness(self) -> str:
        return (await Probes({"counters": self.counters.ping}, time.monotonic).readiness()).dependencies["counters"]

    @property
    def failures(self) -> bytes:
        (line,) = [
            line
            for line in self.metrics.exposition().splitlines()
            if line.startswith(b"mangaassist_counters_failed_total ")
        ]
        return line.split()[1]


@pytest.fixture
async def processes(server: RedisServer) -> AsyncIterator[tuple[Process, Process]]:
    made = Process(server), Process(server)
    yield made
    for process in made:
        await process.lines.close()


async def says_all_that_one_may(process: Process, session_id: str) -> None:
    """A guest says ten things in a burst, and an eleventh is refused. Six seconds bring one back: it may be a few more."""
    for _ in range(10):
        await process.limits.message(GUEST, session_id)
    with pytest.raises(TooMany):
        for _ in range(10):
            await process.limits.message(GUEST, session_id)


async def test_a_process_that_starts_anew_and_another_one_know_what_was_said(
    server: RedisServer, processes: tuple[Process, Process]
) -> None:
    one, other = processes
    await says_all_that_one_may(one, "s")
    restarted = Process(server)
    for process in (restarted, other):
        with pytest.raises(TooMany):
            for _ in range(10):
                await process.limits.message(GUEST, "s")
        await process.limits.message(GUEST, "another")
        await process.limits.message(AIKO, "s")
    await restarted.lines.close()


async def test_budgets_and_calls_of_models_are_of_all_processes_together(processes: tuple[Process, Process]) -> None:
    one, other = processes
    await one.spending.settle("s", 0.0, 0.25)
    await other.spending.settle("s", 0.0, 0.5)
    await other.spending.settle("another", 0.0, 1)
    assert await one.spending.spent("s") == await other.spending.spent("s") == Spend(0.75, 1.75)
    assert await one.calls.shortage() is None
    assert await other.calls.shortage() is Shortage.CALLS


async def test_of_processes_that_want_the_last_of_a_budget_at_once_one_gets_it(
    processes: tuple[Process, Process],
) -> None:
    paid = ModelProfile(name="paid", prices=Prices(usd_per_1k_out=1.0), prompt_tokens=1, answer_tokens=200)
    router = Router({**OFFLINE_ALONE, Tier.LARGE: paid}, Budgets(session_usd=0.5, day_usd=10.0))
    task = asks("x", Intent.RECOMMENDATION)
    await processes[0].spending.settle("s", 0.0, 0.25)

    async def asked(process: Process) -> Tier:
        return router.route(task, Tier.LARGE, await process.spending.reserve("s", paid.most_usd)).tier

    tiers = await asyncio.gather(*(asked(processes[number % 2]) for number in range(8)))
    assert tiers.count(Tier.LARGE) == 1


async def test_when_redis_is_killed_people_get_through_and_models_are_not_called_until_it_is_back(
    server: RedisServer, processes: tuple[Process, Process]
) -> None:
    process, _ = processes
    await says_all_that_one_may(process, "s")
    await process.spending.settle("s", 0.0, 0.25)
    assert await process.calls.shortage() is None
    assert (await process.readiness(), process.failures) == ("ok", b"0.0")

    server.stop()
    for _ in range(40):
        assert (await process.limits.message(GUEST, "s")).taken is None
        assert (await process.limits.new_session("here")).taken is None
    assert (await process.limits.connect("here")).taken is None
    assert await process.calls.shortage() is Shortage.UNKNOWN
    assert await process.spending.spent("s") == UNKNOWN
    assert await process.readiness() != "ok"
    assert process.failures == b"83.0"

    server.start()
    assert await process.readiness() == "ok"
    await says_all_that_one_may(process, "s")
    assert (await process.limits.connect("here")).taken is not None
    assert [await process.calls.shortage() for _ in range(2)] == [None, Shortage.CALLS]
    assert await process.spending.spent("s") == Spend()
    assert process.failures == b"83.0"
