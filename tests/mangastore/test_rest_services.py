"""The REST services, each as the contract words it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from mangastore.data.prices import cents_of
from mangastore.server import RunningStore
from mangastore.services.inventory import stock_view

MONEY = re.compile(r"^\d+\.\d\d$")
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
BATCHES = ("/pricing/v1/prices", "/inventory/v1/stock", "/reviews/v1/ratings")


async def test_prices(get, running: RunningStore) -> None:
    asins = [product.asin for product in running.store.catalogue][:100]
    status, body = await get("/pricing/v1/prices?" + "&".join(f"asin={asin}" for asin in asins))
    assert status == 200
    assert [price["asin"] for price in body["prices"]] == asins
    for price in body["prices"]:
        assert set(price) == {"asin", "currency", "current", "list", "member", "discounts", "as_of"}
        assert price["currency"] == "USD"
        assert MONEY.match(price["current"])
        assert TIME.match(price["as_of"])
        off = sum(float(one["amount"]) for one in price["discounts"])
        assert (price["list"] is None) == (not price["discounts"])
        if price["list"]:
            assert float(price["current"]) == pytest.approx(float(price["list"]) - off)


async def test_stock(get, running: RunningStore) -> None:
    asins = [product.asin for product in running.store.catalogue][:100]
    _, body = await get("/inventory/v1/stock?" + "&".join(f"asin={asin}" for asin in asins))
    for row in body["stock"]:
        assert set(row) == {"asin", "state", "quantity", "restock_date", "warehouse"}
        if row["restock_date"]:
            assert row["restock_date"] > date.today().isoformat()


async def test_ratings(get, asin: str) -> None:
    _, body = await get(f"/reviews/v1/ratings?asin={asin}")
    (rating,) = body["ratings"]
    assert rating["asin"] == asin
    assert 1 <= rating["mean"] <= 5
    assert len(rating["snippets"]) <= 3


@pytest.mark.parametrize("path", BATCHES)
async def test_unknown_asins_are_left_out_and_doubles_answered_once(get, asin: str, path: str) -> None:
    _, body = await get(f"{path}?asin=B0ZZZZZZZZ&asin={asin}&asin={asin}")
    (rows,) = body.values()
    assert [row["asin"] for row in rows] == [asin]


@pytest.mark.parametrize("path", BATCHES)
async def test_more_than_a_hundred_asins_are_refused(get, asin: str, path: str) -> None:
    status, body = await get(f"{path}?" + "&".join([f"asin={asin}"] * 101))
    assert (status, body["code"], body["fields"][0]["name"]) == (400, "validation", "asin")


@pytest.mark.parametrize("path", BATCHES)
@pytest.mark.parametrize(
    "query", ["asin=bad", "asin=", "", "asin=b0aaaaaaaa", "asin=B0AAAAAAAA%0A", "asin=%00", "asin=%ff"]
)
async def test_what_is_no_asin_is_refused_by_name(get, path: str, query: str) -> None:
    status, body = await get(f"{path}?{query}")
    assert (status, body["code"]) == (400, "validation")
    assert body["fields"][0]["name"] == "asin"


async def test_review_summaries_page_through_every_series(get, running: RunningStore) -> None:
    seen, after = [], ""
    while after is not None:
        _, body = await get(f"/reviews/v1/summaries?limit=2&after={after}")
        seen += [row["series_id"] for row in body["summaries"]]
        after = body["next"]
    assert seen == sorted(running.store.catalogue.series_ids())
    _, body = await get("/reviews/v1/summaries?limit=1&after=vinland")
    assert body["summaries"][0].keys() == {
        "series_id", "series_title", "asin", "summary", "praised", "criticised", "updated_at", "version",
    }  # fmt: skip


async def test_recommendations_follow_the_seed_and_leave_its_series_out(get, running: RunningStore, asin: str) -> None:
    _, body = await get(f"/recommendations/v1/ranked?seed={asin}&limit=3")
    assert len(body["ranked"]) == 3
    scores = [row["score"] for row in body["ranked"]]
    assert scores == sorted(scores, reverse=True)
    series = {running.store.catalogue.find(row["asin"]).series.id for row in body["ranked"]}
    assert "vinland-saga" not in series
    assert "Vinland Saga" in body["ranked"][0]["reason"]


async def test_recommendations_of_a_genre_are_of_that_genre(get, running: RunningStore) -> None:
    _, body = await get("/recommendations/v1/ranked?genre=sports")
    assert body["ranked"]
    assert all("Sports" in running.store.catalogue.find(row["asin"]).series.genres for row in body["ranked"])


async def test_recommendations_for_a_shopper_leave_out_what_was_bought(get, running: RunningStore) -> None:
    status, body = await get("/recommendations/v1/ranked?limit=50", user="aiko")
    series = {running.store.catalogue.find(row["asin"]).series.id for row in body["ranked"]}
    assert status == 200
    assert "vinland-saga" not in series


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "genre=" + "x" * 41, "seed=nope"])
async def test_recommendations_refuse_what_is_out_of_bounds(get, query: str) -> None:
    assert (await get(f"/recommendations/v1/ranked?{query}"))[0] == 400


async def test_profile(get) -> None:
    status, body = await get("/profile/v1/me", user="aiko")
    assert status == 200
    assert body["name"] == "Aiko Tanaka"
    assert body["member"] is True


async def test_orders_of_every_state(get) -> None:
    _, body = await get("/orders/v1/orders?limit=100", user="aiko")
    assert {order["state"] for order in body["orders"]} == {"placed", "shipped", "delivered", "cancelled", "refunded"}
    placed = [order["placed_at"] for order in body["orders"]]
    assert placed == sorted(placed, reverse=True)
    for order in body["orders"]:
        total = sum(float(item["unit_price"]) * item["quantity"] for item in order["items"])
        assert float(order["total"]) == pytest.approx(total)  # members ship free


async def test_who_is_no_member_pays_shipping_on_a_small_order(get) -> None:
    _, body = await get("/orders/v1/orders", user="dana")
    order = body["orders"][0]
    total = sum(float(item["unit_price"]) * item["quantity"] for item in order["items"])
    assert float(order["total"]) == pytest.approx(total + 3.99)


async def test_ben_has_no_orders(get) -> None:
    assert await get("/orders/v1/orders", user="ben") == (200, {"orders": []})
    assert await get("/shipping/v1/shipments", user="ben") == (200, {"shipments": []})
    assert await get("/returns/v1/returns", user="ben") == (200, {"returns": []})


async def test_a_shopper_sees_nobody_elses_orders(get) -> None:
    _, body = await get("/orders/v1/orders", user="aiko")
    number = body["orders"][0]["order_id"]
    assert (await get(f"/orders/v1/orders/{number}", user="aiko"))[0] == 200
    for path in (f"/orders/v1/orders/{number}", f"/shipping/v1/shipments?order_id={number}",
                 f"/returns/v1/returns?order_id={number}"):  # fmt: skip
        status, problem = await get(path, user="ben")
        assert (status, problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/profile/v1/me", "/orders/v1/orders", "/orders/v1/orders/112-0000000-0000000", "/shipping/v1/shipments",
             "/returns/v1/returns"]
)  # fmt: skip
async def test_private_services_ask_for_a_token(http: aiohttp.ClientSession, path: str) -> None:
    for header in (None, "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "x" * 9000):
        async with http.get(path, headers={"Authorization": header} if header else {}) as response:
            assert response.status == 401
            assert response.content_type == "application/problem+json"
            assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_a_bad_token_is_refused_where_a_token_is_optional(http: aiohttp.ClientSession) -> None:
    async with http.get("/recommendations/v1/ranked", headers={"Authorization": "Bearer x"}) as response:
        assert response.status == 401


async def test_shipments_know_carrier_and_arrival(get) -> None:
    _, body = await get("/shipping/v1/shipments", user="aiko")
    states = {row["state"] for row in body["shipments"]}
    assert states == {"in_transit", "out_for_delivery", "delivered"}
    for row in body["shipments"]:
        assert row["tracking_url"].endswith(row["order_id"])
        assert (row["eta"] is None) == (row["state"] == "delivered")
        assert row["last_event_at"][:10] <= date.today().isoformat()


async def test_returns_show_every_case(get) -> None:
    _, body = await get("/returns/v1/returns", user="aiko")
    rows = body["returns"]
    assert {row["state"] for row in rows} == {"none", "requested", "refunded"}
    eligible = [row for row in rows if row["eligible"]]
    assert eligible
    assert all(row["reason"] is None and row["window_ends"] >= date.today().isoformat() for row in eligible)
    assert all(row["reason"] for row in rows if not row["eligible"])
    assert any("ended on" in (row["reason"] or "") for row in rows)
    (refunded,) = [row for row in rows if row["state"] == "refunded"]
    assert MONEY.match(refunded["refund_amount"])
    assert TIME.match(refunded["refunded_at"])


async def test_promotions_run_today_and_match_the_prices(get, running: RunningStore) -> None:
    _, body = await get("/promotions/v1/promotions")
    now = running.store.clock()
    assert len(body["promotions"]) >= 8
    for one in body["promotions"]:
        assert one["starts_at"] <= now.strftime("%Y-%m-%dT%H:%M:%SZ") <= one["ends_at"]
        assert len(one["asins"]) <= 50
    assert any(one["code"] == "INK10" for one in body["promotions"])
    (boxes,) = [one for one in body["promotions"] if one["promotion_id"] == "box-set-weeks"]
    _, prices = await get(f"/pricing/v1/prices?asin={boxes['asins'][0]}")
    assert prices["prices"][0]["list"] is not None


async def test_promotions_of_a_product_cover_it(get, running: RunningStore, asin: str) -> None:
    _, everything = await get("/promotions/v1/promotions")
    _, fitting = await get(f"/promotions/v1/promotions?asin={asin}")
    assert 0 < len(fitting["promotions"]) < len(everything["promotions"])
    covering = {one.offer.id for one in running.store.promotions if asin in one.covered}
    assert {one["promotion_id"] for one in fitting["promotions"]} <= covering


async def test_content_pages_through_every_approved_entry(get, running: RunningStore) -> None:
    seen, after = [], ""
    while after is not None:
        _, body = await get(f"/content/v1/entries?limit=50&after={after}")
        assert all(entry["status"] == "approved" for entry in body["entries"])
        seen += [entry["id"] for entry in body["entries"]]
        after = body["next"]
    assert seen == list(running.store.content.approved())
    assert len(seen) == len(set(seen)) >= 160


async def test_errors_are_problem_documents(http: aiohttp.ClientSession) -> None:
    cases = [
        http.get("/nowhere/at/all"),
        http.post("/pricing/v1/prices"),
        http.get("/reviews/v1/summaries?limit=1000"),
        http.post("/auth/token", data=b"{", headers={"Content-Type": "application/json"}),
        http.post("/auth/token", data=b"\xff\xfe", headers={"Content-Type": "application/json"}),
        http.post("/auth/token", data=b"x" * 70_000, headers={"Content-Type": "application/json"}),
        http.post("/auth/token", data=b"[" * 60_000, headers={"Content-Type": "application/json"}),
    ]
    for request in cases:
        async with request as response:
            body = await response.json(content_type="application/problem+json")
            assert body["status"] == response.status
            assert 400 <= response.status < 500
            assert {"type", "title", "detail", "code"} <= body.keys()


async def test_openapi_describes_the_services_and_docs_need_no_other_server(
    running: RunningStore, http: aiohttp.ClientSession
) -> None:
    async with http.get("/schema/openapi.json") as response:
        document = await response.json(content_type=None)
    assert document["openapi"].startswith("3.1")
    assert {"/pricing/v1/prices", "/orders/v1/orders/{order_id}", "/auth/token"} <= document["paths"].keys()
    async with http.get("/docs") as response:
        text = await response.text()
    others = set(re.findall(r'(?:src|href)="(https?://[^"]+)"', text))
    assert {url for url in others if not url.startswith("http://127.0.0.1:8000/")} == {f"{running.http_url}/docs"}


async def test_healthz(get) -> None:
    assert (await get("/healthz"))[0] == 200


def test_the_windows_hold_on_any_day(some_series) -> None:
    from mangastore.data.orders import make_orders
    from mangastore.data.products import make_products
    from mangastore.services.returns import return_view

    orders = make_orders(make_products(some_series))["cus-aiko"]
    for step in range(0, 400, 3):
        today = date(2026, 1, 1) + timedelta(days=step)
        views = [return_view(order, today) for order in orders if order.state == "delivered"]
        assert any(view.eligible for view in views)
        assert any("ended on" in (view.reason or "") for view in views)


async def _ranked(http: aiohttp.ClientSession, **question: Any) -> tuple[int, list[dict[str, Any]]]:
    async with http.post("/pricing/v1/ranked", json=question) as response:
        return response.status, (await response.json(content_type=None)).get("prices", [])


async def test_the_dearest_and_cheapest_of_the_whole_store_are_told(
    http: aiohttp.ClientSession, running: RunningStore
) -> None:
    every = [running.store.prices.quote(product).current for product in running.store.catalogue]
    _, dearest = await _ranked(http, order="desc", limit=3)
    _, cheapest = await _ranked(http, order="asc", limit=3)
    assert [cents_of(price["current"]) for price in dearest] == sorted(every, reverse=True)[:3]
    assert [cents_of(price["current"]) for price in cheapest] == sorted(every)[:3]


async def test_prices_are_ranked_within_bounds_and_among_the_products_named(
    http: aiohttp.ClientSession, running: RunningStore
) -> None:
    asins = [product.asin for product in running.store.catalogue.shelf("vinland-saga")]
    _, prices = await _ranked(http, asins=[*asins, "B0ZZZZZZZZ"], least="11.00", most="20.00", limit=100)
    assert prices
    assert {price["asin"] for price in prices} <= set(asins)
    assert all(1100 <= cents_of(price["current"]) <= 2000 for price in prices)
    assert await _ranked(http, asins=[]) == (200, [])


async def test_ten_thousand_asins_are_taken_and_one_more_is_not(http: aiohttp.ClientSession, asin: str) -> None:
    assert (await _ranked(http, asins=[asin] * 10_000))[0] == 200
    assert (await _ranked(http, asins=[asin] * 10_001))[0] == 400


@pytest.mark.parametrize(
    "wrong", [{"order": "up"}, {"limit": 0}, {"limit": 101}, {"least": "-1"}, {"most": 5}, {"asins": ["nonsense"]}]
)
async def test_a_ranking_that_does_not_fit_is_refused(http: aiohttp.ClientSession, wrong: dict[str, Any]) -> None:
    assert (await _ranked(http, **wrong))[0] == 400


async def test_products_of_one_state_come_soonest_first(get, running: RunningStore) -> None:
    _, body = await get("/inventory/v1/by-state?state=backorder&limit=100")
    today = running.store.clock().date()
    waiting = {p.asin for p in running.store.catalogue if stock_view(p, today).state == "backorder"}
    assert {row["asin"] for row in body["stock"]} == waiting != set()
    dates = [row["restock_date"] for row in body["stock"]]
    assert dates == sorted(dates)
    _, few = await get("/inventory/v1/by-state?state=in_stock&limit=3")
    assert len(few["stock"]) == 3
    assert (await get("/inventory/v1/by-state?state=plenty"))[0] == 400


async def test_a_promotion_of_named_products_names_those_that_it_covers(get, running: RunningStore) -> None:
    shelf = running.store.catalogue.shelf("haikyu")
    volume = shelf[0].asin
    other = next(product.asin for product in shelf if not product.is_single)
    _, body = await get(f"/promotions/v1/promotions?asin={other}&asin={volume}")
    told = {one["promotion_id"]: one for one in body["promotions"]}
    assert told["sports-season"]["asins"] == [volume]
    assert told["sports-season"]["series_ids"] == ["haikyu"]
    assert set(told["ink10"]["asins"]) == {volume, other}
    assert "long-nights" not in told


async def test_what_a_promotion_asks_for_is_told_as_figures(get) -> None:
    _, body = await get("/promotions/v1/promotions")
    told = {one["promotion_id"]: one for one in body["promotions"]}
    assert (told["ink10"]["minimum_amount"], told["ink10"]["everything"]) == ("30.00", True)
    assert (told["big-read"]["minimum_items"], told["big-read"]["everything"]) == (2, False)
    for one in told.values():  # the figures are those of the words
        if one["minimum_amount"]:
            assert f"${one['minimum_amount'].removesuffix('.00')}" in one["description"] + one["terms"]


async def test_the_facts_of_the_store_are_those_of_its_policy_pages(get, running: RunningStore) -> None:
    status, facts = await get("/content/v1/store-facts")
    pages = running.store.content.approved()

    def said(page: str, *words: object) -> bool:
        return all(str(word).removesuffix(".00") in pages[f"policy-{page}"].body for word in words)

    delivery, support, membership = facts["delivery"], facts["support"], facts["membership"]
    assert status == 200
    assert said("us-shipping", delivery["fee"], delivery["free_from"], delivery["express_fee"])
    assert said("us-shipping", f"{delivery['least_days']} to {delivery['most_days']} business days")
    assert said("us-shipping", f"{delivery['express_days']} business days")
    assert said("order-cancellation", f"{facts['cancel_minutes']} minutes")
    assert said("returns", f"{facts['return_days']} days")
    assert said("inkwell-circle-terms", membership["name"], f"{membership['price']}"[:2], f"a {membership['period']}")
    assert said("customer-support", support["phone"], support["email"], "Monday to Saturday, 8am to 8pm Eastern")
    assert {row["name"]: row["least_age"] for row in facts["age_ratings"]} == {
        "All Ages": 0, "Teen": 13, "Older Teen": 16, "Mature": 18,
    }  # fmt: skip
    assert said("payment", *(method.removeprefix("Inkwell ") for method in facts["payment_methods"]))
    assert said("payment", *(method for method in facts["not_accepted"] if method != "checks"))
    assert len(facts["ships_to"]) == 11
    for name in ("sign_in_url", "cart_url", "orders_url", "returns_url", "page_url", "product_url"):
        assert facts[name].startswith(running.http_url)


async def test_the_addresses_of_the_facts_lead_to_pages_that_are_there(get, running: RunningStore, asin: str) -> None:
    """K-6: a page of help by its id, a product by its ASIN; an id that no page has leads nowhere."""
    _, facts = await get("/content/v1/store-facts")
    page = next(iter(running.store.content.approved()))
    addresses = {
        facts["page_url"].replace("{id}", page): 200,
        facts["product_url"].replace("{asin}", asin): 200,
        facts["page_url"].replace("{id}", "no-such-page"): 404,
    }
    async with aiohttp.ClientSession() as http:
        for address, status in addresses.items():
            async with http.get(address) as answer:
                assert answer.status == status
