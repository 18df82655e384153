"""R-7, W-10: the answer as a stream of events, in process and in virtual time: how it begins, goes on, is cut and resumed."""

import asyncio
import gc
import json
from collections.abc import AsyncGenerator, AsyncIterator
from types import AsyncGeneratorType
from typing import Any, cast

import msgspec
import pytest

from mangaassist.conversation.conversations import Conversation, Said
from mangaassist.conversation.log import KEPT_ANSWERS, Batch, Cursor, Followed, Joined
from mangaassist.domain.customers import GUEST
from mangaassist.edge.answer_events import QUIET_LIMIT
from mangaassist.edge.answers import running_answer
from mangaassist.edge.app import MAX_BODY_BYTES, Door, build
from mangaassist.edge.event_stream import PING, PING_S, EventStream
from mangaassist.edge.socket import SocketEdge
from mangaassist.edge.stream import END
from mangaassist.errors import ServiceFailure
from mangaassist.wire.frames import Start, Token
from mangaassist.wire.page import NOWHERE
from tests.conversation.virtual import AIKO, Process, World, loop
from tests.edge.rest_client import SHOP, Got, Sockets, Tokens
from tests.edge.test_ui_messages import Reader

ENCODE = msgspec.json.encode


class Stream:
    """One request whose answer comes bit by bit. ``hang_up`` is what a peer does that goes away."""

    def __init__(self, door: Door, scope: dict[str, Any], body: bytes) -> None:
        self.got = Got(0, {}, b"")
        self.events: list[bytes] = []
        self.is_whole = False
        self._heard = asyncio.Condition()
        self._coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._coming.put_nowait({"type": "http.request", "body": body, "more_body": False})
        self.running = asyncio.create_task(door(scope, self._coming.get, self._send))
        self.reading = asyncio.Event()
        self.reading.set()

    async def _send(self, event: Any) -> None:
        await self.reading.wait()
        async with self._heard:
            if event["type"] == "http.response.start":
                self.got.status = event["status"]
                self.got.headers = {name.decode(): value.decode() for name, value in event["headers"]}
            else:
                self.got.body += event["body"]
                self.events += [event["body"]] if event["body"] else []
                self.is_whole = not event.get("more_body")
            self._heard.notify_all()

    async def hears(self, kind: str, count: int = 1) -> None:
        async with asyncio.timeout(3600), self._heard:
            await self._heard.wait_for(lambda: self.kinds.count(kind) >= count)

    async def end(self) -> "Stream":
        async with asyncio.timeout(3600):
            await self.running
        assert self.is_whole
        return self

    async def hang_up(self) -> None:
        self._coming.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(10):
            await self.running

    @property
    def parts(self) -> list[dict[str, Any]]:
        lines = [line for line in self.got.body.split(b"\n") if line.startswith(b"data: {")]
        return [json.loads(line.removeprefix(b"data: ")) for line in lines]

    @property
    def kinds(self) -> list[str]:
        return [part["type"] for part in self.parts]

    def read(self, knows_reset: bool = False) -> Reader:
        """The whole message. Raises when it is none."""
        assert self.got.status == 200, self.got.body
        assert self.got.body.endswith(END)
        reader = Reader(knows_reset)
        for part in self.parts:
            reader.take(part)
        return reader

    @property
    def session_id(self) -> str:
        return self.got.headers["x-mangaassist-session"]


class Page:
    """Asks as ``useChat`` does."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.streams: list[Stream] = []

    def request(self, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Stream:
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"content-length": str(len(body))}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "http_version": "1.1",
            "scheme": "http",
            "server": ("127.0.0.1", 8000),
            "client": (f"192.0.2.{len(self.streams)}", 50_000),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        self.streams.append(Stream(self._door, scope, body))
        return self.streams[-1]

    def ask(self, text: str, message_id: str = "u1", query: str = "", token: str = "", **fields: Any) -> Stream:
        message = {"id": message_id, "role": "user", "parts": [{"type": "text", "text": text}]}
        return self.post({"id": "chat", "messages": [message], "trigger": "submit-message"} | fields, query, token)

    def post(self, body: dict[str, Any], query: str = "", token: str = "") -> Stream:
        data = json.dumps(body).encode()
        return self.request("POST", "/chat/stream", data, query, content_type="application/json", **signed_in(token))

    def resume(self, session_id: str, query: str = "", token: str = "") -> Stream:
        return self.request("GET", f"/chat/stream/{session_id}/stream", query=query, **signed_in(token))


def signed_in(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


@pytest.fixture
async def page(process: Process) -> AsyncIterator[Page]:
    made = Page(build(process.doors(Tokens(), SHOP), cast(SocketEdge, Sockets()), {}))
    yield made
    for stream in made.streams:
        if not stream.running.done():
            await stream.hang_up()


# ---- asking


async def test_an_answer_is_streamed_from_its_start_to_its_receipt(page: Page) -> None:
    stream = await page.ask("one wrong card").end()
    assert stream.got.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert stream.got.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert stream.got.headers["cache-control"] == "no-cache"
    reader = stream.read()
    assert reader.text == "one right "
    assert reader.data("data-correction")[0].keys() >= {"replace_seq", "content", "stage"}
    assert [card["asin"] for card in reader.data("data-products")[0]] == ["B0ABCDEFGH"]
    assert reader.metadata["corrections"] == 1
    assert reader.data("data-session") == [
        {"session_id": stream.session_id, "response_id": reader.message_id},
    ]
    assert reader.metadata["session_id"] == stream.session_id


async def test_who_asks_for_resets_gets_the_corrected_step_again_and_cards_after_it(page: Page) -> None:
    stream = await page.ask("one wrong card", query="reset=1").end()
    reader = stream.read(knows_reset=True)
    assert reader.text == "one right "
    assert stream.kinds.count("reset-step") == 1
    assert stream.kinds.index("data-products") > stream.kinds.index("reset-step")


async def test_text_leaves_as_it_is_written(page: Page) -> None:
    stream = page.ask("one pause two")
    await stream.hears("text-delta")
    assert not stream.running.done()
    assert [part["delta"] for part in stream.parts if part["type"] == "text-delta"] == ["one "]
    assert (await stream.end()).read().text == "one two "


async def test_a_plain_message_is_taken_too(page: Page) -> None:
    first = await page.post({"message": "one"}).end()
    second = await page.post({"message": "one", "session_id": first.session_id}).end()
    assert second.session_id == first.session_id
    assert second.read().text == "one "


async def test_a_page_goes_on_in_the_conversation_that_its_answers_name(page: Page, process: Process) -> None:
    first = await page.ask("one").end()
    told = {"id": first.read().message_id, "role": "assistant", "parts": [], "metadata": first.read().metadata}
    next_one = {"id": "u2", "role": "user", "parts": [{"type": "text", "text": "two"}]}
    second = await page.post({"id": "chat", "messages": [told, next_one], "trigger": "submit-message"}).end()
    assert second.session_id == first.session_id
    assert [len(session.turns) for session in process.answers.sessions] == [0, 1]


async def test_page_and_trace_of_a_question_reach_whoever_answers(page: Page, process: Process) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = json.dumps({"message": "one", "page_context": {"current_asin": "B0ABCDEFGH"}}).encode()
    await page.request("POST", "/chat/stream", body, content_type="application/json", traceparent=trace).end()
    (asked,) = process.answers.asked
    assert (asked.page.current_asin, asked.traceparent) == ("B0ABCDEFGH", trace)


async def test_a_question_gets_its_own_answer_and_none_of_those_before_it(page: Page) -> None:
    first = await page.ask("zero").end()
    asked = [page.ask(f"pause {word}", word, session_id=first.session_id) for word in ("one", "two", "three")]
    assert [(await stream.end()).read().text for stream in asked] == ["one ", "two ", "three "]


# ---- asked again: W-3


async def test_a_resend_follows_the_answer_that_is_being_written(page: Page, process: Process) -> None:
    first = page.ask("one pause two")
    await first.hears("text-delta")
    again = page.ask("one pause two", session_id=first.session_id)
    assert (await again.end()).read().text == (await first.end()).read().text == "one two "
    assert again.read().message_id == first.read().message_id
    assert '"connects";r=' in again.got.headers["ratelimit"]  # following costs what it costs to resume
    assert len(process.answers.asked) == 1


@pytest.mark.parametrize("later", [0, 1, KEPT_ANSWERS, KEPT_ANSWERS + 2])
async def test_a_resend_of_what_was_answered_is_told_the_same_answer(page: Page, process: Process, later: int) -> None:
    first = await page.ask("one wrong card").end()
    for number in range(later):
        await page.ask("two", f"later{number}", session_id=first.session_id).end()
    again = (await page.ask("one wrong card", session_id=first.session_id).end()).read()
    assert (again.text, again.message_id) == ("one right ", first.read().message_id)
    assert again.data("data-products") == first.read().data("data-products")
    assert len(process.answers.asked) == 1 + later


async def test_an_answer_that_is_wanted_again_is_written_again(page: Page, process: Process) -> None:
    first = await page.ask("one").end()
    again = await page.ask("one", session_id=first.session_id, trigger="regenerate-message").end()
    third = await page.ask("one", session_id=first.session_id, trigger="regenerate-message").end()
    assert len({stream.read().message_id for stream in (first, again, third)}) == 3
    assert [message.message_id for message in process.answers.asked] == ["u1", "u1~1", "u1~2"]


async def test_a_message_is_edited_again_however_much_was_said_since(page: Page, process: Process) -> None:
    """The session remembers the last ten turns."""
    session_id = (await page.ask("one").end()).session_id
    for edit in range(1, 4):
        edited = await page.ask(f"edit {edit}", session_id=session_id, messageId="u1").end()
        assert edited.read().text == f"edit {edit} "
        for number in range(11):
            await page.ask("more", f"m{edit}-{number}", session_id=session_id).end()
    asked = [message.message_id for message in process.answers.asked]
    assert [each for each in asked if each.startswith("u1")] == ["u1", "u1~1", "u1~2", "u1~3"]


async def test_other_words_under_the_same_id_are_refused(page: Page) -> None:
    first = await page.ask("one").end()
    refused = await page.ask("two", session_id=first.session_id).end()
    assert refused.got.problem == (409, "id_reused")


# ---- what goes wrong


@pytest.mark.parametrize("text", ["one boom", "crowd"])
async def test_an_answer_that_fails_ends_in_an_error_for_the_shopper(page: Page, text: str) -> None:
    reader = (await page.ask(text).end()).read()
    assert reader.kinds[-3:] == ["error", "finish-step", "finish"]
    (error,) = (part for part in page.streams[0].parts if part["type"] == "error")
    assert error["errorText"]
    assert "purpose" not in error["errorText"]


async def test_an_answer_of_which_nothing_is_heard_is_given_up_and_the_line_kept_open_until_then(page: Page) -> None:
    stream = page.ask("one forever")
    began = loop().time()
    await stream.end()
    assert stream.events.count(PING) == QUIET_LIMIT - 1
    assert loop().time() - began == pytest.approx(QUIET_LIMIT * PING_S, abs=1)
    assert stream.read().kinds[-3:] == ["error", "finish-step", "finish"]


async def test_an_answer_that_goes_on_is_followed_however_long_it_takes(page: Page) -> None:
    words = "pause " * int(PING_S * QUIET_LIMIT - 5) + "on "
    assert (await page.ask(words * 3).end()).read().text == "on on on "


async def test_a_conversation_that_becomes_another_shoppers_is_not_told_any_more(page: Page, process: Process) -> None:
    stream = page.ask("one pause secret")
    await stream.hears("text-delta")
    await process.conversations.open(stream.session_id, AIKO)
    reader = (await stream.end()).read()
    assert "secret" not in reader.text
    assert reader.kinds[-3:] == ["error", "finish-step", "finish"]


@pytest.mark.parametrize("error", [ServiceFailure("conversations", "unreachable"), KeyError("a secret of ours")])
async def test_what_breaks_after_the_first_byte_is_an_error_without_internals(
    page: Page, process: Process, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def broken(*_: object) -> AsyncIterator[None]:
        raise error
        yield

    monkeypatch.setattr(process.log, "follow", broken)
    stream = await page.ask("one").end()
    assert stream.read().kinds == ["error", "finish"]
    assert b"secret" not in stream.got.body


@pytest.mark.parametrize(
    ("service", "code"), [("identity", "identity_unavailable"), ("sessions", "unavailable"), ("log", "unavailable")]
)
async def test_what_is_away_before_the_first_byte_is_a_problem(
    page: Page, process: Process, monkeypatch: pytest.MonkeyPatch, service: str, code: str
) -> None:
    async def away(*_: object) -> None:
        raise ServiceFailure(service, "unreachable")

    monkeypatch.setattr(process.log, "offer", away)
    refused = await page.ask("one", token="away" if service == "identity" else "").end()
    assert refused.got.problem == (503, code)


async def test_a_conversation_in_which_too_much_waits_takes_no_more(page: Page) -> None:
    first = await page.ask("hello").end()
    asking = [page.ask("pause", f"more{number}", session_id=first.session_id) for number in range(5)]
    got = [await stream.end() for stream in asking]
    (refused,) = (stream for stream in got if stream.got.status != 200)
    assert refused.got.problem == (409, "busy")


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"{}", "application/json", (400, "invalid_field")),
        (b"{", "application/json", (400, "invalid_json")),
        (b'{"message": "\xff"}', "application/json", (400, "invalid_encoding")),
        (b'{"message": "nul \\u0000"}', "application/json", (400, "invalid_encoding")),
        (b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", (400, "invalid_field")),
        (b'{"message": "one"}', "text/plain", (415, "unsupported_media_type")),
        (b'{"message": "one"}'.ljust(MAX_BODY_BYTES + 1), "application/json", (413, "too_large")),
    ],
)
async def test_a_body_is_checked_as_everywhere(
    page: Page, body: bytes, content_type: str, problem: tuple[int, str]
) -> None:
    refused = await page.request("POST", "/chat/stream", body, content_type=content_type).end()
    assert refused.got.problem == problem


async def test_a_page_of_a_listed_origin_may_read_which_conversation_it_is(page: Page) -> None:
    body = b'{"message": "one"}'
    stream = await page.request("POST", "/chat/stream", body, content_type="application/json", origin=SHOP).end()
    assert stream.got.headers["access-control-allow-origin"] == SHOP
    assert "x-mangaassist-session" in stream.got.headers["access-control-expose-headers"].lower()


# ---- cut and resumed: W-10


async def test_who_goes_away_ends_nothing_but_the_stream(page: Page, process: Process) -> None:
    stream = page.ask("one pause two card")
    await stream.hears("text-delta")
    session_id = stream.session_id
    before = named("events", "next event", "peer of events")
    await stream.hang_up()
    assert before
    assert not named("events", "next event", "peer of events")
    resumed = await page.resume(session_id).end()
    assert resumed.read().text == "one two "
    assert len(process.answers.asked) == 1


def named(*names: str) -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_name() in names]


async def test_nothing_is_left_open_by_streams_that_were_cut_anywhere(page: Page) -> None:
    gc.collect()
    before = len(open_generators())
    for delay in (0.0, 0.001, 0.05, 0.5, 1.1, 30.0):
        stream = page.ask("one pause two forever", f"u{delay}")
        await asyncio.sleep(delay)
        await stream.hang_up()
        del stream
    page.streams.clear()
    gc.collect()
    assert len(open_generators()) == before


def open_generators() -> list[Any]:
    names = ("follow", "frames", "or_quiet", "answer_events")
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, AsyncGeneratorType) and each.ag_frame is not None and each.__name__ in names
    ]


async def test_what_is_told_is_closed_at_once_when_a_peer_goes_away_that_does_not_read() -> None:
    async def told() -> AsyncGenerator[bytes]:
        while True:
            yield PING

    async def unread(_: object) -> None:
        await asyncio.sleep(1e6)

    async def gone() -> Any:
        await asyncio.sleep(1)
        return {"type": "http.disconnect"}

    events = told()
    await EventStream(events, {}).send_body(unread, gone)
    assert events.ag_frame is None


async def test_who_comes_back_in_mid_answer_gets_it_from_its_beginning_to_its_end(page: Page) -> None:
    first = await page.ask("zero").end()
    stream = page.ask("one pause wrong pause card", "u2", session_id=first.session_id)
    await stream.hears("text-delta", 2)
    await stream.hang_up()
    resumed = page.resume(first.session_id)
    await resumed.hears("text-delta", 2)
    assert not resumed.running.done()
    reader = (await resumed.end()).read()
    assert (reader.text, resumed.session_id) == ("one right ", first.session_id)
    assert reader.data("data-products")
    assert "zero" not in str(resumed.parts)


@pytest.mark.parametrize("query", ["", "reset=1"])
async def test_who_comes_back_when_nothing_runs_is_told_so(page: Page, query: str) -> None:
    first = await page.ask("one wrong").end()
    resumed = await page.resume(first.session_id, query).end()
    assert (resumed.got.status, resumed.got.body) == (204, b"")
    assert '"connects";r=' in resumed.got.headers["ratelimit"]


async def test_who_comes_back_before_the_answer_has_begun_gets_it(page: Page) -> None:
    first = await page.ask("zero").end()
    stream = page.ask("pause one", "u2", session_id=first.session_id)
    await asyncio.sleep(0.001)
    assert (stream.got.status, stream.parts) == (200, [])
    await stream.hang_up()
    assert (await page.resume(first.session_id).end()).read().text == "one "


async def test_a_log_that_does_not_say_what_runs_is_away(
    page: Page, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await page.ask("one").end()

    async def silent(*_: object) -> AsyncIterator[None]:
        await asyncio.sleep(1e6)
        yield

    monkeypatch.setattr(process.log, "follow", silent)
    assert (await page.resume(first.session_id).end()).got.problem == (503, "unavailable")


async def test_a_conversation_is_resumed_by_its_owner_alone(page: Page) -> None:
    stream = page.ask("one pause two", token="aiko")
    await stream.hears("text-delta")
    stranger = await page.resume(stream.session_id, token="ben").end()
    guest = await page.resume(stream.session_id).end()
    unknown = await page.resume("s_nobodys_at_all").end()
    assert [each.got.problem for each in (stranger, guest, unknown)] == [(404, "not_found")] * 3
    assert stranger.got.body == guest.got.body == unknown.got.body
    assert (await page.resume(stream.session_id, token="aiko").end()).read().text == "one two "


async def test_an_answer_that_begins_again_is_told_again(world: World, page: Page, process: Process) -> None:
    await process.does(asyncio.sleep(0))
    other = await world.process("other")
    door = build(other.doors(Tokens(), SHOP), cast(SocketEdge, Sockets()), {})
    elsewhere = Page(door)
    opened = await process.does(process.conversations.open(None, GUEST))
    said = Said(message_id="u1", text="one pause pause pause two", page=NOWHERE)
    await process.does(opened.conversation.say(said))
    await asyncio.sleep(0.5)
    both = [elsewhere.resume(opened.conversation.session_id, query) for query in ("", "reset=1")]
    for stream in both:
        await stream.hears("text-delta")
    process.die()
    plain, reset = [await stream.end() for stream in both]
    assert plain.read().text == reset.read(knows_reset=True).text == "one two "
    assert "data-restart" in plain.kinds
    assert "reset-step" in reset.kinds


async def test_a_peer_that_reads_nothing_makes_nothing_grow(page: Page, process: Process) -> None:
    stream = page.ask("one " * 200 + "pause two")
    await stream.hears("text-delta")
    stream.reading.clear()
    await asyncio.sleep(PING_S * 3)
    for number in range(KEPT_ANSWERS + 2):
        await page.ask("more", f"more{number}", session_id=stream.session_id).end()
    stream.reading.set()
    reader = (await stream.end()).read()  # what is no longer kept is told as it was saved
    assert reader.text == "one " * 200 + "two "
    assert len(process.answers.asked) == 1 + KEPT_ANSWERS + 2


async def test_conversations_that_are_cut_and_resumed_at_once_are_not_mixed(page: Page) -> None:
    async def shopper(number: int) -> str:
        text = f"{number}a pause {number}b wrong pause {number}c card"
        stream = page.ask(text, f"u{number}")
        await stream.hears("text-delta")
        await asyncio.sleep(number / 10)
        if not stream.running.done():
            await stream.hang_up()
            stream = page.resume(stream.session_id)
        await stream.running
        if stream.got.status == 204:
            stream = page.ask(text, f"u{number}", session_id=page.streams[number].session_id)
        return (await stream.end()).read().text

    texts = await asyncio.gather(*(shopper(number) for number in range(25)))
    assert texts == [f"{number}a {number}b right {number}c " for number in range(25)]


class Rejoined:
    """A conversation whose log begins another epoch while what is known is still being told."""

    async def follow(self, _: Cursor) -> AsyncGenerator[Followed]:
        yield Joined("before", 4)
        yield Batch(2, None, (ENCODE(Start(response_id="r_lost", in_reply_to="m1", attempt=1, seq=2)),))
        yield Joined("after", 2)
        yield Batch(1, None, (ENCODE(Start(response_id="r_kept", in_reply_to="m2", attempt=1, seq=1)),))
        yield Batch(2, None, (ENCODE(Token(response_id="r_kept", content="one", seq=2)),))


async def test_what_ran_in_a_log_that_was_lost_does_not_run_in_the_one_after_it() -> None:
    answer = await running_answer(cast(Conversation, Rejoined()))
    assert answer is not None
    assert (answer.message_id, answer.after) == ("m2", Cursor(0))
