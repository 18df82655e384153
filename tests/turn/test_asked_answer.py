"""M-2, K-2: an answer of the pages decides what is asked where it is surely what the message wants in its conversation."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.asked_answers import NUMBERS, Talk
from mangaassist.turn.asked_answer import (
    DOUBTED,
    ELSEWHERE,
    HEARD,
    LIKELY,
    OF_PAGES,
    ON_TOPIC,
    TOGETHER,
    Before,
    by_answer,
    texts_asked,
)
from tests.turn.asking import Encoded, chunk

TALKED: Final = DialogueState(acts=(Act.POLICY,), question="does a gift card run out", page="How do I use a gift card?")
ANSWERS: Final = tuple(
    replace(chunk("", says, "faq").chunk, chunk_id=f"gift#0={place}", title="How do I use a gift card?")
    for place, says in enumerate(("Up to three.", "What is left stays on the code.", "It never expires."))
)


def heard(act: Act = Act.OFF_TOPIC, stage: Any = "model", confidence: float = 0.4, **more: Any) -> Meaning:
    return Meaning(
        text="and if the book costs less",
        guess=IntentGuess(Intent.FAQ, confidence, stage),
        acts=(HeardAct(act, confidence, stage),),
        own_question="and if the book costs less",
        **more,
    )


class Pages:
    """Gives its answers to every talk, or fails; what it was asked is kept."""

    def __init__(self, *answers: Chunk, failure: Exception | None = None) -> None:
        self.answers, self.failure, self.talks = answers, failure, list[Talk]()

    async def asked_in(self, talk: Talk) -> Any:
        self.talks.append(talk)
        if self.failure:
            raise self.failure
        return self.answers, np.zeros((len(self.answers), len(NUMBERS)), np.float32)


class Judge:
    """A head that is always as sure."""

    def __init__(self, none: float, *chances: float) -> None:
        self.none, self.chances, self.signs = none, np.array(chances, np.float32), dict[str, float]()

    def probabilities(self, numbers: Any, signs: Any) -> Any:
        self.signs = dict(signs)
        return self.none, self.chances


async def decided(meaning: Meaning, judge: Judge, state: DialogueState = TALKED, pages: Any = None) -> Meaning:
    return await by_answer(meaning, Before(state, "It never expires."), pages or Pages(*ANSWERS), Encoded(), judge)  # type: ignore[arg-type]


async def test_the_likeliest_answer_is_what_is_asked_for() -> None:
    meaning = await decided(heard(), Judge(0.1, 0.1, 0.7, 0.1))
    assert (meaning.act, meaning.intent, meaning.between) == (Act.POLICY, Intent.FAQ, None)
    assert [name for name, _ in meaning.wants_answers] == [ANSWERS[1].chunk_id]
    assert meaning.wants_answers[0][1] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("meaning", "least"),
    [
        pytest.param(heard(Act.POLICY), OF_PAGES, id="a page is meant anyway"),
        pytest.param(heard(), DOUBTED, id="a model guessed"),
        pytest.param(heard(Act.DETAIL, "rules", 0.98), DOUBTED, id="what no catalog tells"),
        pytest.param(heard(Act.TRACK, "rules", 0.9), HEARD, id="an order"),
        pytest.param(heard(Act.CART_TOTAL, "dialogue", 0.9), HEARD, id="the cart"),
        pytest.param(heard(Act.PRICE, "rules", 0.9), HEARD, id="a book"),
        pytest.param(heard(Act.SHIPPING_COST, "dialogue", 0.9), HEARD, id="the store's facts"),
        pytest.param(heard(Act.BOT, "rules", 0.9), HEARD, id="talk"),
    ],
)
async def test_it_takes_the_more_to_give_up_what_was_heard_the_surer_that_is(meaning: Meaning, least: float) -> None:
    assert await decided(meaning, Judge(1 - least + 0.01, least - 0.01, 0.0, 0.0)) is meaning
    assert (await decided(meaning, Judge(1 - least - 0.01, least + 0.01, 0.0, 0.0))).wants_answers


ELSEWHERES: Final = tuple(
    replace(one, chunk_id=f"{place}#0=0", document_id=str(place)) for place, one in enumerate(ANSWERS)
)


async def test_where_any_of_several_pages_may_be_meant_what_was_heard_stands() -> None:
    meaning = heard(Act.POLICY)
    assert await decided(meaning, Judge(0.0, LIKELY - 0.01, 0.3, 0.2), pages=Pages(*ELSEWHERES)) is meaning


async def test_answers_of_one_page_are_likely_together() -> None:
    of_one = await decided(heard(Act.POLICY), Judge(0.0, LIKELY - 0.01, 0.2, 0.1))
    assert [name for name, _ in of_one.wants_answers] == [ANSWERS[0].chunk_id]
    meaning = heard(Act.POLICY)
    assert await decided(meaning, Judge(0.0, 0.3, 0.2, TOGETHER - 0.51)) is meaning


async def test_where_no_answer_of_that_page_leads_the_page_is_looked_through() -> None:
    whole = replace(ANSWERS[2], chunk_id="gift#0")
    found = await decided(heard(Act.OFF_TOPIC), Judge(0.0, 0.3, 0.28, 0.25), pages=Pages(*ANSWERS[:2], whole))
    assert found.act is Act.OFF_TOPIC  # a guess at something else gives way to a certain answer alone
    found = await decided(heard(Act.OTHER_GOODS), Judge(0.0, 0.3, 0.28, 0.25), pages=Pages(*ANSWERS[:2], whole))
    assert (found.act, found.wants_answers, found.wants_page) == (Act.POLICY, (), whole.title)


async def test_what_the_facts_answer_gives_way_only_to_a_page_that_is_likelier() -> None:
    meaning = heard(Act.SHIPPING_COST, "model", 0.95)
    assert await decided(meaning, Judge(0.0, 0.4, 0.3, 0.09)) is meaning
    assert (await decided(meaning, Judge(0.0, LIKELY - 0.01, 0.3, 0.1))).wants_answers


async def test_a_clause_asks_for_a_certain_answer_or_for_none() -> None:
    meaning, judge = heard(Act.POLICY), Judge(0.0, LIKELY - 0.01, 0.3, 0.2)
    read = await by_answer(meaning, Before(TALKED), Pages(*ANSWERS), Encoded(), judge, is_clause=True)  # type: ignore[arg-type]
    assert read is meaning


@pytest.mark.parametrize("is_guest", [True, False])
async def test_a_page_tells_nobody_of_their_own_orders(is_guest: bool) -> None:
    meaning, judge = heard(Act.CHANGE_ORDER, "rules", 0.97), Judge(0.0, 1.0, 0.0, 0.0)
    found = await by_answer(meaning, Before(TALKED, is_guest=is_guest), Pages(*ANSWERS), Encoded(), judge)  # type: ignore[arg-type]
    assert (found is meaning) == (not is_guest)


async def test_a_page_that_is_asked_for_as_a_whole_is_looked_through() -> None:
    page = chunk("page", "How do I use a gift card?", "faq").chunk
    found = await decided(heard(), Judge(0.1, 0.9), pages=Pages(page))
    assert (found.act, found.wants_answers, found.wants_page) == (Act.POLICY, (), page.title)
    assert (found.question, found.is_follow_up) == ("does a gift card run out and if the book costs less", True)
    for act in (Act.POLICY, Act.CHECKOUT_PROBLEM):
        meant = heard(act)
        assert await decided(meant, Judge(0.1, 0.9), pages=Pages(page)) is meant
    by_lists = await decided(heard(Act.OTHER_GOODS, "rules", 0.93), Judge(0.1, 0.9), pages=Pages(page))
    assert by_lists.act is Act.POLICY, "a page on just these goods says more than the lists of what is sold"


async def test_a_message_is_looked_for_by_itself_and_behind_the_question_before_it() -> None:
    pages = Pages(*ANSWERS)
    await decided(heard(), Judge(0.9, 0.1, 0.0, 0.0), pages=pages)
    [talk] = pages.talks
    assert (talk.text, talk.before, talk.told) == ("and if the book costs less", TALKED.question, "It never expires.")
    assert talk.joined is not None
    assert texts_asked(heard(), TALKED) == (talk.text, "does a gift card run out and if the book costs less")


@pytest.mark.parametrize(
    ("meaning", "state"),
    [
        pytest.param(heard(Act.TRACK, "rules", 0.99), NEW_DIALOGUE, id="a rule settles how a talk begins"),
        pytest.param(heard(care="distress"), TALKED, id="somebody in distress"),
        pytest.param(heard(language="es"), TALKED, id="a language that nothing was trained on"),
        pytest.param(heard(Act.THANKS, "rules", 0.99), TALKED, id="thanks"),
        pytest.param(heard(case="opened_set"), TALKED, id="what has a rule of its own"),
        pytest.param(heard(store_question="price_match"), TALKED, id="what the store has a key for"),
        pytest.param(heard(Act.SHIPS_TO, countries=("CA",)), TALKED, id="a country that the facts know"),
    ],
)
async def test_no_page_is_asked_about_it(meaning: Meaning, state: DialogueState) -> None:
    pages = Pages(*ANSWERS)
    assert await decided(meaning, Judge(0.0, 1.0, 0.0, 0.0), state, pages) is meaning
    assert (pages.talks, texts_asked(meaning, state)) == ([], ())


@pytest.mark.parametrize("pages", [Pages(failure=ServiceFailure("knowledge", "gone")), Pages()])
async def test_without_pages_the_meaning_stays_as_it_is(pages: Pages) -> None:
    meaning = heard()
    assert await decided(meaning, Judge(0.0), pages=pages) is meaning


async def test_without_an_encoder_nobody_is_asked() -> None:
    meaning = heard()
    judge = Judge(0.0, 1.0, 0.0, 0.0)
    found = await by_answer(meaning, Before(TALKED), Pages(*ANSWERS), Encoded(comes=False), judge)  # type: ignore[arg-type]
    assert found is meaning


async def test_two_questions_in_one_are_answered_each() -> None:
    two = replace(heard(joins=True), acts=(HeardAct(Act.POLICY, 0.9), HeardAct(Act.PAYMENT_METHOD, 0.9)))
    assert await decided(two, Judge(0.0, 1.0, 0.0, 0.0)) is two


async def test_the_head_sees_what_was_understood_and_what_was_talked_of() -> None:
    judge = Judge(0.9, 0.1, 0.0, 0.0)
    likely: Sequence[Any] = (("page", 0.8), ("talk", 0.2))
    await decided(replace(heard(), likely=tuple(likely)), judge)
    assert {"heard off_topic", "after policy", "likely of page", "guest", "page told"} <= judge.signs.keys()


@pytest.mark.parametrize(
    ("topic", "named", "least"),
    [
        pytest.param("gift card", "", ON_TOPIC, id="what is talked of"),
        pytest.param("promo code", "", ELSEWHERE, id="something else"),
        pytest.param("promo code", "gift card", LIKELY, id="the message names it itself"),
    ],
)
async def test_what_is_talked_of_leads_where_the_message_names_no_topic(topic: str, named: str, least: float) -> None:
    meaning, state = replace(heard(), topic=named), replace(TALKED, topic=topic)
    assert await decided(meaning, Judge(0.05, least - 0.01, 0.0, 0.0), state) is meaning
    assert await decided(meaning, Judge(0.05, least + 0.01, 0.0, 0.0), state) is not meaning


async def test_what_rules_hear_and_the_facts_answer_no_page_does() -> None:
    meaning = heard(Act.CONTACT, "rules", 0.98)
    assert await decided(meaning, Judge(0.0, 1.0, 0.0, 0.0)) is meaning
