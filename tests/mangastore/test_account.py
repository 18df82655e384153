"""The account: settings, cards, alerts, wish lists, and what belongs to whom (D-1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from mangastore.account_book import MOST_ALERTS
from mangastore.data.orders import make_orders
from mangastore.data.products import make_products
from mangastore.data.series import Series
from mangastore.problems import ProblemError
from mangastore.server import RunningStore
from mangastore.services.orders import next_volume
from mangastore.wish_lists import MOST_ITEMS, MOST_LISTS, WishLists

Ask = Callable[..., Any]
LISTS = "/wishes/v1/lists"


@pytest.fixture
async def ask(http: aiohttp.ClientSession, token: Any) -> Ask:
    """Asks as somebody, or as a guest where nobody is named: (status, body)."""

    async def asked(who: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {await token(who)}"} if who else {}
        async with http.request(method, path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return asked


async def test_a_setting_is_kept_and_the_others_stay(ask: Ask) -> None:
    before = (await ask("aiko", "GET", "/account/v1/me"))[1]
    status, after = await ask("aiko", "PATCH", "/account/v1/me", {"newsletter": False, "email": "new@mail.example"})
    assert (status, after) == (200, before | {"newsletter": False, "email": "new@mail.example"})
    assert (await ask("aiko", "GET", "/account/v1/me"))[1] == after
    assert (await ask("ben", "GET", "/account/v1/me"))[1]["newsletter"] is True


@pytest.mark.parametrize(
    "email", ["", "aiko", "a@b", "a b@mail.example", "a\n@mail.example", f"{'a' * 200}@mail.example"]
)
async def test_what_is_no_address_is_not_kept(ask: Ask, email: str) -> None:
    status, problem = await ask("aiko", "PATCH", "/account/v1/me", {"email": email})
    assert (status, problem["detail"]) == (400, "This is no email address.")


async def test_a_card_is_forgotten(ask: Ask) -> None:
    first, second = (await ask("aiko", "GET", "/account/v1/me"))[1]["cards"]
    assert (await ask("aiko", "DELETE", f"/account/v1/cards/{first['id']}"))[1]["cards"] == [second]
    assert (await ask("aiko", "DELETE", f"/account/v1/cards/{first['id']}"))[0] == 404


async def test_an_alert_is_set_once_and_taken_off(ask: Ask, asin: str) -> None:
    path = f"/account/v1/alerts/{asin}"
    for _ in range(2):
        assert (await ask("aiko", "PUT", path))[1]["alerts"] == [asin]
    assert (await ask("aiko", "DELETE", path))[1]["alerts"] == []
    assert (await ask("aiko", "PUT", "/account/v1/alerts/B0ZZZZZZZZ"))[0] == 404


async def test_there_are_as_many_alerts_as_the_page_says(running: RunningStore, ask: Ask) -> None:
    asins = [one.asin for one in running.store.catalogue][: MOST_ALERTS + 1]
    answers = [(await ask("aiko", "PUT", f"/account/v1/alerts/{asin}"))[0] for asin in asins]
    assert answers == [200] * MOST_ALERTS + [409]


async def test_the_data_is_all_that_is_kept_and_nobody_elses(running: RunningStore, ask: Ask, asin: str) -> None:
    await ask("aiko", "PUT", f"{LISTS}/first/items/{asin}")
    told = (await ask("aiko", "GET", "/account/v1/data"))[1]
    assert told["profile"]["name"] == "Aiko Tanaka"
    assert {one["order_id"] for one in told["orders"]} == {one.id for one in running.store.orders_of("cus-aiko")}
    assert len(told["returns"]) == len(told["orders"])
    assert told["wish_lists"][0]["asins"] == [asin]


@pytest.mark.parametrize(("who", "told"), [("aiko", "Open orders"), ("ben", "Everybody who tries this demo")])
async def test_an_account_of_the_demo_stays_and_why_is_said(ask: Ask, who: str, told: str) -> None:
    status, problem = await ask(who, "POST", "/account/v1/deletion")
    assert status == 409
    assert problem["detail"].startswith(told)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account/v1/me"),
        ("PATCH", "/account/v1/me"),
        ("DELETE", "/account/v1/cards/card-1"),
        ("PUT", "/account/v1/alerts/{asin}"),
        ("DELETE", "/account/v1/alerts/{asin}"),
        ("GET", "/account/v1/data"),
        ("POST", "/account/v1/deletion"),
        ("GET", LISTS),
        ("POST", LISTS),
        ("DELETE", f"{LISTS}/first"),
        ("PUT", f"{LISTS}/first/items/{{asin}}"),
        ("DELETE", f"{LISTS}/first/items/{{asin}}"),
        ("PUT", f"{LISTS}/first/share"),
        ("DELETE", f"{LISTS}/first/share"),
    ],
)
async def test_a_guest_has_no_account(ask: Ask, asin: str, method: str, path: str) -> None:
    body = {"name": "Mine"} if method == "POST" else {} if method == "PATCH" else None
    assert (await ask("", method, path.format(asin=asin), body))[0] == 401


async def test_a_title_is_on_a_list_once_and_others_have_lists_of_their_own(ask: Ask, asin: str) -> None:
    for _ in range(2):
        assert (await ask("aiko", "PUT", f"{LISTS}/first/items/{asin}"))[1]["asins"] == [asin]
    assert (await ask("ben", "GET", LISTS))[1]["lists"][0]["asins"] == []
    assert (await ask("aiko", "PUT", f"{LISTS}/first/items/B0ZZZZZZZZ"))[0] == 404
    assert (await ask("aiko", "DELETE", f"{LISTS}/first/items/{asin}"))[1]["asins"] == []


async def test_a_list_of_somebody_else_is_none(ask: Ask, asin: str) -> None:
    made = (await ask("aiko", "POST", LISTS, {"name": "Birthday"}))[1]["id"]
    for method, path in (("PUT", f"/items/{asin}"), ("DELETE", f"/items/{asin}"), ("PUT", "/share"), ("DELETE", "")):
        assert (await ask("ben", method, f"{LISTS}/{made}{path}"))[0] == 404


async def test_a_shared_list_shows_titles_alone_until_the_link_is_withdrawn(ask: Ask, asin: str) -> None:
    await ask("aiko", "PUT", f"{LISTS}/first/items/{asin}")
    link = (await ask("aiko", "PUT", f"{LISTS}/first/share"))[1]["shared"]
    assert await ask("", "GET", f"/wishes/v1/shared/{link}") == (200, {"asins": [asin]})
    assert (await ask("aiko", "DELETE", f"{LISTS}/first/share"))[1]["shared"] is None
    assert (await ask("", "GET", f"/wishes/v1/shared/{link}"))[0] == 404
    assert (await ask("aiko", "PUT", f"{LISTS}/first/share"))[1]["shared"] != link


def test_lists_and_what_they_hold_have_the_bounds_that_the_page_says() -> None:
    lists = WishLists()
    for n in range(MOST_LISTS - 1):
        lists.begin("cus-aiko", f"List {n}")
    with pytest.raises(ProblemError, match="up to 20 wish lists"):
        lists.begin("cus-aiko", "One more")
    for n in range(MOST_ITEMS):
        lists.add("cus-aiko", "first", f"B0{n:08}")
    with pytest.raises(ProblemError, match="up to 200 titles"):
        lists.add("cus-aiko", "first", "B0ZZZZZZZZ")
    assert len(lists.add("cus-aiko", "first", "B000000000").asins) == MOST_ITEMS


def test_who_deletes_the_last_list_has_an_empty_one() -> None:
    lists = WishLists()
    lists.add("cus-aiko", "first", "B000000000")
    lists.drop("cus-aiko", "first")
    assert [one.asins for one in lists.of("cus-aiko")] == [()]


def test_a_series_goes_on_with_the_first_volume_that_is_missing(some_series: list[Series]) -> None:
    products = make_products(some_series)
    volumes = [one for one in products if one.series.id == "vinland-saga" and one.is_single]
    orders = [one for one in make_orders(products)["cus-aiko"] if "Vinland" in one.lines[0].product.title]
    bought = {line.product.volume for one in orders for line in one.lines}
    found = next_volume(volumes[0], lambda _: volumes, orders)
    assert found is not None
    assert found.volume == min({one.volume for one in volumes} - bought)


@pytest.mark.parametrize(("code", "status"), [("inkwell-demo-25", 200), ("INKW", 404)])
async def test_a_gift_card_tells_what_is_left(ask: Ask, code: str, status: int) -> None:
    answer = await ask("", "POST", "/gift-cards/v1/balance", {"code": code})
    assert answer[0] == status
    if status == 200:
        assert answer[1] == {"balance": "25.00", "currency": "USD"}
