"""R-3, O-6: a ticket's states, which of a conversation's tickets counts, who waits where, and how long by what was measured."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.desk.queue import LEAST_MEASURED, ROUND_S, leaders, places, waiting_s
from mangaassist.desk.ticket import TOLD_AS, TRANSITIONS, Deed, State, leading
from mangaassist.testing.clock import START
from tests.contracts.ticket_store import MOMENT, ticket

LATER = START + timedelta(minutes=3)


def test_every_state_is_told_as_one_of_the_protocol_and_knows_what_may_follow() -> None:
    assert set(TRANSITIONS) == set(TOLD_AS)
    assert {after for deeds in TRANSITIONS.values() for after in deeds.values()} < set(TRANSITIONS)


@pytest.mark.parametrize(
    ("before", "deed", "after"),
    [
        ("requested", "join", "joined"), ("left_message", "join", "joined"), ("joined", "hand_back", "left"),
        ("joined", "close", "closed"), ("requested", "cancel", "cancelled"), ("requested", "hand_back", None),
        ("left", "join", None), ("closed", "cancel", None), ("cancelled", "join", None),
    ],
)  # fmt: skip
def test_a_deed_leads_where_the_table_says_and_else_nowhere(before: State, deed: Deed, after: State | None) -> None:
    changed = ticket(1, state=before).after(deed, LATER, "oda", "Oda")
    assert (changed and changed.state) == after
    if changed is not None:
        assert changed.version == 2, "the next version is still to be told"


def test_who_joins_is_in_by_name_and_may_be_followed_by_another_and_once_more_changes_nothing() -> None:
    joined = ticket(1).after("join", LATER, "oda", "Oda")
    assert joined is not None
    assert (joined.operator, joined.name, joined.joined_at) == ("oda", "Oda", LATER)
    assert joined.after("join", LATER, "oda", "Oda") is joined
    other = joined.after("join", LATER + MOMENT, "kim", "Kim")
    assert other is not None
    assert (other.operator, other.joined_at, other.version) == ("kim", LATER, 3)


def test_a_ticket_is_settled_once_it_is_over_told_and_sent() -> None:
    over: dict[str, Any] = {"state": "closed", "version": 2}
    assert not ticket(1).is_settled
    assert not ticket(1, **over).is_settled
    assert not ticket(1, **over, told=2).is_settled
    assert ticket(1, **over, told=2, sent=2).is_settled


def test_of_a_conversation_the_ticket_counts_by_which_a_person_is_in_else_the_oldest_open_one() -> None:
    first, second, third = (ticket(number, MOMENT * number) for number in (1, 2, 3))
    assert leading([third, second, first]) == first
    assert leading([first, replace(second, state="joined"), third]) == replace(second, state="joined")
    assert leading([replace(first, state="closed"), second]) == second
    assert leading([replace(first, state="left")]) is None


def test_places_are_of_conversations_and_only_of_those_who_wait_for_somebody_who_is_there() -> None:
    queue = [
        ticket(1, MOMENT, session_id="s_1"),
        ticket(2, MOMENT * 2, session_id="s_1", digest="d2"),
        ticket(3, MOMENT * 3, session_id="s_2", state="left_message"),
        ticket(4, MOMENT * 4, session_id="s_3", state="joined"),
        ticket(5, MOMENT * 5, session_id="s_4"),
    ]
    assert places(queue) == {"t_1": 1, "t_5": 2}
    assert [one.ticket_id for one in leaders(queue)] == ["t_1", "t_3", "t_4", "t_5"]


def test_a_wait_is_told_by_what_was_measured_and_not_before() -> None:
    assert waiting_s(1, 100.0, LEAST_MEASURED - 1) is None
    assert waiting_s(1, 100.0 * LEAST_MEASURED, LEAST_MEASURED) == 4 * ROUND_S
    assert waiting_s(3, 100.0 * LEAST_MEASURED, LEAST_MEASURED) == 10 * ROUND_S
    assert waiting_s(1, 0.0, LEAST_MEASURED) == ROUND_S
