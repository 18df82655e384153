"""Events that others push (K-5): kept before they are acknowledged, and handed to the pipeline by whoever runs it.

A delivery is taken once, and remembered for as long as it might be sent again. The newest event of each document stays: nobody else
could tell it again when the knowledge is made anew.
"""

from collections.abc import Sequence

from mangaassist.knowledge.building import Report, reported
from mangaassist.knowledge.documents import DocumentChange, PoisonedEvent, SourceProblem, decode_change, encode_change
from mangaassist.knowledge.sources.pushed_events import Kept, PushedEvents
from mangaassist.knowledge.updates import BATCH, Pipeline, rank


class EventInbox:
    """Of one source. Methods raise ``ServiceFailure`` when what keeps the events fails."""

    def __init__(self, events: PushedEvents, source: str) -> None:
        self.source = source
        self._events = events

    async def keep(self, delivery: str, raw: bytes) -> Kept:
        """Keep an event until it is applied. ``delivery`` names it: one that is known is not kept again."""
        return await self._events.keep(delivery, raw)

    async def waits(self) -> bool:
        """Whether anything that was kept is still to be applied."""
        return bool(await self._events.waiting())

    async def apply_waiting(self, pipeline: Pipeline) -> None:
        """Apply what waits, oldest first, whoever kept it. An event that can never be applied is set aside; what is left when this
        fails is applied the next time."""
        for delivery in await self._events.waiting():
            await self._apply(await self._events.read(delivery), pipeline)
            await self._events.take(delivery)
        await self._events.forget()

    async def remember(self, changes: Sequence[DocumentChange]) -> None:
        """Keep what was applied without having waited here, to be told again."""
        for change in changes:
            before = await self._events.remembered(change.id)
            if before is None or _is_newer(change, before):
                await self._events.remember(change.id, encode_change(change).encode())

    async def tell_again(self, pipeline: Pipeline) -> Report:
        """Apply the newest event of each document, for an index that is made anew. What is known is not embedded again."""
        report, after = Report(), ""
        while part := await self._events.newest(after, BATCH):
            read = {name: _read(raw) for name, raw in part}
            applied = await pipeline.apply([one for one in read.values() if isinstance(one, DocumentChange)])
            broken = tuple(SourceProblem(self.source, name, one) for name, one in read.items() if isinstance(one, str))
            report = report.plus(reported(self.source, applied)).plus(
                Report(problems=broken, problem_count=len(broken))
            )
            after = part[-1][0]
        return report

    async def _apply(self, raw: bytes, pipeline: Pipeline) -> None:
        try:
            change = decode_change(raw)
        except PoisonedEvent as error:
            await pipeline.set_aside(self.source, "", 0, error, raw.decode("utf-8", "replace"))
        else:
            await self.remember([change])
            await pipeline.persist([change])


def _is_newer(change: DocumentChange, before: bytes) -> bool:
    read = _read(before)
    return isinstance(read, str) or rank(change) > rank(read)


def _read(raw: bytes) -> DocumentChange | str:
    """The event, or what is wrong with it."""
    try:
        return decode_change(raw)
    except PoisonedEvent as error:
        return error.detail
