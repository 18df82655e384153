"""The command: serving, stopping, and faults from the command line."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mangastore.server import RunningStore

COMMAND = [sys.executable, "-m", "mangastore"]


def _serve(tmp_path: Path, *arguments: str) -> list[str]:
    return [*COMMAND, "serve", "--state-dir", str(tmp_path), *arguments]


@pytest.mark.parametrize(("option", "other"), [("--port", "--grpc-port"), ("--grpc-port", "--port")])
def test_a_port_in_use_is_one_clear_sentence(tmp_path: Path, option: str, other: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            _serve(tmp_path, option, port, other, "0"), capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 1
    messages = [line for line in done.stderr.splitlines() if "cannot listen" in line]
    assert messages == [f"The store cannot listen on 127.0.0.1:{port} ({'HTTP' if option == '--port' else 'gRPC'}): "
                        f"choose another with {option}."]  # fmt: skip
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(tmp_path: Path, name: signal.Signals) -> None:
    with subprocess.Popen(
        _serve(tmp_path, "--port", "0", "--grpc-port", "0"), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline().startswith("Store: http://127.0.0.1:")
        process.send_signal(name)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


async def _run(*arguments: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_faults_from_the_command_line(running: RunningStore) -> None:
    url = ("--store-url", running.http_url)
    code, out, _ = await _run("fault", "pricing", "slow", "--delay-ms", "700", *url)
    assert (code, out.strip()) == (0, "pricing: slow, 700 ms, 100% of calls")
    assert running.store.faults.all()["pricing"].delay_ms == 700
    assert "pricing" in (await _run("faults", "list", *url))[1]
    code, out, _ = await _run("faults", "clear", *url)
    assert (code, out.strip()) == (0, "Every service is healthy.")
    assert running.store.faults.clear_everywhere


async def test_a_store_that_is_not_there_is_said_in_one_sentence() -> None:
    code, _, err = await _run("faults", "clear", "--store-url", "http://127.0.0.1:9")
    assert code == 1
    assert err.startswith("No store answers at http://127.0.0.1:9")
    assert "Traceback" not in err


async def test_an_unknown_service_is_refused() -> None:
    assert (await _run("fault", "weather", "slow"))[0] == 2
