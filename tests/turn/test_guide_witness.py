"""M-2, T-5: a wish that a guide of the store is surely written for is answered from it, whatever a model heard in the message."""

from typing import Any, cast

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import NEW_DIALOGUE, DialogueState, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import EMPTY_WISH, Label, Wish, WrittenFor
from mangaassist.turn.guide_witness import by_guide
from tests.turn.asking import Encoded, Knowledge, chunk

SPORTS = Label("genre", "Sports", "sports")
GENTLE = Wish(words=("gentle",))
QUIET, CATS = "Quiet evenings", "For cat people"


def guide(title: str, score: float, category: str = "guide", content: str = "Books.") -> ScoredChunk:
    found = chunk("", content, "editorial", score)
    return replace(found, chunk=replace(found.chunk, title=title, category=category))


def heard(wish: Wish = GENTLE, act: Act = Act.RECOMMEND, **more: Any) -> Meaning:
    question = "a gentle book for tonight"
    asked = Meaning(
        text=question,
        own_question=question,
        wish_question=question,
        guess=IntentGuess(Intent.RECOMMENDATION, 0.6, "model"),
        acts=(HeardAct(act, 0.6, "model"),),
        sought=(wish,),
        would_seek=wish,
    )
    return replace(asked, **more)


async def read(meaning: Meaning, *guides: ScoredChunk, state: DialogueState = NEW_DIALOGUE) -> WrittenFor | None:
    read = await by_guide(meaning, state, cast(Any, Knowledge(*guides)), cast(Any, Encoded()))
    return read.seeks.guide


@pytest.mark.parametrize(
    ("best", "next_one", "is_sure"),
    [(0.4, 0.3, True), (0.4, 0.39, False), (0.3, 0.1, False), (0.55, 0.54, True)],
    ids=["far ahead", "two alike", "too far", "near by itself"],
)
async def test_a_guide_is_believed_where_it_is_near_or_stands_far_ahead_of_the_next(
    best: float, next_one: float, is_sure: bool
) -> None:
    found = await read(heard(), guide(QUIET, best), guide(CATS, next_one))
    assert found == (WrittenFor(QUIET) if is_sure else None)


async def test_what_goes_through_one_series_is_written_for_no_wish() -> None:
    assert await read(heard(), guide("Reading order of Naruto", 0.7, "reading-order")) is None


async def test_the_guide_through_a_makers_works_is_for_who_names_the_maker() -> None:
    by_urasawa = heard(Wish(wanted=(Label("author", "Naoki Urasawa"),)))
    found = await read(by_urasawa, guide("Where to start with Naoki Urasawa", 0.4, "reading-order"), guide(QUIET, 0.7))
    assert found == WrittenFor("Where to start with Naoki Urasawa")


async def test_who_refuses_what_a_guide_is_about_is_not_sent_there_unless_it_is_for_them() -> None:
    refuses = heard(Wish(wanted=(Label("mood", "funny"),), unwanted=(SPORTS,)))
    assert await read(refuses, guide("The best of sports", 0.7)) is None
    for_them = await read(refuses, guide("Sports for people who don't like sports", 0.7))
    assert for_them == WrittenFor("Sports for people who don't like sports", (("mood", "funny"),))


@pytest.mark.parametrize(
    "meaning",
    [
        heard(targets=(Target(series_id="berserk"),)),
        heard(Wish(like=("berserk",))),
        heard(Wish(words=("gentle",), ordering="cheapest")),
        heard(EMPTY_WISH),
        heard(Wish(unwanted=(SPORTS,))),
        heard(care="distress"),
        heard(places=("china",)),
    ],
    ids=["a book is named", "like a series", "in an order", "says nothing", "refuses only", "needs care", "elsewhere"],
)
async def test_what_no_guide_can_be_written_for_is_left_as_it_is(meaning: Meaning) -> None:
    assert await read(meaning, guide(QUIET, 0.7)) is None


async def test_what_bends_a_wish_of_the_talk_begins_no_other_one() -> None:
    talked = replace(NEW_DIALOGUE, acts=(Act.FIND,), wish=Wish(wanted=(SPORTS,)))
    assert await read(heard(is_follow_up=True), guide(QUIET, 0.7), state=talked) is None
    of_nobody = replace(talked, wish=EMPTY_WISH)
    assert await read(heard(is_follow_up=True), guide(QUIET, 0.7), state=of_nobody) == WrittenFor(QUIET)


async def test_what_a_model_heard_as_something_else_looks_for_books_where_a_guide_is_written_for_it() -> None:
    knowledge = cast(Any, Knowledge(guide(QUIET, 0.7)))
    meaning = await by_guide(heard(act=Act.ABOUT), NEW_DIALOGUE, knowledge, cast(Any, Encoded()))
    assert (meaning.act, meaning.seeks.guide) == (Act.FIND, WrittenFor(QUIET))


async def test_without_the_encoder_no_guide_is_believed() -> None:
    meaning = heard()
    knowledge = cast(Any, Knowledge(guide(QUIET, 0.7)))
    assert await by_guide(meaning, NEW_DIALOGUE, knowledge, cast(Any, Encoded(comes=False))) is meaning
