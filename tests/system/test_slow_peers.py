"""W-5, W-8: on a real connection, peers that do not read what they are sent are let go of; nothing that they cause grows."""

import asyncio

import pytest
from uvicorn.protocols.utils import ClientDisconnected

from mangaassist.edge import websocket_protocol
from mangaassist.edge.websocket_protocol import MORE_FOLLOWS, QUEUED_BYTES
from tests.system.served import Served, rest_of, serving

PING = b"\x89\x80\x00\x00\x00\x00"
LONG_PING = b"\x89\xfd\x00\x00\x00\x00" + bytes(125)
ROOM_OF_THE_KERNEL = 16 * 1024 * 1024
"""More than both sides' socket buffers take on any machine."""


async def test_who_reads_too_slowly_is_told_to_come_back_and_holds_no_more_than_a_bounded_buffer() -> None:
    async def talk(served: Served) -> None:
        try:
            while served.sent < 4 * ROOM_OF_THE_KERNEL:
                await served.send({"type": "websocket.send", "text": "x" * 16_000})
                served.sent += 16_000
                await asyncio.sleep(0)
        finally:
            await served.until_disconnected()

    app = Served(talk)
    async with serving(app) as client:
        await app.ended.wait()
        heard = await rest_of(client)
    assert app.last["code"] == 1013
    assert app.sent < ROOM_OF_THE_KERNEL
    assert b"reading too slowly" in heard  # the close frame is the last that such a peer gets to see


@pytest.mark.parametrize("ping", [PING, LONG_PING], ids=["empty", "long"])
async def test_pings_that_are_not_read_answers_of_are_bounded_too(ping: bytes) -> None:
    app = Served(Served.until_disconnected)
    flood, sent = ping * 1000, 0
    async with serving(app) as client:
        loop = asyncio.get_running_loop()
        with pytest.raises(OSError):
            while sent < 40 * ROOM_OF_THE_KERNEL:
                await loop.sock_sendall(client, flood)
                sent += len(flood)
        await app.ended.wait()
    assert app.last["code"] == 1013


async def test_who_does_not_even_read_the_close_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_protocol, "LINGER_S", 0.01)

    async def talk(served: Served) -> None:
        await served.send({"type": "websocket.send", "text": "x" * (QUEUED_BYTES - 100)})
        await served.send({"type": "websocket.close", "code": 1012, "reason": "bye"})
        await served.until_disconnected()

    app = Served(talk)
    async with serving(app):
        await app.ended.wait()  # and the server ends, although a peer neither reads nor goes


async def test_frames_that_follow_at_once_leave_with_the_last_of_them() -> None:
    async def talk(served: Served) -> None:
        for number in range(3):
            await served.send({"type": "websocket.send", "text": str(number), MORE_FOLLOWS: number < 2})
        await served.until_disconnected()

    async with serving(Served(talk)) as client:
        loop, heard = asyncio.get_running_loop(), b""
        while len(heard) < 9:
            heard += await loop.sock_recv(client, 64)
    assert heard == b"\x81\x010\x81\x011\x81\x012"


@pytest.mark.parametrize("is_alone", [True, False])
async def test_who_has_said_goodbye_is_gone_for_whoever_still_speaks(is_alone: bool) -> None:
    goodbye, closed = b"\x88\x80\x00\x00\x00\x00", asyncio.Event()

    async def talk(served: Served) -> None:
        await served.until_disconnected()
        with pytest.raises(ClientDisconnected):
            await served.send({"type": "websocket.send", "text": "too late", MORE_FOLLOWS: not is_alone})
        closed.set()

    async with serving(Served(talk)) as client:
        await asyncio.get_running_loop().sock_sendall(client, goodbye)
        async with asyncio.timeout(20):
            await closed.wait()
