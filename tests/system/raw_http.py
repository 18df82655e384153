"""Bytes out, answers in: HTTP without a client that would put right what is wrong. The judge of the answers is h11."""

import asyncio
import json
import socket
from typing import Any

import h11
from msgspec import Struct

from tests.system.served import connected, rest_of

HEAD = b"Host: x\r\n"
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Answer(Struct):
    """``said``: informational responses before it."""

    status: int
    headers: dict[str, str]
    body: bytes
    said: tuple[int, ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> tuple[int, str]:
        """Status and code of what must be a problem document."""
        assert self.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail", "code"} <= set(self.json)
        assert self.json["status"] == self.status
        return self.status, self.json["code"]

    @property
    def closes(self) -> bool:
        return self.headers.get("connection") == "close"


def answers(raw: bytes, method: str = "GET") -> list[Answer]:
    """All answers in what came back, of HEAD only the first. Fails when it is not HTTP through and through."""
    heard: list[Answer] = []
    while raw:
        client = h11.Connection(h11.CLIENT)
        client.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
        client.send(h11.EndOfMessage())
        client.receive_data(raw)
        client.receive_data(b"")
        said: list[int] = []
        answer = Answer(0, {}, b"")
        while not isinstance(event := client.next_event(), h11.EndOfMessage):
            match event:
                case h11.InformationalResponse():
                    said.append(event.status_code)
                case h11.Response():
                    names = [name.decode() for name, _ in event.headers]
                    assert len(set(names)) == len(names), names
                    answer.status = event.status_code
                    answer.headers = {name.decode(): value.decode("latin-1") for name, value in event.headers}
                case h11.Data():
                    answer.body += bytes(event.data)
                case _:
                    raise AssertionError(event)
        answer.said = tuple(said)
        heard.append(answer)
        raw = client.trailing_data[0] if method != "HEAD" else b""
    return heard


async def exchanged(address: tuple[str, int], *parts: bytes, method: str = "GET") -> list[Answer]:
    """Send the parts one after the other and read until the server closes."""
    return answers(await exchanged_raw(address, *parts), method)


async def exchanged_raw(address: tuple[str, int], *parts: bytes) -> bytes:
    with await connected(address) as client:
        sending = asyncio.create_task(_sent(client, parts))
        heard = await rest_of(client)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return heard


async def _sent(client: socket.socket, parts: tuple[bytes, ...]) -> None:
    for part in parts:
        await asyncio.get_running_loop().sock_sendall(client, part)
        await asyncio.sleep(0)


async def dripped(client: socket.socket, drop: bytes, every_s: float = 0.002) -> bytes:
    """Send a drop again and again until the server has had enough; gives what it said."""
    loop = asyncio.get_running_loop()
    listening = asyncio.create_task(rest_of(client))
    while not listening.done():
        try:
            await loop.sock_sendall(client, drop)
        except OSError:
            break
        await asyncio.sleep(every_s)
    return await listening
