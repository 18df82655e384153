"""Large, small, what is kept, offline: who writes when the one before cannot (M-6), and never after the first piece."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal

from msgspec.structs import replace

from mangaassist.domain.writing import NO_NOTES, NO_USAGE, Draft, Tier, Usage, Writer, WritingNotes, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.models.profiles import FIRST_TOKEN_S, OFFLINE_ALONE, ModelProfile
from mangaassist.models.routing import Route
from mangaassist.models.spending import ModelCalls

_ORDER: Final[Mapping[Tier, tuple[Tier, ...]]] = {
    Tier.LARGE: (Tier.LARGE, Tier.SMALL),
    Tier.SMALL: (Tier.SMALL,),
    Tier.TEMPLATE: (),
}
Author = Literal["model", "kept", "offline"]


class Writers:
    """The writers of the tiers, with the offline writer behind them all. A tier without a writer of its own is offline's."""

    def __init__(
        self,
        offline: Writer,
        models: Mapping[Tier, Writer] | None = None,
        calls: ModelCalls | None = None,
        profiles: Mapping[Tier, ModelProfile] = OFFLINE_ALONE,
        factor: float = 1.0,
    ) -> None:
        """``calls`` counts the models that stand in for others; None: they may be called as often as one likes.

        ``profiles`` say how long the models are waited for, ``factor`` times as long.
        """
        self._offline = offline
        self._models = dict(models or {})
        self._calls = calls
        self._profiles = profiles
        self._factor = factor

    def has_model(self, tier: Tier) -> bool:
        """Whether an answer of this tier calls a model."""
        return bool(self._models_of(tier))

    def write(self, task: WritingTask, route: Route, kept: Writer | None = None) -> "FallbackDraft":
        """A draft that falls back by itself. Iterating it raises ``ModelFailure`` when a writer fails after its first piece.

        ``kept`` says what a model wrote before; it cannot fail, and comes before the offline writer.
        """
        models = [(self._models[tier], self._profiles[tier]) for tier in self._models_of(route.tier)]
        last: tuple[Writer, Author] = (self._offline, "offline") if kept is None else (kept, "kept")
        return FallbackDraft(models, last, task, self._calls, self._factor)

    def _models_of(self, tier: Tier) -> list[Tier]:
        return [each for each in _ORDER[tier] if each in self._models]


class FallbackDraft:
    """A draft by the first of ``models`` that gets a piece out, else by the last writer, which cannot fail."""

    def __init__(
        self,
        models: Sequence[tuple[Writer, ModelProfile]],
        last: tuple[Writer, Author],
        task: WritingTask,
        calls: ModelCalls | None,
        factor: float = 1.0,
    ) -> None:
        self._models = models
        self._last = last
        self._task = task
        self._calls = calls
        self._factor = factor
        self._draft: Draft | None = None
        self._lost_usd = 0.0
        self._guarded: tuple[str, ...] = ()
        self.by: Author = "model"
        """Who writes, once a first piece came."""
        self.failures: list[ModelFailure] = []
        """Why each writer before the one that wrote did not."""

    @property
    def usage(self) -> Usage:
        """That of the writer that wrote; it holds what those before it had cost, and what guardrails did to them."""
        if self._draft is None:
            return NO_USAGE
        usage = self._draft.usage
        if not self._lost_usd and not self._guarded:
            return usage
        return replace(usage, cost_usd=usage.cost_usd + self._lost_usd, guarded=self._guarded + usage.guarded)

    @property
    def own_first_token_s(self) -> float | None:
        """How long its first piece may take where a model's profile says so. None: its share of the turn's budget (M-10)."""
        own = [profile.first_token_s for _, profile in self._models if profile.first_token_s is not None]
        return max(own) * self._factor if own else None

    @property
    def between_tokens_s(self) -> float:
        """How long each further piece may take."""
        return max((profile.between_tokens_s for _, profile in self._models), default=0.0) * self._factor

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

    async def anew(self) -> AsyncGenerator[str]:
        """All of it by the last writer, where nothing of what the model wrote may be said: the model has failed (M-6)."""
        usage = self.usage
        self.failures.append(ModelFailure(usage.model, "nothing of its answer may be said", "contract"))
        if self._draft is not None:
            self._note_lost(self._draft.usage)
        pieces, first = await self._by_the_last()
        if first is not None:
            yield first
        async for piece in pieces:
            yield piece

    async def _begin(self) -> tuple[AsyncIterator[str], str | None]:
        """The pieces of the first writer that starts in time, and its first piece. The last writer has all the time it wants."""
        clock = asyncio.get_running_loop().time
        began = clock()
        for writer, profile in self._models:
            deadline = began + self._factor * (profile.first_token_s or FIRST_TOKEN_S)
            if clock() >= deadline:  # a model that is asked now would be paid for nothing
                continue
            if self._draft is not None and self._calls is not None and await self._calls.shortage():
                break
            self._draft = writer.write(self._task)
            pieces = aiter(self._draft)
            try:
                async with asyncio.timeout_at(deadline):
                    if (first := await anext(pieces, None)) is not None:
                        return pieces, first
                self.failures.append(ModelFailure(self._draft.usage.model, "wrote nothing", "contract"))
            except ModelFailure as failure:
                self.failures.append(failure)
            except TimeoutError:
                self.failures.append(ModelFailure(self._draft.usage.model, "no first piece in time", "timeout"))
            await _close(pieces)
            self._note_lost(self._draft.usage)
        return await self._by_the_last()

    def _note_lost(self, usage: Usage) -> None:
        self._lost_usd += usage.cost_usd
        self._guarded += usage.guarded

    async def _by_the_last(self) -> tuple[AsyncIterator[str], str | None]:
        writer, self.by = self._last
        self._draft = writer.write(self._task)
        pieces = aiter(self._draft)
        return pieces, await anext(pieces, None)


async def _close(pieces: AsyncIterator[str]) -> None:
    close: Callable[[], Awaitable[object]] | None = getattr(pieces, "aclose", None)
    if close is not None:
        await close()
