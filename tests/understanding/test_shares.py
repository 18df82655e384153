"""A sum that is shared, and books that are bought by and by: the shopper's own figures are heard (T-4, T-11)."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Rate
from mangaassist.understanding.scene import Scene
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import last_of


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ("three of us share it", 3),
        ("split between 4", 4),
        ("6 friends splitting that", 6),
        ("monster for the 3 of us", 0),
        ("split vol 2 and 3", 0),
        ("i share my shelf with my brother", 0),
    ],
)
def test_how_many_share_it(said: str, people: int) -> None:
    assert read(said).parts == people


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ("2 a week", Rate(2, "week")),
        ("five volumes per month", Rate(5, "month")),
        ("one book every year", Rate(1, "year")),
        ("$9 a month", None),
        ("30 a month", None),
        ("2 weeks", None),
    ],
)
def test_how_many_are_bought_at_a_time(said: str, rate: Rate | None) -> None:
    assert read(said).rate == rate


@pytest.mark.parametrize(
    "messages",
    [
        "i got 60 dollars, how many volumes of monster",
        "how much is all of monster / if i buy 2 a month how long does it take",
        "how much is all of monster / 3 of us split that, how much each",
        "monster vs naruto / which costs more for the whole series",
    ],
)
def test_who_reckons_with_a_figure_asks_for_a_sum(messages: str) -> None:
    assert last_of(messages.split(" / ")).act is Act.TOTAL


def test_the_amount_stays_where_shipping_shall_be_in_it() -> None:
    asked = last_of(["i got 60 dollars, how many volumes of monster", "with the shipping in that"]).reckoning
    assert (asked.budget, asked.with_shipping) == (60, True)


def test_a_budget_for_a_kind_is_a_wish_and_no_sum() -> None:
    assert last_of(["horror for 20 dollars"]).act is Act.FIND


IN_CART = Scene(section="cart", cart=("B0A", "B0B"))


@pytest.mark.parametrize(
    "messages",
    [
        "cheapest book i can add to get free shipping?",
        "am i getting free shipping / whats the least expensive one that covers the difference",
    ],
)
def test_the_cheapest_that_brings_a_cart_to_free_shipping_is_no_cheapest_book_of_all(messages: str) -> None:
    meaning = last_of(messages.split(" / "), IN_CART)
    assert meaning.act is Act.FREE_SHIPPING
    assert (meaning.reckoning.fills_up, meaning.reckoning.cheapest) == (True, True)


@pytest.mark.parametrize(
    "said",
    [
        "am i getting free shipping",
        "is shipping free with the cheapest vagabond",
        "cheapest sports manga to get free shipping",
    ],
)
def test_whether_a_cart_ships_free_with_what_is_named_or_described_asks_for_no_other_book(said: str) -> None:
    assert not last_of([said], IN_CART).reckoning.fills_up


@pytest.mark.parametrize(
    ("said", "against"),
    [
        ("which one is pricier to own in full", "dearest"),
        ("would all of naruto cost more than all of monster", "dearest"),
        ("which is cheapest if i get every volume", "cheapest"),
        ("how much for all volumes of both", ""),
    ],
)
def test_several_whole_series_are_held_against_each_other_where_that_is_asked(said: str, against: str) -> None:
    meaning = last_of(["compare naruto and monster", said])
    assert (meaning.act, meaning.reckoning.against) == (Act.TOTAL, against)
    assert [(one.series_id, one.volume) for one in meaning.targets] == [("naruto", None), ("monster", None)]


def test_what_a_membership_is_worth_to_who_buys_at_a_rate_is_reckoned_at_that_rate() -> None:
    assert last_of(["would being a member pay off at 2 volumes a week"]).reckoning.rate == Rate(2, "week")
    assert last_of(["is the membership worth it"]).reckoning.rate is None
