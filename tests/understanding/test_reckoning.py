"""Sums are worked out anew by what follows them: more volumes, fewer, copies, shipping, a budget (T-4, T-11)."""

from decimal import Decimal

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.products import Format
from mangaassist.understanding.scene import Scene
from tests.understanding.talks import TITLES, last_of


def asked(messages: str) -> tuple[Act | None, list[tuple[str | None, int | None]]]:
    meaning = last_of(messages.split(" / "))
    return meaning.act, [(one.series_id, one.volume) for one in meaning.targets]


@pytest.mark.parametrize(
    ("messages", "volumes"),
    [
        ("how much is naruto 1 and 3 together / plus naruto 2", [1, 3, 2]),
        ("vols 1 to 3 of naruto together / plus vol 4", [1, 2, 3, 4]),
        ("vols 1 to 3 of naruto together / and without vol 1", [2, 3]),
        ("naruto 1 and 2 price / with shipping?", [1, 2]),
    ],
)
def test_what_is_added_or_taken_off_changes_the_sum(messages: str, volumes: list[int]) -> None:
    assert asked(messages) == (Act.TOTAL, [("naruto", number) for number in volumes])


@pytest.mark.parametrize(
    ("messages", "without"),
    [
        ("how much to own all of vagabond / minus the first two, i have those", (1, 2)),
        ("i want all of monster but i already have 1 to 4. how much is it", (1, 2, 3, 4)),
        ("i own one piece up to 5 what would the rest cost me", (1, 2, 3, 4, 5)),
    ],
)
def test_a_whole_series_is_summed_without_what_is_owned(messages: str, without: tuple[int, ...]) -> None:
    meaning = last_of(messages.split(" / "))
    assert meaning.act is Act.TOTAL
    assert meaning.reckoning.without == without
    assert [one.volume for one in meaning.targets] == [None]


def test_copies_shipping_and_a_budget_belong_to_the_sum() -> None:
    assert last_of(["cost of 3 copies of naruto 1"]).reckoning.copies == 3
    assert last_of(["cost of 3 copies of naruto 1", "and with shipping"]).reckoning.with_shipping
    assert last_of(["i have 40 dollars, how many volumes of naruto can i get"]).reckoning.budget == Decimal(40)


@pytest.mark.parametrize("text", ["the second naruto box", "naruto box 2", "and the 2nd naruto box"])
def test_boxes_are_numbered_on_their_own(text: str) -> None:
    (target,) = last_of([text]).targets
    assert (target.volume, target.format) == (2, Format.BOX_SET)


def test_an_edition_that_was_looked_for_in_vain_leaves_the_focus() -> None:
    """The cards of the talk are paperbacks: nothing was found as a hardcover."""
    meaning = last_of(["price of monster vol 3", "hardcover?", "cheapest version"])
    assert (meaning.act, meaning.targets[0].series_id) == (Act.EDITION, "monster")


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ("is uzumaki scary", "scary"),
        ("what is uzumaki about / gory?", "gory"),
        ("is uzumaki sad / and berserk?", "sad"),
    ],
)
def test_what_is_asked_of_its_content_is_known(messages: str, said: str) -> None:
    meaning = last_of(messages.split(" / "))
    assert meaning.act is Act.CONTENT
    assert [label.value for label in meaning.seeks.wanted] == [said]


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("when does vol 113 of one piece come out", Act.STOCK),
        ("who voiced naruto", Act.DETAIL),
        ("what paper is vagabond printed on", Act.DETAIL),
        ("what do people hate about naruto", Act.REVIEWS),
        ("is the naruto box cheaper than the singles", Act.SET_OR_SINGLES),
        ("can i read naruto on kindle", Act.OTHER_GOODS),
    ],
)
def test_what_is_asked_of_a_book(text: str, act: Act) -> None:
    assert last_of([text]).act is act


@pytest.mark.parametrize(
    ("messages", "copies"),
    [
        ("add naruto 1 / make it 2", 2),
        ("put 3 copies of naruto 1 in my cart", 3),
        ("add naruto 1 / i want three of them", 3),
        ("add naruto 1 / make it 2 / does it ship free", 2),
        ("add naruto 1", 1),
    ],
)
def test_so_many_copies_are_put_in_and_are_what_ships(messages: str, copies: int) -> None:
    assert last_of(messages.split(" / ")).reckoning.copies == copies


def test_a_number_of_copies_of_what_is_in_the_cart_is_set_there() -> None:
    meaning = last_of(["can i change the naruto to 2 copies"], scene=Scene(cart=("B000050001",), titles=TITLES))

    assert (meaning.act, meaning.reckoning.copies) == (Act.ADD_TO_CART, 2)


def test_a_volume_beside_a_cart_of_one_book_is_of_its_series() -> None:
    meaning = last_of(["just add vol 2 then"], scene=Scene(cart=("B000050001",), titles=TITLES))

    assert [(one.asin, one.volume) for one in meaning.targets] == [("B000050001", 2)]
