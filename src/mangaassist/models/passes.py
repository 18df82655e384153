"""Passes through a model on threads of their own: a line that is bounded in length and in time, and shared passes.

A limit of local work counts its own time: what its thread computes, and not how long it waits for a thread or a core. A pass
that computes for longer than it may has failed; one that waits because others are served has not, and waits for at most
``LINE_LIMIT_S``.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from msgspec import Struct

from mangaassist.domain.encoding import Encoded
from mangaassist.errors import ModelFailure

WORKERS: Final = 2
PASS_LIMIT_S: Final = 0.13
"""M-10: one pass serves the intent (50 ms) and the embedding (80 ms), and may take what both may."""
LINE_LIMIT_S: Final = 2.0
"""How long texts may wait for their pass; whoever would wait longer is refused."""
QUEUE_LIMIT: Final = 1024
"""Texts that may wait: more than two seconds serve."""
BATCH_TEXTS: Final = 8
"""Past this a pass is not cheaper per text, and those behind it wait longer."""
LENGTH_STEP: Final = 48
"""Texts share a pass when their lengths fall in the same step of characters: padding costs as much as text."""

Clock = Callable[[], float]
Run = Callable[[Sequence[str], bool, bool], Encoded]
"""One pass over some texts, called on a worker's thread: with features or without, within the limit or as long as it takes."""


class _Job(Struct, eq=False):
    """Texts that wait for one pass, and who waits for them. ``is_limited``: a shopper does, not an index that is built."""

    texts: Sequence[str]
    featured: bool
    is_limited: bool
    done: "asyncio.Future[Encoded]"
    refusal: asyncio.TimerHandle | None = None

    @property
    def kind(self) -> tuple[bool, bool, int]:
        """Jobs of the same kind can share a pass."""
        return self.featured, self.is_limited, max(map(len, self.texts)) // LENGTH_STEP

    def fail(self, detail: str) -> None:
        if not self.done.done():
            self.done.set_exception(ModelFailure("encoder", detail, "timeout"))


class _Pass(Struct, eq=False):
    """Jobs on a worker. ``had`` gives the seconds that its thread has computed for it: none until the thread takes it up."""

    jobs: list[_Job]
    had: Clock = float
    limit: asyncio.TimerHandle | None = None


def own_clock() -> Clock:
    """A clock, to be read on any thread, of the seconds that the calling thread computes from now on.

    Where the system does not tell that of another thread, it gives the seconds that have passed.
    """
    named = getattr(time, "pthread_getcpuclockid", None)
    clock = time.monotonic if named is None else partial(time.clock_gettime, named(threading.get_ident()))
    began = clock()
    return lambda: clock() - began


class Passes:
    """Runs ``run`` on its own threads. Use it from one event loop; ``close`` it when the process ends."""

    def __init__(
        self,
        run: Run,
        queue_limit: int = QUEUE_LIMIT,
        pass_limit_s: float = PASS_LIMIT_S,
        line_limit_s: float = LINE_LIMIT_S,
        own_clock: Callable[[], Clock] = own_clock,
    ) -> None:
        self._run = run
        self._queue_limit = queue_limit
        self._pass_limit_s = pass_limit_s
        self._line_limit_s = line_limit_s
        self._own_clock = own_clock
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="encoder")
        self._idle = WORKERS
        self._waiting: deque[_Job] = deque()
        self._running: set[asyncio.Future[Encoded]] = set()
        self._closed = False

    async def limited(self, texts: Sequence[str], featured: bool) -> list[Encoded]:
        """What passes over a shopper's texts give, at most ``BATCH_TEXTS`` a pass. Cancelled while it waits it costs nothing.

        Raises ``ModelFailure``, transient when the line is full or too slow, or the pass takes too long.
        """
        parts = [texts[start : start + BATCH_TEXTS] for start in range(0, len(texts), BATCH_TEXTS)]
        if len(texts) + sum(len(job.texts) for job in self._waiting) > self._queue_limit:
            raise ModelFailure("encoder", f"more than {self._queue_limit} texts would wait", "busy")
        jobs = [self._queued(part, featured, is_limited=True) for part in parts]
        return [await jobs[0]] if len(jobs) == 1 else await asyncio.gather(*jobs)

    async def unlimited(self, texts: Sequence[str], featured: bool = False) -> Encoded:
        """What one pass over texts gives that nobody waits for, as long as it takes. Raises ``ModelFailure``."""
        return await self._queued(texts, featured, is_limited=False)

    async def close(self) -> None:
        """Refuse what waits, let what runs finish. Idempotent."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().fail("it is shutting down")
        if self._running:
            await asyncio.wait(self._running)
        self._threads.shutdown(wait=False)

    def _queued(self, texts: Sequence[str], featured: bool, is_limited: bool) -> "asyncio.Future[Encoded]":
        if self._closed:
            raise ModelFailure("encoder", "it is shut down")
        loop = asyncio.get_running_loop()
        job = _Job(texts, featured, is_limited, loop.create_future())
        self._waiting.append(job)
        self._dispatch()
        if is_limited and self._waiting and self._waiting[-1] is job:
            job.refusal = loop.call_later(self._line_limit_s, job.fail, f"waited for {self._line_limit_s:g} s")
        return job.done

    def _dispatch(self) -> None:
        """Give every idle worker a pass, as long as something waits."""
        loop = asyncio.get_running_loop()
        while self._idle and (jobs := self._next_jobs()):
            self._idle -= 1
            begun = _Pass(jobs)
            running = loop.run_in_executor(self._threads, self._work, begun)
            self._running.add(running)
            if jobs[0].is_limited:
                begun.limit = loop.call_later(self._pass_limit_s, self._check, begun)
            running.add_done_callback(lambda finished, begun=begun: self._finish(finished, begun))

    def _next_jobs(self) -> list[_Job]:
        """The oldest job that is still wanted, and those behind it that are of like length and fit the same pass."""
        jobs: list[_Job] = []
        room = BATCH_TEXTS
        skipped: deque[_Job] = deque()
        while self._waiting and (room > 0 or not jobs):
            job = self._waiting.popleft()
            if job.done.done():
                continue
            if jobs and (len(job.texts) > room or job.kind != jobs[0].kind):
                skipped.append(job)
                continue
            jobs.append(job)
            room -= len(job.texts)
            if job.refusal is not None:
                job.refusal.cancel()
        skipped.extend(self._waiting)
        self._waiting = skipped
        return jobs

    def _work(self, begun: _Pass) -> Encoded:
        """On a worker's thread."""
        begun.had = self._own_clock()
        first = begun.jobs[0]
        return self._run([text for job in begun.jobs for text in job.texts], first.featured, first.is_limited)

    def _check(self, begun: _Pass) -> None:
        """The pass has had its time, if its thread did nothing else meanwhile; else it gets what it has not had."""
        left = self._pass_limit_s - begun.had()
        if left > 0:
            begun.limit = asyncio.get_running_loop().call_later(left, self._check, begun)
            return
        for job in begun.jobs:
            job.fail(f"no result within {self._pass_limit_s * 1000:.0f} ms")

    def _finish(self, finished: "asyncio.Future[Encoded]", begun: _Pass) -> None:
        self._idle += 1
        self._running.discard(finished)
        if begun.limit is not None:
            begun.limit.cancel()
        failure = finished.exception()
        start = 0
        for job in begun.jobs:
            rows = slice(start, start := start + len(job.texts))
            if job.done.done():
                continue
            if failure:
                job.done.set_exception(ModelFailure("encoder", f"{type(failure).__name__} while running"))
            else:
                job.done.set_result(finished.result().rows(rows))
        if not self._closed:
            self._dispatch()
