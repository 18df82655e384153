"""Sees to it that whatever waits is answered by somebody: starts workers, and takes over what nobody holds (W-10, W-12)."""

import asyncio
from collections import OrderedDict
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Final, Self

from msgspec import Struct

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.log import Claim
from mangaassist.conversation.offering import claimed
from mangaassist.conversation.worker import Worker
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import HEADROOM, Session

SWEEP_S: Final = 1.0
TAKEN_OVER_AT_ONCE: Final = 64
SESSIONS_KEPT: Final = 1000
CUT_SHORT_S: Final = 5.0
"""What a drain leaves to answers that it cut short, to be reviewed and saved."""

_log = logger("conversation")


class _Remembered(Struct, frozen=True):
    """A session as this process saved it last, and the fence under which it did."""

    session: Session
    fence: int


class Dispatcher:
    """Owns the workers of this process and the two tasks that look for work. Use it as a context manager."""

    def __init__(self, shared: WorkerDependencies) -> None:
        self._shared = shared
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self.is_draining = False
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for name, look in (("sweep", self._sweep()), ("wakes", self._hear_wakes())):
            task = asyncio.create_task(look, name=f"conversations {name}")
            self._exits.push_async_callback(_ended, task)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()
        for task in tuple(self._tasks):
            await _ended(task)

    @property
    def at_work(self) -> int:
        """Sessions that are being answered."""
        return len(self._tasks)

    def begin(self, claim: Claim, session: Session) -> None:
        """Answer what was claimed, and what waits behind it. ``session`` is as it was saved last."""
        session_id = session.session_id
        worker = self._workers[session_id] = Worker(self._shared, claim, session)
        if self.is_draining:
            worker.drain()
        task = asyncio.create_task(worker.work(), name=f"conversation {session_id[:6]}")
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._finished(done, worker))

    async def take_up(self, session_id: str) -> None:
        """Answer what waits in a session, unless somebody else does."""
        if session_id in self._workers or self.is_draining:
            return

        async def load() -> Session:
            if (known := await self._shared.sessions.load(session_id)) is not None:
                return known
            await self._shared.sessions.begin(session_id, None, HEADROOM)
            return Session(session_id=session_id, ceiling=HEADROOM)

        claim, session = await claimed(self._shared.log, session_id, load)
        if claim is not None:
            self.begin(claim, session)

    def recall(self, claim: Claim) -> Session | None:
        """The session as it was saved last, when nobody else can have saved it since."""
        kept = self._remembered.get(claim.lease.session_id)
        return kept.session if kept is not None and kept.fence + 1 == claim.lease.fence else None

    async def drain(self, grace_s: float) -> None:
        """Let answers finish for ``grace_s`` seconds, then cut them short; what waits is left to others (W-7)."""
        self.is_draining = True
        for worker in self._workers.values():
            worker.drain()
        if not await self._all_done(grace_s):
            for worker in self._workers.values():
                worker.cut_short()
            await self._all_done(CUT_SHORT_S)

    async def _all_done(self, within_s: float) -> bool:
        if not self._tasks:
            return True
        _, running = await asyncio.wait(self._tasks, timeout=within_s)
        return not running

    def _finished(self, task: asyncio.Task[None], worker: Worker) -> None:
        self._tasks.pop(task, None)
        session_id = worker.session.session_id
        if self._workers.get(session_id) is worker:
            del self._workers[session_id]
        if task.cancelled():
            return
        if error := task.exception():
            _log.error("worker_failed", session=session_id[:6], exc_info=error)
            return
        self._remembered[session_id] = _Remembered(worker.session, worker.lease.fence)
        self._remembered.move_to_end(session_id)
        if len(self._remembered) > SESSIONS_KEPT:
            self._remembered.popitem(last=False)

    async def _sweep(self) -> None:
        """Every second: sessions whose holder died, or that nobody has taken yet."""
        while True:
            with suppress(ServiceFailure):  # it is away: the next round asks again
                for session_id in await self._shared.log.due(TAKEN_OVER_AT_ONCE):
                    await self.take_up(session_id)
            await asyncio.sleep(SWEEP_S)

    async def _hear_wakes(self) -> None:
        while True:
            with suppress(ServiceFailure):
                async for session_id in self._shared.log.wakes():
                    if worker := self._workers.get(session_id):
                        worker.nudge()
                    else:
                        await self.take_up(session_id)
            await asyncio.sleep(SWEEP_S)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
