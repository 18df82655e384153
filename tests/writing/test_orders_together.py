"""Several orders together, the money of the one that was spoken of last, and the next step in its matter."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.days import NamedDay
from mangaassist.domain.derived import CodeSum, Derived, Line, OrderVerdict, SetOrSingles, Total
from mangaassist.domain.dialogue import DialogueState, Reckoning, Target
from mangaassist.domain.evidence import Evidence, OrderEvidence
from mangaassist.domain.store_facts import Refunds, TraceRule
from mangaassist.domain.writing import WritingTask
from mangaassist.turn.derived.tallies import tallied
from tests.writing.at_the_counter import FACTS, INK10, TODAY, asked, every_way, noted, order, parcel, said, with_orders

SHIPPED = order(1, "shipped", "Vinland Saga, Vol. 3", parcel=parcel(1, TODAY + timedelta(days=1)))
PLACED = order(2, "placed", "Witch Hat Atelier, Vol. 1", days_ago=0)
DELIVERED = order(3, "delivered", "Kingdom, Vol. 1", "Vagabond, Vol. 1", days_ago=4)
CANCELLED = order(4, "cancelled", "Berserk, Vol. 1", days_ago=30)
ALL = (SHIPPED, PLACED, DELIVERED, CANCELLED)


def together(tally: str, *orders: OrderEvidence) -> WritingTask:
    evidence = replace(with_orders(*orders), derived=Derived(tallied=tallied(orders), order_choice="several"))
    return asked(Act.ORDER_LIST, evidence=evidence, tally=tally)


def test_the_count_comes_first_and_where_each_stands() -> None:
    for text in every_way(together("count", SHIPPED, PLACED)):
        assert text.startswith("**2 orders**: 1 on the way and 1 not shipped yet.")
        assert SHIPPED.order.order_id in text


def test_what_was_bought_is_every_book_and_what_came_to_nothing_is_said_to_have() -> None:
    text = said(together("bought", *ALL))
    assert "**4 books**" in text
    for title in ("Vinland Saga, Vol. 3", "Kingdom, Vol. 1", "Vagabond, Vol. 1", "Witch Hat Atelier, Vol. 1"):
        assert title in text
    assert "Berserk, Vol. 1** (cancelled)" in text


def test_the_dearest_is_one_of_ones_own_with_its_order() -> None:
    text = said(together("dearest", *ALL))
    assert "$9.99" in text
    assert SHIPPED.order.order_id in text


def due_by(ahead: int, *orders: OrderEvidence) -> str:
    task = together("due", *orders)
    return said(replace(task, meaning=replace(task.meaning, day=NamedDay(ahead=ahead))))


def test_what_comes_on_a_day_is_told_yes_with_its_orders_and_what_is_overdue_apart() -> None:
    late = order(5, "shipped", "Golden Kamuy, Vol. 1", parcel=parcel(5, TODAY - timedelta(days=2)))
    text = due_by(1, late, SHIPPED)

    assert text.startswith("Yes, ") and "tomorrow" in text
    assert text.index(SHIPPED.order.order_id) < text.index("Overdue") < text.index(late.order.order_id)


def test_where_nothing_comes_by_a_day_the_next_one_is_told() -> None:
    text = due_by(0, SHIPPED)

    assert not text.startswith("Yes")
    assert SHIPPED.order.order_id in text


def test_a_question_whether_it_is_too_late_is_told_no_where_it_can_still_be_cancelled() -> None:
    task = of_talk(Act.CANCEL_ORDER, PLACED, "deadline")
    turned = replace(task, meaning=replace(task.meaning, asked_as="turned"))

    assert said(task).startswith("Yes, ")
    assert said(turned).startswith("No, ") and "can" in said(turned)


def test_a_question_for_a_thing_is_answered_without_a_yes() -> None:
    task = of_talk(Act.CANCEL_ORDER, PLACED, "deadline")

    assert not said(replace(task, meaning=replace(task.meaning, asked_as="open"))).startswith(("Yes", "No"))


def of_talk(
    topic: Act, owned: OrderEvidence, *aspects: str, heard: tuple[str, ...] = (), can: str = "yes"
) -> WritingTask:
    verdict = OrderVerdict(order_id=owned.order.order_id, can_cancel=can)
    state = DialogueState(acts=(topic,), order_topic=topic, orders=(owned.order.order_id,), phrases=heard)
    act = Act.REFUND_STATUS if aspects == ("refund_when",) else topic
    task = asked(
        act,
        evidence=with_orders(owned, verdicts=[verdict]),
        orders=(owned.order.order_id,),
        aspects=aspects,
        state=state,
    )
    facts = replace(
        FACTS,
        refunds=Refunds(least_days=3, most_days=5),
        lost_after_days=10,
        scanned_not_received=TraceRule(wait_days=2, report_days=14, trace_days=5),
    )
    return replace(task, evidence=replace(task.evidence, facts=facts))


def paid(owned: OrderEvidence, payment: str, how: str = "card") -> OrderEvidence:
    return replace(owned, order=replace(owned.order, payment=payment, paid_with=how))


@pytest.mark.parametrize(
    ("owned", "told"),
    [
        (paid(PLACED, "authorized"), "only reserved"),
        (paid(PLACED, "not_charged"), "hasn't been taken yet"),
        (paid(PLACED, "authorized", "gift card"), "gift card has its balance back"),
    ],
)
def test_the_money_after_talk_of_cancelling_is_that_of_the_cancelled_order(owned: OrderEvidence, told: str) -> None:
    text = said(of_talk(Act.CANCEL_ORDER, owned, "refund_when"))
    assert told in text
    assert "no refund" not in text


def test_the_money_after_a_fault_is_told_with_its_days() -> None:
    text = said(of_talk(Act.DAMAGED, paid(DELIVERED, "charged"), "refund_when"))
    assert "3 to 5 business days to your card" in text
    assert "no return" not in text


def test_a_next_step_is_one_that_was_not_told() -> None:
    heard: tuple[str, ...] = ()
    told: list[str] = []
    for _ in range(3):
        task = of_talk(Act.NOT_RECEIVED, DELIVERED, "next_step", heard=heard)
        told.append(said(task))
        heard = (*heard, *noted(task).phrases)
    assert len(set(told)) == 3
    assert "trace" in told[0]
    assert "new copy or your money back" in told[1]
    assert "1-800-555-0142" in told[2]


def test_faster_for_money_is_refused_and_what_is_faster_named() -> None:
    text = said(of_talk(Act.CHANGE_ORDER, SHIPPED, "faster", can="no"))
    assert text.startswith("No")
    assert "$8.99" in text
    assert "cancel" not in text


def test_an_order_that_can_still_be_cancelled_can_be_ordered_anew_with_the_faster_way() -> None:
    assert "cancel it" in said(of_talk(Act.CHANGE_ORDER, PLACED, "faster"))


def opened(owned: OrderEvidence) -> str:
    verdict = OrderVerdict(order_id=owned.order.order_id, can_return="yes")
    return said(asked(Act.RETURN, evidence=with_orders(owned, verdicts=[verdict]), case="unsealed"))


def test_an_opened_wrap_is_fine_for_single_books_and_not_for_a_box_set() -> None:
    boxed = order(5, "delivered", "Naruto Box Set 1 (Vols. 1-27)", days_ago=4)
    assert "fine for single books" in opened(DELIVERED)
    assert "box set" not in opened(DELIVERED)
    assert "can't go back once it's open" in opened(boxed)
    assert "fine" not in opened(boxed)


def test_a_guests_change_of_address_goes_through_the_team_and_ten_minutes_are_early_enough() -> None:
    guest = replace(asked(Act.CHANGE_ORDER, aspects=("elsewhere",)).evidence, sign_in_needed=True)
    first = replace(asked(Act.CHANGE_ORDER, aspects=("elsewhere",)), evidence=guest)
    text = said(first)
    assert text.startswith("Yes")
    assert "1-800-555-0142" in text
    again = replace(
        asked(Act.CHANGE_ORDER, minutes_ago=10, state=DialogueState(phrases=noted(first).phrases)), evidence=guest
    )
    assert said(again).startswith("There's time: ordered then, it leaves Friday, November 27 at the earliest.")
    assert said(again) != text


LINES = tuple(Line(asin=f"B0V{n:07}", title=f"Monster, Vol. {n}", amount=Decimal("9.99")) for n in range(1, 10))
WHOLE = Derived(
    total=Total(of="named", lines=LINES, amount=Decimal("89.91"), currency="USD"),
    cart_code=CodeSum(code="INK10", subtotal=Decimal("89.91"), saves=Decimal("8.99"), currency="USD"),
    cheapest_way=SetOrSingles(
        asins=("B0BOX00001",),
        title="Monster",
        first=1,
        last=9,
        set_price=Decimal("60.00"),
        singles_price=Decimal("89.91"),
        saves=Decimal("29.91"),
        currency="USD",
    ),
)


def on_all(derived: Derived) -> str:
    evidence = Evidence(promotions=(INK10,), derived=derived)
    about = (Target(series_id="monster", title="Monster"),)
    return said(asked(Act.OFFER_ON, evidence=evidence, targets=about, reckoning=Reckoning(whole=True)))


def test_a_code_on_a_whole_series_is_told_with_all_three_sums_and_what_costs_less() -> None:
    text = on_all(WHOLE)
    assert text.startswith("Yes: all 9 volumes of **Monster** come to $89.91")
    assert "**$80.92**" in text
    assert "$60.00" in text


def test_where_nothing_works_on_a_whole_series_that_is_said() -> None:
    assert on_all(replace(WHOLE, cart_code=None, cheapest_way=None)).startswith("No")


def test_the_others_of_a_change_are_said_to_stay() -> None:
    text = said(of_talk(Act.CHANGE_ORDER, PLACED, "others_too"))

    assert text.startswith("No, ") and PLACED.order.order_id in text


def test_a_guest_who_has_looked_everywhere_hears_of_the_trace_and_its_days() -> None:
    facts = replace(FACTS, scanned_not_received=TraceRule(wait_days=2, report_days=14, trace_days=5))
    task = asked(Act.NOT_RECEIVED, after="done", evidence=Evidence(sign_in_needed=True))
    task = replace(task, evidence=replace(task.evidence, facts=facts))

    for text in every_way(task):
        assert "trace" in text and "14 days" in text and "5 business days" in text


def test_why_a_return_is_over_is_told_by_its_days() -> None:
    verdict = OrderVerdict(
        order_id=DELIVERED.order.order_id, can_return="no", return_until=TODAY - timedelta(days=9), days_left=-9
    )
    evidence = with_orders(DELIVERED, verdicts=[verdict])
    task = asked(Act.RETURN, after="why", orders=(DELIVERED.order.order_id,), evidence=evidence)
    task = replace(task, evidence=replace(task.evidence, facts=replace(FACTS, return_days=30)))

    text = said(task)
    assert text.startswith("Because") and "30 days" in text
