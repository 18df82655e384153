"""T-11: what several of the shopper's orders are together, worked out once."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from mangaassist.domain.customers import OrderItem
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.turn.derived.tallies import tallied
from tests.turn.derived.known import NOW, asin, order


def owned(number: int, state: str, price: int, copies: int = 1, **more: Any) -> OrderEvidence:
    item = OrderItem(
        asin=asin(f"V{number}"), title=f"Monster, Vol. {number}", quantity=copies, unit_price=Decimal(price)
    )
    given = {"order_id": f"112-000000{number}-0000001", "total": Decimal(price * copies), "items": (item,)}
    return OrderEvidence(order=order(state, **given | more))


def test_orders_are_counted_by_where_they_stand() -> None:
    found = tallied([owned(1, "shipped", 9), owned(2, "shipped", 9), owned(3, "placed", 9)])
    assert found is not None
    assert (found.orders, found.by_state) == (3, {"shipped": 2, "placed": 1})


def test_what_was_cancelled_or_refunded_is_counted_as_an_order_and_not_as_a_purchase() -> None:
    found = tallied([owned(1, "delivered", 9, copies=2), owned(2, "cancelled", 90), owned(3, "refunded", 80)])
    assert found is not None
    assert (found.books, found.amount, found.left_out) == (2, Decimal(18), 2)
    assert found.dearest is not None
    assert found.dearest.title == "Monster, Vol. 1"


def test_the_dearest_book_and_the_biggest_order_need_not_be_the_same() -> None:
    found = tallied([owned(1, "delivered", 30), owned(2, "delivered", 9, copies=5)])
    assert found is not None
    assert found.dearest is not None
    assert found.biggest is not None
    assert (found.dearest.amount, found.biggest.amount) == (Decimal(30), Decimal(45))
    assert found.dearest.order_id != found.biggest.order_id


def test_two_currencies_are_not_added_up() -> None:
    found = tallied([owned(1, "delivered", 30), owned(2, "delivered", 9, currency="EUR")])
    assert found is not None
    assert (found.amount, found.dearest, found.biggest) == (None, None, None)


def test_the_oldest_order_says_since_when() -> None:
    found = tallied([owned(1, "delivered", 9), owned(2, "delivered", 9, placed_at=NOW - timedelta(days=40))])
    assert found is not None
    assert found.since == NOW - timedelta(days=40)


def test_without_orders_there_is_nothing_to_tell() -> None:
    assert tallied([]) is None
