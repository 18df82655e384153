"""The catalog's changes in a Kinesis data stream: the distributed ``ChangeFeed`` (K-5).

A record is one change as JSON: ``{"asin", "version", "emitted_at", "product"}``, with the product as the catalog has it, null where
it was withdrawn. One reader at a time is enough for a catalog; several may read, since versions decide what is newest.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from mangaassist.domain.products import Asin, Moment, Product, ProductChange
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.dead_letters import EVENT_LIMIT
from mangaassist.knowledge.sources.changes import Forgotten, Heard, Unread
from mangaassist.stores.aws.client import Client, Limits
from mangaassist.stores.kinesis.shards import READ, Places, Shard, due, places_of

CATALOG: Final = "catalog"
"""What the stream is called in a ``ServiceFailure``."""
RECORDS: Final = 500
"""Of one call: with products of some kilobytes, a megabyte or two."""
PAUSE_S, IDLE_S = 0.25, 1.0
"""Between two rounds over the shards, after one that brought something and after one that did not: five a second are allowed."""
LIMITS: Final = Limits(connect_s=2.0, reply_s=5.0, all_s=12.0)


class _Event(Struct, frozen=True, kw_only=True):
    asin: Asin
    version: int
    emitted_at: Moment
    product: Product | None

    def __post_init__(self) -> None:
        if self.product is not None and self.product.asin != self.asin:
            raise ValueError("the product is another one than the event's")


_DECODER: Final = msgspec.json.Decoder(_Event)


class KinesisChanges:
    """Use ``open``. Methods are those of ``ChangeFeed``."""

    def __init__(
        self,
        stream: str,
        client: Client,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = f"kinesis {stream}"
        self._stream = stream
        self._client = client
        self._now = now
        self._sleep = sleep

    @classmethod
    async def open(
        cls, stream: str, region: str | None, endpoint_url: str | None, timeout_factor: float
    ) -> "KinesisChanges":
        """Raises ``StartFailed`` when there is no such stream. A Kinesis that is away may come back."""
        opened = cls(
            stream, await Client.open(CATALOG, "kinesis", region, endpoint_url, LIMITS.stretched(timeout_factor))
        )
        try:
            await opened._kept_s()
        except ServiceFailure as failure:
            if not failure.transient:
                await opened.close()
                raise StartFailed(
                    f"The Kinesis stream {stream} cannot be read ({failure.detail}). docs/knowledge.md says what it needs."
                ) from failure
        except BaseException:
            await opened.close()
            raise
        return opened

    async def close(self) -> None:
        await self._client.close()

    async def after(self, cursor: str) -> AsyncGenerator[Heard | Unread]:
        places = places_of(cursor)
        if places.at and self._now() - places.at > await self._kept_s():
            raise Forgotten
        shards: Sequence[Shard] = ()
        iterators: dict[str, str] = {}
        while True:
            if not shards:
                shards = await self._shards()
                places = places.among(shards)
            found = False
            for shard_id in due(shards, places):
                iterator = iterators.pop(shard_id, None) or await self._iterator(shard_id, places)
                records, following = await self._records(iterator)
                for record in records:
                    places = places.moved(shard_id, record["SequenceNumber"], self._now())
                    yield _heard(record["Data"], places)
                found = found or bool(records)
                if following is None:  # it was split or merged: its children have begun
                    places, shards = places.moved(shard_id, READ, self._now()), ()
                else:
                    iterators[shard_id] = following
            await self._sleep(PAUSE_S if found or not shards else IDLE_S)

    async def _kept_s(self) -> float:
        """For how long the stream keeps a record."""
        told = await self._client.ask("describe_stream_summary", "StreamDescriptionSummary", StreamName=self._stream)
        return float(told["RetentionPeriodHours"]) * 3600

    async def _shards(self) -> Sequence[Shard]:
        """All that still hold something, those that were opened first before the others."""
        shards: list[Shard] = []
        page: dict[str, Any] = {"StreamName": self._stream}
        while True:
            reply = await self._client.call("list_shards", **page)
            shards += [_shard(one) for one in self._client.part(reply, "Shards")]
            if not reply.get("NextToken"):
                return shards
            page = {"NextToken": reply["NextToken"]}

    async def _iterator(self, shard_id: str, places: Places) -> str:
        read = places.after.get(shard_id)
        begin = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": read} if read else OLDEST
        return await self._client.ask(
            "get_shard_iterator", "ShardIterator", StreamName=self._stream, ShardId=shard_id, **begin
        )

    async def _records(self, iterator: str) -> tuple[Sequence[Any], str | None]:
        """The next records, and where those after them begin; None at the end of a closed shard."""
        reply = await self._client.call("get_records", ShardIterator=iterator, Limit=RECORDS)
        return self._client.part(reply, "Records"), reply.get("NextShardIterator")


OLDEST: Final = {"ShardIteratorType": "TRIM_HORIZON"}


def _shard(told: Any) -> Shard:
    parents = (told.get("ParentShardId"), told.get("AdjacentParentShardId"))
    return Shard(told["ShardId"], tuple(filter(None, parents)))


def _heard(raw: bytes, places: Places) -> Heard | Unread:
    try:
        event = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Unread(raw[:EVENT_LIMIT].decode("utf-8", "replace"), str(error), places.cursor)
    change = ProductChange(
        cursor=0,
        asin=event.asin,
        version=event.version,
        product=event.product,
        emitted_at=event.emitted_at,
        head=0,
    )
    return Heard(change, places.cursor)
