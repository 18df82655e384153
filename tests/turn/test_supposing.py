"""Sums as they would be: a book twice, one taken out of the cart, another one put in."""

from datetime import UTC, datetime
from decimal import Decimal

from mangaassist.domain.dialogue import Reckoning
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Price, Product
from mangaassist.turn.derived import supposing
from mangaassist.turn.derived.sums import total

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def book(number: int, amount: str) -> ProductEvidence:
    asin = f"B0{number:08d}"
    product = Product(
        asin=asin, title=f"Monster, Vol. {number}", series_id="monster", series_title="Monster", volume=number
    )
    return ProductEvidence(product=product, price=Price(asin=asin, currency="USD", current=Decimal(amount), as_of=NOW))


ONE, TWO, SIX = book(1, "10.00"), book(2, "12.00"), book(6, "5.00")


def test_one_of_them_twice_is_a_sum_for_each_of_them() -> None:
    named = total("named", (ONE, TWO))
    assert named is not None
    assert [variant.total.amount for variant in supposing.once_more(named)] == [Decimal("32.00"), Decimal("34.00")]


def test_taking_one_out_leaves_a_cart_for_each_that_may_be_meant() -> None:
    made = supposing.other_carts((ONE, TWO), {}, Reckoning(one_out=True))
    assert [(one.titles, one.total.amount) for one in made] == [
        (("Monster, Vol. 1",), Decimal("12.00")),
        (("Monster, Vol. 2",), Decimal("10.00")),
    ]


def test_of_two_copies_one_is_taken_out() -> None:
    made = supposing.other_carts((ONE, TWO), {ONE.asin: 2}, Reckoning(left_out=(ONE.asin,)))
    assert [one.total.amount for one in made] == [Decimal("22.00")]


def test_what_is_put_in_counts_as_often_as_it_is_said() -> None:
    made = supposing.other_carts((ONE,), {}, Reckoning(added=True, copies=2), (SIX,))
    assert [one.total.amount for one in made] == [Decimal("20.00")]


def test_an_empty_cart_is_left_where_its_only_book_is_taken_out() -> None:
    assert supposing.other_carts((ONE,), {}, Reckoning(left_out=("monster",))) == ()
