"""Stores that ``mangaassist new-store`` has written, each served by its own process on free ports of the loopback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from mangaassist.services.clients import Addresses

ROOT = Path(__file__).parent.parent


class Served(Struct, frozen=True):
    url: str
    grpc: str

    @property
    def addresses(self) -> Addresses:
        return Addresses(rest=self.url, grpc=self.grpc)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@contextmanager
def served_store(folder: Path) -> Iterator[Served]:
    """Serves the store in a folder. Whoever asks before it listens is answered by nobody, so its first line is waited for."""
    port, grpc_port = free_port(), free_port()
    environment = {
        **os.environ,
        "STORE_PORT": f"{port}",
        "STORE_GRPC_PORT": f"{grpc_port}",
        "PYTHONPATH": str(ROOT / "src"),
    }
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "store"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert "serves" in process.stdout.readline()
        yield Served(f"http://127.0.0.1:{port}", f"127.0.0.1:{grpc_port}")
    finally:
        process.terminate()
        process.wait(10)
