"""Each change of a ticket is told in its conversation, once, whoever died in between: the tickets are the outbox (R-3).

A ticket knows which of its versions was told. A note of a version has the same name from whoever tells it, so that the
conversation takes it once; only then the version counts as told.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Protocol, Self

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import Verdict
from mangaassist.conversation.notes import Note
from mangaassist.conversation.sessions import SESSION_KEPT
from mangaassist.desk.forwarding import Forwarder
from mangaassist.desk.queue import by_session, places
from mangaassist.desk.reception import Reception
from mangaassist.desk.ticket import Ticket, leading
from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import Session

SWEEP_S: Final = 5.0
FORWARDED_S: Final = 2.0
"""Another desk hears of what a shopper says within so long."""
ABSENT: Final = timedelta(minutes=10)
"""A person who has done nothing for so long is gone: the assistant answers again."""

_log = logger("desk")


class Noting(Protocol):
    """``Conversations`` as the desk sees them."""

    async def note(
        self, session_id: str, note_id: str, note: Note, is_new: bool = False, found: Session | None = None
    ) -> Verdict: ...

    async def exists(self, session_id: str) -> bool: ...


class Asked(Struct, frozen=True):
    """What whoever files a ticket knows already: the session, whether it began for this (``is_new``), and the queue with it."""

    session: Session
    is_new: bool
    queue: tuple[Ticket, ...]


class Announcer:
    """Owns the task that tells what is still to be told. Use it as a context manager."""

    def __init__(
        self,
        reception: Reception,
        conversations: Noting,
        now: Callable[[], datetime],
        forwarder: Forwarder | None = None,
    ) -> None:
        """``forwarder``: how another desk hears of it all; None where there is none."""
        self._reception = reception
        self._conversations = conversations
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._forwarder = forwarder

    def hurry(self) -> None:
        """Something changed: look now."""
        self._reception.changed.set()

    async def tell(self, ticket: Ticket, asked: Asked | None = None) -> Ticket:
        """Tell the ticket's newest state in its conversation, unless that was done; ``asked`` when it was filed just now."""
        if ticket.told >= ticket.version:
            return ticket
        queue = await self._reception.tickets.unsettled() if asked is None else asked.queue
        view = await self._reception.view(ticket, queue)
        note = Note(name=ticket.name, handoff=view, at=self._now())
        verdict = await self._conversations.note(
            ticket.session_id,
            f"{ticket.ticket_id}_{ticket.version}",
            note,
            is_new=asked is not None and asked.is_new,
            found=None if asked is None else asked.session,
        )
        if verdict == "busy":
            return ticket
        place = view.position or 0
        marked = replace(ticket, told=ticket.version, told_place=place, place=ticket.place or place)
        return await self._reception.tickets.change(ticket, marked) or ticket

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="desk")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_S if self._forwarder is None else FORWARDED_S):
                    await self._reception.changed.wait()
            self._reception.changed.clear()
            try:
                await self.round()
            except ServiceFailure:  # it is away: the next round asks again
                pass
            except Exception:
                _log.exception("desk_round_failed")

    async def round(self) -> None:
        tickets = await self._reception.tickets.unsettled()
        standing = places(tickets)
        for own in by_session(tickets).values():
            leader = leading(own)
            for ticket in own:
                if ticket is leader or not ticket.is_open:
                    await self.tell(await self._without_ghosts(await self._without_absent(ticket)))
                    await self._tell_place(ticket, standing.get(ticket.ticket_id, 0))
        if self._forwarder is not None:
            await self._forwarder.forward(await self._reception.tickets.unsettled())
        else:
            await self._settle()

    async def _settle(self) -> None:
        """Where there is no other desk, nothing is sent to one."""
        for ticket in await self._reception.tickets.unsettled():
            if not ticket.is_open and ticket.told >= ticket.version:
                await self._reception.tickets.change(ticket, replace(ticket, sent=ticket.version))

    async def _without_absent(self, ticket: Ticket) -> Ticket:
        """A person who went away without a word has left."""
        if ticket.state != "joined" or ticket.active_at is None or self._now() - ticket.active_at < ABSENT:
            return ticket
        left = ticket.after("hand_back", self._now())
        return ticket if left is None else await self._reception.tickets.change(ticket, left) or ticket

    async def _without_ghosts(self, ticket: Ticket) -> Ticket:
        """Nobody waits any more in a conversation that has ended."""
        if not ticket.is_open or self._now() - ticket.at < SESSION_KEPT:
            return ticket
        if await self._conversations.exists(ticket.session_id):
            return ticket
        closed = ticket.after("close", self._now())
        return ticket if closed is None else await self._reception.tickets.change(ticket, closed) or ticket

    async def _tell_place(self, ticket: Ticket, place: int) -> None:
        """Who has come forward in the queue hears so, and who was told a place while another one filed at the same moment."""
        if ticket.state != "requested" or not place or not ticket.told_place or place == ticket.told_place:
            return
        view = await self._reception.view(ticket, await self._reception.tickets.unsettled())
        name = f"{ticket.ticket_id}_{ticket.version}_{place}"
        verdict = await self._conversations.note(ticket.session_id, name, Note(handoff=view, at=self._now()))
        if verdict != "busy":
            await self._reception.tickets.change(ticket, replace(ticket, told_place=place))
