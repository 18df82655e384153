"""W-7: a process that was told to leave, on connections that were open before."""

import asyncio
import json
import signal
from pathlib import Path

from tests.system.raw_http import Answer, answers
from tests.system.served import HANDSHAKE, connected, rest_of
from tests.system.small_edge import Small, small_edge

PATIENT = {"keep_alive_s": 600, "HEAD_LIMIT_S": 600, "BODY_LIMIT_S": 600}


def post(text: str) -> bytes:
    body = json.dumps({"message": text}).encode()
    typed = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return b"POST /chat/message HTTP/1.1\r\nHost: 127.0.0.1\r\n" + typed.encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class Kept:
    """A connection that was there before."""

    def __init__(self, edge: Small) -> None:
        self._edge = edge

    async def open(self) -> "Kept":
        self.client = await connected(self._edge.address)
        assert (await self.ask(get("/healthz"))).status == 200
        return self

    async def ask(self, request: bytes) -> Answer:
        await self.send(request)
        return await self.heard()

    async def send(self, request: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.client, request)

    async def heard(self) -> Answer:
        """One answer, whose length its head tells."""
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += await self._more(1)
        length = int(raw.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(raw.partition(b"\r\n\r\n")[2]) < length:
            raw += await self._more(65536)
        (answer,) = answers(raw)
        return answer

    async def _more(self, size: int) -> bytes:
        heard = await asyncio.get_running_loop().sock_recv(self.client, size)
        assert heard, "the connection ends in the middle of an answer"
        return heard

    async def is_closed(self) -> bool:
        return await rest_of(self.client) == b""


async def refused(edge: Small) -> None:
    """Wait until nobody new is let in."""
    while True:
        try:
            (await connected(edge.address)).close()
        except ConnectionRefusedError:
            return
        await asyncio.sleep(0.01)


async def test_who_has_asked_is_answered_and_who_asks_now_is_told_to_go_elsewhere(tmp_path: Path) -> None:
    with small_edge(tmp_path / "log", **PATIENT) as edge:
        asking, late, socket, probe, ready, begun = [await Kept(edge).open() for _ in range(6)]
        await asking.send(post("pause " * 5 + "whole"))
        await begun.send(post("half of it")[:-5])
        edge.process.send_signal(signal.SIGTERM)
        await refused(edge)
        for kept, request in ((late, post("one")), (ready, get("/readyz")), (socket, HANDSHAKE)):
            answer = await kept.ask(request)
            assert answer.problem == (503, "draining")
            assert int(answer.headers["retry-after"]) > 0
            assert await kept.is_closed()
        assert (await probe.ask(get("/healthz"))).status == 200
        whole = await asking.heard()
        assert (whole.status, whole.json["response_text"]) == (200, "whole ")
        assert (await begun.heard()).problem == (503, "draining")
        assert await probe.is_closed()
        assert edge.process.wait(60) == 0
