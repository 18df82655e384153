"""S-1, S-7: the catalog's client against servers that mean no good, over real gRPC."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import grpc
import grpc.aio
import pytest

from mangaassist.domain.customers import GUEST
from mangaassist.domain.products import Format, ProductQuery
from mangaassist.errors import ServiceFailure
from mangaassist.services import questions
from mangaassist.services.caller import Caller
from mangaassist.services.catalog import FORMATS, MAX_MESSAGE, CatalogClient, product_of
from mangaassist.services.policies import POLICIES, Policy, Service
from mangaassist.stores.memory.cache import MemoryCache
from mangaproto import catalog_pb2 as pb
from tests.services.conftest import PATIENT

Serve = Callable[[Callable[..., object]], Awaitable[str]]

FIRST, SECOND = "B0AAAAAAA1", "B0AAAAAAA2"


def product(asin: str = FIRST, **fields: Any) -> pb.Product:
    known = {"title": "Vol. 1", "series_id": "s", "series_title": "S", "format": pb.FORMAT_PAPERBACK, "pages": 200}
    return pb.Product(asin=asin, **{**known, **fields})


def answering(message: Any) -> Callable[..., Awaitable[bytes]]:
    async def handler(request: bytes, context: Any) -> bytes:
        return message if isinstance(message, bytes) else message.SerializeToString()

    return handler


def aborting(code: grpc.StatusCode) -> Callable[..., Awaitable[bytes]]:
    async def handler(request: bytes, context: Any) -> bytes:
        await context.abort(code, "no")
        return b""

    return handler


async def hanging(request: bytes, context: Any) -> bytes:
    await asyncio.Event().wait()
    return b""


@pytest.fixture
def dropped() -> list[int]:
    return []


async def asked(target: str, dropped: list[int], policies: Mapping[Service, Policy] = PATIENT) -> Any:
    async with CatalogClient(target, dropped.append) as catalog:
        return await Caller(MemoryCache(), policies=policies).call(
            questions.PRODUCT,
            lambda limit: catalog.products([FIRST, SECOND], limit),
            deadline=float("inf"),
            identity=GUEST,
            idempotent=False,
        )


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "   "},
        {"asin": "NOT-AN-ASIN"},
        {"asin": ""},
        {"format": pb.FORMAT_UNSPECIFIED},
        {"format": 77},
        {"pages": -1},
        {"url": "javascript:alert(1)"},
        {"image_url": "data:text/html,x"},
    ],
    ids=str,
)
async def test_a_product_that_does_not_fit_is_left_out_and_counted_and_the_others_are_used(
    serve_grpc: Serve, dropped: list[int], wrong: dict[str, Any]
) -> None:
    answer = pb.GetProductsResponse(products=[product(**wrong), product(SECOND)])
    found = await asked(await serve_grpc(answering(answer)), dropped)
    assert [product.asin for product in found.value] == [SECOND]
    assert (found.failure, dropped) == (None, [1])


async def test_an_answer_of_which_nothing_fits_is_a_failure_of_the_catalog(
    serve_grpc: Serve, dropped: list[int]
) -> None:
    found = await asked(await serve_grpc(answering(pb.GetProductsResponse(products=[product(title="")]))), dropped)
    assert (found.value, found.failure.kind, dropped) == (None, "contract", [1])


async def test_an_answer_without_products_is_no_failure(serve_grpc: Serve, dropped: list[int]) -> None:
    found = await asked(await serve_grpc(answering(pb.GetProductsResponse())), dropped)
    assert (found.value, found.failure, dropped) == ((), None, [])


async def test_bytes_that_are_no_protobuf_are_a_broken_contract(serve_grpc: Serve, dropped: list[int]) -> None:
    found = await asked(await serve_grpc(answering(b"\xff\xff<html>")), dropped)
    assert (found.value, found.failure.kind) == (None, "contract")


async def test_an_answer_over_the_size_limit_is_a_failure(serve_grpc: Serve, dropped: list[int]) -> None:
    huge = pb.GetProductsResponse(products=[product(description="x" * (MAX_MESSAGE + 1))])
    found = await asked(await serve_grpc(answering(huge)), dropped)
    assert found.failure.kind == "error"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, "unreachable"),
        (grpc.StatusCode.INTERNAL, "error"),
        (grpc.StatusCode.INVALID_ARGUMENT, "rejected"),
        (grpc.StatusCode.UNIMPLEMENTED, "contract"),
    ],
    ids=str,
)
async def test_a_status_is_named_for_what_it_means(
    serve_grpc: Serve, dropped: list[int], code: grpc.StatusCode, kind: str
) -> None:
    assert (await asked(await serve_grpc(aborting(code)), dropped)).failure.kind == kind


async def test_a_catalog_that_hangs_is_a_timeout(serve_grpc: Serve, dropped: list[int]) -> None:
    assert (await asked(await serve_grpc(hanging), dropped, POLICIES)).failure.kind == "timeout"


async def test_a_catalog_that_is_not_there_is_unreachable(dropped: list[int]) -> None:
    assert (await asked("127.0.0.1:1", dropped)).failure.kind == "unreachable"


async def test_a_ping_says_whether_the_catalog_is_there(serve_grpc: Serve) -> None:
    async with CatalogClient(await serve_grpc(answering(pb.CheckAsinsResponse())), print) as catalog:
        await catalog.ping()
    async with CatalogClient("127.0.0.1:1", print) as catalog:
        with pytest.raises(ServiceFailure):
            await catalog.ping()


async def test_the_trace_and_the_deadline_reach_the_catalog(serve_grpc: Serve) -> None:
    seen: dict[str, Any] = {}

    async def handler(request: bytes, context: Any) -> bytes:
        seen["trace"] = dict(context.invocation_metadata()).get("traceparent")
        seen["left"] = context.time_remaining()
        return b""

    async with CatalogClient(await serve_grpc(handler), print) as catalog:
        await catalog.existing([FIRST], 5.0, "00-trace-01")
    assert seen["trace"] == "00-trace-01"
    assert 5.5 < seen["left"] < 10.5  # twice the caller's limit: its own timer decides


async def test_an_asin_that_was_not_asked_for_does_not_exist_for_us(serve_grpc: Serve) -> None:
    answer = pb.CheckAsinsResponse(existing=[FIRST, "B0AAAAAAA9"])
    async with CatalogClient(await serve_grpc(answering(answer)), print) as catalog:
        assert await catalog.existing([FIRST, SECOND], 1.0) == {FIRST}


async def test_every_filter_of_a_query_reaches_the_catalog(serve_grpc: Serve) -> None:
    seen: list[pb.SearchProductsRequest] = []

    async def handler(request: bytes, context: Any) -> bytes:
        seen.append(pb.SearchProductsRequest.FromString(request))
        return b""

    query = ProductQuery(
        text="sea",
        series_ids=("s",),
        genres=("Drama",),
        demographics=("seinen",),
        formats=tuple(Format),
        authors=("A",),
        volume=3,
        one_per_series=False,
        limit=7,
    )
    async with CatalogClient(await serve_grpc(handler), print) as catalog:
        await catalog.search(query, 1.0)
    assert seen == [
        pb.SearchProductsRequest(
            text="sea",
            series_ids=["s"],
            genres=["Drama"],
            demographics=["seinen"],
            formats=[pb.FORMAT_PAPERBACK, pb.FORMAT_HARDCOVER, pb.FORMAT_OMNIBUS, pb.FORMAT_BOX_SET],
            authors=["A"],
            volume=3,
            limit=7,
        )
    ]


def test_every_format_of_the_contract_is_known_in_both_directions() -> None:
    sent = {value for value in pb.Format.values() if value != pb.FORMAT_UNSPECIFIED}
    assert set(FORMATS.values()) == sent
    assert {product_of(product(format=value)).format for value in sent} == set(Format)


def test_a_volume_that_is_not_set_is_none_and_not_zero() -> None:
    read = product_of(product())
    assert (read.volume, read.volume_from, read.volume_to) == (None, None, None)
    assert product_of(product(volume=0)).volume == 0


async def test_a_poisoned_change_is_set_aside_and_the_stream_goes_on(serve_grpc: Serve, dropped: list[int]) -> None:
    async def handler(request: bytes, context: Any) -> AsyncIterator[bytes]:
        assert pb.WatchChangesRequest.FromString(request).after_cursor == 6
        upsert, delete = pb.CHANGE_OP_UPSERT, pb.CHANGE_OP_DELETE
        yield pb.ChangeEvent(cursor=7, op=upsert, asin=FIRST, version=1, product=product(), head=11).SerializeToString()
        yield pb.ChangeEvent(cursor=8, op=upsert, asin=FIRST, product=product(title="")).SerializeToString()
        yield pb.ChangeEvent(cursor=9, op=upsert, asin=FIRST, product=product(SECOND)).SerializeToString()
        yield pb.ChangeEvent(cursor=10, asin=FIRST, product=product()).SerializeToString()
        yield b"\xff\xff"
        yield pb.ChangeEvent(cursor=11, op=delete, asin=FIRST, version=2, head=11).SerializeToString()

    async with CatalogClient(await serve_grpc(handler), dropped.append) as catalog:
        changes = [change async for change in catalog.changes(6)]
    assert [(change.cursor, change.product is None) for change in changes] == [(7, False), (11, True)]
    assert dropped == [1, 1, 1, 1]
    assert changes[0].emitted_at.tzinfo is not None


async def test_a_stream_that_breaks_is_a_failure(serve_grpc: Serve) -> None:
    async def handler(request: bytes, context: Any) -> AsyncIterator[bytes]:
        await context.abort(grpc.StatusCode.UNAVAILABLE, "no")
        yield b""

    async with CatalogClient(await serve_grpc(handler), print) as catalog:
        with pytest.raises(ServiceFailure) as caught:
            _ = [change async for change in catalog.changes(0)]
    assert caught.value.kind == "unreachable"
