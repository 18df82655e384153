"""The conversation log inside one process: slots in memory, a journal on disk.

Frames live in memory alone. After a crash they are gone: whoever comes back hears of a hole, and then the answer again.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable

from msgspec.structs import replace

from mangaassist.conversation.log import (
    Batch,
    Claim,
    Cursor,
    Entry,
    Followed,
    Joined,
    Lease,
    Offered,
    Origin,
    Revoked,
    Unknown,
)
from mangaassist.conversation.slot import Slot, unknown
from mangaassist.conversation.slot_table import SlotTable
from mangaassist.errors import EpochLost, Fenced


class EmbeddedLog:
    """One holder's view of a slot table; a process has one of each. ``clock`` gives monotonic seconds."""

    def __init__(self, slots: SlotTable, clock: Callable[[], float] = time.monotonic) -> None:
        self._slots = slots
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._wakes = slots.wakes()

    async def offer(self, session_id: str, entry: Entry, origin: Origin | None, claim: bool) -> Offered:
        slot = self._slots.opened(session_id, origin)
        if slot is None:
            return Offered(verdict="unknown", last=0, epoch=self._slots.journal.epoch)
        offered = slot.offer(entry)
        if offered.verdict != "taken":
            return offered
        claimed = slot.claim(self._holder, self._clock()) if claim else None
        changed = (slot.inbox[0], slot.inbox[-1]) if claimed and len(slot.inbox) > 1 else (slot.inbox[-1],)
        self._slots.write(slot, put=changed)
        self._slots.note(slot)
        if claimed is None:
            self._slots.wake(session_id)
        return replace(offered, claim=claimed)

    async def stop(self, session_id: str, message_id: str | None = None) -> None:
        slot = self._slots.kept(session_id)
        if slot is None:
            if self._slots.journal.stop(session_id, message_id):
                self._slots.wake(session_id)
        elif (stopped := slot.stop(message_id)) is not None:
            self._slots.write(slot, put=(stopped,))
            self._slots.wake(session_id)

    async def own(self, session_id: str, customer_id: str, origin: Origin) -> bool:
        slot = self._slots.opened(session_id, origin)
        assert slot is not None
        if slot.owner is None:
            slot.own(customer_id)
            self._slots.write(slot)
            self._slots.tell(session_id)
        return slot.owner == customer_id

    async def claim(self, session_id: str, origin: Origin | None) -> Claim | Unknown | None:
        slot = self._slots.opened(session_id, origin)
        if slot is None:
            return Unknown(self._slots.journal.epoch)
        claimed = slot.claim(self._holder, self._clock())
        if claimed is not None:
            self._slots.write(slot, put=(claimed.entry,))
        self._slots.note(slot)
        return claimed

    async def renew(self, lease: Lease) -> Lease:
        return self._held(lease).renew(lease, self._clock())

    async def release(self, lease: Lease) -> None:
        slot = self._slots.kept(lease.session_id)
        if slot is not None:
            slot.release(lease)
            if slot.inbox:
                self._slots.wake(lease.session_id)

    async def append(self, lease: Lease, frames: tuple[bytes, ...], ack: str | None = None) -> Lease:
        slot = self._held(lease)
        before = slot.kept_bytes
        renewed = slot.append(lease, frames, ack, self._clock())
        self._slots.grew(slot.kept_bytes - before)
        if ack is not None:
            self._slots.write(slot, drop=ack)
            self._slots.note(slot)
        self._slots.tell(lease.session_id)
        if ack is not None:
            await asyncio.sleep(0)  # whoever listens hears an answer before the ones behind it push its frames out
        return renewed

    async def due(self, limit: int) -> tuple[str, ...]:
        self._slots.let_go()
        return self._slots.due(limit)

    async def wakes(self) -> AsyncGenerator[str]:
        while True:
            yield await self._wakes.next()

    async def follow(self, session_id: str, after: Cursor, who: str | None, origin: Origin) -> AsyncGenerator[Followed]:
        joined = self._joined(session_id, after, who, origin)
        yield joined
        heard = after.seq
        while not isinstance(joined, Revoked):
            slot = self._slots.known(session_id, origin)
            news = slot.since(heard, who) if slot else ()
            for item in news:
                yield item
                if isinstance(item, Revoked):
                    return
                heard = item.last if isinstance(item, Batch) else item.to_seq
            if not news:
                await self._slots.news_of(session_id)

    def _joined(self, session_id: str, after: Cursor, who: str | None, origin: Origin) -> Joined | Revoked:
        slot = self._slots.known(session_id, origin)
        if slot is not None:
            return slot.join(after, who)
        return unknown(self._slots.journal.epoch, after, who, origin)

    async def ping(self) -> None:
        await self._slots.journal.ping()

    async def close(self) -> None:
        await self._slots.journal.close()

    def _held(self, lease: Lease) -> Slot:
        slot = self._slots.kept(lease.session_id)
        if slot is None:
            lost = lease.epoch != self._slots.journal.epoch
            raise EpochLost(lease.session_id) if lost else Fenced(lease.session_id)
        return slot
