"""Where a person is asked for: files the ticket, and knows who waits where and for how long (R-3)."""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from mangaassist.conversation.entries import digest_of
from mangaassist.desk.queue import places, waiting_s
from mangaassist.desk.ticket import TOLD_AS, Ticket, leading
from mangaassist.desk.tickets import TicketStore
from mangaassist.domain.counting import Counters
from mangaassist.domain.handoff import Person
from mangaassist.domain.store_facts import Support
from mangaassist.turn.derived.facts import open_now
from mangaassist.turn.memory import Session
from mangaassist.turn.stages import Message
from mangaassist.wire.frames import HandoffView
from mangaassist.wire.rest import MAX_REASON_CHARS

MEASURED_S: Final = 24 * 3600
"""Waits of the last day say how long it takes; they count by the hour."""
_HOUR_S: Final = 3600
_WAITED, _JOINED = "desk:waited_s", "desk:joined"


class Reception:
    """Lives as long as the process. ``support`` gives the store's opening hours, ``now`` UTC.

    Methods raise ``ServiceFailure`` when the tickets cannot be reached.
    """

    def __init__(
        self,
        tickets: TicketStore,
        counters: Counters,
        support: Callable[[], Support],
        now: Callable[[], datetime],
    ) -> None:
        self.tickets = tickets
        self._counters = counters
        self._support = support
        self._now = now
        self.changed = asyncio.Event()
        """Set by whoever has something to be told."""

    async def ask(self, message: Message, session: Session) -> Person:
        """Asked in the chat: the ticket is named by the answer, so that the next attempt at it files no other."""
        fresh = self.ticket(
            session.session_id,
            message.identity.customer_id,
            message.text[:MAX_REASON_CHARS],
            ticket_id="t_" + message.response_id.removeprefix("r_"),
            summary=session.dialogue.summary or None,
            cart=message.page.cart_asins,
        )
        known = await self.tickets.of_session(session.session_id)
        filed, queue = await self.filed(fresh)
        ticket = leading([*known, filed]) or fresh
        self.changed.set()
        told = await self.view(ticket, queue or await self.tickets.unsettled())
        return Person(
            state="left_message" if ticket.state == "left_message" else "requested",
            position=told.position,
            eta_s=told.eta_s,
            opens_at=self._opens_at(),
        )

    def ticket(
        self,
        session_id: str,
        customer_id: str | None,
        reason: str,
        *,
        ticket_id: str | None = None,
        summary: str | None = None,
        cart: tuple[str, ...] = (),
        at: datetime | None = None,
    ) -> Ticket:
        """A ticket as it would be filed, now if ``at`` is None. ``reason`` and ``summary`` are screened."""
        now = at or self._now()
        return Ticket(
            ticket_id=ticket_id or "t_" + secrets.token_urlsafe(12),
            session_id=session_id,
            customer_id=customer_id,
            digest=digest_of(reason),
            reason=reason,
            summary=summary,
            state="left_message" if open_now(self._support(), now) is False else "requested",
            at=now,
            cart=cart,
        )

    async def filed(self, fresh: Ticket) -> tuple[Ticket, tuple[Ticket, ...] | None]:
        """The ticket that is filed, and the queue with it; None where the ticket was there before, which is known at once. Somebody
        else who files at this very moment may be missing there: the announcer looks again."""
        reading = asyncio.ensure_future(self.tickets.unsettled())
        is_new = False
        try:
            filed = await self.tickets.file(fresh)
            is_new = filed.ticket_id == fresh.ticket_id
        finally:
            if not is_new:
                reading.cancel()
        if not is_new:
            return filed, None
        return filed, (*(one for one in await reading if one.ticket_id != filed.ticket_id), filed)

    async def view(self, ticket: Ticket, unsettled: Iterable[Ticket]) -> HandoffView:
        """How it stands with a ticket, as its shopper is told it."""
        position = places(unsettled).get(ticket.ticket_id) if ticket.state == "requested" else None
        opens_at = self._opens_at() if ticket.state == "left_message" else None
        return HandoffView(
            ticket_id=ticket.ticket_id,
            state=TOLD_AS[ticket.state],
            position=position,
            eta_s=None if position is None else await self._eta_s(position),
            opens_at=None if opens_at is None else opens_at.isoformat(),
            name=ticket.name if ticket.state == "joined" else None,
        )

    async def measure(self, joined: Ticket) -> None:
        """A person is in: how long it took counts for those who wait next. Never raises: nobody waits for a figure."""
        if joined.joined_at is None or joined.place < 1:
            return
        waited_s = (joined.joined_at - joined.at).total_seconds() / joined.place
        try:
            hour = int(self._now().timestamp()) // _HOUR_S
            await self._counters.add(f"{_WAITED}:{hour}", max(waited_s, 0.0), MEASURED_S + _HOUR_S)
            await self._counters.add(f"{_JOINED}:{hour}", 1, MEASURED_S + _HOUR_S)
        except Exception:  # whatever it is, the person is in
            return

    async def _eta_s(self, position: int) -> int | None:
        hour = int(self._now().timestamp()) // _HOUR_S
        hours = [hour - back for back in range(MEASURED_S // _HOUR_S + 1)]
        try:
            totals = await self._counters.totals([f"{name}:{one}" for name in (_WAITED, _JOINED) for one in hours])
        except Exception:  # nobody can say: the place alone is told
            return None
        waited_s, joined = (sum(totals[f"{name}:{one}"] for one in hours) for name in (_WAITED, _JOINED))
        return waiting_s(position, waited_s, joined)

    def _opens_at(self) -> datetime | None:
        return self._support().opens_next(self._now())
