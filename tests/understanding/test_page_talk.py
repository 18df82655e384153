"""What the talk of the store's ways is about, and what a fragment is joined with (T-4)."""

import pytest

from tests.understanding.talks import Talk


def test_a_fragment_is_joined_with_what_is_talked_of() -> None:
    talk = Talk()
    talk.say("do you sell gift cards", page="Do you sell gift cards?")
    assert talk.say("no email came").page_questions[0] == "gift card: no email came"


def test_a_message_that_names_a_topic_of_its_own_is_not() -> None:
    talk = Talk()
    talk.say("do you sell gift cards", page="Do you sell gift cards?")
    assert talk.say("and how does the membership renew by itself").page_questions == ()


def test_what_can_be_asked_of_anything_leaves_no_topic() -> None:
    talk = Talk()
    talk.say("do you have ebooks", page="Do you sell digital manga?")
    assert talk.say("can i return them").page_questions[0] == "ebooks: can i return them"


@pytest.mark.parametrize("said", ["recommend me a horror manga", "how many volumes has berserk"])
def test_talk_of_books_leaves_it(said: str) -> None:
    talk = Talk()
    talk.say("do you sell gift cards", page="Do you sell gift cards?")
    talk.say(said)
    assert talk.state.topic == ""


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("checked spam", "done"),
        ("i already did that", "done"),
        ("neighbors dont have it", "done"),
        ("tried that", "done"),
        ("nothing in spam", "done"),
        ("why not", "why"),
        ("but why", "why"),
        ("how come", "why"),
        ("how much", ""),
        ("can i try it first", ""),
        ("do you look at returns", ""),
    ],
)
def test_how_a_message_takes_up_what_was_told_is_heard(said: str, after: str) -> None:
    talk = Talk()
    talk.say("i forgot my password", page="I forgot my password.")
    assert talk.say(said).after == after


@pytest.mark.parametrize(
    ("said", "case"),
    [
        ("my cat chewed the cover", "own_accident"),
        ("i spilled coffee on it", "own_accident"),
        ("dropped my book in the bath, its damaged", "own_accident"),
        ("i tore a page by accident", "own_accident"),
        ("the pages are turning yellow", "aged"),
        ("the book came with a bent corner", ""),
        ("my box set arrived dented", "damaged_set"),
        ("the slipcase of my box set is split", "damaged_set"),
    ],
)
def test_damage_of_one_s_own_and_of_time_is_told_from_that_of_the_mail(said: str, case: str) -> None:
    talk = Talk()
    talk.say("my book arrived damaged")
    assert talk.say(said).case == case
