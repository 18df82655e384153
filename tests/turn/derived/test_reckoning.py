"""What an amount buys, what each of several pays, and how long a series takes at a rate (T-11)."""

from decimal import Decimal

import pytest
from msgspec import structs

from mangaassist.domain.dialogue import Rate, Reckoning
from mangaassist.domain.products import Stock
from mangaassist.domain.store_facts import Delivery, Membership, StoreFacts
from mangaassist.turn.derived.series import affordable
from mangaassist.turn.derived.sums import free_shipping, membership_at_rate, paced, shared, total
from mangaassist.turn.derived.supposing import filled_up
from tests.turn.derived.known import asin, book, volume

SIX = [volume(number) for number in range(1, 7)]
OTHERS = [book(f"N{number}", "10.00", volume=number, series_id="nana", series_volumes=3) for number in range(1, 4)]
NO_FEE = Decimal(0)
STORE = StoreFacts(currency="USD", delivery=Delivery(fee=Decimal(5), free_from=Decimal(35)))


def test_what_it_costs_to_send_them_is_left_of_a_budget() -> None:
    (plain,) = affordable([SIX], Decimal(33), lambda _: NO_FEE)
    (sent,) = affordable([SIX], Decimal(33), lambda amount: NO_FEE if amount >= 35 else Decimal(5))
    assert (plain.count, plain.amount) == (3, Decimal(30))
    assert (sent.count, sent.amount, sent.shipping) == (2, Decimal(20), Decimal(5))


def test_several_series_are_bought_in_turn_until_the_budget_is_gone() -> None:
    found = affordable([SIX, OTHERS], Decimal(75), lambda _: NO_FEE)
    assert [one.count for one in found] == [4, 3]


def test_nothing_is_bought_without_a_budget_or_a_price() -> None:
    assert affordable([SIX], None, lambda _: NO_FEE) == ()
    assert affordable([[volume(1, None)]], Decimal(20), lambda _: NO_FEE) == ()


def test_each_pays_a_part_to_the_cent_above_with_the_shipping_where_it_is_asked() -> None:
    whole = total("cart", SIX[:2])
    shipping = free_shipping(whole, STORE, None)
    alone = shared(whole, shipping, Reckoning(parts=3), member=False)
    sent = shared(whole, shipping, Reckoning(parts=3, with_shipping=True), member=False)
    assert alone is not None and sent is not None
    assert (alone.each, sent.each, sent.amount) == (Decimal("6.67"), Decimal("8.34"), Decimal(25))
    assert shared(whole, shipping, Reckoning(), member=False) is None


def test_a_series_takes_as_many_times_as_its_volumes_need() -> None:
    found = paced(total("named", SIX), Rate(4, "month"))
    assert found is not None and (found.times, found.each) == (2, Decimal("40.00"))
    assert paced(total("named", SIX), None) is None


def test_a_cart_is_filled_up_with_the_cheapest_book_at_hand_that_is_enough() -> None:
    gone = Stock(asin=asin("G"), state="out_of_stock")
    found = [book("A", "4.99"), structs.replace(book("G", "5.00"), stock=gone), book("C", "9.00"), book("B", "6.50")]
    (made,) = filled_up(SIX[:3], {}, found, Decimal(5))
    assert (made.titles, made.total.amount) == (("B",), Decimal("36.50"))
    assert filled_up(SIX[:3], {}, found[:2], Decimal(5)) == ()


def test_a_membership_saves_the_shipping_of_a_year_of_orders_at_a_rate() -> None:
    circle = Membership(name="Circle", price=Decimal(19), period="year", free_shipping=True)
    found = membership_at_rate(Rate(1, "month"), structs.replace(STORE, membership=circle))
    assert found is not None
    assert (found.orders, found.shipping, found.fee, found.limit) == (12, Decimal(60), Decimal(19), Decimal(35))


@pytest.mark.parametrize(("rate", "orders"), [(Rate(2, "week"), 52), (Rate(4, "year"), 4)])
def test_what_is_bought_at_a_time_is_an_order_and_so_is_each_book_of_a_year(rate: Rate, orders: int) -> None:
    circle = Membership(name="Circle", price=Decimal(19), period="year", free_shipping=True)
    found = membership_at_rate(rate, structs.replace(STORE, membership=circle))
    assert found is not None and found.orders == orders


@pytest.mark.parametrize("told", [{"period": "month"}, {"price": None}, {"free_shipping": False}])
def test_what_a_store_does_not_tell_of_its_membership_is_not_reckoned_with(told: dict[str, object]) -> None:
    circle = structs.replace(Membership(name="Circle", price=Decimal(19), period="year", free_shipping=True), **told)
    assert membership_at_rate(Rate(1, "month"), structs.replace(STORE, membership=circle)) is None
    assert membership_at_rate(Rate(1, "month"), STORE) is None
