"""T-11: which of several orders a message means, decided without asking anybody."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import OrderItem, OrderReturn, Shipment
from mangaassist.domain.days import DaySpan
from mangaassist.domain.evidence import OrderEvidence
from mangaassist.domain.meaning import ANY_ORDER, OrderSelection
from mangaassist.turn.derived.order_selection import choice, selected
from mangaassist.turn.orders import latest_first, open_returns_first, ranked, returnable_first
from tests.turn.asking import asks, of
from tests.turn.derived.known import NOW, asin, book, order


def bought(number: int, state: str, days_ago: int, title: str = "Monster, Vol. 1", short: str = "V1") -> OrderEvidence:
    item = OrderItem(asin=asin(short), title=title, quantity=1, unit_price=order().total)
    return OrderEvidence(
        order=order(
            state, order_id=f"112-000000{number}-0000001", placed_at=NOW - timedelta(days=days_ago), items=(item,)
        )
    )


OLD, SHIPPED, NEW = bought(1, "delivered", 30), bought(2, "shipped", 5), bought(3, "placed", 0)
ORDERS = [one.order for one in (OLD, SHIPPED, NEW)]


@pytest.mark.parametrize(
    ("act", "expected"), [(Act.TRACK, SHIPPED), (Act.CANCEL_ORDER, NEW), (Act.RETURN, OLD), (Act.ORDER_LIST, NEW)]
)
def test_the_state_that_fits_the_act_comes_first_and_else_the_newest(act: Act, expected: OrderEvidence) -> None:
    assert ranked(ORDERS, asks(act))[0] == expected.order


def test_what_is_named_beats_the_state() -> None:
    pirates = bought(4, "delivered", 90, "One Piece, Vol. 2", "OP2")
    orders = [*ORDERS, pirates.order]
    known = {asin("OP2"): book("OP2", series_id="one-piece", themes=("Pirates",)).product}
    for named in ({"order_items": ("one piece",)}, {"order_items": ("the pirate one",)}, {"targets": of("one-piece")}):
        assert ranked(orders, asks(Act.TRACK, **named), known) == (pirates.order,), named


def test_what_nothing_holds_chooses_nothing() -> None:
    assert len(ranked(ORDERS, asks(Act.TRACK, order_items=("cookbook",)))) == 3


def parcel(owned: OrderEvidence, eta: date) -> OrderEvidence:
    shipment = Shipment(
        order_id=owned.order.order_id, carrier="P", tracking_number="1", tracking_url="", state="in_transit", eta=eta
    )
    return OrderEvidence(order=owned.order, shipments=(shipment,))


def test_of_orders_under_way_the_longest_overdue_is_the_late_one() -> None:
    on_time, late, later = (
        parcel(bought(n, "shipped", n), date(2026, 11, day)) for n, day in ((1, 30), (2, 24), (3, 20))
    )
    assert latest_first([on_time, late, later, NEW], NOW) == (later, late, on_time, NEW)


def returned(owned: OrderEvidence, state: str, eligible: bool) -> OrderEvidence:
    known = OrderReturn(order_id=owned.order.order_id, eligible=eligible, state=state, currency="USD")
    return OrderEvidence(order=owned.order, returns=known)


def test_a_refund_is_asked_of_what_is_on_its_way_back_and_a_return_of_what_can_go_back() -> None:
    fresh, over, sent = returned(OLD, "none", True), returned(SHIPPED, "none", False), returned(NEW, "requested", False)
    assert open_returns_first([fresh, over, sent], NOW)[0] == sent
    assert returnable_first([sent, over, fresh], NOW)[0] == fresh


EVERY = (OLD, SHIPPED, NEW)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("picks", "likely", "expected"),
    [
        (("latest",), "", NEW),
        (("latest",), "delivered", OLD),
        (("oldest",), "", OLD),
        (("placed",), "", NEW),
        (("delivered",), "", OLD),
        (("latest", "shipped"), "", SHIPPED),
    ],
)
def test_age_and_state_choose_the_order(picks: tuple[str, ...], likely: str, expected: OrderEvidence) -> None:
    assert selected(EVERY, OrderSelection(picks), TODAY, likely) == (expected,)


def test_a_day_that_is_remembered_chooses_by_ordering_and_by_delivery() -> None:
    assert selected(EVERY, OrderSelection(days=DaySpan(least=4, most=6)), TODAY) == (SHIPPED,)
    came = structs.replace(OLD, order=structs.replace(OLD.order, delivered_at=NOW - timedelta(days=2)))
    assert selected((came, SHIPPED, NEW), OrderSelection(days=DaySpan(least=2, most=2)), TODAY) == (came,)


def test_what_waits_what_is_split_and_what_went_back_are_kinds() -> None:
    item = structs.replace(NEW.order.items[0], availability="preorder")
    waiting = OrderEvidence(order=structs.replace(NEW.order, items=(item,)))
    split = structs.replace(SHIPPED, shipments=parcel(SHIPPED, TODAY).shipments * 2)
    sent = returned(OLD, "requested", False)
    orders = (waiting, split, sent)
    for pick, expected in (("preorder", waiting), ("parcels", split), ("sent_back", sent)):
        assert selected(orders, OrderSelection((pick,)), TODAY) == (expected,)
        assert selected(EVERY, OrderSelection((pick,)), TODAY) == ()


def test_what_came_of_choosing_is_one_several_or_none() -> None:
    assert choice((), ANY_ORDER) == ""
    assert [choice(found, OrderSelection(("placed",))) for found in ((), (NEW,), (NEW, OLD))] == [
        "none",
        "one",
        "several",
    ]


def test_the_soonest_is_the_one_whose_next_parcel_is_due_first() -> None:
    later = parcel(bought(4, "shipped", 3), date(2026, 11, 29))
    sooner = parcel(bought(5, "shipped", 3), date(2026, 11, 27))
    assert selected((later, NEW, sooner), OrderSelection(("soonest",)), NOW.date()) == (sooner,)


def test_what_is_overdue_is_the_soonest_only_where_nothing_else_is_to_come() -> None:
    late = parcel(bought(4, "shipped", 9), NOW.date() - timedelta(days=2))
    coming = parcel(bought(5, "shipped", 3), NOW.date())
    assert selected((late, coming), OrderSelection(("soonest",)), NOW.date()) == (coming,)
    assert selected((late, NEW), OrderSelection(("soonest",)), NOW.date()) == (late,)
