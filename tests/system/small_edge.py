"""The edge as a process of its own, with scripted answers behind it: started in a moment, and nothing but the edge in it.

``python -m tests.system.small_edge KEEP_ALIVE_S usual|lifted [NAME=SECONDS ...]`` says whether shoppers have limits (R-5), and
sets those of ``edge/http_protocol.py``; the port is its first line.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import uvloop

from mangaassist import serving
from mangaassist.assembly.assistant import Assistant
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge import http_protocol
from mangaassist.edge.app import build
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import Unauthenticated
from mangaassist.settings import Limits
from mangaassist.telemetry import logs
from tests.conversation.virtual import UNLIMITED, Process, World

SHOP = "http://shop.example"


class Guests:
    """Whoever has a token has a wrong one."""

    async def identify(self, token: str | None) -> Identity:
        if token is not None:
            raise Unauthenticated("The token is not valid. Sign in again.")
        return GUEST


async def main() -> None:
    logs.configure("debug", "json")
    for limit in sys.argv[3:]:
        name, _, value = limit.partition("=")
        assert hasattr(http_protocol, name)
        setattr(http_protocol, name, float(value))
    process = Process(World(), "small")
    doors = process.doors(Guests(), SHOP, limits=Limits() if sys.argv[2] == "usual" else UNLIMITED)
    sockets = SocketEdge(shared=doors, heartbeat_s=30, idle_timeout_s=600)
    door = build(doors, sockets, {})
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    with listen("127.0.0.1", 0) as listening:
        edge = server(door, 30, lambda: print(listening.getsockname()[1], flush=True))
        edge.config.timeout_keep_alive = float(sys.argv[1])
        async with process.dispatcher, asyncio.TaskGroup() as group:
            group.create_task(edge.serve(sockets=[listening]))
            await leaving.wait()
            assistant: Any = SimpleNamespace(
                app=door, socket=sockets, dispatcher=process.dispatcher, analytics=process.shared.analytics
            )
            await serving._leave(edge, cast(Assistant, assistant), 60)


class Small:
    """The running process."""

    def __init__(self, process: subprocess.Popen[bytes], address: tuple[str, int], log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log

    def leave(self) -> int:
        """Ask it to; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextlib.contextmanager
def small_edge(log: Path, keep_alive_s: float, shoppers: str = "lifted", **limits: float) -> Iterator[Small]:
    set_limits = (f"{name}={value}" for name, value in limits.items())
    command = [sys.executable, "-m", "tests.system.small_edge", str(keep_alive_s), shoppers, *set_limits]
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        yield Small(process, ("127.0.0.1", int(line)), log)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    uvloop.run(main())
