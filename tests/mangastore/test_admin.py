"""Edits to products, and who may make them."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from mangaproto import catalog_pb2 as pb
from mangastore.catalog.filters import Query
from mangastore.server import RunningStore


async def _patch(http: aiohttp.ClientSession, asin: str, **edit: Any) -> tuple[int, Any]:
    async with http.patch(f"/admin/products/{asin}", json=edit) as response:
        return response.status, await response.json(content_type=None)


async def test_a_price_set_by_hand_is_the_price_at_once(http: aiohttp.ClientSession, get, asin: str) -> None:
    assert (await _patch(http, asin, price="4.5"))[0] == 200
    _, body = await get(f"/pricing/v1/prices?asin={asin}")
    price = body["prices"][0]
    assert (price["current"], price["list"], price["discounts"], price["member"]) == ("4.50", None, [], "4.05")


async def test_new_words_are_served_and_found(
    http: aiohttp.ClientSession, running: RunningStore, catalog: Any, asin: str
) -> None:
    await _patch(http, asin, title="Zanzibar Special", description="With a quokka on the cover.")
    answer = await catalog.GetProducts(pb.GetProductsRequest(asins=[asin]))
    assert answer.products[0].title == "Zanzibar Special"
    assert running.store.catalogue.search(Query(text="zanzibar"))[0].asin == asin
    assert running.store.catalogue.search(Query(text="quokka"))[0].asin == asin


async def test_a_product_taken_off_is_gone_everywhere_and_can_come_back(
    http: aiohttp.ClientSession, running: RunningStore, catalog: Any, get, asin: str
) -> None:
    status, body = await _patch(http, asin, deleted=True)
    assert (status, body["deleted"]) == (200, True)
    assert (await get(f"/pricing/v1/prices?asin={asin}"))[1] == {"prices": []}
    assert not (await catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin]))).existing
    found = running.store.catalogue.search(Query(text="vinland saga"))
    assert asin not in {product.asin for product in found}
    for path in (f"/covers/{asin}.svg", f"/p/{asin}"):
        async with http.get(path) as response:
            assert response.status == 404
    assert (await _patch(http, asin, title="x"))[0] == 404
    assert (await _patch(http, asin, deleted=False))[0] == 200
    assert (await catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin]))).existing == [asin]


@pytest.mark.parametrize(
    "edit",
    [{"price": "-1"}, {"price": "free"}, {"price": 5}, {"title": ""}, {"title": "x" * 301}, {"description": "x" * 5001},
     {"colour": "red"}, {"deleted": "yes"}],
)  # fmt: skip
async def test_a_bad_edit_is_refused(http: aiohttp.ClientSession, asin: str, edit: dict[str, Any]) -> None:
    assert (await _patch(http, asin, **edit))[0] == 400


async def test_an_unknown_product_cannot_be_edited(http: aiohttp.ClientSession) -> None:
    assert (await _patch(http, "B0ZZZZZZZZ", title="x"))[0] == 404
    assert (await _patch(http, "nonsense", title="x"))[0] == 400


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.0.0.1"}, {"Host": "evil.example"}])
async def test_administration_works_from_this_machine_only(
    http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.get("/admin/faults", headers=headers) as response:
        body = await response.json(content_type=None)
    assert (response.status, body["code"]) == (403, "loopback_only")
