"""Large, small, offline: who writes when the one before cannot (M-6). The switch happens before the first piece, never after."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final

from mangaassist.domain.writing import NO_NOTES, Draft, Tier, Usage, Writer, WritingNotes, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.models.routing import Route
from mangaassist.models.spending import ModelCalls

FIRST_PIECE_S: Final = 0.8
"""All models together have this long for a first piece; it leaves the offline writer room within the 900 ms of M-10."""

_ORDER: Final[Mapping[Tier, tuple[Tier, ...]]] = {
    Tier.LARGE: (Tier.LARGE, Tier.SMALL),
    Tier.SMALL: (Tier.SMALL,),
    Tier.TEMPLATE: (),
}


class Writers:
    """The writers of the tiers, with the offline writer behind them all. A tier without a writer of its own is offline's."""

    def __init__(
        self,
        offline: Writer,
        models: Mapping[Tier, Writer] | None = None,
        calls: ModelCalls | None = None,
        first_piece_s: float = FIRST_PIECE_S,
    ) -> None:
        """``calls`` counts the models that stand in for others; None: they may be called as often as one likes."""
        self._offline = offline
        self._models = dict(models or {})
        self._calls = calls
        self._first_piece_s = first_piece_s

    def has_model(self, tier: Tier) -> bool:
        """Whether an answer of this tier calls a model."""
        return bool(self._models_of(tier))

    def write(self, task: WritingTask, route: Route) -> "FallbackDraft":
        """A draft that falls back by itself. Iterating it raises ``ModelFailure`` when a writer fails after its first piece."""
        return FallbackDraft([*self._models_of(route.tier), self._offline], task, self._calls, self._first_piece_s)

    def _models_of(self, tier: Tier) -> list[Writer]:
        return [self._models[each] for each in _ORDER[tier] if each in self._models]


class FallbackDraft:
    """A draft by the first of ``writers`` that gets a piece out."""

    def __init__(
        self, writers: Sequence[Writer], task: WritingTask, calls: ModelCalls | None, first_piece_s: float
    ) -> None:
        self._writers = writers
        self._task = task
        self._calls = calls
        self._first_piece_s = first_piece_s
        self._draft: Draft | None = None
        self.failures: list[ModelFailure] = []
        """Why each writer before the one that wrote did not."""

    @property
    def usage(self) -> Usage:
        return self._draft.usage if self._draft is not None else Usage("none")

    @property
    def notes(self) -> WritingNotes:
        return self._draft.notes if self._draft is not None else NO_NOTES

    async def __aiter__(self) -> AsyncGenerator[str]:
        pieces, first = await self._begin()
        try:
            if first is not None:
                yield first
            async for piece in pieces:
                yield piece
        finally:
            await _close(pieces)

    async def _begin(self) -> tuple[AsyncIterator[str], str | None]:
        """The pieces of the first writer that starts in time, and its first piece. The last writer has all the time it wants."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._first_piece_s
        for writer in self._writers[:-1]:
            if clock() >= deadline:  # a model that is asked now would be paid for nothing
                break
            if self._draft is not None and self._calls is not None and await self._calls.shortage():
                break
            self._draft = writer.write(self._task)
            pieces = aiter(self._draft)
            try:
                async with asyncio.timeout_at(deadline):
                    if (first := await anext(pieces, None)) is not None:
                        return pieces, first
                self._note(ModelFailure(self._draft.usage.model, "wrote nothing"))
            except ModelFailure as failure:
                self._note(failure)
            except TimeoutError:
                self._note(ModelFailure(self._draft.usage.model, "no first piece in time", transient=True))
            await _close(pieces)
        self._draft = self._writers[-1].write(self._task)
        pieces = aiter(self._draft)
        return pieces, await anext(pieces, None)

    def _note(self, failure: ModelFailure) -> None:
        self.failures.append(failure)


async def _close(pieces: AsyncIterator[str]) -> None:
    close: Callable[[], Awaitable[object]] | None = getattr(pieces, "aclose", None)
    if close is not None:
        await close()
