"""W-1, W-2, W-3, W-7, W-8, W-9, W-11: one socket, in process, with what the client sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge import socket as socket_module
from mangaassist.edge.connection import On
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure, Unauthenticated
from mangaassist.telemetry.analytics import Added, Clicked, Closed
from mangaassist.testing.clock import START
from tests.conversation.virtual import AIKO, BEN, LONG_S, Process, World

Frame = dict[str, Any]


class Tokens:
    """Knows whom a token is of; ``away`` is an identity provider that does not answer."""

    async def identify(self, token: str | None) -> Identity:
        known = {
            None: GUEST,
            "aiko": AIKO,
            "ben": BEN,
            "short": Identity("aiko", "short", START + timedelta(seconds=90)),
        }
        if token == "away":
            raise ServiceFailure("identity", "unreachable")
        if token not in known:
            raise Unauthenticated("The token is not valid. Sign in again.")
        return known[token]


class Client:
    """The far end of a socket: an ASGI server that hands on what is said and keeps what comes back."""

    def __init__(
        self,
        edge: SocketEdge,
        query: str = "",
        token: str | None = None,
        subprotocols: tuple[str, ...] = (),
        **headers: str,
    ) -> None:
        self._said: asyncio.Queue[Frame] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})
        self._came = asyncio.Condition()
        self.frames: list[Frame] = []
        self.refused: Frame | None = None
        self.problem: Frame = {}
        self.closed: int | None = None
        sent = {"authorization": f"Bearer {token}"} if token else {}
        scope = {
            "type": "websocket",
            "path": "/ws",
            "client": ("127.0.0.1", 50_000),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in (sent | headers).items()],
            "subprotocols": list(subprotocols),
        }
        self.serving = asyncio.create_task(edge.serve(scope, self._said.get, self._send))

    async def _send(self, event: Any) -> None:
        async with self._came:
            match event["type"]:
                case "websocket.send":
                    assert self.closed is None
                    self.frames.append(json.loads(event["text"]))
                case "websocket.close":
                    self.closed = event["code"]
                    self._said.put_nowait({"type": "websocket.disconnect", "code": event["code"]})
                case "websocket.http.response.start":
                    self.refused = event
                case "websocket.http.response.body":
                    self.problem = json.loads(event["body"])
                case _:
                    pass
            self._came.notify_all()

    def say(self, **frame: Any) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(frame)})

    def ask(self, message: str, message_id: str = "m1", **more: Any) -> None:
        self.say(type="message", id=message_id, message=message, **more)

    def say_bytes(self, data: bytes) -> None:
        self._said.put_nowait({"type": "websocket.receive", "bytes": data})

    async def hears(self, kind: str, count: int = 1) -> Frame:
        """The ``count``th frame of a kind."""
        async with asyncio.timeout(LONG_S), self._came:
            await self._came.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def is_closed(self) -> int:
        async with asyncio.timeout(LONG_S), self._came:
            await self._came.wait_for(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    async def goes(self) -> None:
        """The line is lost."""
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1006})
        await self.serving

    def of(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if "seq" in frame]

    @property
    def text(self) -> str:
        return "".join(frame["content"] for frame in self.of("token"))


@pytest.fixture
async def edge(process: Process) -> AsyncIterator[SocketEdge]:
    yield SocketEdge(shared=process.doors(Tokens(), "http://shop.example"), heartbeat_s=30, idle_timeout_s=600)


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


async def test_a_guest_who_signs_in_keeps_the_conversation_and_other_sockets_of_guests_are_closed(
    edge: SocketEdge, world: World
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    eavesdropper = Client(edge, f"session_id={session_id}&last_seq=0")
    await eavesdropper.hears("done")
    guest.say(type="auth", token="aiko")
    assert await eavesdropper.is_closed() == 4403
    guest.ask("order 113-6638762-2523952", "m2")
    await guest.hears("done", 2)
    assert "113-6638762" not in json.dumps(eavesdropper.frames)
    assert guest.seqs == list(range(1, len(guest.seqs) + 1))
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await guest.goes()


async def test_a_guest_who_signs_in_before_a_word_was_said_owns_what_follows(edge: SocketEdge, world: World) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.say(type="auth", token="aiko")
    guest.ask("one")
    await guest.hears("done")
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await guest.goes()


@pytest.mark.parametrize(
    ("token", "code"), [("nonsense", "unauthenticated"), ("away", "identity_unavailable"), ("ben", "forbidden")]
)
async def test_a_token_that_cannot_take_over_is_told_and_the_conversation_goes_on(
    edge: SocketEdge, token: str, code: str
) -> None:
    aiko = Client(edge, token="aiko")
    await aiko.hears("session")
    aiko.ask("one", "m1")
    await aiko.hears("done")
    aiko.say(type="auth", token=token)
    problem = (await aiko.hears("error"))["problem"]
    assert problem["code"] == code
    assert problem["detail"]
    aiko.ask("two", "m2")
    await aiko.hears("done", 2)
    assert aiko.text == "one two "
    await aiko.goes()


@pytest.mark.parametrize("away", ["load", "own", "log"])
async def test_who_signs_in_while_log_or_store_is_away_is_told_so_and_keeps_the_conversation(
    edge: SocketEdge, process: Process, world: World, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    other = Client(edge, f"session_id={session_id}")
    await other.hears("session")

    async def unreachable(*_: object) -> None:
        raise ServiceFailure("sessions", "unreachable")

    with monkeypatch.context() as patched:
        port, method = (process.log, "own") if away == "log" else (world.sessions, away)
        patched.setattr(port, method, unreachable)
        guest.say(type="auth", token="short")
        assert (await guest.hears("error"))["problem"]["code"] == "unavailable"
        guest.ask("order 113-6638762-2523952", "m2")
        told = await guest.hears("error", 2)
        assert (told["problem"]["code"], told["in_reply_to"]) == ("unavailable", "m2")
        assert guest.closed is None
    guest.ask("order 113-6638762-2523952", "m2")
    await guest.hears("done", 2)
    assert await other.is_closed() == 4403
    assert "113-6638762" not in json.dumps(other.frames)
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert (saved.customer_id, process.answers.asked[-1].identity.customer_id) == ("aiko", "aiko")
    assert await guest.is_closed() == 4401  # what was accepted ends as any other


async def test_who_signs_in_while_the_store_is_away_to_what_becomes_somebody_elses_is_sent_away(
    edge: SocketEdge, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Client(edge), None
    session_id = (await one.hears("session"))["session_id"]
    one.ask("one", "m1")
    await one.hears("done")

    async def unreachable(*_: object) -> None:
        raise ServiceFailure("sessions", "unreachable")

    with monkeypatch.context() as patched:
        patched.setattr(world.sessions, "load", unreachable)
        one.say(type="auth", token="ben")
        await one.hears("error")
    other = Client(edge, f"session_id={session_id}", token="aiko")
    assert (await other.hears("session"))["resumed"]
    assert await one.is_closed() == 4403
    await other.goes()


async def test_who_may_not_sign_in_here_says_what_follows_as_who_they_were(
    edge: SocketEdge, process: Process, world: World
) -> None:
    guest = Client(edge)
    session_id = (await guest.hears("session"))["session_id"]
    guest.ask("one", "m1")
    await guest.hears("done")
    await world.sessions.own(session_id, "aiko")
    guest.say(type="auth", token="ben")
    assert (await guest.hears("error"))["problem"]["code"] == "forbidden"
    guest.ask("two", "m2")
    await guest.hears("done", 2)
    assert process.answers.asked[-1].identity == GUEST
    await guest.goes()


async def test_what_time_asks_for_does_not_outlive_its_line(edge: SocketEdge, monkeypatch: pytest.MonkeyPatch) -> None:
    aiko = Client(edge, token="short")
    await aiko.hears("session")
    (session,) = edge.open_sockets
    send = session._send

    async def stuck(event: Any) -> None:
        await (asyncio.sleep(LONG_S) if event["type"] != "websocket.close" else send(event))

    monkeypatch.setattr(session, "_send", stuck)
    await asyncio.sleep(31)
    errands = [task for task in asyncio.all_tasks() if task.get_name() == "errand"]
    assert len(errands) == 1
    await aiko.goes()
    assert errands[0].cancelled()


async def test_what_a_follower_still_does_is_over_when_a_line_is_counted_as_left(
    edge: SocketEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(edge)
    await client.hears("session")
    (session,) = edge.open_sockets
    following = session._following
    assert following is not None
    is_over: list[bool] = []
    monkeypatch.setattr(edge.shared.analytics, "note", lambda *_: is_over.append(following.done()))
    await client.goes()
    assert is_over == [True]


async def test_before_a_word_was_said_too_a_customer_does_not_become_another(edge: SocketEdge, world: World) -> None:
    aiko = Client(edge, token="aiko")
    session_id = (await aiko.hears("session"))["session_id"]
    aiko.say(type="auth", token="ben")
    assert (await aiko.hears("error"))["problem"]["code"] == "forbidden"
    aiko.ask("one")
    await aiko.hears("done")
    saved = await world.sessions.load(session_id)
    assert saved is not None
    assert saved.customer_id == "aiko"
    await aiko.goes()


async def test_a_token_about_to_end_is_announced_and_its_end_closes_the_line_but_not_the_answer(
    edge: SocketEdge,
) -> None:
    aiko = Client(edge, token="short")
    opened = await aiko.hears("session")
    error = await aiko.hears("error")
    assert error["problem"]["code"] == "token_expiring"
    aiko.ask("one " + "pause " * 70 + "two")
    assert await aiko.is_closed() == 4401
    again = Client(edge, f"session_id={opened['session_id']}&last_seq={aiko.seqs[-1]}", token="aiko")
    await again.hears("done")
    assert aiko.text + again.text == "one two "
    await again.goes()


async def test_a_renewed_token_keeps_the_line(edge: SocketEdge) -> None:
    aiko = Client(edge, token="short")
    await aiko.hears("error")
    aiko.say(type="auth", token="aiko")
    await asyncio.sleep(300)
    assert aiko.closed is None
    aiko.ask("one")
    await aiko.hears("done")
    await aiko.goes()


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


async def test_a_peer_that_is_gone_keeps_nobody_from_hearing_that_the_server_leaves(
    edge: SocketEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, there = Client(edge), Client(edge)
    await gone.hears("session")
    await there.hears("session")

    async def lost(event: Any) -> None:
        raise ConnectionResetError

    first = next(iter(edge.open_sockets))
    monkeypatch.setattr(first, "_send", lost)
    await edge.drain()
    assert (await there.hears("drain"))["reconnect_after_ms"] > 0
    await edge.close()
    await there.serving
    assert there.closed == 1012


async def test_a_drain_is_told_answers_are_heard_out_and_the_line_closes_with_1012(
    edge: SocketEdge, process: Process
) -> None:
    client = Client(edge)
    await client.hears("session")
    client.ask("one pause two")
    await client.hears("start")
    await edge.drain()
    assert (await client.hears("drain"))["reconnect_after_ms"] > 0
    await process.dispatcher.drain(60)
    await edge.close()
    assert await client.is_closed() == 1012
    assert client.of("done")
    assert client.frames[-1]["type"] != "drain"
    await client.serving
    assert not edge.open_sockets


async def test_who_is_gone_at_the_moment_of_a_drain_does_not_keep_the_others_from_being_told(
    edge: SocketEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, client = Client(edge), Client(edge)
    await gone.hears("session")
    await client.hears("session")
    (first, _) = edge.open_sockets

    async def closing(_: object) -> None:
        raise ClientDisconnected

    monkeypatch.setattr(first, "_send", closing)
    await edge.drain()
    await client.hears("drain")
    await edge.close()
    assert await client.is_closed() == 1012
    await gone.goes()


@pytest.mark.parametrize("port", ["sessions", "log"])
async def test_who_is_still_coming_in_at_a_drain_hears_the_session_first_and_of_the_drain_at_once(
    edge: SocketEdge, process: Process, world: World, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    known = Client(edge)
    session_id = (await known.hears("session"))["session_id"]
    known.ask("one")
    await known.hears("done")
    await known.goes()
    load, follow = world.sessions.load, process.log.follow

    async def slow_load(session_id: str) -> Any:
        await asyncio.sleep(5)
        return await load(session_id)

    async def slow_follow(*given: Any) -> Any:
        await asyncio.sleep(5)
        async for news in follow(*given):
            yield news

    if port == "sessions":
        monkeypatch.setattr(world.sessions, "load", slow_load)
    else:
        monkeypatch.setattr(process.log, "follow", slow_follow)
    client = Client(edge, f"session_id={session_id}")
    await asyncio.sleep(1)
    await edge.drain()
    await client.hears("drain")
    assert [frame["type"] for frame in client.frames[:2]] == ["session", "drain"]
    await edge.close()
    assert await client.is_closed() == 1012
    assert len(client.of("drain")) == 1
    later = Client(edge)
    assert await later.is_closed() == 1012
    assert [frame["type"] for frame in later.frames] == ["session", "drain"]


async def test_who_comes_between_a_drain_and_its_end_is_told_at_once(edge: SocketEdge) -> None:
    await edge.drain()
    client = Client(edge)
    await client.hears("drain")
    assert [frame["type"] for frame in client.frames] == ["session", "drain"]
    client.ask("one")
    await asyncio.sleep(1)
    assert client.closed is None
    await edge.close()
    assert await client.is_closed() == 1012


async def test_a_mistake_at_one_socket_keeps_nobody_from_hearing_that_the_server_leaves(
    edge: SocketEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, client = Client(edge), Client(edge)
    await broken.hears("session")
    await client.hears("session")

    async def breaks(_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    told: list[str] = []
    monkeypatch.setattr(socket_module._log, "error", lambda event, **_: told.append(event))
    monkeypatch.setattr(next(iter(edge.open_sockets)), "_send", breaks)
    await edge.drain()
    await client.hears("drain")
    await edge.close()
    assert await client.is_closed() == 1012
    assert set(told) == {"socket_not_told"}
    await broken.goes()


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


# ---- analytics: W-10


async def happened(edge: SocketEdge, world: World) -> list[Any]:
    assert await edge.shared.analytics.flush(60)
    return [event.what for event in world.stream.events]


async def test_a_connection_that_ends_is_counted_and_what_happened_on_it_leaves_at_once(
    edge: SocketEdge, world: World
) -> None:
    client = Client(edge)
    opened = await client.hears("session")
    client.ask("one")
    await client.hears("done")
    await asyncio.sleep(100.5)
    await client.goes()
    again = Client(edge, f"session_id={opened['session_id']}")
    await again.hears("session")
    await again.goes()
    await asyncio.sleep(0.01)
    closed = [event.what for event in world.stream.events if isinstance(event.what, Closed)]
    assert [(each.open_s, each.resumed) for each in closed] == [(pytest.approx(100.5, abs=0.1), False), (0.0, True)]
    assert len({each.connection_id for each in closed}) == 2


async def test_what_the_shopper_uses_of_an_answer_is_counted_once_for_each_thing(
    edge: SocketEdge, world: World
) -> None:
    client = Client(edge, token="aiko")
    await client.hears("session")
    client.ask("card")
    response_id = (await client.hears("done"))["response_id"]
    asin = (await client.hears("products"))["items"][0]["asin"]
    used = {"type": "event", "response_id": response_id}
    for _ in range(2):
        client.say(**used, name="clicked", asin=asin)
        client.say(**used, name="clicked", button="talk_to_human")
        client.say(**used, name="added", asin=asin)
    client.say(type="ping")
    await client.hears("pong")
    assert client.of("error") == []
    _, _, answered, *rest = await happened(edge, world)
    assert answered.response_id == response_id
    assert rest == [
        Clicked(response_id=response_id, asin=asin),
        Clicked(response_id=response_id, button="talk_to_human"),
        Added(response_id=response_id, asin=asin),
    ]
    assert len({event.session for event in world.stream.events}) == 1
    assert {event.customer for event in world.stream.events} != {None}
    await client.goes()


async def test_a_hostile_client_writes_no_words_into_analytics(edge: SocketEdge, world: World) -> None:
    client = Client(edge)
    await client.hears("session")
    client.ask("one")
    await client.hears("done")
    before = await happened(edge, world)
    good = {"type": "event", "name": "clicked", "response_id": "r_0123456789abcdef", "asin": "B0ABCDEFGH"}
    for wrong in ({"name": "my words"}, {"response_id": "my words"}, {"asin": "my words"}, {"button": "my words"}):
        client.say(**good | wrong)
    await client.hears("error", 4)
    client.say(**good, comment="my words")
    client.say(type="ping")
    await client.hears("pong")
    assert (await happened(edge, world))[len(before) :] == [
        Clicked(response_id="r_0123456789abcdef", asin="B0ABCDEFGH")
    ]
    await client.goes()


async def test_where_nobody_has_said_anything_nothing_is_used(edge: SocketEdge, world: World) -> None:
    client = Client(edge)
    await client.hears("session")
    client.say(type="event", name="clicked", response_id="r_0123456789abcdef", asin="B0ABCDEFGH")
    client.say(type="ping")
    await client.hears("pong")
    assert await happened(edge, world) == []
    await client.goes()


async def test_a_stream_that_never_answers_holds_up_nobody_who_leaves(edge: SocketEdge, world: World) -> None:
    world.stream.slow_s = 1e6
    client = Client(edge)
    await client.hears("session")
    client.ask("one")
    await client.hears("done")
    before = asyncio.get_running_loop().time()
    await client.goes()
    assert asyncio.get_running_loop().time() == before
