"""What a store calls its own shelves comes before what the lexica make of the words (S-8)."""

from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.utterance_reader import UtteranceReader

GENRES = ("Cooking", "Classic", "Gothic", "Crime", "Mystery")
WORDS = {
    "Cooking": ("cook books",),
    "Classic": ("classics",),
    "Crime": ("whodunits",),
    "Vegetarian food": ("vegetarian",),
}


def heard(text: str) -> Utterance:
    return UtteranceReader(Lexicon.with_catalog((), ("Vegetarian food",), GENRES, WORDS)).read(text)


def named(text: str) -> list[tuple[str, str]]:
    return [(mention.kind, mention.value) for mention in heard(text).mentions]


def test_a_genre_that_the_lexica_do_not_know_is_heard_by_its_name() -> None:
    assert ("genre", "Gothic") in named("a gothic novel")


def test_a_stores_word_is_its_genre_or_theme_alone_whatever_the_lexica_say_of_it() -> None:
    assert named("any whodunits") == [("genre", "Crime")]
    assert named("show me cook books") == [("genre", "Cooking")]
    assert named("something vegetarian") == [("theme", "Vegetarian food")]


def test_where_the_store_has_a_shelf_of_classics_the_word_is_no_time() -> None:
    assert heard("show me classics").limits.year.is_open
    assert not UtteranceReader(Lexicon()).read("show me classics").limits.year.is_open
