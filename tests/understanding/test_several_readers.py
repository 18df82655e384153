"""T-4, T-5: gifts for several people: whose taste and age is whose, and whose list a follow-up goes on with."""

import pytest

from mangaassist.domain.acts import Act
from tests.understanding.demo_lexicon import read
from tests.understanding.talks import Talk

TWO = "presents: my son is 6 and loves vampires, my daughter is 10 and loves horror"


def test_each_person_with_a_taste_has_a_wish_of_its_own() -> None:
    son, daughter = Talk().say(TWO).sought
    assert [(one.reader.said, one.reader.age) for one in (son, daughter) if one.reader] == [
        ("son", 6),
        ("daughter", 10),
    ]
    assert [{label.value for label in one.wanted} for one in (son, daughter)] == [{"Vampires"}, {"Horror"}]


@pytest.mark.parametrize(
    "said",
    ["my wife likes romance and my son likes horror, something to read together", "my son who is 6 loves horror"],
)
def test_one_book_for_all_of_them_is_one_wish(said: str) -> None:
    assert len(Talk().say(f"recommend something, {said}").sought) == 1


def test_a_follow_up_goes_on_with_the_list_of_the_person_that_it_names() -> None:
    talk = Talk()
    talk.say(TWO)
    wish = talk.say("and for my daughter, something finished").seeks
    assert ({label.value for label in wish.wanted}, wish.reader and wish.reader.age) == ({"Horror"}, 10)
    assert {label.value for label in talk.say("something else for my son").seeks.wanted} == {"Vampires"}


def test_an_age_is_that_of_whoever_was_named_last_before_it() -> None:
    reader = read("my nephew wants naruto and his sister is 5").limits.reader
    assert reader is not None
    assert (reader.said, reader.age) == ("sister", 5)


@pytest.mark.parametrize(("said", "age"), [("for grades 6-8", 11), ("for a 4th grade class", 9), ("for grade 3", 8)])
def test_a_grade_tells_an_age(said: str, age: int) -> None:
    reader = read(said).limits.reader
    assert reader is not None
    assert reader.age == age


@pytest.mark.parametrize("said", ["no wait i mean monster", "sorry, i meant monster", "i was talking about monster"])
def test_a_title_that_was_meant_is_asked_the_same(said: str) -> None:
    talk = Talk()
    talk.say("how many volumes does pluto have")
    meaning = talk.say(said)
    assert (meaning.act, [one.series_id for one in meaning.targets]) == (Act.VOLUMES, ["monster"])


@pytest.mark.parametrize("said", ["is it one big book or several", "is akira a single volume or a bunch"])
def test_one_book_or_several_asks_for_the_volumes_or_the_editions(said: str) -> None:
    talk = Talk()
    talk.say("do you have akira")
    assert talk.say(said).act in (Act.VOLUMES, Act.EDITION)


def test_finished_or_still_going_asks_which_of_both() -> None:
    assert read("is akira finished or still going").asks_either
    assert not read("is akira still going").asks_either


def test_the_next_few_for_a_birthday_are_volumes() -> None:
    meaning = Talk().say("my daughter has naruto 1 and 2, she'd like the next three for her birthday")
    assert [one.volume for one in meaning.targets] == [3, 4, 5]


def test_a_no_that_only_interjects_refuses_nothing() -> None:
    assert read("no wait, vampires").refused_words == ()
    assert read("i couldn't put it down").refused_words == ()
