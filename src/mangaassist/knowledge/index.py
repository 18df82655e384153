"""The port of the chunk index (K-3): what keeps chunks, their vectors and their words, and finds them by either."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.chunks import Chunk, SourceType
from mangaassist.knowledge.embedding import Vectors

Vector = NDArray[np.float32]
"""One unit vector, float32 [dimensions]."""

POISONED_KEPT = 1000
"""Events set aside that are kept; the oldest go first."""


class Revision(Struct, frozen=True, kw_only=True, eq=False):
    """The state of a document at a version: all its chunks with their vectors, or none once it is removed.

    ``vectors`` has one row per chunk: float32 [chunks, dimensions], or None together with no chunks.
    """

    document_id: str
    source: str
    version: int
    chunks: tuple[Chunk, ...] = ()
    vectors: Vectors | None = None
    family: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def removes(self) -> bool:
        return not self.chunks


class Hit(Struct, frozen=True):
    """A chunk found, with its score: the cosine in a dense search; at least 0 and without upper limit in a lexical one."""

    chunk_id: str
    score: float


class StoredChunk(Struct, frozen=True, eq=False):
    """A chunk with its vector, float32 [dimensions], and the family of its document."""

    chunk: Chunk
    vector: Vector
    family: str = ""


class Poisoned(Struct, frozen=True, kw_only=True):
    """An event set aside (K-4): what it was, as far as it could be read, and why it cannot be applied."""

    source: str
    document_id: str
    version: int
    error: str
    event: str
    set_aside_at: datetime


class IndexStats(Struct, frozen=True, kw_only=True):
    documents: int
    removed: int
    chunks: Mapping[str, int]
    """Chunks by source type."""
    poisoned: int
    knowledge_version: int


class ChunkIndex(Protocol):
    """What was written is found by both searches as soon as ``write`` returns, and survives a crash from then on.

    All methods raise ``ServiceFailure`` of the service ``knowledge`` when the store behind them fails.
    """

    @property
    def knowledge_version(self) -> int:
        """Increases with every write that changed something; what was answered from an older one is stale (M-8)."""
        ...

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        """Replace text, metadata and vectors of documents in one step, in order.

        A revision is taken (True) when its version is greater than the one kept, or equal to it where it removes what is
        kept; any other is late or a duplicate and changes nothing (False). A removal leaves its version behind, so that
        a late update does not bring the document back. Raises ``ValueError`` on vectors that do not fit.
        """
        ...

    async def dense(
        self, vector: Vector, source_types: Sequence[SourceType], k: int, per_family: int | None = None
    ) -> Sequence[Hit]:
        """The ``k`` chunks nearest to a unit vector, nearest first; with ``per_family`` at most so many of each family."""
        ...

    async def lexical(
        self, text: str, source_types: Sequence[SourceType], k: int, per_family: int | None = None
    ) -> Sequence[Hit]:
        """The ``k`` chunks that share the most telling words with the text (BM25), best first. Any text is only words."""
        ...

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        """The chunks of these ids in their order; those that are no longer there are left out."""
        ...

    async def versions(self, source: str) -> Mapping[str, int]:
        """The version of every document that came from a source and is still there, by id."""
        ...

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        """The version kept of each of these documents, removed ones included; unknown ones are left out."""
        ...

    async def set_aside(self, poisoned: Poisoned) -> None: ...

    async def poisoned(self, limit: int) -> Sequence[Poisoned]:
        """The events set aside last, newest first."""
        ...

    async def stats(self) -> IndexStats: ...

    async def consolidate(self) -> None:
        """Put what many writes left behind in order. Searches go on meanwhile; nothing is lost without it but speed."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
