"""T-10: of a message that asks for two things each question is heard by itself."""

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.act_conditions import with_clauses
from mangaassist.understanding.asking_clauses import asking_clauses
from mangaassist.understanding.utterance import Utterance
from tests.understanding.talks import reader


def clauses(text: str) -> list[tuple[str, Act | None]]:
    return [(one.text, one.act.act if one.act else None) for one in reader().heard(text).clauses]


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        (
            "is monster finished and how long is shipping",
            [("is monster finished", Act.FINISHED), ("how long is shipping", Act.DELIVERY_TIME)],
        ),
        (
            "looks good. about how much and can i put a note in",
            [("about how much", Act.PRICE), ("can i put a note in", None)],
        ),
        (
            "do you take pennies? also whats your dog called",
            [("do you take pennies?", None), ("also whats your dog called", None)],
        ),
    ],
)
def test_sentences_and_what_a_joining_word_adds_ask_by_themselves(
    text: str, heard: list[tuple[str, Act | None]]
) -> None:
    assert clauses(text) == heard


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "manga about cats and dogs",
        "whats all of naruto in singles and how much a month",
        "you got my naruto back days ago right. so wheres my refund",
    ],
    ids=["one question", "two tastes", "half a question", "what is told"],
)
def test_what_asks_only_once_has_no_clauses(text: str) -> None:
    assert clauses(text) == []


def test_a_long_talk_is_not_taken_apart() -> None:
    def never(_: str) -> Utterance:
        raise AssertionError

    assert asking_clauses(Utterance(text="? ".join(["is it done"] * 9), folded="", joins=True), never) == ()


def test_what_each_clause_asks_is_answered_though_only_one_of_a_kind_was_heard() -> None:
    utterance = reader().heard("when does my order come and can i still cancel it")
    heard = with_clauses((HeardAct(Act.CANCEL_ORDER, 0.9),), utterance)
    assert [one.act for one in heard] == [Act.ARRIVAL, Act.CANCEL_ORDER]
