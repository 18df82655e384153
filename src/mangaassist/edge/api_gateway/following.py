"""One connection of an API Gateway, held: follows its conversation and posts what is said, and what time asks for (W-2, W-13).

How far it has heard is kept whenever no answer is open: whoever takes the connection over after a crash posts the open answer again
from its ``start``, which clears what the client had of it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from mangaassist.conversation.conversations import Opened
from mangaassist.conversation.log import Batch, Cursor, Hole, Joined, Revoked
from mangaassist.domain.customers import Identity
from mangaassist.edge.api_gateway.connections import GatewayConnection, changed
from mangaassist.edge.api_gateway.hearing import Hearing, farewell, identity_of
from mangaassist.edge.api_gateway.lifetime import Due, Moment, next_moment
from mangaassist.edge.connection import ENDING_SOON, RECONNECT_AFTER_MS
from mangaassist.edge.greeting import Timing, session_opened
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.wire.frames import MAX_SERVER_FRAME_BYTES, Drain, Gap, ServerFrame

LOOK_S: Final = 0.25
NOT_YET_LOOKS: Final = 20
"""A connection is not there for the management API before ``$connect`` is answered: so often it is tried again."""
AGAIN_S: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.0)
"""How long after a failure it is tried again; the last one holds from then on, until the connection is too old."""
LOOKS: Final = 8
"""So often it is looked who signed in, from the moment at which a guest hears no more."""
ENDS: Final[dict[Due, int]] = {Due.SIGNED_OUT: 4401, Due.IDLE: 4408, Due.OLD: 1012}
SAYS: Final[dict[Due, ServerFrame]] = {
    Due.WARN: ENDING_SOON,
    Due.DRAIN: Drain(reconnect_after_ms=RECONNECT_AFTER_MS),
}

_ENCODER: Final = msgspec.json.Encoder()
_CLOSES: Final = (b'{"type":"done"', b'{"type":"failed"')
_OUTSIDE: Final = (b'{"type":"message"', b'{"type":"handoff"')
"""What a person does is no part of an answer."""
_log = logger("edge")


def together(frames: Sequence[bytes], most_bytes: int) -> Iterator[Sequence[bytes]]:
    """The frames in their order, as many at once as fit into ``most_bytes`` with the commas and brackets of an array; a frame that
    is as long as that goes by itself."""
    first, size = 0, 0
    for place, frame in enumerate(frames):
        if place > first and size + len(frame) + 2 > most_bytes:
            yield frames[first:place]
            first, size = place, 0
        size += len(frame) + 1
    if first < len(frames):
        yield frames[first:]


class Gone(Exception):
    """The connection is there no more, or is held by somebody else."""


class Anew(Exception):
    """What is kept of the connection has changed: it is read, and followed, again."""


class Following:
    """``holder`` is the process. ``run`` ends when the connection does, or when somebody else holds it."""

    def __init__(self, hearing: Hearing, connection_id: str, holder: str, timing: Timing) -> None:
        self._hearing = hearing
        self._connection_id = connection_id
        self._holder = holder
        self._timing = timing
        self._told: frozenset[Moment] = frozenset()
        """What time has asked for already."""
        self._is_open = False
        self._at = Cursor(0)

    async def run(self) -> None:
        """Follow, and again after each failure, as long as the connection is ours."""
        tries = 0
        try:
            while True:
                try:
                    await self._followed(await self._known())
                    tries = 0
                except Anew:
                    continue
                except ServiceFailure as failure:
                    _log.warning("gateway_connection_waits", failure=str(failure))
                    await asyncio.sleep(AGAIN_S[min(tries, len(AGAIN_S) - 1)])
                    tries += 1
        except Gone:
            return

    async def _known(self) -> GatewayConnection:
        known = await self._hearing.connections.find(self._connection_id)
        if known is None or known.holder != self._holder:
            raise Gone
        return known

    async def _followed(self, known: GatewayConnection) -> None:
        """What the conversation says and what time asks for, until one of the two ends."""
        tasks = [asyncio.create_task(self._pass_on(known)), asyncio.create_task(self._keep_time(known))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    # ---- what the conversation says

    async def _pass_on(self, known: GatewayConnection) -> None:
        identity = identity_of(known, self._hearing.sealer)
        opened = await self._hearing.shared.conversations.open_at(known.session_id, identity)
        if opened is None:
            await self._end(4403)
            return
        self._at = Cursor(opened.session.last_seq if known.seq is None else known.seq, known.epoch)
        async with aclosing(opened.conversation.follow(self._at)) as followed:
            async for news in followed:
                match news:
                    case Joined():
                        await self._joined(known, opened, identity, news)
                    case Batch():
                        await self._pass(news, MAX_SERVER_FRAME_BYTES if known.together else 0)
                    case Hole():
                        await self._tell_gap(opened, news)
                    case Revoked():
                        await self._revoked(identity)

    async def _joined(self, known: GatewayConnection, opened: Opened, identity: Identity, joined: Joined) -> None:
        """Who has heard nothing yet is told by turns what others would be told by a gap."""
        is_new = known.seq is None
        if not is_new and joined.last < self._at.seq:  # it claims to have heard what nobody has said yet
            await self._keep(lambda one: replace(one, seq=None, epoch=None, greeted=False))
            raise Anew
        heard = joined.hole.to_seq if is_new and joined.hole is not None else self._at.seq
        self._at = Cursor(heard, joined.epoch)
        if not known.greeted:
            frame = session_opened(opened.session, known.resumed, joined, heard, identity, self._timing)
            await self._post(_ENCODER.encode(frame), known.connected_at)
            await self._keep_cursor()

    async def _pass(self, batch: Batch, most_bytes: int) -> None:
        for frames in together(batch.frames[max(0, self._at.seq + 1 - batch.first) :], most_bytes):
            await self._post(frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]")
            self._at = Cursor(self._at.seq + len(frames), self._at.epoch)
            for data in frames:
                if not data.startswith(_OUTSIDE):
                    self._is_open = not data.startswith(_CLOSES)
        if not self._is_open:
            await self._keep_cursor()

    async def _tell_gap(self, opened: Opened, hole: Hole) -> None:
        """What can no longer be told frame by frame is told as turns."""
        if hole.to_seq > self._at.seq:
            turns, more = await opened.conversation.snapshot()
            gap = Gap(epoch=hole.epoch, from_seq=self._at.seq + 1, to_seq=hole.to_seq, turns=turns, more=more)
            await self._post(_ENCODER.encode(gap))
        self._at = Cursor(max(self._at.seq, hole.to_seq), hole.epoch)
        await self._keep_cursor()

    async def _revoked(self, identity: Identity) -> None:
        """Somebody signed in: on this very connection, as the store will say in a moment, or elsewhere."""
        for _ in range(LOOKS):
            await asyncio.sleep(LOOK_S)
            if (await self._known()).customer_id != identity.customer_id:
                raise Anew
        await self._end(4403)

    # ---- what time asks for

    async def _keep_time(self, known: GatewayConnection) -> None:
        idle = timedelta(seconds=self._timing.idle_timeout_s)
        while True:
            moment = next_moment(known, idle, self._told)
            await asyncio.sleep(max(0.0, (moment.at - self._hearing.shared.now()).total_seconds()))
            known = await self._known()
            if next_moment(known, idle, self._told) != moment:
                continue
            self._told |= {moment}
            if moment.due in ENDS:
                await self._end(ENDS[moment.due])
            await self._post(_ENCODER.encode(SAYS[moment.due]))

    # ---- what goes out

    async def _post(self, data: bytes, connected_at: datetime | None = None) -> None:
        """``connected_at``: it was posted nothing yet, and may not be there before ``$connect`` is answered."""
        management, looks = self._hearing.management, 0 if connected_at is None else NOT_YET_LOOKS
        while not await management.post(self._connection_id, data):
            if not looks:
                await self._hearing.connections.forget(self._connection_id)
                raise Gone
            looks -= 1
            await asyncio.sleep(LOOK_S)

    async def _end(self, code: int) -> None:
        await farewell(self._hearing.management, self._connection_id, code)
        await self._hearing.connections.forget(self._connection_id)
        raise Gone

    async def _keep_cursor(self) -> None:
        at = self._at
        await self._keep(lambda known: replace(known, seq=at.seq, epoch=at.epoch, greeted=True))

    async def _keep(self, how: Callable[[GatewayConnection], GatewayConnection]) -> None:
        """Raises ``Gone`` when somebody else holds it by now."""

        def ours(known: GatewayConnection) -> GatewayConnection | None:
            return how(known) if known.holder == self._holder else None

        if await changed(self._hearing.connections, self._connection_id, ours) is None:
            raise Gone
