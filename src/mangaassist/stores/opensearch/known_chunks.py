"""Chunks as they were read last, each with the version under which the engine keeps it: a few hundred answer most questions."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from mangaassist.knowledge.index import StoredChunk

KEPT: Final = 2048
"""Chunks that are remembered: about 6 MiB with their vectors."""


class KnownChunks:
    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[int, StoredChunk]] = OrderedDict()

    def known(self, versions: Mapping[str, int]) -> dict[str, StoredChunk]:
        """Those of these keys that are known under the version that was found."""
        kept = {key: self._kept[key] for key in versions if key in self._kept}
        return {key: chunk for key, (version, chunk) in kept.items() if version == versions[key]}

    def keep(self, read: Mapping[str, tuple[int, StoredChunk]]) -> None:
        """Those that came first go first."""
        self._kept.update(read)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
