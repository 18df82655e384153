"""The chunk index in memory and in OpenSearch, under the suite of all (K-1 to K-4)."""

from collections.abc import AsyncIterator

import pytest

from mangaassist.errors import ServiceFailure
from mangaassist.stores.opensearch.chunk_index import OpenSearchChunkIndex
from mangaassist.stores.opensearch.index_generations import OpenSearchGenerations, Shape
from mangaassist.testing.memory_index import MemoryIndex
from tests.contracts.chunk_index import DIMENSIONS, ENGINES, ChunkIndexContract, engine_at, matching
from tests.patience import PATIENCE


class TestMemoryIndex(ChunkIndexContract):
    @pytest.fixture
    def index(self) -> MemoryIndex:
        return MemoryIndex()

    async def test_it_fails_while_it_is_told_to(self) -> None:
        index = MemoryIndex(failure=ServiceFailure("knowledge", "timeout"))
        with pytest.raises(ServiceFailure):
            await matching(index, "parcel", ["faq"], 1)
        index.failure = None
        assert await matching(index, "parcel", ["faq"], 1) == []


class TestOpenSearchChunkIndex(ChunkIndexContract):
    @pytest.fixture(params=ENGINES)
    async def index(self, request: pytest.FixtureRequest) -> AsyncIterator[OpenSearchChunkIndex]:
        async with engine_at(request.param) as (engine, name):
            store = OpenSearchGenerations(engine, name, Shape(shards=2, replicas=0))
            opened = await (await store.of(DIMENSIONS, "model")).opened(PATIENCE)
            yield opened
            await opened.close()
