"""W-3, W-4, W-11, R-9: what the wire takes and what it refuses."""

import msgspec
import pytest

from mangaassist.errors import BadInput
from mangaassist.wire.decoding import decode
from mangaassist.wire.frames import (
    AnswerFrame,
    ClientFrame,
    ConnectionFrame,
    ConversationFrame,
    Correction,
    Degraded,
    Failed,
    HumanMessage,
    Pong,
    SendMessage,
    ServerFrame,
    SessionOpened,
    Start,
    Token,
)
from mangaassist.wire.problems import CODES, RETRY_AFTER_S, problem
from mangaassist.wire.rest import ChatRequest
from mangaassist.wire.transcript import Transcript

CLIENT = msgspec.json.Decoder(ClientFrame)
REQUEST = msgspec.json.Decoder(ChatRequest)


@pytest.mark.parametrize(
    ("frame", "code", "field"),
    [
        ("no json", "invalid_json", None),
        ("[1]", "invalid_field", "(body)"),
        ("{}", "invalid_field", "type"),
        ('{"type":"dance"}', "invalid_field", "type"),
        ('{"type":"message","message":"hi"}', "invalid_field", "id"),
        ('{"type":"message","id":7,"message":"hi"}', "invalid_field", "id"),
        ('{"type":"message","id":"1"}', "invalid_field", "message"),
        ('{"type":"message","id":"1","message":""}', "invalid_field", "message"),
        ('{"type":"message","id":"1","message":"%s"}' % ("x" * 2001), "invalid_field", "message"),
        ('{"type":"message","id":"1","message":"nul \\u0000"}', "invalid_encoding", "message"),
        (
            '{"type":"context","page_context":{"cart_asins":["B0ABCDEFGH","nonsense"]}}',
            "invalid_field",
            "page_context.cart_asins[1]",
        ),
        ('{"type":"event","name":"danced","response_id":"r_0123456789abcdef"}', "invalid_field", "name"),
        (
            '{"type":"event","name":"clicked","response_id":"what I said","asin":"B0ABCDEFGH"}',
            "invalid_field",
            "response_id",
        ),
        ('{"type":"ping","x":' + "[" * 5000 + "]" * 5000 + "}", "invalid_json", None),
    ],
)
def test_a_wrong_frame_is_refused_by_the_name_of_its_field(frame: str, code: str, field: str | None) -> None:
    with pytest.raises(BadInput) as refused:
        decode(CLIENT, frame)
    assert refused.value.code == code
    assert [wrong.field for wrong in refused.value.fields] == ([field] if field else [])


def test_a_message_of_exactly_2000_characters_is_taken() -> None:
    frame = decode(CLIENT, msgspec.json.encode({"type": "message", "id": "1", "message": "ん" * 2000}))
    assert isinstance(frame, SendMessage)


@pytest.mark.parametrize("body", [b'{"message":"\xff"}', b'{"message":"\\ud800 lone"}', b"\x00"])
def test_broken_text_never_gets_in(body: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        decode(REQUEST, body)
    assert refused.value.status == 400


def test_unknown_fields_of_a_newer_client_are_passed_over() -> None:
    frame = decode(CLIENT, '{"type":"message","id":"1","message":"hi","mood":"sunny"}')
    assert frame == SendMessage(id="1", message="hi")


def test_every_server_frame_is_either_of_the_conversation_or_of_the_connection() -> None:
    for kind in ServerFrame.__args__:
        assert issubclass(kind, ConversationFrame) != issubclass(kind, ConnectionFrame), kind


def test_frames_of_the_connection_carry_no_seq_and_frames_of_an_answer_carry_their_response() -> None:
    assert b"seq" not in msgspec.json.encode(Pong())
    opened = SessionOpened(
        session_id="s", epoch="e", resumed=False, recovered=False, last_seq=0, turns=(), customer="guest",
        heartbeat_s=30, idle_timeout_s=600,
    )  # fmt: skip
    assert set(msgspec.json.decode(msgspec.json.encode(opened))) == {
        "type", "session_id", "epoch", "resumed", "recovered", "last_seq", "turns", "customer", "heartbeat_s", "idle_timeout_s",
    }  # fmt: skip
    longer = msgspec.structs.replace(opened, summary="wanted to see where an order is")
    assert msgspec.json.decode(msgspec.json.encode(longer))["summary"] == "wanted to see where an order is"
    for kind in ServerFrame.__args__:
        if issubclass(kind, AnswerFrame):
            assert "response_id" in kind.__struct_fields__


def test_a_human_says_who_writes() -> None:
    said = msgspec.json.decode(msgspec.json.encode(HumanMessage(seq=4, name="Mia", content="Hello")))
    assert said == {"type": "message", "seq": 4, "from": "agent", "name": "Mia", "content": "Hello"}


def test_a_transcript_reads_as_if_the_wrong_words_had_never_been_said() -> None:
    transcript = Transcript()
    for seq, piece in enumerate(["It costs ", "$9", ".99", " today."], start=2):
        transcript.apply(Token(seq=seq, response_id="r", content=piece))
    transcript.apply(Correction(seq=6, response_id="r", replace_seq=3, through_seq=4, content="$7.99", stage="prices"))
    assert transcript.text == "It costs $7.99 today."
    transcript.apply(Correction(seq=7, response_id="r", replace_seq=5, content="", stage="scope"))
    assert transcript.text == "It costs $7.99"


def test_a_start_that_comes_again_clears_all_that_the_answer_had_said_and_shown() -> None:
    transcript = Transcript()
    transcript.apply(Start(seq=1, response_id="r", in_reply_to="m", attempt=1))
    transcript.apply(Token(seq=2, response_id="r", content="It costs $9"))
    transcript.apply(Degraded(seq=3, response_id="r", service="reviews", fallback="left out"))
    transcript.apply(Start(seq=4, response_id="r", in_reply_to="m", attempt=2))
    transcript.apply(Token(seq=5, response_id="r", content="Hello."))
    assert (transcript.text, transcript.degraded, transcript.response_id) == ("Hello.", [], "r")


def test_a_failed_answer_says_why() -> None:
    transcript = Transcript()
    transcript.apply(Failed(seq=1, response_id="r", problem=problem(503, "unsaved", "Ask again.")))
    assert transcript.problem is not None
    assert transcript.problem.code == "unsaved"


def test_what_passes_by_itself_says_when_to_come_again_and_what_stays_says_nothing() -> None:
    assert RETRY_AFTER_S.keys() <= CODES.keys()
    assert problem(409, "busy", "Wait.").headers == {"retry-after": "1"}
    assert problem(429, "too_many_requests", "Wait.", retry_after_s=7).headers == {"retry-after": "7"}
    lasting = problem(409, "id_reused", "No.")
    assert (lasting.headers, b"retry_after_s" in msgspec.json.encode(lasting)) == ({}, False)
