"""A real Redis on a loopback port, alone or as the one node of a cluster, that tests start, stop and flush."""

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis

STARTS_WITHIN_S = 30.0


class RedisServer:
    """Keeps nothing on disk but what is saved by hand: after ``restart`` it has that, and is another run.

    ``cluster``: it refuses what crosses slots.
    """

    def __init__(self, program: str, folder: Path, cluster: bool = False) -> None:
        self._program = program
        self._folder = folder
        self._cluster = cluster
        self._running: subprocess.Popen[bytes] | None = None
        self.port, self._bus_port = _free_ports(2)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        settings = {
            "port": self.port,
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
            "repl-diskless-sync-delay": 0,
            "dir": self._folder,
        }
        if self._cluster:
            settings |= {"cluster-enabled": "yes", "cluster-port": self._bus_port}
        command = [self._program, *(part for name, value in settings.items() for part in (f"--{name}", str(value)))]
        self._running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with self.client() as client:
            self._until(client.ping)
            if self._cluster:
                self._until(lambda: self._has_all_slots(client))

    def stop(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def pause(self) -> None:
        """It takes what is said to it and answers nothing, until ``resume``."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._running is not None
        self._running.send_signal(signal.SIGCONT)

    def follow(self, master: "RedisServer") -> None:
        """Be a replica, and know all that the master knows."""
        with self.client() as client:
            client.replicaof("127.0.0.1", master.port)
            self._until(lambda: client.info("replication").get("master_link_status") == "up")

    def promote(self) -> None:
        with self.client() as client:
            client.replicaof("NO", "ONE")

    @contextlib.contextmanager
    def client(self) -> Iterator[Any]:
        """A client that waits, to set things up and to look at them."""
        with contextlib.closing(redis.Redis(port=self.port, socket_timeout=STARTS_WITHIN_S)) as client:
            yield client

    def age(self, seconds: float) -> None:
        """For all that ends by itself so many seconds pass at once."""
        with self.client() as client:
            for key in tuple(client.scan_iter()):
                left = client.pttl(key) - int(seconds * 1000)
                client.pexpire(key, max(left, 0))

    def flush(self) -> None:
        with self.client() as client:
            client.flushall()

    def _has_all_slots(self, client: Any) -> bool:
        about = client.execute_command("CLUSTER INFO")
        text = about if isinstance(about, dict) else dict(line.split(":") for line in about.decode().split())
        if text["cluster_slots_assigned"] == "0":
            client.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        return text["cluster_state"] == "ok"

    def _until(self, is_ready: Any) -> None:
        assert self._running is not None
        until = time.monotonic() + STARTS_WITHIN_S
        while True:
            with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
                if is_ready():
                    return
            assert self._running.poll() is None, "redis-server has ended"
            assert time.monotonic() < until, "redis-server does not get ready"
            time.sleep(0.02)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as exits:
        taken = [exits.enter_context(socket.socket()) for _ in range(count)]
        for listener in taken:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in taken]
