"""O-5: what the event stream in Kinesis does beyond the contract: single records that are refused, limits, no stream at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.system import free_port
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.aws.client import Client
from mangaassist.stores.kinesis import stream as kinesis
from mangaassist.stores.kinesis.stream import KinesisEventStream, calls
from mangaassist.telemetry.analytics import DECODER, Asked, Event
from mangaassist.testing.memory_analytics import memory_recorder
from tests.contracts.event_stream import event
from tests.streams import PATIENT, PATIENT_FACTOR, Stream, fresh_stream
from tests.tables import REGION

pytestmark = pytest.mark.usefixtures("aws_environment")

Refuses = Callable[[int, str], bool]
"""By the number of the call and the session."""


class Throttled:
    """A client before whose shards somebody stands who turns records away, as Kinesis does when a shard has had enough."""

    def __init__(self, client: Any, refuses: Refuses) -> None:
        self._client = client
        self._refuses = refuses
        self.calls = 0
        self.loses_reply = False

    async def ask(self, operation: str, part: str, **request: Any) -> Any:
        assert operation == "put_records"
        self.calls += 1
        records = request.pop("Records")
        through = [record for record in records if not self._refuses(self.calls, record["PartitionKey"])]
        kept = iter(await self._client.ask(operation, part, Records=through, **request) if through else ())
        if self.loses_reply:
            self.loses_reply = False
            raise ServiceFailure("analytics", "timeout")
        refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "Rate exceeded"}
        return [next(kept) if record in through else refused for record in records]

    async def close(self) -> None: ...


@pytest.fixture
async def made(kinesalite_url: str) -> AsyncIterator[Stream]:
    async with fresh_stream(kinesalite_url) as stream:
        yield stream


@pytest.fixture
async def opened(made: Stream) -> AsyncIterator[KinesisEventStream]:
    stream = await made.opened()
    yield stream
    await stream.close()


def throttled(opened: KinesisEventStream, refuses: Refuses) -> KinesisEventStream:
    return KinesisEventStream(opened._stream, Throttled(opened._client, refuses))


def told(count: int) -> list[Event]:
    return [event(number, session="abc"[number % 3]) for number in range(count)]


async def test_what_a_shard_refuses_is_given_back_whole_sessions_in_their_order(
    made: Stream, opened: KinesisEventStream
) -> None:
    events = told(9)
    full = throttled(opened, lambda call, session: call == 1 and session == "b")
    left = await full.put(events)
    assert list(left) == events[1::3]
    assert set(await made.events()) == {each for each in events if each.session != "b"}
    assert list(await full.put(left)) == []
    assert sorted(await made.events(), key=lambda each: each.at) == events


async def test_refused_sessions_come_again_alone_before_anything_later_and_stay_in_order(
    made: Stream, opened: KinesisEventStream
) -> None:
    full = throttled(opened, lambda call, session: call % 3 != 0 and session == "session of b")
    async with memory_recorder(full) as recorder:
        for number in range(30):
            recorder.note(Asked(response_id=f"r{number}", chars=number), "abc"[number % 3], None)
            if number % 10 == 9:
                recorder.hurry()
                await asyncio.sleep(0.05)
        assert await recorder.flush(60)
    lines = [DECODER.decode(line) for record in await made.records() for line in record["Data"].splitlines()]
    assert len(lines) == 30
    for place, session in enumerate("abc"):
        found = [line.what.chars for line in lines if line.session == f"session of {session}"]
        assert found == list(range(place, 30, 3))


async def test_what_comes_after_a_call_that_was_refused_in_part_waits_behind_it(
    monkeypatch: pytest.MonkeyPatch, opened: KinesisEventStream, made: Stream
) -> None:
    monkeypatch.setattr(kinesis, "RECORDS", 2)
    events = [event(number, session=f"s{number}") for number in range(6)]
    full = throttled(opened, lambda call, session: session == "s3")
    assert list(await full.put(events)) == events[3:]
    assert set(await made.events()) == set(events[:3])


async def test_what_was_kept_though_the_reply_was_lost_is_known_by_its_id(
    made: Stream, opened: KinesisEventStream
) -> None:
    losing = throttled(opened, lambda call, session: False)
    losing._client.loses_reply = True
    with pytest.raises(ServiceFailure):
        await losing.put(told(3))
    assert list(await losing.put(told(3))) == []
    assert len(await made.records()) == 6
    assert set(await made.events()) == set(told(3))


@given(
    sessions=st.lists(st.sampled_from("abcdef"), max_size=40),
    records=st.integers(1, 4),
    room=st.integers(250, 900),
    more=st.integers(1, 3),
)
def test_no_call_and_no_record_is_larger_than_kinesis_takes_and_order_is_kept(
    sessions: list[str], records: int, room: int, more: int
) -> None:
    events = [event(number, session) for number, session in enumerate(sessions)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kinesis, "RECORDS", records)
        patch.setattr(kinesis, "RECORD_BYTES", room)
        patch.setattr(kinesis, "CALL_BYTES", room * more)
        made = list(calls(events))
    for session in "abcdef":
        lines = b"".join(bytes(call.records.get(session, b"")) for call in made)
        assert [DECODER.decode(line) for line in lines.splitlines()] == [e for e in events if e.session == session]
    begun = 0
    for call in made:
        sizes = [len(entry["Data"]) + len(entry["PartitionKey"]) for entry in call.entries]
        assert 0 < len(sizes) <= records
        assert max(sizes) <= room
        assert sum(sizes) <= room * more
        assert {each.session for each in events[begun : call.through]} == set(call.records)
        begun = call.through
    assert begun == len(events)


async def test_a_start_without_the_stream_is_refused_in_clear_words(kinesalite_url: str) -> None:
    with pytest.raises(StartFailed, match=r"stream nowhere cannot be used \(ResourceNotFoundException\)"):
        await KinesisEventStream.open("nowhere", REGION, kinesalite_url, PATIENT_FACTOR)


async def test_a_kinesis_that_is_away_at_the_start_may_come_back() -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    stream = await KinesisEventStream.open("analytics", REGION, nobody, 1)
    for ask in (stream.ping, lambda: stream.put(told(1))):
        with pytest.raises(ServiceFailure) as failed:
            await ask()
        assert (failed.value.service, failed.value.transient) == ("analytics", True)
    await stream.close()


@pytest.mark.parametrize("reply", [{}, {"Records": []}, {"Records": [{"SequenceNumber": "1"}] * 2}])
async def test_a_reply_that_tells_of_other_records_is_none_of_theirs(reply: dict[str, Any]) -> None:
    class Odd:
        async def put_records(self, **request: Any) -> dict[str, Any]:
            return reply

    stream = KinesisEventStream("analytics", Client("analytics", Odd(), PATIENT, AsyncExitStack()))
    with pytest.raises(ServiceFailure) as failed:
        await stream.put(told(1))
    assert failed.value.kind == "contract"
