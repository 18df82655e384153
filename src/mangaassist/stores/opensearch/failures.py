"""What an OpenSearch answers when it cannot, as our own failures: one table by its errors' types, and one by status."""

from typing import Final

from msgspec import Struct

from mangaassist.errors import FailureKind, ServiceFailure
from mangaassist.services.failures import failure_of_status

CONFLICT: Final = 409
MISSING: Final = 404
TOO_MUCH: Final = 429
"""The status of what may be sent again after a pause: a queue of the engine's is full, or its memory is."""

ERRORS: Final[dict[str, FailureKind]] = {
    "circuit_breaking_exception": "error",
    "cluster_block_exception": "error",  # a disk over its flood stage, a cluster that recovers
    "cluster_manager_not_discovered_exception": "unreachable",
    "es_rejected_execution_exception": "error",
    "index_closed_exception": "error",
    "no_shard_available_action_exception": "unreachable",
    "node_closed_exception": "unreachable",
    "node_not_connected_exception": "unreachable",
    "opensearch_rejected_execution_exception": "error",
    "opensearch_timeout_exception": "timeout",
    "process_cluster_event_timeout_exception": "timeout",
    "receive_timeout_transport_exception": "timeout",
    "rejected_execution_exception": "error",
    "search_phase_execution_exception": "error",
    "task_cancelled_exception": "timeout",
    "unavailable_shards_exception": "unreachable",
    "version_conflict_engine_exception": "error",  # where nobody expects one: who reads again may find it gone
    "security_exception": "unauthenticated",
    "authorization_exception": "unauthenticated",
    "action_request_validation_exception": "contract",
    "aliases_not_found_exception": "contract",
    "document_missing_exception": "contract",
    "illegal_argument_exception": "contract",
    "index_not_found_exception": "contract",
    "invalid_index_name_exception": "contract",
    "json_parse_exception": "contract",
    "mapper_parsing_exception": "contract",
    "media_type_header_exception": "contract",
    "named_object_not_found_exception": "contract",
    "parse_exception": "contract",
    "parsing_exception": "contract",
    "query_shard_exception": "contract",
    "resource_already_exists_exception": "contract",
    "strict_dynamic_mapping_exception": "contract",
    "x_content_parse_exception": "contract",
}
"""By the type of the engine's error: what may pass, who may not call, and what two versions of us or of it disagree about."""

DOCUMENTS: Final = frozenset({"illegal_argument_exception", "mapper_parsing_exception"})
"""What the engine says of one operation of a bulk when that document is to blame: its index has our own mapping (``FORMAT``)."""

STATUSES: Final[dict[int, FailureKind]] = {401: "unauthenticated", 403: "unauthenticated", 404: "contract"}
"""By the status of a reply that names no type we know; of any other, ``services.failures`` says what it means."""


class EngineError(Struct, frozen=True):
    """The error of a reply, or of one part of it. Its reason may quote a text, so that nobody reads it."""

    type: str = ""


class Refusal(Struct, frozen=True):
    """A reply that is none; proxies before the engine answer otherwise."""

    error: EngineError | str = ""


def refused(service: str, status: int, error: EngineError | str | None) -> ServiceFailure:
    """The failure of a service of ours that a reply, or one part of it, means. A proxy's own words are not repeated."""
    kind_of_error = error.type if isinstance(error, EngineError) else ""
    known = ERRORS.get(kind_of_error) if status != TOO_MUCH else "error"
    kind = known or STATUSES.get(status) or failure_of_status(service, status).kind
    return ServiceFailure(service, kind, " ".join(filter(None, (f"HTTP {status}", kind_of_error))))
