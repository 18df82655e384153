"""What an outage costs: how soon a breaker opens, what is waited for after that, and what each call costs on our own side (S-4)."""

import asyncio
import re
import time
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from benchmarks.matrix.playing import lane
from benchmarks.measuring import Row, at_most, percentile
from benchmarks.questions import mixed
from benchmarks.system import Running, Shopper, settled, shopper
from mangaassist.domain.customers import GUEST
from mangaassist.services import questions
from mangaassist.services.caller import Caller
from mangaassist.services.clients import Addresses, clients_at
from mangaassist.services.policies import POLICIES, stretched
from mangaassist.services.store import StoreServices
from mangaassist.stores.memory.cache import MemoryCache
from mangastore.faults.board import Fault

TURNS_A_SECOND: Final = 20
BEFORE_S: Final = 75.0
"""Longer than the breaker's window: an outage begins with a minute's good calls to outweigh."""
OPENS_WITHIN_S: Final = 30.0
AFTER_S: Final = 20.0
SHOPPERS: Final = 200
CALLS: Final = 2000
OUTAGES: Final = {"fails": Fault("fail"), "hangs": Fault("slow", delay_ms=30_000)}
SERVICE: Final = "pricing"
"""The service that is asked most often, since nothing of it is kept."""


async def of_calls(url: str) -> list[Row]:
    """Our own part of a downstream call: the caller around nothing, and a price over loopback beside the bare request."""
    caller = Caller(MemoryCache())

    async def nothing(limit: float) -> int:
        return 1

    around: list[float] = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await caller.call(questions.PRICE, nothing, deadline=time.monotonic() + 10, identity=GUEST)
        around.append((time.perf_counter() - began) * 1000)
    ours, bare = await _beside_bare(url)
    return [
        at_most("a downstream call, our own part, p50", percentile(around, 50), "ms", 1),
        at_most("a downstream call, our own part, p99", percentile(around, 99), "ms", 1),
        Row(what="20 prices over loopback, bare request, p50", value=percentile(bare, 50), unit="ms"),
        at_most("20 prices, what we add to that, p50", percentile(ours, 50) - percentile(bare, 50), "ms", 1),
    ]


async def _beside_bare(url: str) -> tuple[list[float], list[float]]:
    """Milliseconds of the same question asked through everything of ours, and by aiohttp alone, in turns."""
    policies = stretched(POLICIES, 100)
    ours, bare = list[float](), list[float]()
    async with (
        aiohttp.ClientSession(url) as http,
        StoreServices(clients_at(Addresses(rest=url)), MemoryCache(), policies=policies) as services,
    ):
        turn = services.for_turn(GUEST)
        ranked = await turn.ranked_prices(None, "asc", limit=20, least=Decimal(1))
        asins = [price.asin for price in ranked.value or ()]
        for _ in range(CALLS // 10):
            began = time.perf_counter()
            assert (await turn.prices(asins)).value
            ours.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            async with http.get("/pricing/v1/prices", params=[("asin", asin) for asin in asins]) as answer:
                await answer.read()
            bare.append((time.perf_counter() - began) * 1000)
    return ours, bare


class Pace:
    """Turns at a steady pace, each by the next shopper, whether answers come or not; notes when each began and how long it took."""

    def __init__(self, shoppers: list[Shopper]) -> None:
        self._shoppers = [(one, asyncio.Lock()) for one in shoppers]
        self.took: list[tuple[float, float]] = []

    async def keep(self) -> None:
        began = time.monotonic()
        questions = mixed(4000)
        async with asyncio.TaskGroup() as group:
            for number, question in enumerate(questions):
                await asyncio.sleep(max(0.0, began + number / TURNS_A_SECOND - time.monotonic()))
                asking, gate = self._shoppers[number % len(self._shoppers)]
                group.create_task(self._turn(asking, gate, question))

    async def _turn(self, asking: Shopper, gate: asyncio.Lock, question: str) -> None:
        began = time.monotonic()
        async with gate:  # on a machine that cannot keep the pace
            await asking.ask(question)
        self.took.append((began, (time.monotonic() - began) * 1000))

    def between(self, since: float, until: float) -> list[float]:
        return [took for began, took in self.took if since <= began < until]


async def of_outage(system: Running, name: str, fault: Fault) -> list[Row]:
    """Steady turns, then an outage of one service in their midst."""
    await settled(system)
    async with AsyncExitStack() as exits, aiohttp.ClientSession() as http:
        shoppers = [await exits.enter_async_context(shopper(system)) for _ in range(SHOPPERS)]
        pace = Pace(shoppers)
        pacing = asyncio.create_task(pace.keep())
        await asyncio.sleep(BEFORE_S)
        address = f"{system.store_url}/admin/faults/{SERVICE}"
        await (await http.put(address, json=msgspec.to_builtins(fault))).read()
        fell = time.monotonic()
        opened = await _opened(http, system)
        await asyncio.sleep(AFTER_S)
        until = time.monotonic()
        pacing.cancel()
        await asyncio.gather(pacing, return_exceptions=True)
    well, after = pace.between(fell - AFTER_S, fell), pace.between(opened, until)
    return [
        at_most(f"{SERVICE} {name}: until its breaker opens, {TURNS_A_SECOND} turns/s", opened - fell, "s", 5),
        Row(what=f"{SERVICE} {name}: whole answer before, p50", value=percentile(well, 50), unit="ms"),
        at_most(
            f"{SERVICE} {name}: added to that once it is open, p50",
            percentile(after, 50) - percentile(well, 50),
            "ms",
            5,
        ),
    ]


async def _opened(http: aiohttp.ClientSession, system: Running) -> float:
    """When the service's breaker was seen to be open."""
    began = time.monotonic()
    while time.monotonic() - began < OPENS_WITHIN_S:
        async with http.get(f"{system.url}/metrics") as answer:
            text = await answer.text()
        if re.search(rf'^mangaassist_service_breaker_open{{service="{SERVICE}"}} 1', text, re.MULTILINE):
            break
        await asyncio.sleep(0.1)
    return time.monotonic()


def measured(data: Path) -> list[Row]:
    """Each outage at an assistant of its own, which has heard nothing bad of the service yet."""
    rows: list[Row] = []
    with lane(data) as beside:
        rows += asyncio.run(of_calls(beside.url))
        for name, fault in OUTAGES.items():
            with beside.assistant() as system:
                rows += asyncio.run(_healed(system, name, fault))
    return rows


async def _healed(system: Running, name: str, fault: Fault) -> list[Row]:
    try:
        return await of_outage(system, name, fault)
    finally:
        async with aiohttp.ClientSession() as http:
            await http.delete(f"{system.store_url}/admin/faults")
