"""What a process that does not index shows its turns: the index as another process makes and changes it (O-7)."""

from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.generations import Generation, GenerationStore, ServingIndex


class FollowedIndex:
    """The generation of an encoder once that is whole, and the one before it until then. ``shown`` is what turns search."""

    def __init__(self, kept: GenerationStore, dimensions: int, digest: str, timeout_factor: float) -> None:
        self.shown = ServingIndex()
        self.generation: Generation | None = None
        """The one that is shown; None while there is none."""
        self._kept = kept
        self._encoder = (dimensions, digest)
        self._timeout_factor = timeout_factor

    async def refresh(self) -> None:
        """Take up what was written since the last time, and another generation where there is one now.

        Raises ``ServiceFailure``, or ``StartFailed`` for one that cannot be opened; what was shown before is shown on.
        """
        is_there = await self._caught_up()
        if is_there and self.generation is not None and not self.shown.by_words_alone:
            is_wanted = await self._kept.is_chosen(self.generation)
        else:
            is_wanted = False
        if is_wanted:
            return
        mine = await self._kept.of(*self._encoder)
        wanted = mine if mine.is_built else await self._kept.former_of(mine)
        if wanted is None or (is_there and self.generation is not None and wanted.name == self.generation.name):
            return
        reader = await wanted.followed(self._timeout_factor)
        await self.shown.show(reader, by_words_alone=wanted is not mine)
        self.generation = wanted

    async def _caught_up(self) -> bool:
        """False also for one that cannot be read any more: another may have taken its place."""
        try:
            return await self.shown.catch_up()
        except ServiceFailure as failure:
            if failure.transient:
                raise
            return False
