"""The message's pass through the encoder, begun before anybody knows whether it is needed (M-9)."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from mangaassist.domain.encoding import Encoded, Encoder, Vector, Vectors
from mangaassist.errors import AssistantError
from mangaassist.turn.budget import Budget
from mangaassist.turn.head_start import HeadStart

T = TypeVar("T")

LONGEST_S: Final = 3.0
"""An encoder that answers nothing for this long keeps no limits of its own, and has failed."""
ROUNDS_TO_DEPART: Final = 2
"""Rounds of the event loop until a request is on the wire: in the first it is made, in the second its body is written."""
MOST_EXPECTED: Final = 4
"""Texts of one turn that are encoded because they may be asked for."""


class Speculation:
    """The message's pass through the encoder, on its way before anybody knows whether it is needed (M-9).

    ``at_once``, for an encoder that is called over the network: the pass has left before the block begins, and what is expected to
    be asked for beside it is sent at once, all in one call, where it would be one call after the other. Else the pass begins at the
    turn's first wait, and what is known by then makes it smaller: rules that settled the intent need no features, and a plan
    without knowledge needs no pass at all. The encoder keeps its own limits (M-10): they count its time and not that in which
    it serves others. Leave the block and what nobody asked for is cancelled.
    """

    def __init__(
        self,
        encoder: Encoder,
        message: str,
        budget: Budget,
        *,
        at_once: bool = False,
        searches_by_vector: Callable[[], bool] = lambda: True,
        is_suspect: bool = False,
    ) -> None:
        """``searches_by_vector``: whether a vector says anything to the knowledge just now; while not, none is given.

        ``is_suspect``: the message is read for its risks whatever rules settle (G-1).
        """
        self.head_start = HeadStart("embed", budget.elapsed_ms)
        self._encoder = encoder
        self._searches_by_vector = searches_by_vector
        self._message = message
        self._budget = budget
        self.is_far = at_once
        self._is_suspect = is_suspect
        self.is_settled = False
        """Nobody needs more of the message than its vector."""
        self._task = asyncio.create_task(self._pass(), name="embed")
        self._vector_task = self._task if encoder.reader is encoder else None
        if at_once:
            self._vector_pass()
        self._vectors: dict[str, Vector] = {}
        self._expected: dict[str, _Expected] = {}

    async def __aenter__(self) -> "Speculation":
        for _ in range(ROUNDS_TO_DEPART if self.is_far else 0):
            await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def head_starts(self) -> list[HeadStart]:
        return [self.head_start, *(one.head_start for one in self._expected.values())]

    def settle(self) -> None:
        """The intent is decided: the vector of the whole message is all that may still be asked for."""
        self.is_settled = not self._is_suspect

    def drop(self) -> None:
        """Nobody needs any of it."""
        for task in self._tasks:
            task.cancel()

    def expect(self, texts: Iterable[str]) -> None:
        """These may be asked for as well. Where a call costs next to nothing they are encoded when they are."""
        room = MOST_EXPECTED - len(self._expected)
        fresh = [one for one in dict.fromkeys(texts) if one and one != self._message and one not in self._expected]
        if self.is_far and self._searches_by_vector() and (fresh := fresh[:room]):
            starts = [HeadStart("embed", self._budget.elapsed_ms) for _ in fresh]
            task = asyncio.create_task(self._together(fresh, starts), name="embed what is expected")
            for place, (text, start) in enumerate(zip(fresh, starts, strict=True)):
                self._expected[text] = _Expected(task, place, start)

    async def coming(self) -> Vector | None:
        """The message's vector once it is there, for what is begun ahead as well: this asks for nothing."""
        await asyncio.wait({self._vector_pass()})
        return self._own_vector() if self._searches_by_vector() else None

    async def vector(self) -> Vector | None:
        """The unit vector of the whole message, float32 [384], or None."""
        self.head_start.ask()
        await self._waited_for(self._vector_pass())
        return self._own_vector()

    async def vector_of(self, text: str) -> Vector | None:
        """The unit vector of ``text``: that of the pass under way where it is the message itself, else of a pass of its own.

        None where the encoder gives none (M-11), and while the knowledge is searched by words alone.
        """
        if not self._searches_by_vector():
            return None
        if text == self._message:
            return await self.vector()
        if text in self._vectors:
            return self._vectors[text]
        if (expected := self._expected.get(text)) is not None and not expected.task.cancelling():
            return await self._of(expected)
        with self._budget.timed("embed"):
            try:
                async with asyncio.timeout(LONGEST_S):
                    self._vectors[text] = (await self._encoder.encode([text]))[0]
                    return self._vectors[text]
            except (TimeoutError, AssistantError):
                return None

    async def reading(self) -> Encoded | None:
        """What was read of the message; None when it failed (M-11)."""
        if self._task is self._vector_task:
            self.head_start.ask()
        await self._waited_for(self._task)
        return _outcome(self._task)

    async def reading_of(self, texts: Sequence[str]) -> Encoded | None:
        """What is read of several texts in one pass of their own, in their order; None where the encoder gives nothing (M-11)."""
        with self._budget.timed("embed"):
            try:
                async with asyncio.timeout(LONGEST_S):
                    return await self._encoder.reader.read(list(texts))
            except (TimeoutError, AssistantError):
                return None

    async def _waited_for(self, task: asyncio.Task[Encoded]) -> None:
        with self._budget.timed("embed"):
            await asyncio.wait({task}, timeout=LONGEST_S)

    async def _of(self, expected: "_Expected") -> Vector | None:
        expected.head_start.ask()
        with self._budget.timed("embed"):
            await asyncio.wait({expected.task}, timeout=LONGEST_S)
        vectors = _outcome(expected.task)
        return None if vectors is None else vectors[expected.place]

    async def _together(self, texts: Sequence[str], starts: Sequence[HeadStart]) -> Vectors:
        for start in starts:
            start.begin()
        try:
            return await self._encoder.encode(texts)
        finally:
            for start in starts:
                start.end()

    @property
    def _tasks(self) -> set[asyncio.Task[Any]]:
        return {self._task, *filter(None, [self._vector_task]), *(one.task for one in self._expected.values())}

    def _vector_pass(self) -> asyncio.Task[Encoded]:
        """The pass that gives the vector: the only one, or one elsewhere, which begins when somebody wants it."""
        if self._vector_task is None:
            self._vector_task = asyncio.create_task(self._searching(), name="embed to search")
        return self._vector_task

    def _own_vector(self) -> Vector | None:
        encoded = _outcome(self._vector_pass())
        return None if encoded is None else encoded.vectors[0]

    async def _pass(self) -> Encoded:
        if self._task is not self._vector_task:
            return await self._encoder.reader.read([self._message])
        with self.head_start.under_way():
            if self.is_settled:
                return Encoded(await self._encoder.encode([self._message]), None)
            return await self._encoder.read([self._message])

    async def _searching(self) -> Encoded:
        with self.head_start.under_way():
            return Encoded(await self._encoder.encode([self._message]), None)


class _Expected(Struct, frozen=True, eq=False):
    """A text that may be asked for: its ``place`` among those that are encoded together."""

    task: asyncio.Task[Vectors]
    place: int
    head_start: HeadStart


def _outcome(task: asyncio.Task[T]) -> T | None:
    """What a task came to; None where it is not over, was cancelled or failed."""
    if not task.done() or task.cancelled() or task.exception() is not None:
        return None
    return task.result()
