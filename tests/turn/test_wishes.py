"""T-5: what a wish goes by, what it demands, and how well a product answers it."""

import pytest

from mangaassist.domain.meaning import Entities, SeriesMention
from mangaassist.domain.products import Product
from mangaassist.turn.demands import Demands, demands_of
from mangaassist.turn.wishes import covers, fit, only_points, telling, topic, wish_of

NAMES_NONE = Entities()


def product(title: str, **more: object) -> Product:
    return Product(asin="B0AAAAAAA1", title=title, series_id=title.lower(), series_title=title, **more)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "text", ["show me manga", "anything good?", "????", "what's popular?", "under $15 please", "ok"]
)
def test_a_wish_that_says_nothing_has_no_telling_word(text: str) -> None:
    assert telling(text) == ()
    assert wish_of(text, NAMES_NONE) == ""


@pytest.mark.parametrize(
    "text", ["do you have the wheel of time", "got any xyzzy manga?", "looking for percy jackson books"]
)
def test_whoever_asks_for_one_thing_by_name_goes_by_its_title(text: str) -> None:
    assert wish_of(text, NAMES_NONE) == "title"


@pytest.mark.parametrize(
    "text", ["do you have something with dragons", "a boy who turns into a titan", "manga about a chef", "asdkjh qwe"]
)
def test_other_words_are_a_description(text: str) -> None:
    assert wish_of(text, NAMES_NONE) == "description"


def test_whoever_names_a_series_needs_no_wish() -> None:
    named = Entities(series=(SeriesMention("berserk", "Berserk", 1.0),))
    assert wish_of("do you have berserk", named) == ""


@pytest.mark.parametrize(
    "text", ["the second one", "vol 3 instead", "what about the last one", "both", "tell me more about it"]
)
def test_pointing_words_only_point(text: str) -> None:
    assert only_points(text)


@pytest.mark.parametrize("text", ["more like the first one", "something with cats", "is it about pirates"])
def test_what_says_more_does_not_only_point(text: str) -> None:
    assert not only_points(text)


def test_a_theme_that_is_asked_for_counts_more_than_a_word_in_passing() -> None:
    words = telling("show me dark fantasy manga")
    themed = product("Berserk", themes=("Dark fantasy",), genres=("Fantasy",))
    passing = product("Fushigi Yugi", genres=("Fantasy",), description="A dark night, a book, a fantasy of old China.")
    assert fit(themed, words) > fit(passing, words)


def test_a_title_is_covered_by_all_of_its_words_only() -> None:
    words = telling("do you have the wheel of time")
    assert covers(product("That Time I Got Reincarnated as a Slime"), words) < 1
    assert covers(product("The Wheel of Time"), words) == 1


def test_a_gift_is_for_somebody_and_that_is_the_subject_of_a_guide() -> None:
    assert topic("a gift for my mum") == "parent"
    assert topic("what's the best manga to start with") == ""


@pytest.mark.parametrize(
    ("text", "demanded"),
    [
        ("manga for my 8 year old daughter", Demands(age=8)),
        ("something for kids", Demands(age=10)),
        ("something shorter", Demands(most=8)),
        ("a finished series under 10 volumes", Demands(most=9, finished=True)),
        ("sports manga but not basketball", Demands(without=("basketball",))),
        ("i dont like gore", Demands(without=("gore",))),
        ("something lighter", Demands(lighter=True)),
        ("dark fantasy under $20", Demands()),
        ("i waited a long time", Demands()),
        ("the complete box set", Demands()),
    ],
)
def test_what_a_wish_demands_beside_its_words(text: str, demanded: Demands) -> None:
    assert demands_of(text) == demanded


@pytest.mark.parametrize(
    ("rating", "suits"), [("All Ages", True), ("Teen", False), ("Older Teen", False), ("Mature", False), ("", False)]
)
def test_a_ten_year_old_is_shown_nothing_that_is_rated_for_older_readers(rating: str, suits: bool) -> None:
    assert demands_of("for a 10 year old").met_by(product("X", age_rating=rating)) is suits


def test_what_is_not_wanted_is_not_shown() -> None:
    demands = demands_of("sports manga but not basketball")
    assert not demands.met_by(product("Slam Dunk", themes=("Basketball",)))
    assert demands.met_by(product("Haikyu!!", themes=("Volleyball",)))


def test_lengths_are_counted_in_volumes_of_the_series() -> None:
    demands = demands_of("less than 5 volumes")
    assert [demands.met_by(product("X", series_volumes=volumes)) for volumes in (0, 1, 4, 5)] == [
        False,
        True,
        True,
        False,
    ]
