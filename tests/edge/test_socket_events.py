"""W-10: what analytics hears of a socket."""

import asyncio
from typing import Any

import pytest

from mangaassist.edge.socket import SocketEdge
from mangaassist.telemetry.analytics import Added, Clicked, Closed
from tests.conversation.virtual import World
from tests.edge.socket_client import Client


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
