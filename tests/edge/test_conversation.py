"""W-2, W-3, W-9, W-10, T-8: one conversation, with an orchestrator that says what the test wants."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, cast

import pytest

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.conversation import KEPT_FRAMES, SLICE_S, Conversation, Conversations
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.turn.orchestrator import Orchestrator
from mangaassist.turn.turn import Message, Turn
from mangaassist.wire.frames import AnswerFrame, ConversationFrame, ErrorFrame, Start, Token
from mangaassist.wire.page import NOWHERE


class Scripted:
    """Answers with one token a word of the message, waiting at ``gate`` before each."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    def begin(self, message: Message, session: Session) -> Turn:
        return Turn(message, session, lambda: 0.0)

    async def answer(self, turn: Turn) -> AsyncIterator[AnswerFrame]:
        yield turn.frame(Start, in_reply_to=turn.message.message_id)
        for word in turn.message.text.split():
            await self.gate.wait()
            if turn.stop.is_set():
                break
            if word == "break":
                raise RuntimeError("broken on purpose")
            yield turn.token(word)
        turn.session.add(turn.record("", "", "faq", at=TurnRecord.__struct_defaults__[-1]))


class NoStore:
    async def load(self, session_id: str) -> Session | None:
        return None


def message(message_id: str, text: str = "one two three") -> Message:
    return Message(message_id=message_id, text=text, identity=GUEST, page=NOWHERE)


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def conversation(scripted: Scripted) -> Conversation:
    return Conversation(Session("s_test"), cast(Orchestrator, scripted))


class Ear:
    def __init__(self, conversation: Conversation) -> None:
        self.frames: list[ConversationFrame | ErrorFrame] = []
        conversation.join(self.hear)

    def hear(self, frame: ConversationFrame | ErrorFrame, data: bytes) -> None:
        self.frames.append(frame)

    @property
    def seqs(self) -> list[int]:
        return [frame.seq for frame in self.frames if isinstance(frame, ConversationFrame)]


async def test_frames_are_numbered_by_one_across_answers(conversation: Conversation) -> None:
    ear = Ear(conversation)
    conversation.offer(message("a"))
    conversation.offer(message("b"))
    await conversation.drained()
    assert ear.seqs == list(range(1, 9))


async def test_a_resend_is_not_answered_twice_however_late_it_comes(
    conversation: Conversation, scripted: Scripted
) -> None:
    scripted.gate.clear()
    assert conversation.offer(message("a")) == "taken"
    assert conversation.offer(message("a")) == "repeated"
    scripted.gate.set()
    await conversation.drained()
    assert conversation.offer(message("a")) == "repeated"


async def test_three_messages_wait_and_the_next_is_told_that_we_are_busy(
    conversation: Conversation, scripted: Scripted
) -> None:
    scripted.gate.clear()
    assert conversation.offer(message("a")) == "taken"
    await asyncio.sleep(0)
    assert [conversation.offer(message(name)) for name in "bcd"] == ["taken"] * 3
    assert conversation.offer(message("e")) == "busy"
    ear = Ear(conversation)
    scripted.gate.set()
    await conversation.drained()
    starts = [frame.in_reply_to for frame in ear.frames if isinstance(frame, Start)]
    assert starts == ["b", "c", "d"]


async def test_an_answer_goes_on_when_nobody_listens_and_is_kept_for_the_return(
    conversation: Conversation, scripted: Scripted
) -> None:
    scripted.gate.clear()
    ear = Ear(conversation)
    conversation.offer(message("a"))
    await asyncio.sleep(0)
    conversation.leave(ear.hear)
    scripted.gate.set()
    await conversation.drained()
    missed = conversation.since(1)
    assert missed is not None
    assert [frame.seq for frame in missed] == [2, 3, 4]


async def test_a_cursor_older_than_what_is_kept_is_a_gap(conversation: Conversation) -> None:
    conversation.offer(message("a", "word " * (KEPT_FRAMES + 5)))
    await conversation.drained()
    assert conversation.since(1) is None
    assert conversation.since(conversation.session.last_seq) == ()


async def test_stop_ends_the_answer_and_leaves_the_conversation_alive(
    conversation: Conversation, scripted: Scripted
) -> None:
    scripted.gate.clear()
    ear = Ear(conversation)
    conversation.offer(message("a"))
    await asyncio.sleep(0)
    conversation.stop()
    scripted.gate.set()
    await conversation.drained()
    assert not any(isinstance(frame, Token) for frame in ear.frames)
    conversation.offer(message("b", "hello"))
    await conversation.drained()
    assert isinstance(ear.frames[-1], Token)


async def test_a_turn_that_breaks_is_an_error_without_internals_and_the_next_one_is_answered(
    conversation: Conversation,
) -> None:
    ear = Ear(conversation)
    conversation.offer(message("a", "break"))
    conversation.offer(message("b", "fine"))
    await conversation.drained()
    (error,) = [frame for frame in ear.frames if isinstance(frame, ErrorFrame)]
    assert error.in_reply_to == "a"
    assert error.problem.code == "internal"
    assert "on purpose" not in error.problem.detail
    assert isinstance(ear.frames[-1], Token)


async def test_only_the_owner_resumes_and_a_guest_who_signs_in_keeps_the_conversation(scripted: Scripted) -> None:
    conversations = Conversations(cast(Orchestrator, scripted), cast(Any, NoStore()))
    aiko, ben = Identity("aiko", "t"), Identity("ben", "t")
    started, resumed = await conversations.open(None, GUEST)
    assert not resumed
    session_id = started.session.session_id
    assert (await conversations.open(session_id, GUEST))[1]
    assert (await conversations.open(session_id, aiko))[0] is started
    for stranger in (ben, GUEST):
        other, resumed = await conversations.open(session_id, stranger)
        assert not resumed
        assert other.session.session_id != session_id
        assert await conversations.find(session_id, stranger) is None


async def test_draining_waits_for_answers_in_flight_and_then_ends_them(scripted: Scripted) -> None:
    conversations = Conversations(cast(Orchestrator, scripted), cast(Any, NoStore()))
    conversation, _ = await conversations.open(None, GUEST)
    ear = Ear(conversation)
    conversation.offer(message("a"))
    await conversations.drain(5)
    assert len(ear.seqs) == 4


async def test_of_many_idle_conversations_the_one_idle_longest_is_let_go_and_a_used_one_never(
    scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangaassist.edge.conversation.IDLE_CONVERSATIONS", 2)
    conversations = Conversations(cast(Orchestrator, scripted), cast(Any, NoStore()))
    used, _ = await conversations.open(None, GUEST)
    Ear(used)
    left: list[str] = []
    for _ in range(3):
        conversation, _ = await conversations.open(None, GUEST)
        ear = Ear(conversation)
        conversation.leave(ear.hear)
        left.append(conversation.session.session_id)
    known = [(await conversations.open(session_id, GUEST))[1] for session_id in left]
    assert known == [False, True, True]
    assert (await conversations.open(used.session.session_id, GUEST))[0] is used


@pytest.mark.parametrize(("frame_s", "heard_at_one_go"), [(SLICE_S / 4, 4), (SLICE_S, 1)])
async def test_a_writer_that_never_waits_gives_way_after_its_slice_of_time(
    scripted: Scripted, frame_s: float, heard_at_one_go: int
) -> None:
    """Time passes by ``frame_s`` whenever the clock is read: once as the answer begins and once a frame."""
    ticks = count()
    conversation = Conversation(Session("s_test"), cast(Orchestrator, scripted), clock=lambda: next(ticks) * frame_s)
    ear = Ear(conversation)
    conversation.offer(message("a", "one two three four five six seven eight nine"))
    await asyncio.sleep(0)
    assert len(ear.frames) == heard_at_one_go
    await conversation.drained()
    assert len(ear.frames) == 10
