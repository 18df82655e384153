"""T-11: what products cost together, what is missing to free shipping, which of them is cheapest."""

from decimal import Decimal

from mangaassist.domain.customers import Customer
from mangaassist.domain.products import Format
from mangaassist.domain.store_facts import Delivery, Membership, StoreFacts
from mangaassist.turn.derived.sums import compared, free_shipping, total
from tests.turn.derived.known import asin, book

FACTS = StoreFacts(
    currency="USD",
    delivery=Delivery(fee=Decimal("3.99"), free_from=Decimal(35)),
    membership=Membership(name="Circle", free_shipping=True),
)
MEMBER = Customer(customer_id="c", name="Aiko", member=True, locale="en-US", language="en")


def test_a_sum_counts_each_product_as_often_as_it_is_in_the_cart() -> None:
    found = total("cart", [book("A", "9.99"), book("B", "5.00")], {asin("A"): 2})
    assert found is not None
    assert (found.amount, [line.quantity for line in found.lines]) == (Decimal("24.98"), [2, 1])


def test_a_sum_names_what_has_no_price_and_there_is_none_of_nothing_priced() -> None:
    found = total("named", [book("A", "9.99"), book("B")])
    assert found is not None
    assert (found.amount, found.unpriced) == (Decimal("9.99"), ("B",))
    assert total("named", [book("B")]) is None
    assert total("named", []) is None


def test_two_currencies_are_never_added_up() -> None:
    found = total("named", [book("A", "9.99"), book("B", "5.00", currency="EUR")])
    assert found is not None
    assert (found.amount, found.currency, found.unpriced) == (Decimal("9.99"), "USD", ("B",))


def test_members_pay_their_own_price_where_there_is_one_and_the_usual_one_elsewhere() -> None:
    found = total("named", [book("A", "10.00", member="9.00"), book("B", "5.00")], {asin("A"): 2})
    assert found is not None
    assert found.member == Decimal("23.00")
    assert total("named", [book("B", "5.00")]).member is None


def test_what_is_missing_to_free_shipping_is_the_rest_and_never_less_than_nothing() -> None:
    near = free_shipping(total("cart", [book("A", "30.00")]), FACTS, None)
    assert near is not None
    assert (near.missing, near.fee, near.by_membership) == (Decimal(5), Decimal("3.99"), False)
    assert free_shipping(total("cart", [book("A", "99.00")]), FACTS, None).missing == 0
    assert free_shipping(None, FACTS, None).missing == Decimal(35)


def test_a_member_of_a_free_shipping_membership_pays_none_and_is_measured_by_member_prices() -> None:
    found = free_shipping(total("cart", [book("A", "36.00", member="34.00")]), FACTS, MEMBER)
    assert found is not None
    assert (found.by_membership, found.subtotal, found.missing) == (True, Decimal("34.00"), Decimal("1.00"))


def test_a_store_that_tells_no_limit_or_another_currency_promises_no_free_shipping() -> None:
    assert free_shipping(total("cart", [book("A", "99.00")]), StoreFacts(), None) is None
    assert free_shipping(total("cart", [book("A", "99.00", currency="EUR")]), FACTS, None) is None


def test_of_several_products_the_extremes_are_named_and_of_one_none() -> None:
    a = book("A", "10.00", mean=4.9, pages=200)
    b = book("B", "20.00", mean=4.1, pages=400)
    assert compared([a, b]) == {
        "cheapest": asin("A"), "dearest": asin("B"), "best_rated": asin("A"), "longest": asin("B"), "shortest": asin("A"),
    }  # fmt: skip
    assert compared([a, a]) == {}


def test_what_ties_is_neither_and_what_is_unknown_is_not_compared() -> None:
    assert "cheapest" not in compared([book("A", "10.00"), book("B", "10.00"), book("C", "12.00")])
    assert compared([book("A", "10.00"), book("B")]) == {}


def test_the_length_of_different_series_is_that_of_the_series() -> None:
    long = book("A", series_id="a", series_volumes=40, pages=100)
    short = book("B", series_id="b", series_volumes=2, pages=900, format=Format.OMNIBUS)
    assert compared([long, short]) == {"longest": asin("A"), "shortest": asin("B")}


def test_five_stars_of_three_readers_are_not_better_than_four_and_a_half_of_thousands() -> None:
    assert compared([book("A", mean=5.0, count=3), book("B", mean=4.6, count=4000)])["best_rated"] == asin("B")
