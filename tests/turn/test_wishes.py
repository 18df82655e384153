"""T-5: what a wish goes by, what it demands, and how well a product answers it."""

from typing import Any

import pytest

from mangaassist.domain.meaning import Entities, SeriesMention
from mangaassist.domain.products import Format, Product
from mangaassist.turn.demands import Demands, counts_volumes, demands_of
from mangaassist.turn.wishes import SAME_MAKER, covers, fit, only_points, telling, topic, wish_of

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


@pytest.mark.parametrize("word", ["yuri", "yaoi", "bl", "gl", "gay", "lesbian", "queer", "lgbt", "sapphic"])
def test_words_of_readers_are_what_the_store_calls_them(word: str) -> None:
    assert telling(f"some {word} manga") == ("lgbtq",)


@pytest.mark.parametrize(
    ("people", "subject"),
    [
        *((word, "parent") for word in ("mum", "mom", "mother", "dad", "father")),
        *((word, "child") for word in ("kid", "kids", "child", "children", "daughter", "son", "nephew", "niece")),
        *((word, "teenager") for word in ("teen", "teenager")),
    ],
)
def test_whom_a_gift_is_for_is_its_subject(people: str, subject: str) -> None:
    assert topic(f"a gift for my {people}").split()[-1] == subject


def test_a_word_tells_once_and_numbers_and_short_words_tell_nothing() -> None:
    assert telling("pirates, pirates and 3 ab pirates") == ("pirates",)
    assert telling("海賊") == ("海賊",)


@pytest.mark.parametrize(
    "named",
    [
        Entities(genres=("Horror",)),
        Entities(demographics=("seinen",)),
        Entities(authors=("Junji Ito",)),
        Entities(asins=("B0UZUMAKI1",)),
        Entities(formats=(Format.OMNIBUS,)),
    ],
)
def test_whoever_names_a_kind_or_a_maker_or_a_format_needs_no_wish(named: Entities) -> None:
    assert wish_of("do you have spirals", named) == ""


@pytest.mark.parametrize(
    "text",
    [
        "what else did he write", "anything else by her", "other books by this author", "more from them",
        "something by the same artist", "same mangaka",
    ],
)  # fmt: skip
def test_who_asks_for_the_same_maker_is_understood(text: str) -> None:
    assert SAME_MAKER.search(text)


def test_what_else_there_is_asks_for_no_maker() -> None:
    assert not SAME_MAKER.search("what else do you have")


def test_words_of_the_page_count_wherever_they_stand() -> None:
    page = product("Title", aliases=("Alias",), authors=("Author",), description="Description", genres=("Genre",),
                   themes=("Theme",), demographic="shojo")  # fmt: skip
    for word in ("title", "alias", "author", "description", "genre", "theme", "shojo"):
        assert covers(page, [word]) == 1
    assert fit(page, ["theme"]) == fit(page, ["genre"]) == fit(page, ["shojo"]) == 2
    assert fit(page, ["author"]) == 1
    assert fit(page, []) == 0


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
        ("for a 9 y/o", Demands(age=9)),
        ("my little sister would like it", Demands(age=10)),
        ("a one-shot", Demands(most=1)),
        ("a standalone", Demands(most=1)),
        ("at most 3 books", Demands(most=2)),
        ("a quick read", Demands(most=8)),
        ("short stories", Demands()),
        ("a long series", Demands(least=20)),
        ("something darker", Demands(darker=True)),
        ("light novels", Demands()),
        ("no romance, no romance, without any magic", Demands(without=("romance", "magic"))),
    ],
)
def test_what_a_wish_demands_beside_its_words(text: str, demanded: Demands) -> None:
    assert demands_of(text) == demanded


@pytest.mark.parametrize(
    ("rating", "suits"), [("All Ages", True), ("Teen", False), ("Older Teen", False), ("Mature", False), ("", False)]
)
def test_a_ten_year_old_is_shown_nothing_that_is_rated_for_older_readers(rating: str, suits: bool) -> None:
    assert demands_of("for a 10 year old").met_by(product("X", age_rating=rating)) is suits


@pytest.mark.parametrize(("age", "suited"), [(12, 1), (13, 2), (15, 2), (16, 3), (17, 3), (18, 5)])
def test_older_readers_are_shown_more(age: int, suited: int) -> None:
    demands = demands_of(f"for a {age} year old")
    rated = [product("X", age_rating=rating) for rating in ("All Ages", "Teen", "Older Teen", "Mature", "")]
    assert demands.met(rated) == tuple(rated[:suited])


@pytest.mark.parametrize(
    ("genre", "lighter", "darker"),
    [
        *((genre, True, False) for genre in ("Comedy", "Slice of Life", "Gourmet")),
        *((genre, False, True) for genre in ("Horror", "Thriller", "Psychological", "Crime")),
        ("Action", False, False),
    ],
)
def test_genres_are_light_or_dark(genre: str, lighter: bool, darker: bool) -> None:
    assert demands_of("something lighter").met_by(product("X", genres=(genre,))) is lighter
    assert demands_of("something darker").met_by(product("X", genres=(genre,))) is darker


def test_what_is_light_and_dark_at_once_or_for_adults_is_not_light() -> None:
    demands = demands_of("something lighter")
    assert not demands.met_by(product("X", genres=("Comedy", "Horror")))
    assert not demands.met_by(product("X", genres=("Comedy",), age_rating="Mature"))


def test_a_long_series_has_twenty_volumes_and_a_finished_one_an_end() -> None:
    long = demands_of("a long series")
    assert [long.met_by(product("X", series_volumes=volumes)) for volumes in (19, 20)] == [False, True]
    finished = demands_of("a finished series")
    assert [finished.met_by(product("X", series_status=status)) for status in ("ongoing", "finished")] == [False, True]


@pytest.mark.parametrize("label", [{"themes": ("Basketball",)}, {"genres": ("Basketball",)}, {"title": "Basketball"}])
def test_what_is_not_wanted_is_known_by_theme_genre_and_title(label: dict[str, Any]) -> None:
    title = label.pop("title", "X")
    assert not demands_of("not basketball").met_by(product(title, **label))


def test_a_limit_of_volumes_names_no_volume() -> None:
    assert counts_volumes("under 10 volumes")
    assert not counts_volumes("volume 10")


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
