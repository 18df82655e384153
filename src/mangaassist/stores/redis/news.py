"""One connection on which a process hears of news in all sessions that somebody follows, and of sessions to look at.

What is heard is a hint. Whoever follows a session looks it up once more whenever it may have missed something: after a
subscription began, also again after the connection was lost, and when more came than it has taken.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Iterable
from typing import Any, Final

from mangaassist.telemetry.logs import logger

QUIET_S: Final = 10.0
"""A connection that has been silent for so long is asked whether it still lives, and given up when it says nothing again."""
AGAIN_S: Final = 0.2
MANY: Final = b""
"""In place of a batch: there is news, and it has to be looked up."""

_log = logger("conversation")


class Ear:
    """Keeps the last thing that was heard in one session, and of several only that there were several."""

    __slots__ = ("_heard", "_news")

    def __init__(self) -> None:
        self._news: bytes | None = None
        self._heard = asyncio.Event()

    def hear(self, news: bytes) -> None:
        self._news = news if self._news is None else MANY
        self._heard.set()

    async def next(self, within_s: float) -> bytes:
        """A batch as it was published, or ``MANY``; that also after ``within_s`` seconds without any."""
        try:
            async with asyncio.timeout(within_s):
                await self._heard.wait()
        except TimeoutError:
            return MANY
        self._heard.clear()
        news, self._news = self._news, None
        return MANY if news is None else news


class News:
    """``line`` gives a new connection, ``wake`` hears what comes on the channels named in ``wakes``. Of one event loop."""

    def __init__(self, line: Callable[[], Any], wakes: Iterable[str], wake: Callable[[bytes], None]) -> None:
        self._line = line
        self._wakes = tuple(wakes)
        self._wake = wake
        self._ears: dict[str, dict[Ear, None]] = {}
        self._to_send: list[tuple[str, str]] | None = None
        """None while there is no connection: the next one begins with all that is followed by then."""
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stands = asyncio.Event()

    @contextlib.contextmanager
    def of(self, channel: str) -> Generator[Ear]:
        """An ear for one sharded channel. What is published from the first thing heard on is heard, or ``MANY`` instead."""
        self._begin()
        ears = self._ears.setdefault(channel, {})
        if not ears:
            self._send("SSUBSCRIBE", channel)
        ear = Ear()
        ears[ear] = None
        try:
            yield ear
        finally:
            del ears[ear]
            if not ears:
                del self._ears[channel]
                self._send("SUNSUBSCRIBE", channel)

    async def start(self, within_s: float | None = None) -> None:
        """Begin to hear; waits until something would be heard, but no longer than so many seconds."""
        self._begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._stands.wait()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="conversation news")

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # whatever it was: whoever follows looks for itself meanwhile
                if self._stands.is_set():
                    _log.warning("conversation_news_lost", failure=f"{type(error).__name__}: {error}")
            self._stands.clear()
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        connection = self._line()
        writing: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(QUIET_S):
                await connection.connect()
            self._to_send = []
            await _send(connection, [("SUBSCRIBE", *self._wakes), *(("SSUBSCRIBE", channel) for channel in self._ears)])
            writing = asyncio.create_task(self._write(connection), name="conversation news, subscriptions")
            await self._read(connection)
        finally:
            self._to_send = None
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
            await connection.disconnect()

    async def _read(self, connection: Any) -> None:
        is_asked = False
        while True:
            heard = await connection.read_response(timeout=QUIET_S, disconnect_on_error=False)
            if heard is not None:
                self._hear(heard)
            elif is_asked:
                raise TimeoutError("the connection is silent")
            else:
                await connection.send_command("PING")
            is_asked = heard is None

    def _hear(self, heard: list[Any]) -> None:
        match heard:
            case [b"smessage", channel, news]:
                self._tell(channel, news)
            case [b"ssubscribe", channel, _]:
                self._tell(channel, MANY)
            case [b"message", _, session_id]:
                self._wake(session_id)
            case [b"subscribe", _, _]:
                self._stands.set()
            case _:
                pass  # the end of a subscription, or a sign of life

    def _tell(self, channel: bytes, news: bytes) -> None:
        for ear in self._ears.get(channel.decode(), ()):
            ear.hear(news)

    def _send(self, command: str, channel: str) -> None:
        if self._to_send is not None:
            self._to_send.append((command, channel))
            self._some.set()

    async def _write(self, connection: Any) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            commands, self._to_send = self._to_send, []
            await _send(connection, commands or ())


async def _send(connection: Any, commands: Iterable[tuple[str, ...]]) -> None:
    await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
