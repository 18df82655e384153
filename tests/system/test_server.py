"""W-5, W-7, W-11: the server that the socket needs, on a real connection in this process."""

import asyncio
import signal
import socket
from typing import Any

import pytest

from mangaassist.edge import websocket_protocol
from mangaassist.edge.listening import listen
from mangaassist.errors import StartFailed
from mangaassist.wire.frames import MAX_FRAME_BYTES
from tests.system.served import HANDSHAKE, Served, rest_of, serving


def test_an_address_that_is_taken_is_one_sentence_with_what_to_do() -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartFailed) as failed:
            listen("127.0.0.1", port)
        assert f"The assistant cannot listen on 127.0.0.1:{port} (" in str(failed.value)
        assert "--port or MANGAASSIST_SERVER__PORT" in str(failed.value)
        with pytest.raises(StartFailed, match=r"The store .* choose another port with --store-port"):
            listen("127.0.0.1", port, "store", "--store-port")


def test_an_address_can_be_taken_again_right_after_its_connections_were_closed() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        served, _ = first.accept()
        served.close()  # the side that closes first is the one whose address lingers
        client.close()
    listen("127.0.0.1", port).close()


async def test_what_is_sent_does_not_wait_for_what_was_sent_before_it_to_arrive() -> None:
    """Else an answer in two pieces takes 40 ms longer: the second waits for a receipt, and the receipt for something to say."""
    waits: list[int] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        waits.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = listen("127.0.0.1", 0)
    async with await asyncio.start_server(connected, sock=listening):
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        await reader.read()
        writer.close()
    assert waits == [1]


async def test_peers_that_answer_no_heartbeat_are_dropped_and_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_protocol, "LINGER_S", 0.01)
    app = Served(Served.until_disconnected)
    async with serving(app, heartbeat_s=0.02) as client:
        await app.ended.wait()
        heard = await rest_of(client)  # which ends, although the client never closes
    assert heard[0] == 0x89  # a ping
    assert b"\x03\xf3keepalive ping timeout" in heard  # 1011


@pytest.mark.parametrize(("size", "is_taken"), [(MAX_FRAME_BYTES, True), (MAX_FRAME_BYTES + 1, False)])
async def test_a_frame_longer_than_the_longest_closes_with_1009(size: int, is_taken: bool) -> None:
    heard: list[Any] = []

    async def talk(served: Served) -> None:
        heard.append(await served.receive())

    app = Served(talk)
    async with serving(app) as client:
        text = b"\x81\xfe" + size.to_bytes(2, "big") + bytes(4) + b"x" * size
        await asyncio.get_running_loop().sock_sendall(client, text)
        await app.ended.wait()
    (event,) = heard
    assert (event["type"] == "websocket.receive") is is_taken
    assert is_taken or event["code"] == 1009


async def test_nothing_is_compressed_and_the_server_does_not_say_what_it_is() -> None:
    offered = HANDSHAKE.replace(b"Host: x\r\n", b"Host: x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n")
    app = Served(Served.until_disconnected)
    async with serving(app, handshake=offered):
        pass
    assert b"sec-websocket-extensions" not in app.head.lower()
    assert b"\r\nserver:" not in app.head.lower()


async def test_a_server_that_stops_listening_takes_nobody_new_and_goes_on_with_those_it_has() -> None:
    async def talk(served: Served) -> None:
        await served.receive()
        await served.send({"type": "websocket.send", "text": "still here"})
        await served.until_disconnected()

    app = Served(talk)
    async with serving(app) as client:
        assert app.server is not None
        app.server.stop_listening()
        loop = asyncio.get_running_loop()
        with socket.socket() as late:
            late.setblocking(False)
            with pytest.raises(ConnectionRefusedError):
                await loop.sock_connect(late, client.getpeername())
        await loop.sock_sendall(client, b"\x81\x81\x00\x00\x00\x00x")
        assert await loop.sock_recv(client, 64) == b"\x81\x0astill here"


async def test_signals_are_left_to_who_started_the_server() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with serving(Served(Served.until_disconnected)):
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_nothing_can_be_sent_to_a_peer_that_was_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket_protocol, "LINGER_S", 0.01)
    after: list[str] = []

    async def talk(served: Served) -> None:
        await served.send({"type": "websocket.close", "code": 1012, "reason": "bye"})
        try:
            await served.send({"type": "websocket.send", "text": "too late"})
        except OSError as gone:
            after.append(type(gone).__name__)
        await served.until_disconnected()

    app = Served(talk)
    async with serving(app) as client:
        await app.ended.wait()
        heard = await rest_of(client)
    assert after == ["ClientDisconnected"]
    assert b"bye" in heard
    assert b"too late" not in heard
