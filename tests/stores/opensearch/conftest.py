"""A server that speaks OpenSearch, and indexes on it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from mangaassist.stores.opensearch.chunk_index import OpenSearchChunkIndex
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.index_generations import OpenSearchGenerations, Shape
from mangaassist.testing.opensearch_server import OpenSearchServer
from tests.contracts.chunk_index import DIMENSIONS
from tests.patience import PATIENCE

Opened = Callable[..., Awaitable[OpenSearchChunkIndex]]


@pytest.fixture
async def server() -> AsyncIterator[OpenSearchServer]:
    async with OpenSearchServer() as running:
        yield running


@pytest.fixture
async def opened(server: OpenSearchServer) -> AsyncIterator[Opened]:
    """Opens the one index as one process more; ``factor`` stretches its limits."""
    async with AsyncExitStack() as exits:

        async def open_one(factor: float = PATIENCE, login: str = "", shards: int = 1) -> OpenSearchChunkIndex:
            engine = Engine.open(server.url, login, factor)
            exits.push_async_callback(engine.close)
            store = OpenSearchGenerations(engine, "shop", Shape(shards=shards))
            index = await (await store.of(DIMENSIONS, "model")).opened(factor)
            exits.push_async_callback(index.close)
            return index

        yield open_one


@pytest.fixture
async def index(opened: Opened) -> OpenSearchChunkIndex:
    return await opened()
