"""What a shopper tells of an answer, asks of a person, and reads back: each once, and of their own alone (R-2, R-3, R-7)."""

import asyncio
from collections.abc import Iterable
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from msgspec import Struct

from mangaassist.desk.announcing import Asked
from mangaassist.desk.ticket import TOLD_AS, Ticket, leading
from mangaassist.domain.customers import Identity
from mangaassist.edge.addresses import address_of
from mangaassist.edge.dependencies import EdgeDependencies
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.limits import Standing
from mangaassist.edge.rest import AnyRequest, answered, asked_in
from mangaassist.errors import BadInput, FieldProblem, NotFound
from mangaassist.guardrails.intake import Intake
from mangaassist.telemetry.analytics import Escalated, Rated
from mangaassist.turn.memory import HEADROOM, Session
from mangaassist.wire.desk import CancelRequest
from mangaassist.wire.rest import (
    EscalationRequest,
    FeedbackRequest,
    FeedbackView,
    SessionView,
    TicketView,
)

_FEEDBACK: Final = msgspec.json.Decoder(FeedbackRequest)
_CANCEL: Final = msgspec.json.Decoder(CancelRequest)
_ESCALATION: Final = msgspec.json.Decoder(EscalationRequest)


class Asker(Struct, frozen=True):
    """Who asks something of the control plane, from where, and how they stand with what they may ask."""

    identity: Identity
    address: str
    standing: Standing


class ControlEdge:
    """Lives as long as the process. Methods raise ``NotFound`` for what is not the caller's, as for what does not exist."""

    def __init__(self, shared: EdgeDependencies) -> None:
        self._shared = shared
        self._intake = Intake()

    async def asker(self, request: AnyRequest) -> Asker:
        """Every request of the control plane comes by here before anything is looked up. Raises ``TooMany``."""
        identity, address = await self._shared.caller(request.scope), address_of(request.scope)
        return Asker(identity, address, await self._shared.limits.control(identity, address))

    async def rate(self, said: FeedbackRequest, identity: Identity) -> FeedbackView:
        session_id = await self._session_with(said.response_id, said.session_id, identity)
        kept = await self._shared.control.feedback.keep(
            Feedback(
                session_id=session_id,
                response_id=said.response_id,
                customer_id=identity.customer_id,
                feedback=said.feedback,
                comment=self._screened(said.comment),
                at=self._shared.now(),
            )
        )
        rated = Rated(
            response_id=kept.response_id,
            by="guest" if kept.customer_id is None else "customer",
            thumb=kept.feedback,
            has_comment=kept.comment is not None,
        )
        self._shared.analytics.note(rated, kept.session_id, kept.customer_id, kept.at)
        return FeedbackView(
            session_id=kept.session_id,
            response_id=kept.response_id,
            feedback=kept.feedback,
            comment=kept.comment,
            at=kept.at.isoformat(),
        )

    async def escalate(self, asked: EscalationRequest, asker: Asker) -> tuple[TicketView, tuple[Standing, ...]]:
        """The ticket, and how the caller stands. One that was filed before is told again, whatever is left of the limit."""
        reason, identity = self._screened(asked.reason), asker.identity
        reception = self._shared.desk.reception
        (session, is_new), known = await asyncio.gather(
            self._begun(asked.session_id, identity, asker.address), reception.tickets.of_session(asked.session_id)
        )
        if reason is None:
            raise _wrong("reason", "must not be empty")
        summary = self._screened(asked.summary)
        fresh = reception.ticket(asked.session_id, identity.customer_id, reason, summary=summary, at=self._shared.now())
        ticket, queue, filing = await self._filed(fresh, known)
        self._shared.analytics.note(
            Escalated(ticket_id=ticket.ticket_id), ticket.session_id, ticket.customer_id, ticket.at
        )
        leader = leading([*known, ticket]) or ticket
        told = None if queue is None else Asked(session, is_new, queue)
        await self._told(leader if leader.ticket_id == ticket.ticket_id else None, told)
        return TicketView(ticket_id=ticket.ticket_id, state=TOLD_AS[leader.state]), (asker.standing, *filing)

    async def _told(self, leader: Ticket | None, asked: Asked | None) -> None:
        """Whoever asked is told before the announcer looks: it would tell the same once more, and they would wait for that."""
        announcer = self._shared.desk.announcer
        try:
            if leader is not None:
                await announcer.tell(leader, asked)
        finally:
            announcer.hurry()

    async def cancel(self, session_id: str, identity: Identity) -> TicketView:
        """The shopper wants nobody any more."""
        await self._session(session_id, identity)
        ticket = await self._shared.desk.cancel(session_id)
        if ticket is None:
            raise NotFound("Nobody was asked for.")
        return TicketView(ticket_id=ticket.ticket_id, state=TOLD_AS[ticket.state])

    async def _begun(self, session_id: str, identity: Identity, address: str) -> tuple[Session, bool]:
        """The session, and whether it is new. A person may be asked for first: then the conversation that was given out begins
        with that. Raises ``NotFound``."""
        conversations = self._shared.conversations
        if (known := await conversations.find(session_id, identity)) is not None:
            return known, False
        is_new = conversations.is_free(session_id) and await conversations.sessions.load(session_id) is None
        if is_new and identity.is_guest:
            await self._shared.limits.new_session(address)
        if is_new:
            await conversations.sessions.begin(session_id, identity.customer_id, HEADROOM)
        return await self._session(session_id, identity), is_new

    async def _filed(
        self, fresh: Ticket, known: Iterable[Ticket]
    ) -> tuple[Ticket, tuple[Ticket, ...] | None, tuple[Standing, ...]]:
        """The ticket, the queue with it unless it was there before, and how the session stands with filing them: of one that was
        there before nothing is counted."""
        reception, limits = self._shared.desk.reception, self._shared.limits
        for filed in known:
            if filed.covers(fresh):
                return filed, None, ()
        standing = await limits.ticket(fresh.session_id)
        filed, queue = await reception.filed(fresh)
        if queue is None:  # somebody filed the same at this very moment
            await limits.give_back(standing)
            return filed, None, ()
        return filed, queue, (standing,)

    async def read_back(self, session_id: str, identity: Identity) -> SessionView:
        session = await self._session(session_id, identity)
        turns = await self._shared.conversations.turns(session)
        return SessionView(session_id=session_id, turns=tuple(turn.view() for turn in turns))

    async def _session(self, session_id: str, identity: Identity) -> Session:
        session = await self._shared.conversations.find(session_id, identity)
        if session is None:
            raise NotFound("There is no such conversation.")
        return session

    async def _session_with(self, response_id: str, named: str | None, identity: Identity) -> str:
        """The session of an answer that the caller was given; of one that is not named, only a customer's own."""
        if named is None and identity.is_guest:
            raise _wrong("session_id", "must be named by a guest")
        session_id = named or await self._shared.conversations.sessions.session_of(response_id)
        session = None if session_id is None else await self._shared.conversations.find(session_id, identity)
        if session is None or not await self._has_answer(session, response_id):
            raise _no_answer()
        if named is None and session.customer_id is None:
            raise _no_answer()
        return session.session_id

    async def _has_answer(self, session: Session, response_id: str) -> bool:
        if any(turn.response_id == response_id for turn in session.turns):
            return True
        sessions = self._shared.conversations.sessions
        return not session.has_all_turns and await sessions.session_of(response_id) == session.session_id

    def _screened(self, text: str | None) -> str | None:
        """What a shopper wrote as it may be kept (G-1); None when nothing is left of it."""
        return self._intake.screen(text).text.strip() or None if text else None


def _no_answer() -> NotFound:
    return NotFound("There is no such answer.")


def _wrong(field: str, detail: str) -> BadInput:
    return BadInput("invalid_field", f"{field}: {detail}", [FieldProblem(field, detail)])


@post("/chat/feedback", status_code=200)
async def chat_feedback(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ControlEdge = state.control
    said, asker = await asked_in(request, _FEEDBACK), await edge.asker(request)
    return answered(await edge.rate(said, asker.identity), asker.standing)


@post("/chat/escalate", status_code=200)
async def chat_escalate(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ControlEdge = state.control
    asked, asker = await asked_in(request, _ESCALATION), await edge.asker(request)
    view, standings = await edge.escalate(asked, asker)
    return answered(view, *standings)


@post("/chat/escalate/cancel", status_code=200)
async def chat_escalate_cancel(request: AnyRequest, state: State) -> Response[bytes]:
    edge: ControlEdge = state.control
    asked, asker = await asked_in(request, _CANCEL), await edge.asker(request)
    return answered(await edge.cancel(asked.session_id, asker.identity), asker.standing)


@get("/chat/sessions/{session_id:str}")
async def chat_session(request: AnyRequest, state: State, session_id: FromPath[str]) -> Response[bytes]:
    edge: ControlEdge = state.control
    asker = await edge.asker(request)
    return answered(await edge.read_back(session_id, asker.identity), asker.standing)
