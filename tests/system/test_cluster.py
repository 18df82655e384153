"""O-5: ``make run-cluster``, on free ports."""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from benchmarks.system import Running, environment, free_port, settled, shopper, wait_for
from deploy.cluster.children import LAST_WORDS, STOPS_WITHIN_S
from tests.peers import needed

CLUSTER = """
import signal, sys
from pathlib import Path
import deploy.cluster.__main__ as cluster
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may have had it ignored
cluster.SHARED, cluster.ASSISTANTS = Path(sys.argv[1]), tuple(map(int, sys.argv[2:]))
cluster.main()
"""
LIMIT_S = 120


class Cluster(Struct):
    process: subprocess.Popen[bytes]
    assistants: list[Running]
    log: Path

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def cluster(home: Path, built: Path) -> Iterator[Cluster]:
    """``make run-cluster`` with other ports and folders, and knowledge that the first assistant has already."""
    store, catalog, ports = free_port(), free_port(), (free_port(), free_port())
    home.mkdir()
    shutil.copytree(built, home / f"assistant-{ports[0]}" / "cache")
    (file := home / "cluster.toml").write_text(f"""
        timeout_factor = 20
        sealing_key_file = "{home}/sealing.key"
        [store]
        url = "http://127.0.0.1:{store}"
        grpc = "127.0.0.1:{catalog}"
        [identity]
        issuer = "http://127.0.0.1:{store}"
        jwks_url = "http://127.0.0.1:{store}/.well-known/jwks.json"
        [redis]
        url = "redis://127.0.0.1:{free_port()}/0"
        [dynamodb]
        table = "sessions-of-a-cluster"
        region = "eu-central-1"
        endpoint_url = "http://127.0.0.1:{free_port()}"
    """)
    with (log := home / "output.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER, str(file), *map(str, ports)],
            env={name: value for name, value in environment(home, 1, 1, 1).items() if "MANGAASSIST" not in name},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        for port in ports:
            wait_for(port, process, log)
        store_url = f"http://127.0.0.1:{store}"
        yield Cluster(
            process,
            [
                Running(url=f"http://127.0.0.1:{port}", store_url=store_url, pid=0, took_s=0, data=home, log=log)
                for port in ports
            ],
            log,
        )
    finally:
        process.kill()
        process.wait()


def ended(running: Cluster) -> int | None:
    """Its exit status; None, and what its processes said, when it takes longer than it allows them."""
    try:
        return running.process.wait(2 * STOPS_WITHIN_S + 30)
    except subprocess.TimeoutExpired:
        for log in running.log.parent.glob("*.log"):
            print(log.name, log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:], sep="\n")
        return None


@pytest.mark.timeout(600, func_only=True)
def test_two_assistants_share_a_conversation_and_end_with_whoever_started_them(tmp_path: Path, system: Running) -> None:
    needed("redis-server")
    needed("dynalite")
    asyncio.run(settled(system))
    with cluster(tmp_path / "cluster", system.data / "cache") as running:
        asyncio.run(goes_on_elsewhere(*running.assistants))
        taken = running.assistants[1].url.rpartition(":")[2]
        until = time.monotonic() + LIMIT_S
        while "open, twice" not in running.said() and time.monotonic() < until:
            time.sleep(0.1)
        assert taken in running.said()
        running.process.send_signal(signal.SIGINT)
        assert ended(running) == 0, running.said()
        assert "Everything has ended." in running.said()


async def goes_on_elsewhere(one: Running, other: Running) -> None:
    async with shopper(one) as asking:
        first = await asking.ask("who wrote Berserk?")
        session_id = asking.session_id
    async with shopper(other, session_id=session_id) as back:
        assert back.session_id == session_id
        second = await back.ask("and how many pages does its first volume have?")
    assert "Miura" in first.transcript.text
    assert "Berserk" in second.transcript.text
