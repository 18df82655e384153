"""The names under which calls are told of: OpenTelemetry's semantic conventions, in one table with their version (O-7).

Those of generative AI are in development, and have moved on under other names since: whoever follows them changes this file
alone. What a convention asks for that may hold a key or somebody's id is left out: the text of a query, the path of an address.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

VERSION: Final = "1.41.0"
"""The last release of OpenTelemetry's semantic conventions that held those of generative AI."""
SCHEMA_URL: Final = f"https://opentelemetry.io/schemas/{VERSION}"

CHAT: Final = "chat"
"""The one operation that a writer asks of a model."""


class Attr(StrEnum):
    OPERATION = "gen_ai.operation.name"
    PROVIDER = "gen_ai.provider.name"
    REQUEST_MODEL = "gen_ai.request.model"
    RESPONSE_MODEL = "gen_ai.response.model"
    MAX_TOKENS = "gen_ai.request.max_tokens"
    STREAM = "gen_ai.request.stream"
    FINISH_REASONS = "gen_ai.response.finish_reasons"
    FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
    TOKENS_IN = "gen_ai.usage.input_tokens"
    TOKENS_OUT = "gen_ai.usage.output_tokens"
    CACHE_READ = "gen_ai.usage.cache_read.input_tokens"
    CACHE_WRITE = "gen_ai.usage.cache_creation.input_tokens"
    TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105  a name
    ERROR = "error.type"
    PROTOCOL = "network.protocol.name"
    PEER = "service.peer.name"
    SERVER = "server.address"
    PORT = "server.port"
    DB_SYSTEM = "db.system.name"
    DB_OPERATION = "db.operation.name"
    DB_BATCH = "db.operation.batch.size"
    DB_PROCEDURE = "db.stored_procedure.name"
    COLLECTION = "db.collection.name"
    RPC_SYSTEM = "rpc.system"
    RPC_SERVICE = "rpc.service"
    RPC_METHOD = "rpc.method"
    TABLES = "aws.dynamodb.table_names"
    STREAM_NAME = "aws.kinesis.stream_name"
    HTTP_METHOD = "http.request.method"
    HTTP_ROUTE = "http.route"
    HTTP_STATUS = "http.response.status_code"


# Of RPC, the conventions of AWS's clients stayed with the names that all others had before 1.39.


class System(StrEnum):
    """Who is called, as the conventions name them."""

    REDIS = "redis"
    DYNAMODB = "aws.dynamodb"
    OPENSEARCH = "opensearch"
    AWS = "aws-api"


class Instrument(Struct, frozen=True):
    """A histogram: its name, unit and bounds as the conventions have them."""

    name: str
    unit: str
    means: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...]
    """Those that it has beside what every span of a call has: the attributes it is counted by."""

    @property
    def prometheus(self) -> str:
        """Its name as OpenTelemetry's own exporter for Prometheus would write it."""
        return prometheus_name(self.name) + ("_seconds" if self.unit == "s" else "")


def prometheus_name(name: str) -> str:
    return name.replace(".", "_")


_DURATIONS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_CHUNKS: Final = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 2.0, 5.0, 10.0)

_CALL: Final = (Attr.OPERATION, Attr.PROVIDER, Attr.REQUEST_MODEL)

DURATION: Final = Instrument(
    "gen_ai.client.operation.duration", "s", "Calls of models, whole.", _DURATIONS, (*_CALL, Attr.ERROR)
)
TOKENS: Final = Instrument(
    "gen_ai.client.token.usage",
    "{token}",
    "Tokens that a call of a model read and wrote, as its provider counts them.",
    tuple(float(4**power) for power in range(14)),
    (*_CALL, Attr.TOKEN_TYPE),
)
TO_FIRST_CHUNK: Final = Instrument(
    "gen_ai.client.operation.time_to_first_chunk", "s", "From a call of a model to its first piece.", _CHUNKS, _CALL
)
PER_CHUNK: Final = Instrument(
    "gen_ai.client.operation.time_per_output_chunk", "s", "From one piece of a model to its next.", _CHUNKS, _CALL
)
INSTRUMENTS: Final = (DURATION, TOKENS, TO_FIRST_CHUNK, PER_CHUNK)

SPECULATION_GAIN: Final = Instrument(
    "mangaassist.speculation.gain",
    "s",
    "By how much what began ahead of its need was ahead of it: an embedding, a search.",
    (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5),
    ("what",),
)
SPECULATIONS: Final = "mangaassist.speculations"
"""Counter of what began ahead of its need, by what it was and whether it was of use."""

PROVIDERS: Final[Mapping[str, str]] = {"bedrock": "aws.bedrock", "openai": "openai"}
"""By the provider of a model's profile: whose wire is spoken, whoever answers it."""
FINISHES: Final[Mapping[str, str]] = {"end": "stop", "length": "length", "filtered": "content_filter"}
"""By why a model stopped."""
