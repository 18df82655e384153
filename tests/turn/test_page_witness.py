"""M-2: a help page decides what is asked where message and model leave it open, and nothing else."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Label, Wish
from mangaassist.errors import ServiceFailure
from mangaassist.turn.page_witness import ANSWERS, CARRIED, DOUBTED, SURELY_ANSWERS, by_page
from tests.turn.asking import Encoded, Knowledge, chunk, of

DISCOUNTS: Final = "Students and military get 10% off with a code."
GOING_ON: Final = ("The title: the message",)
TOLD: Final = DialogueState(acts=(Act.POLICY,), page="The title")


def guessed(act: Act, confidence: float, **more: Any) -> Meaning:
    """What a model made of a message, which named nothing."""
    return Meaning(
        text="?",
        guess=IntentGuess(Intent.FAQ, confidence, "model"),
        acts=(HeardAct(act, confidence, "model"),),
        own_question="the message itself",
        **more,
    )


async def decided(meaning: Meaning, *found: Any, state: DialogueState = NEW_DIALOGUE) -> Meaning:
    return await by_page(meaning, state, Knowledge(*found), Encoded())


async def test_a_page_that_answers_is_believed_before_a_weak_guess() -> None:
    meaning = await decided(guessed(Act.OFF_TOPIC, 0.4), chunk("", DISCOUNTS, "faq", ANSWERS + 0.1))
    assert (meaning.act, meaning.question, meaning.wants_page) == (Act.POLICY, "the message itself", DISCOUNTS)


async def test_nobody_is_asked_back_what_a_page_answers() -> None:
    between = guessed(Act.OFFERS, 0.3, between=(Intent.FAQ, Intent.PROMOTION))
    meaning = await decided(between, chunk("", DISCOUNTS, "faq", ANSWERS))
    assert (meaning.act, meaning.between) == (Act.POLICY, None)


@pytest.mark.parametrize(
    "meaning",
    [
        pytest.param(guessed(Act.OFF_TOPIC, DOUBTED), id="a sure model"),
        pytest.param(guessed(Act.PRICE, 0.3, targets=(of("berserk"),)), id="a book that is named"),
        pytest.param(guessed(Act.FIND, 0.3, sought=(Wish(wanted=(Label("genre", "Horror", "horror"),)),)), id="a wish"),
        pytest.param(guessed(Act.TRACK, 0.3), id="the shopper's own order"),
        pytest.param(guessed(Act.GREETING, 0.3), id="a greeting"),
        pytest.param(guessed(Act.OFF_TOPIC, 0.3, care="distress"), id="somebody in distress"),
    ],
)
async def test_no_page_speaks_against(meaning: Meaning) -> None:
    assert await decided(meaning, chunk("", DISCOUNTS, "faq", ANSWERS + 0.2)) is meaning


async def test_a_page_that_hardly_fits_decides_nothing() -> None:
    meaning = guessed(Act.OFF_TOPIC, 0.3)
    assert await decided(meaning, chunk("", DISCOUNTS, "faq", ANSWERS - 0.1)) is meaning


async def test_a_knowledge_base_that_is_away_leaves_the_meaning_as_it_is() -> None:
    meaning = guessed(Act.OFF_TOPIC, 0.3)
    away = Knowledge(failure=ServiceFailure("knowledge", "gone"))
    assert await by_page(meaning, TOLD, away, Encoded()) is meaning


async def test_a_word_of_the_page_that_was_told_goes_on_about_it() -> None:
    page = chunk("", DISCOUNTS, "faq")
    state = DialogueState(acts=(Act.POLICY,), page=page.chunk.title)
    meaning = await decided(
        guessed(Act.OFF_TOPIC, 0.95, describes=("militari",), page_questions=GOING_ON), page, state=state
    )
    assert (meaning.act, meaning.wants_page, meaning.question) == (
        Act.POLICY,
        page.chunk.title,
        "The title: the message",
    )
    assert meaning.is_follow_up


async def test_a_word_that_the_page_does_not_hold_does_not() -> None:
    page = chunk("", DISCOUNTS, "faq", CARRIED - 0.1)
    meaning = guessed(Act.OFF_TOPIC, 0.95, describes=("penguin",), page_questions=GOING_ON)
    state = DialogueState(acts=(Act.POLICY,), page=page.chunk.title)
    assert await decided(meaning, page, state=state) is meaning


class ByQuestion(Knowledge):
    """Gives each question its own page."""

    def __init__(self, **pages: Any) -> None:
        super().__init__()
        self.pages = pages

    async def search(self, text: str, vector: Any, plan: Any) -> Any:
        return next((found for key, found in self.pages.items() if text.startswith(key)), ())


def fragment(act: Act = Act.CANCEL_ORDER, **more: Any) -> Meaning:
    """ "How do i cancel": a rule hears an order in it, and nothing is named."""
    return Meaning(
        text="?",
        guess=IntentGuess(Intent.ORDER_TRACKING, 0.95, "rules"),
        acts=(HeardAct(act, 0.95, "rules"),),
        own_question="alone",
        page_questions=("topic: joined",),
        **more,
    )


MEMBERS: Final = chunk("", "Choose Turn off renewal.", "faq", CARRIED + 0.2)
ORDERS: Final = chunk("", "Cancel within 60 minutes.", "faq", CARRIED + 0.15)


async def test_what_is_said_of_the_topic_under_talk_is_answered_by_its_page() -> None:
    pages = ByQuestion(alone=(ORDERS,), topic=(MEMBERS,))
    meaning = await by_page(fragment(), TOLD, pages, Encoded())
    assert (meaning.act, meaning.wants_page, meaning.is_follow_up) == (Act.POLICY, MEMBERS.chunk.title, True)


async def test_what_is_nearer_to_another_page_by_itself_leaves_the_topic() -> None:
    pages = ByQuestion(alone=(MEMBERS,), topic=(ORDERS,))
    meaning = await by_page(fragment(Act.POLICY, topic="membership"), TOLD, pages, Encoded())
    assert (meaning.wants_page, meaning.question) == (MEMBERS.chunk.title, "alone")


async def test_what_names_no_topic_of_its_own_stays_with_the_one_under_talk() -> None:
    pages = ByQuestion(alone=(MEMBERS,), topic=(ORDERS,))
    meaning = await by_page(fragment(Act.POLICY), TOLD, pages, Encoded())
    assert (meaning.wants_page, meaning.is_follow_up) == (ORDERS.chunk.title, True)


async def test_an_order_that_is_talked_of_says_more_than_a_page() -> None:
    state = DialogueState(acts=(Act.TRACK,), orders=("112",), topic="track order")
    meaning = fragment()
    assert await by_page(meaning, state, ByQuestion(topic=(MEMBERS,)), Encoded()) is meaning


async def test_what_the_store_s_facts_answer_is_not_left_to_the_page_that_says_the_same() -> None:
    home = chunk("", "Standard shipping takes days.", "faq", 0.9)
    meaning = fragment(Act.DELIVERY_TIME)
    state = DialogueState(acts=(Act.POLICY,), page="Another page")
    assert await by_page(meaning, state, ByQuestion(topic=(home,), How=(home,)), Encoded()) is meaning


def judged(chance: float, score: float = ANSWERS - 0.1) -> Any:
    return replace(chunk("", DISCOUNTS, "faq", score), answering=chance)


@pytest.mark.parametrize(("chance", "believed"), [(SURELY_ANSWERS, True), (SURELY_ANSWERS - 0.01, False)])
async def test_a_page_that_is_judged_to_answer_surely_is_believed_before_a_doubted_act_however_it_is_worded(
    chance: float, believed: bool
) -> None:
    meaning = await decided(guessed(Act.FIND, 0.53), judged(chance))
    assert (meaning.act is Act.POLICY) is believed


async def test_what_is_asked_of_no_book_in_particular_is_answered_by_a_page_that_surely_does() -> None:
    asked = replace(guessed(Act.LANGUAGE, 0.98), acts=(HeardAct(Act.LANGUAGE, 0.98, "rules"),))
    assert (await decided(asked, judged(SURELY_ANSWERS))).act is Act.POLICY
    assert (await decided(asked, judged(SURELY_ANSWERS - 0.01))) is asked
    of_a_book = replace(asked, targets=(of("berserk"),))
    assert await decided(of_a_book, judged(SURELY_ANSWERS)) is of_a_book


async def test_no_page_is_believed_before_the_shopper_s_own_order_however_likely_it_answers() -> None:
    meaning = guessed(Act.TRACK, 0.3)
    assert await decided(meaning, judged(1.0)) is meaning
