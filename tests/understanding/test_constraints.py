"""Limits: a number, its comparator, its unit; words that limit without a number; volumes."""

from decimal import Decimal

import pytest

from mangaassist.domain.wishes import Range, Reader
from tests.understanding.demo_lexicon import read


def bounds(range_: Range) -> tuple[str | None, str | None]:
    def plain(value: Decimal | None) -> str | None:
        return None if value is None else format(value.normalize(), "f")

    return plain(range_.least), plain(range_.most)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("horror under $15", None, "14.99"),
        ("less than 20 bucks", None, "19.99"),
        ("cheaper than 10 dollars", None, "9.99"),
        ("between 10 and 20 dollars", "10", "20"),
        ("$10 to $20", "10", "20"),
        ("$5-$10", "5", "10"),
        ("5-10 dollars", "5", "10"),
        ("anything for 5 to 10 dollars", "5", "10"),
        ("from $5 to $10", "5", "10"),
        ("$14.99 max", None, "14.99"),
        ("max 20 bucks", None, "20"),
        ("no more than $30", None, "30"),
        ("up to 25 dollars", None, "25"),
        ("14,99 € or less", None, "14.99"),
        ("i have $30 to spend", None, "30"),
        ("i have about 30 to spend", None, "30"),
        ("budget 40", None, "40"),
        ("my budget is 40 dollars", None, "40"),
        ("budget of around $40", None, "40"),
        ("over $50", "50", None),
        ("at least $20", "20", None),
        ("around $20", "15", "25"),
        ("under 15", None, "14.99"),
        ("below 8.50", None, "8.49"),
        ("¥1000 or less", None, "1000"),
        ("box set under 100", None, "99.99"),
        ("$20 tops", None, "20"),
        ("for kids under 12", None, None),
        ("less than 300 pages", None, None),
        ("under 12 volumes", None, None),
        ("vol 3", None, None),
        ("i was charged twice", None, None),
        ("is it really $5", None, None),
        ("1000円以下のホラー", None, "1000"),
        ("mangas por menos de 15 euros", None, "14.99"),
    ],
)
def test_prices_are_told_from_other_numbers(text: str, least: str | None, most: str | None) -> None:
    assert bounds(read(text).limits.price) == (least, most)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("max 15 volumes", None, "15"),
        ("under 12 volumes", None, "11"),
        ("less than 5 books", None, "4"),
        ("fewer than ten volumes", None, "9"),
        ("5 volumes or less", None, "5"),
        ("five vols max", None, "5"),
        ("no more than 20 volumes", None, "20"),
        ("at most 3 volumes", None, "3"),
        ("not more than like 12 books", None, "12"),
        ("3 or fewer volumes", None, "3"),
        ("at least 10 volumes", "10", None),
        ("more than 20 volumes", "21", None),
        ("over 30 books", "31", None),
        ("20+ volumes", "20", None),
        ("between 5 and 10 volumes", "5", "10"),
        ("5 to 10 volumes", "5", "10"),
        ("something short", None, "10"),
        ("not too long", None, "10"),
        ("a one shot", None, "1"),
        ("standalone", None, "1"),
        ("a long series", "20", None),
        ("how long does delivery take", None, None),
        ("how long is it", None, None),
        ("how many volumes", None, None),
        ("it takes too long", None, None),
        ("volumes 1 to 5", None, None),
        ("under $12", None, None),
        ("10巻以下", None, "10"),
        ("series de máximo 10 tomos", None, "10"),
    ],
)
def test_a_series_length_is_bounded(text: str, least: str | None, most: str | None) -> None:
    assert bounds(read(text).limits.volumes) == (least, most)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("from the 90s", "1990", "1999"),
        ("80s manga", "1980", "1989"),
        ("early 2000s", "2000", "2009"),
        ("after 2015", "2016", None),
        ("since 2015", "2016", None),
        ("2015 or later", "2015", None),
        ("before 2000", None, "1999"),
        ("older than 1990", None, "1989"),
        ("published in 1997", "1997", "1997"),
        ("classic manga", None, "1999"),
        ("something modern", "2015", None),
        ("nothing from before 2010", "2010", None),
        ("under $90", None, None),
    ],
)
def test_years_are_bounded(text: str, least: str | None, most: str | None) -> None:
    assert bounds(read(text).limits.year) == (least, most)


@pytest.mark.parametrize(
    ("text", "age", "child"),
    [
        ("for my 10 year old nephew", 10, True),
        ("for my 10-year-old", 10, True),
        ("my kid is 8", 8, True),
        ("my son just turned 9", 9, True),
        ("would my 9yo like this", 9, True),
        ("for a twelve year old girl", 12, True),
        ("my daughter (12) likes horses", 12, True),
        ("niece aged 7", 7, True),
        ("for a 5th grader", 10, True),
        ("for kids under 12", 11, True),
        ("a gift for a teenager", 14, True),
        ("my brother is 25", 25, False),
        ("for my 70 year old grandpa", 70, False),
        ("gift for my son", None, True),
        ("for my girlfriend", None, False),
        ("my sister loves romance", None, False),
        ("8歳の息子にプレゼント", 8, True),
        ("regalo para mi sobrino de 10 años", 10, True),
    ],
)
def test_the_reader_is_known_by_age_and_person(text: str, age: int | None, child: bool) -> None:
    reader = read(text).limits.reader
    assert reader is not None
    assert (reader.age, reader.is_child, reader.is_self) == (age, child, False)


def test_an_age_of_ones_own_makes_oneself_the_reader() -> None:
    assert read("i am 14").limits.reader == Reader("", 14, True, True)


@pytest.mark.parametrize(
    "text",
    [
        "my wife already read that",
        "vol 8",
        "is 8 in stock",
        "i am on volume 12",
        "it is 10 dollars",
        "my friend recommended it",
    ],
)
def test_not_everybody_who_is_spoken_of_is_the_reader(text: str) -> None:
    assert read(text).limits.reader is None


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("finished, seinen", True),
        ("a completed series", True),
        ("only finished ones", True),
        ("with an ending", True),
        ("ongoing romance", False),
        ("still running", False),
        ("is it finished", None),
        ("is naruto finished", None),
        ("is the story finished?", None),
        ("are any of them completed", None),
        ("i finished naruto", None),
        ("the complete set", None),
        ("just finished it", None),
    ],
)
def test_finished_is_a_wish_only_where_it_is_no_question(text: str, finished: bool | None) -> None:
    assert read(text).limits.finished is finished


@pytest.mark.parametrize(
    ("text", "in_stock"),
    [
        ("horror in stock", True),
        ("romance thats available now", True),
        ("is it in stock", False),
        ("is berserk in stock", False),
        ("when is it back in stock", False),
        ("are they all in stock", False),
    ],
)
def test_in_stock_is_a_wish_only_where_it_is_no_question(text: str, in_stock: bool) -> None:
    assert read(text).limits.in_stock is in_stock


@pytest.mark.parametrize(
    ("text", "ordering"),
    [
        ("the cheapest one", "cheapest"),
        ("whats the least expensive", "cheapest"),
        ("most expensive manga", "dearest"),
        ("priciest thing in the shop", "dearest"),
        ("best rated horror", "best"),
        ("most popular", "best"),
        ("newest manga", "newest"),
        ("whats the shortest", "shortest"),
        ("longest series", "longest"),
        ("the latest volume of naruto", None),
        ("cheaper", None),
    ],
)
def test_an_order_of_the_shelf_is_read(text: str, ordering: str | None) -> None:
    assert read(text).limits.ordering == ordering


@pytest.mark.parametrize(
    ("text", "comparative"),
    [
        ("something cheaper", "cheaper"),
        ("thats too expensive", "cheaper"),
        ("too pricey", "cheaper"),
        ("shorter", "shorter"),
        ("not as long", "shorter"),
        ("too many volumes", "shorter"),
        ("something longer", "longer"),
        ("got anything lighter", "lighter"),
        ("less depressing", "lighter"),
        ("something darker then", "darker"),
        ("too childish", "darker"),
        ("scarier please", "scarier"),
        ("less gory", "milder"),
        ("too violent for me", "milder"),
        ("something newer", "newer"),
        ("something older", "older"),
        ("my older brother", ""),
        ("not scary", ""),
        ("delivery takes too long", ""),
    ],
)
def test_a_comparative_measures_by_what_was_shown(text: str, comparative: str) -> None:
    assert read(text).limits.comparative == comparative


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("three suggestions", 3),
        ("top 5", 5),
        ("a couple of ideas", 2),
        ("a few recs", 3),
        ("give me 4 horror manga", 4),
        ("vol 3", None),
        ("max 3 volumes", None),
        ("3 day shipping", None),
        ("i need three books for under 30 dollars", 3),
    ],
)
def test_a_number_of_things_is_read(text: str, count: int | None) -> None:
    assert read(text).limits.count == count


def test_each_number_belongs_to_one_thing_only() -> None:
    limits = read("3 finished series from the 90s, under $20, max 10 volumes, for my 12 year old").limits
    assert limits.count == 3
    assert bounds(limits.year) == ("1990", "1999")
    assert bounds(limits.price) == (None, "19.99")
    assert bounds(limits.volumes) == (None, "10")
    assert limits.reader is not None
    assert limits.reader.age == 12


def test_an_amount_that_bounds_nothing_is_kept() -> None:
    assert read("is it really $5?").limits.amount == Decimal(5)


@pytest.mark.parametrize(
    ("text", "volumes"),
    [
        ("vol 3", (3,)),
        ("volume three", (3,)),
        ("volume one", (1,)),
        ("vol. 3-5", (3, 4, 5)),
        ("vol 3 to vol 5", (3, 4, 5)),
        ("vol 3 and vol 5", (3, 5)),
        ("volumes 1 to 5", (1, 2, 3, 4, 5)),
        ("vols 1, 2 and 7", (1, 2, 7)),
        ("the first three volumes", (1, 2, 3)),
        ("the third volume", (3,)),
        ("the 2nd book", (2,)),
        ("#4", (4,)),
        ("and 4?", (4,)),
        ("is 3 out yet", (3,)),
        ("add 1 and 2", (1, 2)),
        ("what about 7", (7,)),
        ("3", (3,)),
        ("vol 3 instead", (3,)),
        ("3巻", (3,)),
        ("el tomo 3", (3,)),
        ("under 12 volumes", ()),
        ("5 volumes or less", ()),
        ("the first one", ()),
        ("budget 40", ()),
        ("return 3 of the 5 books", ()),
        ("one piece of advice", ()),
        ("i need it in 3 days", ()),
    ],
)
def test_volumes_without_a_series_are_loose(text: str, volumes: tuple[int, ...]) -> None:
    assert read(text).volumes == volumes


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("berserk 12", [("berserk", 12)]),
        ("berserk #3", [("berserk", 3)]),
        ("berserk 1-3", [("berserk", 1), ("berserk", 2), ("berserk", 3)]),
        ("One Piece vol 1 and Naruto vol 2", [("one-piece", 1), ("naruto", 2)]),
        ("vol 3 of berserk", [("berserk", 3)]),
        ("the first 2 volumes of naruto", [("naruto", 1), ("naruto", 2)]),
        ("naruto", [("naruto", None)]),
        ("naruto 20 dollars", [("naruto", None)]),
        ("mob psycho 100", [("mob-psycho-100", None)]),
        ("got yotsubato 5? my kid is 8", [("yotsuba-and", 5)]),
        ("something like berserk", []),
        ("鋼の錬金術師 3巻", [("fullmetal-alchemist", 3)]),
        ("naruto 1 and the first 2 of bleach", [("naruto", 1), ("bleach", 1), ("bleach", 2)]),
        ("naruto vol 1 and vol 2 of bleach", [("naruto", 1), ("bleach", 2)]),
        ("volumes 10 through 12 of bleach", [("bleach", 10), ("bleach", 11), ("bleach", 12)]),
        ("naruto tomo 5, por favor", [("naruto", 5)]),
    ],
)
def test_volumes_belong_to_the_series_that_they_stand_by(text: str, targets: list[tuple[str, int | None]]) -> None:
    assert [(target.series_id, target.volume) for target in read(text).targets] == targets


def test_a_range_of_volumes_is_bounded() -> None:
    assert len(read("vol 1-300").volumes) <= 50


@pytest.mark.parametrize("said", ["older characters pls", "with an older protagonist", "about an older couple"])
def test_who_a_story_is_about_is_no_comparison_of_books(said: str) -> None:
    assert not read(said).limits.comparative


@pytest.mark.parametrize("text", ["what about 3 in 1s", "a box with 2 in 1s around", "still waiting on 3+4"])
def test_the_figures_of_editions_and_of_volumes_that_are_added_up_are_no_price(text: str) -> None:
    assert read(text).limits.price == Range()


@pytest.mark.parametrize("text", ["my mom says no, im 15, something with swords", "im 15 i like swords"])
def test_ones_own_age_is_heard_beside_a_person_who_only_speaks(text: str) -> None:
    reader = read(text).limits.reader
    assert reader is not None
    assert (reader.age, reader.is_self) == (15, True)


@pytest.mark.parametrize(
    "text", ["hopefully vampires", "basically vampires", "eww, vampires", "a friend who adores vampires"]
)
def test_how_something_is_said_describes_nothing(text: str) -> None:
    assert read(text).words == ()
    assert {one.kind for one in read(text).mentions} <= {"theme", "person"}


def test_a_denied_deed_with_anything_that_has_it_refuses_it() -> None:
    assert [one.role for one in read("i can't read anything with romance").mentions] == ["unwanted"]
    assert [one.role for one in read("i can read anything with romance").mentions] == ["wanted"]
