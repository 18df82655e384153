"""A session that this process holds: the lease, kept as long as an answer takes, and one call to the log at a time (W-12)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Final, Self, TypeVar

from mangaassist.conversation.log import RENEW_S, ConversationLog, Lease
from mangaassist.errors import ServiceFailure, Superseded
from mangaassist.turn.output import Stop

T = TypeVar("T")

AWAY_S: Final = 10.0
"""So long an answer waits for a log or a store that is away; then it ends."""
AGAIN_S: Final = 0.1


async def patiently(ask: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> T:
    """Ask, again and again while what is asked is away, for ``AWAY_S``. Raises the last ``ServiceFailure``."""
    until = clock() + AWAY_S
    while True:
        try:
            return await ask()
        except ServiceFailure as failure:
            if not failure.transient or clock() + AGAIN_S >= until:
                raise
        await asyncio.sleep(AGAIN_S)


class Hold:
    """``async with`` it around an answer: the lease is renewed meanwhile, and a stop of the shopper reaches ``stop``.

    Leaves with ``Superseded`` as soon as it is known that somebody else holds the session: whatever ran inside is cancelled.
    """

    def __init__(self, log: ConversationLog, lease: Lease, stop: Stop, clock: Callable[[], float]) -> None:
        self._log = log
        self._lease = lease
        self._stop = stop
        self._clock = clock
        self._one_call = asyncio.Lock()
        self._scope = asyncio.TaskGroup()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def last(self) -> int:
        """The number of the last frame."""
        return self._lease.last

    @property
    def lease(self) -> Lease:
        return self._lease

    def spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run beside the answer; whatever it raises ends the answer."""

        async def run() -> None:
            await work()

        running = run()
        try:
            self._scope.create_task(running)
        except RuntimeError:  # the answer is ending, and nothing runs beside it any more
            running.close()

    def nudge(self) -> None:
        """Something happened: ask the log what."""
        if self._timer is not None:
            self._timer.cancel()
            self._renew()

    async def append(self, frames: tuple[bytes, ...], ack: str | None = None) -> None:
        """Append frames that carry the numbers after ``last``. Waits while the log is away."""
        async with self._one_call:
            self._note(await patiently(lambda: self._log.append(self._lease, frames, ack), self._clock))

    async def __aenter__(self) -> Self:
        await self._scope.__aenter__()
        self._note(self._lease)
        self._schedule()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            await self._scope.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            raise _decisive(group) from None

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(RENEW_S, self._renew)

    def _renew(self) -> None:
        self._schedule()
        if not self._one_call.locked():  # an append on its way renews the lease as well
            self.spawn(self._renewed)

    async def _renewed(self) -> None:
        async with self._one_call:
            self._note(await patiently(lambda: self._log.renew(self._lease), self._clock))

    def _note(self, lease: Lease) -> None:
        self._lease = lease
        if lease.stopped:
            self._stop.set()


def _decisive(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What ended the answer: losing the session says more than whatever failed because of it."""
    causes = tuple(_causes(group))
    return next((cause for cause in causes if isinstance(cause, Superseded)), causes[0])


def _causes(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _causes(error)  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield error
