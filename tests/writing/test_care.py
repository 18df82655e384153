"""Care comes before everything (G-1, G-11): the right number, plain refusals, and what should not be typed."""

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.store_facts import AgeRating
from mangaassist.domain.writing import WritingTask
from tests.writing.at_the_counter import FACTS, WRITER, asked, every_way, order, with_orders

BERSERK, YOTSUBA = demo.product("berserk"), demo.product("yotsuba-and")


def at_home_in(task: WritingTask, country: str | None) -> WritingTask:
    return replace(task, evidence=replace(task.evidence, facts=replace(FACTS, home_country=country)))


@pytest.mark.parametrize(
    ("care", "country", "number"),
    [
        ("distress", "US", "988"),
        ("distress", "GB", "116 123"),
        ("distress", None, "112"),
        ("danger", "US", "911"),
        ("danger", "DE", "112"),
    ],
)
def test_the_right_number_is_given(care: str, country: str | None, number: str) -> None:
    for text in every_way(at_home_in(asked(Act.FIND, care=care), country)):
        assert f"**{number}**" in text


@pytest.mark.parametrize("care", ["distress", "danger"])
def test_nothing_is_sold_or_suggested_to_who_needs_help(care: str) -> None:
    task = asked(Act.RECOMMEND, care=care, evidence=Evidence(products=(BERSERK,)))
    for text in every_way(task):
        assert "Berserk" not in text
        assert "manga" not in text.lower()
    assert WRITER.suggestions(task) == ()


def test_another_customer_s_data_is_refused_plainly_and_no_order_is_told() -> None:
    owned = order(1, "shipped", "Vinland Saga, Vol. 3")
    for text in every_way(asked(Act.TRACK, care="other_customer", evidence=with_orders(owned))):
        assert "private" in text
        assert owned.order.order_id not in text
        assert "Vinland" not in text


def test_a_secret_is_kindly_refused_and_the_rest_still_answered() -> None:
    for text in every_way(asked(Act.PAYMENT_METHOD, about="do you take visa", care="secret")):
        first, second = text.split("\n\n")
        assert "card numbers" in first
        assert second.startswith("Yes")


def test_a_child_gets_something_for_all_ages_in_place_of_a_mature_title() -> None:
    task = asked(Act.FIND, care="child", evidence=Evidence(products=(BERSERK, YOTSUBA)))
    ratings = (AgeRating(name="Mature", least_age=18), AgeRating(name=YOTSUBA.product.age_rating, least_age=0))
    rated = replace(task, evidence=replace(task.evidence, facts=replace(FACTS, age_ratings=ratings)))
    for text in every_way(rated):
        assert "Yotsuba" in text
        assert "Berserk" not in text


def test_without_a_title_that_fits_a_child_is_asked_what_it_likes() -> None:
    for text in every_way(asked(Act.FIND, care="child", evidence=Evidence(products=(BERSERK,)))):
        assert "all ages" in text
        assert "Berserk" not in text
