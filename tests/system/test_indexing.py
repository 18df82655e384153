"""O-7, K-5: two processes that serve and one that indexes, on one folder: what an editor changes, both answer from."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp
import pytest

from benchmarks.system import Running, environment, free_port, settled, wait_for
from mangaassist.console.process_knowledge import ProcessKnowledge
from mangaassist.console.telling import Told
from mangaassist.stores.redis.connection import Server
from mangaassist.stores.redis.noticeboard import redis_boards
from tests.crashes.fleet import PATIENT
from tests.peers import needed
from tests.redis_server import RedisServer

PAGE = """---
title: Do you sell moonstone bookmarks?
status: approved
questions: [do you have moonstone bookmarks, moonstone bookmarks]
---
{answer}
"""
FIRST, EDITED = "Moonstone bookmarks are sold in Tallinn alone.", "Moonstone bookmarks are sold in Riga alone."
QUESTION = "do you have moonstone bookmarks?"
ENDS_WITHIN_S = 60.0


class Process:
    """``mangaassist`` with some words, and what it said."""

    def __init__(self, home: Path, settings: Mapping[str, str], *words: str) -> None:
        home.mkdir(parents=True)
        self.log = home / "output.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mangaassist", *words], env=settings, stdout=output, stderr=output
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def end(self) -> int:
        """As an operator asks it to."""
        self.process.terminate()
        try:
            return self.process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture
def home(tmp_path: Path, system: Running) -> Path:
    """A folder with the knowledge of the running system in it, and a page beside."""
    asyncio.run(settled(system))
    shutil.copytree(system.data / "cache", tmp_path / "cache")
    (tmp_path / "pages" / "faq").mkdir(parents=True)
    (tmp_path / "pages" / "faq" / "bookmarks.md").write_text(PAGE.format(answer=FIRST))
    return tmp_path


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    folder = tmp_path / "redis"
    folder.mkdir()
    made = RedisServer(needed("redis-server"), folder)
    made.start()
    yield made
    made.stop()


def settings_of(home: Path, system: Running, name: str, port: int) -> dict[str, str]:
    store, grpc = (address.rpartition(":")[2] for address in (system.store_url, system.grpc))
    return {
        **environment(home / name, port, int(store), int(grpc)),
        **PATIENT,
        "MANGAASSIST_CACHE_DIR": str(home / "cache"),
        "MANGAASSIST_KNOWLEDGE__INDEXED_BY": "index",
        "MANGAASSIST_KNOWLEDGE__FOLDER": str(home / "pages"),
    }


@contextlib.contextmanager
def processes(home: Path, system: Running) -> Iterator[tuple[Process, list[int]]]:
    """One that indexes, and the ports of two that serve from the same folder."""
    with contextlib.ExitStack() as exits:
        started: list[tuple[Process, int]] = []
        for name in ("index", "one", "other"):
            port = free_port()
            words = ("index", "--port", str(port)) if name == "index" else ("serve",)
            one = Process(home / name, settings_of(home, system, name, port), *words)
            exits.callback(lambda one=one: one.process.poll() is None and one.end())
            started.append((one, port))
        for one, port in started:
            wait_for(port, one.process, one.log)
        yield started[0][0], [port for _, port in started[1:]]


async def answers(port: int, said: str) -> None:
    """Wait until a process answers with these words. The test's own limit ends it."""
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
        text = ""
        while said not in text:
            async with http.post("/chat/message", json={"message": QUESTION}) as answer:
                text = (await answer.json()).get("response_text", "")


@pytest.mark.timeout(300, func_only=True)
def test_both_that_serve_answer_from_what_the_one_that_indexes_has_just_read(home: Path, system: Running) -> None:
    with processes(home, system) as (index, ports):
        for port in ports:
            asyncio.run(answers(port, FIRST))
        page = home / "pages" / "faq" / "bookmarks.md"
        page.write_text(PAGE.format(answer=EDITED))
        later = page.stat().st_mtime + 5
        os.utime(page, (later, later))
        for port in ports:
            asyncio.run(answers(port, EDITED))
        second = Process(home / "second", settings_of(home, system, "second-data", free_port()), "index", "--port", "0")
        assert second.process.wait(ENDS_WITHIN_S) == 1
        assert "Another process fills the knowledge" in second.said()
        assert index.end() == 0
        for port in ports:  # what was indexed stays
            asyncio.run(answers(port, EDITED))


@pytest.mark.timeout(300, func_only=True)
def test_the_one_that_indexes_tells_the_consoles_of_the_others_what_it_knows(
    home: Path, system: Running, redis: RedisServer
) -> None:
    port = free_port()
    sharing = {"MANGAASSIST_REDIS__URL": redis.url, "MANGAASSIST_DYNAMODB__TABLE": "of-those-that-serve"}
    index = Process(home / "index", settings_of(home, system, "index", port) | sharing, "index", "--port", str(port))
    try:
        wait_for(port, index.process, index.log)
        told = asyncio.run(_told(redis.url))
        assert (told.is_indexing, told.reads_letters) == (True, True)
        assert {"catalog", "reviews"} <= told.freshness.keys()
    finally:
        assert index.end() == 0
    assert asyncio.run(_names(redis.url)) == []


async def _told(url: str) -> ProcessKnowledge:
    """Wait until a process tells of its knowledge. The test's own limit ends it."""
    server = Server(url)
    try:
        board = Told(redis_boards(server).knowledge, "nobody", ProcessKnowledge)
        while not (heard := await board.others()).told:
            await asyncio.sleep(0)
        return heard.told[0][0]
    finally:
        await server.close()


async def _names(url: str) -> list[str]:
    server = Server(url)
    try:
        return [notice.process for notice in await redis_boards(server).knowledge.notices()]
    finally:
        await server.close()
