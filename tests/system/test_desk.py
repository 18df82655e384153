"""R-3, O-6: the whole of a handoff in the real system: a shopper on two sockets, an operator over REST."""

import asyncio
import json
from typing import Any

import aiohttp

from benchmarks.system import Running

LIMIT_S = 60.0


class Tab:
    """One socket of the shopper, and all that was heard on it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.frames: list[dict[str, Any]] = []

    async def hears(self, kind: str, count: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(LIMIT_S):
            while len(self.of(kind)) < count:
                self.frames.append(json.loads((await self._socket.receive()).data))
        return self.of(kind)[count - 1]

    async def says(self, message: str, message_id: str) -> None:
        await self._socket.send_json({"type": "message", "id": message_id, "message": message})

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.frames if "seq" in frame]


async def test_a_person_is_asked_for_in_the_chat_and_takes_over_on_every_socket(system: Running) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as http:
        who = {"username": "oda", "password": "oda-demo"}
        async with http.post(f"{system.store_url}/auth/token", json=who) as signed_in:
            oda = {"authorization": f"Bearer {(await signed_in.json())['access_token']}"}

        async def at_the_desk(path: str, **body: str) -> None:
            async with http.post(f"{system.url}/ops/desk/tickets/{path}", json=body, headers=oda) as done:
                await done.read()

        async with http.ws_connect(system.socket_url) as first_socket:
            one = Tab(first_socket)
            session_id = (await one.hears("session"))["session_id"]
            await one.says("I want to talk to a real person", "m1")
            await one.hears("done")
            assert "below" not in "".join(frame["content"] for frame in one.of("token")), "it leads to no button"
            assert one.of("actions") == []
            asked = await one.hears("handoff")
            assert asked["state"] == "requested"
            async with http.ws_connect(f"{system.socket_url}?session_id={session_id}") as second_socket:
                other = Tab(second_socket)
                assert (await other.hears("session"))["handoff"]["state"] == "requested"
                await at_the_desk(f"{asked['ticket_id']}/join", name="Oda")
                await at_the_desk(f"{asked['ticket_id']}/messages", id="w1", content="Hello, how can I help?")
                for tab in (one, other):
                    assert (await tab.hears("message"))["content"] == "Hello, how can I help?"
                await other.says("my parcel is late", "m2")
                await one.hears("done", 2)
                await other.hears("done")
                await at_the_desk(f"{asked['ticket_id']}/hand-back")
                await one.hears("handoff", 3)
                await other.hears("handoff", 2)
                await one.says("what is your return policy?", "m3")
                await other.hears("done", 2)
                answers = {frame["response_id"] for frame in other.of("token")}
                assert len(answers) == 1, "while the person was in the assistant was silent"
        assert one.seqs == list(range(1, len(one.seqs) + 1))
        assert len(one.of("message")) == 1
