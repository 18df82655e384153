"""What customers do with their orders: cancelling, another address, returns; each within the windows of the policies (D-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from msgspec import structs

from mangastore.data.addresses import Address, fault_of, tidied
from mangastore.data.orders import Order, ReturnReason, make_orders
from mangastore.data.products import make_products
from mangastore.data.series import load_series
from mangastore.order_book import OrderBook
from mangastore.order_rules import cancelling, open_reasons, refund_cents, returning
from mangastore.problems import ProblemError
from mangastore.server import RunningStore

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
HOME = {"name": "Aiko Tanaka", "street": "5 New Road", "city": "Dayton", "region": "oh", "postal_code": "45402"}


def _order(**changes: Any) -> Order:
    """A paperback order of two lines; delivered two weeks ago where it is delivered."""
    (found,) = [one for one in _aikos() if one.state == "delivered" and len(one.lines) == 2 and one.delivered_day == -6]
    return structs.replace(found, **changes)


def _aikos() -> list[Order]:
    return make_orders(make_products(load_series()))["cus-aiko"]


def _in_the_state(state: str, availability: str = "in_stock") -> Order:
    lines = [structs.replace(line, availability=availability) for line in _order().lines]
    return _order(state=state, lines=lines, parcels=[], delivered_day=None)


@pytest.mark.parametrize(("minutes", "allowed"), [(0, True), (60, True), (61, False)])
def test_what_is_in_stock_is_cancelled_in_its_first_hour(minutes: int, allowed: bool) -> None:
    permission = cancelling(structs.replace(_in_the_state("placed"), minutes_ago=minutes), NOW)
    assert permission.allowed is allowed
    assert permission.until == (NOW + timedelta(minutes=60 - minutes) if allowed else None)
    assert bool(permission.reason) is not allowed


@pytest.mark.parametrize("availability", ["preorder", "backorder"])
def test_what_waits_is_cancelled_until_it_is_dispatched(availability: str) -> None:
    assert cancelling(_in_the_state("placed", availability), NOW).allowed
    assert not cancelling(_in_the_state("shipped", availability), NOW).allowed


def test_of_a_mixed_order_each_waiting_line_is_cancelled_by_itself_and_the_fee_stays() -> None:
    first, second = (structs.replace(line, unit_cents=2000) for line in _in_the_state("placed").lines)
    ahead = structs.replace(second, availability="preorder")
    mixed = structs.replace(_in_the_state("placed"), lines=[first, ahead], customer_id="cus-guest")
    book = OrderBook({"cus-guest": [mixed]})
    with pytest.raises(ProblemError):
        book.cancel(mixed, [mixed.lines[0].product.asin], NOW)
    left = book.cancel(mixed, [ahead.product.asin], NOW)
    assert [line.product for line in left.lines] == [mixed.lines[0].product]
    assert (left.state, left.shipping_cents) == ("placed", 0)
    assert book.of("cus-guest") == [left]


@pytest.mark.parametrize(
    ("days", "reasons"),
    [
        (13, {"changed_mind", "wrong_item", "damaged", "misprint", "missing_item"}),
        (14, {"changed_mind", "wrong_item", "damaged", "misprint", "missing_item"}),
        (15, {"changed_mind", "wrong_item", "misprint"}),
        (31, {"misprint"}),
        (91, set[str]()),
    ],
)
def test_each_reason_counts_as_long_as_its_policy_says(days: int, reasons: set[str]) -> None:
    assert set(open_reasons(_order(delivered_day=-days), NOW.date())) == reasons
    assert returning(_order(delivered_day=-days), NOW.date()).allowed is (days <= 30)


def test_the_end_of_a_window_is_worded_as_people_write_days() -> None:
    assert returning(_order(delivered_day=-40), NOW.date()).reason == "The return window ended on October 10, 2026."


def test_only_a_change_of_mind_pays_its_label() -> None:
    lines = _order().lines
    whole = sum(line.unit_cents for line in lines)
    paid: dict[ReturnReason, int] = {"changed_mind": whole - 499, "wrong_item": whole, "damaged": whole}
    assert {reason: refund_cents(lines, reason) for reason in paid} == paid
    assert refund_cents([structs.replace(lines[0], unit_cents=300)], "changed_mind") == 0


def test_a_copy_that_is_kept_is_not_waited_for() -> None:
    order = _order()
    first = order.lines[0].product.asin
    for reason, state in (("damaged", "received"), ("changed_mind", "requested")):
        (case,) = OrderBook({"cus-aiko": [order]}).send_back(order, [first], reason, "refund", NOW).returns
        assert (case.state, list(case.lines)) == (state, [0])


def test_a_change_of_mind_is_refunded_and_never_replaced() -> None:
    order = _order()
    with pytest.raises(ProblemError, match="refunded, not replaced"):
        OrderBook({"cus-aiko": [order]}).send_back(
            order, [order.lines[0].product.asin], "changed_mind", "replacement", NOW
        )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"city": "  "}, "Fill in the city."),
        ({"region": "XX"}, "Give the state by its two letters, such as OH."),
        ({"postal_code": "4540"}, "A ZIP code has five digits, such as 43207."),
    ],
)
def test_an_address_to_which_no_parcel_gets_is_told_what_is_wrong(change: dict[str, str], fault: str | None) -> None:
    assert fault_of(tidied(Address(**HOME | change))) == fault


@pytest.fixture
async def aiko(running: RunningStore, http: aiohttp.ClientSession, token: Any) -> Any:
    """Asks as Aiko: (status, body); GET where there is nothing to send."""
    headers = {"Authorization": f"Bearer {await token('aiko')}"}

    async def ask(path: str, body: object = None, method: str = "POST") -> tuple[int, Any]:
        verb = "GET" if body is None else method
        async with http.request(verb, path, json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    return ask


def _first(running: RunningStore, state: str, **fields: object) -> Order:
    found = running.store.orders_of("cus-aiko")
    return next(
        one
        for one in found
        if one.state == state and all(getattr(one, name) == value for name, value in fields.items())
    )


async def test_a_cancelled_order_is_cancelled_wherever_it_is_shown(running: RunningStore, aiko: Any) -> None:
    order = _first(running, "placed", minutes_ago=25)
    path = f"/orders/v1/orders/{order.id}"
    status, before = await aiko(path)
    assert (status, before["cancelling"]["allowed"]) == (200, True)
    status, after = await aiko(f"{path}/cancellation", {})
    assert (status, after["state"], after["payment"]) == (200, "cancelled", "released")
    assert (await aiko(path))[1]["state"] == "cancelled"
    status, problem = await aiko(f"{path}/cancellation", {})
    assert (status, problem["code"], problem["detail"]) == (409, "not_any_more", after["cancelling"]["reason"])


async def test_a_book_that_is_not_in_the_order_changes_nothing(running: RunningStore, aiko: Any) -> None:
    order = _first(running, "placed", minutes_ago=25)
    status, problem = await aiko(f"/orders/v1/orders/{order.id}/cancellation", {"asins": ["B0ZZZZZZZZ"]})
    assert (status, problem["code"]) == (400, "does_not_fit")
    assert running.store.orders_of("cus-aiko").count(order) == 1


async def test_an_address_is_changed_until_the_dispatch_and_within_the_country(
    running: RunningStore, aiko: Any
) -> None:
    order = _first(running, "placed")
    path = f"/orders/v1/orders/{order.id}/address"
    status, changed = await aiko(path, HOME, "PUT")
    assert (status, changed["ship_to"]["region"], changed["ship_to"]["street"]) == (200, "OH", "5 New Road")
    assert (await aiko(path, HOME | {"country": "CA"}, "PUT"))[0] == 400
    shipped = _first(running, "shipped")
    status, problem = await aiko(f"/orders/v1/orders/{shipped.id}/address", HOME, "PUT")
    assert (status, problem["detail"]) == (409, "This order is on its way: a parcel cannot be redirected.")


async def test_a_return_is_begun_once_and_gets_a_label(running: RunningStore, aiko: Any) -> None:
    order = _first(running, "delivered", delivered_day=-6)
    asin, other = (line.product.asin for line in order.lines)
    request = {"order_id": order.id, "asins": [asin], "reason": "changed_mind"}
    status, begun = await aiko("/returns/v1/returns", request)
    (case,) = begun["cases"]
    assert (status, begun["state"], case["asins"]) == (201, "requested", [asin])
    assert (case["label"]["number"], case["label"]["fee"]) == (f"RMA-{order.id}", "4.99")
    assert begun["refund_amount"] == case["refund_amount"] == f"{(order.lines[0].unit_cents - 499) / 100:.2f}"
    status, problem = await aiko("/returns/v1/returns", request | {"asins": [asin, other]})
    assert (status, problem["detail"]) == (409, "One of these books is in a return already.")
    (told,) = (await aiko(f"/returns/v1/returns?order_id={order.id}"))[1]["returns"]
    assert told == begun


async def test_what_remains_of_an_order_may_be_returned_by_itself(running: RunningStore, aiko: Any) -> None:
    order = _first(running, "delivered", delivered_day=-6)
    first, second = (line.product.asin for line in order.lines)
    request = {"order_id": order.id, "asins": [first], "reason": "changed_mind"}
    begun = (await aiko("/returns/v1/returns", request))[1]
    assert (begun["eligible"], begun["open_asins"]) == (True, [second])
    ended = (await aiko("/returns/v1/returns", request | {"asins": [second], "reason": "damaged"}))[1]
    assert (ended["eligible"], ended["reason"]) == (False, "Returns of all its books are already under way.")
    assert (ended["state"], ended["open_asins"], ended["reasons"]) == ("received", [], [])
    assert [(case["number"], case["state"]) for case in ended["cases"]] == [
        (f"RMA-{order.id}", "requested"),
        (f"RMA-{order.id}-2", "received"),
    ]


@pytest.mark.parametrize(
    "path", ["/orders/v1/orders/{}/cancellation", "/orders/v1/orders/{}/address", "/returns/v1/returns"]
)
async def test_nobody_touches_an_order_of_somebody_else(
    running: RunningStore, http: aiohttp.ClientSession, token: Any, path: str
) -> None:
    order = _first(running, "placed", minutes_ago=25)
    bodies = {
        "/returns/v1/returns": {"order_id": order.id, "asins": [order.lines[0].product.asin], "reason": "damaged"},
        "/orders/v1/orders/{}/address": HOME,
    }
    verb = "PUT" if path.endswith("address") else "POST"
    headers = {"Authorization": f"Bearer {await token('ben')}"}
    async with http.request(verb, path.format(order.id), json=bodies.get(path, {}), headers=headers) as response:
        assert response.status == 404
    async with http.request(verb, path.format(order.id), json=bodies.get(path, {})) as response:
        assert response.status == 401
    assert running.store.orders_of("cus-aiko").count(order) == 1
