"""T-11: cancelling, changing, lateness and returns, each by the order's own state."""

from datetime import date, timedelta
from typing import Any

import pytest

from mangaassist.domain.customers import OrderReturn, Shipment
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.store_facts import NO_FACTS, StoreFacts
from mangaassist.turn.derived.orders import spent, verdict
from tests.turn.derived.known import NOW, order

FACTS = StoreFacts(cancel_minutes=60, return_days=30)
ID = "112-0000001-0000001"


def parcel(eta: date | None, state: str = "in_transit") -> Shipment:
    return Shipment(order_id=ID, carrier="P", tracking_number="1", tracking_url="", state=state, eta=eta)


def back(**more: Any) -> OrderReturn:
    return OrderReturn(**{"order_id": ID, "eligible": True, "state": "none", "currency": "USD"} | more)


@pytest.mark.parametrize(("minutes", "can"), [(0, "yes"), (60, "yes"), (61, "no")])
def test_a_placed_order_can_be_cancelled_for_as_long_as_the_store_says(minutes: int, can: str) -> None:
    placed = NOW - timedelta(minutes=minutes)
    found = verdict(OrderEvidence(order=order("placed", placed_at=placed)), FACTS, NOW)
    assert (found.can_cancel, found.cancel_until) == (can, placed + timedelta(minutes=60))


@pytest.mark.parametrize("state", ["shipped", "delivered", "cancelled", "refunded"])
def test_what_has_left_can_neither_be_cancelled_nor_sent_elsewhere(state: str) -> None:
    found = verdict(OrderEvidence(order=order(state)), FACTS, NOW)
    assert (found.can_cancel, found.cancel_until, found.can_change_address) == ("no", None, "no")


def test_until_it_leaves_an_order_may_go_elsewhere_though_it_can_no_longer_be_cancelled() -> None:
    placed = NOW - timedelta(days=1)
    found = verdict(OrderEvidence(order=order("placed", placed_at=placed)), FACTS, NOW)
    assert (found.can_cancel, found.can_change_address) == ("no", "yes")


def test_a_store_that_does_not_say_how_long_leaves_it_open() -> None:
    assert verdict(OrderEvidence(order=order("placed")), NO_FACTS, NOW).can_cancel == "unknown"


@pytest.mark.parametrize(("day", "late"), [(23, 2), (25, 0), (27, -2)])
def test_lateness_counts_from_the_expected_day(day: int, late: int) -> None:
    owned = OrderEvidence(order=order("shipped"), shipments=(parcel(date(2026, 11, day)),))
    found = verdict(owned, FACTS, NOW)
    assert (found.expected, found.days_late) == (date(2026, 11, day), late)


def test_of_several_parcels_the_last_one_under_way_counts() -> None:
    parcels = (
        parcel(date(2026, 11, 20), "delivered"),
        parcel(date(2026, 11, 26)),
        parcel(date(2026, 11, 28)),
        parcel(None),
    )
    assert verdict(OrderEvidence(order=order("shipped"), shipments=parcels), FACTS, NOW).days_late == -3


def test_what_has_arrived_is_not_late() -> None:
    owned = OrderEvidence(order=order("delivered", delivered_at=NOW), shipments=(parcel(date(2026, 11, 20)),))
    assert verdict(owned, FACTS, NOW).days_late is None


def test_the_returns_service_decides_and_gives_the_reason() -> None:
    refused = back(eligible=False, reason="Final sale", window_ends=date(2026, 12, 1))
    found = verdict(OrderEvidence(order=order("delivered", delivered_at=NOW), returns=refused), FACTS, NOW)
    assert (found.can_return, found.why, found.return_until, found.days_left) == (
        "no",
        "Final sale",
        date(2026, 12, 1),
        6,
    )
    allowed = OrderEvidence(order=order("delivered", delivered_at=NOW), returns=back())
    assert verdict(allowed, FACTS, NOW).can_return == "yes"


def test_without_the_returns_service_the_rule_says_until_when_and_only_what_is_over_is_sure() -> None:
    fresh = verdict(OrderEvidence(order=order("delivered", delivered_at=NOW - timedelta(days=10))), FACTS, NOW)
    assert (fresh.can_return, fresh.days_left) == ("unknown", 20)
    old = verdict(OrderEvidence(order=order("delivered", delivered_at=NOW - timedelta(days=31))), FACTS, NOW)
    assert (old.can_return, old.days_left) == ("no", -1)
    assert verdict(OrderEvidence(order=order("shipped")), FACTS, NOW).can_return == "no"


def test_what_was_spent_is_what_was_not_given_back() -> None:
    kept, gone = OrderEvidence(order=order("delivered")), OrderEvidence(order=order("refunded"))
    found = spent([kept, kept, gone])
    assert found is not None
    assert (found.amount, found.orders, found.left_out) == (2 * kept.order.total, 2, 1)
    assert spent([gone]) is None
