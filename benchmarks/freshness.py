"""Freshness (K-5): from a change at the store until a process that serves finds it; and how many changes a second are taken up.

One process indexes and one serves, as `mangaassist index` and `serve` do, over one store: nothing between them is shortened.
"""

import asyncio
import contextlib
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
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
    async with _built(system, index_url) as (http, asins):
        lags = [await _searchable_s(http, system, asin, number) for number, asin in _counted(asins[:EDITS])]
        flood = asins[EDITS : EDITS + FLOOD]
        began, used_s, before = time.perf_counter(), processor_s(pid), await _told(http, index_url, INDEXED)
        await asyncio.gather(*(_edited_all(http, system, flood[first::AT_ONCE]) for first in range(AT_ONCE)))
        while await _told(http, index_url, INDEXED) < before + len(flood):
            await asyncio.sleep(LOOK_S)
        took_s, used_s = time.perf_counter() - began, processor_s(pid) - used_s
    return [
        Row(what="a change at the store, until a process that serves finds it, p50", value=percentile(lags, 50), unit="s"),
        at_most("a change at the store, until a process that serves finds it, p99", percentile(lags, 99), "s", LAG_LIMIT_S),
        at_least(f"{len(flood):,} products changed at once, embedded", len(flood) / took_s, "a second", EVENTS_A_SECOND),
        Row(what="processor time of the process that indexes, a product", value=1000 * used_s / len(flood), unit="ms"),
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def _built(system: Running, index_url: str) -> AsyncGenerator[tuple[aiohttp.ClientSession, Sequence[str]]]:
    """Once all is indexed and followed, with products to change."""
    async with aiohttp.ClientSession() as http:
        while not (system.data / "cache" / "knowledge" / "built").exists():
            await asyncio.sleep(1)
        await settled_at(index_url)
        yield http, await asyncio.to_thread(_products, system.data / "cache" / "knowledge" / DATABASE)


def _products(path: Path) -> Sequence[str]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT DISTINCT asin FROM chunks WHERE source_type = 'product' ORDER BY chunk_id")
        return [asin for (asin,) in found]


def _counted(asins: Sequence[str]) -> Iterator[tuple[int, str]]:
    yield from track(enumerate(asins), "changing one product at a time", total=len(asins), console=console)


async def _searchable_s(http: aiohttp.ClientSession, system: Running, asin: str, number: int) -> float:
    """Seconds from the edit until the process that serves has the knowledge with it."""
    await asyncio.sleep(0.37 * (number % 3))  # at any place between two looks
    before = await _told(http, system.url, VERSION)
    began = time.perf_counter()
    await _edited(http, system, asin)
    while await _told(http, system.url, VERSION) == before:
        await asyncio.sleep(LOOK_S)
    return time.perf_counter() - began


async def _edited_all(http: aiohttp.ClientSession, system: Running, asins: Sequence[str]) -> None:
    for asin in asins:
        await _edited(http, system, asin)


async def _edited(http: aiohttp.ClientSession, system: Running, asin: str) -> None:
    words = (
        f"Told anew at {time.time():.3f}: the lantern of {asin} burns over the harbour, and nobody has seen who lit it."
    )
    async with http.patch(f"{system.store_url}/admin/products/{asin}", json={"description": words * 3}) as answer:
        answer.raise_for_status()


async def _told(http: aiohttp.ClientSession, url: str, pattern: str) -> float:
    async with http.get(f"{url}/metrics") as answer:
        found = re.search(pattern, await answer.text(), re.MULTILINE)
    return float(found[1]) if found else 0.0
