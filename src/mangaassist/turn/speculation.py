"""The message's pass through the encoder, begun before anybody knows whether it is needed (M-9)."""

import asyncio
from typing import Final

from mangaassist.domain.encoding import Encoded, Encoder, Vector
from mangaassist.errors import AssistantError
from mangaassist.turn.budget import Budget

LONGEST_S: Final = 3.0
"""An encoder that answers nothing for this long keeps no limits of its own, and has failed."""


class Speculation:
    """The message's pass through the encoder, on its way before anybody knows whether it is needed (M-9).

    It begins at the turn's first wait. What is known by then makes it smaller: rules that settled the intent need no
    features, and a plan without knowledge needs no pass at all. The encoder keeps its own limits (M-10): they count its time
    and not that in which it serves others. Leave the block and what nobody asked for is cancelled.
    """

    def __init__(self, encoder: Encoder, message: str, budget: Budget, *, is_suspect: bool = False) -> None:
        """``is_suspect``: it is read for its risks whatever rules settle (G-1)."""
        self._encoder = encoder
        self._message = message
        self._budget = budget
        self._is_suspect = is_suspect
        self.is_settled = False
        """Nobody needs more of the message than its vector."""
        self._task = asyncio.create_task(self._pass(), name="embed")
        self._vectors: dict[str, Vector] = {}
        self.used = False

    async def __aenter__(self) -> "Speculation":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()
        await asyncio.gather(self._task, return_exceptions=True)

    def settle(self) -> None:
        """The intent is decided: the vector of the whole message is all that may still be asked for."""
        self.is_settled = not self._is_suspect

    def drop(self) -> None:
        """Nobody needs it."""
        if not self._task.done():
            self._task.cancel()

    async def vector(self) -> Vector | None:
        """The unit vector of the whole message, float32 [384], or None."""
        reading = await self.reading()
        return None if reading is None else reading.vectors[0]

    async def vector_of(self, text: str) -> Vector | None:
        """The unit vector of ``text``: that of the pass under way where it is the message itself, else of a pass of its own."""
        if text == self._message:
            return await self.vector()
        if text in self._vectors:
            return self._vectors[text]
        with self._budget.timed("embed"):
            try:
                async with asyncio.timeout(LONGEST_S):
                    self._vectors[text] = (await self._encoder.encode([text]))[0]
                    return self._vectors[text]
            except (TimeoutError, AssistantError):
                return None

    async def reading(self) -> Encoded | None:
        """What was read of the message; None when it failed (M-11)."""
        self.used = True
        with self._budget.timed("embed"):
            done, _ = await asyncio.wait({self._task}, timeout=LONGEST_S)
        if not done or self._task.cancelled() or self._task.exception() is not None:
            return None
        return self._task.result()

    async def _pass(self) -> Encoded:
        if self.is_settled:
            return Encoded(await self._encoder.encode([self._message]), None)
        return await self._encoder.read([self._message])
