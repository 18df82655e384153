"""W-3, W-5, W-6, W-11: the connection as a list of events and a clock."""

import pytest

from mangaassist.edge.connection import Close, Connection, Heard, Send
from mangaassist.wire.frames import ErrorFrame, Navigate, Pong, SendMessage, Stop


def connection(expires: float | None = None) -> Connection:
    return Connection(idle_timeout_s=600, now=0, expires=expires)


def test_a_ping_is_answered_and_typing_is_not() -> None:
    assert connection().receive_text('{"type":"ping"}', 1) == (Send(Pong()),)
    assert connection().receive_text('{"type":"typing"}', 1) == ()


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"type":"message","id":"1","message":"hi"}', SendMessage(id="1", message="hi")),
        ('{"type":"stop"}', Stop()),
    ],
)
def test_what_concerns_the_conversation_is_handed_on(text: str, frame: object) -> None:
    assert connection().receive_text(text, 1) == (Heard(frame),)


def test_a_navigation_is_handed_on() -> None:
    (effect,) = connection().receive_text('{"type":"context","page_context":{"current_asin":"B0ABCDEFGH"}}', 1)
    assert isinstance(effect, Heard)
    assert isinstance(effect.frame, Navigate)


def test_a_wrong_frame_costs_an_error_that_names_field_and_message_and_nothing_else() -> None:
    (effect,) = connection().receive_text('{"type":"message","id":"m-7","message":""}', 1)
    assert isinstance(effect, Send)
    assert isinstance(effect.frame, ErrorFrame)
    assert effect.frame.in_reply_to == "m-7"
    assert effect.frame.problem.fields[0].field == "message"


def test_a_binary_frame_closes_with_1003() -> None:
    (effect,) = connection().receive_bytes(1)
    assert isinstance(effect, Close)
    assert effect.code == 1003


def test_ten_silent_minutes_close_with_4408_and_any_frame_starts_them_anew() -> None:
    quiet = connection()
    assert quiet.tick(599) == ()
    quiet.receive_text('{"type":"typing"}', 599)
    assert quiet.tick(1198) == ()
    (effect,) = quiet.tick(1199)
    assert isinstance(effect, Close)
    assert effect.code == 4408


def test_an_ending_token_is_announced_once_60_s_before_and_then_closes_with_4401() -> None:
    ending = connection(expires=300)
    assert ending.tick(239) == ()
    (warning,) = ending.tick(240)
    assert isinstance(warning, Send)
    assert isinstance(warning.frame, ErrorFrame)
    assert warning.frame.problem.code == "token_expiring"
    assert ending.tick(241) == ()
    (closing,) = ending.tick(300)
    assert isinstance(closing, Close)
    assert closing.code == 4401


def test_a_renewed_token_keeps_the_connection() -> None:
    renewed = connection(expires=300)
    renewed.tick(240)
    renewed.renewed(expires=500)
    assert renewed.tick(300) == ()
    assert renewed.next_tick() == 440


def test_the_next_tick_is_never_later_than_what_it_would_say() -> None:
    assert connection().next_tick() == 600
    assert connection(expires=100).next_tick() == 40
