"""What no catalog tells, what a word of the trade means, how a book is read and who made it: heard as what it asks (T-10)."""

import pytest

from mangaassist.domain.acts import Act
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import last_of, reader


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("does naruto die in the last volume", "story"),
        ("whats the name of the girl in monster", "story"),
        ("does she end up with him", "story"),
        ("which chapter do they fight in", "story"),
        ("is the print small", "making"),
        ("what font do they use", "making"),
        ("does it stay good", "going"),
        ("will it get boring later", "going"),
        ("would my sister like berserk", "taste"),
        ("how many copies were sold", "sold"),
        ("is the author a woman", "maker"),
        ("who is that on the cover", "cover"),
        ("how much is it in pounds", "currency"),
        ("does the dog die", ""),
        ("is it finished", ""),
        ("how many pages does it have", ""),
        ("what is it about", ""),
        ("who is the author", ""),
        ("do you have it in stock", ""),
        ("how much is it in total", ""),
        ("is it good for my son", ""),
    ],
)
def test_what_no_catalog_tells_is_heard_by_its_kind(text: str, kind: str) -> None:
    assert read(text).untold == kind


@pytest.mark.parametrize(
    ("talk", "act"),
    [
        ("tell me about naruto / does he marry sakura", Act.DETAIL),
        ("tell me about naruto / is the print big", Act.DETAIL),
        ("tell me about naruto / does it get samey", Act.WORTH_IT),
        ("would my friend like vinland saga", Act.WORTH_IT),
        ("is the author of akira a man", Act.DETAIL),
        ("tell me about naruto / who is that on the cover", Act.DETAIL),
        ("tell me about akira / how much is that in euros", Act.PRICE),
        ("tell me about naruto / is it sad", Act.CONTENT),
    ],
)
def test_it_is_asked_of_the_book_and_answered_by_nothing_else(talk: str, act: Act) -> None:
    meaning = last_of(talk.split(" / "))

    assert meaning.acts[0].act is act


def test_who_may_like_a_book_does_not_like_it_yet() -> None:
    named = [one.role for one in read("would my brother like berserk").mentions if one.kind == "series"]
    measured = [one.role for one in read("my brother likes berserk, anything like it").mentions if one.kind == "series"]

    assert named == ["named"]
    assert measured == ["like"]


@pytest.mark.parametrize(
    "text",
    [
        "what is josei",
        "whats a seinen manga",
        "how is josei different from shojo",
        "what is the diffrence between shonen and seinen",
        "what does isekai mean",
        "my son says tankobon, what is that",
        "tankobon, omnibus, deluxe, whats what",
        "is deluxe the same as omnibus",
        "what do you mean by omnibus",
        "is shonen for boys only",
        "do you read these right to left",
    ],
)
def test_a_word_of_the_trade_is_asked_of_the_pages(text: str) -> None:
    meaning = last_of([text])

    assert meaning.acts[0].act is Act.POLICY
    assert meaning.acts[0].stage == "rules"


@pytest.mark.parametrize("text", ["any seinen with cooking", "what is the best shonen", "josei please", "a good shojo"])
def test_a_wish_for_a_kind_is_no_question_what_its_name_means(text: str) -> None:
    assert Act.POLICY not in {one.act for one in reader().heard(text).acts}


def test_what_a_title_is_among_them_is_told_of_the_series() -> None:
    assert last_of(["what is josei", "so vinland saga is what"]).acts[0].act is Act.GENRE
    assert last_of(["so monster is which"]).targets[0].series_id == "monster"


def test_a_book_that_reads_backwards_is_no_misprint_whatever_shall_be_done_about_it() -> None:
    meaning = last_of(["my book starts on the last page, i want to exchange it"])

    assert [one.act for one in meaning.acts] == [Act.POLICY]
    assert meaning.case == "backwards"
    assert read("the pages are upside down").case == "misprint"


def test_newer_from_her_asks_for_more_by_the_same_maker() -> None:
    assert last_of(["who wrote akira", "anything newer from her"]).acts[0].act is Act.BY_SAME_AUTHOR
    assert last_of(["do you have something by the monster guy"]).acts[0].act is Act.BY_SAME_AUTHOR


@pytest.mark.parametrize(
    "text",
    [
        "how do i delete my account and all you have on me",
        "please change the email on my account",
        "are these reviews real",
        "how do you decide what to recommend",
        "do publishers pay you for suggestions",
        "how do i get out of this chat",
    ],
)
def test_how_the_store_and_its_assistant_work_is_asked_of_the_pages(text: str) -> None:
    assert last_of([text]).acts[0].act is Act.POLICY


@pytest.mark.parametrize(
    ("text", "language"), [("hola, tienen mangas en español", "es"), ("日本語の漫画はありますか", "ja")]
)
def test_the_language_of_the_books_is_asked_in_other_languages_too(text: str, language: str) -> None:
    meaning = last_of([text])

    assert meaning.language == language
    assert meaning.acts[0].act is Act.POLICY
    assert "language" in meaning.question.lower()
