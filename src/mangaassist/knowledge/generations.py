"""The knowledge in the vectors of the encoder in use; while those are being made, that of the encoder before answers (K-3).

| | turns search | the pipeline writes |
|---|---|---|
| the generation of this encoder is whole | it, by meaning and by words | it |
| it is not, and another encoder's is there | the other one, by words alone: nobody can compare its vectors | this one, beside it |
| ``swap`` | this one, from this moment on | this one |

The former generation is only read. So whoever dies in between has lost nothing of either, and whoever goes back to the former
encoder finds its generation as it was.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from msgspec import structs

from mangaassist.knowledge.index import ChunkIndex, IndexHit, IndexQuery, IndexStats, StoredChunk

FORMER_KEPT: Final = 2
"""Generations of other encoders that are kept, to go back to: those that were written last."""


class Generation(Protocol):
    """What one encoder made of the knowledge. ``model`` names it: the encoder's digest and the size of its vectors."""

    @property
    def model(self) -> str: ...

    @property
    def is_built(self) -> bool:
        """Whether every source was read to its end once."""
        ...

    async def mark_built(self) -> None:
        """In one step, once all that it stands for is kept."""
        ...

    async def opened(self, timeout_factor: float) -> ChunkIndex: ...


class GenerationStore(Protocol):
    """Where generations are kept side by side. Raises ``StartFailed`` when one cannot be read."""

    async def of(self, dimensions: int, digest: str) -> Generation:
        """That of an encoder, there already or still to be made."""
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


class IndexGenerations:
    """What turns search.

    ``current`` is of the encoder in use; ``former``, where there is one, of another, and answers until ``swap``.
    """

    def __init__(self, current: ChunkIndex, former: ChunkIndex | None = None) -> None:
        self.current = current
        self._serving = current if former is None else former
        self._before = 0
        """What the knowledge version of the current generation is counted from, so that it grows with the swap too (M-8)."""

    @property
    def by_words_alone(self) -> bool:
        """Whether what answers is of another encoder: no vector of this one may be compared with it."""
        return self._serving is not self.current

    @property
    def knowledge_version(self) -> int:
        return self._before + self._serving.knowledge_version

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        if self.by_words_alone:
            query = structs.replace(query, vector=None)
        return await self._serving.search(query)

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        return await self._serving.fetch(chunk_ids)

    async def swap(self) -> None:
        """The current generation is whole: from now on it answers. What is under way in the former one ends there."""
        former = self._serving
        if former is self.current:
            return
        self._before = max(0, former.knowledge_version + 1 - self.current.knowledge_version)
        self._serving = self.current
        await former.close()

    async def stats(self) -> IndexStats:
        return await self._serving.stats()

    async def ping(self) -> None:
        """Both, where there are two: what cannot be written is never whole."""
        for index in {id(one): one for one in (self._serving, self.current)}.values():
            await index.ping()

    async def close(self) -> None:
        for index in {id(one): one for one in (self._serving, self.current)}.values():
            await index.close()
