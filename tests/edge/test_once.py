"""R-4: a message that is sent again under its key is answered once, whoever dies on the way."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from mangaassist.conversation.conversations import Said
from mangaassist.conversation.log import KEPT_ANSWERS, LEASE_S
from mangaassist.domain.customers import GUEST
from mangaassist.edge.app import build
from mangaassist.edge.idempotency import ANSWER_REPLAYED, IdempotencyRecord
from mangaassist.edge.limits import CONTROLS_PER_MINUTE
from mangaassist.edge.rest import ANSWER_LIMIT_S
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from mangaassist.settings import Limits as LimitSettings
from mangaassist.testing.clock import START
from mangaassist.wire.page import NOWHERE
from tests.conversation.virtual import UNLIMITED, Process, World, loop, seconds
from tests.edge.rest_client import Caller, Got, Sockets, Tokens

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
REPLAYED = "idempotent-replayed"


def at(process: Process, clock: Callable[[], float] = seconds, limits: LimitSettings = UNLIMITED) -> Caller:
    """Calls a process whose clock shows so many seconds."""
    doors = replace(process.doors(Tokens(), limits=limits), now=lambda: START + timedelta(seconds=clock()))
    return Caller(build(doors, cast(SocketEdge, Sockets()), {}))


async def ask(caller: Caller, message: str = "one", token: str | None = None, key: str = KEY, **fields: Any) -> Got:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await caller.post({"message": message} | fields, idempotency_key=key, **headers)


def is_replay(got: Got) -> bool:
    return got.headers.get(REPLAYED) == "true"


class Slow:
    """A port behind a line: every call takes its time on the way there and on the way back, so that there are moments between."""

    def __init__(self, port: Any, delay_s: float = 0.01) -> None:
        self._port, self._delay_s = port, delay_s

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._port, name)
        if name in ("follow", "wakes") or not asyncio.iscoroutinefunction(ask):
            return ask

        async def slowly(*given: Any, **more: Any) -> Any:
            await asyncio.sleep(self._delay_s)
            answer = await ask(*given, **more)
            await asyncio.sleep(self._delay_s)
            return answer

        return slowly


# ---- the same again


@pytest.mark.parametrize("token", [None, "aiko"])
async def test_a_message_that_is_sent_again_gets_the_same_bytes_and_is_asked_once(
    caller: Caller, process: Process, token: str | None
) -> None:
    first = await ask(caller, "one wrong card", token)
    again = await ask(caller, "one wrong card", token)
    assert (first.status, is_replay(first)) == (200, False)
    assert (again.status, is_replay(again)) == (200, True)
    assert again.body == first.body
    assert first.json["response_text"] == "one right "
    assert len(process.answers.asked) == 1


async def test_the_same_again_is_the_same_in_a_session_that_has_gone_on(caller: Caller, process: Process) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    first = await ask(caller, "one card", session_id=session_id)
    for number in range(KEPT_ANSWERS + 10):
        await caller.ask(f"question {number}", session_id=session_id)
    again = await ask(caller, "one card", session_id=session_id)
    assert (again.body, is_replay(again)) == (first.body, True)
    assert [message.text for message in process.answers.asked].count("one card") == 1


async def test_quoted_and_bare_are_one_key(caller: Caller) -> None:
    first = await ask(caller, key=KEY)
    again = await ask(caller, key=f'"{KEY}"')
    assert (again.body, is_replay(again)) == (first.body, True)


async def test_a_body_that_only_looks_different_is_the_same_one(caller: Caller) -> None:
    first = await caller.post(b'{"message": "one", "page_context": {"url": "http://x"}}', idempotency_key=KEY)
    again = await caller.post(b'{"page_context":{"url":"http:\\/\\/x"},"message":"\\u006fne"}', idempotency_key=KEY)
    assert (again.body, is_replay(again)) == (first.body, True)


async def test_an_answer_that_was_stopped_is_kept_as_it_is(caller: Caller, process: Process) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    asking = asyncio.create_task(ask(caller, "one forever", session_id=session_id))
    await asyncio.sleep(0.5)
    opened = await process.conversations.open(session_id, GUEST)
    await opened.conversation.stop()
    first, again = await asking, await ask(caller, "one forever", session_id=session_id)
    assert first.json["metadata"]["stopped"] is True
    assert (again.body, is_replay(again)) == (first.body, True)


# ---- another


@pytest.mark.parametrize(
    "other",
    [{"message": "two"}, {"page_context": {"current_asin": "B0ABCDEFGH"}}, {"session_id": "s_of_nobody"}],
    ids=lambda other: next(iter(other)),
)
async def test_the_same_key_with_another_body_is_refused_and_names_the_header(
    caller: Caller, process: Process, other: dict[str, Any]
) -> None:
    await ask(caller, "one", "aiko")
    refused = await ask(caller, **{"message": "one", "token": "aiko"} | other)
    assert refused.problem == (422, "key_reused")
    assert refused.json["fields"][0]["field"] == "Idempotency-Key"
    assert not is_replay(refused)
    assert len(process.answers.asked) == 1


async def test_keys_of_others_are_other_keys(caller: Caller, process: Process) -> None:
    sessions = [(await caller.ask("hello")).json["session_id"] for _ in range(2)]
    told = [
        await ask(caller, "one", "aiko"),
        await ask(caller, "one", "ben"),
        await ask(caller, "one"),
        await ask(caller, "one", session_id=sessions[0]),
        await ask(caller, "one", session_id=sessions[1]),
        await ask(caller, "one", key=KEY + "x"),
    ]
    assert [got.status for got in told] == [200] * 6
    assert not any(map(is_replay, told))
    assert len({got.json["response_id"] for got in told}) == 6


async def test_without_a_key_nothing_is_the_same(caller: Caller) -> None:
    first, again = await caller.ask("one"), await caller.ask("one")
    assert first.json["response_id"] != again.json["response_id"]
    assert not is_replay(again)


@pytest.mark.parametrize("key", ["", "two words", "a,b", "short", "k" * 256, "caf\u00e9"])
async def test_what_is_no_key_is_refused_before_anybody_is_asked(caller: Caller, process: Process, key: str) -> None:
    refused = await ask(caller, key=key)
    assert refused.problem == (400, "invalid_field")
    assert refused.json["fields"][0]["field"] == "Idempotency-Key"
    assert not process.answers.asked


async def test_a_short_key_is_enough_for_a_customer_and_in_a_session(caller: Caller) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    for fields in ({"token": "aiko"}, {"session_id": session_id}):
        first, again = await ask(caller, key="k", **fields), await ask(caller, key="k", **fields)
        assert (first.status, again.body, is_replay(again)) == (200, first.body, True)


# ---- not yet, not any more


async def test_while_the_first_is_being_answered_the_second_is_told_to_come_again(
    caller: Caller, process: Process
) -> None:
    asking = asyncio.create_task(ask(caller, "one pause two"))
    await asyncio.sleep(0.5)
    early = await ask(caller, "one pause two")
    assert early.problem == (409, "still_answering")
    assert int(early.headers["retry-after"]) >= 1
    other = await ask(caller, "another")
    assert other.problem == (422, "key_reused")
    first, again = await asking, await ask(caller, "one pause two")
    assert (again.body, is_replay(again)) == (first.body, True)
    assert len(process.answers.asked) == 1


async def test_of_many_that_come_at_once_one_is_answered_and_the_others_come_again(
    world: World, process: Process
) -> None:
    world.idempotency = cast(Any, Slow(world.idempotency))
    caller = at(process)
    told = await asyncio.gather(*(ask(caller, "one pause") for _ in range(8)))
    assert sorted(got.status for got in told) == [200] + [409] * 7
    (answered,) = [got for got in told if got.status == 200]
    again = await ask(caller, "one pause")
    assert (again.body, is_replay(again)) == (answered.body, True)
    assert len(process.answers.asked) == 1


async def test_after_five_minutes_the_key_is_free(process: Process) -> None:
    caller = at(process)
    first = await ask(caller)
    await asyncio.sleep(ANSWER_REPLAYED.total_seconds() - seconds() - 1)
    again = await ask(caller)
    assert (again.body, is_replay(again)) == (first.body, True)
    await asyncio.sleep(1.1)
    anew = await ask(caller, "another")
    assert (anew.status, is_replay(anew)) == (200, False)


async def test_a_message_for_which_there_was_no_room_is_taken_when_there_is(caller: Caller, process: Process) -> None:
    session_id = (await caller.ask("hello")).json["session_id"]
    opened = await process.conversations.open(session_id, GUEST)
    for number in range(4):
        await opened.conversation.say(Said(message_id=f"m{number}", text="pause", page=NOWHERE))
    assert (await ask(caller, session_id=session_id)).problem == (409, "busy")
    await asyncio.sleep(5)
    got = await ask(caller, session_id=session_id)
    assert (got.status, is_replay(got)) == (200, False)


# ---- what failed is not kept


@pytest.mark.parametrize("failing", ["boom", "crowd"])
async def test_a_failure_is_never_kept(caller: Caller, process: Process, failing: str) -> None:
    first = await ask(caller, f"one {failing}")
    again = await ask(caller, f"one {failing}")
    assert first.status == again.status >= 500
    assert not is_replay(again)
    assert len(process.answers.asked) == 2
    other = await ask(caller, "two")  # the key stands for nothing
    assert (other.status, is_replay(other)) == (200, False)


async def test_an_answer_that_was_given_up_is_asked_anew(world: World) -> None:
    for name in ("one", "two"):  # both die of it
        process = await world.process(name)
        loop().as_process(name, ask(at(process), "one forever"))
        await asyncio.sleep(LEASE_S + 3)
        process.die()
    three = await world.process("three")
    await asyncio.sleep(LEASE_S + 3)
    (record,) = world.idempotency.records.values()
    given_up = await world.sessions.turn(record.session_id, record.message_id)
    assert given_up is not None
    assert given_up.problem is not None
    anew = asyncio.create_task(ask(at(three), "one forever"))
    await asyncio.sleep(1)
    assert [message.text for message in three.answers.asked] == ["one forever"]
    (record,) = world.idempotency.records.values()
    opened = await three.conversations.open(record.session_id, GUEST)
    await opened.conversation.stop()
    got = await anew
    assert (got.status, is_replay(got)) == (200, False)


async def test_an_answer_that_took_too_long_is_not_lost(caller: Caller, process: Process) -> None:
    question = "pause " * (int(ANSWER_LIMIT_S) + 5)
    first = await ask(caller, question)
    assert first.problem == (504, "too_slow")
    assert (await ask(caller, question)).problem == (409, "still_answering")
    await asyncio.sleep(10)
    got = await ask(caller, question)
    assert (got.status, is_replay(got)) == (200, True)
    assert len(process.answers.asked) == 1


class Away:
    def __getattr__(self, name: str) -> Any:
        async def fails(*_: Any, **__: Any) -> Any:
            raise ServiceFailure("idempotency", "unreachable")

        return fails


async def test_without_the_store_of_keys_a_message_with_a_key_is_not_answered(world: World) -> None:
    world.idempotency = cast(Any, Away())
    process = await world.process()
    assert (await ask(at(process))).problem == (503, "unavailable")
    assert (await at(process).ask("one")).status == 200
    assert len(process.answers.asked) == 1


# ---- limits: R-5


async def test_what_is_told_again_costs_no_message_and_what_is_told_anew_nothing_else(process: Process) -> None:
    caller = at(process, limits=LimitSettings())
    session_id = (await caller.ask("hello")).json["session_id"]
    first = await ask(caller, session_id=session_id)
    for left in range(59, 39, -1):
        again = await ask(caller, session_id=session_id)
        assert is_replay(again)
        assert again.headers["ratelimit"].startswith(f'"control";r={left};t=')
    anew = await ask(caller, key=KEY + "x", session_id=session_id)
    assert [got.headers["ratelimit"].partition(";t=")[0] for got in (first, anew)] == ['"guest";r=8', '"guest";r=7']


async def test_a_guest_begins_no_more_sessions_with_keys_than_without(process: Process) -> None:
    caller = at(process, limits=LimitSettings())
    told = [await ask(caller, key=f"{KEY}-{number}") for number in range(21)]
    assert [got.status for got in told] == [200] * 20 + [429]
    await asyncio.sleep(4)
    late = await ask(caller, key=f"{KEY}-20")  # what was refused can come again under its key
    assert (late.status, is_replay(late)) == (200, False)


async def test_who_tries_keys_without_end_fills_no_store(world: World, process: Process) -> None:
    """Of what is refused a record is kept too: no more of them than there may be replays."""
    caller = at(process, limits=LimitSettings())
    told = [await ask(caller, key=f"{KEY}-{number}") for number in range(200)]
    assert {got.status for got in told} == {200, 429}
    assert len(world.idempotency.records) == 20 + CONTROLS_PER_MINUTE
    assert told[-1].headers["ratelimit-policy"] == '"control";q=60;w=60'


async def test_who_asks_for_replays_without_end_is_told_to_wait(process: Process) -> None:
    caller = at(process, limits=LimitSettings())
    told = [await ask(caller) for _ in range(1 + CONTROLS_PER_MINUTE + 1)]
    assert [got.status for got in told] == [200] * (1 + CONTROLS_PER_MINUTE) + [429]
    assert told[-1].problem == (429, "too_many_requests")


# ---- whose it is


async def test_a_replay_is_told_to_nobody_but_the_owner(caller: Caller, process: Process) -> None:
    """A guest's answer, kept under their session's key; then the conversation becomes a customer's, and for the guest none."""
    session_id = (await caller.ask("hello")).json["session_id"]
    await ask(caller, "one", session_id=session_id)
    assert (await caller.ask("two", "aiko", session_id=session_id)).json["session_id"] == session_id
    anew = await ask(caller, "one", session_id=session_id)
    assert (anew.status, is_replay(anew)) == (200, False)
    assert anew.json["session_id"] != session_id
    assert len(process.answers.asked) == 4


@pytest.mark.parametrize("named", ["undefined", "s_never_begun_at_all", "of a customer"])
async def test_two_guests_who_name_a_session_that_is_not_theirs_share_no_answer(
    caller: Caller, process: Process, named: str
) -> None:
    session_id = (await caller.ask("hello", "aiko")).json["session_id"] if named == "of a customer" else named
    short = await ask(caller, "one", key="1", session_id=session_id)
    assert short.problem == (400, "invalid_field")
    assert short.json["fields"][0]["field"] == "Idempotency-Key"
    told = [
        await Caller(caller.door, address).post({"message": "one", "session_id": session_id}, idempotency_key=KEY)
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    assert [got.status for got in told] == [200, 200]
    assert not any(map(is_replay, told))
    assert len({got.json["session_id"] for got in told} | {session_id}) == 3


async def test_a_session_of_somebody_else_is_answered_in_a_fresh_one_and_once(caller: Caller) -> None:
    session_id = (await caller.ask("hello", "aiko")).json["session_id"]
    first = await ask(caller, "one", "ben", session_id=session_id)
    again = await ask(caller, "one", "ben", session_id=session_id)
    assert first.json["session_id"] != session_id
    assert (again.body, is_replay(again)) == (first.body, True)


async def test_what_is_kept_of_a_key_says_neither_the_key_nor_who_nor_what(caller: Caller, world: World) -> None:
    await ask(caller, "my very words", "aiko")
    (record,) = world.idempotency.records.values()
    kept = repr(record)
    assert not [word for word in (KEY, "aiko", "words") if word in kept]


# ---- who dies on the way

STEP_S = 0.005


@pytest.mark.parametrize("moment", range(60))
async def test_whenever_the_process_dies_the_message_is_answered_once(world: World, moment: int) -> None:
    """The calls of an answer take 10 ms each way: the moments lie before, in and after every one of them."""
    world.idempotency, world.sessions = cast(Any, Slow(world.idempotency)), cast(Any, Slow(world.sessions))
    one, other = await world.process("one"), await world.process("other")
    for process in (one, other):
        process.conversations.log = Slow(process.log)
    at_one, at_other = at(one), at(other)
    asking = loop().as_process("one", ask(at_one, "one wrong card"))
    await asyncio.sleep(STEP_S * moment)
    one.die()
    heard = asking.result() if asking.done() else None
    got = await _until_answered(at_other, "one wrong card")
    assert got.status == 200
    assert got.json["response_text"] == "one right "
    if heard is not None:
        assert (got.body, is_replay(got)) == (heard.body, True)
    again = await ask(at_other, "one wrong card")
    assert (again.body, is_replay(again)) == (got.body, True)
    (record,) = world.idempotency.records.values()
    assert [turn.message_id for turn in world.sessions.turns_of(record.session_id)] == [record.message_id]


async def _until_answered(caller: Caller, message: str) -> Got:
    """Comes again as it is told, for as long as a takeover may take."""
    for _ in range(20):
        got = await ask(caller, message)
        if got.status != 409:
            return got
        assert got.json["code"] == "still_answering"
        await asyncio.sleep(int(got.headers["retry-after"]))
    raise AssertionError("it is being answered for ever")


async def test_after_a_restart_the_answer_is_told_again(world: World) -> None:
    one = await world.process("one")
    first = await one.does(ask(at(one)))
    one.die()
    world.restart()
    other = await world.process("other")
    again = await ask(at(other))
    assert (again.body, is_replay(again)) == (first.body, True)


async def test_a_process_that_was_only_paused_gives_no_second_answer(world: World) -> None:
    one, other = await world.process("one"), await world.process("other")
    asking = loop().as_process("one", ask(at(one), "one pause two"))
    await asyncio.sleep(0.5)
    loop().pause("one", LEASE_S + 5)
    got = await _until_answered(at(other), "one pause two")
    heard = await asking
    assert (got.status, is_replay(got)) == (200, True)
    assert heard.body == got.body


async def test_a_record_whose_maker_died_at_once_is_answered_by_whoever_comes_next(
    world: World, caller: Caller, process: Process
) -> None:
    await ask(caller)
    (record,) = world.idempotency.records.values()
    world.idempotency.records = {
        record.key: IdempotencyRecord(
            key=record.key, fingerprint=record.fingerprint, session_id="s_never_begun_at_all", message_id="m", at=START
        )
    }
    got = await ask(caller)
    assert (got.status, got.json["session_id"], is_replay(got)) == (200, "s_never_begun_at_all", False)
    assert len(process.answers.asked) == 2
