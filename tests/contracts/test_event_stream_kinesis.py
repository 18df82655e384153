"""The event stream that several processes share, on each real server that speaks Kinesis, read back shard by shard."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from mangaassist.telemetry.analytics import Event, EventStream
from tests.contracts.event_stream import EventStreamContract, event
from tests.streams import Stream, fresh_stream


@pytest.mark.usefixtures("aws_environment")
class TestKinesisEventStream(EventStreamContract):
    made: Stream

    @pytest.fixture
    async def stream(self, kinesis_url: str) -> AsyncIterator[EventStream]:
        async with fresh_stream(kinesis_url) as self.made:
            opened = await self.made.opened()
            yield opened
            await opened.close()

    async def kept(self, stream: Any) -> Sequence[Event]:
        return await self.made.events()

    async def test_the_events_of_a_session_that_leave_together_are_one_record(self, stream: EventStream) -> None:
        await stream.put([event(1, "one"), event(2, "two"), event(3, "one")])
        records = await self.made.records()
        assert {record["PartitionKey"]: record["Data"].count(b"\n") for record in records} == {"one": 2, "two": 1}
