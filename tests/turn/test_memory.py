"""T-4, W-2, T-13: what a session remembers of its turns, and whose it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.dialogue import DialogueState
from mangaassist.testing.scripted_answers import CARD
from mangaassist.turn.memory import HEADROOM, REMEMBERED_TURNS, Session, TurnRecord
from mangaassist.wire.cards import Button
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import problem

ANSWERED = AnswerMetadata(
    intent="faq", confidence=1.0, stage="rules", tier="small", model="offline", latency_ms=1.0, ttft_ms=1.0, timings={}
)
FAILED = problem(500, "internal", "Something went wrong.")


def turn(number: int = 1, **more: Any) -> TurnRecord:
    given = {
        "response_id": f"r{number}",
        "message_id": f"m{number}",
        "message": "one?",
        "answer": "two!",
        "intent": "faq",
    }
    return TurnRecord(**given | more)


def session(*turns: TurnRecord, **more: Any) -> Session:
    made = Session(session_id="s", **more)
    for one in turns:
        made = made.with_turn(one)
    return made


def test_a_turn_is_shown_to_who_comes_back_as_it_was() -> None:
    button = Button(label="Talk to a person", type="talk_to_human")
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    shown = turn(
        products=(CARD,), actions=(button,), suggestions=("And now?",), stopped=True, problem=FAILED, at=at
    ).view()
    assert (shown.response_id, shown.in_reply_to, shown.message, shown.answer) == ("r1", "m1", "one?", "two!")
    assert (shown.products, shown.actions, shown.suggestions) == ((CARD,), (button,), ("And now?",))
    assert (shown.stopped, shown.problem, shown.at) == (True, FAILED, "2026-11-25T12:00:00+00:00")


def test_a_writer_sees_what_was_said_and_shown_and_nothing_that_failed() -> None:
    (past,) = session(turn(1, products=(CARD,)), turn(2, problem=FAILED)).history()
    assert (past.message, past.answer, past.intent, past.shown) == ("one?", "two!", "faq", (CARD.asin,))


def test_what_was_shown_last_is_that_of_the_newest_turn_that_showed_any() -> None:
    other = replace(CARD, asin="B0OTHEROTH")
    assert session(turn(1, products=(CARD,)), turn(2, products=(other,)), turn(3)).last_shown() == (other,)
    assert session(turn(1)).last_shown() == ()


def test_a_session_remembers_its_newest_turns_and_counts_all() -> None:
    full = session(*(turn(number) for number in range(REMEMBERED_TURNS)))
    assert full.has_all_turns
    more = full.with_turn(turn(99))
    assert (more.version, len(more.turns), more.turns[-1].message_id) == (11, 10, "m99")
    assert not more.has_all_turns
    assert more.turn("m0") is None
    assert more.turn("m1") == turn(1)


def test_numbers_go_on_after_the_last_frame_and_the_ceiling_never_falls() -> None:
    assert session().last_seq == 0
    assert session(turn(last_seq=7)).last_seq == 7
    assert session(turn(last_seq=7)).ceiling == 7 + HEADROOM
    assert session(turn(last_seq=7), ceiling=9000).ceiling == 9000


@pytest.mark.parametrize(
    ("owner", "caller", "is_open"),
    [(None, None, True), (None, "aiko", True), ("aiko", "aiko", True), ("aiko", "ben", False), ("aiko", None, False)],
)
def test_a_guests_session_is_open_to_whoever_holds_its_id_and_a_customers_to_them(
    owner: str | None, caller: str | None, is_open: bool
) -> None:
    assert session(customer_id=owner).is_open_to(caller) is is_open


# ---- the dialogue


def answered(number: int, *acts: str, **more: Any) -> TurnRecord:
    metadata = replace(ANSWERED, acts=acts)
    return turn(number, metadata=metadata, dialogue=DialogueState(question=f"q{number}"), **more)


def test_the_newest_turn_alone_keeps_what_the_conversation_is_about() -> None:
    made = session(answered(1), answered(2))
    assert [one.dialogue is None for one in made.turns] == [True, False]
    assert made.dialogue.question == "q2"


def test_a_turn_that_was_not_answered_leaves_the_dialogue_as_it_was() -> None:
    assert session(answered(1), turn(2, problem=FAILED)).dialogue.question == "q1"


def test_what_is_no_longer_remembered_leaves_a_summary() -> None:
    first = answered(0, "price", products=(CARD,))
    full = session(first, *(answered(number, "joke") for number in range(1, REMEMBERED_TURNS)))
    assert full.dialogue.summary == ""
    more = full.with_turn(answered(98)).with_turn(turn(99, problem=FAILED))
    assert more.dialogue.summary == f"wanted to know what a book costs ({CARD.title})"
