"""What ``OpenSearchServer`` takes: as much of OpenSearch's wire as the chunk index uses, field by field; any other is refused."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct, field

T = TypeVar("T")

Size = Annotated[int, Meta(ge=0, le=10_000)]


class Strict(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class OneOf(Strict, frozen=True):
    """Exactly one of its fields is given."""

    def __post_init__(self) -> None:
        given = [name for name in self.__struct_fields__ if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"one of {', '.join(self.__struct_encode_fields__)}, and not {given}")


class Match(Strict, frozen=True):
    query: str
    boost: Annotated[float, Meta(ge=0)] = 1.0


class Term(Strict, frozen=True):
    value: str | bool | int


class Ids(Strict, frozen=True):
    values: list[Annotated[str, Meta(min_length=1)]]


class Nearest(Strict, frozen=True):
    vector: list[float]
    k: Annotated[int, Meta(ge=1, le=10_000)]
    filter: "Query | None" = None


class Bool(Strict, frozen=True):
    filter: "list[Query]" = []
    should: "list[Query]" = []
    minimum_should_match: int = 0


class Query(OneOf, frozen=True):
    match: dict[str, Match] | None = None
    term: dict[str, Term] | None = None
    terms: dict[str, list[str]] | None = None
    ids: Ids | None = None
    all_of: Bool | None = field(name="bool", default=None)
    knn: dict[str, Nearest] | None = None


class TermsAggregation(Strict, frozen=True):
    field: str
    size: Annotated[int, Meta(ge=1)] = 10


class SumAggregation(Strict, frozen=True):
    field: str


class Aggregation(OneOf, frozen=True):
    terms: TermsAggregation | None = None
    sum: SumAggregation | None = None


class Search(Strict, frozen=True):
    query: Query | None = None
    size: Size = 10
    source: bool | list[str] = field(name="_source", default=True)
    version: bool = False
    docvalue_fields: list[str] = []
    track_total_hits: bool = True
    sort: list[dict[str, Literal["asc", "desc"]]] = []
    search_after: list[Any] | None = None
    aggs: dict[str, Aggregation] = {}


class SearchHeader(Strict, frozen=True):
    search_type: Literal["query_then_fetch", "dfs_query_then_fetch"] = "query_then_fetch"


class About(Strict, frozen=True):
    """What an operation of a bulk is told."""

    id: Annotated[str, Meta(min_length=1)] = field(name="_id")
    routing: str | None = None
    version: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)] | None = None
    version_type: Literal["external", "external_gte"] | None = None
    if_seq_no: int | None = None
    if_primary_term: int | None = None


class Action(OneOf, frozen=True):
    index: About | None = None
    create: About | None = None
    update: About | None = None
    delete: About | None = None

    @property
    def named(self) -> tuple[str, About]:
        [(name, about)] = [(one, got) for one in self.__struct_fields__ if (got := getattr(self, one)) is not None]
        return name, about


class Update(Strict, frozen=True):
    doc: dict[str, Any]


class GetOne(Strict, frozen=True):
    id: str = field(name="_id")
    routing: str | None = None


class GetMany(Strict, frozen=True):
    docs: list[GetOne]


class Method(Strict, frozen=True):
    name: Literal["hnsw"]
    engine: Literal["lucene", "faiss"]
    space_type: Literal["cosinesimil", "innerproduct"]
    parameters: dict[Literal["m", "ef_construction"], int] = {}


class Property(Strict, frozen=True):
    type: Literal["keyword", "text", "long", "boolean", "binary", "knn_vector"]
    index: bool = True
    doc_values: bool = True
    analyzer: str | None = None
    index_options: Literal["docs", "freqs", "positions", "offsets"] | None = None
    dimension: int | None = None
    method: Method | None = None

    @property
    def has_values(self) -> bool:
        """Whether it can be sorted by, counted and read without the source."""
        return self.doc_values and self.type in ("keyword", "long", "boolean")


class SourceFilter(Strict, frozen=True):
    excludes: list[str] = []


class Mappings(Strict, frozen=True):
    dynamic: Literal["strict"]
    properties: dict[str, Property]
    source: SourceFilter = field(name="_source", default=SourceFilter())
    meta: dict[str, Any] = field(name="_meta", default={})


class Analyzer(Strict, frozen=True):
    type: Literal["custom"]
    tokenizer: Literal["whitespace"]
    filter: list[Literal["lowercase", "asciifolding", "porter_stem"]]


class Analysis(Strict, frozen=True):
    analyzer: dict[str, Analyzer] = {}


class IndexSettings(Strict, frozen=True):
    knn: bool = False
    number_of_shards: Annotated[int, Meta(ge=1)] = 1
    number_of_replicas: Annotated[int, Meta(ge=0)] = 1
    refresh_interval: str = "1s"
    gc_deletes: str = "60s"
    analysis: Analysis = Analysis()


class Settings(Strict, frozen=True):
    index: IndexSettings = IndexSettings()


class NewIndex(Strict, frozen=True):
    mappings: Mappings
    settings: Settings = Settings()


class AliasOf(Strict, frozen=True):
    index: str
    alias: str


class AliasAction(OneOf, frozen=True):
    add: AliasOf | None = None
    remove: AliasOf | None = None


class AliasActions(Strict, frozen=True):
    actions: list[AliasAction]


class Refused(Exception):
    """An error as the engine answers it."""

    def __init__(self, status: int, kind: str, reason: str) -> None:
        super().__init__(status, kind, reason)
        self.status = status
        self.kind = kind
        self.reason = reason

    @property
    def told(self) -> dict[str, Any]:
        return {"type": self.kind, "reason": self.reason}


def read(body: bytes, kind: type[T]) -> T:
    """Raises ``Refused`` for what the wire does not know."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Refused(400, "parsing_exception", str(error)) from error
    except msgspec.DecodeError as error:
        raise Refused(400, "json_parse_exception", str(error)) from error


def lines_of(body: bytes) -> Iterator[bytes]:
    """The lines of newline-delimited JSON. Raises ``Refused`` where the last one is not ended."""
    if not body.endswith(b"\n"):
        raise Refused(400, "illegal_argument_exception", "The request must be terminated by a newline [\\n]")
    yield from body.split(b"\n")[:-1]
