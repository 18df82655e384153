"""Order tracking: the verdict for the order that is meant comes first, by its state and what follows from it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.days import NamedDay
from mangaassist.domain.derived import Bought, OrderVerdict
from mangaassist.domain.dialogue import Target
from mangaassist.domain.evidence import Degradation, Evidence
from tests.writing.at_the_counter import (
    NOW,
    TODAY,
    WRITER,
    asked,
    every_way,
    order,
    page,
    parcel,
    said,
    with_orders,
)

SHIPPED = order(1, "shipped", "Vinland Saga, Vol. 3", "Monster, Vol. 2", parcel=parcel(1, TODAY + timedelta(days=1)))
LATE = order(1, "shipped", "Vinland Saga, Vol. 3", parcel=parcel(1, TODAY - timedelta(days=2)))
PLACED = order(2, "placed", "Witch Hat Atelier, Vol. 1", days_ago=1)
DELIVERED = order(3, "delivered", "Kingdom, Vol. 1", "Vagabond, Vol. 1", days_ago=4)


def verdict(owned: object, **fields: object) -> OrderVerdict:
    return OrderVerdict(order_id=owned.order.order_id, **fields)


ON_TIME = verdict(SHIPPED, can_cancel="no", can_change_address="no", expected=TODAY + timedelta(days=1), days_late=-1)
OVERDUE = verdict(LATE, can_cancel="no", can_change_address="no", expected=TODAY - timedelta(days=2), days_late=2)
PAST_CANCELLING = verdict(PLACED, can_cancel="no", can_change_address="yes")
EVERYTHING = with_orders(SHIPPED, PLACED, DELIVERED, verdicts=(ON_TIME, PAST_CANCELLING))


def test_an_order_under_way_is_told_with_carrier_day_last_event_and_number() -> None:
    text = said(asked(Act.TRACK, evidence=EVERYTHING))
    for part in (SHIPPED.order.order_id, "FedEx", "Friday, November 27", "Louisville", "437912121"):
        assert part in text


def test_an_order_that_has_not_shipped_names_no_day_of_arrival() -> None:
    text = said(asked(Act.TRACK, evidence=with_orders(PLACED)))
    assert "expected" not in text
    assert "November 25" in text


@pytest.mark.parametrize("act", [Act.TRACK, Act.ARRIVAL])
def test_another_order_that_may_be_meant_is_named_in_a_line(act: Act) -> None:
    text = said(asked(act, evidence=EVERYTHING))
    assert PLACED.order.order_id in text.splitlines()[-1]
    assert DELIVERED.order.order_id not in text


def test_the_day_is_the_first_thing_said_of_when_it_comes() -> None:
    for text in every_way(asked(Act.ARRIVAL, evidence=EVERYTHING)):
        assert "tomorrow (Friday, November 27)" in text[:55]


def test_of_two_parcels_the_late_one_is_meant() -> None:
    on_time = order(7, "shipped", "Blame!, Vol. 1", parcel=parcel(7, TODAY + timedelta(days=3)))
    calm = verdict(on_time, expected=TODAY + timedelta(days=3), days_late=-3)
    text = said(asked(Act.TRACK, evidence=with_orders(on_time, LATE, verdicts=[calm, OVERDUE])))
    assert LATE.order.order_id in text.splitlines()[0]
    assert on_time.order.order_id in text.splitlines()[-1]


def test_a_parcel_that_is_due_today_is_not_called_late() -> None:
    due = order(1, "shipped", "Vinland Saga, Vol. 3", parcel=parcel(1, TODAY))
    on_its_day = verdict(due, expected=TODAY, days_late=0)
    for text in every_way(asked(Act.LATE, evidence=with_orders(due, verdicts=[on_its_day]))):
        assert text.startswith("No")
        assert "today" in text


def test_a_late_parcel_is_admitted_with_how_late_it_is_and_where_it_was_seen() -> None:
    task = asked(Act.LATE, about="isnt it late", evidence=with_orders(LATE, verdicts=[OVERDUE]))
    for text in every_way(task):
        assert text.startswith("Yes")
        assert "two days" in text
        assert "Tuesday, November 24" in text
        assert "Louisville" in text


@pytest.mark.parametrize("act", [Act.TRACK, Act.ARRIVAL])
def test_who_asks_where_a_late_parcel_is_hears_that_it_is_late_without_a_yes(act: Act) -> None:
    for text in every_way(asked(act, evidence=with_orders(LATE, verdicts=[OVERDUE]))):
        assert "two days late" in text
        assert not text.startswith("Yes")


def test_delivered_but_not_there_is_about_the_order_that_was_delivered() -> None:
    evidence = replace(EVERYTHING, chunks=(page("delivered-not-received"),))
    text = said(asked(Act.NOT_RECEIVED, about="says delivered but nothing here", evidence=evidence))
    assert DELIVERED.order.order_id in text.splitlines()[0]
    assert "Wait 2 business days" in text
    assert "**Talk to a person**" in text


def test_not_received_of_a_parcel_under_way_says_that_it_is_not_delivered_yet() -> None:
    task = asked(Act.NOT_RECEIVED, orders=(SHIPPED.order.order_id,), evidence=EVERYTHING)
    text = said(task)
    assert "deliver" in text.splitlines()[0]
    assert "Friday, November 27" in text


def test_an_order_can_be_cancelled_until_an_hour_by_the_store_s_clock() -> None:
    can = verdict(PLACED, can_cancel="yes", cancel_until=NOW + timedelta(minutes=20))
    for text in every_way(asked(Act.CANCEL_ORDER, evidence=with_orders(SHIPPED, PLACED, verdicts=[can]))):
        assert text.startswith("Yes")
        assert "1:20pm Eastern" in text


def test_an_order_past_cancelling_is_refused_with_the_reason_and_what_can_be_done_instead() -> None:
    for text in every_way(asked(Act.CANCEL_ORDER, evidence=EVERYTHING)):
        assert text.startswith(("No", "I'm afraid not"))
        assert "60 minutes" in text
        assert "30 days" in text


def test_a_shipped_order_is_not_cancelled_because_it_has_shipped() -> None:
    text = said(asked(Act.CANCEL_ORDER, orders=(SHIPPED.order.order_id,), evidence=EVERYTHING))
    assert "already shipped" in text


def test_the_reason_against_returning_an_order_is_none_against_cancelling_it() -> None:
    closed = verdict(PLACED, can_cancel="no", why="Only delivered orders can be returned.")
    assert "delivered orders" not in said(asked(Act.CANCEL_ORDER, evidence=with_orders(PLACED, verdicts=[closed])))


def test_the_address_of_a_shipped_order_cannot_be_changed() -> None:
    text = said(asked(Act.CHANGE_ORDER, orders=(SHIPPED.order.order_id,), evidence=EVERYTHING, is_follow_up=True))
    assert text.startswith(("No", "I'm afraid"))
    assert SHIPPED.order.order_id in text


def test_the_order_that_can_still_be_changed_is_the_one_that_is_meant() -> None:
    text = said(asked(Act.CHANGE_ORDER, evidence=EVERYTHING))
    assert PLACED.order.order_id in text
    assert "Yes" in text or "yes" in text


def test_what_else_shall_be_changed_is_answered_by_the_page_before_the_address() -> None:
    evidence = replace(EVERYTHING, chunks=(page("change-order-items"),))
    text = said(asked(Act.CHANGE_ORDER, about="can i add or remove a book", evidence=evidence))
    assert text.startswith("We cannot change the items")
    assert "address" in text


def test_an_order_that_waits_is_told_how_long_shipping_takes() -> None:
    assert "3 to 5 business days" in said(asked(Act.LATE, evidence=with_orders(PLACED)))


def test_what_an_order_holds_is_listed() -> None:
    text = said(asked(Act.ORDER_CONTENTS, orders=(DELIVERED.order.order_id,), evidence=EVERYTHING))
    assert "**Kingdom, Vol. 1** and **Vagabond, Vol. 1**" in text


def test_all_orders_are_listed_newest_first() -> None:
    lines = [line for line in said(asked(Act.ORDER_LIST, evidence=EVERYTHING)).splitlines() if line.startswith("- ")]
    assert [line[2:21] for line in lines] == [owned.order.order_id for owned in (PLACED, SHIPPED, DELIVERED)]


def test_an_order_is_found_by_what_it_holds_and_called_by_it() -> None:
    text = said(asked(Act.ARRIVAL, order_items=("vagabond",), evidence=EVERYTHING))
    assert f"{DELIVERED.order.order_id} (**Vagabond, Vol. 1** and 1 more item)" in text


def test_a_title_that_no_order_holds_is_said_to_be_missing_and_no_other_is_taken_for_it() -> None:
    target = Target(series_id="one-piece", title="One Piece")
    text = said(asked(Act.TRACK, order_items=("one-piece",), targets=(target,), evidence=EVERYTHING))
    assert text.startswith("I don't see **One Piece**")
    assert "FedEx" not in text


def test_a_title_that_is_missing_is_not_answered_with_the_order_talked_of_before() -> None:
    target = Target(series_id="one-piece", title="One Piece")
    task = asked(
        Act.TRACK,
        orders=(SHIPPED.order.order_id,),
        order_items=("one-piece",),
        targets=(target,),
        is_follow_up=True,
        evidence=EVERYTHING,
    )
    assert "FedEx" not in said(task)


def test_a_follow_up_is_about_the_order_that_was_told_first() -> None:
    on_time = order(7, "shipped", "Blame!, Vol. 1", parcel=parcel(7, TODAY + timedelta(days=3)))
    calm = verdict(on_time, expected=TODAY + timedelta(days=3), days_late=-3)
    told = (on_time.order.order_id, LATE.order.order_id)
    evidence = with_orders(LATE, on_time, verdicts=[calm, OVERDUE])
    text = said(asked(Act.LATE, orders=told, is_follow_up=True, evidence=evidence))
    assert text.startswith("No")
    assert on_time.order.order_id in text


def test_where_the_order_in_focus_cannot_be_cancelled_one_that_may_is_named() -> None:
    text = said(asked(Act.CANCEL_ORDER, orders=(SHIPPED.order.order_id,), evidence=EVERYTHING))
    assert SHIPPED.order.order_id in text.splitlines()[0]
    assert PLACED.order.order_id in text.splitlines()[-1]


def test_describing_words_that_no_title_has_deny_nothing() -> None:
    text = said(asked(Act.TRACK, order_items=("stuff", "in"), evidence=EVERYTHING))
    assert SHIPPED.order.order_id in text.splitlines()[0]


def test_what_was_talked_of_before_is_not_looked_for_in_orders() -> None:
    target = Target(series_id="kingdom", title="Kingdom")
    text = said(asked(Act.TRACK, targets=(target,), is_follow_up=True, evidence=EVERYTHING))
    assert SHIPPED.order.order_id in text.splitlines()[0]


def test_an_unknown_number_is_denied() -> None:
    text = said(asked(Act.TRACK, orders=("999-1234567-1234567",), evidence=EVERYTHING))
    assert "can't find order 999-1234567-1234567" in text


def test_orders_that_could_not_be_loaded_are_not_called_missing() -> None:
    down = Evidence(degraded=(Degradation("orders", "done without"),))
    assert "couldn't load" in said(asked(Act.TRACK, evidence=down))


def test_tracking_that_is_down_is_said_to_be_down() -> None:
    bare = replace(SHIPPED, shipments=())
    evidence = replace(with_orders(bare), degraded=(Degradation("shipping", "done without"),))
    assert "can't reach its tracking" in said(asked(Act.TRACK, evidence=evidence))


def test_a_guest_hears_the_rule_and_is_asked_to_sign_in_for_the_order() -> None:
    evidence = Evidence(sign_in_needed=True, chunks=(page("cancel-order"),))
    for text in every_way(asked(Act.CANCEL_ORDER, about="cancel my order", evidence=evidence)):
        assert text.startswith("You can cancel within 60 minutes")
        assert "sign" in text


def test_suggestions_fit_the_states_that_the_orders_are_in() -> None:
    offered = WRITER.suggestions(asked(Act.TRACK, evidence=with_orders(DELIVERED)))
    assert "Can I cancel my order?" not in offered
    assert "Can I still return my last order?" in offered


@pytest.mark.parametrize(("days", "says"), [(0, "not by"), (1, "by"), (3, "by")])
def test_who_names_a_day_hears_first_whether_it_is_in_time(days: int, says: str) -> None:
    task = asked(Act.ARRIVAL, day=NamedDay(ahead=days), evidence=with_orders(SHIPPED, verdicts=[ON_TIME]))
    for text in every_way(task):
        first = text.split(".")[0].lower()
        assert says in first
        assert ("not by" in first) == (days < 1)


def test_of_an_overdue_parcel_nobody_says_whether_it_is_in_time() -> None:
    task = asked(Act.ARRIVAL, day=NamedDay(ahead=3), evidence=with_orders(LATE, verdicts=[OVERDUE]))
    assert "as things stand" not in said(task)


def test_a_book_that_is_ordered_is_not_called_here_while_it_waits() -> None:
    known = Bought(series_id="witch-hat-atelier", title="Witch Hat Atelier", volumes=(1,), next=2)
    evidence = with_orders(PLACED)
    evidence = replace(evidence, derived=replace(evidence.derived, bought=(known,)))
    text = said(asked(Act.ORDER_CONTENTS, aspects=("owned",), evidence=evidence))
    assert f"Not shipped yet: **Witch Hat Atelier, Vol. 1** (order {PLACED.order.order_id})" in text
