"""What Bedrock and its client raise, as ours: three tables; a test fails on an error that has no row."""

from collections.abc import Mapping
from typing import Any, Final, cast

import aiohttp
from botocore import eventstream
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from mangaassist.errors import ModelFailure, ModelFailureKind

CODES: Final[Mapping[str, ModelFailureKind]] = {
    "AccessDeniedException": "rejected",
    "InternalServerException": "error",
    "ModelErrorException": "error",
    "ModelNotReadyException": "busy",  # provisioned throughput that is not up yet: another target may be
    "ModelStreamErrorException": "error",
    "ModelTimeoutException": "timeout",
    "ResourceNotFoundException": "rejected",
    "ServiceQuotaExceededException": "busy",
    "ServiceUnavailableException": "busy",  # Bedrock's own word for more than a model can serve just now
    "ThrottlingException": "busy",
    "ValidationException": "rejected",
}
"""By the code of a reply, or of the exception that ends a stream. One without a row is judged by its status."""

STATUSES: Final[Mapping[int, ModelFailureKind]] = {408: "timeout", 429: "busy", 503: "busy"}
"""Every other 4xx is a call that was wrong, every other 5xx a fault of theirs."""

# The nearest ancestor of an error decides.
KINDS: Final[Mapping[type[Exception], ModelFailureKind]] = {
    aws.HTTPClientError: "unreachable",
    aws.ConnectionError: "unreachable",
    aws.ConnectTimeoutError: "timeout",
    aws.ReadTimeoutError: "timeout",
    aws.CredentialRetrievalError: "unreachable",  # whoever gives them may be away
    aws.MetadataRetrievalError: "unreachable",
    aws.BotoCoreError: "rejected",  # all others are about how it is set up: credentials, region, profile
    ResponseParserError: "contract",
    eventstream.ChecksumMismatch: "unreachable",  # the answer came damaged
    eventstream.ParserError: "contract",
    aiohttp.ServerTimeoutError: "timeout",
    aiohttp.ClientResponseError: "contract",  # what came back is no HTTP
    aiohttp.ClientError: "unreachable",  # the connection broke within the answer
    TimeoutError: "timeout",
    OSError: "unreachable",
}


def failure_of(model: str, error: Exception) -> ModelFailure:
    """The failure that an error of a call means. Its detail is a code or a type: the vendor's words may quote what was sent."""
    if isinstance(error, aws.ClientError):
        return _of_reply(model, error)
    for ancestor in type(error).__mro__:
        if kind := KINDS.get(ancestor):
            return ModelFailure(model, type(error).__name__, kind)
    return ModelFailure(model, type(error).__name__, "contract")  # what the client itself stumbles over


def _of_reply(model: str, error: aws.ClientError) -> ModelFailure:
    told = cast("dict[str, Any]", error.response)
    named = str(told.get("Error", {}).get("Code", ""))
    code = named[:1].upper() + named[1:]  # within a stream they begin in lower case
    if kind := CODES.get(code):
        return ModelFailure(model, code, kind)
    status = int(told.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    otherwise: ModelFailureKind = "rejected" if 400 <= status < 500 else "error"
    return ModelFailure(model, code or f"HTTP {status}", STATUSES.get(status, otherwise))
