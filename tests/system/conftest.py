"""The whole system, as ``make run`` starts it, on free ports: store, assistant, real models, real index."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from benchmarks.system import Running, environment, free_port, running

FIRST_START_LIMIT_S = 300


class FirstStart:
    """The data folder of a first start that was killed in the middle of filling the knowledge."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.documents_when_killed = 0


def documents(data: Path) -> int:
    file = data / "knowledge" / "knowledge.db"
    if not file.exists():
        return 0
    with (
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db,
        contextlib.suppress(sqlite3.Error),
    ):
        return db.execute("SELECT count(*) FROM documents").fetchone()[0]
    return 0


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    """Start ``mangaassist run`` on an empty folder and pull the plug while it reads the catalog."""
    first = FirstStart(tmp_path_factory.mktemp("system"))
    process = subprocess.Popen(
        [sys.executable, "-m", "mangaassist", "run"],
        env=environment(first.data, free_port(), free_port(), free_port()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until = time.monotonic() + FIRST_START_LIMIT_S
    while documents(first.data) < 600 and process.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    first.documents_when_killed = documents(first.data)
    return first


@pytest.fixture(scope="session")
def system(first_start: FirstStart) -> Iterator[Running]:
    """The running system, recovered from its interrupted first start (K-3)."""
    with running(first_start.data) as started:
        yield started


@pytest.fixture
async def faults(system: Running):
    """Turns faults of the store on; all are off again afterwards (D-3)."""
    async with aiohttp.ClientSession(system.store_url) as http:

        async def cause(service: str, mode: str, **more: object) -> None:
            async with http.put(f"/admin/faults/{service}", json={"mode": mode, **more}) as answer:
                assert answer.status < 300, await answer.text()

        yield cause
        await http.delete("/admin/faults")
