"""The catalog's changes over its own stream, over each real server that speaks Kinesis, and over the double in memory."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from msgspec import structs

from mangaassist.domain.products import ProductChange
from mangaassist.knowledge.sources.changes import CatalogFeed, ChangeFeed
from mangaassist.stores.kinesis.changes import KinesisChanges
from mangaassist.testing.memory_feed import MemoryFeed
from tests.contracts.change_feed import Carrier, ChangeFeedContract
from tests.streams import PATIENT_FACTOR, Stream, fresh_stream
from tests.tables import REGION


class OneMemory:
    def __init__(self) -> None:
        self._feed = MemoryFeed()

    async def tell(self, change: ProductChange) -> None:
        await self._feed.tell(change)

    async def feed(self) -> ChangeFeed:
        return self._feed


class TestMemoryFeed(ChangeFeedContract):
    @pytest.fixture
    async def carrier(self) -> AsyncIterator[Carrier]:
        yield OneMemory()


class Numbered:
    """A catalog's own stream: every change has a number."""

    def __init__(self) -> None:
        self._told: list[ProductChange] = []
        self._more = asyncio.Event()

    async def tell(self, change: ProductChange) -> None:
        self._told.append(structs.replace(change, cursor=len(self._told) + 1))
        self._more.set()

    async def feed(self) -> ChangeFeed:
        return CatalogFeed(self._after)

    async def _after(self, number: int) -> AsyncIterator[ProductChange]:
        while True:
            self._more.clear()
            for change in self._told[number:]:
                number = change.cursor
                yield change
            await self._more.wait()


class TestCatalogFeed(ChangeFeedContract):
    @pytest.fixture
    async def carrier(self) -> AsyncIterator[Carrier]:
        yield Numbered()


def record(change: ProductChange) -> bytes:
    """As docs/knowledge.md says that a record looks."""
    told = {name: getattr(change, name) for name in ("asin", "version", "emitted_at", "product")}
    return msgspec.json.encode(told)


class InKinesis:
    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.opened: list[KinesisChanges] = []

    async def tell(self, change: ProductChange) -> None:
        await self.stream.put(record(change), change.asin)

    async def feed(self) -> KinesisChanges:
        self.opened.append(await KinesisChanges.open(self.stream.name, REGION, self.stream.url, PATIENT_FACTOR))
        return self.opened[-1]


@pytest.mark.usefixtures("aws_environment")
class TestKinesisChanges(ChangeFeedContract):
    @pytest.fixture
    async def carrier(self, kinesis_url: str) -> AsyncIterator[Carrier]:
        async with fresh_stream(kinesis_url) as stream:
            carrier = InKinesis(stream)
            yield carrier
            for one in carrier.opened:
                await one.close()
