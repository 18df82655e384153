"""What a process that does not index shows its turns: the embedded index as another process makes and changes it (O-7)."""

import asyncio
from pathlib import Path

from mangaassist.knowledge.generations import ServingIndex
from mangaassist.stores.sqlite.chunk_search import model_named
from mangaassist.stores.sqlite.index_generations import IndexGeneration, former_of, generation_of
from mangaassist.stores.sqlite.index_reader import SqliteIndexReader


class FollowedIndex:
    """The generation of an encoder once that is whole, and the one before it until then. ``shown`` is what turns search."""

    def __init__(self, folder: Path, dimensions: int, digest: str, timeout_factor: float) -> None:
        self.shown = ServingIndex()
        self._folder = folder
        self._dimensions = dimensions
        self._digest = digest
        self._timeout_factor = timeout_factor
        self._generation: IndexGeneration | None = None
        self._reader: SqliteIndexReader | None = None

    @property
    def shows_any(self) -> bool:
        return self._reader is not None

    async def refresh(self) -> None:
        """Take up what was written since the last time, and another generation where there is one now.

        Raises ``ServiceFailure``, or ``StartFailed`` for one that cannot be opened; what was shown before is shown on.
        """
        wanted = await asyncio.to_thread(self._wanted)
        if wanted is None or wanted == self._generation:
            await self.shown.catch_up()
            return
        reader = await wanted.followed(self._timeout_factor)
        await self.shown.show(reader, by_words_alone=wanted.model != model_named(self._digest, self._dimensions))
        self._generation, self._reader = wanted, reader

    def _wanted(self) -> IndexGeneration | None:
        """What is to be shown; None: nothing else than now."""
        if self._reader is not None and self._reader.is_replaced:
            self._generation = None  # the same place, and another database in it
        elif self._generation is not None and not self.shown.by_words_alone:
            return None
        mine = generation_of(self._folder, self._dimensions, self._digest)
        return mine if mine.is_built else former_of(mine, self._folder)
