"""R-10: whatever the frames of an answer are, and wherever it left them, a client of AG-UI ends up with what they amount to."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.edge.dialects.ag_ui import Run
from mangaassist.edge.dialects.resuming import Place, Placed, Telling, place_of, run_mark
from mangaassist.edge.dialects.run_input import asked_in, conversation_before, session_of
from mangaassist.errors import BadInput
from mangaassist.testing.scripted_answers import CARD
from mangaassist.turn.memory import TurnRecord
from mangaassist.wire.ag_ui import AgUiEvent, RunInput, RunMessage
from mangaassist.wire.frames import AnswerFrame, Correction, Degraded, Done, Failed, HandoffView, Products, Token
from mangaassist.wire.transcript import Transcript
from tests.edge.test_ui_messages import METADATA, answers, start

THREAD = "8f14e45f-ceea-467f-9575-1c3a0f1e2b7d"
SESSION = "s_somebodys_own"
QUESTION = RunMessage(id="u1", role="user", content="Something?")
RUN = Run(thread_id=THREAD, run_id="run-1", session_id=SESSION, before=lambda: (QUESTION,))


class Reader:
    """What the protocol says a client holds, in as few words as possible; and that nothing comes where it may not."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {"u1": {"id": "u1", "role": "user", "content": "Something?"}}
        self.open: set[str] = set()
        self.kinds: list[str] = []
        self.last: dict[str, Any] = {}
        self.place: Place | None = None

    def read(self, told: Iterable[Placed | AgUiEvent]) -> None:
        for each in told:
            if isinstance(each, Placed):
                self.place = place_of(str(each.place), "run-1")
                each = each.event
            self.take(json.loads(msgspec.json.encode(each)))

    def take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        assert (kind == "RUN_STARTED") == (not self.kinds), "a run begins once"
        assert self.last.get("type") not in ("RUN_FINISHED", "RUN_ERROR"), "nothing comes after the end"
        self.kinds.append(kind)
        self.last = event
        match kind:
            case "TEXT_MESSAGE_START":
                assert event["messageId"] not in self.open
                self.open.add(event["messageId"])
                self.messages.setdefault(
                    event["messageId"], {"id": event["messageId"], "role": event["role"], "content": ""}
                )
            case "TEXT_MESSAGE_CONTENT":
                assert event["messageId"] in self.open
                self.messages[event["messageId"]]["content"] += event["delta"]
            case "TEXT_MESSAGE_END":
                self.open.remove(event["messageId"])
            case "MESSAGES_SNAPSHOT":
                beside = {key: kept for key, kept in self.messages.items() if kept.get("role") == "activity"}
                self.messages = beside | {each["id"]: each for each in event["messages"]}
            case "ACTIVITY_SNAPSHOT":
                self.messages[event["messageId"]] = event | {"role": "activity"}
            case "RUN_FINISHED":
                assert not self.open, "what was opened is closed"
            case _:
                pass

    def forget_others(self, response_id: str) -> None:
        """What was shown under a name that is gone stays with a client: nothing is left by which it could be taken back."""
        self.messages = {
            id_: each
            for id_, each in self.messages.items()
            if each["role"] != "activity" or id_.startswith(response_id)
        }

    def text_of(self, response_id: str) -> str:
        return self.messages.get(response_id, {}).get("content", "")

    def shown(self, response_id: str, kind: str) -> Any:
        content = self.messages.get(f"{response_id}-{kind}", {}).get("content", {})
        return next(iter(content.values()), [])

    def holds(self, expected: Transcript) -> None:
        """What is there of an answer is what its frames amount to, and nothing is left of a dead attempt."""
        answer = expected.response_id
        assert [
            each["id"] for each in self.messages.values() if each.get("role") != "activity" and each["content"]
        ] == [
            "u1",
            *([answer] if expected.text else []),
        ]
        assert self.text_of(answer) == expected.text
        degraded = [{"service": each.service, "fallback": each.fallback} for each in expected.degraded]
        assert self.shown(answer, "degraded") == degraded
        assert self.shown(answer, "products") == json.loads(msgspec.json.encode(expected.products))
        assert self.shown(answer, "actions") == json.loads(msgspec.json.encode(expected.buttons))
        assert self.shown(answer, "suggestions") == json.loads(msgspec.json.encode(expected.suggestions))


def amounts_to(frames: Iterable[AnswerFrame]) -> Transcript:
    transcript = Transcript()
    transcript.apply_all(frames)
    return transcript


def flat(batches: Sequence[Sequence[AnswerFrame]]) -> list[AnswerFrame]:
    return [frame for batch in batches for frame in batch]


@given(batches=answers())
def test_a_reader_has_what_the_frames_amount_to_and_every_event_is_in_its_place(
    batches: list[list[AnswerFrame]],
) -> None:
    reader, telling = Reader(), Telling(RUN)
    for batch in batches:
        reader.read(telling.tell(batch))
    reader.holds(expected := amounts_to(flat(batches)))
    ending = {True: "RUN_FINISHED", False: "RUN_ERROR"}[expected.metadata is not None] if expected.has_ended else None
    assert telling.encoder.is_over == (ending is not None)
    if ending is not None:
        assert reader.kinds[-1] == ending
        assert telling.tell(batches[0]) == []


@given(batches=answers(), data=st.data())
def test_who_left_after_any_event_hears_the_others_and_no_other(
    batches: list[list[AnswerFrame]], data: st.DataObject
) -> None:
    frames = flat(batches)
    told = Telling(RUN).tell(frames)
    left = data.draw(st.integers(1, len(told)))
    heard = place_of(str(told[left - 1].place), "run-1")
    assert Telling(RUN, heard).tell(frames) == told[left:]


SHORT: list[AnswerFrame] = [
    replace(start(), seq=1),
    Degraded(response_id="r_1", seq=2, service="reviews", fallback="left out"),
    Token(response_id="r_1", seq=3, content="one "),
    Token(response_id="r_1", seq=4, content="two "),
    Products(response_id="r_1", seq=5, items=(CARD,)),
    Done(response_id="r_1", seq=6, metadata=METADATA),
]


def leaves_twice(frames: list[AnswerFrame], again: list[AnswerFrame], first: int, second: int) -> None:
    """The process died, and with it all that it had told; whoever goes on leaves again after the next few events."""
    reader = Reader()
    reader.read(Telling(RUN).tell(frames)[:first])
    reader.read(Telling(RUN, reader.place).tell(again)[:second])
    reader.read(Telling(RUN, reader.place).tell(again))
    reader.forget_others(amounts_to(again).response_id)
    reader.holds(amounts_to(again))


@pytest.mark.parametrize("first", range(1, 7))
@pytest.mark.parametrize("second", range(6))
def test_who_left_within_what_nobody_keeps_any_more_ends_up_with_the_same(first: int, second: int) -> None:
    again = [replace(start(2), seq=1001), *map(_later, SHORT[2:])]
    leaves_twice(SHORT, again, first, second)


@given(batches=answers(), first=st.integers(1, 20), second=st.integers(0, 5))
def test_so_does_who_left_within_any_answer(batches: list[list[AnswerFrame]], first: int, second: int) -> None:
    frames = flat(batches)
    unfinished = [frame for frame in frames if not isinstance(frame, Done | Failed)]
    leaves_twice(unfinished, [_later(frame) for frame in (start(2, "r_1"), *frames[1:])], first, second)


def test_who_hears_words_whose_beginning_is_gone_hears_them_as_they_read_now() -> None:
    heard = Place(run=run_mark("run-1"), began=1, seq=2, part=2)
    rest = Telling(RUN, heard).tell([SHORT[0], SHORT[2]])
    assert [each.event.__struct_config__.tag for each in rest] == ["MESSAGES_SNAPSHOT", "TEXT_MESSAGE_START"]
    assert [str(each.place).split(".")[2:] for each in rest] == [["2", "2", ""], ["3", "2", "r_1"]]


def _later(frame: AnswerFrame) -> AnswerFrame:
    """The same at another number."""
    if isinstance(frame, Correction):
        through = frame.through_seq and frame.through_seq + 1000
        return replace(frame, seq=frame.seq + 1000, replace_seq=frame.replace_seq + 1000, through_seq=through)
    return replace(frame, seq=frame.seq + 1000)


def test_what_is_told_as_it_was_saved_is_resumed_from_any_event_too() -> None:
    said = [Token(response_id="r_1", content="one "), Products(response_id="r_1", items=(CARD,))]
    frames = [start(), *said, Done(response_id="r_1", metadata=METADATA)]
    told = Telling(RUN).tell(frames)
    assert {each.place.seq for each in told} == {0}
    for left, each in enumerate(told, 1):
        assert Telling(RUN, each.place).tell(frames) == told[left:]
    live = Place(run=run_mark("run-1"), began=7, seq=9, part=1, open="r_1")
    kinds = [each.event.__struct_config__.tag for each in Telling(RUN, live).tell(frames)]
    assert kinds[:2] == ["TEXT_MESSAGE_END", "MESSAGES_SNAPSHOT"]
    assert kinds[-1] == "RUN_FINISHED"


def test_an_answer_that_begins_again_takes_back_what_it_did_without() -> None:
    told: list[AnswerFrame] = [
        replace(start(), seq=1),
        Degraded(response_id="r_1", seq=2, service="reviews", fallback="left out"),
        Token(response_id="r_1", seq=3, content="one "),
        replace(start(2), seq=4),
    ]
    reader = Reader()
    reader.read(Telling(RUN).tell(told))
    assert (reader.text_of("r_1"), reader.shown("r_1", "degraded"), reader.open) == ("", [], set())


def test_how_it_stands_with_a_person_is_told_as_a_run_begins() -> None:
    handoff = HandoffView(ticket_id="t_1", state="requested", position=2)
    (_, shown) = Telling(msgspec.structs.replace(RUN, handoff=handoff)).tell([replace(start(), seq=1)])
    assert json.loads(msgspec.json.encode(shown.event)) == {
        "type": "ACTIVITY_SNAPSHOT", "messageId": "t_1", "activityType": "handoff",
        "content": {"ticket_id": "t_1", "state": "requested", "position": 2},
    }  # fmt: skip


@pytest.mark.parametrize("header", ["7", "x", "0123456789ab.1.1.1", "0123456789ab.1.1.1.u1", "0123456789ab.1.1.٣."])
def test_what_was_never_an_id_of_ours_is_refused(header: str) -> None:
    with pytest.raises(BadInput) as refused:
        place_of(header, "run-1")
    assert [wrong.field for wrong in refused.value.fields] == ["last-event-id"]


def test_an_id_of_another_run_says_nothing_of_this_one() -> None:
    assert place_of(str(Place(run=run_mark("run-2"), began=7, seq=9, part=1)), "run-1") is None
    assert place_of(None, "run-1") is None


# ---- what a body asks for


def posted(**body: Any) -> RunInput:
    return msgspec.json.decode(json.dumps({"threadId": THREAD, "runId": "run-1"} | body), type=RunInput)


def user(content: Any, message_id: str = "u1") -> dict[str, Any]:
    return {"id": message_id, "role": "user", "content": content}


def test_asked_is_the_last_message_of_the_user_in_all_its_texts() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image", "source": {"type": "url", "value": "x"}}, user("b")]
    parts[2] = {"type": "text", "text": "b"}
    page = {"page_context": {"current_asin": "B0ABCDEFGH"}, "mine": [1]}
    asked = asked_in(posted(messages=[user("one", "u0"), user(parts)], forwardedProps=page, tools=[], context=[]))
    assert asked is not None
    assert (asked.text, asked.page.current_asin) == ("ab", "B0ABCDEFGH")
    assert asked.message_id == f"u1~{run_mark('run-1')}"


@pytest.mark.parametrize("props", [None, 7, "x", [1], {}, True, 1.5])
def test_whatever_else_an_application_passes_on_is_its_own(props: Any) -> None:
    assert asked_in(posted(messages=[user("one")], forwardedProps=props)) is not None


@pytest.mark.parametrize("messages", [[], [user("one"), {"id": "a1", "role": "assistant", "content": "two"}]])
def test_a_run_without_a_message_of_the_user_at_its_end_asks_nothing(messages: list[Any]) -> None:
    assert asked_in(posted(messages=messages)) is None


@pytest.mark.parametrize("content", ["", [], [{"type": "image"}], {"x": 1}, 7, "x" * 2001])
def test_a_message_that_cannot_be_taken_names_its_field(content: Any) -> None:
    with pytest.raises(BadInput) as refused:
        asked_in(posted(messages=[user("one", "u0"), user(content)]))
    assert [wrong.field for wrong in refused.value.fields] == ["messages[1].content"]


def test_a_thread_is_a_session_that_only_who_knows_its_id_can_name() -> None:
    own = "s_Zk3vJ9qLw0c7Yx2TtQm4eAbc"
    assert session_of(own) == own
    assert session_of(THREAD) == session_of(THREAD) != session_of(THREAD.replace("8f", "9f"))
    assert session_of(THREAD).startswith("s_")
    for guessable in ("thread-1", "my conversation", "00000000-0000-1000-8000-000000000000", "s_short"):
        with pytest.raises(BadInput):
            session_of(guessable)


def test_a_conversation_that_is_told_begins_with_what_was_not_posted() -> None:
    turns = [
        TurnRecord(response_id="r_a", message_id="u8~1a2b", message="old", answer="older", intent="faq"),
        TurnRecord(response_id="r_b", message_id="w1", message="", answer="Hello!", intent="none", name="Oda"),
        TurnRecord(response_id="r_c", message_id="u9~1a2b", message="known", answer="here", intent="faq"),
    ]
    told = conversation_before(turns, (RunMessage(id="u9", role="user", content="known"), QUESTION))
    assert [(each.id, each.role, each.content, each.name) for each in told] == [
        ("u8", "user", "old", None), ("r_a", "assistant", "older", None), ("r_b", "assistant", "Hello!", "Oda"),
        ("u9", "user", "known", None), ("u1", "user", "Something?", None),
    ]  # fmt: skip
