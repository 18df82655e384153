"""Who asks for a person in the chat gets one, without being sent to a button (R-3): the desk's port, and when it is asked."""

from datetime import datetime
from typing import Protocol

from mangaassist.domain.acts import Act
from mangaassist.domain.handoff import Person
from mangaassist.domain.meaning import Meaning
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session
from mangaassist.turn.stages import Message

TOLD_OF: frozenset[Act] = frozenset({Act.HUMAN, Act.WAIT, Act.HANDED_OVER, Act.CALLBACK, Act.COMPLAINT, Act.CONTACT})
"""Acts whose answers say how it stands with a person who was asked for before."""


class HumanDesk(Protocol):
    async def ask(self, message: Message, session: Session) -> Person:
        """Ask for a person on the shopper's behalf; the same message asks once, however often. Raises ``ServiceFailure``."""
        ...


async def person_for(desk: HumanDesk | None, message: Message, session: Session, meaning: Meaning) -> Person | None:
    """How it stands with a person now, where the message asks for one or about one; None: nobody is asked, or can be."""
    if not meaning.asks(*TOLD_OF):
        return None
    if (waiting := _waiting(session)) is not None:
        return waiting
    if desk is None or not meaning.asks(Act.HUMAN):
        return None
    try:
        return await desk.ask(message, session)
    except ServiceFailure:
        return None


def _waiting(session: Session) -> Person | None:
    told = session.handoff
    if told is None or told.state == "joined":
        return None
    if told.opens_at is not None:
        opens_at = datetime.fromisoformat(told.opens_at)
        return Person(state="left_message", opens_at=opens_at, is_new=False)
    return Person(state="requested", position=told.position, eta_s=told.eta_s, is_new=False)
