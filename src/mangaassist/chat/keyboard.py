"""Lines from a person or a pipe, without ever blocking the event loop."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Generator
from typing import Any, Final, Protocol

QUEUED_LINES: Final = 64

try:
    import readline  # gives input() a history and cursor keys
    import termios
except ImportError:  # Windows has neither and needs neither
    readline = termios = None


class Keyboard(Protocol):
    async def line(self, prompt: str) -> str | None:
        """The next line; None at the end of input."""
        ...

    def aside(self, prompt: str) -> contextlib.AbstractContextManager[None]:
        """While something is said in between: what is being typed makes room, and is there again afterwards."""
        ...

    def overhear(self, heard: Callable[[str], None]) -> contextlib.AbstractContextManager[None]:
        """While an answer is written: whole lines that are typed meanwhile, without a prompt."""
        ...


class Standard:
    """Standard input. Reading happens in a daemon thread, which a waiting ``input()`` cannot keep from ending."""

    def __init__(self) -> None:
        self._asked: list[asyncio.Future[str | None]] = []

    async def line(self, prompt: str) -> str | None:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str | None] = loop.create_future()

        def settle(text: str | None) -> None:
            if not answer.done():
                answer.set_result(text)

        def read() -> None:
            try:
                text: str | None = input(prompt)
            except (EOFError, OSError, UnicodeError, ValueError):
                text = None
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits any more
                loop.call_soon_threadsafe(settle, text)

        threading.Thread(target=read, name="keyboard", daemon=True).start()
        return await answer

    @contextlib.contextmanager
    def aside(self, prompt: str) -> Generator[None]:
        if readline is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
            yield
            return
        sys.stdout.write("\r\x1b[K")
        yield
        sys.stdout.write(prompt + readline.get_line_buffer())
        sys.stdout.flush()

    @contextlib.contextmanager
    def overhear(self, heard: Callable[[str], None]) -> Generator[None]:
        if termios is None or not sys.stdin.isatty():
            yield  # what is piped in waits its turn
            return
        descriptor = sys.stdin.fileno()
        loop = asyncio.get_running_loop()

        def readable() -> None:
            for line in os.read(descriptor, 4096).decode(errors="replace").splitlines():
                heard(line)

        loop.add_reader(descriptor, readable)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)


@contextlib.contextmanager
def terminal_kept() -> Generator[None]:
    """Leave the terminal as it was, even when a thread still sits in ``input()``."""
    modes: list[Any] | None = None
    if termios is not None and sys.stdin.isatty():
        modes = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        if termios is not None and modes is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, modes)
