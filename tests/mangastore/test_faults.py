"""Faults on demand, over REST and gRPC alike."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import grpc
import pytest

from mangaproto import catalog_pb2 as pb
from mangastore.faults.board import Fault, FaultBoard
from mangastore.faults.spoils import SPOILS
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
    await _put(http, service, mode="wrong")
    answers = []
    for _ in range(2 * len(SPOILS[service])):  # type: ignore[index]
        status, body = await get(path, user=user)
        assert status == 200
        if service != "pricing":
            assert body != healthy
        answers.append(body)
    assert len({str(answer) for answer in answers}) >= 2


async def test_wrong_prices_are_negative_foreign_missing_or_no_text(
    http: aiohttp.ClientSession, get, asin: str
) -> None:
    await _put(http, "pricing", mode="wrong")
    rows = [(await get(PUBLIC["pricing"].format(asin=asin)))[1]["prices"][0] for _ in range(4)]
    assert any(row.get("current") == "-1" for row in rows)
    assert any(row.get("currency") == "ZZZ" for row in rows)
    assert any("current" not in row for row in rows)
    assert any(isinstance(row.get("current"), float) for row in rows)


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


async def test_the_catalogue_is_wrong_over_grpc_and_heals(
    http: aiohttp.ClientSession, catalog: Any, running: RunningStore, asin: str
) -> None:
    await _put(http, "catalog", mode="wrong")
    request = pb.GetProductsRequest(asins=[asin])
    for _ in range(4):
        product = (await catalog.GetProducts(request)).products[0]
        assert product != running.store.catalogue.message(asin)
    assert "NOT-AN-ASIN" in (await catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin]))).existing
    await http.delete("/admin/faults")
    assert (await catalog.GetProducts(request)).products[0] == running.store.catalogue.message(asin)


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


def test_a_rate_of_zero_hits_nothing() -> None:
    board = FaultBoard()
    board.set("pricing", Fault("fail", rate=0))
    assert not any(board.strike("pricing") for _ in range(10))
