"""Freshness (K-5): from a change at the store until a process that serves finds it; and how many changes a second are taken up.

One process indexes and one serves, as `mangaassist index` and `serve` do, over one store: nothing between them is shortened.
The flood is told by a process of its own: products in the store's own words, and one short sentence more.
"""

import asyncio
import contextlib
import multiprocessing
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import aiohttp
from rich.progress import track

from benchmarks.measuring import Row, at_least, at_most, console, percentile
from benchmarks.system import Running, environment, free_port, processor_s, running, settled_at, wait_for
from mangaassist.stores.sqlite.chunk_search import DATABASE

EDITS: Final = 60
FLOOD: Final = 1200
AT_ONCE: Final = 8
LOOK_S: Final = 0.02
FLOOD_LOOK_S: Final = 0.25
"""Seldom enough that the process that indexes does little else but index: its metrics cost it some milliseconds a look."""
CORES: Final = 2
LAG_LIMIT_S: Final = 10.0
EVENTS_A_SECOND: Final = 200
APART: Final = {"MANGAASSIST_KNOWLEDGE__INDEXED_BY": "index"}
VERSION: Final = r"^mangaassist_knowledge_version (\S+)"
INDEXED: Final = r'^mangaassist_knowledge_lag_seconds_count\{source="catalog"\} (\S+)'


def measured(data: Path) -> list[Row]:
    with running(data, settings=APART) as system, _indexing(system) as (index_url, pid):
        return asyncio.run(_measured(system, index_url, pid))


@contextlib.contextmanager
def _indexing(system: Running) -> Generator[tuple[str, int]]:
    """The process that fills the knowledge, once it does: its address and its id."""
    port = free_port()
    store, grpc = (int(address.rpartition(":")[2]) for address in (system.store_url, system.grpc))
    log = system.data / "index.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mangaassist", "index", "--port", str(port)],
            env=environment(system.data, port, store, grpc) | APART,
            stdout=output,
            stderr=output,
        )
    try:
        wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


async def _measured(system: Running, index_url: str, pid: int) -> list[Row]:
    async with _built(system, index_url) as (http, told):
        asins = list(told)
        lags = [await _searchable_s(http, system, asin, told[asin], number) for number, asin in _counted(asins[:EDITS])]
        flood = {asin: told[asin] for asin in asins[EDITS : EDITS + FLOOD]}
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
            apart.submit(_imported).result()
            began, used_s, before = time.perf_counter(), processor_s(pid), await _told(http, index_url, INDEXED)
            flooding = apart.submit(_flooded, system.store_url, flood)
            while await _told(http, index_url, INDEXED) < before + len(flood):
                await asyncio.sleep(FLOOD_LOOK_S)
            took_s, used_s = time.perf_counter() - began, processor_s(pid) - used_s
            flooding.result()
    count = len(flood)
    return [
        Row(what="a change at the store, until a process that serves finds it, p50", value=percentile(lags, 50), unit="s"),
        at_most("a change at the store, until a process that serves finds it, p99", percentile(lags, 99), "s", LAG_LIMIT_S),
        at_least(f"{count:,} products changed at once, embedded", count / took_s, "a second", EVENTS_A_SECOND),
        at_least(f"by the indexer's processor time, {CORES} cores", CORES * count / used_s, "a second", EVENTS_A_SECOND),
        Row(what="processor time of the process that indexes, a product", value=1000 * used_s / count, unit="ms"),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _built(system: Running, index_url: str) -> AsyncGenerator[tuple[aiohttp.ClientSession, Mapping[str, str]]]:
    """Once all is indexed and followed, with products to change and what is told of each."""
    async with aiohttp.ClientSession() as http:
        while not (system.data / "cache" / "knowledge" / "built").exists():
            await asyncio.sleep(1)
        await settled_at(index_url)
        yield http, await asyncio.to_thread(_products, system.data / "cache" / "knowledge" / DATABASE)


def _products(path: Path) -> Mapping[str, str]:
    """The descriptions of all, those of one series not one after the other."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT asin, content FROM chunks WHERE source_type = 'product' GROUP BY asin ORDER BY asin")
        return {asin: content.partition("\n")[0] for asin, content in found}


def _counted(asins: Sequence[str]) -> Iterator[tuple[int, str]]:
    yield from track(enumerate(asins), "changing one product at a time", total=len(asins), console=console)


async def _searchable_s(http: aiohttp.ClientSession, system: Running, asin: str, told: str, number: int) -> float:
    """Seconds from the edit until the process that serves has the knowledge with it."""
    await asyncio.sleep(0.37 * (number % 3))  # at any place between two looks
    before = await _told(http, system.url, VERSION)
    began = time.perf_counter()
    await _edited(http, system.store_url, asin, told)
    while await _told(http, system.url, VERSION) == before:
        await asyncio.sleep(LOOK_S)
    return time.perf_counter() - began


def _imported() -> None:
    """In the process that tells of the flood, once it is there."""


def _flooded(store_url: str, flood: Mapping[str, str]) -> None:
    """In a process of its own."""
    asyncio.run(_all_edited(store_url, list(flood.items())))


async def _all_edited(store_url: str, flood: Sequence[tuple[str, str]]) -> None:
    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(_edited_all(http, store_url, flood[first::AT_ONCE]) for first in range(AT_ONCE)))


async def _edited_all(http: aiohttp.ClientSession, store_url: str, part: Sequence[tuple[str, str]]) -> None:
    for asin, told in part:
        await _edited(http, store_url, asin, told)


async def _edited(http: aiohttp.ClientSession, store_url: str, asin: str, told: str) -> None:
    words = f"{told} Told anew at {time.time():.0f}."
    async with http.patch(f"{store_url}/admin/products/{asin}", json={"description": words}) as answer:
        answer.raise_for_status()


async def _told(http: aiohttp.ClientSession, url: str, pattern: str) -> float:
    async with http.get(f"{url}/metrics") as answer:
        found = re.search(pattern, await answer.text(), re.MULTILINE)
    return float(found[1]) if found else 0.0
