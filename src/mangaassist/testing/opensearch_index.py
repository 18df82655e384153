"""One index of ``OpenSearchServer``: keeps documents as OpenSearch does, shows them from a refresh on, and really searches them."""

import base64
import math
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import numpy as np
import Stemmer
from msgspec import Struct

from mangaassist.testing.opensearch_wire import About, Aggregation, NewIndex, Property, Query, Refused, Search

SATURATION, LENGTH = 1.2, 0.75
"""BM25's usual ``k1`` and ``b``."""
ID_BYTES: Final = 512
_PORTER: Final = cast(Any, Stemmer).Stemmer("porter")

Key = tuple[int, str]
"""A shard and an id."""
Scores = dict[Key, float]


class Kept(Struct, frozen=True, eq=False):
    source: dict[str, Any]
    version: int
    seq_no: int
    words: Mapping[str, Counter[str]]
    is_deleted: bool = False


class OpenSearchIndex:
    """Raises ``Refused``. ``is_legacy``: BM25 is ``k1 + 1`` times what it is from version 3 on."""

    def __init__(self, new: NewIndex, created_ms: int, *, is_legacy: bool) -> None:
        self.new = new
        self.created_ms = created_ms
        self.aliases: set[str] = set()
        self._factor = SATURATION + 1 if is_legacy else 1.0
        self._fields = new.mappings.properties
        self._documents: dict[Key, Kept] = {}
        self._visible: dict[Key, Kept] = {}
        self._seq_no = 0

    # ---- documents

    def apply(self, action: str, about: About, source: Any) -> tuple[int, str]:
        """One operation: its status and what became of it."""
        if len(about.id.encode()) > ID_BYTES:
            raise Refused(400, "illegal_argument_exception", "id is too long")
        key = self._key(about.id, about.routing)
        there = self._documents.get(key)
        self._compare(action, about, there)
        version = about.version if about.version is not None else (there.version if there else 0) + 1
        if action == "update":
            if there is None or there.is_deleted:
                raise Refused(404, "document_missing_exception", f"[{about.id}]: document missing")
            source = there.source | source
        self._seq_no += 1
        if action == "delete":
            self._documents[key] = Kept({}, version, self._seq_no, {}, is_deleted=True)
            return (200, "deleted") if _lives(there) else (404, "not_found")
        self._documents[key] = Kept(*self._checked(source, version, self._seq_no))
        return (200, "updated") if _lives(there) else (201, "created")

    def _compare(self, action: str, about: About, there: Kept | None) -> None:
        """Optimistic concurrency, as the engine does it. A deleted document's version is still known (``gc_deletes``)."""
        if (about.version is None) != (about.version_type is None):
            raise Refused(400, "action_request_validation_exception", "version and version_type belong together")
        overtaken = False
        if action == "create":
            overtaken = _lives(there)
        if about.if_seq_no is not None:
            overtaken = (
                not _lives(there) or there is None or there.seq_no != about.if_seq_no or about.if_primary_term != 1
            )
        if about.version is not None and there is not None:
            is_equal_enough = about.version_type == "external_gte" and about.version == there.version
            overtaken = about.version <= there.version and not is_equal_enough
        if overtaken:
            raise Refused(409, "version_conflict_engine_exception", f"[{about.id}]: version conflict")

    def _checked(
        self, source: Any, version: int, seq_no: int
    ) -> tuple[dict[str, Any], int, int, dict[str, Counter[str]]]:
        if not isinstance(source, dict):
            raise Refused(400, "mapper_parsing_exception", "a document is an object")
        told = cast("dict[str, Any]", source)
        for name, value in told.items():
            if name not in self._fields:
                raise Refused(400, "strict_dynamic_mapping_exception", f"introduction of [{name}] is not allowed")
            _check(name, self._fields[name], value)
        words = {name: Counter(analyzed(value)) for name, value in told.items() if self._fields[name].type == "text"}
        return told, version, seq_no, words

    def get(self, document_id: str, routing: str | None) -> Kept | None:
        """As it is at this moment, on the shard that is named."""
        there = self._documents.get(self._key(document_id, routing))
        return there if _lives(there) else None

    def refresh(self, shards: set[int]) -> None:
        kept = {key: one for key, one in self._visible.items() if key[0] not in shards}
        fresh = {key: one for key, one in self._documents.items() if key[0] in shards and not one.is_deleted}
        self._visible = kept | fresh

    def shard_of(self, document_id: str, routing: str | None) -> int:
        return zlib.crc32((routing or document_id).encode()) % self.new.settings.index.number_of_shards

    def _key(self, document_id: str, routing: str | None) -> Key:
        return self.shard_of(document_id, routing), document_id

    # ---- searches

    def search(self, asked: Search) -> dict[str, Any]:
        for name in asked.docvalue_fields:
            self._values(name)
        scores = dict.fromkeys(self._visible, 1.0) if asked.query is None else self._scores(asked.query)
        return {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": {"max_score": None, "hits": [self._hit(*one, asked) for one in self._sorted(scores, asked)]},
            **(
                {"aggregations": {name: self._counted(one, scores) for name, one in asked.aggs.items()}}
                if asked.aggs
                else {}
            ),
        }

    def _sorted(self, scores: Scores, asked: Search) -> Sequence[tuple[Key, float | None]]:
        if not asked.sort:
            return [(key, score) for key, score in sorted(scores.items(), key=lambda one: -one[1])][: asked.size]
        ways = [(self._values(name), order) for one in asked.sort for name, order in one.items()]
        if len({order for _, order in ways}) > 1:
            raise Refused(400, "illegal_argument_exception", "this server sorts one way at a time")
        is_falling = ways[0][1] == "desc"

        def value(key: Key) -> list[Any]:
            return [way(key) for way, _ in ways]

        ordered = sorted(scores, key=value, reverse=is_falling)
        if (after := asked.search_after) is not None:
            ordered = [key for key in ordered if (value(key) < after if is_falling else value(key) > after)]
        return [(key, None) for key in ordered[: asked.size]]

    def _hit(self, key: Key, score: float | None, asked: Search) -> dict[str, Any]:
        kept = self._visible[key]
        hit: dict[str, Any] = {"_index": "an index", "_id": key[1], "_score": score}
        if asked.version:
            hit["_version"] = kept.version
        if asked.source is not False:
            wanted = None if asked.source is True else set(asked.source)
            hidden = self.new.mappings.source.excludes
            hit["_source"] = {
                name: value
                for name, value in kept.source.items()
                if name not in hidden and (wanted is None or name in wanted)
            }
        values = {name: self._values(name)(key) for name in asked.docvalue_fields}
        if fields := {name: [value] for name, value in values.items() if value is not None}:
            hit["fields"] = fields
        if asked.sort:
            hit["sort"] = [self._values(name)(key) for one in asked.sort for name in one]
        return hit

    def _values(self, name: str) -> Callable[[Key], Any]:
        if not self._field(name).has_values:
            raise Refused(400, "illegal_argument_exception", f"[{name}] has no doc values")
        return lambda key: self._visible[key].source.get(name)

    def _counted(self, asked: Aggregation, scores: Scores) -> dict[str, Any]:
        if asked.sum is not None:
            value = self._values(asked.sum.field)
            return {"value": float(sum(value(key) or 0 for key in scores))}
        assert asked.terms is not None
        value = self._values(asked.terms.field)
        counted = Counter(found for key in scores if (found := value(key)) is not None)
        buckets = [
            {"key": int(one), "key_as_string": str(one).lower(), "doc_count": count}
            if isinstance(one, bool)
            else {"key": one, "doc_count": count}
            for one, count in counted.most_common(asked.terms.size)
        ]
        return {"doc_count_error_upper_bound": 0, "sum_other_doc_count": 0, "buckets": buckets}

    def _scores(self, query: Query) -> Scores:
        if query.all_of is not None:
            return self._combined(query)
        if query.ids is not None:
            wanted = set(query.ids.values)
            return {key: 1.0 for key in self._visible if key[1] in wanted}
        ways: list[tuple[Any, Callable[[str, Any], Scores]]] = [
            (query.match, self._matching),
            (query.term, lambda name, term: self._with(name, {term.value})),
            (query.terms, lambda name, values: self._with(name, set(values))),
            (query.knn, self._nearest),
        ]
        [(asked, way)] = [(asked, way) for asked, way in ways if asked is not None]
        if len(asked) != 1:
            raise Refused(400, "parsing_exception", "a query names one field")
        [(name, detail)] = asked.items()
        return way(name, detail)

    def _combined(self, query: Query) -> Scores:
        assert query.all_of is not None
        passing = set(self._visible)
        for one in query.all_of.filter:
            passing &= self._scores(one).keys()
        scores: Scores = {} if query.all_of.minimum_should_match else dict.fromkeys(passing, 0.0)
        for one in query.all_of.should:
            for key, score in self._scores(one).items():
                if key in passing:
                    scores[key] = scores.get(key, 0.0) + score
        return scores

    def _with(self, name: str, values: set[Any]) -> Scores:
        if not self._field(name).index:
            raise Refused(400, "query_shard_exception", f"Cannot search on field [{name}] since it is not indexed.")
        return {key: 1.0 for key, one in self._visible.items() if one.source.get(name) in values}

    def _matching(self, name: str, asked: Any) -> Scores:
        if self._field(name).type != "text":
            raise Refused(400, "query_shard_exception", f"[{name}] is no text")
        having = {key: one.words[name] for key, one in self._visible.items() if one.words.get(name)}
        mean = sum(words.total() for words in having.values()) / len(having) if having else 1.0
        scores: Scores = {}
        for word in analyzed(asked.query):
            holding = [key for key, words in having.items() if word in words]
            rarity = math.log(1 + (len(having) - len(holding) + 0.5) / (len(holding) + 0.5))
            for key in holding:
                often, length = having[key][word], having[key].total()
                held_back = SATURATION * (1 - LENGTH + LENGTH * length / mean)
                gained = asked.boost * self._factor * rarity * often / (often + held_back)
                scores[key] = scores.get(key, 0.0) + gained
        return scores

    def _nearest(self, name: str, asked: Any) -> Scores:
        known = self._field(name)
        if known.type != "knn_vector" or len(asked.vector) != known.dimension:
            raise Refused(400, "illegal_argument_exception", f"Query vector has invalid dimension: {len(asked.vector)}")
        passing = self._visible if asked.filter is None else self._scores(asked.filter)
        keys = [key for key in passing if name in self._visible[key].source]
        if not keys:
            return {}
        vectors = np.array([self._visible[key].source[name] for key in keys], np.float32)
        wanted = np.array(asked.vector, np.float32)
        cosines = vectors @ wanted / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted))
        best = np.argsort(-cosines, kind="stable")[: asked.k]
        return {keys[place]: float((1 + cosines[place]) / 2) for place in best}

    def _field(self, name: str) -> Property:
        if name not in self._fields:
            raise Refused(400, "query_shard_exception", f"No mapping found for [{name}]")
        return self._fields[name]


def analyzed(text: str) -> list[str]:
    """Split at white space, lower case, folded to ASCII where there is such a letter, stemmed."""
    return [stemmed(word) for word in text.split()]


@lru_cache(maxsize=50_000)
def stemmed(word: str) -> str:
    folded = "".join(one for one in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(one))
    return _PORTER.stemWord(folded or word)


def _lives(kept: Kept | None) -> bool:
    return kept is not None and not kept.is_deleted


def _check(name: str, known: Property, value: Any) -> None:
    values = cast("list[Any]", value) if isinstance(value, list) else [value]
    if known.type == "knn_vector":
        is_sound = isinstance(value, list) and len(values) == known.dimension and any(values)
    elif known.type == "binary":
        is_sound = isinstance(value, str) and bool(base64.b64decode(value, validate=True) or True)
    else:
        kind = {"keyword": str, "text": str, "long": int, "boolean": bool}[known.type]
        is_sound = all(type(one) is kind for one in values)
    if not is_sound:
        raise Refused(400, "mapper_parsing_exception", f"failed to parse field [{name}] of type [{known.type}]")
