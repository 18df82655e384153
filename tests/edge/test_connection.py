"""W-3, W-5, W-6, W-7, W-11: the connection as a list of events and a clock."""

from itertools import product
from typing import get_args

import pytest
from msgspec import Struct

from mangaassist.edge.connection import (
    EVENTS,
    EVENTS_A_MINUTE,
    STOPS_A_MINUTE,
    TOKENS_A_MINUTE,
    TRANSITIONS,
    Ask,
    Close,
    Connection,
    Count,
    Effect,
    On,
    Send,
    ShowTyping,
    State,
    StopAnswer,
    Verify,
)
from mangaassist.wire.frames import ClientFrame, Drain, ErrorFrame, Happened, Pong, SendMessage
from mangaassist.wire.page import NOWHERE, PageContext
from mangaassist.wire.problems import problem
from tests.pages import printed

SOME_PAGE = PageContext(current_asin="B0ABCDEFGH")


def connection(expires: float | None = None) -> Connection:
    return Connection(idle_timeout_s=600, now=0, expires=expires)


def closed_with(effects: tuple[Effect, ...]) -> int:
    (effect,) = effects
    assert isinstance(effect, Close)
    return effect.code


def error(effects: tuple[Effect, ...]) -> ErrorFrame:
    (effect,) = effects
    assert isinstance(effect, Send)
    assert isinstance(effect.frame, ErrorFrame)
    return effect.frame


def test_a_ping_is_answered_and_typing_is_shown_to_who_may_see_it() -> None:
    assert connection().receive_text('{"type":"ping"}', 1) == (Send(Pong()),)
    assert connection().receive_text('{"type":"typing"}', 1) == (ShowTyping(),)


def test_a_message_is_offered_with_the_page_that_it_names() -> None:
    text = '{"type":"message","id":"1","message":"hi","page_context":{"current_asin":"B0ABCDEFGH"}}'
    assert connection().receive_text(text, 1) == (
        Ask(SendMessage(id="1", message="hi", page_context=SOME_PAGE), SOME_PAGE),
    )


def test_a_message_that_names_no_page_was_said_on_the_last_one() -> None:
    shopper = connection()
    assert shopper.receive_text('{"type":"message","id":"1","message":"hi"}', 1) == (
        Ask(SendMessage(id="1", message="hi"), NOWHERE),
    )
    assert shopper.receive_text('{"type":"context","page_context":{"current_asin":"B0ABCDEFGH"}}', 2) == ()
    (asked,) = shopper.receive_text('{"type":"message","id":"2","message":"in stock?"}', 3)
    assert isinstance(asked, Ask)
    assert asked.page == SOME_PAGE
    shopper.receive_text('{"type":"message","id":"3","message":"hi","page_context":{"store_section":"horror"}}', 4)
    (asked,) = shopper.receive_text('{"type":"message","id":"4","message":"and here?"}', 5)
    assert isinstance(asked, Ask)
    assert asked.page == PageContext(store_section="horror")


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ('{"type":"stop"}', StopAnswer(None)),
        ('{"type":"stop","id":"m7"}', StopAnswer("m7")),
        ('{"type":"auth","token":"abc"}', Verify("abc")),
    ],
)
def test_a_stop_and_a_token_are_handed_on(text: str, effect: Effect) -> None:
    assert connection().receive_text(text, 1) == (effect,)


def test_a_wrong_frame_costs_an_error_that_names_field_and_message_and_nothing_else() -> None:
    shopper = connection()
    told = error(shopper.receive_text('{"type":"message","id":"m-7","message":""}', 1))
    assert told.in_reply_to == "m-7"
    assert told.problem.fields[0].field == "message"
    assert shopper.state is State.OPEN


@pytest.mark.parametrize(
    "text", ["", "no json", "[1]", '{"type":"juggle"}', '{"id":5}', "[" * 5000, '{"x":' + "[" * 5000]
)
def test_nothing_that_a_client_writes_ends_a_connection(text: str) -> None:
    shopper = connection()
    assert error(shopper.receive_text(text, 1)).in_reply_to is None
    assert shopper.receive_text('{"type":"ping"}', 2) == (Send(Pong()),)


@pytest.mark.parametrize("event", On)
def test_who_is_closed_is_told_why(event: On) -> None:
    shopper = connection()
    if event is On.DRAINED:
        shopper.on(On.DRAIN)
    if TRANSITIONS[shopper.state].get(event) is State.CLOSED:
        (closing,) = shopper.on(event)
        assert isinstance(closing, Close)
        assert closing.reason


def test_a_binary_frame_closes_with_1003() -> None:
    assert closed_with(connection().receive_bytes()) == 1003


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"message","id":"1","message":"hi"}',
        '{"type":"context","page_context":{}}',
        '{"type":"stop"}',
        '{"type":"auth","token":"abc"}',
    ],
)
def test_ten_silent_minutes_close_with_4408_and_what_is_said_starts_them_anew(frame: str) -> None:
    quiet = connection()
    assert quiet.tick(599) == ()
    quiet.receive_text(frame, 599)
    assert quiet.next_tick() == 1199
    assert quiet.tick(1198) == ()
    assert closed_with(quiet.tick(1199)) == 4408


@pytest.mark.parametrize("frame", ['{"type":"ping"}', '{"type":"typing"}', "no frame"])
def test_pings_typing_and_noise_keep_nobody_awake(frame: str) -> None:
    quiet = connection()
    quiet.receive_text(frame, 599)
    assert closed_with(quiet.tick(600)) == 4408


def test_an_ending_token_is_announced_once_60_s_before_and_then_closes_with_4401() -> None:
    ending = connection(expires=300)
    assert ending.next_tick() == 240
    assert ending.tick(239) == ()
    told = error(ending.tick(240)).problem
    assert (told.status, told.code) == (401, "token_expiring")
    assert told.detail
    assert ending.next_tick() == 300
    assert ending.tick(241) == ()
    assert closed_with(ending.tick(300)) == 4401
    assert ending.next_tick() is None


def test_a_renewed_token_keeps_the_connection_and_is_announced_anew() -> None:
    renewed = connection(expires=300)
    renewed.tick(240)
    assert renewed.renewed(expires=500) == ()
    assert renewed.tick(300) == ()
    assert renewed.next_tick() == 440
    assert error(renewed.tick(440)).problem.code == "token_expiring"


def test_a_refused_token_is_told_and_the_old_one_still_ends() -> None:
    ending = connection(expires=300)
    ending.tick(240)
    why = problem(401, "unauthenticated", "The token is not valid.")
    assert error(ending.refused(why)).problem == why
    assert closed_with(ending.tick(300)) == 4401


def test_a_message_that_was_not_taken_is_named() -> None:
    why = problem(409, "busy", "Wait.")
    assert error(connection().refused(why, "m5")).in_reply_to == "m5"


def test_a_guests_connection_ends_by_silence_alone() -> None:
    assert connection().next_tick() == 600


def test_a_drain_is_told_once_messages_are_still_taken_and_the_end_closes_with_1012() -> None:
    leaving = connection()
    (told,) = leaving.on(On.DRAIN)
    assert isinstance(told, Send)
    assert isinstance(told.frame, Drain)
    assert leaving.on(On.DRAIN) == ()
    assert len(leaving.receive_text('{"type":"message","id":"1","message":"hi"}', 1)) == 1
    assert closed_with(leaving.on(On.DRAINED)) == 1012


def test_the_token_still_ends_while_the_server_is_going_away() -> None:
    leaving = connection(expires=100)
    leaving.on(On.DRAIN)
    assert leaving.next_tick() == 100
    assert leaving.tick(99) == ()
    assert closed_with(leaving.tick(100)) == 4401


@pytest.mark.parametrize(
    ("event", "code"),
    [(On.REVOKED, 4403), (On.AWAY, 1013), (On.BINARY, 1003), (On.IDLE, 4408), (On.SIGN_IN_ENDED, 4401)],
)
def test_what_ends_a_connection_has_a_code_of_its_own_and_ends_it_once(event: On, code: int) -> None:
    ending = connection()
    assert closed_with(ending.on(event)) == code
    assert ending.on(event) == ()


def test_a_closed_connection_does_nothing_more_whatever_happens() -> None:
    for event in On:
        closed = connection(expires=10)
        closed.on(On.REVOKED)
        assert closed.on(event) == ()
    assert closed.receive_text('{"type":"ping"}', 1) == ()
    assert closed.receive_text("no frame", 1) == ()
    assert closed.tick(1e9) == ()


def test_every_event_is_described_and_every_state_says_what_counts_in_it() -> None:
    assert set(EVENTS) == set(On)
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize(("state", "event"), list(product(State, On)))
def test_a_transition_that_closes_says_so(state: State, event: On) -> None:
    """What leads to ``closed`` sends a code, and nothing else does."""
    following = TRANSITIONS[state].get(event)
    if following is not None:
        assert EVENTS[event].words.startswith("closes") == (following is State.CLOSED)


@pytest.mark.parametrize("kind", get_args(ClientFrame), ids=lambda kind: kind.__name__)
def test_the_protocols_page_names_every_field_of_what_a_client_says(kind: type[Struct]) -> None:
    page = printed.text_of("protocol.md")
    (row,) = (
        line
        for line in page.splitlines()
        if line.startswith(f"| `{kind.__struct_config__.tag}` | ") and line.count("|") == 4
    )
    assert all(name in row for name in kind.__struct_fields__)


CLICK = '{"type":"event","name":"clicked","response_id":"r_0123456789abcdef","asin":"B0ABCDEFGH"}'


def test_what_the_shopper_uses_is_counted_up_to_what_a_person_can_do_and_nobody_is_told_beyond() -> None:
    shopper = connection()
    counted = [shopper.receive_text(CLICK, 1 + number / 10) for number in range(EVENTS_A_MINUTE + 5)]
    click = Happened(name="clicked", response_id="r_0123456789abcdef", asin="B0ABCDEFGH")
    assert counted == [(Count(click),)] * EVENTS_A_MINUTE + [()] * 5
    assert shopper.receive_text(CLICK, 62) == (Count(click),)


def test_a_click_keeps_the_connection_awake() -> None:
    shopper = connection()
    shopper.receive_text(CLICK, 500)
    assert shopper.tick(1099) == ()
    assert closed_with(shopper.tick(1100)) == 4408


@pytest.mark.parametrize("named", ["", '"button":"add_to_cart"'])
def test_a_purchase_of_nothing_is_passed_over(named: str) -> None:
    text = '{"type":"event","name":"added","response_id":"r_0123456789abcdef"' + (f",{named}" if named else "") + "}"
    assert connection().receive_text(text, 1) == ()
    assert connection().receive_text(text.replace("added", "clicked"), 1) == (
        () if not named else (Count(Happened(name="clicked", response_id="r_0123456789abcdef", button="add_to_cart")),)
    )


def test_more_stops_than_a_person_can_make_are_passed_over_until_the_minute_is_over() -> None:
    shopper = connection()
    asked = [shopper.receive_text('{"type":"stop"}', 1 + number / 10) for number in range(STOPS_A_MINUTE + 5)]
    assert asked == [(StopAnswer(None),)] * STOPS_A_MINUTE + [()] * 5
    assert shopper.receive_text('{"type":"stop"}', 62) == (StopAnswer(None),)


def test_more_tokens_than_a_page_can_need_are_refused_until_the_minute_is_over() -> None:
    shopper = connection()
    asked = [shopper.receive_text('{"type":"auth","token":"abc"}', 1 + number) for number in range(TOKENS_A_MINUTE + 1)]
    assert asked[:-1] == [(Verify("abc"),)] * TOKENS_A_MINUTE
    told = error(asked[-1]).problem
    assert (told.status, told.code) == (429, "too_many_requests")
    assert told.detail
    assert shopper.receive_text('{"type":"auth","token":"abc"}', 62) == (Verify("abc"),)


def test_what_is_counted_of_one_kind_leaves_the_others_their_room() -> None:
    shopper = connection()
    for _ in range(EVENTS_A_MINUTE + 1):
        shopper.receive_text(CLICK, 1)
    assert shopper.receive_text('{"type":"stop"}', 2) == (StopAnswer(None),)
    assert shopper.receive_text('{"type":"auth","token":"abc"}', 2) == (Verify("abc"),)
