"""Another desk takes over (O-6): it is sent each change of a ticket and what is said, signed, again until it has it.

The tickets say what was sent, so that nothing is lost with a process; an event has the same id each time.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec.structs import replace

from mangaassist.conversation.sessions import SessionStore
from mangaassist.desk import context
from mangaassist.desk.queue import by_session, places
from mangaassist.desk.ticket import Ticket
from mangaassist.desk.tickets import TicketStore
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import Session
from mangaassist.wire.desk_webhook import HandoffEvent, TurnsEvent
from mangaassist.wire.webhook_signatures import HEADER, signature

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=5)
GIVEN_UP: Final = timedelta(days=1)
"""After so long nobody is sent anything of a ticket any more: its conversation has ended."""
TURNS_SENT: Final = 1000
TRIES: Final = 4

Post = Callable[[bytes, dict[str, str]], Awaitable[bool]]
"""Sends a body with its headers; True when it was taken. Never raises."""

_log = logger("desk")


class Forwarder:
    """Lives as long as the process. ``key`` signs, ``now`` gives UTC."""

    def __init__(
        self, tickets: TicketStore, sessions: SessionStore, post: Post, key: bytes, now: Callable[[], datetime]
    ) -> None:
        self._tickets = tickets
        self._sessions = sessions
        self._post = post
        self._key = key
        self._now = now
        self._failures = 0
        self._again_at: datetime | None = None

    async def forward(self, tickets: Iterable[Ticket]) -> None:
        """Send what was not sent yet, the oldest first; the first that is not taken ends the round. Raises ``ServiceFailure``."""
        if self._again_at is not None and self._now() < self._again_at:
            return
        tickets = tuple(tickets)
        standing, own = places(tickets), by_session(tickets)
        for ticket in tickets:
            reasons = tuple(dict.fromkeys(one.reason for one in own[ticket.session_id]))
            if not await self._forward(ticket, reasons, standing.get(ticket.ticket_id)):
                return

    async def _forward(self, ticket: Ticket, reasons: tuple[str, ...], position: int | None) -> bool:
        """The state first, and then what is said; of one that is over, what was still said before it."""
        if self._now() - ticket.at > GIVEN_UP:
            await self._tickets.change(ticket, replace(ticket, sent=ticket.version))
            return True
        session = await self._sessions.load(ticket.session_id)
        is_known = ticket.sent > 0
        if is_known and session is not None and not await self._said(ticket, session):
            return False
        if ticket.sent < ticket.version:
            told = context.described(ticket, reasons, session, position, self._now())
            if not await self._sent(HandoffEvent(id=f"{ticket.ticket_id}_{ticket.version}", ticket=told)):
                return False
            await self._mark(ticket, lambda newest: replace(newest, sent=ticket.version))
        if not is_known and session is not None and ticket.is_open:
            return await self._said(ticket, session)
        return True

    async def _said(self, ticket: Ticket, session: Session) -> bool:
        missing = min(session.version - ticket.passed_on, TURNS_SENT)
        if missing <= 0:
            return True
        turns = session.turns[-missing:]
        if missing > len(turns):
            turns = (await self._sessions.turns(session.session_id, missing))[-missing:]
        event = TurnsEvent(
            id=f"{ticket.ticket_id}_said_{session.version}",
            ticket_id=ticket.ticket_id,
            turns=tuple(turn.view() for turn in turns),
        )
        if not await self._sent(event):
            return False
        await self._mark(ticket, lambda newest: replace(newest, passed_on=session.version))
        return True

    async def _mark(self, ticket: Ticket, marked: Callable[[Ticket], Ticket]) -> None:
        """What was sent, on the ticket as it is by now. Whoever comes in between makes it come once more, under its id."""
        for _ in range(TRIES):
            newest = await self._tickets.get(ticket.ticket_id)
            if newest is None or await self._tickets.change(newest, marked(newest)) is not None:
                return

    async def _sent(self, event: HandoffEvent | TurnsEvent) -> bool:
        body = msgspec.json.encode(event)
        marked = signature(body, self._key, int(self._now().timestamp()))
        if await self._post(body, {HEADER: marked, "content-type": "application/json"}):
            self._failures, self._again_at = 0, None
            return True
        wait = min(FIRST_WAIT * 2**self._failures, LONGEST_WAIT)
        self._failures, self._again_at = self._failures + 1, self._now() + wait
        _log.warning("desk_webhook_not_taken", tries=self._failures, again_in_s=wait.total_seconds())
        return False
