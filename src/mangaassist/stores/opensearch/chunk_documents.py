"""What is kept of a document in an OpenSearch: one head, and each of its chunks, all on the shard that its id names.

The **head** says which version stands and which chunks belong to it; a removed document keeps its head. It is written last, over
the one that was read (K-4). A **chunk** is replaced whole: text, metadata, words and vector are one write.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.encoding import Vector
from mangaassist.knowledge.index import Revision, StoredChunk
from mangaassist.knowledge.words import words_in

ID_BYTES: Final = 512
"""Of an ``_id``, as OpenSearch takes it."""
MOST_RANK: Final = (1 << 63) - 1
DIGITS: Final = 6
"""Of a number of a vector: half precision has four."""
TITLE_WEIGHT: Final = 2
"""How often the words of title and aliases are indexed: BM25 counts them double."""


class Head(Struct, frozen=True, kw_only=True):
    """``writes`` counts the writes of this head: the sum over all heads grows with each change, whoever makes it."""

    document_id: str
    source: str
    version: int
    removed: bool
    writes: int
    chunk_ids: tuple[str, ...]


class KeptChunk(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A chunk as it is read. ``half`` is its vector in half precision, base64: a quarter of what the numbers take as text."""

    chunk_id: str
    document_id: str
    title: str
    content: str
    source_type: str
    category: str
    last_updated: str
    version: int
    language: str
    half: bytes
    asin: str | None = None
    series_id: str | None = None
    family: str = ""


def head_id(document_id: str) -> str:
    return _fitting("d:" + document_id)


def chunk_key(chunk_id: str) -> str:
    return _fitting("c:" + chunk_id)


def cursor_id(feed: str) -> str:
    """Of how far a feed was read, beside what was made of it."""
    return _fitting("f:" + feed)


def _fitting(name: str) -> str:
    return name if len(name.encode()) <= ID_BYTES else name[:2] + blake2b(name.encode(), digest_size=32).hexdigest()


def routing(document_id: str) -> str:
    """All that belongs to a document is on one shard, so that one refresh shows all of it."""
    return blake2b(document_id.encode(), digest_size=8).hexdigest()


def rank(version: int, *, removed: bool) -> int:
    """A version as one number that OpenSearch compares: of one version, its removal is the later."""
    return min(2 * version + removed, MOST_RANK)


def head_of(revision: Revision, writes: int) -> Head:
    return Head(
        document_id=revision.document_id,
        source=revision.source,
        version=revision.version,
        removed=revision.removes,
        writes=writes,
        chunk_ids=tuple(chunk.chunk_id for chunk in revision.chunks),
    )


def chunks_of(revision: Revision) -> dict[str, dict[str, Any]]:
    """Each chunk as it is written, by its id."""
    vectors = () if revision.vectors is None else revision.vectors
    return {
        chunk.chunk_id: _written(chunk, vector, revision)
        for chunk, vector in zip(revision.chunks, vectors, strict=True)
    }


def _written(chunk: Chunk, vector: Vector, revision: Revision) -> dict[str, Any]:
    half = vector.astype(np.float16)
    kept = KeptChunk(
        chunk_id=chunk.chunk_id,
        document_id=chunk.document_id,
        title=chunk.title,
        content=chunk.content,
        source_type=chunk.source_type,
        category=chunk.category,
        last_updated=chunk.last_updated.isoformat(),
        version=chunk.version,
        language=chunk.language,
        half=half.tobytes(),
        asin=chunk.asin,
        series_id=chunk.series_id,
        family=revision.family,
    )
    names = " ".join(words_in(" ".join((chunk.title, *revision.aliases))))
    words = " ".join((*[names] * TITLE_WEIGHT, *words_in(chunk.content)))
    return {
        **msgspec.to_builtins(kept),
        words_field(chunk.source_type): words,
        "vector": half.astype(np.float64).round(DIGITS).tolist(),
    }


def words_field(source_type: str) -> str:
    """Each source type has words of its own, so that how rare one is counts among its chunks alone."""
    return f"words_{source_type}"


def stored(kept: KeptChunk) -> StoredChunk:
    """Raises ``msgspec.ValidationError`` where it is none of ours."""
    told = {name: getattr(kept, name) for name in _CHUNK_FIELDS}
    chunk = msgspec.convert(told | {"last_updated": datetime.fromisoformat(kept.last_updated)}, Chunk)
    return StoredChunk(chunk, np.frombuffer(kept.half, np.float16).astype(np.float32), kept.family)


_CHUNK_FIELDS: Final = tuple(field.name for field in msgspec.structs.fields(Chunk))
READ: Final = tuple(field.name for field in msgspec.structs.fields(KeptChunk))
"""What is read of a chunk, and no more."""
