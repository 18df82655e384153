"""What people at the desk read and do (O-6): nothing is shown, and nothing done, before it is in the audit trail."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from mangaassist.conversation.conversations import TURNS_TOLD, Conversations
from mangaassist.conversation.notes import Note
from mangaassist.desk import context
from mangaassist.desk.announcing import Announcer
from mangaassist.desk.queue import by_session, leaders, places
from mangaassist.desk.reception import Reception
from mangaassist.desk.ticket import TOLD_AS, Deed, Ticket, leading
from mangaassist.desk.typing import TypingSigns
from mangaassist.errors import BadInput, NotFound, ServiceFailure
from mangaassist.guardrails.audit import AuditLog
from mangaassist.guardrails.operator_deeds import noted
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.desk import DeskConversation, DeskDone, DeskQueue, DeskTicket

LISTED: Final = 100
TRIES: Final = 4
SEEN_EVERY: Final = timedelta(minutes=1)
"""How often it is noted that a person is still looking."""


class Desk:
    """Lives as long as the process. ``now`` gives UTC. Methods raise ``ServiceFailure`` when a store cannot be reached.

    ``NotFound``: there is no such ticket; ``BadInput`` of status 409: its state does not allow what is asked.
    """

    def __init__(
        self,
        reception: Reception,
        announcer: Announcer,
        conversations: Conversations,
        audit: AuditLog,
        typing: TypingSigns,
        now: Callable[[], datetime],
    ) -> None:
        self.reception = reception
        self.announcer = announcer
        self.typing = typing
        self._conversations = conversations
        self._audit = audit
        self._now = now

    # ---- reading

    async def queue(self, operator: str, seen: str | None) -> DeskQueue:
        """All open tickets, those who wait longest first. Who has seen them as they are is told nothing new."""
        tickets = await self.reception.tickets.unsettled()
        now_seen = _digest(tickets)
        if seen == now_seen:
            return DeskQueue(seen=now_seen, tickets=None)
        await self._note("desk_list", operator)
        listed = leaders(tickets)[:LISTED]
        standing, own = places(tickets), by_session(tickets)
        sessions = await asyncio.gather(*(self._session(ticket) for ticket in listed))
        return DeskQueue(
            seen=now_seen,
            tickets=tuple(
                self._described(ticket, own[ticket.session_id], session, standing.get(ticket.ticket_id))
                for ticket, session in zip(listed, sessions, strict=True)
            ),
        )

    async def conversation(self, ticket_id: str, operator: str, after: int) -> DeskConversation:
        """A ticket and the turns of its conversation after a version; the look is noted where anything is shown."""
        ticket = await self._ticket(ticket_id)
        session = await self._session(ticket)
        version = session.version if session else 0
        if after == 0 or version > after:
            await self._note("desk_read", operator, ticket)
        await self._still_there(ticket, operator)
        turns = await self._turns(session, after) if session and version > after else ()
        told = await self._told(ticket, session)
        has_written = any(turn.is_note and turn.answer for turn in session.turns) if session else False
        return DeskConversation(
            ticket=told,
            version=version,
            turns=tuple(turn.view() for turn in turns),
            typing=await self.typing.of("shopper", ticket.session_id),
            replies=context.replies(ticket, told.about, has_written),
        )

    # ---- doing

    async def join(self, ticket_id: str, operator: str, name: str) -> DeskDone:
        """The person is in; one who was in before is not any more."""
        before = await self._ticket(ticket_id)
        await self._note("desk_join", operator, before, name)
        joined = await self._do(ticket_id, "join", operator, name)
        if before.waits:
            await self.reception.measure(joined)
        return _done(joined)

    async def write(self, ticket_id: str, operator: str, message_id: str, content: str) -> None:
        """Say something as the person who is in. The same id is told once."""
        ticket = await self._ticket(ticket_id)
        self._check_in(ticket, operator)
        await self._note("desk_wrote", operator, ticket, content)
        ticket = await self.announcer.tell(ticket)
        note = Note(name=ticket.name, content=content, at=self._now())
        verdict = await self._conversations.note(ticket.session_id, _note_id(ticket, operator, message_id), note)
        if verdict == "unknown":
            raise NotFound("The conversation has ended.")
        if verdict == "id_reused":
            raise BadInput("id_reused", "The id of this message was used for another one.", status=409)
        if verdict == "busy":
            raise ServiceFailure("conversations", "error", "too much waits in this conversation")
        await self._still_there(ticket, operator)

    async def hand_back(self, ticket_id: str, operator: str) -> DeskDone:
        """The person leaves, and the assistant goes on with what was said."""
        ticket = await self._ticket(ticket_id)
        await self._note("desk_hand_back", operator, ticket)
        return _done(await self._do(ticket_id, "hand_back", operator))

    async def close(self, ticket_id: str, operator: str) -> DeskDone:
        """The matter is settled."""
        ticket = await self._ticket(ticket_id)
        await self._note("desk_close", operator, ticket)
        return _done(await self._do(ticket_id, "close", operator))

    async def writes(self, ticket_id: str, operator: str) -> None:
        """The person is writing just now."""
        ticket = await self._ticket(ticket_id)
        self._check_in(ticket, operator)
        await self.typing.note("agent", ticket.session_id)

    async def cancel(self, session_id: str) -> Ticket | None:
        """The shopper wants nobody any more; None where nobody was asked for."""
        ticket = leading(await self.reception.tickets.of_session(session_id))
        return None if ticket is None else await self._do(ticket.ticket_id, "cancel")

    # ---- how

    async def _do(self, ticket_id: str, deed: Deed, operator: str | None = None, name: str = "") -> Ticket:
        """Change the state and tell it. What ends for one ticket of a conversation ends for all of them."""
        for _ in range(TRIES):
            before = await self._ticket(ticket_id)
            after = before.after(deed, self._now(), operator, name)
            if after is None:
                raise BadInput("wrong_state", f"This ticket is {before.state}: that cannot be done now.", status=409)
            if after is before:
                return await self.announcer.tell(before)
            if (changed := await self.reception.tickets.change(before, after)) is not None:
                if not changed.is_open:
                    await self._end_others(changed)
                told = await self.announcer.tell(changed)
                self.announcer.hurry()
                return told
        raise ServiceFailure("control", "error", "somebody else was always faster")

    async def _end_others(self, ended: Ticket) -> None:
        for other in await self.reception.tickets.of_session(ended.session_id):
            if other.is_open and (closed := other.after("close", self._now())) is not None:
                await self.reception.tickets.change(other, replace(closed, told=closed.version))

    def _check_in(self, ticket: Ticket, operator: str) -> None:
        if ticket.state != "joined" or ticket.operator != operator:
            raise BadInput("wrong_state", "Join the conversation first: you are not in it.", status=409)

    async def _still_there(self, ticket: Ticket, operator: str) -> None:
        is_theirs = ticket.state == "joined" and ticket.operator == operator
        if is_theirs and (ticket.active_at is None or self._now() - ticket.active_at > SEEN_EVERY):
            await self.reception.tickets.change(ticket, replace(ticket, active_at=self._now()))

    async def _ticket(self, ticket_id: str) -> Ticket:
        ticket = await self.reception.tickets.get(ticket_id)
        if ticket is None:
            raise NotFound("There is no such ticket.")
        return ticket

    async def _session(self, ticket: Ticket) -> Session | None:
        return await self._conversations.sessions.load(ticket.session_id)

    async def _turns(self, session: Session, after: int) -> tuple[TurnRecord, ...]:
        missing = session.version - after
        if missing <= len(session.turns):
            return session.turns[-missing:]
        return await self._conversations.sessions.turns(session.session_id, min(missing, TURNS_TOLD))

    async def _told(self, ticket: Ticket, session: Session | None) -> DeskTicket:
        tickets = await self.reception.tickets.unsettled()
        own = by_session(tickets).get(ticket.session_id, (ticket,))
        return self._described(ticket, own, session, places(tickets).get(ticket.ticket_id))

    def _described(
        self, ticket: Ticket, own: Iterable[Ticket], session: Session | None, position: int | None
    ) -> DeskTicket:
        reasons = tuple(dict.fromkeys(one.reason for one in own))
        return context.described(ticket, reasons, session, position, self._now())

    async def _note(self, kind: str, operator: str, ticket: Ticket | None = None, words: str = "") -> None:
        what = {"ticket": ticket.ticket_id, "words": words} if ticket else {}
        await noted(self._audit, operator, kind, what, session_id=ticket.session_id if ticket else "")


def _done(ticket: Ticket) -> DeskDone:
    return DeskDone(ticket_id=ticket.ticket_id, state=ticket.state, told_as=TOLD_AS[ticket.state])


def _note_id(ticket: Ticket, operator: str, message_id: str) -> str:
    """A client's own id is that client's alone."""
    told = hashlib.blake2b(f"{operator}\0{message_id}".encode(), digest_size=12).hexdigest()
    return f"{ticket.ticket_id}_{told}"


def _digest(tickets: Iterable[Ticket]) -> str:
    told = "\0".join(f"{ticket.ticket_id} {ticket.version} {ticket.told_place}" for ticket in tickets)
    return hashlib.blake2b(told.encode(), digest_size=12).hexdigest()
