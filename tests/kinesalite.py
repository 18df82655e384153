"""A server that speaks Kinesis, in memory, on a free port of the loopback."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from benchmarks.system import free_port

STARTS: Final = 5
LISTENING: Final = """
const [kinesalite, port] = process.argv.slice(1)
require(kinesalite)({createStreamMs: 0, shardLimit: 10000}).listen(Number(port), '127.0.0.1', () => console.log('listening'))
"""
"""Its own command would listen to everybody."""


class Kinesalite(Struct, frozen=True):
    url: str
    pid: int


@contextlib.contextmanager
def kinesalite(program: str) -> Iterator[Kinesalite]:
    """The server, once it listens."""
    package = Path(program).resolve().parent
    for _ in range(STARTS):
        port = free_port()
        command = ["node", "--eval", LISTENING, str(package), str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                if "listening" in server.stdout.readline():
                    yield Kinesalite(f"http://127.0.0.1:{port}", server.pid)
                    return
            finally:
                server.kill()
    raise RuntimeError("kinesalite does not start")
