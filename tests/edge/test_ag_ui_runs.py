"""R-10: runs of AG-UI at our door, in process and in virtual time: asked, cut and resumed, refused, limited, stopped."""

import json
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import uuid4

import pytest
from msgspec.structs import replace

from mangaassist.edge.app import MAX_BODY_BYTES, build
from mangaassist.edge.event_stream import PING
from mangaassist.edge.limits import Limits, policies
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import ServiceFailure
from mangaassist.settings import Limits as LimitSettings
from tests.conversation.virtual import AIKO, Process, World, loop
from tests.edge.rest_client import SHOP, Sockets, Tokens
from tests.edge.test_stream import Page, Stream, signed_in

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Agent:
    """One thread, of which each run posts everything that was said, as AG-UI's client does."""

    def __init__(self, page: Page, token: str = "") -> None:
        self.page = page
        self.token = token
        self.thread = str(uuid4())
        self.messages: list[dict[str, Any]] = []

    def say(self, text: str, run: str = "run", **headers: str) -> Stream:
        self.messages = [*self.messages, {"id": f"u-{run}", "role": "user", "content": text}]
        return self.run(run, **headers)

    def run(self, run: str = "run", **headers: str) -> Stream:
        return self.post("/ag-ui", {"runId": run, "messages": self.messages}, **headers)

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> Stream:
        body = json.dumps({"threadId": self.thread, **fields}).encode()
        return self.page.request(
            "POST", path, body, content_type="application/json", **signed_in(self.token), **headers
        )


def page_of(process: Process) -> Page:
    return Page(build(process.doors(Tokens(), SHOP), cast(SocketEdge, Sockets()), {}))


@pytest.fixture
async def page(process: Process) -> AsyncIterator[Page]:
    made = page_of(process)
    yield made
    for stream in made.streams:
        if not stream.running.done():
            await stream.hang_up()


@pytest.fixture
def agent(page: Page) -> Agent:
    return Agent(page)


def events(stream: Stream) -> list[tuple[str, str]]:
    """The id and the data of each event."""
    return [
        (lines[0].removeprefix("id: "), lines[1])
        for event in stream.got.body.decode().split("\n\n")
        if len(lines := event.split("\n")) == 2
    ]


def text(*streams: Stream) -> str:
    """The answer that a client holds that has heard these one after the other."""
    said = ""
    for part in (part for stream in streams for part in stream.parts):
        if part["type"] == "TEXT_MESSAGE_CONTENT":
            said += part["delta"]
        if part["type"] == "MESSAGES_SNAPSHOT":
            last = part["messages"][-1]
            said = last["content"] if last["role"] == "assistant" else ""
    return said


async def test_every_event_of_a_run_has_an_id_of_its_own_and_its_session_is_named(agent: Agent) -> None:
    stream = await agent.say("one wrong card", traceparent=TRACE).end()
    ids = [id_ for id_, _ in events(stream)]
    assert len(set(ids)) == len(ids) == len(stream.parts)
    assert stream.got.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert stream.parts[0]["metadata"]["mangaassist"]["session_id"] == stream.session_id
    assert text(stream) == "one right "


async def test_page_and_trace_of_a_run_reach_whoever_answers(agent: Agent, process: Process) -> None:
    fields = {
        "runId": "run",
        "messages": [{"id": "u", "role": "user", "content": "one"}],
        "forwardedProps": {"page_context": {"current_asin": "B0ABCDEFGH"}},
    }
    await agent.post("/ag-ui", fields, traceparent=TRACE).end()
    (asked,) = process.answers.asked
    assert (asked.page.current_asin, asked.traceparent) == ("B0ABCDEFGH", TRACE)


@pytest.mark.parametrize("later", [0, 3])
async def test_a_run_is_resumed_from_any_event_also_when_others_were_answered_since(agent: Agent, later: int) -> None:
    whole = await agent.say("one pause wrong two card").end()
    for number in range(later):
        await agent.say("more", f"run{number}").end()
    agent.messages = agent.messages[:1]
    for place, (last, _) in enumerate(events(whole), 1):
        rest = await agent.run(last_event_id=last).end()
        if later:  # nobody keeps it any more but as it was saved
            assert (text(rest), rest.kinds[-1]) == ("one right two ", "RUN_FINISHED")
        else:
            assert events(rest) == events(whole)[place:]


async def test_who_comes_back_in_mid_answer_hears_the_rest_as_it_is_written(agent: Agent, process: Process) -> None:
    left = agent.say("one pause wrong pause card")
    await left.hears("TEXT_MESSAGE_CONTENT", 2)
    await left.hang_up()
    rest = agent.run(last_event_id=events(left)[-1][0])
    await rest.hears("RUN_FINISHED")
    assert rest.kinds == ["TEXT_MESSAGE_END", "MESSAGES_SNAPSHOT", "ACTIVITY_SNAPSHOT", "RUN_FINISHED"]
    assert text(left, rest) == "one right "
    assert len(process.answers.asked) == 1


@pytest.mark.parametrize("keeps_the_log", [True, False])
async def test_an_answer_whose_process_dies_is_resumed_at_another_to_the_same_words(
    world: World, keeps_the_log: bool
) -> None:
    """As by kill -9, whether or not what was told outlives the process."""
    one = await world.process("one")
    agent = Agent(page_of(one))
    left = await one.does(_begun(agent))
    one.die()
    if not keeps_the_log:
        world.restart()
    other = await world.process("other")
    agent.page = page_of(other)
    rest = await agent.run(last_event_id=events(left)[-1][0]).end()
    assert "RUN_STARTED" not in rest.kinds
    assert text(left, rest) == "one two three "
    assert rest.kinds[-1] == "RUN_FINISHED"
    assert len(other.answers.asked) == 1


async def _begun(agent: Agent) -> Stream:
    stream = agent.say("one pause two pause three")
    await stream.hears("TEXT_MESSAGE_CONTENT", 2)
    return stream


async def test_an_id_of_another_run_changes_nothing(agent: Agent) -> None:
    first = await agent.say("one").end()
    second = await agent.say("two", "run2", last_event_id=events(first)[-1][0]).end()
    assert (second.kinds[0], text(second)) == ("RUN_STARTED", "two ")


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"{}", "application/json", (400, "invalid_field")),
        (b"{", "application/json", (400, "invalid_json")),
        (b'{"threadId": "\xff"}', "application/json", (400, "invalid_encoding")),
        (b'{"threadId": "t", "runId": "r", "messages": [{"id": "u", "role": "user", "content": ["\\u0000"]}]}',
         "application/json", (400, "invalid_encoding")),
        (b'{"threadId": "t", "runId": "r", "messages": [{"id": "u", "role": "user", "content": {"\\u0000": 1}}]}',
         "application/json", (400, "invalid_encoding")),
        (b'{"threadId": "t", "runId": "r", "messages": [{"id": "u", "role": "somebody"}]}',
         "application/json", (400, "invalid_field")),
        (b'{"threadId": "t", "runId": "r", "messages": []}', "application/json", (400, "invalid_field")),
        (b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", "application/json", (400, "invalid_field")),
        (b"{}", "text/plain", (415, "unsupported_media_type")),
        (b"{}".ljust(MAX_BODY_BYTES + 1), "application/json", (413, "too_large")),
    ],
)  # fmt: skip
async def test_a_body_is_checked_as_everywhere(
    page: Page, body: bytes, content_type: str, problem: tuple[int, str]
) -> None:
    assert (await page.request("POST", "/ag-ui", body, content_type=content_type).end()).got.problem == problem


async def test_an_id_that_is_none_of_ours_is_refused(agent: Agent) -> None:
    refused = await agent.say("one", last_event_id="7").end()
    assert refused.got.problem == (400, "invalid_field")


async def test_a_thread_of_a_customers_is_nobody_elses(agent: Agent, process: Process) -> None:
    agent.token = "aiko"
    mine = await agent.say("secret").end()
    for token in ("", "ben"):
        agent.token = token
        for path, run in (("/ag-ui", "run"), ("/ag-ui", "other"), ("/ag-ui/stop", "run")):
            refused = await agent.post(path, {"runId": run, "messages": agent.messages}).end()
            assert refused.got.problem == (404, "not_found")
        agent.messages, kept = [], agent.messages
        assert (await agent.run().end()).got.problem == (404, "not_found")
        agent.messages = kept
    assert process.answers.asked[0].identity == AIKO
    assert mine.session_id


async def test_a_guest_who_signs_in_keeps_the_thread(agent: Agent) -> None:
    first = await agent.say("one").end()
    agent.token = "aiko"
    second = await agent.say("two", "run2").end()
    assert first.session_id == second.session_id


async def test_a_thread_counts_for_the_same_limits_as_any_session(process: Process) -> None:
    few = Limits(process.counters, policies(LimitSettings(guest_per_minute=1)), process.shared.metrics)
    doors = replace(process.doors(Tokens()), limits=few)
    agent = Agent(Page(build(doors, cast(SocketEdge, Sockets()), {})))
    first = await agent.say("one").end()
    assert '"guest";r=0' in first.got.headers["ratelimit"]
    assert (await agent.say("two", "run2").end()).got.problem == (429, "too_many_requests")


@pytest.mark.parametrize(("text_", "code"), [("one boom", "internal"), ("crowd", "overloaded")])
async def test_an_answer_that_fails_ends_in_an_error_for_the_shopper(agent: Agent, text_: str, code: str) -> None:
    last = (await agent.say(text_).end()).parts[-1]
    assert (last["type"], last["code"]) == ("RUN_ERROR", code)
    assert "purpose" not in last["message"]


async def test_an_answer_of_which_nothing_is_heard_is_given_up_and_resumed_once_it_goes_on(agent: Agent) -> None:
    stream = await agent.say("one " + "pause " * 70 + "two").end()
    assert PING in stream.events
    assert (stream.parts[-1]["type"], stream.parts[-1]["code"]) == ("RUN_ERROR", "too_slow")
    assert stream.got.body.count(b"id: ") == len(stream.parts) - 1, "who comes back comes back before the error"
    rest = await agent.run(last_event_id=events(stream)[-1][0]).end()
    assert text(stream, rest) == "one two "


async def test_what_breaks_after_the_first_byte_is_an_error_without_internals(
    agent: Agent, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> AsyncIterator[None]:
        raise ServiceFailure("conversations", "a secret of ours")
        yield

    monkeypatch.setattr(process.log, "follow", broken)
    stream = await agent.say("one").end()
    assert stream.kinds == ["RUN_ERROR"]
    assert b"secret" not in stream.got.body


async def test_a_stop_ends_the_run_that_it_names_and_no_other(agent: Agent, process: Process) -> None:
    first = agent.say("one forever", "run1")
    await first.hears("TEXT_MESSAGE_CONTENT")
    stop = {"runId": "another", "messageId": "u-run1"}
    assert (await agent.post("/ag-ui/stop", stop).end()).got.status == 204
    assert not first.running.done()
    began = loop().time()
    assert (await agent.post("/ag-ui/stop", stop | {"runId": "run1"}).end()).got.status == 204
    await first.end()
    assert loop().time() - began < 3
    assert first.parts[-1]["outcome"] == {"type": "cancelled"}
    second = agent.say("two forever", "run2")
    await second.hears("TEXT_MESSAGE_CONTENT")
    await agent.post("/ag-ui/stop", {}).end()
    assert (await second.end()).parts[-1]["outcome"] == {"type": "cancelled"}
    assert process.answers.closed == 2


async def test_a_thread_is_told_as_it_stands_with_the_answer_that_is_being_written(agent: Agent) -> None:
    await agent.say("one wrong card").end()
    running = agent.say("two pause three", "run2")
    await running.hears("TEXT_MESSAGE_CONTENT")
    agent.messages = []
    seen = await agent.run("run3").end()
    snapshot = next(part["messages"] for part in seen.parts if part["type"] == "MESSAGES_SNAPSHOT")
    assert [(each["role"], each["content"]) for each in snapshot[:2]] == [
        ("user", "one wrong card"), ("assistant", "one right "),
    ]  # fmt: skip
    assert snapshot[2]["activityType"] == "products"
    assert [part["delta"] for part in seen.parts if part["type"] == "TEXT_MESSAGE_CONTENT"] == ["two ", "three "]
    assert (seen.kinds[-1], seen.parts[-1]["runId"]) == ("RUN_FINISHED", "run3")
    assert b"id: " not in seen.got.body


async def test_a_thread_in_which_nothing_was_said_takes_nothing_from_its_page(agent: Agent, process: Process) -> None:
    seen = await agent.run().end()
    assert seen.kinds == ["RUN_STARTED", "RUN_FINISHED"]
    assert not process.answers.asked


async def test_a_correction_in_a_long_conversation_takes_nothing_from_who_posts_the_last_message_alone(
    agent: Agent,
) -> None:
    """The session itself remembers ten turns."""
    for number in range(12):
        agent.messages = []
        await agent.say(f"word{number}", f"run{number}").end()
    agent.messages = []
    last = await agent.say("wrong", "last").end()
    (snapshot,) = (part["messages"] for part in last.parts if part["type"] == "MESSAGES_SNAPSHOT")
    assert [each["content"] for each in snapshot if each["role"] == "user"] == [
        *(f"word{number}" for number in range(12)), "wrong",
    ]  # fmt: skip


async def test_a_page_of_a_listed_origin_may_resume(page: Page) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "content-type,last-event-id"}
    allowed = await page.request("OPTIONS", "/ag-ui", origin=SHOP, **asked).end()
    assert allowed.got.status == 204
    assert "last-event-id" in allowed.got.headers["access-control-allow-headers"].lower()


async def test_a_long_thread_is_told_whole_as_it_stands_also_to_who_posts_all_of_it(agent: Agent) -> None:
    for number in range(12):
        await agent.say(f"word{number}", f"run{number}").end()
    agent.messages = [*agent.messages, {"id": "r_last", "role": "assistant", "content": "word11 "}]
    (snapshot,) = (part["messages"] for part in (await agent.run("seen").end()).parts if "messages" in part)
    assert [each["content"] for each in snapshot if each["role"] == "user"] == [f"word{n}" for n in range(12)]
