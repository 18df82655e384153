"""Whether a yes or a no is asked for, and of whom (T-5): what a verdict may be concluded for."""

import pytest

from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.asks_whether import asked_as, asker_of, asks_must, asks_ongoing
from mangaassist.understanding.percents import percent_in


@pytest.mark.parametrize(
    ("text", "asker"),
    [
        ("can i pay half by card", "shopper"),
        ("ok so do u ship to spain", "store"),
        ("is it tracked", "it"),
        ("physical one?", "it"),
        ("what about 2 gift cards", "it"),
        ("i paid twice, do i get it back", "shopper"),
    ],
)
def test_a_question_for_yes_or_no_says_of_whom(text: str, asker: str) -> None:
    assert asker_of(analyse(text)) == asker


@pytest.mark.parametrize(
    "text",
    ["how long does it take", "can i return it after 30 days", "cant i just keep it", "paypal or card?", "ok thanks"],
)
def test_what_asks_for_a_thing_or_is_turned_round_is_none(text: str) -> None:
    assert asker_of(analyse(text)) == ""


@pytest.mark.parametrize(
    ("text", "must"),
    [
        ("do i need an account", True),
        ("does it have to be signed", True),
        ("is a signature required", True),
        ("can i order without one", False),
        ("i have a question", False),
    ],
)
def test_whether_something_must_be_is_told_from_whether_it_can(text: str, must: bool) -> None:
    assert asks_must(analyse(text)) is must


@pytest.mark.parametrize(
    ("text", "ongoing"), [("oh so its still going?", True), ("is naruto ongoing", True), ("is naruto finished", False)]
)
def test_whether_it_goes_on_is_told_from_whether_it_has_ended(text: str, ongoing: bool) -> None:
    assert asks_ongoing(analyse(text)) is ongoing


def test_a_percentage_is_read_and_two_are_none() -> None:
    assert percent_in(analyse("the 30% black friday code isnt working")) == 30
    assert percent_in(analyse("15 percent off?")) == 15
    assert percent_in(analyse("is it 10% or 15%")) is None
    assert percent_in(analyse("volume 30")) is None


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("can i still cancel it", ""),
        ("is it too late to cancel", "turned"),
        ("did i miss the window, is my time over", "turned"),
        ("its not too late is it", ""),
        ("can i still cancel or is it too late", ""),
        ("what did i pay for berserk", "open"),
        ("ok and when do i get it", "open"),
        ("what if i already read it", ""),
        ("do i have to send it back or can i throw it out", "choice"),
        ("is it late or not", ""),
    ],
)
def test_how_a_yes_in_front_would_be_heard(text: str, how: str) -> None:
    assert asked_as(analyse(text)) == how
