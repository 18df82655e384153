"""What this process has kept itself, in its memory, in front of a cache that it shares with others: one way to ask less often."""

from collections.abc import Mapping, Sequence

from mangaassist.services.cache import Cache, Dated, Space


class NearCache:
    """Raises what the shared cache raises. What others have kept is looked up there each time: only it knows how old that is."""

    def __init__(self, own: Cache, shared: Cache) -> None:
        self._own = own
        self._shared = shared

    async def get_many(self, space: Space, keys: Sequence[str]) -> dict[str, Dated]:
        found = await self._own.get_many(space, keys)
        missing = [key for key in keys if key not in found]
        return found | await self._shared.get_many(space, missing) if missing else found

    async def put_many(self, space: Space, items: Mapping[str, Dated]) -> None:
        await self._own.put_many(space, items)
        await self._shared.put_many(space, items)
