"""R-3: who asks for a person in the chat gets one, hears what happens next, and is never sent round to a button again."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.handoff import Person
from mangaassist.testing.scripted_desk import ScriptedDesk
from mangaassist.turn.memory import TurnRecord
from mangaassist.turn.stages import Answered
from mangaassist.wire.frames import HandoffView
from tests.turn.house import House

BUTTON = "**Talk to a person**"
ASKS = "can i talk to a real person please"


def house(person: Person | None = None, **told: Any) -> tuple[House, ScriptedDesk]:
    """``told``: how it stands with a person who was asked for before."""
    made, desk = House(), ScriptedDesk(person)
    made.dependencies = replace(made.dependencies, desk=desk)
    if told:
        before = TurnRecord(
            response_id="r0", message_id="m0", message="", answer="", intent="none", name="",
            handoff=HandoffView(ticket_id="t_1", **told), at=datetime.now(UTC),
        )  # fmt: skip
        made.session = made.session.with_turn(before)
    return made, desk


def offers_a_person(answered: Answered) -> bool:
    return BUTTON in answered.text or any(button.type == "talk_to_human" for button in answered.actions)


@pytest.mark.parametrize(
    ("person", "says"),
    [
        (Person(state="requested", position=1), ["colleague|person", "next in line|before you"]),
        (Person(state="requested", position=3, eta_s=270), ["number 3 in line", "about 5 minutes"]),
        (Person(state="requested", position=2, eta_s=30), ["number 2 in line", "about a minute"]),
        (Person(state="left_message"), ["read", "write|Add"]),
    ],
)
async def test_asking_for_a_person_asks_for_one_and_says_what_happens_next(person: Person, says: list[str]) -> None:
    made, desk = house(person)
    answered = await made.ask(ASKS)
    assert [message.text for message in desk.asked] == [ASKS]
    for words in says:
        assert any(word in answered.text for word in words.split("|")), answered.text
    assert not offers_a_person(answered)


async def test_who_asks_again_hears_where_they_are_and_asks_nobody_twice() -> None:
    made, desk = house(state="requested", position=2, eta_s=60)
    answered = await made.ask("hello?? i want a human")
    assert desk.asked == []
    assert "number 2 in line" in answered.text
    assert not offers_a_person(answered)


async def test_who_asks_how_long_it_takes_hears_what_was_told_last() -> None:
    made, _ = house(state="requested", position=2, eta_s=600)
    answered = await made.ask("how long until somebody answers?")
    assert "about 10 minutes" in answered.text


async def test_once_the_person_has_left_somebody_may_be_asked_for_anew() -> None:
    made, desk = house(Person(state="requested", position=1), state="left")
    await made.ask(ASKS)
    assert len(desk.asked) == 1


async def test_a_desk_that_is_away_leaves_the_button() -> None:
    made, desk = house(None)
    answered = await made.ask(ASKS)
    assert len(desk.asked) == 1
    assert offers_a_person(answered)


async def test_any_other_question_asks_for_nobody() -> None:
    made, desk = house(Person(state="requested"))
    await made.ask("what is your return policy?")
    assert desk.asked == []
