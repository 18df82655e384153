"""Chunks as they were read last: the same few hundred answer most questions, and reading one costs ten times its search."""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from mangaassist.knowledge.index import StoredChunk
from mangaassist.stores.sqlite import chunk_rows as rows

KEPT: Final = 8192
"""Chunks that are remembered: about 24 MiB with their vectors."""


class KnownChunks:
    """Use it from any thread. A key names one chunk for ever, so that none of them is ever stale."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, StoredChunk] = OrderedDict()

    def of(self, db: sqlite3.Connection, keys: Sequence[int]) -> list[tuple[int, StoredChunk]]:
        """The chunks of these keys in their order; those that are no longer there are left out."""
        found = {key: known for key in keys if (known := self._kept.get(key)) is not None}
        missing = [key for key in keys if key not in found]
        if missing:
            read = rows.by_key(db, missing)
            found |= read
            self._keep(read)
        return [(key, found[key]) for key in keys if key in found]

    def _keep(self, read: dict[int, StoredChunk]) -> None:
        """Those that came first go first."""
        with self._lock:
            self._kept.update(read)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
