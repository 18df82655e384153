"""Events in a Kinesis data stream: the distributed ``EventStream``.

A record holds the events of one session that leave together, one JSON object a line, and goes to the shard of its session. What
is refused of a call are therefore whole sessions, which come again before anything later of theirs: a session stays in order,
though Kinesis promises none within a call. A call that broke off may have been kept: readers know an event by its ``id``.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec import Struct

from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.stores.aws.client import Client, Limits
from mangaassist.telemetry.analytics import ANALYTICS, ENCODER, Event

RECORDS: Final = 500
"""Of one call, as Kinesis takes them."""
RECORD_BYTES: Final = 1024 * 1024
"""Of one record, with the key that says to which shard it goes."""
CALL_BYTES: Final = 5 * 1024 * 1024


class Call(Struct, frozen=True):
    """One call's records by session; they hold the events up to ``through``."""

    through: int
    records: dict[str, bytearray]

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [{"PartitionKey": session, "Data": bytes(lines)} for session, lines in self.records.items()]


class KinesisEventStream:
    def __init__(self, stream: str, client: Client) -> None:
        self._stream = stream
        self._client = client

    @classmethod
    async def open(
        cls, stream: str, region: str | None, endpoint_url: str | None, timeout_factor: float
    ) -> "KinesisEventStream":
        """Raises ``StartFailed`` when there is no such stream. A Kinesis that is away may come back."""
        limits = Limits().stretched(timeout_factor)
        opened = cls(stream, await Client.open(ANALYTICS, "kinesis", region, endpoint_url, limits))
        try:
            await opened._check()
        except BaseException:
            await opened.close()
            raise
        return opened

    async def put(self, events: Sequence[Event]) -> Sequence[Event]:
        begun = 0
        for call in calls(events):
            if refused := await self._refused(call):
                again = (event for event in events[begun : call.through] if event.session in refused)
                return (*again, *events[call.through :])
            begun = call.through
        return ()

    async def ping(self) -> None:
        await self._client.ask("describe_stream_summary", "StreamDescriptionSummary", StreamName=self._stream)

    async def close(self) -> None:
        await self._client.close()

    async def _check(self) -> None:
        try:
            await self.ping()
        except ServiceFailure as failure:
            if failure.transient:
                return
            raise StartFailed(
                f"The Kinesis stream {self._stream} cannot be used ({failure.detail}). docs/analytics.md says how it is made."
            ) from failure

    async def _refused(self, call: Call) -> frozenset[str]:
        """The sessions whose record was not kept: the shard has had enough for this second, most often."""
        kept = await self._client.ask("put_records", "Records", StreamName=self._stream, Records=call.entries)
        if len(kept) != len(call.records):
            raise ServiceFailure(ANALYTICS, "contract", "a reply about other records")
        pairs = zip(call.records, kept, strict=True)
        return frozenset(session for session, record in pairs if not record.get("SequenceNumber"))


def calls(events: Sequence[Event]) -> Iterator[Call]:
    """The calls that put the events, to be made one after the other."""
    records: dict[str, bytearray] = {}
    size = 0
    for number, event in enumerate(events):
        line = ENCODER.encode(event) + b"\n"
        record = records.get(event.session)
        added = len(line) + (len(event.session) if record is None else 0)
        if (
            size + added > CALL_BYTES
            or (record is None and len(records) == RECORDS)
            or (record is not None and len(event.session) + len(record) + added > RECORD_BYTES)
        ):
            yield Call(number, records)
            records, size, added = {}, 0, len(event.session) + len(line)
        records.setdefault(event.session, bytearray()).extend(line)
        size += added
    if records:
        yield Call(len(events), records)
