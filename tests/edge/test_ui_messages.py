"""R-7: whatever the frames of an answer are, a reader of the UI message stream ends up with what they amount to."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mangaassist.edge.dialects.ui_messages import Asked, UIMessageEncoder, asked
from mangaassist.errors import BadInput
from mangaassist.testing.scripted_answers import CARD
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.cards import Button
from mangaassist.wire.frames import (
    Actions,
    AnswerFrame,
    Correction,
    Degraded,
    Done,
    Failed,
    Products,
    Start,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata, Source
from mangaassist.wire.problems import problem
from mangaassist.wire.transcript import Transcript
from mangaassist.wire.ui_messages import StreamRequest, UIMessagePart

SESSION = "s_somebodys_own"
METADATA = AnswerMetadata(
    intent="faq",
    confidence=1.0,
    stage="rules",
    tier="template",
    model="none",
    latency_ms=1.0,
    ttft_ms=None,
    timings={},
    sources=(
        Source(chunk_id="c1", title="Returns", source_type="policy", score=0.5),
        Source(
            chunk_id="c2", title="Berserk", source_type="product", score=0.4, asin="B0ABCDEFGH", url="https://s/p/B0"
        ),
    ),
)
PROBLEM = problem(500, "internal", "Something went wrong on our side. Please ask again.")
BUTTON = Button(label="Look at it", type="view_product", asin="B0ABCDEFGH")


class Reader:
    """What the protocol says of a message, in as few words as possible; and that nothing comes where it may not."""

    def __init__(self, knows_reset: bool) -> None:
        self.knows_reset = knows_reset
        self.parts: list[dict[str, Any]] = []
        self.open: dict[str, dict[str, Any]] = {}
        self.used: set[str] = set()
        self.metadata: dict[str, Any] = {}
        self.kinds: list[str] = []

    def read(self, parts: Iterable[UIMessagePart]) -> None:
        for part in parts:
            self.take(json.loads(msgspec.json.encode(part)))

    def take(self, part: dict[str, Any]) -> None:
        kind = part["type"]
        assert "finish" not in self.kinds, "nothing comes after the end"
        assert self.kinds or kind in ("start", "error", "finish"), "it begins with its start"
        self.kinds.append(kind)
        self.metadata |= part.get("messageMetadata", {})
        match kind:
            case "start":
                assert self.kinds.count("start") == 1
                self.message_id = part["messageId"]
            case "start-step":
                self.parts.append(part)
            case "reset-step":
                assert self.knows_reset
                begin = next(place for place, each in enumerate(self.parts) if each["type"] == "start-step")
                del self.parts[begin + 1 :]
                self.open.clear()
            case "text-start":
                assert part["id"] not in self.used, "a text is opened once"
                self.used.add(part["id"])
                self.open[part["id"]] = {"type": "text", "text": ""}
                self.parts.append(self.open[part["id"]])
            case "text-delta":
                self.open[part["id"]]["text"] += part["delta"]
            case "text-end":
                del self.open[part["id"]]
            case "finish-step" | "finish":
                assert not self.open, "all that was opened is closed"
            case "source-document":
                self.parts.append(part)
            case "error" | "message-metadata":
                pass
            case _:
                assert kind.startswith("data-") and part["id"]
                same = [each for each in self.parts if (each["type"], each.get("id")) == (kind, part["id"])]
                if same:
                    same[0]["data"] = part["data"]
                else:
                    self.parts.append(part)

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The parts that are not void."""
        begins = [place for place, part in enumerate(self.parts) if part["type"] == "data-restart"]
        return self.parts[begins[-1] + 1 :] if begins else self.parts

    @property
    def text(self) -> str:
        if corrections := self.data("data-correction"):
            return corrections[-1]["text"]
        return "".join(part["text"] for part in self.shown if part["type"] == "text")

    def data(self, kind: str) -> list[Any]:
        return [part["data"] for part in self.shown if part["type"] == kind]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [part for part in self.parts if part["type"] == kind]


def start(attempt: int = 1, response_id: str = "r_1") -> Start:
    return Start(response_id=response_id, in_reply_to="m1", attempt=attempt)


def frame(random: Random) -> AnswerFrame:
    word, seq = random.choice(["", "a", "bc ", "\n", "\u6f2b\u753b "]), random.randint(1, 20)
    kind = random.choices([Token, Correction, Start, Degraded, Products, Actions, Suggestions], [8, 4, 1, 1, 1, 1, 1])[
        0
    ]
    through = random.choice([None, random.randint(1, 20)])
    return {
        Token: Token(response_id="r_1", content=word),
        Correction: Correction(response_id="r_1", replace_seq=seq, through_seq=through, content=word, stage="prices"),
        Start: start(seq, random.choice(["r_1", "r_2"])),
        Degraded: Degraded(response_id="r_1", service=random.choice(["catalog", "pricing"]), fallback=word),
        Products: Products(response_id="r_1", items=random.choice([(), (CARD,), (CARD, CARD)])),
        Actions: Actions(response_id="r_1", buttons=(BUTTON,)),
        Suggestions: Suggestions(response_id="r_1", items=(word,)),
    }[kind]


ENDS = [Done(response_id="r_1", metadata=METADATA), Failed(response_id="r_1", problem=PROBLEM)]


@st.composite
def answers(draw: st.DrawFn) -> list[list[AnswerFrame]]:
    """Frames of one answer, some of them together."""
    count, random = draw(st.integers(0, 25)), Random(draw(st.integers(0, 2**32)))
    frames = [start(), *(frame(random) for _ in range(count)), *random.choice([[each] for each in ENDS] + [[]])]
    numbered = [msgspec.structs.replace(each, seq=seq) for seq, each in enumerate(frames, 1)]
    cuts = sorted({0, len(numbered), *(random.randint(0, len(numbered)) for _ in range(6))})
    return [numbered[begin:end] for begin, end in pairwise(cuts)]


def read(batches: Sequence[Sequence[AnswerFrame]], resets: bool) -> Reader:
    encoder, reader = UIMessageEncoder(SESSION, resets), Reader(resets)
    for batch in batches:
        reader.read(encoder.encode(batch))
    reader.read(encoder.broken_off(PROBLEM))
    assert encoder.broken_off(PROBLEM) == encoder.encode(batches[0]) == ()
    return reader


@pytest.mark.parametrize("resets", [True, False])
@given(batches=answers())
def test_a_reader_has_what_the_frames_amount_to_and_every_part_is_in_its_place(
    resets: bool, batches: list[list[AnswerFrame]]
) -> None:
    expected = Transcript()
    for frame in (frame for batch in batches for frame in batch):
        expected.apply(frame)
    reader = read(batches, resets)
    assert reader.text == expected.text
    assert plain(reader.data("data-degraded")) == plain(
        [{"service": frame.service, "fallback": frame.fallback} for frame in expected.degraded]
    )
    for kind, items in (
        ("data-products", expected.products),
        ("data-actions", expected.buttons),
        ("data-suggestions", expected.suggestions),
    ):
        assert plain(newest(reader.data(kind))) == plain(items)
    assert reader.metadata["response_id"] == expected.response_id
    assert reader.metadata["session_id"] == SESSION
    assert reader.kinds[-1] == "finish"
    assert ("error" in reader.kinds) == (expected.metadata is None)
    assert len(reader.of("source-document")) == (2 if expected.metadata else 0)
    if expected.metadata:  # K-6: with its address, where it has one
        origins = [part["providerMetadata"]["mangaassist"] for part in reader.of("source-document")]
        assert [origin.get("url") for origin in origins] == [None, "https://s/p/B0"]


@given(batches=answers())
def test_who_knows_resets_hears_of_no_other_way_to_take_words_back(batches: list[list[AnswerFrame]]) -> None:
    assert not {"data-correction", "data-restart"} & set(read(batches, resets=True).kinds)
    assert "reset-step" not in read(batches, resets=False).kinds


@given(batches=answers())
def test_an_answer_is_told_again_with_the_same_ids_of_its_data(batches: list[list[AnswerFrame]]) -> None:
    def ids(batches: Sequence[Sequence[AnswerFrame]]) -> list[tuple[str, str]]:
        return [(part["type"], part["id"]) for part in read(batches, resets=False).parts if "data" in part]

    whole = [[frame for batch in batches for frame in batch]]
    assert ids(whole) == ids(batches)


def newest(told: list[Any]) -> Any:
    return told[-1] if told else ()


def plain(value: object) -> object:
    return json.loads(msgspec.json.encode(value))


def test_corrections_that_come_together_reset_a_step_once() -> None:
    frames: list[AnswerFrame] = [
        Token(response_id="r_1", seq=2, content="one "),
        Token(response_id="r_1", seq=3, content="two "),
        Correction(response_id="r_1", replace_seq=2, content="1 ", stage="prices"),
        Correction(response_id="r_1", replace_seq=3, content="2 ", stage="prices"),
        Products(response_id="r_1", items=(CARD,)),
        Done(response_id="r_1", metadata=METADATA),
    ]
    reader = read([[start()], frames], resets=True)
    assert reader.text == "1 2 "
    assert reader.kinds == [
        "start", "data-session", "start-step",
        "text-start", "text-delta", "text-delta",
        "reset-step", "text-start", "text-delta",
        "data-products", "text-end", "source-document", "source-document", "finish-step", "finish",
    ]  # fmt: skip
    assert reader.message_id == "r_1"


def test_what_is_said_after_a_correction_belongs_to_the_corrected_text() -> None:
    frames: list[AnswerFrame] = [
        Token(response_id="r_1", seq=2, content="one "),
        Correction(response_id="r_1", replace_seq=2, content="1 ", stage="prices"),
        Token(response_id="r_1", seq=4, content="two "),
    ]
    reader = read([[start(), *frames]], resets=False)
    assert [part["data"]["text"] for part in reader.of("data-correction")] == ["1 two "]


@pytest.mark.parametrize("resets", [True, False])
def test_an_answer_that_begins_again_has_a_text_of_its_own(resets: bool) -> None:
    said = [Token(response_id="r_1", seq=2, content="one "), Products(response_id="r_1", items=(CARD,))]
    reader = read([[start(), *said], [start(2), Token(response_id="r_1", seq=5, content="two ")]], resets)
    assert reader.text == "two "
    assert not reader.data("data-products")


def test_nothing_is_told_before_the_beginning() -> None:
    encoder = UIMessageEncoder(SESSION, resets=False)
    assert encoder.encode([Token(response_id="r_1", content="of an answer that is not this one")]) == ()


# ---- what a body asks for


def wanted(**body: Any) -> Asked:
    return asked(msgspec.json.decode(json.dumps(body), type=StreamRequest))


def user(text: str, message_id: str = "u1") -> dict[str, Any]:
    return {"id": message_id, "role": "user", "parts": [{"type": "text", "text": text}]}


def answer(metadata: object) -> dict[str, Any]:
    return {"id": "r_1", "role": "assistant", "parts": [{"type": "data-x", "data": [1]}], "metadata": metadata}


def test_the_last_message_of_the_user_is_the_one_that_is_asked() -> None:
    two = {
        "id": "u2",
        "role": "user",
        "parts": [{"type": "text", "text": "a"}, {"type": "file"}, user("b")["parts"][0]],
    }
    got = wanted(id="chat", messages=[user("one"), answer(None), two], trigger="submit-message")
    assert (got.text, got.message_id, got.again, got.session_id) == ("ab", "u2", False, None)


@pytest.mark.parametrize(
    ("body", "session_id"),
    [
        ({"session_id": "s_of_the_body", "id": "s_of_the_chat"}, "s_of_the_body"),
        ({"id": "s_of_the_chat"}, "s_of_the_chat"),
        ({"id": "a-chat-of-the-page"}, None),
        ({"id": "s_of_the_chat", "metadata": {"session_id": "s_of_the_answer", "intent": "faq"}}, "s_of_the_answer"),
        ({"metadata": {"session_id": "not an id"}}, None),
        ({"metadata": {"session_id": 7}}, None),
        ({"metadata": "the page's own"}, None),
        ({"metadata": [[["deep"]]]}, None),
    ],
)
def test_a_session_is_found_by_what_the_page_holds(body: dict[str, Any], session_id: str | None) -> None:
    messages = [user("one"), answer(body.pop("metadata", None)), user("two", "u2")]
    assert wanted(messages=messages, **body).session_id == session_id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "messages"),
        ({"messages": [answer(None)]}, "messages"),
        ({"messages": [user("")]}, "messages[0].parts"),
        ({"messages": [user("one"), user("x" * 2001, "u2")]}, "messages[1].parts"),
        ({"messages": [{"id": "u1", "role": "user", "parts": [{"type": "file"}]}]}, "messages[0].parts"),
    ],
)
def test_a_body_without_a_message_names_the_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        wanted(**body)
    assert [wrong.field for wrong in refused.value.fields] == [field]


def turns(*message_ids: str) -> Session:
    records = (
        TurnRecord(response_id="r", message_id=each, message="", answer="", intent="faq") for each in message_ids
    )
    return Session(session_id=SESSION, version=len(message_ids), turns=tuple(records))


async def nobody_knows(message_id: str) -> bool:
    raise AssertionError(f"all is remembered, and {message_id} was asked for")


@pytest.mark.parametrize(
    ("body", "before", "message_id"),
    [
        ({}, ("u1",), "u1"),  # a resend
        ({"trigger": "regenerate-message"}, (), "u1~1"),
        ({"trigger": "regenerate-message", "messageId": "r_1"}, ("u1",), "u1~1"),
        ({"trigger": "regenerate-message"}, ("u1", "u1~1", "u1~9", "u1~x", "u12~30", "u"), "u1~10"),
        ({"messageId": "u1"}, ("u1",), "u1~1"),  # edited
        ({"messageId": "r_1"}, ("u1",), "u1"),
    ],
)
async def test_a_resend_has_its_id_and_what_is_wanted_again_a_new_one(
    body: dict[str, Any], before: tuple[str, ...], message_id: str
) -> None:
    assert await wanted(messages=[user("one")], **body).message_id_in(turns(*before), nobody_knows) == message_id


@given(saved=st.integers(0, 300))
async def test_what_is_wanted_again_and_was_forgotten_has_the_next_id_and_few_are_asked_for(saved: int) -> None:
    asked_for: list[str] = []

    async def is_saved(message_id: str) -> bool:
        asked_for.append(message_id)
        return 1 <= int(message_id.removeprefix("u1~")) <= saved

    session = replace(turns("u2"), version=saved + 2)
    got = wanted(messages=[user("one")], trigger="regenerate-message")
    assert await got.message_id_in(session, is_saved) == f"u1~{saved + 1}"
    assert len(asked_for) <= 1 + 2 * saved.bit_length()


async def test_a_message_alone_has_no_id() -> None:
    got = wanted(message="one", session_id=SESSION)
    assert (got.text, got.session_id, await got.message_id_in(turns(), nobody_knows)) == ("one", SESSION, None)
