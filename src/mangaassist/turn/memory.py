"""What a session remembers (T-4), and the port it is kept behind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from msgspec import Struct

from mangaassist.domain.writing import PastTurn
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import SessionTurn
from mangaassist.wire.page import NOWHERE, PageContext

REMEMBERED_TURNS = 10


class TurnRecord(Struct, frozen=True, kw_only=True):
    """One exchange as the shopper saw it. ``message`` is the screened text: personal data never gets this far (G-1).

    ``last_seq`` is the number of the answer's last frame; ``message_id`` is the client's own, against resends (W-3).
    """

    response_id: str
    message_id: str
    message: str
    answer: str
    intent: str
    products: tuple[ProductCard, ...] = ()
    actions: tuple[Button, ...] = ()
    suggestions: tuple[str, ...] = ()
    stopped: bool = False
    last_seq: int = 0
    at: datetime = datetime.fromtimestamp(0, UTC)

    def seen(self) -> PastTurn:
        return PastTurn(self.message, self.answer, self.intent, tuple(card.asin for card in self.products))

    def view(self) -> SessionTurn:
        return SessionTurn(
            response_id=self.response_id,
            message=self.message,
            answer=self.answer,
            products=self.products,
            actions=self.actions,
            suggestions=self.suggestions,
            stopped=self.stopped,
            at=self.at.isoformat(),
        )


class Session:
    """A conversation in memory: who owns it, its last turns, where the shopper is, and how far its frames are numbered."""

    def __init__(
        self,
        session_id: str,
        customer_id: str | None = None,
        turns: tuple[TurnRecord, ...] = (),
        last_seq: int = 0,
    ) -> None:
        self.session_id = session_id
        self.customer_id = customer_id
        self.turns = turns[-REMEMBERED_TURNS:]
        self.last_seq = last_seq
        self.page: PageContext = NOWHERE

    def next_seq(self) -> int:
        self.last_seq += 1
        return self.last_seq

    def add(self, turn: TurnRecord) -> None:
        self.turns = (*self.turns, turn)[-REMEMBERED_TURNS:]

    def history(self) -> tuple[PastTurn, ...]:
        return tuple(turn.seen() for turn in self.turns)

    def last_shown(self) -> tuple[ProductCard, ...]:
        """The cards of the newest turn that showed any: what "the second one" counts."""
        return next((turn.products for turn in self._newest_first() if turn.products), ())

    def has_taken(self, message_id: str) -> bool:
        return any(turn.message_id == message_id for turn in self.turns)

    def _newest_first(self) -> Iterator[TurnRecord]:
        return reversed(self.turns)


class SessionStore(Protocol):
    """Where sessions live for 24 h after their last turn (W-2)."""

    async def load(self, session_id: str) -> Session | None:
        """The session with its last 10 turns, or None when there is none or it has expired."""
        ...

    async def save_turn(self, session: Session, turn: TurnRecord) -> None:
        """Keep the turn and the session's owner and numbering, in one step."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...
