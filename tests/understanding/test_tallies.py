"""What is asked of several orders together, of the cart as a whole, and what the last matter makes of a fragment (T-4, T-10)."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.days import DaySpan
from mangaassist.understanding.scene import Scene
from tests.understanding.talks import ORDER, last_of

TALLIES = [
    ("how many orders do i have rn that havent arrived", "count", ("under_way",)),
    ("how many of my orders are still coming", "count", ("under_way",)),
    ("show my orders / how many of those are delivered", "count", ("delivered",)),
    ("how many books have i bought", "books", ()),
    ("what did i buy from you so far", "bought", ()),
    ("which manga have i bought so far", "bought", ()),
    ("what did i buy from you so far / which was the most expensive", "dearest", ()),
    ("whats my biggest order", "dearest", ()),
    ("is anything coming today", "due", ()),
    ("am i getting a parcel by friday", "due", ()),
    ("which of my orders arrive tomorrow", "due", ()),
    ("is anything coming today / and tomorrow?", "due", ()),
]


@pytest.mark.parametrize(("messages", "tally", "picks"), TALLIES)
def test_orders_are_asked_about_together(messages: str, tally: str, picks: tuple[str, ...]) -> None:
    meaning = last_of(messages.split(" / "))
    assert (meaning.act, meaning.tally, meaning.selection.picks) == (Act.ORDER_LIST, tally, picks)


@pytest.mark.parametrize(
    ("message", "act"),
    [
        ("how many volumes of naruto are there", Act.VOLUMES),
        ("whats the most expensive thing in your shop", Act.DEAREST),
        ("everything i ordered came damaged", Act.DAMAGED),
        ("my order hasnt arrived", Act.LATE),
        ("what did i order last", Act.ORDER_CONTENTS),
        ("how many orders do you get a day", Act.POLICY),
    ],
)
def test_what_sounds_like_it_and_is_of_one_order_or_none_is_left_alone(message: str, act: Act) -> None:
    meaning = last_of([message])
    assert (meaning.act, meaning.tally) == (act, "")


def test_a_year_is_a_stretch_of_days_to_choose_orders_by() -> None:
    assert last_of(["do u remember what i bought last year"]).selection.days == DaySpan(years=1)


@pytest.mark.parametrize("message", ["what am i still waiting for", "which of my orders are still open"])
def test_what_is_to_come_is_listed_without_a_count(message: str) -> None:
    meaning = last_of([message])
    assert (meaning.act, meaning.tally, meaning.selection.picks) == (Act.ORDER_LIST, "", ("under_way",))


AFTER = [
    ("cancel my order / how long till i get the money back", Act.REFUND_STATUS, "refund_when"),
    ("my book arrived damaged / when do i get my money", Act.REFUND_STATUS, "refund_when"),
    ("says delivered but not here / so what now", Act.NOT_RECEIVED, "next_step"),
    ("where is my order / can you make it faster i ll pay", Act.CHANGE_ORDER, "faster"),
    ("my pages are upside down / i read half of it already is that a problem", Act.DAMAGED, "was_read"),
]


@pytest.mark.parametrize(("messages", "act", "aspect"), AFTER)
def test_a_fragment_is_asked_of_the_order_that_was_spoken_of_last(messages: str, act: Act, aspect: str) -> None:
    meaning = last_of(messages.split(" / "))
    assert (meaning.act, meaning.aspects[:1], meaning.orders) == (act, (aspect,), (ORDER,))


def test_a_refund_out_of_the_blue_is_of_whatever_is_on_its_way_back() -> None:
    assert last_of(["where is my refund"]).orders == ()


def test_a_tracking_that_has_not_moved_is_no_move_of_the_shoppers() -> None:
    assert last_of(["my tracking hasnt moved in like 4 days is it lost"]).act is Act.LATE
    assert last_of(["i moved can you send my order somewhere else"]).act is Act.CHANGE_ORDER


def test_a_wrap_that_is_off_is_told_of_what_goes_back() -> None:
    meaning = last_of(["i want to return something", "i opened the plastic tho"])
    assert (meaning.act, meaning.case) == (Act.RETURN, "unsealed")


def test_a_box_set_that_was_opened_is_no_book_to_swap() -> None:
    meaning = last_of(["can i swap a box set for another one if i opened it"])
    assert (meaning.act, meaning.case) == (Act.EXCHANGE, "opened_set")


def test_a_guests_street_and_the_minutes_since_are_heard() -> None:
    meaning = last_of(["ordered as guest and typed my street wrong!!! help"])
    assert (meaning.act, meaning.aspects) == (Act.CHANGE_ORDER, ("elsewhere",))
    later = last_of(["i typed the wrong street on my order", "it was like 10 min ago"])
    assert (later.act, later.minutes_ago) == (Act.CHANGE_ORDER, 10)


def test_a_code_that_does_not_work_is_looked_up() -> None:
    meaning = last_of(["my code SAVE20 doesnt work"])
    assert (meaning.act, meaning.codes) == (Act.CODE, ("SAVE20",))


def test_a_discount_on_all_of_a_series_is_asked_of_the_whole_and_so_is_its_price() -> None:
    talk = ["is there a discount if i buy all of naruto at once", "how much would that be"]
    first, second = last_of(talk[:1]), last_of(talk)
    assert (first.act, first.reckoning.whole) == (Act.OFFER_ON, True)
    assert (second.act, [one.volume for one in second.targets]) == (Act.TOTAL, [None])


CART = Scene(cart=("B000030001", "B000040001"))


@pytest.mark.parametrize(
    "message", ["is this stuff ok for a 10 yr old", "are these first volumes", "are these in stock"]
)
def test_a_question_about_books_is_asked_of_the_cart_where_nothing_else_is_talked_of(message: str) -> None:
    assert [one.asin for one in last_of([message], scene=CART).targets] == list(CART.cart)
