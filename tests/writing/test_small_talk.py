"""Chitchat and escalation: warm, never canned twice, and no promise of a call that nobody makes."""

import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import MOVES, Act, intent_of
from mangaassist.domain.derived import Derived
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import PastTurn
from tests.writing.at_the_counter import AIKO, FACTS, WRITER, asked, every_way, noted, page, said

TALK = [act for act in Act if intent_of(act) is Intent.CHITCHAT and act not in MOVES]


@pytest.mark.parametrize("act", TALK)
def test_every_kind_of_small_talk_has_an_answer_of_its_own(act: Act) -> None:
    answers = every_way(asked(act))
    others = every_way(asked(Act.OFF_TOPIC)) if act is not Act.OFF_TOPIC else set()
    assert all(answers)
    assert not answers & others


@pytest.mark.parametrize("act", [Act.GREETING, Act.THANKS, Act.JOKE, Act.OFF_TOPIC, Act.BORED])
def test_the_same_small_talk_is_answered_in_other_words_the_second_time(act: Act) -> None:
    first = asked(act)
    again = replace(first, state=DialogueState(phrases=noted(first).phrases))
    assert said(again) != said(first)


def test_a_known_shopper_is_called_by_the_first_name() -> None:
    assert "Aiko" in said(asked(Act.GREETING, evidence=Evidence(customer=AIKO)))
    assert "Tanaka" not in said(asked(Act.GREETING, evidence=Evidence(customer=AIKO)))


def test_a_second_greeting_is_no_first_one() -> None:
    past = (PastTurn("hi", "Hello!", "chitchat"),)
    for n in range(6):
        text = said(asked(Act.GREETING, text=f"hi {n}", history=past))
        assert "again" in text.lower() or "once more" in text.lower() or "still here" in text.lower()


def test_a_greeting_does_not_hide_what_was_asked_with_it() -> None:
    assert every_way(asked(Act.GREETING, Act.HOW_ARE_YOU)) == every_way(asked(Act.HOW_ARE_YOU))


def test_a_guest_is_not_said_to_be_signed_in() -> None:
    for text in every_way(asked(Act.MY_NAME)):
        assert "You're signed in" not in text


@pytest.mark.parametrize("act", [Act.BORED, Act.UNSURE])
def test_who_does_not_know_what_to_read_can_say_yes_to_a_surprise(act: Act) -> None:
    proposal = noted(asked(act)).proposal
    assert proposal is not None
    assert proposal.act is Act.SURPRISE


def test_personal_data_is_not_kept() -> None:
    for text in every_way(asked(Act.REMEMBER)):
        assert "don't keep" in text or "doesn't stay" in text


def test_a_person_is_a_button_away() -> None:
    for text in every_way(asked(Act.HUMAN)):
        assert "**Talk to a person**" in text
        assert "sorry" not in text


def test_who_is_upset_is_heard_and_offered_nothing_to_buy() -> None:
    task = asked(Act.HUMAN, upset=True)
    for text in every_way(task):
        assert "sorry" in text
    assert WRITER.suggestions(task) == ()


def test_out_of_hours_nobody_takes_over_and_the_next_opening_is_named() -> None:
    for text in every_way(asked(Act.HUMAN, evidence=Evidence(derived=Derived(open_now=False)))):
        assert "back tomorrow (Friday) at 8am Eastern" in text
        assert "takes over" not in text


def test_in_hours_nobody_is_told_when_to_come() -> None:
    assert "8am" not in said(asked(Act.HUMAN, evidence=Evidence(derived=Derived(open_now=True))))


def test_no_call_is_promised_that_the_store_does_not_make() -> None:
    for text in every_way(asked(Act.CALLBACK)):
        assert "can't arrange a call" in text or "isn't something I can set up" in text
        assert "1-800-555-0142" in text


def test_a_store_that_calls_back_says_so() -> None:
    task = asked(Act.CALLBACK)
    calls = replace(FACTS, support=replace(FACTS.support, calls_back=True))
    assert said(replace(task, evidence=replace(task.evidence, facts=calls))).startswith("Yes")


def test_a_complaint_is_heard_before_the_rule_on_complaints() -> None:
    evidence = Evidence(chunks=(page("complaint"),))
    for text in every_way(asked(Act.COMPLAINT, about="i want to complain", evidence=evidence)):
        assert "sorry" in text.splitlines()[0]
        assert "senior team member" in text
