"""Yes or no, concluded from a sentence of a page: T-11. Where the sentence leaves it open, nothing is concluded."""

import pytest

from mangaassist.domain.meaning import Asker
from mangaassist.models.writers.offline.page_words import stems
from mangaassist.models.writers.offline.verdicts import Polar, verdict

PAY = "You can use up to 3 gift cards per order and pay the rest by card, PayPal, Apple Pay or Google Pay."
SOLD = "We sell gift cards by email from $10 to $250."
SLOW = "Wrapping does not slow the order down, except in December, when it can add one business day."


def asked(asker: Asker, words: str, given: str = "") -> Polar:
    return Polar(asker, tuple(words.split()), stems(given))


@pytest.mark.parametrize(
    ("question", "sentence", "concluded"),
    [
        (asked("it", "card expir", "gift card"), "Gift cards never expire and have no fees.", "no"),
        (asked("shopper", "use pay rest card", "gift card"), PAY, "yes"),
        (asked("shopper", "choos warehous"), "You cannot choose the warehouse yourself.", "no"),
        (asked("store", "mark", "customs"), "We declare the full value and cannot mark orders as gifts.", "no"),
        (asked("it", "track"), "Every parcel is tracked.", "yes"),
        (asked("it", "wrap slow down", "gift wrap"), SLOW, "no"),
    ],
)
def test_a_clause_that_speaks_of_all_that_is_asked_decides(question: Polar, sentence: str, concluded: str) -> None:
    assert verdict(question, sentence) == concluded


@pytest.mark.parametrize(
    ("question", "concluded"),
    [
        (asked("shopper", "card 15", "gift card"), "yes"),
        (asked("shopper", "500 card", "gift card"), "no"),
        (asked("shopper", "card 20 50", "gift card"), ""),
    ],
)
def test_an_amount_is_held_against_the_range(question: Polar, concluded: str) -> None:
    assert verdict(question, SOLD) == concluded


def test_a_number_is_held_against_the_most_that_is_allowed() -> None:
    assert verdict(asked("it", "2 card", "gift card"), PAY) == "yes"
    assert verdict(asked("it", "5 card", "gift card"), PAY) == "no"
    assert verdict(asked("it", "2 card"), PAY) == "", "two cards are no gift cards"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (asked("store", "charg right away"), "Inkwell Circle and emailed gift cards are charged right away."),
        (asked("shopper", "pay damag"), "We pay when the book is damaged, defective or not what you ordered."),
        (asked("shopper", "sign", "signature"), "Only orders of $250 or more need to be signed for by an adult."),
        (asked("shopper", "return 40 day"), "You have 30 days from delivery to return a book."),
        (asked("shopper", "member"), "Members get a 10% member price and free shipping with no minimum."),
        (asked("it", "sunday"), "We are closed on Sundays and on Thanksgiving."),
        (asked("it", "tax count", "item price"), "We count item prices after discounts and before sales tax."),
        (asked("", "track"), "Every parcel is tracked."),
        (asked("it", ""), "Every parcel is tracked."),
    ],
    ids=[
        "another subject",
        "another person",
        "only",
        "another number",
        "denies something else",
        "says something else",
        "left out of what it says",
        "no question of yes or no",
        "nothing is asked",
    ],
)
def test_what_a_sentence_leaves_open_is_not_concluded(question: Polar, sentence: str) -> None:
    assert verdict(question, sentence) == ""
