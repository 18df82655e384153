"""The port of the chunk index (K-3): what keeps chunks, their vectors and their words, and finds them by either."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.domain.chunks import Chunk, SourceType
from mangaassist.domain.encoding import Vector, Vectors
from mangaassist.errors import AssistantError, ServiceFailure

SEARCH_LIMIT_S = 0.05
"""M-10: what a search may take, from when it begins."""
LINE_LIMIT_S = 2.0
"""How long a search may wait for its turn; whoever would wait longer is refused."""


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


class StoredChunk(Struct, frozen=True, eq=False):
    """A chunk with its vector, float32 [dimensions], and the family of its document."""

    chunk: Chunk
    vector: Vector
    family: str = ""


class ChunkFilter(Struct, frozen=True, kw_only=True):
    """What a chunk must be to be found at all; None lets any pass.

    ``language`` is that of the store which asks, as BCP 47 names it: chunks of it pass, and chunks of no language.
    """

    asin: str | None = None
    series_id: str | None = None
    language: str | None = None

    def passes(self, chunk: Chunk) -> bool:
        return (
            self.asin in (None, chunk.asin)
            and self.series_id in (None, chunk.series_id)
            and (self.language is None or chunk.language in ("", self.language))
        )


ANY_CHUNK: Final = ChunkFilter()


class IndexQuery(Struct, frozen=True, kw_only=True, eq=False):
    """What to search for, by meaning and by words at once; with no ``vector`` by words alone. Any text is only words.

    Each way gives its best ``depth`` chunks of all ``source_types`` together that pass ``only``, at most ``per_family`` of each
    family (None: any number; a chunk without a family is alone in its own). What does not pass takes nobody's place, and
    changes no score: how rare a word is, it is among all chunks of a source type.
    """

    text: str
    vector: Vector | None
    source_types: tuple[SourceType, ...]
    depth: int
    per_family: int | None = None
    only: ChunkFilter = ANY_CHUNK


class IndexHit(Struct, frozen=True, eq=False):
    """A chunk that either way found.

    ``cosine``: of chunk and query, -1 to 1, whichever way found it; 0 without a vector. ``lexical``: the BM25 of the words
    that both share, title and aliases counting double, divided by ln(n + 2) of the n chunks of the source type so that
    small and large ones compare; from above 0 to about 2, and 0 for a chunk that its words did not find.
    """

    stored: StoredChunk
    cosine: float
    lexical: float


class IndexStats(Struct, frozen=True, kw_only=True):
    documents: int
    removed: int
    chunks: Mapping[str, int]
    """Chunks by source type."""
    knowledge_version: int


class Unstorable(AssistantError):
    """Documents that an index can never keep as they are, by id with what it said; it keeps what it had of them.

    ``taken`` is what ``write`` would have given: all others were written, or were late.
    """

    def __init__(self, refused: Mapping[str, ServiceFailure], taken: Sequence[bool]) -> None:
        super().__init__(", ".join(f"{document_id}: {failure}" for document_id, failure in refused.items()))
        self.refused = refused
        self.taken = tuple(taken)


class Searchable(Protocol):
    """What turns ask of an index."""

    @property
    def knowledge_version(self) -> int:
        """Increases with every write that changed something; what was answered from an older one is stale (M-8)."""
        ...

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        """What the two ways find: the nearest chunks first, then those that their words alone found, best first.

        Its limit counts its own time: a search that waits because others are served waits for at most ``LINE_LIMIT_S``.
        """
        ...

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        """The chunks of these ids in their order; those that are no longer there are left out."""
        ...


class IndexReader(Searchable, Protocol):
    """An index as a process has it that searches it; another process may write it."""

    async def catch_up(self) -> bool:
        """Take up what another process has written since: it is found, and ``knowledge_version`` is that of now.

        False when another index has taken its place: it is to be opened anew.
        """
        ...

    async def stats(self) -> IndexStats: ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class ChunkIndex(IndexReader, Protocol):
    """The chunks of one encoder, to be written by one process.

    What was written is found by meaning and by words as soon as ``write`` returns, and survives a crash from then on.

    All methods raise ``ServiceFailure`` of the service ``knowledge`` when the store behind them fails.
    """

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        """Replace text, metadata and vectors of documents in one step, in order.

        A revision is taken (True) when its version is greater than the one kept, or equal to it where it removes what is
        kept; any other is late or a duplicate and changes nothing (False). A removal leaves its version behind, so that
        a late update does not bring the document back. Raises ``ValueError`` on vectors that do not fit, and
        ``Unstorable`` once all others are written, where the documents and not the index are to blame.
        """
        ...

    async def versions(self, source: str) -> Mapping[str, int]:
        """The version of every document that came from a source and is still there, by id."""
        ...

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        """The version kept of each of these documents, removed ones included; unknown ones are left out."""
        ...

    async def cursor(self, feed: str) -> str:
        """How far of a feed everything is in this index, as its reader kept it last; "" where nobody has."""
        ...

    async def keep_cursor(self, feed: str, cursor: str) -> None:
        """For the next process: whatever the feed told up to here was written before, and is kept as safely."""
        ...

    async def consolidate(self) -> None:
        """Put what many writes left behind in order. Searches go on meanwhile; nothing is lost without it but speed."""
        ...
