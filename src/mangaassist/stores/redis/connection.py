"""How a Redis is reached, and what its failures are called here. Every wait has a limit; nothing is tried twice by itself."""

import asyncio
import contextlib
from collections.abc import Generator, Sequence
from typing import Any, Final

from redis import exceptions
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from mangaassist.errors import FailureKind, ServiceFailure, StartFailed
from mangaassist.telemetry.client_spans import redis_call

Argument = str | bytes | int | float

LINES: Final = 16
"""Calls of one process that are under way; more of them wait."""
CONNECT_S: Final = 1.0
ANSWER_S: Final = 2.0
"""A call takes no longer, whatever it waits for, unless it is told less: five of them fit into what an answer waits for a log
that is away."""

FAILURES: Final[dict[type[Exception], FailureKind]] = {
    exceptions.TimeoutError: "timeout",
    exceptions.ConnectionError: "unreachable",
    exceptions.AuthenticationError: "unauthenticated",
    exceptions.AuthorizationError: "unauthenticated",
    exceptions.AuthenticationWrongNumberOfArgsError: "unauthenticated",
    exceptions.NoPermissionError: "unauthenticated",
    exceptions.ReadOnlyError: "error",
    exceptions.OutOfMemoryError: "error",
    exceptions.ClusterError: "error",
    exceptions.TryAgainError: "error",
    exceptions.AskError: "error",
    exceptions.RedisError: "contract",
    TimeoutError: "timeout",
    OSError: "unreachable",
}
"""What the client raises, as our own, by the nearest kin: a fail-over, a full memory or a moving slot may pass, a reply that
nobody understands will not."""
PASSING: Final = ("MASTERDOWN", "NOREPLICAS", "MISCONF", "BUSY", "UNKILLABLE", "CLUSTERDOWN")
"""Replies without an exception of their own that may pass as well."""


class Server:
    """One Redis and a few lines to it, which are connected when they are first used. Raises ``StartFailed`` for no address.

    Calls raise what the client raises; ``failing`` words it. The time limits are asyncio's own: the client's would lose a
    cancellation now and then (``asyncio.wait_for`` before Python 3.12), and whoever waits for the end of a task would wait forever.
    """

    def __init__(self, url: str) -> None:
        try:
            self._lines: Any = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
                url,
                socket_connect_timeout=CONNECT_S,
                socket_keepalive=True,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
            )
        except ValueError as error:
            raise StartFailed(f"This is no address of a Redis: {error}") from error
        self._lines.connection_kwargs |= {
            "socket_timeout": None,
            "decode_responses": False,
        }  # whatever the address says
        told = self._lines.connection_kwargs
        self._address = (str(told["host"]), int(told.get("port", 6379))) if "host" in told else None
        self._idle: list[Any] = []
        self._room = asyncio.Semaphore(LINES)

    def line(self) -> Any:
        """A line of one's own, not yet connected."""
        return self._lines.make_connection()

    async def call(self, *command: Argument, within_s: float = ANSWER_S, script: str = "") -> Any:
        """``script`` is what the script that is run is called in traces."""
        return (await self.call_all((command,), within_s, script))[0]

    async def call_all(
        self, commands: Sequence[tuple[Argument, ...]], within_s: float = ANSWER_S, script: str = ""
    ) -> list[Any]:
        """Several commands in one exchange, and what each gives. They do not happen in one step."""
        with redis_call(str(commands[0][0]), script, len(commands), self._address) as span:
            replies = await self._exchanged(commands, within_s)
            failed = next((one for one in replies if isinstance(one, exceptions.ResponseError)), None)
            if failed is not None and not isinstance(failed, exceptions.NoScriptError):
                span.failed(failure_kind(failed))
        if failed is not None:
            raise failed
        return replies

    async def _exchanged(self, commands: Sequence[tuple[Argument, ...]], within_s: float) -> list[Any]:
        async with asyncio.timeout(within_s), self._room:
            line = self._idle.pop() if self._idle else self.line()
            try:
                await _ready(line)
                await line.send_packed_command(line.pack_commands(commands))
                replies = [await _reply(line) for _ in commands]
            except BaseException:  # what comes on this line from now on is nobody's answer
                await line.disconnect(nowait=True)
                raise
            self._idle.append(line)
        return replies

    async def close(self) -> None:
        """Let go of the lines; who calls after that is connected anew."""
        while self._idle:
            await self._idle.pop().disconnect()


async def _ready(line: Any) -> None:
    """Connect; also a line that the server has closed meanwhile."""
    await line.connect()
    if await line.can_read():
        await line.disconnect(nowait=True)
        await line.connect()


async def _reply(line: Any) -> Any:
    try:
        return await line.read_response()
    except exceptions.ResponseError as error:
        return error


@contextlib.contextmanager
def failing(service: str) -> Generator[None]:
    """Raises what a Redis's client raises as ``ServiceFailure`` of ``service``."""
    try:
        yield
    except (exceptions.RedisError, OSError) as error:
        raise ServiceFailure(service, failure_kind(error), f"{type(error).__name__}: {error}") from error


def failure_kind(error: Exception) -> FailureKind:
    if isinstance(error, exceptions.ResponseError) and str(error).startswith(PASSING):
        return "error"
    for kind in type(error).__mro__:
        if kind in FAILURES:
            return FAILURES[kind]
    return "contract"
