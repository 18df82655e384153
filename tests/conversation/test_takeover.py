"""W-2, W-12, W-14, T-13: processes die in the middle of an answer, pause, and lose what they held."""

import asyncio
from typing import Any

import pytest

from mangaassist.conversation import dispatcher
from mangaassist.conversation.log import LEASE_S, Hole
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import TurnRecord
from mangaassist.wire.frames import Done, Start, Token
from tests.conversation.virtual import AIKO, Process, World

WITHIN_S = 10.0
"""W-12: how soon somebody else answers."""


async def test_when_the_one_that_answers_dies_another_takes_over_within_ten_seconds_and_begins_again(
    world: World, join: Any
) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    await shopper.say("one two pause pause three")
    listener = await join(other, shopper.conversation.session_id)
    await asyncio.sleep(1.5)
    one.die()
    async with asyncio.timeout(WITHIN_S + 3):
        answer = await listener.answer()
    assert answer.text == "one two three "
    first, again = listener.of(Start)
    assert (first.response_id, first.attempt) == (again.response_id, 1)
    assert (again.in_reply_to, again.attempt) == ("m1", 2)
    assert listener.seqs == list(range(1, len(listener.seqs) + 1))
    assert len(other.answers.asked) == 1


async def test_a_takeover_tells_the_audit_what_had_been_shown(world: World, join: Any) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    await shopper.say("one call 415-555-2671 forever")
    listener = await join(other, shopper.conversation.session_id)
    await listener.hears(Token, 2)
    one.die()
    await listener.hears(Start, 2)
    (entry,) = [entry for entry in world.audit.kept if entry.stage == "takeover"]
    assert (entry.kind, entry.session_id) == ("cut_off", shopper.conversation.session_id)
    assert entry.original.startswith("one call")
    assert "2671" not in repr(entry)
    await listener.conversation.stop()


async def test_a_message_that_two_processes_died_of_is_given_up_visibly_and_for_good(world: World, join: Any) -> None:
    session_id = ""
    for name in ("one", "two"):
        process = await world.process(name)
        if not session_id:
            shopper = await join(process)
            session_id = shopper.conversation.session_id
            await shopper.say("one forever")
        await asyncio.sleep(LEASE_S + 3)
        process.die()
    third = await world.process("three")
    listener = await join(third, session_id)
    answer = await listener.answer()
    assert answer.problem is not None
    assert answer.problem.code == "given_up"
    assert third.answers.asked == []
    assert [start.attempt for start in listener.of(Start)] == [1, 2, 3]
    again = await listener.ask("one forever", "m1") if (await listener.say("x", "m2")) else None
    assert again is not None
    saved = await world.sessions.turn(session_id, "m1")
    assert saved is not None
    assert saved.problem == answer.problem


async def test_a_saved_answer_is_told_again_by_who_takes_over_and_never_written_anew(world: World, join: Any) -> None:
    one = await world.process("one")
    shopper = await join(one)
    append = one.log.append

    async def dies_before_the_end(lease: Any, frames: tuple[bytes, ...], ack: str | None = None) -> Any:
        if ack is not None:
            one.die()
            await asyncio.sleep(0)
        return await append(lease, frames, ack)

    one.log.append = dies_before_the_end
    other = await world.process("other")
    await shopper.say("one wrong card pause")
    listener = await join(other, shopper.conversation.session_id)
    answer = await listener.answer()
    assert other.answers.asked == []
    assert (answer.text, len(answer.products)) == ("one right ", 1)
    assert [start.attempt for start in listener.of(Start)] == [1, 2]


async def test_who_was_paused_and_comes_back_falls_silent_and_saves_nothing(world: World, join: Any) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    renew = one.log.renew

    async def paused(lease: Any) -> Any:
        await asyncio.sleep(LEASE_S + 3)
        return await renew(lease)

    one.log.renew = paused
    await shopper.say("one " + "pause " * 30)
    listener = await join(other, shopper.conversation.session_id)
    answer = await listener.answer()
    assert answer.text == "one "
    assert len(listener.of(Done)) == 1
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert saved is not None
    assert [turn.attempt for turn in saved.turns] == [2]
    assert one.dispatcher.at_work == 0


async def test_of_two_that_wrote_the_same_answer_the_first_save_stands_and_is_told(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paused holder saves in the moment in which the one that took over does: the store decides (invariant 5)."""
    one = await world.process("one")
    shopper = await join(one)
    session_id = shopper.conversation.session_id
    commit = world.sessions.commit

    async def somebody_was_faster(before: Any, turn: TurnRecord) -> Any:
        if before.version == 0 and turn.attempt == 1:
            from msgspec.structs import replace

            await commit(before, replace(turn, answer="what the other one wrote", attempt=7))
        return await commit(before, turn)

    monkeypatch.setattr(world.sessions, "commit", somebody_was_faster)
    answer = await shopper.ask("mine")
    assert answer.text == "what the other one wrote"
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert [turn.answer for turn in saved.turns] == ["what the other one wrote"]
    assert [start.attempt for start in shopper.of(Start)] == [1, 2]


async def test_a_version_that_somebody_else_saved_is_built_upon(world: World, join: Any) -> None:
    one = await world.process("one")
    shopper = await join(one)
    await shopper.ask("first", "m1")
    session = await world.sessions.load(shopper.conversation.session_id)
    assert session is not None
    other = TurnRecord(response_id="r", message_id="elsewhere", message="", answer="", intent="faq", last_seq=4)
    await world.sessions.commit(session, other)
    assert (await shopper.ask("second", "m2")).text == "second "
    saved = await world.sessions.load(session.session_id)
    assert saved is not None
    assert [turn.message_id for turn in saved.turns] == ["m1", "elsewhere", "m2"]


async def test_a_save_whose_reply_was_lost_is_no_conflict(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await world.process("one")
    commit = world.sessions.commit
    lost = [True]

    async def loses_its_reply(before: Any, turn: TurnRecord) -> Any:
        saved = await commit(before, turn)
        if lost.pop() if lost else False:
            raise ServiceFailure("sessions", "timeout")
        return saved

    monkeypatch.setattr(world.sessions, "commit", loses_its_reply)
    shopper = await join(one)
    assert (await shopper.ask("one")).text == "one "
    assert len(shopper.of(Start)) == 1


async def test_after_a_crash_and_a_restart_the_answer_comes_whole_under_numbers_that_were_never_used(
    world: World, join: Any
) -> None:
    one = await world.process("one")
    shopper = await join(one)
    session_id = shopper.conversation.session_id
    await shopper.say("one two forever")
    await shopper.hears(Token, 2)
    seen = shopper.seqs[-1]
    one.die()
    world.restart()
    two = await world.process("two")
    two.answers.answer = one.answers.answer
    back = await join(two, session_id, after=seen)
    await back.hears(Start)
    hole = next(item for item in back.news if isinstance(item, Hole))
    assert hole.from_seq == seen + 1
    assert back.seqs[0] == hole.to_seq + 1
    assert back.of(Start)[0].attempt == 2
    await back.conversation.stop()
    assert (await back.answer()).text == "one two "


async def test_when_the_log_is_lost_the_message_is_offered_again_above_every_number_that_was_used(
    world: World, join: Any
) -> None:
    one = await world.process("one")
    shopper = await join(one)
    session_id = shopper.conversation.session_id
    await shopper.ask("before", "m0")
    used = shopper.seqs[-1]
    await shopper.say("one pause pause pause two", "m1")
    await shopper.hears(Start, 2)
    world.journal.reboot()
    world.journal.__dict__["_kept"].clear()
    world.slots.__dict__["_kept"].clear()
    back = await join(one, session_id, after=used)
    answer = await back.answer()
    assert answer.text == "one two "
    assert back.seqs[0] > 1024
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert [turn.message_id for turn in saved.turns] == ["m0", "m1"]


@pytest.mark.parametrize("away", ["offer", "load"])
async def test_a_log_that_was_lost_and_is_not_back_at_once_costs_no_message(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    one = await world.process("one")
    shopper = await join(one)
    session_id = shopper.conversation.session_id
    await shopper.say("one pause pause pause two", "m1")
    await shopper.hears(Start)
    port: Any = one.log if away == "offer" else world.sessions
    ask, tries = getattr(port, away), list(range(3))

    async def not_yet(*given: Any, **more: Any) -> Any:
        if tries:
            tries.pop()
            raise ServiceFailure("conversations", "unreachable")
        return await ask(*given, **more)

    world.journal.reboot(entries=False)
    world.slots.forget_all()
    monkeypatch.setattr(port, away, not_yet)
    async with asyncio.timeout(WITHIN_S):
        while not one.answers.asked[1:]:
            await asyncio.sleep(0.5)
    assert tries == []
    await asyncio.sleep(WITHIN_S)
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert [turn.message_id for turn in saved.turns] == ["m1"]


# ---- whose it is: W-2


async def test_a_guest_who_signs_in_keeps_the_conversation_and_other_guests_stop_hearing_it(
    process: Process, world: World, join: Any
) -> None:
    guest = await join(process)
    await guest.ask("one", "m1")
    eavesdropper = await join(process, guest.conversation.session_id)
    heard = len(eavesdropper.frames)
    customer = await join(process, guest.conversation.session_id, AIKO)
    assert customer.resumed
    await customer.ask("my order number is 113-6638762-2523952", "m2")
    assert len(eavesdropper.frames) == heard
    assert eavesdropper.listening.done()
    assert (await eavesdropper.say("mine too?", "m3")).verdict == "foreign"
    saved = await world.sessions.load(guest.conversation.session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"


@pytest.mark.parametrize("identity", ["guest", "ben"])
async def test_a_session_of_somebody_elses_looks_like_one_that_does_not_exist(
    process: Process, join: Any, identity: str
) -> None:
    from mangaassist.domain.customers import GUEST
    from tests.conversation.virtual import BEN

    aiko = await join(process, None, AIKO)
    await aiko.ask("one")
    stranger = await join(process, aiko.conversation.session_id, BEN if identity == "ben" else GUEST)
    assert not stranger.resumed
    assert stranger.conversation.session_id != aiko.conversation.session_id
    assert stranger.session.turns == ()


# ---- leaving: W-7


async def test_a_drain_lets_answers_finish_and_leaves_what_waits_to_others(world: World, join: Any) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    await shopper.say("one pause two", "m0")
    await shopper.say("three", "m1")
    await one.does(one.dispatcher.drain(60))
    first, second = await shopper.answer(), await shopper.answer()
    assert (first.text, second.text) == ("one two ", "three ")
    assert [message.message_id for message in other.answers.asked] == ["m1"]


async def test_a_drain_cuts_short_what_takes_longer_than_its_grace_and_saves_what_was_said(
    world: World, process: Process, join: Any
) -> None:
    shopper = await join(process)
    await shopper.say("one two forever")
    await process.does(process.dispatcher.drain(5))
    answer = await shopper.answer()
    assert answer.text == "one two "
    assert answer.metadata is not None
    assert answer.metadata.stopped
    assert (await world.sessions.load(shopper.conversation.session_id)).turns


async def test_what_is_said_during_a_drain_is_kept_for_whoever_comes_next(
    world: World, process: Process, join: Any
) -> None:
    shopper = await join(process)
    await process.does(process.dispatcher.drain(1))
    assert (await shopper.say("one")).verdict == "taken"
    await asyncio.sleep(5)
    assert not shopper.of(Start)
    world.restart()
    later = await world.process("later")
    back = await join(later, shopper.conversation.session_id)
    assert (await back.answer()).text == "one "


async def test_who_stops_looking_for_work_has_ended_all_that_was_begun(world: World, join: Any) -> None:
    one = await world.process("one")
    shopper = await join(one)
    await shopper.say("one forever")
    await shopper.hears(Token)
    await shopper.hang_up()
    await one.does(one.dispatcher.__aexit__(None, None, None))
    assert one.answers.closed == 1
    assert one.dispatcher.at_work == 0
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("conversation")]


# ---- what a process remembers


async def test_who_answers_alone_reads_the_session_once_and_a_stranger_in_between_makes_it_read_again(
    world: World, join: Any
) -> None:
    read: list[str] = []

    class Counted:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.sessions, name)

        async def load(self, session_id: str) -> Any:
            read.append(session_id)
            return await world.sessions.load(session_id)

    one, other = await world.process("one"), await world.process("other")
    one.conversations.sessions = Counted()
    shopper = await join(one)
    for number in range(3):
        await shopper.ask("one", f"m{number}")
    assert read == []
    elsewhere = await join(other, shopper.conversation.session_id)
    await elsewhere.ask("two", "m3")
    await shopper.ask("three", "m4")
    assert read == [shopper.conversation.session_id]
    assert [turn.message for turn in one.answers.sessions[-1].turns] == ["one", "one", "one", "two"]


async def test_a_process_remembers_a_bounded_number_of_sessions(
    process: Process, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "SESSIONS_KEPT", 2)
    shoppers = [await join(process) for _ in range(3)]
    for shopper in (shoppers[0], shoppers[1], shoppers[0], shoppers[2]):
        await shopper.ask("one", f"m{len(shopper.frames)}")
        await asyncio.sleep(1)
    remembered = process.dispatcher._remembered
    assert list(remembered) == [shopper.conversation.session_id for shopper in (shoppers[0], shoppers[2])]


async def test_a_session_that_expired_while_its_line_was_open_begins_anew_with_the_next_message(
    process: Process, world: World, join: Any
) -> None:
    shopper = await join(process, None, AIKO)
    await shopper.ask("one", "m0")
    forget(world, shopper.conversation.session_id)
    assert (await shopper.ask("two", "m1")).text == "two "
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert saved is not None
    assert ([turn.message for turn in saved.turns], saved.customer_id) == (["two"], "aiko")
    await shopper.ask("three", "m2")
    assert [turn.message for turn in process.answers.sessions[-1].turns] == ["two"]


async def test_a_session_that_neither_log_nor_store_knows_any_more_exists_again_before_it_is_answered(
    process: Process, world: World, join: Any
) -> None:
    shopper = await join(process, None, AIKO)
    await shopper.ask("one", "m0")
    world.journal.reboot(entries=False)
    forget(world, shopper.conversation.session_id)
    assert (await shopper.say("two pause", "m1")).verdict == "taken"
    begun = await world.sessions.load(shopper.conversation.session_id)
    assert begun is not None
    assert (begun.customer_id, begun.turns) == ("aiko", ())


async def test_a_message_whose_session_expired_while_it_waited_is_answered_all_the_same(
    world: World, process: Process, join: Any
) -> None:
    shopper = await join(process)
    await shopper.ask("one", "m0")
    await process.does(process.dispatcher.drain(1))
    await shopper.say("one pause pause", "m1")
    forget(world, shopper.conversation.session_id)
    world.restart()
    later = await world.process("later")
    await asyncio.sleep(1.5)
    assert await world.sessions.load(shopper.conversation.session_id) is not None
    await asyncio.sleep(5)
    assert [message.text for message in later.answers.asked] == ["one pause pause"]
    saved = await world.sessions.load(shopper.conversation.session_id)
    assert saved is not None
    assert saved.turns[0].last_seq > shopper.seqs[-1]  # above every number that was ever used


def forget(world: World, session_id: str) -> None:
    """Its 24 hours are over."""
    world.slots.forget_all()
    world.sessions.__dict__["_sessions"].pop(session_id)
    world.sessions.__dict__["_turns"].pop(session_id, None)
