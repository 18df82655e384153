"""A chunk index in memory for a few chunks: compares all vectors, and counts words as BM25 does."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from mangaassist.domain.chunks import Chunk
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.index import (
    IndexHit,
    IndexQuery,
    IndexStats,
    Revision,
    StoredChunk,
    Unstorable,
)
from mangaassist.knowledge.words import asked, stem, words_in

TITLE_WEIGHT: Final = 2
SATURATION, LENGTH = 1.2, 0.75
"""How soon a word repeated tells nothing more, and how much longer texts are held back."""


UNSTORABLE: Final = ServiceFailure("knowledge", "contract", "never kept")


class _Kept(Struct, frozen=True, eq=False):
    stored: StoredChunk
    words: Counter[str]
    """Each word with its weight: that of the title and the aliases counts double."""


class MemoryIndex:
    """Methods are those of ``ChunkIndex``. A ``failure`` is raised by every search for as long as it is set.

    ``never_keeps`` are ids of documents for which there is no room in it, whatever they say.
    """

    def __init__(self, failure: ServiceFailure | None = None, never_keeps: frozenset[str] = frozenset()) -> None:
        self.failure = failure
        self._never_keeps = never_keeps
        self._version = 0
        self._documents: dict[str, Revision] = {}
        self._chunks: dict[str, _Kept] = {}
        self._cursors: dict[str, str] = {}

    @property
    def knowledge_version(self) -> int:
        return self._version

    async def write(self, revisions: Sequence[Revision]) -> tuple[bool, ...]:
        for revision in revisions:
            vectors = revision.vectors
            fits = vectors is not None and len(vectors) == len(revision.chunks) and bool(np.isfinite(vectors).all())
            if not revision.removes and not fits:
                raise ValueError(f"{revision.document_id}: vectors that do not fit")
        never = (one.document_id for one in revisions if one.document_id in self._never_keeps or not _is_text(one))
        refused = dict.fromkeys(never, UNSTORABLE)
        taken = tuple(one.document_id not in refused and self._take(one) for one in revisions)
        self._version += any(taken)
        if refused:
            raise Unstorable(refused, taken)
        return taken

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        if self.failure is not None:
            raise self.failure
        partitions = [self._partition(source_type) for source_type in dict.fromkeys(query.source_types)]
        every = (hit for partition in partitions for hit in _hits(partition, query))
        hits = [hit for hit in every if query.only.passes(hit.stored.chunk)]
        near = sorted(hits, key=lambda hit: -hit.cosine) if query.vector is not None else []
        matching = sorted((hit for hit in hits if hit.lexical), key=lambda hit: -hit.lexical)
        found = (*_few_of_each(near, query), *_few_of_each(matching, query))
        matched = {hit.stored.chunk.chunk_id for hit in _few_of_each(matching, query)}
        return [
            hit if chunk_id in matched else IndexHit(hit.stored, hit.cosine, 0.0)
            for chunk_id, hit in {hit.stored.chunk.chunk_id: hit for hit in found}.items()
        ]

    async def fetch(self, chunk_ids: Sequence[str]) -> Sequence[StoredChunk]:
        return [self._chunks[chunk_id].stored for chunk_id in chunk_ids if chunk_id in self._chunks]

    async def versions(self, source: str) -> Mapping[str, int]:
        here = (one for one in self._documents.values() if one.source == source and not one.removes)
        return {one.document_id: one.version for one in here}

    async def newest(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        return {one: self._documents[one].version for one in document_ids if one in self._documents}

    async def stats(self) -> IndexStats:
        return IndexStats(
            documents=sum(not one.removes for one in self._documents.values()),
            removed=sum(one.removes for one in self._documents.values()),
            chunks=Counter(kept.stored.chunk.source_type for kept in self._chunks.values()),
            knowledge_version=self._version,
        )

    async def catch_up(self) -> bool:
        return True

    async def cursor(self, feed: str) -> str:
        return self._cursors.get(feed, "")

    async def keep_cursor(self, feed: str, cursor: str) -> None:
        self._cursors[feed] = cursor

    async def consolidate(self) -> None: ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...

    def _take(self, revision: Revision) -> bool:
        kept = self._documents.get(revision.document_id)
        if kept is not None and (revision.version, revision.removes) <= (kept.version, kept.removes):
            return False
        if kept is not None and revision.version == kept.version and not revision.removes:
            return False
        for chunk in kept.chunks if kept is not None else ():
            del self._chunks[chunk.chunk_id]
        self._documents[revision.document_id] = revision
        vectors = () if revision.vectors is None else revision.vectors
        for chunk, vector in zip(revision.chunks, vectors, strict=True):
            stored = StoredChunk(chunk, vector.astype(np.float32), revision.family)
            self._chunks[chunk.chunk_id] = _Kept(stored, _weighed(chunk, revision.aliases))
        return True

    def _partition(self, source_type: str) -> list[_Kept]:
        return [kept for kept in self._chunks.values() if kept.stored.chunk.source_type == source_type]


def _is_text(revision: Revision) -> bool:
    """As stores on a disk can keep it: without lone surrogates."""
    told = (
        text for chunk in revision.chunks for text in (chunk.title, chunk.content, chunk.category, chunk.asin or "")
    )
    return not any("\ud800" <= character <= "\udfff" for text in told for character in text)


def _weighed(chunk: Chunk, aliases: Iterable[str]) -> Counter[str]:
    words = Counter(map(stem, words_in(chunk.content)))
    for word in map(stem, words_in(" ".join((chunk.title, *aliases)))):
        words[word] += TITLE_WEIGHT
    return words


def _hits(partition: Sequence[_Kept], query: IndexQuery) -> Iterator[IndexHit]:
    wanted = set(map(stem, asked(query.text)))
    count = len(partition)
    mean = sum(kept.words.total() for kept in partition) / count if count else 1.0
    spread = {word: sum(word in kept.words for kept in partition) for word in wanted}
    rarity = {word: max(math.log((count - held + 0.5) / (held + 0.5)), 1e-6) for word, held in spread.items() if held}
    for kept in partition:
        held_back = SATURATION * (1 - LENGTH + LENGTH * kept.words.total() / mean)
        said = {word: kept.words[word] for word in wanted if word in kept.words}
        bm25 = sum(rarity[word] * often * (SATURATION + 1) / (often + held_back) for word, often in said.items())
        cosine = 0.0 if query.vector is None else float(kept.stored.vector @ query.vector)
        yield IndexHit(kept.stored, cosine, bm25 / math.log(count + 2))


def _few_of_each(hits: Iterable[IndexHit], query: IndexQuery) -> list[IndexHit]:
    seen: Counter[str] = Counter()
    kept: list[IndexHit] = []
    for hit in hits:
        seen[hit.stored.family] += 1
        if query.per_family is None or not hit.stored.family or seen[hit.stored.family] <= query.per_family:
            kept.append(hit)
    return kept[: query.depth]
