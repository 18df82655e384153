"""The knowledge in the vectors of the encoder in use; while those are being made, that of the encoder before answers (K-3).

| | turns search | whoever indexes writes |
|---|---|---|
| the generation of this encoder is whole | it, by meaning and by words | it |
| it is not, and another encoder's is there | the other one, by words alone: nobody can compare its vectors | this one, beside it |
| ``swap`` | this one, from this moment on | this one |
| another of the same encoder was made beside it (``knowledge reindex``), or chosen again | that one, within a second | that one |

The former generation is only read. So whoever dies in between has lost nothing of either, and whoever goes back to the former
encoder finds its generation as it was. A process that only serves (O-7) is shown whichever is there.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Final, Protocol

from msgspec import structs

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.index import ChunkIndex, IndexHit, IndexQuery, IndexReader, IndexStats, StoredChunk

FORMER_KEPT: Final = 2
"""Generations of other encoders that are kept, to go back to: those that were written last."""


class Generation(Protocol):
    """What one encoder made of the knowledge. ``model`` names it: the encoder's digest and the size of its vectors."""

    @property
    def model(self) -> str: ...

    @property
    def name(self) -> str:
        """Tells it from every other, of the same encoder too."""
        ...

    @property
    def is_built(self) -> bool:
        """Whether every source was read to its end once."""
        ...

    async def mark_built(self) -> None:
        """In one step, once all that it stands for is kept: it is whole, and of its encoder's the chosen one from now on."""
        ...

    def held(self) -> AbstractContextManager[object]:
        """While it is entered, no other process that asks for it writes this generation. Raises ``StartFailed`` where one does.

        It does nothing where several may write it at once.
        """
        ...

    async def opened(self, timeout_factor: float) -> ChunkIndex:
        """To be written and searched."""
        ...

    async def followed(self, timeout_factor: float) -> IndexReader:
        """To be searched as another process writes it."""
        ...


class GenerationStore(Protocol):
    """Where generations are kept side by side. Raises ``StartFailed`` when one cannot be read."""

    async def of(self, dimensions: int, digest: str) -> Generation:
        """That of an encoder, there already or still to be made; of several the one that was chosen last."""
        ...

    async def is_chosen(self, generation: Generation) -> bool:
        """Whether it is still the one that ``of`` gives for its encoder. Asked twice a second."""
        ...

    async def beside(self, current: Generation) -> Generation:
        """One more of the same encoder, to be made anew: one that was begun and is not whole, or one that is still to be made."""
        ...

    async def before(self, current: Generation) -> Generation | None:
        """The whole one of the same encoder that was chosen before this one."""
        ...

    async def former_of(self, current: Generation) -> Generation | None:
        """The whole one of another encoder that served or was written last, which can answer while the current one is made."""
        ...

    async def every(self) -> Sequence[Generation]:
        """All of which something was made."""
        ...

    async def settle_on(self, current: Generation) -> None:
        """This one serves from now on: it is remembered as the last that did, and of others only ``FORMER_KEPT`` are kept."""
        ...


class ServingIndex:
    """What turns search: one generation at a time, or nothing until there is one."""

    def __init__(self, serving: IndexReader | None = None, *, by_words_alone: bool = False) -> None:
        """``by_words_alone``: it is another encoder's, with whose vectors none of this one may be compared."""
        self._serving = serving
        self._by_words_alone = by_words_alone
        self._before = 0
        """What the knowledge version of the generation is counted from, so that it grows with a swap too (M-8)."""

    @property
    def by_words_alone(self) -> bool:
        return self._by_words_alone

    @property
    def knowledge_version(self) -> int:
        return self._before + (0 if self._serving is None else self._serving.knowledge_version)

    async def show(self, index: IndexReader, *, by_words_alone: bool = False) -> None:
        """From now on this one answers. What is under way in the one before ends there."""
        former, version = self._serving, self.knowledge_version
        if former is index:
            return
        self._before = 0 if former is None else max(0, version + 1 - index.knowledge_version)
        self._serving, self._by_words_alone = index, by_words_alone
        if former is not None:
            await former.close()

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        if self._serving is None:
            return ()
        return await self._serving.search(structs.replace(query, vector=None) if self._by_words_alone else query)

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        return () if self._serving is None else await self._serving.fetch(chunk_ids)

    async def catch_up(self) -> bool:
        return self._serving is None or await self._serving.catch_up()

    async def stats(self) -> IndexStats:
        return await self._shown.stats()

    async def ping(self) -> None:
        await self._shown.ping()

    async def close(self) -> None:
        if self._serving is not None:
            await self._serving.close()

    @property
    def _shown(self) -> IndexReader:
        """Raises ``ServiceFailure`` while there is nothing."""
        if self._serving is None:
            raise ServiceFailure("knowledge", "unreachable", "nothing is indexed yet: does mangaassist index run?")
        return self._serving


class IndexGenerations(ServingIndex):
    """What turns search in the process that indexes.

    ``current`` is of the encoder in use; ``former``, where there is one, of another, and answers until ``swap``.
    """

    def __init__(self, current: ChunkIndex, former: IndexReader | None = None) -> None:
        super().__init__(current if former is None else former, by_words_alone=former is not None)
        self.current = current

    async def move_to(self, index: ChunkIndex) -> None:
        """Another one of the same encoder is chosen: from now on it is written, and it answers. Nobody may write the one before."""
        former, self.current = self.current, index
        is_shown = not self.by_words_alone
        await self.show(index)
        if not is_shown:
            await former.close()

    async def swap(self) -> None:
        """The current generation is whole: from now on it answers."""
        await self.show(self.current)

    async def ping(self) -> None:
        """Both, where there are two: what cannot be written is never whole."""
        if self.by_words_alone:
            await self.current.ping()
        await super().ping()

    async def close(self) -> None:
        if self.by_words_alone:
            await self.current.close()
        await super().close()
