"""What the AWS client raises, as ours: two tables; a test fails on an error that has no row."""

from typing import Any, Final

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from mangaassist.errors import FailureKind, ModelFailure, ModelFailureKind, ServiceFailure
from mangaassist.services.failures import failure_of, failure_of_status

# The nearest ancestor of an error decides.
KINDS: Final[dict[type[Exception], FailureKind]] = {
    aws.HTTPClientError: "unreachable",
    aws.ConnectionError: "unreachable",
    aws.ConnectTimeoutError: "timeout",
    aws.ReadTimeoutError: "timeout",
    aws.CredentialRetrievalError: "unreachable",  # whoever gives them may be away
    aws.MetadataRetrievalError: "unreachable",
    aws.ChecksumError: "unreachable",  # the answer came damaged
    aws.BotoCoreError: "rejected",  # all others are about how it is set up: credentials, region, profile
    ResponseParserError: "contract",
}

CODES: Final[dict[str, FailureKind]] = {
    "InternalDependencyException": "error",
    "InternalServerException": "error",
    "InvalidInputException": "rejected",
    "InvalidRequestException": "rejected",
    "ModelError": "error",
    "ModelErrorException": "error",
    "ModelNotReadyException": "unreachable",
    "ModelTimeoutException": "timeout",
    "ServiceQuotaExceededException": "error",
    "ServiceUnavailableException": "unreachable",
    "ValidationError": "rejected",
    "ValidationException": "rejected",
    "AccessDeniedException": "rejected",
    "BandwidthLimitExceeded": "error",
    "DryRunOperationException": "rejected",
    "EC2ThrottledException": "error",
    "InternalFailure": "error",
    "InternalFailureException": "error",
    "InternalServerError": "error",
    "InvalidArgumentException": "rejected",
    "ItemCollectionSizeLimitExceededException": "rejected",
    "KMSAccessDeniedException": "rejected",
    "KMSDisabledException": "rejected",
    "KMSInvalidStateException": "rejected",
    "KMSNotFoundException": "rejected",
    "KMSOptInRequired": "rejected",
    "KMSThrottlingException": "error",
    "LimitExceededException": "error",
    "PriorRequestNotComplete": "error",
    "ProvisionedThroughputExceededException": "error",
    "ReplicatedWriteConflictException": "error",
    "RequestLimitExceeded": "error",
    "RequestThrottled": "error",
    "RequestThrottledException": "error",
    "RequestTimeout": "timeout",
    "RequestTimeoutException": "timeout",
    "ResourceInUseException": "rejected",
    "ResourceNotFoundException": "rejected",
    "ServiceUnavailable": "unreachable",
    "SlowDown": "error",
    "ThrottledException": "error",
    "Throttling": "error",
    "ThrottlingException": "error",
    "TextSizeLimitExceededException": "rejected",
    "TooManyRequestsException": "error",
    "TransactionConflictException": "error",
    "TransactionInProgressException": "error",
    "UnsupportedLanguageException": "rejected",
}
"""By the code of a reply. One without a row is judged by its HTTP status, as every service's is."""

MODEL_KINDS: Final[dict[FailureKind, ModelFailureKind]] = {
    "timeout": "timeout",
    "unreachable": "unreachable",
    "error": "error",
    "rejected": "rejected",
    "contract": "contract",
    "unauthenticated": "rejected",
    "open": "failed",
    "out_of_time": "timeout",
}

CONDITION_FAILED: Final = "ConditionalCheckFailedException"
"""The one code that is an answer, and no failure."""


def code_of(error: Exception) -> str:
    """The code of the reply that an error tells of, or ''."""
    return str(_reply(error).get("Error", {}).get("Code", ""))


def aws_failure(service: str, error: Exception) -> ServiceFailure:
    """The failure that an error of a call means. Its detail is a code or a type: the vendor's words may quote what was sent."""
    if isinstance(error, aws.ClientError):
        status = int(_reply(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return failure_of_reply(service, code_of(error), status)
    for ancestor in type(error).__mro__:
        if kind := KINDS.get(ancestor):
            return ServiceFailure(service, kind, type(error).__name__)
    # What the client itself stumbles over is an answer that is none of theirs.
    return failure_of(service, error) or ServiceFailure(service, "contract", type(error).__name__)


def failure_of_reply(service: str, code: str, status: int) -> ServiceFailure:
    """The failure that a reply means: by its code, else by its HTTP status."""
    kind = CODES.get(code) or failure_of_status(service, status).kind
    return ServiceFailure(service, kind, code)


def model_failure(model: str, failure: ServiceFailure) -> ModelFailure:
    """The same failure of a model that is called as a service."""
    return ModelFailure(model, f"{failure.kind} {failure.detail}".rstrip(), MODEL_KINDS[failure.kind])


def _reply(error: Exception) -> dict[str, Any]:
    return getattr(error, "response", {}) if isinstance(error, aws.ClientError) else {}
