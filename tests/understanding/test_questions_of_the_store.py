"""Questions of the store's ways that are asked in words that no page holds (K-2, T-4)."""

import pytest

from mangaassist.understanding.analysis import analyse
from mangaassist.understanding.days import day_of
from mangaassist.understanding.vocabulary import questions_of_store
from tests.understanding.demo_lexicon import read as heard


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("amazon has naruto 1 for $7 can you match", "price_match"),
        ("barnes and noble?", "price_match"),
        ("is it cheaper at walmart", "other_prices"),
        ("someone logged into my account", "hacked"),
        ("my account got hacked", "hacked"),
        ("what condition are your used books in", "used"),
        ("where is my ebook", "digital"),
        ("where is my order", ""),
        ("do you have it cheaper", ""),
    ],
)
def test_a_question_of_the_store_is_heard_whatever_it_names(text: str, key: str) -> None:
    assert heard(text).store_question == key


def test_every_question_but_that_for_other_prices_is_one_that_the_pages_are_asked() -> None:
    assert {"price_match", "hacked", "used", "digital", "cancel_preorder"} <= set(questions_of_store("en"))


@pytest.mark.parametrize(
    "text", ["i feel really down lately", "im so sad", "feeling low today", "my dad passed last week"]
)
def test_sadness_is_heard_as_sorrow(text: str) -> None:
    assert heard(text).care == "sorrow"


def test_the_day_of_ordering_is_no_deadline() -> None:
    assert day_of(analyse("if i order today when will it come")) is None
