"""Real processes that can be killed: assistants over one store, alone on SQLite or several over one Redis and one DynamoDB."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.system import Running, environment, free_port, wait_for
from deploy.peers import NOBODY
from mangaassist.stores.dynamodb.schema import create
from tests.dynalite import dynalite
from tests.peers import needed
from tests.redis_server import RedisServer
from tests.tables import REGION, opened

PATIENT: Final = {
    "MANGAASSIST_TIMEOUT_FACTOR": "20",
    "MANGAASSIST_LOGS__LEVEL": "error",
    "MANGAASSIST_SERVER__PROXIES": "127.0.0.1",
    **{
        f"MANGAASSIST_LIMITS__{what}_PER_MINUTE": "1000000"
        for what in ("CUSTOMER", "GUEST", "NEW_SESSIONS", "CONNECTS", "MODEL_CALLS")
    },
}
"""For a machine that is busy, and a crowd that is quicker than people are; who stands before it is believed where they are."""
ENDS_WITHIN_S: Final = 120.0
PACED: Final = ("tests.crashes.paced",)
"""An assistant that takes its time, so that whatever happens to it happens in mid-answer."""
AS_IT_IS: Final = ("mangaassist", "serve")
TABLE: Final = "crashes-sessions"


class Assistant:
    """One process of the assistant, on a port of its own through all its lives. ``program`` is the module that runs it, and what
    the module is told."""

    def __init__(self, home: Path, settings: Mapping[str, str], port: int, program: tuple[str, ...]) -> None:
        self.address = f"ws://127.0.0.1:{port}/ws"
        self.url = f"http://127.0.0.1:{port}"
        self.store_url = settings["MANGAASSIST_STORE__URL"]
        self._port = port
        self._program = program
        self._environment = {**settings, "MANGAASSIST_SERVER__PORT": str(port)}
        self._log = home / "output.log"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._program], env=self._environment, stdout=output, stderr=output
            )

    def ready(self) -> None:
        """Wait until it answers. Raises ``RuntimeError`` with its last words when it ends instead."""
        assert self._process is not None
        wait_for(self._port, self._process, self._log)

    def kill(self) -> None:
        """As by the operating system: no last word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def leave(self) -> int:
        """As an operator asks it to: it has the time to go well. Gives its exit code; raises ``subprocess.TimeoutExpired``."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(ENDS_WITHIN_S)

    def running(self) -> Running:
        """As the shoppers of the benchmarks know a system."""
        assert self._process is not None
        return Running(
            url=self.url,
            store_url=self.store_url,
            pid=self._process.pid,
            took_s=0.0,
            data=self._log.parent,
            log=self._log,
        )

    def said(self) -> str:
        """Everything that its lives have written to standard output and error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def complaints(self) -> list[str]:
        """What they have logged of it: nothing below an error is."""
        return [line for line in self.said().splitlines() if '"level": "error"' in line]

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()


@contextmanager
def demo_store(state: Path, port: int, grpc_port: int) -> Generator[None]:
    state.mkdir(parents=True)
    log = state / "output.log"
    command = [sys.executable, "-m", "mangastore", "serve", "--port", str(port), "--grpc-port", str(grpc_port)]
    with log.open("ab") as output:
        process = subprocess.Popen([*command, "--state-dir", str(state)], stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def fleet(
    home: Path, built: Path, shared: Mapping[str, str], processes: int, program: tuple[str, ...] = PACED
) -> Generator[list[Assistant]]:
    """So many assistants beside one demo store, started and answering.

    ``built`` is a cache folder with the knowledge in it, of which each is given a copy; ``shared`` are settings of all.
    """
    with ExitStack() as exits:
        store, grpc = free_port(), free_port()
        exits.enter_context(demo_store(home / "store", store, grpc))
        one_key = {"MANGAASSIST_SEALING_KEY_FILE": str(home / "sealing.key")}
        assistants: list[Assistant] = []
        for number in range(processes):
            own = home / f"assistant{number}"
            shutil.copytree(built, own / "cache")
            addresses = environment(own, free_port(), store, grpc)
            one = Assistant(own, {**addresses, **PATIENT, **one_key, **shared}, free_port(), program)
            exits.callback(one.end)
            one.begin()
            assistants.append(one)
        for one in assistants:
            one.ready()
        yield assistants


@contextmanager
def shared_services(home: Path) -> Generator[dict[str, str]]:
    """A Redis and a server that speaks DynamoDB; gives the settings that have assistants share them."""
    home.mkdir(parents=True)
    redis = RedisServer(needed("redis-server"), home)
    with ExitStack() as exits:
        exits.callback(redis.stop)
        redis.start()
        url = exits.enter_context(dynalite(needed("dynalite")))
        asyncio.run(_make_table(url))
        yield NOBODY | {
            "MANGAASSIST_REDIS__URL": redis.url,
            "MANGAASSIST_DYNAMODB__TABLE": TABLE,
            "MANGAASSIST_DYNAMODB__REGION": REGION,
            "MANGAASSIST_DYNAMODB__ENDPOINT_URL": url,
        }


async def _make_table(url: str) -> None:
    for variable, value in NOBODY.items():
        os.environ.setdefault(variable, value)
    async with opened(url, TABLE) as table:
        await create(table)
