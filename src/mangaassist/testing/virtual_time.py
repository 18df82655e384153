"""An event loop whose time passes only when nothing is left to do, and whose processes can be killed without a last word.

Timers, sleeps and timeouts work as ever and cost no time. What runs ``as_process`` can be killed at any moment, as by the
operating system: not another line of it runs, no ``finally`` either, while everything else goes on.
"""

import asyncio
import heapq
import selectors
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

PROCESS: Final[ContextVar[str | None]] = ContextVar("process", default=None)

LAST_WORDS: Final = 20


class NothingLeftError(Exception):
    """Everybody waits, and no timer will ever wake anybody."""


class _Jumping(selectors.DefaultSelector):
    """Waiting for a timer is all that takes time."""

    loop: "VirtualTimeLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingLeftError
        self.loop.jump(max(0.0, timeout))
        return []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` begins at 0. No sockets, no threads: what a test awaits must live on the loop."""

    def __init__(self) -> None:
        self._now = 0.0
        self._dead: set[str] = set()
        self._paused: dict[str, list[asyncio.Handle]] = {}
        self._tasks: dict[asyncio.Future[Any], str | None] = {}
        """Every task and the process that it belongs to."""
        jumping = _Jumping()
        jumping.loop = self
        super().__init__(jumping)
        self.set_exception_handler(self._hear_of_failure)

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        """Let so much time pass at once, as a busy machine does."""
        self._now += seconds

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        handle = super().call_soon(callback, *args, context=context)
        return self._if_it_runs(handle, context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        return self._if_it_runs(handle, context)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> asyncio.Task[Any]:  # type: ignore[override]
        task = super().create_task(coro, name=name, context=context)
        self._tasks[task] = PROCESS.get() if context is None else context.get(PROCESS)
        return task

    def as_process(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run the work, and everything that it starts, as a process that ``kill`` ends."""
        context = copy_context()
        context.run(PROCESS.set, name)
        return self.create_task(work, context=context)

    def kill(self, name: str) -> None:
        """End a process: nothing of it runs any more. A name can be killed once."""
        self._dead.add(name)
        waiting: list[asyncio.Handle] = [*self._ready, *self._scheduled]  # type: ignore[attr-defined]
        for handle in waiting:
            if _process_of(handle) == name:
                handle.cancel()
        self._paused.pop(name, None)
        for task, process in self._tasks.items():
            if process == name and not task.done():
                asyncio._unregister_task(task)  # type: ignore[attr-defined]

    def pause(self, name: str, seconds: float) -> None:
        """Nothing of a process runs for a while, as if its machine had stopped; then it goes on where it was."""
        if name in self._dead or name in self._paused:
            return
        until = self._now + seconds
        held = self._paused[name] = list[asyncio.Handle]()
        ready = cast(deque[asyncio.Handle], self._ready)  # type: ignore[attr-defined]
        scheduled = cast(list[Any], self._scheduled)  # type: ignore[attr-defined]
        for place, handle in enumerate(ready):
            if _process_of(handle) == name:
                held.append(handle)
                ready[place] = _nothing(self)  # the loop has counted what is ready
        for timer in scheduled:
            if _process_of(timer) == name:
                timer._when = max(timer._when, until)
        heapq.heapify(scheduled)
        Context().run(super().call_at, until, self._resume, name)

    def _resume(self, name: str) -> None:
        self._ready.extend(self._paused.pop(name, ()))  # type: ignore[attr-defined]

    def is_dead(self, name: str) -> bool:
        return name in self._dead

    def close(self) -> None:
        """Whatever still waits is let go of silently: it was killed, or its test is over."""
        if not self.is_closed():
            for task in [task for task in self._tasks if not task.done()]:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                _let_go(task.get_coro())  # type: ignore[attr-defined]
        super().close()

    def _hear_of_failure(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What fails in a process that is dead is nobody's business any more."""
        failed = context.get("task") or context.get("future")
        if failed is None or self._tasks.get(failed) not in self._dead:
            self.default_exception_handler(context)

    def _if_it_runs(self, handle: Any, context: Context | None) -> Any:
        process = PROCESS.get() if context is None else context.get(PROCESS)
        if process in self._dead:
            handle.cancel()
        elif process in self._paused and self._ready and self._ready[-1] is handle:  # type: ignore[attr-defined]
            self._paused[process].append(self._ready.pop())  # type: ignore[attr-defined]
        return handle


def _process_of(handle: Any) -> str | None:
    return handle._context.get(PROCESS)


def _nothing(loop: asyncio.AbstractEventLoop) -> asyncio.Handle:
    nothing = asyncio.Handle(print, (), loop)
    nothing.cancel()
    return nothing


def _let_go(suspended: Any) -> None:
    for _ in range(LAST_WORDS):
        with suppress(Exception):  # its last words fail, or would wait for something, and nobody hears them
            suspended.close()
            return


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in a loop of its own. Raises ``NothingLeftError`` when it waits for something that never comes."""
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Decorates a test: its fixtures are made outside of the loop, its body runs in virtual time."""

    @wraps(test)
    def running(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return running
