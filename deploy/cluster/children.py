"""Processes that end when the one that started them does, however that ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

STARTS_WITHIN_S: Final = 120.0
STOPS_WITHIN_S: Final = 75.0
"""Longer than an assistant lets its answers finish."""
LOOK_AGAIN_S: Final = 0.1
LAST_WORDS: Final = 2000

WATCH: Final = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdin.buffer.read()
os.killpg(0, signal.SIGTERM)
time.sleep(5)
os.killpg(0, signal.SIGKILL)
"""
"""Waits for the end of whoever holds the other end of its input; then ends its group, itself last."""


class Ended(Exception):
    """A child has ended that should not have; told to a person."""


class Child:
    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path | None) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log

    def check(self) -> None:
        """Raises ``Ended``, with its last words, when it has."""
        if (code := self._process.poll()) is not None:
            words = self._log.read_text(errors="replace")[-LAST_WORDS:] if self._log else ""
            raise Ended(f"The {self.name} has ended ({_ending(code)}).\n{words}".rstrip())

    def listening(self, port: int) -> None:
        """Wait until it listens on the loopback. Raises ``Ended``."""
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until:
            self.check()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(LOOK_AGAIN_S)
        raise Ended(f"The {self.name} does not listen on port {port} after {STARTS_WITHIN_S:.0f} s.")

    def done(self) -> None:
        """Wait until it has ended. Raises ``Ended`` when its work is not done then."""
        if self._process.wait():
            self.check()

    def tell_to_end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()

    def end(self) -> None:
        """Wait until it has ended, and see to it."""
        self.tell_to_end()
        try:
            self._process.wait(STOPS_WITHIN_S)
        finally:  # it takes too long, or nobody wants to wait for it
            self._process.kill()
            self._process.wait()


class Children:
    """``with`` it around their lives: at its end the last started ends first. ``folder`` takes what they print."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Child] = []

    def __enter__(self) -> Self:
        self._watcher = subprocess.Popen([sys.executable, "-S", "-c", WATCH], stdin=subprocess.PIPE, process_group=0)
        return self

    def start(self, name: str, command: Sequence[str], settings: Mapping[str, str]) -> Child:
        """One that stays. ``settings`` are further variables of its environment; what it says goes into a file."""
        log = self._folder / f"{name.replace(' ', '-')}.log"
        with log.open("wb") as output:
            child = Child(name, self._process(command, settings, output), log)
        self._started.append(child)
        return child

    def run(self, name: str, command: Sequence[str], settings: Mapping[str, str]) -> None:
        """One that does something and ends; what it says is for whoever watches. Raises ``Ended`` when it fails."""
        Child(name, self._process(command, settings, None), None).done()

    def _process(
        self, command: Sequence[str], settings: Mapping[str, str], output: BinaryIO | None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=os.environ | dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=self._watcher.pid,
        )

    def watch(self) -> None:
        """Wait until one of them ends. Raises ``Ended``."""
        while True:
            for child in self._started:
                child.check()
            time.sleep(LOOK_AGAIN_S)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for child in reversed(self._started):
                child.end()
        finally:  # also when somebody is in a hurry
            os.killpg(self._watcher.pid, signal.SIGKILL)
            self._watcher.wait()


def _ending(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"code {code}"
