"""R-5, W-1: how much a shopper, a session and an address may have a minute, by both doors, in virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.conversation.conversations import Said
from mangaassist.domain.counting import Bucket, Taken
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.app import build
from mangaassist.edge.limits import WINDOW_S, Limits, policies, refusal_headers
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import NotFound, TooMany
from mangaassist.settings import Limits as Settings
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.telemetry.metrics import Metrics
from mangaassist.wire.page import NOWHERE
from tests.conversation.virtual import AIKO, BEN, Process, World, seconds
from tests.counters import Away
from tests.edge.rest_client import Caller
from tests.edge.socket_client import Client, Frame, Tokens

SETTINGS = Settings()
NEW_SESSION_S = WINDOW_S / SETTINGS.new_sessions_per_minute


class Recording:
    """Counters that allow everything, and keep the names that they were asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def take(self, name: str, bucket: Bucket) -> Taken:
        self.names.append(name)
        return Taken(True, 1, 1.0)


@pytest.fixture
async def edge(process: Process) -> SocketEdge:
    return SocketEdge(shared=process.doors(Tokens(), limits=SETTINGS), heartbeat_s=30, idle_timeout_s=600)


@pytest.fixture
def caller(edge: SocketEdge) -> Caller:
    return Caller(build(edge.shared, edge, {}))


@pytest.fixture
async def connect(edge: SocketEdge) -> AsyncIterator[Callable[..., Any]]:
    clients: list[Client] = []

    async def connected(query: str = "", token: str | None = None) -> Client:
        client = Client(edge, query, token)
        clients.append(client)
        await client.hears("session")
        return client

    yield connected
    for client in clients:
        await client.goes()


async def asks(client: Client, times: int, name: str = "m") -> None:
    """So many questions one after the other, each answered."""
    for number in range(times):
        before = len(client.of("done"))
        client.ask("one", f"{name}{number}")
        await client.hears("done", before + 1)


def refused_in(frame: Frame) -> tuple[int, str, str]:
    problem = frame["problem"]
    return problem["status"], problem["code"], problem["detail"]


# ---- messages


@pytest.mark.parametrize(("token", "most"), [(None, 10), ("aiko", 30)])
async def test_one_message_more_than_a_minutes_worth_is_refused_in_words_on_the_socket(
    connect: Any, process: Process, token: str | None, most: int
) -> None:
    client = await connect(token=token)
    await asks(client, most)
    client.ask("one more", "late")
    error = await client.hears("error")
    status, code, detail = refused_in(error)
    assert (status, code, error["in_reply_to"]) == (429, "too_many_requests", "late")
    assert error["problem"]["retry_after_s"] == WINDOW_S // most
    assert detail == f"You write faster than I can answer. Please try again in {WINDOW_S // most} seconds."
    assert len(process.answers.asked) == most


@pytest.mark.parametrize(("token", "name", "most"), [(None, "guest", 10), ("aiko", "customer", 30)])
async def test_one_message_more_than_a_minutes_worth_is_refused_in_words_by_rest(
    caller: Caller, token: str | None, name: str, most: int
) -> None:
    session = {}
    for left in range(most - 1, -1, -1):
        got = await caller.ask("one", token, **session)
        session = {"session_id": got.json["session_id"]}
        assert got.status == 200
        assert got.headers["ratelimit-policy"] == f'"{name}";q={most};w=60'
        assert got.headers["ratelimit"].startswith(f'"{name}";r={left};t=')
    got = await caller.ask("one", token, **session)
    assert got.problem == (429, "too_many_requests")
    wait = got.headers["retry-after"]
    assert got.headers["ratelimit"] == f'"{name}";r=0;t={wait}'
    assert got.headers["ratelimit-policy"] == f'"{name}";q={most};w=60'
    assert f"try again in {wait} seconds" in got.json["detail"]
    await asyncio.sleep(int(wait))
    assert (await caller.ask("one", token, **session)).status == 200
    assert (await caller.ask("one", token, **session)).status == 429


@pytest.mark.parametrize(("token", "most"), [(None, 10), ("aiko", 30)])
async def test_both_doors_share_what_a_shopper_may_say(
    connect: Any, caller: Caller, token: str | None, most: int
) -> None:
    client = await connect(token=token)
    await asks(client, most // 2)
    session_id = client.frames[0]["session_id"]
    for _ in range(most // 2):
        assert (await caller.ask("one", token, session_id=session_id)).status == 200
    client.ask("one more", "late")
    assert refused_in(await client.hears("error"))[0] == 429
    assert (await caller.ask("one", token, session_id=session_id)).status == 429


async def test_a_customer_has_one_allowance_in_all_sessions_and_shares_it_with_nobody(caller: Caller) -> None:
    for _ in range(30):
        assert (await caller.ask("one", "aiko")).status == 200
    assert (await caller.ask("one", "aiko")).status == 429
    assert (await caller.ask("one", "ben")).status == 200
    assert (await caller.ask("one")).status == 200


async def test_each_guests_session_has_its_own_allowance(connect: Any) -> None:
    one, other = await connect(), await connect()
    await asks(one, 10)
    await asks(other, 10)
    one.ask("one", "late")
    await one.hears("error")
    assert other.of("error") == []


async def test_a_refused_message_is_not_taken_and_may_be_sent_again_when_its_time_has_come(
    connect: Any, process: Process
) -> None:
    client = await connect()
    await asks(client, 10)
    client.ask("again", "late")
    await client.hears("error")
    await asyncio.sleep(6)
    client.ask("again", "late")
    await client.hears("done", 11)
    assert len(process.answers.asked) == 11


async def test_a_message_that_is_sent_again_costs_nothing(connect: Any) -> None:
    client = await connect()
    client.ask("one", "m0")
    await client.hears("done")
    for _ in range(50):
        client.ask("one", "m0")
    await asks(client, 9, "other")
    assert client.of("error") == []
    client.ask("one", "late")
    await client.hears("error")


async def test_a_message_that_comes_while_too_many_wait_costs_all_the_same(process: Process) -> None:
    """Otherwise it could be tried as often as one likes."""
    limits = process.doors(Tokens(), limits=SETTINGS).limits
    conversation = (await process.conversations.open(None, GUEST)).conversation
    verdicts = [
        (await limits.say(conversation, Said(message_id=f"m{number}", text="forever", page=NOWHERE), "here"))[0].verdict
        for number in range(10)
    ]
    assert verdicts[-1] == "busy"
    with pytest.raises(TooMany):
        await limits.message(GUEST, conversation.session_id)


# ---- sessions


async def begun(caller: Caller, tries: int, **fields: Any) -> list[int]:
    return [(await caller.ask("one", **fields)).status for _ in range(tries)]


async def test_so_many_guests_sessions_begin_at_one_address_and_then_one_every_three_seconds(caller: Caller) -> None:
    assert await begun(caller, 30) == [200] * 20 + [429] * 10
    got = await caller.ask("one")
    assert got.problem == (429, "too_many_requests")
    assert got.headers["ratelimit-policy"] == '"new_sessions";q=20;w=60'
    assert "new chats" in got.json["detail"]
    await asyncio.sleep(NEW_SESSION_S)
    assert await begun(caller, 2) == [200, 429]


async def test_an_id_that_does_not_exist_begins_a_session_like_any_other(caller: Caller) -> None:
    statuses = [(await caller.ask("one", session_id=f"s_{number:024}")).status for number in range(21)]
    assert statuses == [200] * 20 + [429]


async def test_sessions_that_begin_on_sockets_and_by_rest_are_counted_together(connect: Any, caller: Caller) -> None:
    assert await begun(caller, 19) == [200] * 19
    silent, one, other = await connect(), await connect(), await connect()
    await asks(one, 2)
    other.ask("one")
    assert refused_in(await other.hears("error"))[:2] == (429, "too_many_requests")
    assert silent.of("error") == []


async def test_customers_sessions_are_counted_as_their_messages_alone(caller: Caller) -> None:
    await begun(caller, 20)
    assert [(await caller.ask("one", "aiko")).status for _ in range(30)] == [200] * 30


async def test_of_ten_thousand_guests_at_one_address_only_so_many_begin(process: Process, world: World) -> None:
    """For ten minutes; each comes with nothing, with an id of its own making, and tries once."""
    limits, began = process.doors(Tokens(), limits=SETTINGS).limits, seconds()

    async def comes(number: int) -> bool:
        await asyncio.sleep(number * 0.06)
        conversation = (await process.conversations.open(f"s_{number}", GUEST)).conversation
        try:
            await limits.say(conversation, Said(message_id="m", text="one", page=NOWHERE), "203.0.113.7")
        except TooMany:
            return False
        return True

    begin = sum(await asyncio.gather(*map(comes, range(10_000))))
    assert begin <= 20 + ceil((seconds() - began) / NEW_SESSION_S)
    assert begin >= 20 + 199
    await asyncio.sleep(60)
    assert len(process.answers.asked) == begin


async def test_a_session_that_did_not_begin_because_of_too_many_messages_counts_as_none(process: Process) -> None:
    limits = process.doors(Tokens(), limits=SETTINGS).limits
    conversation = (await process.conversations.open(None, GUEST)).conversation
    for _ in range(SETTINGS.guest_per_minute):
        await limits.message(GUEST, conversation.session_id)
    for _ in range(SETTINGS.new_sessions_per_minute + 1):
        with pytest.raises(TooMany) as refused:
            await limits.say(conversation, Said(message_id="m", text="one", page=NOWHERE), "here")
        assert refused.value.policy == "guest"
    assert conversation.begins


# ---- connections


async def test_a_connection_more_than_an_address_may_open_is_refused_before_the_upgrade(edge: SocketEdge) -> None:
    clients = [Client(edge) for _ in range(60)]
    for client in clients:
        await client.hears("session")
    late = Client(edge)
    await late.serving
    assert late.refused is not None
    headers = {name.decode(): value.decode() for name, value in late.refused["headers"]}
    assert (late.refused["status"], late.problem["code"]) == (429, "too_many_requests")
    assert (headers["retry-after"], headers["ratelimit"]) == ("1", '"connects";r=0;t=1')
    assert headers["ratelimit-policy"] == '"connects";q=60;w=60'
    assert "in a second" in late.problem["detail"]
    assert late.frames == []
    for client in clients:
        await client.goes()
    await asyncio.sleep(1)
    again = Client(edge)
    await again.hears("session")
    await again.goes()


async def test_bad_tokens_count_as_connections_too(edge: SocketEdge) -> None:
    for _ in range(60):
        await Client(edge, token="nonsense").serving
    late = Client(edge, token="nonsense")
    await late.serving
    assert late.refused is not None
    assert late.refused["status"] == 429


# ---- the control plane


async def test_feedback_and_tickets_have_an_allowance_of_their_own(process: Process) -> None:
    limits = process.doors(Tokens(), limits=SETTINGS).limits
    for _ in range(60):
        await limits.control(GUEST, "here")
    with pytest.raises(TooMany, match="a lot at once"):
        await limits.control(GUEST, "here")
    await limits.control(GUEST, "elsewhere")
    await limits.control(AIKO, "here")
    await limits.message(GUEST, "s")


async def test_a_guest_who_makes_up_sessions_asks_for_no_more_by_that(caller: Caller) -> None:
    statuses = [(await caller.get(f"/chat/sessions/s_{number:024}")).status for number in range(61)]
    assert statuses == [404] * 60 + [429]


# ---- counters that cannot be asked


async def test_when_nobody_can_count_people_get_through_and_it_shows(
    process: Process, connect: Any, caller: Caller
) -> None:
    process.counters = Away()
    edge = SocketEdge(shared=process.doors(Tokens(), limits=SETTINGS), heartbeat_s=30, idle_timeout_s=600)
    caller, client = Caller(build(edge.shared, edge, {})), Client(edge)
    await client.hears("session")
    await asks(client, 15)
    got = await caller.ask("one")
    assert got.status == 200
    assert got.headers["ratelimit-policy"] == '"guest";q=10;w=60'
    assert "ratelimit" not in got.headers
    assert b"mangaassist_counters_failed_total 19.0" in (await caller.get("/metrics")).body
    await client.goes()


async def test_each_refusal_is_counted_under_its_limit(process: Process, caller: Caller) -> None:
    await begun(caller, 25)
    assert b'mangaassist_limited_total{limit="new_sessions"} 5.0' in (await caller.get("/metrics")).body


# ---- what comes from outside never stands in a header


@given(owner=st.text(min_size=1), session=st.text(), address=st.text())
async def test_no_name_from_outside_reaches_a_header_and_counters_have_plain_names(
    owner: str, session: str, address: str
) -> None:
    recording = Recording()
    limits = Limits(recording, policies(SETTINGS), Metrics())
    standings = [
        await limits.message(Identity(owner), session),
        await limits.message(GUEST, session),
        await limits.new_session(address),
        await limits.connect(address),
        await limits.control(Identity(owner), session),
        await limits.control(GUEST, address),
        await limits.ticket(session),
    ]
    assert all(name.isascii() and name.isprintable() for name in recording.names)
    assert not any(set(name) & set(' {}"\\') for name in recording.names)
    headers = [value for standing in standings for value in standing.headers().values()]
    names = ("customer", "guest", "new_sessions", "connects", "control", "tickets")
    most = ("q=30;w=60", "q=10;w=60", "q=20;w=60", "q=60;w=60", "q=60;w=60", "q=5;w=600")
    expected = {f'"{name}";{each}' for name, each in zip(names, most, strict=True)}
    assert set(headers) == expected | {f'"{name}";r=1;t=1' for name in names}


@given(one=st.text(min_size=1), other=st.text(min_size=1))
async def test_two_shoppers_never_share_a_counter_whatever_they_are_called(one: str, other: str) -> None:
    recording = Recording()
    limits = Limits(recording, policies(SETTINGS), Metrics())
    for owner in (one, other):
        await limits.message(Identity(owner), "s")
    assert (recording.names[0] == recording.names[1]) is (one == other)


def test_other_refusals_say_nothing_of_limits() -> None:
    assert refusal_headers(NotFound("There is nothing.")) == {}


async def test_the_table_follows_the_settings() -> None:
    chosen = Settings(customer_per_minute=3, guest_per_minute=2, new_sessions_per_minute=4, connects_per_minute=5)
    limits = Limits(MemoryCounters(seconds), policies(chosen), Metrics())
    for ask, most in (
        (lambda: limits.message(BEN, "s"), 3), (lambda: limits.message(GUEST, "s"), 2),
        (lambda: limits.new_session("a"), 4), (lambda: limits.connect("a"), 5),
    ):  # fmt: skip
        for left in range(most - 1, -1, -1):
            standing = await ask()
            assert standing.taken is not None
            assert standing.taken.remaining == left
        with pytest.raises(TooMany):
            await ask()
