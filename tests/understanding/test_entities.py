"""T-5: what a message names by itself."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.products import Format
from mangaassist.understanding.entities import EntityReader
from mangaassist.understanding.folding import fold
from mangaassist.understanding.titles import SeriesTitle, TitleLexicon
from mangastore.data.series import load_series


def lexicon() -> TitleLexicon:
    return TitleLexicon.from_titles(
        SeriesTitle(series.id, series.title, tuple(series.other_names()), tuple(series.authors))
        for series in load_series()
    )


READER = EntityReader(lexicon())


def series_in(text: str) -> list[str]:
    return [mention.series_id for mention in READER.read(text).series]


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("do you have vinland saga in hardcover", "vinland-saga"),
        ("進撃の巨人はありますか", "attack-on-titan"),
        ("is aot finished", "attack-on-titan"),
        ("JJK vol 4", "jujutsu-kaisen"),
        ("komi cant communicate", "komi-cant-communicate"),
        ("KOMI CAN’T COMMUNICATE", "komi-cant-communicate"),
        ("frieren 3", "frieren-beyond-journeys-end"),
        ("Haikyu!! box set", "haikyu"),
        ("dr stone", "dr-stone"),
        ("berserk's author", "berserk"),
        ("what did you eat yesterday vol 2", "what-did-you-eat-yesterday"),
    ],
)
def test_a_series_is_found_by_any_of_its_names(text: str, series: str) -> None:
    assert series_in(text) == [series]


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("one peice", "one-piece"),
        ("fulmetal alchemist box set", "fullmetal-alchemist"),
        ("vinlandsaga deluxe", "vinland-saga"),
        ("chain saw man 3", "chainsaw-man"),
        ("jujitsu kaisen", "jujutsu-kaisen"),
        ("do you have narutoo", "naruto"),
        ("attack of titans", "attack-on-titan"),
        ("have you got dorohedro vol 2", "dorohedoro"),
    ],
)
def test_a_misspelt_series_is_found_and_scored_below_one(text: str, series: str) -> None:
    mentions = READER.read(text).series
    assert [mention.series_id for mention in mentions] == [series]
    assert 0.7 < mentions[0].score < 1.0


def test_the_longest_name_wins() -> None:
    assert series_in("tokyo ghoul re") == ["tokyo-ghoul-re"]
    assert series_in("tokyo ghoul recommendations") == ["tokyo-ghoul"]


def test_several_series_come_in_the_order_in_which_they_are_named() -> None:
    assert series_in("is vagabond better than berserk?") == ["vagabond", "berserk"]


@pytest.mark.parametrize(
    "text",
    [
        "i want something with a monster in it",
        "a fruity orange cover",
        "given that i have no money",
        "is this for real",
        "the mc isnt op",
        "i blame you",
        "can you look back at my order",
        "any cat manga",
        "my package smells and looks bad",
        "バナナ",
        "i ordered an omnibus",
    ],
)
def test_an_everyday_word_is_no_title(text: str) -> None:
    assert series_in(text) == []


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("Monster", "monster"),
        ("monster vol 3", "monster"),
        ("do you have monster in stock", "monster"),
        ("is Monster any good", "monster"),
        ('something like "orange"', "orange"),
        ("the manga called real", "real"),
        ("nana 3", "nana"),
        ("have you got Blame!", "blame"),
        ("pluto by urasawa", "pluto"),
        ("OP box set", "one-piece"),
    ],
)
def test_an_everyday_word_is_a_title_where_the_sentence_says_so(text: str, series: str) -> None:
    assert series_in(text) == [series]


@pytest.mark.parametrize(
    ("text", "volumes"),
    [
        ("berserk vol 3", (3,)),
        ("berserk volume three", (3,)),
        ("berserk #3", (3,)),
        ("berserk 12", (12,)),
        ("berserk 1-5", (1, 2, 3, 4, 5)),
        ("volumes 2 to 4 please", (2, 3, 4)),
        ("vols 1, 2 and 7", (1, 2, 7)),
        ("進撃の巨人 3巻", (3,)),
        ("the third volume", (3,)),
        ("the first 3 volumes of naruto", (1, 2, 3)),
        ("jujutsu kaisen 0", (0,)),
        ("mob psycho 100", ()),
        ("kaiju no 8", ()),
        ("eyeshield 21 vol 2", (2,)),
        ("20th century boys", ()),
        ("berserk 20 dollars", ()),
        ("return 3 of the 5 books", ()),
    ],
)
def test_volumes_are_read_in_every_way_of_writing_them(text: str, volumes: tuple[int, ...]) -> None:
    assert READER.read(text).volumes == volumes


def test_a_range_of_volumes_is_bounded() -> None:
    assert len(READER.read("naruto vol 1-300").volumes) <= 51


@pytest.mark.parametrize(
    ("text", "floor", "ceiling"),
    [
        ("horror under $15", None, "15"),
        ("less than 20 bucks", None, "20"),
        ("between 10 and 20 dollars", "10", "20"),
        ("$10 to $20", "10", "20"),
        ("10-20 dollars", "10", "20"),
        ("$14.99 max", None, "14.99"),
        ("14,99 € or less", None, "14.99"),
        ("i have $30 to spend", None, "30"),
        ("over $50", "50", None),
        ("under 15", None, "15"),
        ("for kids under 12", None, None),
        ("less than 300 pages", None, None),
        ("under 12 volumes", None, None),
        ("i was charged twice", None, None),
    ],
)
def test_price_limits_are_told_from_other_numbers(text: str, floor: str | None, ceiling: str | None) -> None:
    entities = READER.read(text)
    assert entities.price_floor == (Decimal(floor) if floor else None)
    assert entities.price_ceiling == (Decimal(ceiling) if ceiling else None)


@pytest.mark.parametrize(
    ("text", "genres", "demographics"),
    [
        ("something scary", ("Horror",), ()),
        ("a love story", ("Romance",), ()),
        ("cozy shoujo", ("Slice of Life",), ("shojo",)),
        ("sci-fi seinen", ("Sci-Fi",), ("seinen",)),
        ("not too scary please", (), ()),
        ("no romance", (), ()),
        ("not a fan of shonen", (), ()),
        ("i'm a big fan of horror", ("Horror",), ()),
        ("welcome to demon school iruma-kun", (), ()),
        ("berserk action figure", (), ()),
    ],
)
def test_genres_are_read_by_their_everyday_names(
    text: str, genres: tuple[str, ...], demographics: tuple[str, ...]
) -> None:
    entities = READER.read(text)
    assert (entities.genres, entities.demographics) == (genres, demographics)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("one piece box set", {Format.BOX_SET}),
        ("3-in-1 edition", {Format.OMNIBUS}),
        ("in hardcover", {Format.HARDCOVER}),
        ("berserk deluxe", {Format.OMNIBUS, Format.HARDCOVER}),
        ("single volumes", {Format.PAPERBACK}),
        ("vinland saga", set()),
    ],
)
def test_formats_are_read(text: str, formats: set[Format]) -> None:
    assert set(READER.read(text).formats) == formats


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("anything by Naoki Urasawa", ("Naoki Urasawa",)),
        ("urasawa manga", ("Naoki Urasawa",)),
        ("ito junji collection", ("Junji Ito",)),
        ("one piece", ()),
        ("all in one", ()),
        ("by ONE", ("ONE",)),
    ],
)
def test_authors_are_found_by_full_name_or_telling_surname(text: str, authors: tuple[str, ...]) -> None:
    assert READER.read(text).authors == authors


def test_order_numbers_and_asins_are_read_and_are_no_volumes() -> None:
    entities = READER.read("order 112-3456789-0123456 or 112 3456789 0123457, item b0abcdefgh")
    assert entities.order_ids == ("112-3456789-0123456", "112-3456789-0123457")
    assert entities.asins == ("B0ABCDEFGH",)
    assert entities.volumes == ()


@pytest.mark.parametrize(
    ("text", "count"), [("three series", 3), ("top 5", 5), ("a couple of ideas", 2), ("vol 3", None)]
)
def test_a_count_of_suggestions_is_read(text: str, count: int | None) -> None:
    assert READER.read(text).count == count


def test_an_empty_lexicon_reads_everything_but_titles() -> None:
    entities = EntityReader(TitleLexicon.from_titles([])).read("berserk vol 3 under $10")
    assert entities.series == ()
    assert entities.volumes == (3,)
    assert entities.price_ceiling == Decimal(10)


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    READER.read(text)


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


WORDS = ["berzerk", "titn", "on", "piece", "0", "vol", "vinlnd", "$", "no", "a", "the", "under", "jojoo", "1,", "-"]


@given(st.lists(st.sampled_from(WORDS), max_size=400))
def test_a_long_message_of_half_names_never_names_more_than_it_has_words(words: list[str]) -> None:
    assert len(series_in(" ".join(words)[:2000])) <= len(words)
