"""W-10, O-5: what analytics hears of a conversation: figures, once each, never a word, and at nobody's cost."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.conversation import happenings, records
from mangaassist.conversation.log import Cursor
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.telemetry.analytics import ENCODER, EVERY_S, Answered, Asked, Event, Failed, Shown
from mangaassist.testing.scripted_answers import CARD
from mangaassist.testing.virtual_time import in_virtual_time
from mangaassist.wire.page import PageContext
from tests.conversation.virtual import AIKO, FRAMES, Process, Shopper, World, seconds

CANARY = "canary"
BEGINNING = Cursor(0)


async def told(process: Process, world: World) -> list[Event]:
    """Everything that analytics has heard so far."""
    assert await process.analytics.flush(60)
    return list(world.stream.events)


def kinds(events: list[Event]) -> list[str]:
    return [event.what.kind for event in events]


async def test_an_answer_is_asked_for_shown_and_told_in_this_order(process: Process, world: World, join: Any) -> None:
    shopper = await join(process, None, AIKO)
    answer = await shopper.ask("one wrong card")
    asked, shown, answered = events = await told(process, world)
    assert asked.what == Asked(response_id=answer.response_id, chars=len("one wrong card"))
    assert shown.what == Shown(response_id=answer.response_id, asins=(CARD.asin,))
    assert isinstance(answered.what, Answered)
    assert answered.what.response_id == answer.response_id
    assert (answered.what.ending, answered.what.intent, answered.what.model) == ("whole", "faq", "scripted")
    assert (answered.what.corrections, answered.what.attempt, answered.what.latency_ms) == (1, 1, 1.0)
    pseudonym = process.sealer.pseudonym
    assert {event.session for event in events} == {pseudonym("session", shopper.conversation.session_id)}
    assert {event.customer for event in events} == {pseudonym("customer", "aiko")}


async def test_a_message_that_is_sent_again_is_counted_once(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one")
    await shopper.say("one")
    assert kinds(await told(process, world)) == ["asked", "answered"]


async def test_a_message_that_was_not_taken_is_not_counted(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    verdicts = [(await shopper.say("forever", f"m{number}")).verdict for number in range(5)]
    assert verdicts == ["taken"] * 4 + ["busy"]
    assert kinds(await told(process, world)) == ["asked"] * 4


@pytest.mark.parametrize(
    ("text", "code"),
    [("boom", "internal"), ("crowd", "overloaded")],
)
async def test_an_answer_that_failed_is_counted_by_its_reason(
    process: Process, world: World, join: Any, text: str, code: str
) -> None:
    shopper = await join(process)
    answer = await shopper.ask(text)
    events = await told(process, world)
    assert kinds(events) == ["asked", "failed"]
    assert events[1].what == Failed(response_id=answer.response_id, attempt=1, code=code)


async def test_a_stopped_answer_is_counted_as_one(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    await shopper.say("one forever")
    await asyncio.sleep(1)
    await shopper.conversation.stop()
    await shopper.answer()
    answered = (await told(process, world))[-1].what
    assert isinstance(answered, Answered)
    assert answered.ending == "stopped"


async def test_an_answer_that_is_told_again_by_who_takes_over_is_counted_once(world: World, join: Any) -> None:
    one, other = await world.process("one"), await world.process("other")
    shopper = await join(one)
    append = one.log.append

    async def loses_the_reply(lease: Any, frames: tuple[bytes, ...], ack: str | None = None) -> Any:
        if ack is not None:
            await one.analytics.flush(1)
            one.die()
            await asyncio.sleep(0)
        return await append(lease, frames, ack)

    one.log.append = loses_the_reply
    await shopper.say("one card")
    listener = await join(other, shopper.conversation.session_id)
    answer = await listener.answer()
    events = await told(other, world)
    assert kinds(events) == ["asked", "shown", "answered"]
    assert {event.what.response_id for event in events} == {answer.response_id}
    assert events[2].what.attempt == 2


async def test_telling_a_saved_answer_twice_makes_the_same_events(process: Process, world: World, join: Any) -> None:
    shopper = await join(process)
    await shopper.ask("one card wrong")
    saved = await world.sessions.turn(shopper.conversation.session_id, "m1")
    assert saved is not None
    again = tuple(happenings.answered(tuple(records.retold_frames(saved)), 1))
    assert again == tuple(event.what for event in await told(process, world))[1:]


# ---- never a word

WORDS = st.lists(
    st.sampled_from([CANARY, "one", "wrong", "card", "pause", "boom", "crowd", f"{CANARY}@example.com", "ignore"]),
    min_size=1,
    max_size=6,
)


@given(said=st.lists(WORDS, min_size=1, max_size=4), who=st.sampled_from([GUEST, Identity(CANARY, f"token {CANARY}")]))
@in_virtual_time
async def test_nothing_that_a_shopper_says_is_or_signs_in_as_is_in_any_event(
    said: list[list[str]], who: Identity
) -> None:
    world = World()
    process = await world.process()
    opened = await process.does(process.conversations.open(None, who))
    shopper = Shopper(process, opened, after=BEGINNING)
    shopper.listen()
    page = PageContext(store_section=CANARY, url=f"http://shop.example/{CANARY}?q={CANARY}")
    for number, words in enumerate(said):
        await shopper.say(" ".join([*words, CANARY]), f"{CANARY}{number}", page)
        await shopper.answer()
    events = await told(process, world)
    assert len(events) >= 2 * len(said)
    stored = b"".join(map(ENCODER.encode, events))
    assert CANARY.encode() not in stored
    assert shopper.conversation.session_id.encode() not in stored
    await shopper.hang_up()
    await world.close()


# ---- at nobody's cost


def _fine(world: World) -> None: ...


def _away(world: World) -> None:
    world.stream.is_away = True


def _slow(world: World) -> None:
    world.stream.slow_s = 1e6


def _full(world: World) -> None:
    world.stream.takes = 0


SCRIPT = ("one wrong card", "pause two pause three", "boom", "crowd", "four pause card")


@pytest.mark.parametrize("becomes", [_away, _slow, _full])
def test_no_answer_is_later_or_another_because_of_the_stream(becomes: Callable[[World], None]) -> None:
    assert in_virtual_time(_heard)(becomes) == in_virtual_time(_heard)(_fine)


async def _heard(becomes: Callable[[World], None]) -> list[tuple[float, Any]]:
    """Every frame without its random names, and when it came."""
    world = World()
    becomes(world)
    process = await world.process()
    opened = await process.does(process.conversations.open(None, GUEST))
    shopper = Shopper(process, opened, after=BEGINNING)
    heard: list[tuple[float, Any]] = []
    decode = FRAMES.decode

    async def listen() -> None:
        async for news in opened.conversation.follow(BEGINNING):
            for data in getattr(news, "frames", ()):
                frame = decode(data)
                told = {name: getattr(frame, name) for name in frame.__struct_fields__ if name != "response_id"}
                heard.append((seconds(), (type(frame).__name__, told)))

    listening = asyncio.create_task(listen())
    shopper.listen()
    for number, text in enumerate(SCRIPT):
        await shopper.say(text, f"m{number}")
        await shopper.answer()
    listening.cancel()
    await shopper.hang_up()
    return heard


async def test_who_is_killed_loses_what_happened_in_the_last_second_at_most_and_tells_nothing_twice(
    world: World, join: Any
) -> None:
    one = await world.process("one")
    noted: list[tuple[float, str]] = []
    note = one.analytics.note

    def noting(what: Any, *whose: Any) -> None:
        noted.append((seconds(), what.key))
        note(what, *whose)

    one.analytics.note = noting
    put: list[Event] = []
    original = world.stream.put

    async def putting(events: Any) -> Any:
        put.extend(events)
        return await original(events)

    world.stream.put = putting
    shopper = await join(one)
    for number in range(40):
        await shopper.ask("one pause card", f"m{number}") if number % 3 else await shopper.ask("two", f"m{number}")
        await asyncio.sleep(0.07 * (number % 5))
    killed_at = seconds()
    one.die()
    await asyncio.sleep(10)
    kept = {event.what.key for event in world.stream.events}
    lost = [at for at, key in noted if key not in kept]
    assert all(at > killed_at - EVERY_S - 0.01 for at in lost)
    assert len(put) == len({event.id for event in put})
    assert len(put) > 40
