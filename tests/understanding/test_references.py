"""T-4, T-6: what "the second one", "it" and "vol 3 instead" point at."""

import pytest

from mangaassist.domain.meaning import Entities, SeriesMention
from mangaassist.understanding.references import Resolution, ShownProduct, resolve

ONE, TWO, THREE = (
    ShownProduct("B0AAAAAAA1", "Berserk, Vol. 1", "berserk", 1),
    ShownProduct("B0AAAAAAA2", "Vagabond, Vol. 1", "vagabond", 1),
    ShownProduct("B0AAAAAAA3", "Monster, Vol. 1", "monster", 1),
)
CARDS = (ONE, TWO, THREE)
PAGE = "B0PAGEPAGE"
CART = ("B0CARTCAR1", "B0CARTCAR2")


def pointed(
    text: str,
    shown: tuple[ShownProduct, ...] = CARDS,
    page: str | None = None,
    cart: tuple[str, ...] = (),
    **entities: object,
) -> Resolution:
    return resolve(text, Entities(**entities), shown, page, cart)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("the second one", [TWO]),
        ("tell me about the 3rd book", [THREE]),
        ("is the last one in stock?", [THREE]),
        ("the first is nice", [ONE]),
        ("option two please", [TWO]),
        ("compare the first two", [ONE, TWO]),
        ("the first and the third one", [ONE, THREE]),
        ("both please", [ONE, TWO]),
        ("are any of those finished", [ONE, TWO, THREE]),
        ("is it finished", [ONE]),
        ("the fifth one", []),
    ],
)
def test_words_point_at_the_cards_shown_last(text: str, subjects: list[ShownProduct]) -> None:
    assert pointed(text).subjects == tuple(product.asin for product in subjects)


@pytest.mark.parametrize(
    "text", ["the second time i ask", "the first order i placed", "my last order", "second hand books"]
)
def test_an_ordinal_of_something_else_points_at_no_card(text: str) -> None:
    assert pointed(text).subjects == ()


def test_what_was_pointed_at_in_the_conversation_needs_the_history() -> None:
    assert pointed("the second one").needs_history
    assert not pointed("is this in stock", shown=(), page=PAGE).needs_history


def test_this_is_the_page_before_it_is_a_card() -> None:
    assert pointed("is this any good", page=PAGE).subjects == (PAGE,)
    assert pointed("is this any good", shown=(TWO,), page=PAGE).subjects == (PAGE,)
    assert pointed("is this any good").subjects == (ONE.asin,)


def test_it_is_the_only_card_before_it_is_the_page() -> None:
    assert pointed("is it in stock", shown=(TWO,), page=PAGE).subjects == (TWO.asin,)
    assert pointed("is it in stock", shown=(), page=PAGE).subjects == (PAGE,)


def test_a_question_without_a_subject_is_about_the_page() -> None:
    assert pointed("how many pages?", shown=(), page=PAGE).subjects == (PAGE,)


@pytest.mark.parametrize(
    "text", ["any deals today", "how much is shipping", "where is my order", "do you sell gift cards"]
)
def test_a_question_about_the_store_is_not_about_the_page(text: str) -> None:
    assert pointed(text, shown=(), page=PAGE).subjects == ()


def test_the_cart_is_what_lies_in_it() -> None:
    assert pointed("are the books in my cart in stock", cart=CART).subjects == CART
    assert pointed("is it all there", shown=(), cart=CART[:1]).subjects == CART[:1]


def test_another_volume_keeps_the_subject_and_changes_the_number() -> None:
    resolution = pointed("vol 3 instead", volumes=(3,))
    assert (resolution.subjects, resolution.volume_change) == ((ONE.asin,), 3)
    assert pointed("what about volume 4", shown=(TWO,), volumes=(4,)).volume_change == 4


@pytest.mark.parametrize("volume", [7, None])
def test_the_next_volume_is_one_on(volume: int | None) -> None:
    seventh = ShownProduct("B0AAAAAAA1", "Berserk, Vol. 7", "berserk", volume)
    assert pointed("and the next one?", shown=(seventh,)).volume_change == 8
    assert pointed("the previous volume", shown=(seventh,)).volume_change == 6


def test_a_volume_of_a_named_series_changes_nothing_shown() -> None:
    mention = SeriesMention("naruto", "Naruto", 1.0)
    resolution = pointed("naruto vol 3", series=(mention,), volumes=(3,))
    assert resolution == Resolution()


def test_a_named_asin_wins_over_everything() -> None:
    assert pointed("is this B0NAMEDONE", page=PAGE, asins=("B0NAMEDONE",)).subjects == ("B0NAMEDONE",)


@pytest.mark.parametrize("text", ["anything cheaper?", "that's too expensive", "a less expensive one"])
def test_cheaper_is_heard(text: str) -> None:
    assert pointed(text).cheaper


@pytest.mark.parametrize("text", ["anything else?", "show me more", "what about for kids"])
def test_a_follow_up_needs_the_history(text: str) -> None:
    assert pointed(text).needs_history
    assert not pointed(text, shown=()).needs_history


def test_nothing_is_pointed_at_where_there_is_nothing() -> None:
    assert pointed("is it in stock", shown=()) == Resolution()
