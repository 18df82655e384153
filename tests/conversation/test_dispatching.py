"""W-7, W-12, W-14: who looks for work finds it, whatever goes wrong with some of it, and leaves none behind."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mangaassist.conversation import dispatcher
from mangaassist.conversation.conversations import Said
from mangaassist.conversation.entries import entry_of
from mangaassist.conversation.log import Origin
from mangaassist.domain.customers import GUEST
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session
from mangaassist.wire.frames import Token
from mangaassist.wire.page import NOWHERE
from tests.conversation.virtual import LONG_S, Process, World, loop, seconds

SAID = Said(message_id="m1", text="three forever", page=NOWHERE)


async def waiting(world: World, join: Any, *texts: str) -> list[str]:
    """Sessions in which something waits that nobody answers, the oldest first."""
    gone = await world.process("gone")
    shoppers = [await join(gone) for _ in texts]
    await gone.does(gone.dispatcher.drain(0))
    for shopper, text in zip(shoppers, texts, strict=True):
        await shopper.say(text)
    gone.die()
    return [shopper.conversation.session_id for shopper in shoppers]


def breaks_at(monkeypatch: pytest.MonkeyPatch, port: Any, method: str, broken: Callable[..., Any]) -> None:
    """Calls for which ``broken`` gives an error, or seconds to wait, get it."""
    ask = getattr(port, method)

    async def breaking(*given: Any, **more: Any) -> Any:
        match broken(*given):
            case Exception() as error:
                raise error
            case float() as delay_s:
                await asyncio.sleep(delay_s)
            case _:
                pass
        return await ask(*given, **more)

    monkeypatch.setattr(port, method, breaking)


@pytest.mark.parametrize("error", [ServiceFailure("sessions", "contract"), RuntimeError("nobody foresaw this")])
async def test_a_session_that_cannot_be_taken_up_holds_up_no_other_and_is_told_once(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    bad, good = await waiting(world, join, "one", "two")
    breaks_at(monkeypatch, world.sessions, "load", lambda session_id: error if session_id == bad else None)
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(dispatcher._log, "error", lambda event, **fields: told.append((event, fields)))
    other = await world.process("other")
    await asyncio.sleep(30)
    assert [turn.message for turn in world.sessions.turns_of(good)] == ["two"]
    ((event, fields),) = told
    assert (event, fields["session"]) == ("session_not_taken_up", bad[:6])
    assert bad not in str(fields)
    monkeypatch.undo()
    await asyncio.sleep(3)
    assert [turn.message for turn in world.sessions.turns_of(bad)] == ["one"]
    assert other.dispatcher.at_work == 0


@pytest.mark.parametrize("method", ["due", "wakes"])
async def test_who_looks_for_work_looks_again_whatever_happened(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    process, tries = Process(world, "other"), list(range(3))
    ask = getattr(process.log, method)

    def breaks(*given: Any) -> Any:
        if tries:
            tries.pop()
            raise RuntimeError("nobody foresaw this")
        return ask(*given)

    monkeypatch.setattr(process.log, method, breaks)
    told: list[str] = []
    monkeypatch.setattr(dispatcher._log, "exception", lambda event, **_: told.append(event))
    await process.does(process.dispatcher.__aenter__())
    await asyncio.sleep(10)
    assert (tries, told) == ([], ["look_failed"] * 3)
    if method == "wakes":
        monkeypatch.setattr(dispatcher, "SWEEP_S", LONG_S)
    await asyncio.sleep(2)
    (session_id,) = await waiting(world, join, "one")
    await asyncio.sleep(5)
    assert [turn.message for turn in world.sessions.turns_of(session_id)] == ["one"]
    await process.does(process.dispatcher.__aexit__(None, None, None))


async def test_a_stop_waits_behind_no_session_that_is_slow_to_take_up(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    await shopper.say("one forever")
    await shopper.hears(Token)
    elsewhere = await join(other, shopper.conversation.session_id)
    breaks_at(monkeypatch, world.sessions, "load", lambda _: 100.0)
    await waiting(world, join, "two")
    before = seconds()
    await elsewhere.conversation.stop()
    assert (await shopper.answer()).metadata.stopped
    assert seconds() - before < 0.01


async def test_no_more_sessions_are_taken_up_at_once_than_there_is_room_for(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "TAKEN_OVER_AT_ONCE", 2)
    sessions = await waiting(world, join, *(["one"] * 5))
    loading: list[str] = []
    breaks_at(monkeypatch, world.sessions, "load", lambda session_id: loading.append(session_id) or 10.0)
    await world.process("other")
    await asyncio.sleep(9)
    assert len(loading) == 2
    await asyncio.sleep(100)
    assert all(world.sessions.turns_of(session_id) for session_id in sessions)


async def test_who_stops_looking_for_work_takes_nothing_up_any_more(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (session_id,) = await waiting(world, join, "one")
    breaks_at(monkeypatch, world.sessions, "load", lambda _: 10.0)
    other = await world.process("other")
    await asyncio.sleep(1)
    await other.does(other.dispatcher.__aexit__(None, None, None))
    await asyncio.sleep(20)
    assert world.sessions.turns_of(session_id) == ()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("conversation")]


# ---- leaving: W-7


async def test_a_drain_waits_also_for_what_was_claimed_as_it_began(
    world: World, join: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (session_id,) = await waiting(world, join, "one pause pause two")
    other = Process(world, "other")
    breaks_at(monkeypatch, other.log, "claim", lambda *_: 1.0)
    await other.does(other.dispatcher.__aenter__())
    await asyncio.sleep(0.5)
    assert other.dispatcher.at_work == 0
    await other.does(other.dispatcher.drain(60))
    assert [turn.answer for turn in world.sessions.turns_of(session_id)] == ["one two "]
    await other.does(other.dispatcher.__aexit__(None, None, None))


@pytest.mark.parametrize(("begins_at_s", "text"), [(0.1, "three "), (5.5, "")])
async def test_what_begins_while_a_drain_waits_for_others_is_waited_for_and_after_its_grace_cut_short(
    world: World, process: Process, join: Any, monkeypatch: pytest.MonkeyPatch, begins_at_s: float, text: str
) -> None:
    breaks_at(monkeypatch, world.sessions, "commit", lambda *_: 3.0)
    first, second = await join(process), await join(process)
    await first.say("one forever" if begins_at_s > 5 else "one pause two")
    await first.hears(Token)
    entry = entry_of(process.conversations.screened(SAID, GUEST), process.sealer)
    offered = await process.log.offer(second.conversation.session_id, entry, Origin(), True)
    session = Session(session_id=second.conversation.session_id, ceiling=0)
    draining = loop().as_process(process.name, process.dispatcher.drain(5))
    await asyncio.sleep(begins_at_s)
    process.dispatcher.begin(offered.claim, session)
    await draining
    assert (second.receipts[0].metadata.stopped, process.dispatcher.at_work) == (True, 0)
    assert second.transcript(second.receipts[0].response_id).text == text
