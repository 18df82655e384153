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
