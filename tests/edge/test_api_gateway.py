"""W-13: the same conversation behind an API Gateway that holds everybody to the vendor's limits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from mangaassist.edge.api_gateway.connections import BEAT_S, LEASE_S, NOBODY, GatewayConnection
from mangaassist.edge.api_gateway.following import together
from mangaassist.edge.api_gateway.holding import TAKEN_AT_ONCE
from mangaassist.errors import ServiceFailure
from mangaassist.testing.memory_connections import MemoryConnections
from tests.conversation.virtual import Process, World, loop
from tests.edge.gateway import Calls, FunctionCaller, GatewayClient, GatewayProcess, LoopbackGateway


@pytest.fixture
async def gateway() -> LoopbackGateway:
    return LoopbackGateway()


@pytest.fixture
async def served(process: Process, gateway: LoopbackGateway) -> AsyncIterator[GatewayProcess]:
    async with GatewayProcess(process, gateway) as made:
        yield made


@pytest.fixture(params=["integration", "function"])
def calls(request: pytest.FixtureRequest, process: Process, gateway: LoopbackGateway, served: GatewayProcess) -> Calls:
    """How the gateway calls us."""
    return served.caller if request.param == "integration" else FunctionCaller(process, gateway)


@pytest.fixture
async def client(gateway: LoopbackGateway, calls: Calls) -> AsyncIterator[GatewayClient]:
    made = GatewayClient(gateway, calls)
    yield made
    await made.goes()


async def test_a_conversation_is_told_by_posts_as_a_socket_would_tell_it(client: GatewayClient) -> None:
    greeted = await client.hears("session")
    assert (greeted["resumed"], greeted["last_seq"], greeted["customer"]) == (False, 0, "guest")
    client.ask("one wrong pause card")
    await client.is_answered()
    assert [frame["type"] for frame in client.frames][:2] == ["session", "start"]
    assert client.seqs == list(range(1, len(client.seqs) + 1))
    assert client.of("correction")
    assert client.of("products")


async def test_a_message_is_taken_long_before_its_answer_is_there(
    client: GatewayClient, gateway: LoopbackGateway
) -> None:
    await client.hears("session")
    client.ask(" ".join(["pause"] * 60))
    await client.is_answered()
    assert gateway.longest_s < 1


async def test_who_comes_back_with_a_cursor_hears_what_came_after_it(
    gateway: LoopbackGateway, served: GatewayProcess, client: GatewayClient
) -> None:
    session = await client.hears("session")
    client.ask("one pause two pause three")
    await client.hears("token")
    await client.goes()
    query = f"session_id={session['session_id']}&last_seq={client.seqs[-1]}&epoch={session['epoch']}"
    again = GatewayClient(gateway, served.caller, query)
    assert (await again.hears("session"))["resumed"]
    await again.is_answered()
    assert client.seqs + again.seqs == list(range(1, again.seqs[-1] + 1))
    assert client.text + again.text == "one two three "
    await again.goes()


async def test_a_gone_connection_is_forgotten_and_its_answer_goes_on(
    gateway: LoopbackGateway, served: GatewayProcess, process: Process, client: GatewayClient
) -> None:
    session = await client.hears("session")
    client.ask("one pause two")
    await client.hears("start")
    tried = gateway.gone
    gateway.clients.pop(client.name)  # the line is lost, and nobody has been told
    await asyncio.sleep(5)
    assert await gateway.connections.find(client.name) is None
    assert gateway.gone == tried + 1
    saved = await process.conversations.sessions.load(session["session_id"])
    assert saved is not None
    assert saved.turns[-1].answer == "one two "
    gateway.clients[client.name] = client


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("no json", "invalid_json", None),
        ('{"type":"message","id":"m1"}', "invalid_field", "message"),
        ('{"type":"message","id":"m1","message":""}', "invalid_field", "message"),
        ('{"type":"nothing"}', "invalid_field", "type"),
    ],
)
async def test_bad_input_is_an_error_frame_and_the_connection_goes_on(
    client: GatewayClient, text: str, code: str, field: str | None
) -> None:
    """W-11."""
    await client.hears("session")
    client.say_text(text)
    problem = (await client.hears("error"))["problem"]
    assert problem["code"] == code
    assert [one["field"] for one in problem.get("fields", ())] == ([field] if field else [])
    client.say(type="ping")
    await client.hears("pong")


@pytest.mark.parametrize("data", [b'{"type":"message","message":"' + b"a" * 16 * 1024, b"\xff\xfe"])
async def test_a_frame_that_is_too_long_or_no_text_ends_the_connection_with_a_word(
    client: GatewayClient, data: bytes
) -> None:
    await client.hears("session")
    client.say_bytes(data)
    await client.is_closed()
    assert client.frames[-1]["problem"]["code"] in ("too_large", "bad_request")


async def test_more_than_three_messages_that_wait_are_busy(client: GatewayClient) -> None:
    """W-9."""
    await client.hears("session")
    client.ask("forever", "m0")
    for number in range(1, 5):
        client.ask("hello", f"m{number}")
    error = await client.hears("error")
    assert (error["problem"]["code"], error["in_reply_to"]) == ("busy", "m4")
    client.say(type="stop", id="m0")
    await client.is_answered(4)


async def test_a_stop_ends_the_answer(client: GatewayClient) -> None:
    """W-14."""
    await client.hears("session")
    client.ask("one forever")
    await client.hears("token")
    client.say(type="stop")
    assert (await client.hears("done"))["metadata"]["stopped"]


async def test_a_guest_who_signs_in_goes_on_and_other_connections_end(
    gateway: LoopbackGateway, served: GatewayProcess, client: GatewayClient
) -> None:
    """W-2."""
    session = await client.hears("session")
    client.ask("hello")
    await client.is_answered()
    other = GatewayClient(gateway, served.caller, f"session_id={session['session_id']}")
    await other.hears("session")
    client.say(type="auth", token="aiko")
    await other.is_closed()
    assert other.frames[-1]["problem"]["code"] == "forbidden"
    client.ask("hello again", "m2")
    await client.is_answered(2)
    assert client.closed is None


class SlowConnections(MemoryConnections):
    async def replace(self, before: GatewayConnection, after: GatewayConnection) -> GatewayConnection | None:
        await asyncio.sleep(0.4)
        return await super().replace(before, after)


async def test_who_signs_in_is_not_sent_away_while_the_store_has_yet_to_hear_of_it(
    process: Process, gateway: LoopbackGateway
) -> None:
    """W-2."""
    async with GatewayProcess(process, gateway, SlowConnections()) as served:
        client = GatewayClient(gateway, served.caller)
        await client.hears("session")
        client.ask("hello")
        await client.is_answered()
        client.say(type="auth", token="aiko")
        client.ask("hello again", "m2")
        await client.is_answered(2)
        assert client.closed is None
        await client.goes()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"gateway_client_authorization": "Bearer wrong"}, 401),
        ({"gateway_client_authorization": "Bearer away"}, 503),
        ({"gateway_client_origin": "http://elsewhere.example"}, 403),
        ({"gateway_client_origin": "http://shop.example"}, 200),
        ({"gateway_client_cookie": "session-token=aiko"}, 200),
        ({"gateway_client_sec_websocket_protocol": "mangaassist.v1, bearer.ben"}, 200),
        ({"gateway_client_sec_websocket_protocol": "mangaassist.v1, bearer.wrong"}, 401),
    ],
)
async def test_who_may_not_come_in_is_refused_at_connect(
    gateway: LoopbackGateway, calls: Calls, headers: dict[str, str], status: int
) -> None:
    """W-1."""
    client = GatewayClient(gateway, calls, **headers)
    if status == 200:
        await client.hears("session")
        await client.goes()
    else:
        await client.serving
    assert client.status == status


async def test_nobody_but_the_gateway_may_call_its_routes(served: GatewayProcess) -> None:
    for route in ("connect", "default", "disconnect"):
        for shown in ("", "another key"):
            got = await served.caller.request("POST", f"/gateway/{route}", gateway_connection="c1=", gateway_key=shown)
            assert got.problem == (404, "not_found")


async def test_drain_goes_out_before_the_two_hours_end(client: GatewayClient) -> None:
    await client.hears("session")
    talking = asyncio.create_task(_talk_on(client))
    await asyncio.sleep(6600)
    assert not client.of("drain")
    await client.hears("drain")
    assert 6800 < loop().time() - client.made_at < 7000
    await client.is_closed()
    talking.cancel()


async def _talk_on(client: GatewayClient) -> None:
    number = 0
    while True:
        await asyncio.sleep(300)
        number += 1
        client.ask("hello", f"m{number}")


async def test_ten_minutes_without_a_message_end_the_connection_pings_or_not(client: GatewayClient) -> None:
    """W-5."""
    await client.hears("session")
    began = loop().time()
    pinging = asyncio.create_task(_ping_on(client))
    await client.is_closed()
    assert 590 < loop().time() - began < 610
    pinging.cancel()


async def _ping_on(client: GatewayClient) -> None:
    while True:
        await asyncio.sleep(60)
        client.say(type="ping")


async def test_a_token_that_ends_is_told_before_and_ends_the_connection(
    gateway: LoopbackGateway, served: GatewayProcess
) -> None:
    """W-6: the token of ``short`` ends 90 s after the first moment."""
    client = GatewayClient(gateway, served.caller, token="short")
    assert (await client.hears("error"))["problem"]["code"] == "token_expiring"
    await client.is_closed()
    assert client.frames[-1]["problem"]["code"] == "unauthenticated"


async def test_a_new_token_in_time_keeps_the_connection(gateway: LoopbackGateway, served: GatewayProcess) -> None:
    client = GatewayClient(gateway, served.caller, token="short")
    await client.hears("error")
    client.say(type="auth", token="aiko")
    await asyncio.sleep(120)
    assert client.closed is None
    client.ask("hello")
    await client.is_answered()
    await client.goes()


async def test_a_frame_may_come_to_any_process(world: World, gateway: LoopbackGateway, served: GatewayProcess) -> None:
    """W-12: the one that took ``$connect`` posts; another one takes the message and answers it."""
    other = GatewayProcess(await world.process("two"), gateway)
    client = GatewayClient(gateway, served.caller)
    await client.hears("session")
    client.caller = other.caller
    client.ask("hello")
    await client.is_answered()
    assert client.text == "hello "
    await client.goes()


async def test_when_the_one_that_posts_dies_another_goes_on_within_ten_seconds(
    world: World, gateway: LoopbackGateway
) -> None:
    first, second = await world.process("first"), await world.process("second")
    dying, living = GatewayProcess(first, gateway), GatewayProcess(second, gateway)
    await first.does(dying.__aenter__())
    client = GatewayClient(gateway, dying.caller)
    await client.hears("session")
    client.caller = living.caller
    async with living:
        loop().kill("first")
        client.ask("one pause two")
        began = loop().time()
        await client.hears("start")
        assert loop().time() - began < LEASE_S + 4
        await client.is_answered()
        assert client.text.endswith("one two ")
        await client.goes()


async def test_a_process_that_leaves_gives_its_connections_back_and_the_client_hears_nothing_of_it(
    world: World, gateway: LoopbackGateway, client: GatewayClient, served: GatewayProcess
) -> None:
    """W-7."""
    await client.hears("session")
    client.ask("hello")
    await client.is_answered()
    await served.holding.__aexit__(None, None, None)
    kept = await gateway.connections.find(client.name)
    assert kept is not None
    assert kept.holder == NOBODY
    async with GatewayProcess(await world.process("two"), gateway) as other:
        client.caller = other.caller
        client.ask("again", "m2")
        await client.is_answered(2)
        assert client.seqs == list(range(1, len(client.seqs) + 1))
        assert len(client.of("session")) == 1
    await served.holding.__aenter__()


class Away(MemoryConnections):
    """Those of a store that cannot be told, for as long as ``is_away``, that a process is there."""

    is_away = False

    async def beat(self, holder: str, until: datetime) -> None:
        if self.is_away:
            raise ServiceFailure("sessions", "unavailable")
        await super().beat(holder, until)


async def test_a_process_that_was_away_takes_back_all_that_it_held_however_much(
    gateway: LoopbackGateway, process: Process
) -> None:
    """W-12."""
    many, connections = TAKEN_AT_ONCE + 20, Away()
    async with GatewayProcess(process, gateway, connections) as served:
        clients = [GatewayClient(gateway, served.caller) for _ in range(many)]
        for client in clients:
            await client.hears("session")
        connections.is_away = True
        await asyncio.sleep(LEASE_S + 2)
        connections.is_away = False
        await asyncio.sleep(2 * BEAT_S + 1)
        for client in clients:
            client.ask("hello", client.name)
        for client in clients:
            await client.is_answered()
            await client.goes()


async def test_no_token_lies_in_the_store_in_clear(gateway: LoopbackGateway, served: GatewayProcess) -> None:
    client = GatewayClient(gateway, served.caller, token="aiko")
    await client.hears("session")
    kept = await gateway.connections.find(client.name)
    assert kept is not None
    assert kept.customer_id == "aiko"
    assert kept.token
    assert b"token of aiko" not in kept.token
    await client.goes()


async def test_who_asks_for_frames_together_hears_the_same_in_fewer_messages(
    gateway: LoopbackGateway, calls: Calls
) -> None:
    by_one, together_ = GatewayClient(gateway, calls), GatewayClient(gateway, calls, "together=1")
    for client in (by_one, together_):
        await client.hears("session")
        client.ask("one wrong pause card")
        await client.is_answered()
    assert [frame["type"] for frame in together_.frames] == [frame["type"] for frame in by_one.frames]
    assert (together_.text, together_.seqs) == (by_one.text, by_one.seqs)
    assert together_.messages < by_one.messages == len(by_one.frames)
    for client in (by_one, together_):
        await client.goes()


@pytest.mark.parametrize(
    ("frames", "most", "messages"),
    [
        ([], 100, []),
        ([b"aa", b"bb"], 0, [[b"aa"], [b"bb"]]),
        ([b"aa", b"bb", b"cc"], 7, [[b"aa", b"bb"], [b"cc"]]),
        ([b"aa", b"bb", b"cc"], 6, [[b"aa"], [b"bb"], [b"cc"]]),
        ([b"a" * 20, b"bb", b"cc"], 10, [[b"a" * 20], [b"bb", b"cc"]]),
    ],
)
def test_no_message_is_longer_than_a_line_takes(frames: list[bytes], most: int, messages: list[list[bytes]]) -> None:
    assert [list(one) for one in together(frames, most)] == messages
