"""A server that speaks DynamoDB, in memory, on a free port of the loopback."""

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Final

from benchmarks.system import free_port

STARTS: Final = 5


@contextlib.contextmanager
def dynalite(program: str) -> Iterator[str]:
    """Its address, once it listens."""
    for _ in range(STARTS):
        port = free_port()
        command = [program, "--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                if "listening" in server.stdout.readline():
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                server.kill()
    raise RuntimeError("dynalite does not start")
