"""Faults on demand, over REST and gRPC alike."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import grpc
import pytest
from google.protobuf.message import DecodeError

from mangaproto import catalog_pb2 as pb
from mangastore.faults.board import BROKEN, Fault, FaultBoard
from mangastore.faults.spoils import POISON, SPOILS
from mangastore.server import RunningStore

PUBLIC = {
    "pricing": "/pricing/v1/prices?asin={asin}",
    "inventory": "/inventory/v1/stock?asin={asin}",
    "reviews": "/reviews/v1/ratings?asin={asin}",
    "recommendations": "/recommendations/v1/ranked?seed={asin}",
    "promotions": "/promotions/v1/promotions",
}
PRIVATE = {
    "profile": "/profile/v1/me",
    "orders": "/orders/v1/orders",
    "shipping": "/shipping/v1/shipments",
    "returns": "/returns/v1/returns",
}


async def _put(http: aiohttp.ClientSession, service: str, **fault: Any) -> int:
    async with http.put(f"/admin/faults/{service}", json=fault) as response:
        return response.status


@pytest.mark.parametrize("service", [*PUBLIC, *PRIVATE])
async def test_a_failing_service_answers_503_and_heals(
    http: aiohttp.ClientSession, get, asin: str, service: str
) -> None:
    path = (PUBLIC | PRIVATE)[service].format(asin=asin)
    user = "aiko" if service in PRIVATE else None
    assert await _put(http, service, mode="fail") == 200
    status, body = await get(path, user=user)
    assert (status, body["code"]) == (503, "unavailable")
    async with http.delete(f"/admin/faults/{service}") as response:
        assert (await response.json())["faults"] == {}
    assert (await get(path, user=user))[0] == 200


@pytest.mark.parametrize("service", [*PUBLIC, *PRIVATE])
async def test_a_wrong_service_breaks_its_contract_in_every_way(
    http: aiohttp.ClientSession, get, asin: str, service: str
) -> None:
    path = (PUBLIC | PRIVATE)[service].format(asin=asin)
    user = "aiko" if service in PRIVATE else None
    _, healthy = await get(path, user=user)
    answers = []
    for spoil in SPOILS[service]:
        await _put(http, service, mode="wrong", spoil=spoil)
        status, body = await get(path, user=user)
        assert status == 200
        assert _undated(body) != _undated(healthy), spoil
        answers.append(str(body))
    assert len(set(answers)) == len(SPOILS[service])


def _undated(body: Any) -> Any:
    return [{**row, "as_of": ""} for row in body["prices"]] if "prices" in body else body


async def test_wrong_prices_are_negative_foreign_missing_or_anothers(
    http: aiohttp.ClientSession, get, asin: str
) -> None:
    rows = dict[str, Any]()
    for spoil in SPOILS["pricing"]:
        await _put(http, "pricing", mode="wrong", spoil=spoil)
        rows[spoil] = (await get(PUBLIC["pricing"].format(asin=asin)))[1]["prices"][0]
    assert rows["negative"]["current"] == "-1"
    assert rows["unknown"]["currency"] == "ZZZ"
    assert "current" not in rows["missing"]
    assert rows["stranger"]["asin"] != asin
    assert POISON in str(rows["poisoned"])


async def test_an_answer_that_is_wrong_in_no_way_by_name_is_wrong_in_each_in_turn(
    http: aiohttp.ClientSession, asin: str
) -> None:
    await _put(http, "inventory", mode="wrong")
    answers = set[bytes]()
    for _ in BROKEN:
        async with http.get(PUBLIC["inventory"].format(asin=asin)) as response:
            answers.add((await response.read())[:200])
    assert len(answers) == len(BROKEN)


@pytest.mark.parametrize(("spoil", "size"), [("huge", 10 * 1024 * 1024), ("nested", 100_000)])
async def test_an_answer_may_be_huge_or_deep(http: aiohttp.ClientSession, asin: str, spoil: str, size: int) -> None:
    await _put(http, "pricing", mode="wrong", spoil=spoil)
    async with http.get(PUBLIC["pricing"].format(asin=asin)) as response:
        assert len(await response.read()) > size


@pytest.mark.parametrize("service", [*PUBLIC, *PRIVATE])
async def test_an_answer_is_cut_off_in_its_middle(http: aiohttp.ClientSession, get, asin: str, service: str) -> None:
    await _put(http, service, mode="cut")
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError)):
        await get((PUBLIC | PRIVATE)[service].format(asin=asin), user="aiko" if service in PRIVATE else None)


async def test_a_slow_service_keeps_callers_waiting_and_others_not(http: aiohttp.ClientSession, get, asin: str) -> None:
    await _put(http, "pricing", mode="slow", delay_ms=60_000)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(get(PUBLIC["pricing"].format(asin=asin)), 0.2)
    assert (await get(PUBLIC["inventory"].format(asin=asin)))[0] == 200


async def test_refusals_stay_refusals_while_a_service_is_wrong(http: aiohttp.ClientSession, get) -> None:
    await _put(http, "orders", mode="wrong")
    assert (await get("/orders/v1/orders"))[0] == 401


async def test_pages_are_no_services(http: aiohttp.ClientSession) -> None:
    await _put(http, "orders", mode="fail")
    async with http.get("/orders") as response:
        assert response.status == 200


async def test_the_catalogue_fails_over_grpc(http: aiohttp.ClientSession, catalog: Any, asin: str) -> None:
    await _put(http, "catalog", mode="fail")
    for call in (
        catalog.GetProducts(pb.GetProductsRequest(asins=[asin])),
        catalog.SearchProducts(pb.SearchProductsRequest(text="one piece")),
        catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin])),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("spoil", ["missing", "negative", "unknown", "stranger", "poisoned"])
async def test_the_catalogue_is_wrong_over_grpc_and_heals(
    http: aiohttp.ClientSession, catalog: Any, running: RunningStore, asin: str, spoil: str
) -> None:
    await _put(http, "catalog", mode="wrong", spoil=spoil)
    request = pb.GetProductsRequest(asins=[asin])
    assert (await catalog.GetProducts(request)).products[0] != running.store.catalogue.message(asin)
    await http.delete("/admin/faults")
    assert (await catalog.GetProducts(request)).products[0] == running.store.catalogue.message(asin)


async def test_a_list_of_the_catalogues_holds_what_is_no_asin(
    http: aiohttp.ClientSession, catalog: Any, asin: str
) -> None:
    await _put(http, "catalog", mode="wrong", spoil="unknown")
    assert (await catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin]))).existing == ["NOT-AN-ASIN"]


@pytest.mark.parametrize("fault", [{"mode": "cut"}, *({"mode": "wrong", "spoil": one} for one in ("huge", "nested"))])
async def test_what_nobody_can_read_comes_over_grpc_too(
    http: aiohttp.ClientSession, running: RunningStore, asin: str, fault: dict[str, str]
) -> None:
    await _put(http, "catalog", **fault)
    async with grpc.aio.insecure_channel(running.grpc_address) as channel:
        ask: Any = channel.unary_unary(f"/{pb.DESCRIPTOR.package}.Catalog/GetProducts")
        try:
            raw = await ask(pb.GetProductsRequest(asins=[asin]).SerializeToString())
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # larger than a client takes
        else:
            with pytest.raises(DecodeError):
                pb.GetProductsResponse.FromString(raw)


async def test_the_catalogue_is_slow_over_grpc(http: aiohttp.ClientSession, catalog: Any, asin: str) -> None:
    await _put(http, "catalog", mode="slow", delay_ms=60_000)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await catalog.GetProducts(pb.GetProductsRequest(asins=[asin]), timeout=0.1)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("pricing", {"mode": "sideways"}),
        ("pricing", {}),
        ("pricing", {"mode": "slow", "delay_ms": -1}),
        ("pricing", {"mode": "slow", "delay_ms": 60_001}),
        ("pricing", {"mode": "fail", "rate": 1.5}),
        ("pricing", {"mode": "wrong", "spoil": "rotten"}),
        ("weather", {"mode": "fail"}),
    ],
)
async def test_a_fault_out_of_bounds_is_refused(
    http: aiohttp.ClientSession, service: str, fault: dict[str, Any]
) -> None:
    assert await _put(http, service, **fault) == 400


def test_a_rate_hits_that_share_of_calls() -> None:
    board = FaultBoard()
    board.set("pricing", Fault("fail", rate=0.25))
    hits = [board.strike("pricing") is not None for _ in range(100)]
    assert sum(hits) == 25
    assert hits[:4] == [False, False, False, True]


def test_what_flaps_is_down_as_long_as_it_is_up() -> None:
    now = [0.0]
    board = FaultBoard(lambda: now[0])
    board.set("pricing", Fault("flap", delay_ms=2000))
    hits = list[bool]()
    for second in range(8):
        now[0] = float(second)
        hits.append(board.strike("pricing") is not None)
    assert hits == [True, True, False, False, True, True, False, False]


def test_a_fault_ends_by_itself_when_its_time_is_over() -> None:
    now = [0.0]
    board = FaultBoard(lambda: now[0])
    board.set("pricing", Fault("fail", for_s=60))
    board.set("orders", Fault("fail"))
    now[0] = 59.0
    assert (board.strike("pricing") is not None, board.left_s()) == (True, {"pricing": 1.0})
    now[0] = 60.0
    assert board.strike("pricing") is None
    assert (set(board.all()), board.left_s()) == ({"orders"}, {})


def test_a_fault_that_ended_unheard_is_none_that_is_set() -> None:
    now = [0.0]
    board = FaultBoard(lambda: now[0])
    board.set("pricing", Fault("fail", for_s=1))
    now[0] = 2.0
    assert board.all() == {}


def test_a_rate_of_zero_hits_nothing() -> None:
    board = FaultBoard()
    board.set("pricing", Fault("fail", rate=0))
    assert not any(board.strike("pricing") for _ in range(10))
