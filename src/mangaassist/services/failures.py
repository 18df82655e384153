"""How the failures of the network and of foreign libraries become ours: one table; a test fails on an unmapped one."""

import asyncio
from typing import Final

import aiohttp
import grpc
import grpc.aio
import msgspec
from google.protobuf.message import DecodeError

from mangaassist.errors import FailureKind, ServiceFailure

GRPC_KINDS: Final[dict[grpc.StatusCode, FailureKind]] = {
    grpc.StatusCode.OK: "contract",  # a failure that says it is none
    grpc.StatusCode.CANCELLED: "error",  # by the peer: our own cancelling is asyncio's CancelledError
    grpc.StatusCode.UNKNOWN: "error",
    grpc.StatusCode.INVALID_ARGUMENT: "rejected",
    grpc.StatusCode.DEADLINE_EXCEEDED: "timeout",
    grpc.StatusCode.NOT_FOUND: "rejected",
    grpc.StatusCode.ALREADY_EXISTS: "rejected",
    grpc.StatusCode.PERMISSION_DENIED: "rejected",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "error",  # overloaded, or an answer over the size limit
    grpc.StatusCode.FAILED_PRECONDITION: "rejected",
    grpc.StatusCode.ABORTED: "error",
    grpc.StatusCode.OUT_OF_RANGE: "rejected",
    grpc.StatusCode.UNIMPLEMENTED: "contract",
    grpc.StatusCode.INTERNAL: "error",
    grpc.StatusCode.UNAVAILABLE: "unreachable",
    grpc.StatusCode.DATA_LOSS: "contract",
    grpc.StatusCode.UNAUTHENTICATED: "rejected",
}

# The nearest ancestor of an error decides.
KINDS: Final[dict[type[BaseException], FailureKind]] = {
    TimeoutError: "timeout",
    ConnectionError: "unreachable",
    OSError: "unreachable",
    asyncio.IncompleteReadError: "unreachable",
    aiohttp.ClientConnectionError: "unreachable",
    aiohttp.ClientHttpProxyError: "unreachable",
    aiohttp.ServerTimeoutError: "timeout",
    aiohttp.ClientPayloadError: "unreachable",  # the connection broke within the body
    aiohttp.UploadAbortedError: "unreachable",
    aiohttp.ClientResponseError: "contract",  # what came back is no HTTP
    aiohttp.RedirectClientError: "contract",
    aiohttp.InvalidURL: "contract",
    aiohttp.NonHttpUrlClientError: "contract",
    msgspec.MsgspecError: "contract",
    UnicodeDecodeError: "contract",
    RecursionError: "contract",  # JSON nested too deeply
    DecodeError: "contract",
    grpc.aio.UsageError: "unreachable",  # the channel is closed
    grpc.aio.InternalError: "error",
    # What a later release may add fails the call, not the turn; until it has a row of its own, a test fails too.
    aiohttp.ClientError: "error",
    grpc.RpcError: "error",
    grpc.aio.BaseError: "error",
}

# The caller caused every other 4xx.
_STATUS_KINDS: Final[dict[int, FailureKind]] = {408: "timeout", 429: "error"}


def failure_of(service: str, error: Exception) -> ServiceFailure | None:
    """The failure that an error of a call means; None for one that is no service's fault but a mistake of ours."""
    if isinstance(error, ServiceFailure):
        return error
    if isinstance(error, grpc.aio.AioRpcError):
        code = error.code()
        return ServiceFailure(service, GRPC_KINDS[code], code.name.lower())
    for ancestor in type(error).__mro__:
        if kind := KINDS.get(ancestor):
            return ServiceFailure(service, kind, _detail(error, kind))
    return None


def failure_of_status(service: str, status: int) -> ServiceFailure:
    """The failure that an HTTP status other than 200 means."""
    if status >= 500:
        return ServiceFailure(service, "error", f"HTTP {status}")
    if 400 <= status < 500:
        return ServiceFailure(service, _STATUS_KINDS.get(status, "rejected"), f"HTTP {status}")
    return ServiceFailure(service, "contract", f"HTTP {status}")


def _detail(error: Exception, kind: FailureKind) -> str:
    """msgspec names the place and the types; other libraries may quote what they were sent, so only the type is told."""
    return str(error) if kind == "contract" and isinstance(error, msgspec.MsgspecError) else type(error).__name__
