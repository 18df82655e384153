"""T-10, K-2: of two questions in one message each is answered, by the pages and by the store's data, in their order."""

from typing import Any, Final

import numpy as np
import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import NEW_DIALOGUE, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import AskingClause, HeardAct, IntentGuess, Meaning
from mangaassist.knowledge.asked_answers import NUMBERS, Talk
from mangaassist.turn.asked_answer import Before
from mangaassist.turn.asked_clauses import by_clauses
from tests.turn.asking import Encoded, chunk

PRICE: Final = HeardAct(Act.PRICE, 0.98, "rules")
TITLE: Final = "Do you offer gift wrap?"
ANSWERS: Final = tuple(
    replace(chunk("", says, "faq").chunk, chunk_id=f"wrap#0={place}", title=TITLE)
    for place, says in enumerate(("It costs $2.99.", "A note is free."))
)
BOOK: Final = (Target(series_id="nana", title="Nana"),)


class Pages:
    """Each clause asks for the answer of its number, or for none; what was asked is kept."""

    def __init__(self, **wanted: int) -> None:
        self.wanted = {text.replace("_", " "): place for text, place in wanted.items()}
        self.asked, self.now = list[tuple[str, str]](), ""

    async def asked_in(self, talk: Talk) -> Any:
        self.asked.append((talk.before, talk.text))
        self.now = talk.text
        return ANSWERS, np.zeros((len(ANSWERS), len(NUMBERS)), np.float32)

    def probabilities(self, numbers: Any, signs: Any) -> Any:
        place = self.wanted.get(self.now)
        chances = np.array([0.9 if one == place else 0.0 for one in range(len(ANSWERS))], np.float32)
        return (1.0 if place is None else 0.05), chances


def heard(*clauses: AskingClause, acts: tuple[HeardAct, ...], targets: tuple[Target, ...] = BOOK) -> Meaning:
    return Meaning(
        text="x",
        guess=IntentGuess(Intent.PRODUCT_QUESTION, 0.9, "rules"),
        acts=acts,
        clauses=clauses,
        targets=targets,
        own_question="x",
        question="x",
    )


async def decided(meaning: Meaning, pages: Pages) -> Meaning:
    before = Before(NEW_DIALOGUE)
    return await by_clauses(meaning, before, pages, Encoded(), pages)


async def test_a_clause_that_no_rule_heard_is_answered_of_the_pages_beside_the_other() -> None:
    meaning = heard(AskingClause("about how much", PRICE), AskingClause("add a note"), acts=(PRICE,))
    found = await decided(meaning, Pages(add_a_note=1))
    assert [one.act for one in found.acts] == [Act.PRICE, Act.POLICY]
    assert [name for name, _ in found.wants_answers] == ["wrap#0=1"]
    assert found.targets == BOOK


async def test_two_questions_of_the_pages_get_both_answers_in_their_order() -> None:
    policy = HeardAct(Act.POLICY, 0.93, "rules")
    meaning = heard(AskingClause("is a note free", policy), AskingClause("do you wrap"), acts=(policy,), targets=())
    found = await decided(meaning, Pages(is_a_note_free=1, do_you_wrap=0))
    assert [name for name, _ in found.wants_answers] == ["wrap#0=1", "wrap#0=0"]
    assert [one.act for one in found.acts] == [Act.POLICY]


async def test_a_clause_is_read_by_itself_and_then_behind_the_one_before_it() -> None:
    pages = Pages()
    await decided(heard(AskingClause("do you wrap"), AskingClause("is it free"), acts=(PRICE,), targets=()), pages)
    assert pages.asked == [("", "do you wrap"), ("", "is it free"), ("do you wrap", "is it free")]


async def test_after_a_question_of_the_store_no_book_that_nobody_named_is_asked_for_its_price() -> None:
    member = HeardAct(Act.MEMBERSHIP, 0.95, "rules")
    clauses = AskingClause("how do i join", member), AskingClause("what does it cost", PRICE)
    found = await decided(heard(*clauses, acts=(member, PRICE), targets=()), Pages())
    assert found.acts == (member,)


async def test_the_pages_are_searched_for_the_clause_that_they_may_answer() -> None:
    policy = HeardAct(Act.POLICY, 0.98, "rules")
    clauses = AskingClause("what do they cost", PRICE), AskingClause("can you wrap them", policy)
    assert (await decided(heard(*clauses, acts=(PRICE, policy)), Pages())).question == "can you wrap them"


async def test_a_word_about_the_book_that_is_named_asks_for_nothing_of_the_pages() -> None:
    meaning = heard(AskingClause("is nana finished", PRICE), AskingClause("does it just stop"), acts=(PRICE,))
    assert await decided(meaning, Pages(does_it_just_stop=0)) is meaning


@pytest.mark.parametrize(
    "meaning",
    [
        heard(acts=(PRICE,)),
        heard(AskingClause("how much", PRICE), AskingClause("who is that"), acts=(PRICE,)),
        heard(
            AskingClause("do you wrap"),
            AskingClause("who is that"),
            acts=(HeardAct(Act.POLICY, 0.5, "model"),),
            targets=(),
        ),
    ],
    ids=["one question", "the other asks for no answer", "of two that are open one is answered"],
)
async def test_a_message_stands_as_it_was_heard_where_nothing_would_be_told_beside_another(meaning: Meaning) -> None:
    assert await decided(meaning, Pages(do_you_wrap=0)) is meaning
