"""Sees to it that whatever waits is answered by somebody: starts workers, and takes over what nobody holds (W-10, W-12)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from types import TracebackType
from typing import Final, Self, TypeVar

from msgspec import Struct

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.log import Claim
from mangaassist.conversation.offering import claimed
from mangaassist.conversation.worker import Worker
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import HEADROOM, Session

T = TypeVar("T")

SWEEP_S: Final = 1.0
TAKEN_OVER_AT_ONCE: Final = 64
"""Sessions that are being taken up at one time; others wait for the next round."""
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
        self._tasks: dict[asyncio.Task[None], Worker] = {}
        self._taking_up: dict[str, asyncio.Task[None]] = {}
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._failed: OrderedDict[str, None] = OrderedDict()
        self.is_draining = False
        self._is_over = False
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for name, look in (("sweep", self._sweep), ("wakes", self._hear_wakes)):
            task = asyncio.create_task(self._again_and_again(look, name), name=f"conversations {name}")
            self._exits.push_async_callback(_ended, task)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()
        await _ended(*self._taking_up.values())
        await _ended(*self._tasks)

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
        if self._is_over:
            worker.cut_short()
        task = asyncio.create_task(worker.work(), name=f"conversation {session_id[:6]}")
        self._tasks[task] = worker
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
        for worker in self._tasks.values():
            worker.drain()
        if not await self._all_done(grace_s):
            self._is_over = True
            for worker in self._tasks.values():
                worker.cut_short()
            await self._all_done(CUT_SHORT_S)

    async def _all_done(self, within_s: float) -> bool:
        """Also what begins meanwhile: it was claimed just before."""
        until = self._shared.clock() + within_s
        while running := {*self._tasks, *self._taking_up.values()}:
            if (left_s := until - self._shared.clock()) <= 0:
                return False
            await asyncio.wait(running, timeout=left_s)
        return True

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
        _remember(self._remembered, session_id, _Remembered(worker.session, worker.lease.fence))

    # ---- looking for work

    async def _again_and_again(self, look: Callable[[], Awaitable[None]], name: str) -> None:
        """Whatever goes wrong in a round, there is another."""
        while True:
            try:
                await look()
            except ServiceFailure:  # it is away: the next round asks again
                pass
            except Exception:
                _log.exception("look_failed", look=name)
            await asyncio.sleep(SWEEP_S)

    async def _sweep(self) -> None:
        """Sessions whose holder died, or that nobody has taken yet."""
        for session_id in await self._shared.log.due(TAKEN_OVER_AT_ONCE):
            self._take_up_aside(session_id)

    async def _hear_wakes(self) -> None:
        async with aclosing(self._shared.log.wakes()) as wakes:
            async for session_id in wakes:
                if worker := self._workers.get(session_id):
                    worker.nudge()
                else:
                    self._take_up_aside(session_id)

    def _take_up_aside(self, session_id: str) -> None:
        """Nobody waits for a session that is slow to take up. One that finds no room is found again by the next round."""
        if session_id in self._taking_up or len(self._taking_up) >= TAKEN_OVER_AT_ONCE:
            return
        task = asyncio.create_task(self._taken_up(session_id), name=f"conversation {session_id[:6]} is taken up")
        self._taking_up[session_id] = task
        task.add_done_callback(lambda _: self._taking_up.pop(session_id))

    async def _taken_up(self, session_id: str) -> None:
        """A failure is told once; the session stays due, and is tried again with every round."""
        try:
            await self.take_up(session_id)
        except Exception as error:
            if session_id not in self._failed:
                stack = None if isinstance(error, ServiceFailure) else error
                _log.error("session_not_taken_up", session=session_id[:6], failure=str(error), exc_info=stack)
            _remember(self._failed, session_id, None)
        else:
            self._failed.pop(session_id, None)


def _remember(kept: OrderedDict[str, T], session_id: str, what: T) -> None:
    """Keep it for ``SESSIONS_KEPT`` sessions, those of the latest."""
    kept[session_id] = what
    kept.move_to_end(session_id)
    if len(kept) > SESSIONS_KEPT:
        kept.popitem(last=False)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
