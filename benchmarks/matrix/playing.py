"""Asks the cells of the matrix: in each lane one store that stays, and an assistant that is started anew for each fault.

A fresh assistant has closed breakers and keeps no answers, so that no cell is helped or hurt by the one before it.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
import msgspec
from msgspec import Struct, structs

from benchmarks.matrix import truth
from benchmarks.matrix.cells import ASKS, FAULTS, SHOPPERS, Block, Cell, Who
from benchmarks.matrix.judging import faults_of
from benchmarks.matrix.truth import Told, Truth, told
from benchmarks.system import Running, free_port, running, settled, shopper, sign_in, wait_for
from mangaassist.domain.customers import Identity
from mangastore.faults.board import Fault

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE: Final = 2
"""Shoppers who ask at the same time in one lane."""


class Judged(Struct, frozen=True, kw_only=True):
    """An answer of one cell, and what is wrong with it."""

    cell: Cell
    heard: Told
    wrong: tuple[str, ...]


class Lane(Struct, frozen=True, kw_only=True):
    """A store that runs, and the folder of the assistants that are started beside it."""

    url: str
    grpc: str
    folder: Path

    @contextlib.contextmanager
    def assistant(self) -> Iterator[Running]:
        settings = {
            "MANGAASSIST_CACHE_DIR": str(self.folder / "cache"),
            "MANGAASSIST_STORE__URL": self.url,
            "MANGAASSIST_STORE__GRPC": self.grpc,
            "MANGAASSIST_IDENTITY__ISSUER": self.url,
        }
        with running(self.folder, ("serve",), settings) as started:
            yield structs.replace(started, store_url=self.url, grpc=self.grpc)


@contextlib.contextmanager
def lane(folder: Path, cache: Path | None = None) -> Iterator[Lane]:
    """Start a store; ``cache``: models and knowledge that an earlier start has made ready, copied."""
    folder.mkdir(parents=True, exist_ok=True)
    if cache is not None and not (folder / "cache").exists():
        shutil.copytree(cache, folder / "cache")
    port, grpc, log = free_port(), free_port(), folder / "store.log"
    address = ("--port", str(port), "--grpc-port", str(grpc), "--state-dir", str(folder / "state"))
    with log.open("ab") as output:
        command = [sys.executable, "-m", "mangastore", "serve", *address, "--until-stdin-closes"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=os.environ)
    try:
        wait_for(port, process, log)
        yield Lane(url=f"http://127.0.0.1:{port}", grpc=f"127.0.0.1:{grpc}", folder=folder)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait()


async def truth_of(lane: Lane) -> Truth:
    """What the store of a lane says, and what is answered to every question while it is well."""
    with lane.assistant() as system:
        await settled(system)
        token = await sign_in(system, "aiko")
        read = await truth.read(lane.url, lane.grpc, Identity("cus-aiko", token))
        questions = [(ask.message, who) for asks in ASKS.values() for ask in asks for who in SHOPPERS]
        answers = await _each(questions, lambda question: answered(system, question[0], question[1], token))
        return structs.replace(read, healthy=dict(zip(questions, answers, strict=True)))


async def play(lane: Lane, block: Block, known: Truth, cells: Sequence[Cell]) -> list[Judged]:
    """Ask these cells of a block at an assistant of their own."""
    with lane.assistant() as system:
        token = await sign_in(system, "aiko")
        async with faulty(system.store_url, block):
            return await _each(cells, lambda cell: judged(system, cell, token, known))


async def judged(system: Running, cell: Cell, token: str, known: Truth) -> Judged:
    heard = await answered(system, cell.ask.message, cell.who, token)
    return Judged(cell=cell, heard=heard, wrong=tuple(faults_of(cell, heard, known)))


@contextlib.asynccontextmanager
async def faulty(store_url: str, block: Block) -> AsyncIterator[None]:
    """The store's service has its fault inside the block."""
    async with aiohttp.ClientSession(store_url) as http:
        await _put(http, block.service, FAULTS[block.fault])
        try:
            yield
        finally:
            async with http.delete("/admin/faults") as answer:
                answer.raise_for_status()


async def _put(http: aiohttp.ClientSession, service: str, fault: Fault) -> None:
    async with http.put(f"/admin/faults/{service}", json=msgspec.to_builtins(fault)) as answer:
        answer.raise_for_status()


async def answered(system: Running, message: str, who: Who, token: str) -> Told:
    """What one shopper is told in a conversation of their own."""
    try:
        async with shopper(system, token if who != "guest" else None) as asking:
            return told(await asking.ask(message))
    except (RuntimeError, TimeoutError, OSError) as error:
        return Told(text="", problem=f"{type(error).__name__}: {error}")


async def _each(items: Iterable[T], ask: Callable[[T], Awaitable[R]]) -> list[R]:
    """Ask for each, a few at once, in their order."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> R:
        async with gate:
            return await ask(item)

    return await asyncio.gather(*map(one, items))
