"""R-11: one of the shopper's own orders, as UCP's order, for who signed in and for nobody else."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from ucp_sdk.models.schemas.shopping.order import Order as UcpOrder

from mangaassist.domain.customers import OrderReturn
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.edge.agents.orders import order_of
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.store_data import DELIVERED, IN_TRANSIT, NOW, PLACED, STORE
from tests.agents.conftest import ISSUER, Shop, calling
from tests.agents.test_catalog_tools import codes

AIKO = "token-of-aiko"


def told(known: OrderEvidence) -> dict[str, Any]:
    return order_of(known, "http://store/orders", [])


async def test_an_order_on_its_way_is_told_with_its_lines_its_parcel_and_when_it_is_expected(shop: Shop) -> None:
    order = await shop.calls("get_order", AIKO, id=IN_TRANSIT.order_id)
    UcpOrder.model_validate(order)
    assert [line["item"]["id"] for line in order["line_items"]] == ["B0BERSERK1", "B0BERSERK2"]
    assert [line["status"] for line in order["line_items"]] == ["fulfilled", "fulfilled"]
    (event,) = order["fulfillment"]["events"]
    assert (event["type"], event["carrier"], event["tracking_number"]) == ("in_transit", "Paperwing", "PW123456789")
    assert order["permalink_url"] == "http://store/orders"
    assert "A parcel by Paperwing is expected on 27 November 2026." in [one["content"] for one in order["messages"]]


async def test_a_delivered_order_says_until_when_it_can_go_back(shop: Shop) -> None:
    order = await shop.calls("get_order", AIKO, id=DELIVERED.order_id)
    assert codes(order) == ["order_state", "return_window"]


def test_totals_add_up_to_what_was_paid() -> None:
    paid = replace(PLACED, shipping_fee=Decimal("3.99"), total=PLACED.total + Decimal("3.99"))
    assert told(OrderEvidence(order=paid))["totals"] == [
        {"type": "subtotal", "amount": 18999},
        {"type": "fulfillment", "amount": 399},
        {"type": "total", "amount": 19398},
    ]


def test_a_placed_order_has_nothing_fulfilled_and_a_cancelled_one_nothing_left() -> None:
    placed, cancelled = told(OrderEvidence(order=PLACED)), told(OrderEvidence(order=replace(PLACED, state="cancelled")))
    assert placed["line_items"][0]["quantity"] == {"original": 1, "total": 1, "fulfilled": 0}
    assert placed["line_items"][0]["status"] == "processing"
    assert cancelled["line_items"][0]["quantity"] == {"original": 1, "total": 0, "fulfilled": 0}
    assert cancelled["line_items"][0]["status"] == "removed"


def test_what_no_parcel_holds_has_not_been_sent() -> None:
    (parcel,) = STORE.shipments
    known = OrderEvidence(order=IN_TRANSIT, shipments=(replace(parcel, asins=("B0BERSERK1",)),))
    order = told(known)
    assert [line["status"] for line in order["line_items"]] == ["fulfilled", "processing"]
    assert order["fulfillment"]["events"][0]["line_items"] == [{"id": "line_1", "quantity": 1}]


def test_a_refund_is_money_that_came_back() -> None:
    refund = OrderReturn(
        order_id=DELIVERED.order_id, eligible=False, state="refunded", refund_amount=Decimal("9.99"), currency="USD",
        refunded_at=NOW - timedelta(days=1),
    )  # fmt: skip
    (adjustment,) = told(OrderEvidence(order=replace(DELIVERED, state="refunded"), returns=refund))["adjustments"]
    assert (adjustment["type"], adjustment["status"]) == ("refund", "completed")
    assert adjustment["totals"] == [{"type": "total", "amount": -999}]


@pytest.mark.parametrize("order_id", [IN_TRANSIT.order_id, "112-9999999-9999999", "../../admin"])
async def test_an_order_of_somebody_else_is_none_and_looks_like_one_that_never_was(shop: Shop, order_id: str) -> None:
    given = await shop.calls("get_order", "token-of-ben", id=order_id)
    assert codes(given) == ["not_found"]
    assert given["messages"][0]["content"] == "There is no such order, or it is somebody else's."


async def test_without_the_orders_service_nothing_is_said_of_the_order(shop: Shop) -> None:
    shop.store.faults["orders"] = Fault("fail")
    assert codes(await shop.calls("get_order", AIKO, id=IN_TRANSIT.order_id)) == ["unavailable"]


async def test_without_the_carriers_the_order_is_told_without_its_parcels_and_says_so(shop: Shop) -> None:
    """S-5."""
    shop.store.faults["shipping"] = Fault("fail")
    order = await shop.calls("get_order", AIKO, id=IN_TRANSIT.order_id)
    assert order["fulfillment"]["events"] == []
    assert "shipping_unavailable" in codes(order)


async def test_a_store_that_does_not_say_where_orders_are_seen_has_none_told(shop: Shop) -> None:
    shop.store.services.facts = replace(STORE.facts, orders_url="")
    assert codes(await shop.calls("get_order", AIKO, id=IN_TRANSIT.order_id)) == ["unavailable"]


async def test_a_guest_is_told_where_to_sign_in_and_the_store_is_not_asked(shop: Shop) -> None:
    got = await shop.posts(calling("get_order", id=IN_TRANSIT.order_id))
    assert got.status_code == 401
    metadata = f"{shop.url}/.well-known/oauth-protected-resource/mcp"
    assert got.headers["www-authenticate"] == f'Bearer realm="{ISSUER}", resource_metadata="{metadata}"'
    assert got.json()["code"] == "unauthenticated"
    assert shop.store.calls == []


async def test_a_wrong_token_is_refused_for_whatever_tool_and_said_to_be_wrong(shop: Shop) -> None:
    got = await shop.posts(calling("search_catalog", catalog={"query": "*"}), authorization="Bearer nonsense")
    assert got.status_code == 401
    assert got.headers["www-authenticate"].endswith('error="invalid_token"')
