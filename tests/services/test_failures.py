"""Every failure of the network has a kind of ours, and retry and breaker follow from it (S-4, S-6)."""

import asyncio
import socket
from collections.abc import Iterator

import aiohttp
import grpc
import grpc.aio
import msgspec
import pytest
from google.protobuf.message import DecodeError
from grpc._cython import cygrpc

from mangaassist.errors import ServiceFailure
from mangaassist.services.failures import GRPC_KINDS, KINDS, failure_of, failure_of_status

SERVER_SIDE_ONLY = {"AbortError", "_ServerStoppedError"}


def family(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


FOREIGN = {
    *family(aiohttp.ClientError),
    *family(msgspec.MsgspecError),
    *(kind for kind in family(cygrpc.BaseError) if kind.__name__ not in SERVER_SIDE_ONLY),
    TimeoutError,
    asyncio.TimeoutError,
    asyncio.IncompleteReadError,
    ConnectionResetError,
    BrokenPipeError,
    socket.gaierror,
    UnicodeDecodeError,
    RecursionError,
    DecodeError,
}
CATCH_ALL = {aiohttp.ClientError, grpc.RpcError, grpc.aio.BaseError}


def bare(kind: type[BaseException]) -> Exception:
    """An instance without going through constructors that want a whole connection."""
    error = kind.__new__(kind)
    assert isinstance(error, Exception)
    return error


@pytest.mark.parametrize("kind", sorted(FOREIGN - CATCH_ALL, key=lambda kind: kind.__name__), ids=lambda k: k.__name__)
def test_every_error_of_the_libraries_beneath_us_has_a_kind(kind: type[BaseException]) -> None:
    assert any(ancestor in KINDS for ancestor in kind.__mro__ if ancestor not in CATCH_ALL)


def test_an_error_that_a_later_release_adds_fails_the_call_and_not_the_turn() -> None:
    class Novel(aiohttp.ClientError):
        pass

    failure = failure_of("orders", Novel())
    assert failure is not None
    assert failure.kind == "error"


@pytest.mark.parametrize("code", list(grpc.StatusCode), ids=lambda code: code.name)
def test_every_grpc_status_has_a_kind(code: grpc.StatusCode) -> None:
    error = grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="as they said")
    failure = failure_of("catalog", error)
    assert failure is not None
    assert failure.kind == GRPC_KINDS[code]
    assert "as they said" not in str(failure)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "timeout"),
        (bare(aiohttp.SocketTimeoutError), "timeout"),
        (bare(aiohttp.ServerDisconnectedError), "unreachable"),
        (bare(aiohttp.ClientConnectorDNSError), "unreachable"),
        (bare(aiohttp.ClientPayloadError), "unreachable"),
        (bare(aiohttp.TooManyRedirects), "contract"),
        (msgspec.ValidationError("Expected `str`"), "contract"),
        (bare(UnicodeDecodeError), "contract"),
        (DecodeError(), "contract"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_the_nearest_ancestor_decides_the_kind(error: Exception, kind: str) -> None:
    failure = failure_of("pricing", error)
    assert failure is not None
    assert (failure.service, failure.kind) == ("pricing", kind)


def test_a_mistake_of_our_own_is_no_failure_of_a_service() -> None:
    assert failure_of("pricing", KeyError("oops")) is None


def test_a_failure_passes_as_it_is() -> None:
    failure = ServiceFailure("pricing", "contract", "x")
    assert failure_of("pricing", failure) is failure


@pytest.mark.parametrize(
    ("status", "kind", "counts", "transient"),
    [
        (500, "error", True, True),
        (503, "error", True, True),
        (429, "error", True, True),
        (408, "timeout", True, True),
        (400, "rejected", False, False),
        (401, "rejected", False, False),
        (404, "rejected", False, False),
        (302, "contract", True, False),
        (204, "contract", True, False),
    ],
)
def test_a_4xx_that_we_caused_neither_counts_nor_is_tried_again(
    status: int, kind: str, counts: bool, transient: bool
) -> None:
    failure = failure_of_status("orders", status)
    assert (failure.kind, failure.counts, failure.transient) == (kind, counts, transient)
