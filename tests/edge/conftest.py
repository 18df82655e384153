"""Everything here happens in virtual time."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import pytest

from mangaassist.edge.app import Door, build
from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, join, process, pytest_asyncio_loop_factories, world
from tests.edge.rest_client import SHOP, Caller, Sockets
from tests.edge.rest_client import Tokens as RestTokens
from tests.edge.socket_client import Tokens

__all__ = ["join", "process", "pytest_asyncio_loop_factories", "world"]


@pytest.fixture
async def edge(process: Process) -> AsyncIterator[SocketEdge]:
    yield SocketEdge(shared=process.doors(Tokens(), "http://shop.example"), heartbeat_s=30, idle_timeout_s=600)


@pytest.fixture
def sockets() -> Sockets:
    return Sockets()


@pytest.fixture
def pings() -> dict[str, Callable[[], Awaitable[None]]]:
    return {}


@pytest.fixture
def door(process: Process, sockets: Sockets, pings: dict[str, Callable[[], Awaitable[None]]]) -> Door:
    return build(process.doors(RestTokens(), SHOP), cast(SocketEdge, sockets), pings)


@pytest.fixture
def caller(door: Door) -> Caller:
    return Caller(door)
