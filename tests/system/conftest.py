"""The whole system, as ``make run`` starts it, on free ports: store, assistant, real models, real index.

Its time limits are stretched: these tests judge what is said when everything answers, however slow the machine. What a limit
that is missed does to an answer is a test of its own, by a fault that outlasts every limit.
"""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from benchmarks.system import START_LIMIT_S, Running, environment, free_port, running
from tests.published import Published, watching_clients

STRETCHED = {"MANGAASSIST_TIMEOUT_FACTOR": "20", "MANGAASSIST_LIMITS__GUEST_PER_MINUTE": "10"}
TELL_EVERY_S = 15


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test is not charged with the start of the system, which has a limit of its own."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(func_only=True))


class FirstStart:
    """The data folder of a first start that was killed in the middle of filling the knowledge."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.documents_when_killed = 0


def documents(data: Path) -> int:
    file = data / "cache" / "knowledge" / "knowledge.db"
    if not file.exists():
        return 0
    with (
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db,
        contextlib.suppress(sqlite3.Error),
    ):
        return db.execute("SELECT count(*) FROM documents").fetchone()[0]
    return 0


@pytest.fixture(scope="session", autouse=True)
def clients(published: Published) -> Iterator[None]:
    """What the clients of these tests hear is held against the published documents, whichever process says it."""
    with watching_clients(published):
        yield


@pytest.fixture(scope="session")
def watch(pytestconfig: pytest.Config) -> Callable[[Path], Callable[[float], None]]:
    """Tells on the terminal now and then how far a start is: nobody likes a test run that is silent for minutes."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def watching(data: Path) -> Callable[[float], None]:
        told = 0.0

        def waiting(waited_s: float) -> None:
            nonlocal told
            if waited_s - told >= TELL_EVERY_S:
                told = waited_s
                with capture.global_and_fixture_disabled():
                    print(f"\nThe system starts: {documents(data)} documents read in {waited_s:.0f} s ...", flush=True)

        return waiting

    return watching


@pytest.fixture(scope="session")
def first_start(
    tmp_path_factory: pytest.TempPathFactory, watch: Callable[[Path], Callable[[float], None]]
) -> FirstStart:
    """Start ``mangaassist run`` on an empty folder and pull the plug while it reads the catalog."""
    first = FirstStart(tmp_path_factory.mktemp("system"))
    waiting, began = watch(first.data), time.monotonic()
    with (first.data / "first.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mangaassist", "run"],
            env=environment(first.data, free_port(), free_port(), free_port()) | STRETCHED,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while documents(first.data) < 600 and process.poll() is None and time.monotonic() - began < START_LIMIT_S:
        waiting(time.monotonic() - began)
        time.sleep(0.1)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    first.documents_when_killed = documents(first.data)
    return first


@pytest.fixture(scope="session")
def system(first_start: FirstStart, watch: Callable[[Path], Callable[[float], None]]) -> Iterator[Running]:
    """The running system, recovered from its interrupted first start (K-3)."""
    with running(first_start.data, settings=STRETCHED, waiting=watch(first_start.data)) as started:
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
