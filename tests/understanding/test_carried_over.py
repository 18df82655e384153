"""T-4: what follow-ups about the store and its shopper leave unsaid is carried over: country, page, name."""

import pytest

from mangaassist.domain.acts import Act
from tests.understanding.talks import Talk, last_of


def test_a_country_is_carried_over_to_what_else_is_asked_about_shipping_there() -> None:
    meaning = last_of(["do you ship to canada", "how long does it take"])
    assert (meaning.act, meaning.countries) == (Act.DELIVERY_TIME, ("CA",))
    assert "canada" in meaning.question


def test_another_country_takes_its_place() -> None:
    meaning = last_of(["do you ship to canada", "how long does it take", "and to france?"])
    assert (meaning.act, meaning.countries) == (Act.DELIVERY_TIME, ("FR",))


def test_a_country_is_forgotten_once_something_else_is_talked_of() -> None:
    talk = Talk()
    for message in ("do you ship to canada", "how much is naruto vol 3"):
        talk.say(message)
    assert talk.state.places == ()


@pytest.mark.parametrize("said", ["how long", "how fast?", "how soon"])
def test_how_long_after_a_question_about_shipping_is_how_long_it_takes(said: str) -> None:
    assert last_of(["how much is shipping to canada", said]).act is Act.DELIVERY_TIME


def test_a_word_or_two_after_a_page_go_on_about_it() -> None:
    talk = Talk()
    talk.say("what is your return policy", page="Returns")
    meaning = talk.say("and damaged ones?")
    assert (meaning.wants_page, meaning.is_follow_up) == ("Returns", True)
    assert meaning.page_questions == ("Returns: and damaged ones?",)


def test_thanks_leave_the_page_in_focus() -> None:
    talk = Talk()
    talk.say("what is your return policy", page="Returns")
    talk.say("thanks")
    assert talk.state.page == "Returns"


def test_a_book_leaves_no_page_in_focus() -> None:
    talk = Talk()
    talk.say("what is your return policy", page="Returns")
    assert talk.say("how much is naruto vol 3").wants_page == ""
    assert talk.state.page == ""


def test_a_name_is_kept_until_another_is_given() -> None:
    talk = Talk()
    talk.say("hi my name is lena")
    talk.say("do you ship to canada")
    assert talk.state.called.lower() == "lena"


def test_a_city_with_its_country_is_one_place() -> None:
    meaning = last_of(["do you deliver to vancouver, canada"])
    assert (meaning.countries, meaning.places) == (("CA",), ("canada",))
