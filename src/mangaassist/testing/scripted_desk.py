"""A desk for the turn (``turn/asking_a_person.HumanDesk``) that tells what it was told to tell, or is away."""

from mangaassist.domain.handoff import Person
from mangaassist.errors import ServiceFailure
from mangaassist.turn.memory import Session
from mangaassist.turn.stages import Message


class ScriptedDesk:
    """``person`` None: it is away. ``asked`` are the messages on whose behalf somebody was asked for."""

    def __init__(self, person: Person | None) -> None:
        self.person = person
        self.asked: list[Message] = []

    async def ask(self, message: Message, session: Session) -> Person:
        self.asked.append(message)
        if self.person is None:
            raise ServiceFailure("control", "unreachable")
        return self.person
