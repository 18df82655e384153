"""The demo store in a process of its own: begun before ours loads what it needs, so that both load side by side (O-1)."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mangaassist.assembly.folders import durable_folder
from mangaassist.edge.listening import listen
from mangaassist.settings import Settings

STOP_S: Final = 5.0


@contextmanager
def begun(settings: Settings) -> Generator[subprocess.Popen[bytes]]:
    """The store's process, at the settings' addresses; it may not answer yet. Raises ``StartFailed`` where they are taken.

    It watches the pipe that we hold: however this process ends, the store ends too. A Ctrl-C in the terminal reaches us
    alone, so that answers in flight still find their store.
    """
    _check_free(settings)
    state = durable_folder(settings) / "store"
    process = subprocess.Popen(_command(settings, state), stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  our own package
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _check_free(settings: Settings) -> None:
    """Raise ``StartFailed`` when something else answers where the store will: it would be taken for the store."""
    web = urlsplit(settings.store.url)
    grpc_host, _, grpc_port = settings.store.grpc.rpartition(":")
    for host, port, setting in (
        (web.hostname or "127.0.0.1", web.port or 80, "STORE__URL"),
        (grpc_host, int(grpc_port), "STORE__GRPC"),
    ):
        listen(host, port, "demo store", f"MANGAASSIST_{setting}").close()


def _command(settings: Settings, state: Path) -> list[str]:
    web, grpc = urlsplit(settings.store.url), settings.store.grpc.rpartition(":")
    return [
        sys.executable, "-m", "mangastore", "serve",
        "--host", web.hostname or "127.0.0.1",
        "--port", str(web.port or 80),
        "--grpc-port", grpc[2],
        "--assistant-url", f"http://{settings.server.host}:{settings.server.port}",
        "--state-dir", os.fspath(state),
        "--until-stdin-closes",
    ]  # fmt: skip
