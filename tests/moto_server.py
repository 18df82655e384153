"""moto's server: an imitation of AWS in memory, on a free port of the loopback. Its DynamoDB knows expiry and transactions."""

import contextlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Final

from benchmarks.system import free_port

STARTS_WITHIN_S: Final = 120.0


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """Its address, once it answers."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + STARTS_WITHIN_S
            while not _answers(url):
                assert server.poll() is None, "moto's server has ended"
                assert time.monotonic() < until, "moto's server does not get ready"
                time.sleep(0.05)
            yield url
        finally:
            server.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/moto-api/", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
