"""Return request: whether and until when, where the money is, what is done about a wrong or broken book."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import ReturnCase
from mangaassist.domain.derived import OrderVerdict
from mangaassist.domain.evidence import Degradation, Evidence, OrderEvidence
from tests.writing.at_the_counter import (
    TODAY,
    asked,
    every_way,
    going_back,
    noted,
    order,
    page,
    parcel,
    said,
    with_orders,
)

OPEN = order(
    3,
    "delivered",
    "Kingdom, Vol. 1",
    "Vagabond, Vol. 1",
    days_ago=14,
    returns=going_back(3, until=TODAY + timedelta(16)),
)
ALSO_OPEN = order(6, "delivered", "Blame!, Vol. 1", days_ago=20, returns=going_back(6, until=TODAY + timedelta(10)))
CLOSED = order(4, "delivered", "Monster, Vol. 1", days_ago=80, returns=going_back(4, until=TODAY - timedelta(50)))
REQUESTED = order(5, "delivered", "Pluto, Vol. 1", days_ago=9, returns=going_back(5, "requested", amount="10.80"))
REFUNDED = order(5, "delivered", "Pluto, Vol. 1", days_ago=9, returns=going_back(5, "refunded", amount="10.80"))
BOOK, REST = (item.asin for item in OPEN.order.items)
KINGDOM_BACK = ReturnCase(state="requested", asins=(BOOK,), wish="refund", refund_amount=Decimal("5.00"))
VAGABOND_REPORTED = ReturnCase(state="received", asins=(REST,), wish="replacement", keeps_copy=True)
MOVING = order(1, "shipped", "Vinland Saga, Vol. 3")
CAN = OrderVerdict(order_id=OPEN.order.order_id, can_return="yes", return_until=TODAY + timedelta(16), days_left=16)
HOLDING_KINGDOM = {"order_items": ("kingdom",)}


def test_the_window_is_told_with_its_last_day_and_the_days_left() -> None:
    evidence = with_orders(OPEN, verdicts=[CAN])
    for text in every_way(asked(Act.RETURN_WINDOW, evidence=evidence)):
        assert text.startswith("Yes")
        assert "until December 12 (16 days left)" in text


def _partly(*cases: ReturnCase, open_asins: tuple[str, ...] = ()) -> OrderEvidence:
    assert OPEN.returns is not None
    known = replace(
        OPEN.returns,
        state=cases[-1].state,
        refund_amount=cases[-1].refund_amount,
        eligible=bool(open_asins),
        cases=cases,
        open_asins=open_asins,
    )
    return replace(OPEN, returns=known)


def test_of_an_order_that_goes_back_in_part_the_rest_can_still_go_back() -> None:
    evidence = with_orders(_partly(KINGDOM_BACK, open_asins=(REST,)), verdicts=[CAN])
    for text in every_way(asked(Act.RETURN, evidence=evidence)):
        assert f"**Kingdom, Vol. 1** from order {OPEN.order.order_id} is registered, with a refund of $5.00" in text
        assert "**Vagabond, Vol. 1**" in text
        assert "can still go back, until December 12 (16 days left)" in text


def test_each_return_of_an_order_is_told_by_itself_and_a_report_is_no_parcel() -> None:
    evidence = with_orders(_partly(KINGDOM_BACK, VAGABOND_REPORTED), verdicts=[replace(CAN, can_return="no")])
    for text in every_way(asked(Act.REFUND_STATUS, evidence=evidence)):
        assert "**Kingdom, Vol. 1** from order" in text
        assert "You reported **Vagabond, Vol. 1** from order" in text
        assert "nothing has to come back: a new copy is being sent" in text
        assert "has arrived" not in text
        assert "still go back" not in text


def test_a_closed_window_is_refused_with_the_store_s_reason_in_readable_days() -> None:
    for text in every_way(asked(Act.RETURN, order_items=("monster",), evidence=with_orders(CLOSED))):
        assert text.startswith(("No", "I'm afraid not"))
        assert "ended on October 7" in text


def test_what_has_not_come_cannot_go_back_yet() -> None:
    assert said(asked(Act.RETURN, evidence=with_orders(MOVING))).startswith("Not yet")


def test_where_several_can_go_back_each_is_listed_and_the_shopper_asked() -> None:
    task = asked(Act.RETURN, evidence=with_orders(OPEN, ALSO_OPEN, CLOSED, verdicts=[CAN]))
    text = said(task)
    assert OPEN.order.order_id in text
    assert ALSO_OPEN.order.order_id in text
    assert CLOSED.order.order_id not in text
    assert noted(task).asked_for == "order"


def test_the_order_that_is_named_by_its_book_is_answered_alone() -> None:
    text = said(asked(Act.RETURN, order_items=("kingdom",), evidence=with_orders(OPEN, ALSO_OPEN, verdicts=[CAN])))
    assert "**Kingdom, Vol. 1**" in text
    assert ALSO_OPEN.order.order_id not in text


def test_who_asks_who_pays_hears_it_beside_the_verdict() -> None:
    evidence = with_orders(OPEN, verdicts=[CAN], pages=[page("return-shipping-cost")])
    text = said(asked(Act.RETURN, about="who pays if i send kingdom back", order_items=("kingdom",), evidence=evidence))
    assert text.startswith("Yes")
    assert "You pay $4.99" in text


def test_no_page_stands_beside_a_plain_question() -> None:
    evidence = with_orders(OPEN, verdicts=[CAN], pages=[page("how-to-return"), page("return-window")])
    text = said(asked(Act.RETURN, about="return kingdom", order_items=("kingdom",), evidence=evidence))
    assert "30 days" not in text


def test_a_refund_under_way_is_told_by_its_stage_and_amount() -> None:
    text = said(asked(Act.REFUND_STATUS, evidence=with_orders(OPEN, REQUESTED, verdicts=[CAN])))
    assert REQUESTED.order.order_id in text
    assert "$10.80" in text
    assert "issued" not in text


def test_who_asks_whether_it_can_go_back_while_it_does_hears_that_it_was_asked_for_already() -> None:
    for text in every_way(asked(Act.RETURN_WINDOW, order_items=("pluto",), evidence=with_orders(REQUESTED))):
        assert "already" in text.split(".")[0]


def test_a_question_about_a_refund_gets_no_rule_on_something_else() -> None:
    evidence = with_orders(REQUESTED, pages=[page("cancel-order")])
    assert "60 minutes" not in said(asked(Act.REFUND_STATUS, about="which order was that", evidence=evidence))


def test_a_refund_that_was_paid_is_said_to_be_done() -> None:
    for text in every_way(asked(Act.REFUND_STATUS, evidence=with_orders(REFUNDED))):
        assert "$10.80" in text
        assert "issued" in text or "sent" in text


def test_no_return_means_no_refund_under_way() -> None:
    for text in every_way(asked(Act.REFUND_STATUS, evidence=with_orders(OPEN, verdicts=[CAN]))):
        assert "no refund under way" in text


@pytest.mark.parametrize(
    ("act", "about", "name", "remedy"),
    [
        (Act.DAMAGED, "my book came damaged", "damaged-book", "photo within 14 days"),
        (Act.WRONG_ITEM, "got the wrong volume", "wrong-item", "send the right book"),
        (Act.MISSING_ITEM, "a book is missing", "missing-item", "send the missing book"),
    ],
)
def test_a_problem_gets_one_sorry_the_remedy_and_where_to_report_it(
    act: Act, about: str, name: str, remedy: str
) -> None:
    text = said(asked(act, about=about, evidence=with_orders(OPEN, pages=[page(name)])))
    assert text.lower().count("sorry") == 1
    assert remedy in text
    assert "**Talk to a person**" in text


def test_a_problem_is_about_what_was_delivered() -> None:
    text = said(
        asked(Act.DAMAGED, about="book is damaged", evidence=with_orders(MOVING, OPEN, pages=[page("damaged-book")]))
    )
    assert OPEN.order.order_id in text
    assert MOVING.order.order_id not in text


def test_who_wants_a_new_copy_is_told_about_copies_and_that_a_return_is_under_way() -> None:
    evidence = with_orders(REQUESTED, pages=[page("exchanges")])
    text = said(
        asked(Act.EXCHANGE, about="i dont want a refund i want a new copy", order_items=("pluto",), evidence=evidence)
    )
    assert "new copy at no cost" in text
    assert REQUESTED.order.order_id in text
    assert "**Talk to a person**" in text


def test_windows_that_could_not_be_looked_up_are_not_called_closed() -> None:
    evidence = replace(with_orders(replace(OPEN, returns=None)), degraded=(Degradation("returns", "done without"),))
    text = said(asked(Act.RETURN, evidence=evidence))
    assert "can't look up return windows" in text


def test_a_guest_hears_the_rule_in_a_sentence_and_is_asked_to_sign_in() -> None:
    evidence = Evidence(sign_in_needed=True, chunks=(page("return-window"),))
    text = said(asked(Act.RETURN, about="how long can i return", evidence=evidence))
    assert text.startswith("You have 30 days from delivery")
    assert "sign" in text.splitlines()[-1].lower()


def test_without_a_page_the_store_s_own_number_of_days_is_the_rule() -> None:
    assert "within 30 days of delivery" in said(asked(Act.RETURN, evidence=Evidence(sign_in_needed=True)))


def test_no_answer_promises_what_this_chat_cannot_do() -> None:
    for act in (Act.RETURN, Act.REFUND_STATUS, Act.DAMAGED, Act.EXCHANGE):
        for text in every_way(asked(act, evidence=with_orders(OPEN, REQUESTED, verdicts=[CAN]))):
            assert "I'll send" not in text
            assert "I will" not in text
            assert "I have refunded" not in text


def test_what_the_shopper_did_to_a_book_is_not_replaced() -> None:
    evidence = Evidence(chunks=(page("damaged-book"),))
    text = said(asked(Act.DAMAGED, about="spilled coffee", case="own_accident", evidence=evidence))
    assert "don't replace" in text
    assert "free of charge" not in text


def test_yellowing_is_no_fault_and_can_be_slowed() -> None:
    text = said(asked(Act.DAMAGED, about="turning yellow", case="aged"))
    assert "no fault" in text
    assert "sunlight" in text


def test_an_opened_box_set_that_came_damaged_is_replaced() -> None:
    evidence = Evidence(chunks=(page("box-set-returns"),))
    text = said(asked(Act.POLICY, about="dent in the box", case="damaged_set", evidence=evidence))
    assert "even though you opened it" in text
    assert "No, " not in text


def test_a_guest_who_asks_for_rules_hears_once_how_their_own_order_is_looked_at() -> None:
    task = asked(Act.RETURN, evidence=Evidence(sign_in_needed=True))
    first = said(task)
    assert first.count("sign in") == 1
    assert "dispatch email" in first
    heard = replace(task, state=replace(task.state, phrases=("order_tracking.own_order:0",)))
    assert "sign in" not in said(heard)


def test_what_is_missing_of_an_order_on_its_way_is_told_with_its_parcel_and_the_day_it_is_expected() -> None:
    moving = order(1, "shipped", "Vinland Saga, Vol. 3", parcel=parcel(1, eta=TODAY + timedelta(2)))
    for text in every_way(asked(Act.MISSING_ITEM, evidence=with_orders(moving))):
        assert "expected" in text
        assert "**Talk to a person** below reports it" not in text
