"""T-4, T-5, T-12: wishes as shoppers word them: a title with a difference, what is turned down, and what nobody can answer."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.wishes import Label, Wish
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import Talk, card, last_of


def roles(text: str) -> set[tuple[str, str]]:
    return {(mention.value, mention.role) for mention in read(text).mentions}


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("haikyuu but basketball", "haikyu"),
        ("naruto but with girls", "naruto"),
        ("one piece but shorter", "one-piece"),
        ("berserk except less gory", "berserk"),
    ],
)
def test_a_title_with_a_difference_is_what_something_shall_be_like(text: str, series: str) -> None:
    assert (series, "like") in roles(text)


@pytest.mark.parametrize(
    "text", ["is haikyuu sad but funny", "do you have haikyuu but in hardcover", "haikyuu but the box set"]
)
def test_a_question_about_a_title_or_another_edition_of_it_is_no_difference(text: str) -> None:
    assert ("haikyu", "like") not in roles(text)


@pytest.mark.parametrize("said", ["not teenagers", "no high schoolers", "not about teens"])
def test_whoever_wants_no_teenagers_turns_them_down(said: str) -> None:
    assert ("teen lead", "unwanted") in roles(f"romance, {said}")


def test_what_is_not_for_kids_is_for_no_child() -> None:
    heard = read("manga under 8 bucks thats not for kids")
    assert (heard.limits.reader, [one.value for one in heard.mentions]) == (None, ["older readers'"])


def test_only_words_that_surely_describe_a_book_are_quoted() -> None:
    heard = read("my brain is fried gimme something dumb n funny")
    assert (heard.words, heard.quotable) == (("brain", "fried", "dumb"), ("dumb",))


def test_whoever_says_whose_a_series_is_asks_for_no_other_book_of_theirs() -> None:
    wish = last_of(["something like monster by urasawa"]).seeks
    assert (wish.like, wish.wanted) == (("monster",), ())


LIKE_MONSTER = DialogueState(
    acts=(Act.SIMILAR,), shown=tuple(map(card, ("pluto", "akira", "uzumaki"))), wish=Wish(like=("monster",))
)


@pytest.mark.parametrize("message", ["but not by him", "not by the same author", "nothing by the same guy"])
def test_but_not_by_him_keeps_the_measure_and_refuses_its_maker(message: str) -> None:
    meaning = Talk(state=LIKE_MONSTER).say(message)
    assert meaning.act is Act.FIND
    assert (meaning.seeks.like, meaning.seeks.other_makers) == (("monster",), True)


@pytest.mark.parametrize(
    ("message", "premise"),
    [
        ("is the demon slayer box set the whole story", "complete_set"),
        ("does the box set have all of it", "complete_set"),
        ("do i need to read anything before it", "before"),
        ("fullmetal alchemist fullmetal edition", "edition"),
        ("whats everyone reading rn", "sales"),
    ],
)
def test_what_is_taken_for_granted_is_heard(message: str, premise: str) -> None:
    assert read(message).premise == premise


def test_an_edition_that_every_series_has_is_no_special_one() -> None:
    assert read("berserk deluxe edition").premise == ""


def test_the_last_one_is_the_last_that_was_told() -> None:
    listed = [card(one) for one in ("uzumaki", "monster", "pluto")]
    beside = [Label("genre", "Horror")]
    untold = DialogueState(
        acts=(Act.FIND,), wish=Wish(wanted=tuple(beside)), shown=(*listed[:2], replace(listed[2], told=False))
    )
    assert [one.series_id for one in Talk(state=untold).say("the last one, is it finished").targets] == ["monster"]
    assert [one.series_id for one in Talk(state=untold).say("the third one, is it finished").targets] == ["pluto"]


def test_a_title_that_is_read_is_known_though_the_sentence_begins_with_it() -> None:
    assert ("hellsing", "read") in roles("read hellsing already")
    assert ("hellsing", "read") not in roles("should i read hellsing")


def test_what_stands_for_a_place_is_turned_down_as_a_setting() -> None:
    assert ("old Japan", "unwanted") in roles("historical but not japan")


def test_strange_words_side_by_side_are_quoted_as_one_phrase() -> None:
    assert read("something where the villain wins").quotable == ("villain wins",)


def test_an_everyday_word_that_ends_a_description_is_a_taste() -> None:
    assert ("chill", "wanted") in roles("do you have anything about grief thats gentle")
    assert ("chill", "wanted") not in roles("the packaging is gentle")


def test_cheaper_after_the_editions_of_a_series_is_asked_of_that_series() -> None:
    meaning = last_of(["akira hardcover", "cheaper?"])
    assert (meaning.act, [one.series_id for one in meaning.targets]) == (Act.SET_OR_SINGLES, ["akira"])


def test_something_like_a_series_is_looked_for_whatever_it_sounds_like() -> None:
    meaning = last_of(["is there anything like haikyuu thats about music"])
    assert (meaning.act, meaning.seeks.like) == (Act.SIMILAR, ("haikyu",))


def test_whether_the_art_is_good_is_no_question_whether_it_is_worth_it() -> None:
    assert last_of(["is berserk any good", "is the art good"]).act is Act.CONTENT


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("not the typical isekai with a harem", {"Isekai"}, {"harem"}),
        ("sports manga but not the usual soccer basketball stuff", {"Sports"}, {"Soccer", "Basketball"}),
    ],
)
def test_what_is_usual_of_a_kind_is_turned_down_and_the_kind_is_not(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    found = roles(text)
    assert wanted <= {value for value, role in found if role == "wanted"}
    assert unwanted <= {value for value, role in found if role == "unwanted"}


def test_sixteen_plus_is_an_age_and_sixteen_dollars_are_none() -> None:
    assert getattr(read("something creepy, 16+").limits.reader, "age", None) == 16
    assert read("something creepy, $16+").limits.reader is None


def test_what_shall_not_be_with_kids_is_for_no_child() -> None:
    assert read("not with kids tho").limits.reader is None


def test_the_guides_are_searched_without_the_words_for_the_wares() -> None:
    assert last_of(["manga about jazz"]).wish_question == "about jazz"
    assert last_of(["manga"]).wish_question == "manga"


def test_who_mourns_a_dog_wishes_for_no_dog_that_dies() -> None:
    wish = last_of(["i need a soft book, my dog died"]).would_seek
    assert "animal deaths" not in wish.values("mood")


def test_why_after_something_like_a_series_asks_of_what_was_suggested() -> None:
    state = DialogueState(acts=(Act.SIMILAR,), shown=(card("pluto"),), wish=Wish(like=("monster",)))
    [asked] = Talk(state=state).say("why").targets
    assert asked.series_id == "pluto"


def test_cheaper_after_why_one_of_a_list_is_on_it_goes_on_with_the_list() -> None:
    shown = tuple(map(card, ("pluto", "akira")))
    state = DialogueState(acts=(Act.WHY,), shown=shown, targets=(shown[0].target(),), wish=Wish(words=("robots",)))
    wish = Talk(state=state).say("cheaper?").seeks
    assert (wish.like, wish.words) == ((), ("robots",))


def test_what_is_turned_down_in_words_that_no_label_covers_is_kept() -> None:
    state = DialogueState(acts=(Act.RECOMMEND,), shown=(card("pluto"),), wish=Wish(wanted=(Label("mood", "chill"),)))
    assert Talk(state=state).say("not about death pls").seeks.unnamed == ("death",)
