"""The text read once: sentences, tokens, stems, language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.understanding.analysis import Analysis, analyse, detect_language, stem


def words(text: str, language: str | None = None) -> list[str]:
    return [token.text for token in analyse(text, language).tokens]


def sentences(text: str) -> list[list[str]]:
    analysis = analyse(text)
    return [[token.text for token in analysis.words(sentence)] for sentence in analysis.sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("whats it cost", ["what", "is", "it", "cost"]),
        ("What's it cost?", ["what", "is", "it", "cost"]),
        ("i dont want it", ["i", "do", "not", "want", "it"]),
        ("I don’t want it", ["i", "do", "not", "want", "it"]),
        ("im bored", ["i", "am", "bored"]),
        ("I'm bored", ["i", "am", "bored"]),
        ("hasnt it arrived", ["has", "not", "it", "arrived"]),
        ("do u have ur list", ["do", "you", "have", "your", "list"]),
        ("pls show vol.3", ["please", "show", "volume", "3"]),
        ("vol3", ["volume", "3"]),
        ("books w/ cats", ["books", "with", "cats"]),
        ("9yo", ["9", "yo"]),
        ("from the 90s", ["from", "the", "90", "s"]),
        ("berserk's author", ["berserk", "author"]),
        ("$9.99", ["$", "9.99"]),
        ("1,000 yen", ["1,000", "yen"]),
        ("idk", ["i", "do", "not", "know"]),
        ("they've gone", ["they", "have", "gone"]),
        ("we'd like", ["we", "would", "like"]),
        ("gonna read", ["going", "to", "read"]),
        ("", []),
        ("???", []),
    ],
)
def test_contractions_and_slips_are_written_out(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("is it good? how much", 2),
        ("do you have vol. 3? thx", 2),
        ("what about Dr. Stone vol. 4", 1),
        ("Haikyu!! vol 3 please", 1),
        ("I love it. What next?", 2),
        ("first line\nsecond line", 2),
        ("one, two, three", 1),
        ("", 0),
    ],
)
def test_a_sentence_ends_where_it_does_and_not_after_an_abbreviation(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_the_end_of_a_sentence_is_kept_with_whether_it_asks() -> None:
    first, second = analyse("got akira? i want it").sentences
    assert (first.is_question, second.is_question) == (True, False)


def test_a_comma_is_kept_as_a_break_before_the_next_word() -> None:
    assert [token.text for token in analyse("no, not that - this").tokens if token.breaks] == ["not", "this"]


@pytest.mark.parametrize("text", ["Is Berserk out? Yes.", "whats up", "鋼の錬金術師 3巻", "¿cuánto cuesta?", "a  b\tc"])
def test_a_token_lies_where_it_says_in_the_folded_text(text: str) -> None:
    analysis = analyse(text)
    assert len(analysis.small) == len(analysis.folded)
    for token in analysis.tokens:
        assert 0 <= token.start < token.end <= len(analysis.folded)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("do you have berserk", "en"),
        ("naruto", "en"),
        ("在庫ありますか", "ja"),
        ("ワンピース", "ja"),
        ("hola, cuánto cuesta el tomo 3", "es"),
        ("busco algo de terror", "es"),
        ("ya leí naruto y bleach", "es"),
        ("la la land", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_told_by_script_and_by_telling_words(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_language_that_is_given_is_not_guessed() -> None:
    assert analyse("naruto", "es").language == "es"


def test_a_language_without_a_lexicon_is_read_as_english() -> None:
    assert analyse("naruto", "fi").language == "en"


@pytest.mark.parametrize(
    ("one", "other"), [("cancelling", "cancel"), ("volumes", "volume"), ("scary", "scaries"), ("returned", "returning")]
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_japanese_is_cut_by_the_words_of_its_lexicon() -> None:
    assert words("ホラー以外でおすすめありますか") == ["ホラー", "以外", "で", "おすすめ", "ありますか"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_analysis(text: str) -> None:
    analysis = analyse(text)
    assert isinstance(analysis, Analysis)
    assert sum(sentence.last - sentence.first for sentence in analysis.sentences) == len(analysis.tokens)
