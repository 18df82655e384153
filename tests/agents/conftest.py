"""The door for other agents behind our own server on the loopback: the store's doubles, scripted answers, and MCP's own client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
import msgspec
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.agents.dependencies import AgentDependencies
from mangaassist.edge.agents.doors import AgentsEdge
from mangaassist.edge.agents.server import AgentServer
from mangaassist.edge.app import Door, build
from mangaassist.edge.listening import listen
from mangaassist.edge.server import server
from mangaassist.edge.socket import SocketEdge
from mangaassist.errors import Unauthenticated
from mangaassist.settings import Limits as LimitSettings
from mangaassist.testing.fake_store import FakeStore
from mangaassist.testing.store_data import AIKO, BEN, STORE
from tests.conversation.virtual import UNLIMITED, Process, World
from tests.edge.rest_client import Sockets

ISSUER = "https://sign-in.example"


class Tokens:
    """Knows whom a token is of."""

    async def identify(self, token: str | None) -> Identity:
        known = {None: GUEST, "token-of-aiko": AIKO, "token-of-ben": BEN}
        if token not in known:
            raise Unauthenticated("The token is not valid. Sign in again.")
        return known[token]


class Shop:
    """What is behind the door. ``store`` answers the tools, ``process`` holds the conversations that nobody may touch."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.store.services.facts = STORE.facts
        self.world = World()
        self.process = Process(self.world, "one")
        self.limits = UNLIMITED
        self.url = ""

    def refuse(self, **limits: int) -> None:
        """Other limits, for a door that is opened from now on."""
        self.limits = msgspec.structs.replace(UNLIMITED, **limits)

    @asynccontextmanager
    async def door(self) -> AsyncIterator[Door]:
        doors = self.process.doors(Tokens(), limits=cast(LimitSettings, self.limits))
        doors = msgspec.structs.replace(doors, facts=lambda: self.store.services.facts)
        shared = AgentDependencies(
            services=self.store.services,
            answering=self.process.answers,
            screened=self.process.conversations.screened,
            audit=self.world.audit,
            limits=doors.limits,
            observe=doors.metrics.observe_agent_call,
            clock=self.store.clock,
        )
        async with AgentServer(shared, "1.0").running() as agents:

            async def opened() -> AgentServer:
                return agents

            edge = AgentsEdge(doors, opened, None, ISSUER)
            yield build(doors, cast(SocketEdge, Sockets()), {}, None, edge)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Shop"]:
        async with self.door() as door:
            listening, ready = listen("127.0.0.1", 0), asyncio.Event()
            serve = server(door, 3600, ready.set)
            task = asyncio.create_task(serve.serve(sockets=[listening]))
            await ready.wait()
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield self
            serve.finish()
            await task

    @asynccontextmanager
    async def agent(self, token: str | None = None) -> AsyncIterator[Client]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{self.url}/mcp", http_client=http)) as client,
        ):
            yield client

    async def calls(self, tool: str, token: str | None = None, **arguments: Any) -> dict[str, Any]:
        """What a tool gives in ``structuredContent``."""
        async with self.agent(token) as agent:
            return cast(dict[str, Any], (await agent.call_tool(tool, arguments)).structured_content)

    async def posts(self, body: Any, **headers: str) -> httpx2.Response:
        """A request as anybody may send it, with none of MCP's own headers."""
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
        async with httpx2.AsyncClient(headers={"content-type": "application/json"} | headers) as http:
            return await http.post(f"{self.url}/mcp", content=sent)

    async def gets(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as http:
            return await http.get(self.url + path)


def calling(tool: str, **arguments: Any) -> dict[str, Any]:
    """The body of a call of a tool."""
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with Shop().opened() as shop:
        yield shop
