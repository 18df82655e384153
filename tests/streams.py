"""Streams in Kinesis, one for each test, and what a reader finds in them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import uuid4

from mangaassist.stores.aws.client import Client, Limits
from mangaassist.stores.kinesis.stream import KinesisEventStream
from mangaassist.telemetry.analytics import ANALYTICS, DECODER, Event
from tests.tables import REGION

SHARDS: Final = 3
PATIENT_FACTOR: Final = 20.0
PATIENT: Final = Limits().stretched(PATIENT_FACTOR)
LOOK_AGAIN_S: Final = 0.05


class Stream:
    """A stream as its operator and its readers see it."""

    def __init__(self, name: str, url: str, client: Client) -> None:
        self.name, self.url = name, url
        self._client = client

    async def opened(self) -> KinesisEventStream:
        return await KinesisEventStream.open(self.name, REGION, self.url, PATIENT_FACTOR)

    async def make(self) -> None:
        await self._client.call("create_stream", StreamName=self.name, ShardCount=SHARDS)
        await self._active()

    async def records(self) -> list[dict[str, Any]]:
        """Every record of every shard, those of a shard in their order."""
        shards = await self._client.ask("list_shards", "Shards", StreamName=self.name)
        found: list[dict[str, Any]] = []
        for shard in shards:
            place = {"StreamName": self.name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            after = await self._client.ask("get_shard_iterator", "ShardIterator", **place)
            while read := await self._client.call("get_records", ShardIterator=after):
                found += read["Records"]
                after = read["NextShardIterator"]
                if not read["Records"]:
                    break
        return found

    async def events(self) -> tuple[Event, ...]:
        """As a reader takes them who knows an event by its id."""
        records = await self.records()
        known: dict[str, Event] = {}
        for event in (DECODER.decode(line) for record in records for line in record["Data"].splitlines()):
            known.setdefault(event.id, event)
        return tuple(known.values())

    async def put(self, data: bytes, key: str) -> None:
        await self._client.call("put_record", StreamName=self.name, Data=data, PartitionKey=key)

    async def split(self) -> None:
        """The first open shard becomes two."""
        shards = await self._client.ask("list_shards", "Shards", StreamName=self.name)
        shard = next(one for one in shards if "EndingSequenceNumber" not in one["SequenceNumberRange"])
        keys = shard["HashKeyRange"]
        middle = str((int(keys["StartingHashKey"]) + int(keys["EndingHashKey"])) // 2)
        await self._client.call(
            "split_shard", StreamName=self.name, ShardToSplit=shard["ShardId"], NewStartingHashKey=middle
        )
        await self._active()

    async def merge(self) -> None:
        """The first two open shards become one."""
        shards = await self._client.ask("list_shards", "Shards", StreamName=self.name)
        first, second = sorted(
            (one for one in shards if "EndingSequenceNumber" not in one["SequenceNumberRange"]),
            key=lambda one: int(one["HashKeyRange"]["StartingHashKey"]),
        )[:2]
        await self._client.call(
            "merge_shards",
            StreamName=self.name,
            ShardToMerge=first["ShardId"],
            AdjacentShardToMerge=second["ShardId"],
        )
        await self._active()

    async def _active(self) -> None:
        while (await self._described())["StreamStatus"] != "ACTIVE":
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _described(self) -> dict[str, Any]:
        return await self._client.ask("describe_stream_summary", "StreamDescriptionSummary", StreamName=self.name)


@contextlib.asynccontextmanager
async def fresh_stream(url: str) -> AsyncIterator[Stream]:
    client = await Client.open(ANALYTICS, "kinesis", REGION, url, PATIENT)
    try:
        stream = Stream(f"analytics-{uuid4().hex}", url, client)
        await stream.make()
        yield stream
    finally:
        await client.close()
