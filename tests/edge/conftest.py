"""Everything here happens in virtual time."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.edge.socket import SocketEdge
from tests.conversation.virtual import Process, join, process, pytest_asyncio_loop_factories, world
from tests.edge.socket_client import Tokens

__all__ = ["join", "process", "pytest_asyncio_loop_factories", "world"]


@pytest.fixture
async def edge(process: Process) -> AsyncIterator[SocketEdge]:
    yield SocketEdge(shared=process.doors(Tokens(), "http://shop.example"), heartbeat_s=30, idle_timeout_s=600)
