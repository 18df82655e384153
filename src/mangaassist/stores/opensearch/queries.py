"""What an OpenSearch is asked for, and what its hits mean (K-2): two ways of searching in one request, cut to few of each family.

A way brings keys and scores alone: the chunks themselves are read by their ids where they are not known yet. Few of each family
are chosen here, out of more than are wanted: the engine's ``collapse`` knows one of each, and asks again for more.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct, field

from mangaassist.knowledge import words
from mangaassist.knowledge.index import ChunkFilter, IndexQuery
from mangaassist.stores.opensearch.chunk_documents import READ, words_field

OVERFETCH: Final = 400
"""The most that is looked at for a list with few of each family: more than any series has volumes."""
CANDIDATES: Final = 100
"""Neighbours that the graph is asked for at least: with the Lucene engine ``k`` is how far it looks, and recall needs that."""
AT_ONCE: Final = 500
"""Documents of one request, read by their ids or listed."""
SCALE: Final = "scale"
"""The one word of the one document whose BM25 is known, and the field that it stands in."""
KNOWN_SCORE: Final = math.log(4 / 3)
"""That of a word that occurs once in the only text of a field, times one."""

Body = dict[str, Any]


class FoundFields(Struct, frozen=True):
    family: tuple[str, ...] = ()


class Found(Struct, frozen=True):
    """A chunk that a search found, by its key and the version of what is there."""

    id: str = field(name="_id")
    version: int = field(name="_version")
    score: float = field(name="_score")
    fields: FoundFields = FoundFields()

    @property
    def family(self) -> str:
        return next(iter(self.fields.family), "")


def near(query: IndexQuery) -> Body | None:
    """The nearest chunks; None without a vector."""
    if query.vector is None or not query.source_types:
        return None
    most = _looked_at(query)
    asked = {
        "vector": query.vector.tolist(),
        "k": max(most, CANDIDATES),
        "filter": {"bool": {"filter": _filters(query)}},
    }
    return _listing({"knn": {"vector": asked}}, most)


def matching(query: IndexQuery, chunks: Mapping[str, int], scale: float) -> Body | None:
    """The chunks that share words with the text; None where it has no words.

    A score is that of the port: BM25 divided by the logarithm of the number of ``chunks`` of the source type, times ``scale``,
    which makes this engine's BM25 the usual one.
    """
    asked = " ".join(words.asked(query.text))
    if not asked or not query.source_types:
        return None
    ways = [
        {"match": {words_field(one): {"query": asked, "boost": scale / math.log(chunks.get(one, 0) + 2)}}}
        for one in dict.fromkeys(query.source_types)
    ]
    return _listing({"bool": {"should": ways, "minimum_should_match": 1, "filter": _filters(query)}}, _looked_at(query))


def _looked_at(query: IndexQuery) -> int:
    return query.depth if query.per_family is None else max(query.depth, OVERFETCH)


def _listing(query: Body, size: int) -> Body:
    return {
        "query": query,
        "size": size,
        "_source": False,
        "version": True,
        "docvalue_fields": ["family"],
        "track_total_hits": False,
    }


def _filters(query: IndexQuery) -> list[Body]:
    return [{"terms": {"source_type": list(dict.fromkeys(query.source_types))}}, *_only(query.only)]


def _only(only: ChunkFilter) -> Iterable[Body]:
    if only.asin is not None:
        yield {"term": {"asin": {"value": only.asin}}}
    if only.series_id is not None:
        yield {"term": {"series_id": {"value": only.series_id}}}
    if only.language is not None:
        yield {"terms": {"language": ["", only.language]}}


def few_of_each(found: Iterable[Found], depth: int, per_family: int | None) -> list[Found]:
    """The best ``depth``, at most ``per_family`` of each family; what has none is alone in its own."""
    seen: Counter[str] = Counter()
    kept: list[Found] = []
    for one in found:
        seen[one.family] += 1
        if per_family is None or not one.family or seen[one.family] <= per_family:
            kept.append(one)
    return kept[:depth]


def by_ids(keys: Sequence[str]) -> Body:
    return {
        "query": {"ids": {"values": list(keys)}},
        "size": len(keys),
        "_source": list(READ),
        "version": True,
        "track_total_hits": False,
    }


def documents_of(source: str, after: str | None) -> Body:
    """The heads of a source's documents that are there, by id, a page at a time."""
    page: Body = {
        "query": {
            "bool": {"filter": [{"term": {"source": {"value": source}}}, {"term": {"removed": {"value": False}}}]}
        },
        "size": AT_ONCE,
        "sort": [{"document_id": "asc"}],
        "_source": ["document_id", "version"],
        "track_total_hits": False,
    }
    return page if after is None else page | {"search_after": [after]}


COUNTED: Final[Body] = {
    "size": 0,
    "track_total_hits": False,
    "aggs": {
        "chunks": {"terms": {"field": "source_type", "size": 32}},
        "removed": {"terms": {"field": "removed", "size": 2}},
        "writes": {"sum": {"field": "writes"}},
    },
}
"""How many there are of everything, and how often anything was written."""
SCALED: Final[Body] = {"query": {"match": {SCALE: {"query": SCALE}}}, "size": 1, "_source": False, "version": True}


class Bucket(Struct, frozen=True):
    key: str | int
    doc_count: int


class Buckets(Struct, frozen=True):
    buckets: tuple[Bucket, ...] = ()


class Sum(Struct, frozen=True):
    value: float = 0


class Counts(Struct, frozen=True):
    """What ``COUNTED`` gives."""

    chunks: Buckets = Buckets()
    removed: Buckets = Buckets()
    writes: Sum = Sum()

    @property
    def by_type(self) -> dict[str, int]:
        return {str(one.key): one.doc_count for one in self.chunks.buckets}

    def documents(self, *, removed: bool) -> int:
        return next((one.doc_count for one in self.removed.buckets if one.key == int(removed)), 0)
