"""W-7: what sockets hear when the server leaves."""

import asyncio
from typing import Any

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from mangaassist.edge import socket as socket_module
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, World
from tests.edge.socket_client import Client


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
