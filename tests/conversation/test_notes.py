"""R-3, W-4, W-9, W-12: what the desk puts into a conversation is told once, and while a person is in, messages are theirs."""

from typing import Any

import pytest

from mangaassist.conversation.notes import Note
from mangaassist.conversation.records import PASSED_ON
from mangaassist.testing.clock import START
from mangaassist.wire.frames import Done, Handoff, HandoffView, HumanMessage
from tests.conversation.virtual import Process, Shopper, World

JOINED = Note(name="Mia", handoff=HandoffView(ticket_id="t_1", state="joined", name="Mia"), at=START)
LEFT = Note(name="Mia", handoff=HandoffView(ticket_id="t_1", state="left"), at=START)


async def note(process: Process, shopper: Shopper, note_id: str, told: Note | str) -> str:
    made = Note(name="Mia", content=told, at=START) if isinstance(told, str) else told
    return await process.does(process.conversations.note(shopper.conversation.session_id, note_id, made))


async def test_while_a_person_is_in_the_assistant_is_silent_and_each_message_is_settled_once(
    process: Process, join: Any
) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    await note(process, shopper, "1", JOINED)
    passed = await shopper.ask("is somebody there", "m2")
    assert (passed.text, passed.metadata.reason) == ("", PASSED_ON)
    await note(process, shopper, "2", "Yes, hello!")
    await shopper.hears(HumanMessage)
    await note(process, shopper, "3", LEFT)
    answer = await shopper.ask("two", "m3")
    assert answer.text == "two "
    assert [message.text for message in process.answers.asked] == ["one", "two"]
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))
    (said,) = shopper.of(HumanMessage)
    assert (said.name, said.content) == ("Mia", "Yes, hello!")
    assert [told.state for told in shopper.of(Handoff)] == ["joined", "left"]


async def test_the_assistant_goes_on_knowing_what_the_person_said(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    await note(process, shopper, "1", JOINED)
    await shopper.ask("where is it", "m2")
    await note(process, shopper, "2", "It comes on Friday.")
    await note(process, shopper, "3", "Sorry for the wait.")
    await note(process, shopper, "4", LEFT)
    await shopper.ask("two", "m3")
    history = process.answers.sessions[-1].history()
    assert [(past.message, past.answer) for past in history] == [
        ("one", "one "),
        ("where is it", "Mia: It comes on Friday.\nMia: Sorry for the wait."),
    ]


async def test_a_note_that_is_offered_again_is_told_once_however_late(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    await note(process, shopper, "1", "Hello!")
    for number in range(4):
        await shopper.ask("more", f"m{number + 2}")
    await note(process, shopper, "1", "Hello!")
    await shopper.ask("last", "m9")
    assert len(shopper.of(HumanMessage)) == 1
    assert shopper.seqs == list(range(1, len(shopper.seqs) + 1))


@pytest.mark.parametrize("dies_at", ["commit", "append"])
async def test_what_a_person_wrote_is_neither_lost_nor_doubled_when_the_process_dies(
    world: World, join: Any, dies_at: str
) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    await shopper.ask("one")
    listener = await join(other, shopper.conversation.session_id, after=shopper.seqs[-1])
    store = one.log if dies_at == "append" else world.sessions
    before = getattr(store, dies_at)

    async def dying(*args: Any) -> Any:
        setattr(store, dies_at, before)
        if dies_at == "commit":
            await before(*args)
        one.die()
        raise AssertionError

    setattr(store, dies_at, dying)
    one_taken = one.conversations.note(shopper.conversation.session_id, "1", Note(name="Mia", content="Hi", at=START))
    await one.does(one_taken)
    await listener.hears(HumanMessage)
    await listener.ask("two", "m2")
    assert [said.content for said in listener.of(HumanMessage)] == ["Hi"]
    session = await world.sessions.load(shopper.conversation.session_id)
    assert session is not None
    assert [turn.name for turn in session.turns] == [None, "Mia", None]
    assert len(listener.of(Done)) == 1


async def test_turns_tell_what_a_person_wrote_and_how_it_stands_with_them(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    await note(process, shopper, "1", JOINED)
    await note(process, shopper, "2", "Hello!")
    await shopper.ask("hi", "m2")
    again = await join(process, shopper.conversation.session_id)
    views = [turn.view() for turn in again.session.turns]
    assert [(view.message, view.answer, view.name) for view in views] == [
        ("one", "one ", None), ("", "", None), ("", "Hello!", "Mia"), ("hi", "", None),
    ]  # fmt: skip
    assert [view.handoff and view.handoff.state for view in views] == [None, "joined", None, None]
    assert again.session.handoff == JOINED.handoff
    await note(process, shopper, "3", LEFT)
    await shopper.ask("bye", "m3")
    later = await join(process, shopper.conversation.session_id)
    assert later.session.handoff is None


async def test_a_stop_ends_the_message_behind_a_note_and_not_the_note(process: Process, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one forever")
    await shopper.hears(Done, 0)
    await note(process, shopper, "1", "Hello!")
    await shopper.conversation.stop()
    await shopper.hears(HumanMessage)
    assert shopper.receipts[0].metadata.stopped


async def test_nobody_is_noted_in_a_conversation_that_does_not_exist(process: Process) -> None:
    assert await process.does(process.conversations.note("s_none", "1", JOINED)) == "unknown"
