"""W-1, W-2, W-3, W-8, W-9, W-11: one socket, in process, with what the client sees."""

import asyncio
import json

import pytest

from mangaassist.edge.connection import On
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from tests.conversation.virtual import Process, World
from tests.edge.socket_client import Client


async def test_the_first_frame_is_the_session_and_the_answer_follows(edge: SocketEdge) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    assert (opened["resumed"], opened["recovered"], opened["last_seq"], opened["turns"]) == (False, False, 0, [])
    assert (opened["customer"], opened["heartbeat_s"], opened["idle_timeout_s"]) == ("guest", 30, 600)
    assert opened["epoch"]
    client.ask("one two card")
    await client.hears("done")
    assert [frame["type"] for frame in client.frames] == ["session", "start", "token", "token", "products", "done"]
    await client.goes()


@pytest.mark.parametrize(
    ("token", "headers", "status", "code"),
    [
        ("nonsense", {}, 401, "unauthenticated"),
        (None, {"authorization": "Basic abc"}, 401, "unauthenticated"),
        ("away", {}, 503, "identity_unavailable"),
    ],
)
async def test_the_wrong_caller_is_refused_before_the_upgrade(
    edge: SocketEdge, token: str | None, headers: dict[str, str], status: int, code: str
) -> None:
    client = Client(edge, token=token, **headers)
    await client.serving
    assert client.refused is not None
    assert (client.refused["status"], client.problem["code"]) == (status, code)
    assert client.problem["detail"]
    headers = dict(client.refused["headers"])
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers.get(b"retry-after") == (b"5" if status == 503 else None)
    assert client.frames == []


async def test_a_reconnect_is_told_what_it_missed_once_and_in_order(edge: SocketEdge) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("one pause two three")
    await client.hears("token")
    await client.goes()
    query = f"session_id={opened['session_id']}&last_seq={client.seqs[-1]}&epoch={opened['epoch']}"
    again = Client(edge, query)
    greeting = await again.hears("session")
    assert (greeting["resumed"], greeting["recovered"]) == (True, True)
    assert greeting["last_seq"] == client.seqs[-1]
    await again.hears("done")
    assert client.seqs + again.seqs == list(range(1, len(client.seqs + again.seqs) + 1))
    assert client.text + again.text == "one two three "
    await again.goes()


async def test_after_the_log_was_lost_who_holds_a_number_of_the_old_one_is_told_what_became_of_it(
    edge: SocketEdge, world: World
) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("one")
    await client.hears("done")
    await client.goes()
    world.journal.reboot(entries=False)
    world.slots.forget_all()
    query = f"session_id={opened['session_id']}&last_seq={client.seqs[-1]}"
    again = Client(edge, f"{query}&epoch={opened['epoch']}")
    greeting = await again.hears("session")
    assert (greeting["resumed"], greeting["recovered"]) == (True, False)
    again.ask("two", "m2")
    await again.hears("done")
    gap = again.frames[1]
    assert (gap["type"], gap["from_seq"]) == ("gap", client.seqs[-1] + 1)
    assert greeting["epoch"] == gap["epoch"] != opened["epoch"]
    assert again.seqs[0] == gap["to_seq"] + 1
    await again.goes()


async def test_a_page_that_comes_back_without_a_cursor_gets_turns_and_the_answer_that_is_open(
    edge: SocketEdge,
) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("before", "m0")
    await client.hears("done")
    client.ask("one pause two", "m1")
    await client.hears("start", 2)
    await client.goes()
    fresh_page = Client(edge, f"session_id={opened['session_id']}")
    greeting = await fresh_page.hears("session")
    assert [(turn["message"], turn["in_reply_to"]) for turn in greeting["turns"]] == [("before", "m0")]
    await fresh_page.hears("done")
    assert fresh_page.of("start")[0]["in_reply_to"] == "m1"
    assert fresh_page.seqs[0] == greeting["last_seq"] + 1
    assert fresh_page.text == "one two "
    await fresh_page.goes()


async def test_what_is_no_longer_kept_is_one_gap_with_the_turns_in_it(edge: SocketEdge) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    for number in range(5):
        client.ask(f"answer {number}", f"m{number}")
        await client.hears("done", number + 1)
    await client.goes()
    again = Client(edge, f"session_id={opened['session_id']}&last_seq=1")
    greeting = await again.hears("session")
    assert (greeting["resumed"], greeting["recovered"]) == (True, False)
    gap = await again.hears("gap")
    await again.hears("done", 2)
    assert (gap["from_seq"], gap["to_seq"]) == (2, again.seqs[0] - 1)
    assert [turn["in_reply_to"] for turn in gap["turns"]] == [f"m{number}" for number in range(5)]
    assert gap["more"] is False
    assert gap["epoch"] == greeting["epoch"] == opened["epoch"]
    assert again.of("start")
    await again.goes()


async def test_no_frame_is_larger_than_32_kib_and_the_newest_turns_are_told(edge: SocketEdge) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    for number in range(8):
        client.ask("進撃の巨人 " * 300, f"m{number}")
        await client.hears("done", number + 1)
    await client.goes()
    again = Client(edge, f"session_id={opened['session_id']}&last_seq=1")
    gap = await again.hears("gap")
    assert all(len(json.dumps(frame, ensure_ascii=False).encode()) <= 32 * 1024 for frame in again.frames)
    assert gap["more"] is True
    told = [turn["in_reply_to"] for turn in gap["turns"]]
    assert 0 < len(told) < 8
    assert told == [f"m{number}" for number in range(8 - len(told), 8)]
    await again.goes()


@pytest.mark.parametrize("cursor", ["-1", "x", "1e3", "9" * 30, "", "١", "999999"])
async def test_a_cursor_that_no_frame_can_have_had_is_none(edge: SocketEdge, cursor: str) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("one")
    await client.hears("done")
    await client.goes()
    again = Client(edge, f"session_id={opened['session_id']}&last_seq={cursor}")
    greeting = await again.hears("session")
    assert greeting["resumed"]
    assert len(greeting["turns"]) == 1
    await again.goes()


@pytest.mark.parametrize("epoch", ["own", "other", None])
async def test_a_cursor_that_no_frame_has_had_yet_is_none_and_all_that_is_said_is_heard(
    edge: SocketEdge, epoch: str | None
) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("before", "m0")
    await client.hears("done")
    client.ask("one pause two", "m1")
    await client.hears("start", 2)
    query = f"session_id={opened['session_id']}&last_seq=900"
    query += {"own": f"&epoch={opened['epoch']}", "other": "&epoch=of_before"}.get(epoch or "", "")
    bogus, without = Client(edge, query), Client(edge, f"session_id={opened['session_id']}")
    await bogus.hears("done")
    bogus.ask("three", "m2")
    for each in (bogus, without):
        await each.hears("done", 2)
        assert each.text == "one two three "
    assert bogus.frames == without.frames
    for each in (client, bogus, without):
        await each.goes()


@pytest.mark.parametrize("token", [None, "ben"])
async def test_somebody_elses_session_looks_like_one_that_does_not_exist(edge: SocketEdge, token: str | None) -> None:
    aiko = Client(edge, token="aiko")
    session_id = (await aiko.hears("session"))["session_id"]
    aiko.ask("secret")
    await aiko.hears("done")
    stranger = Client(edge, f"session_id={session_id}&last_seq=0", token)
    opened = await stranger.hears("session")
    assert (opened["resumed"], opened["turns"]) == (False, [])
    assert opened["session_id"] != session_id
    await aiko.goes()
    await stranger.goes()


async def test_ten_silent_minutes_close_the_line(edge: SocketEdge) -> None:
    await asyncio.sleep(1000)
    client = Client(edge)
    await client.hears("session")
    await asyncio.sleep(599)
    assert client.closed is None
    client.say(type="typing")
    assert await client.is_closed() == 4408


async def test_the_fifth_message_at_once_is_told_that_we_are_busy(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    for number in range(5):
        client.ask("pause", f"m{number}")
    error = await client.hears("error")
    assert error["problem"]["detail"]
    assert (error["problem"]["code"], error["in_reply_to"]) == ("busy", "m4")
    assert error["problem"]["retry_after_s"] == 1
    await client.hears("done", 4)
    await client.goes()


async def test_an_id_with_other_words_is_told_to_be_used(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    client.ask("pause", "m1")
    client.ask("something else", "m1")
    error = await client.hears("error")
    assert error["problem"]["detail"]
    assert (error["problem"]["code"], error["in_reply_to"]) == ("id_reused", "m1")
    await client.hears("done")
    await client.goes()


async def test_a_stop_sent_right_behind_its_message_is_honoured(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    client.ask("forever")
    client.say(type="stop")
    done = await client.hears("done")
    assert done["metadata"]["stopped"]
    await client.goes()


async def test_bytes_close_with_1003(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    client.say_bytes(b"\x00")
    assert await client.is_closed() == 1003


async def test_a_log_that_is_away_is_told_and_costs_no_message(
    edge: SocketEdge, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(edge)
    await client.hears("session")

    async def away(*_: object) -> None:
        raise ServiceFailure("conversations", "unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(process.log, "offer", away)
        client.ask("one", "m1")
        error = await client.hears("error")
    assert error["problem"]["detail"]
    assert (error["problem"]["code"], error["in_reply_to"]) == ("unavailable", "m1")
    client.ask("one", "m1")
    await client.hears("done")
    await client.goes()


async def test_who_cannot_follow_for_a_reason_that_nobody_foresaw_is_sent_away_and_not_left_waiting(
    edge: SocketEdge, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(process.log, "follow", broken)
    client = Client(edge)
    assert await client.is_closed() == 1013
    await client.goes()


async def test_a_stop_that_cannot_be_handed_on_is_told_and_costs_nothing_else(
    edge: SocketEdge, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(edge)
    await client.hears("session")

    async def away(*_: object) -> None:
        raise ServiceFailure("conversations", "unreachable")

    client.ask("one pause two")
    await client.hears("token")
    monkeypatch.setattr(process.log, "stop", away)
    client.say(type="stop")
    assert (await client.hears("error"))["problem"]["code"] == "unavailable"
    await client.hears("done")
    assert client.text == "one two "
    await client.goes()


async def test_a_store_that_is_away_when_a_socket_opens_asks_the_client_to_come_back(
    edge: SocketEdge, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: str) -> None:
        raise ServiceFailure("sessions", "unreachable")

    monkeypatch.setattr(world.sessions, "load", away)
    client = Client(edge, "session_id=s_anything")
    assert await client.is_closed() == 1013
    await client.serving


async def test_who_loses_the_line_leaves_nothing_behind(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    assert len(edge.open_sockets) == 1
    before = len(asyncio.all_tasks())
    await client.goes()
    await asyncio.sleep(1)
    assert not edge.open_sockets
    assert len(asyncio.all_tasks()) < before


async def test_a_page_is_of_the_line_on_which_it_was_named(edge: SocketEdge, process: Process) -> None:
    """What another wire says of its page, or does not say, moves nobody here (T-6)."""
    client = Client(edge)
    opened = await client.hears("session")
    client.say(type="context", page_context={"current_asin": "B0ABCDEFGH"})
    client.ask("one", "m1")
    await client.hears("done")
    other = Client(edge, f"session_id={opened['session_id']}&last_seq=0")
    other.ask("two", "m2")
    await other.hears("done", 2)
    client.ask("three", "m3")
    await client.hears("done", 3)
    pages = [message.page.current_asin for message in process.answers.asked]
    assert pages == ["B0ABCDEFGH", None, "B0ABCDEFGH"]
    await client.goes()
    await other.goes()


async def test_events_that_no_frame_caused_close_what_they_must(edge: SocketEdge) -> None:
    client = Client(edge)
    await client.hears("session")
    (socket,) = edge.open_sockets
    await socket.tell(On.AWAY)
    assert await client.is_closed() == 1013
