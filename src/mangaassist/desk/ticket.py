"""A ticket: a shopper who asks for a person, and what became of it. A pure state machine over frozen values (R-3).

    requested ──join──► joined ──hand_back──► left
        │                 │ └────close──────► closed
    left_message ─join────┘
        └──────cancel (the shopper), close (the desk)──► cancelled, closed

``requested`` waits for a person who is there, ``left_message`` for one who comes back: it was asked outside of opening hours.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.wire.frames import TicketState

SAME_TICKET: Final = timedelta(minutes=5)
TICKET_KEPT: Final = timedelta(days=90)

State = Literal["requested", "left_message", "joined", "left", "closed", "cancelled"]
Deed = Literal["join", "hand_back", "close", "cancel"]

TRANSITIONS: Final[Mapping[State, Mapping[Deed, State]]] = {
    "requested": {"join": "joined", "close": "closed", "cancel": "cancelled"},
    "left_message": {"join": "joined", "close": "closed", "cancel": "cancelled"},
    "joined": {"join": "joined", "hand_back": "left", "close": "closed", "cancel": "cancelled"},
    "left": {},
    "closed": {},
    "cancelled": {},
}
"""``join`` of one that is joined takes it over: the person before may be gone."""

TOLD_AS: Final[Mapping[State, TicketState]] = {
    "requested": "requested",
    "left_message": "requested",
    "joined": "joined",
    "left": "left",
    "closed": "left",
    "cancelled": "left",
}
"""What the shopper is told of a state (W-4)."""


class Ticket(Struct, frozen=True, kw_only=True):
    """``reason`` and ``summary`` are screened text (G-1); ``digest`` is that of the reason: same words, same ticket.

    ``version`` counts the changes of its state, ``told`` is the last one that its conversation was told, ``sent`` the last one
    that another desk was; ``revision`` counts the writes of the record. ``place`` is where in the queue it began,
    ``told_place`` where its shopper was last told to be. ``operator`` is who is in, by id, ``name`` as the shopper sees it.
    ``passed_on`` counts the turns of the conversation that another desk was sent.
    """

    ticket_id: str
    session_id: str
    customer_id: str | None
    digest: str
    reason: str
    summary: str | None = None
    state: State = "requested"
    at: datetime
    version: int = 1
    revision: int = 1
    told: int = 0
    sent: int = 0
    place: int = 0
    told_place: int = 0
    operator: str | None = None
    name: str = ""
    joined_at: datetime | None = None
    active_at: datetime | None = None
    ended_at: datetime | None = None
    passed_on: int = 0
    cart: tuple[str, ...] = ()
    """ASINs of the cart when the person was asked for, where the page told them."""

    @property
    def expires_at(self) -> datetime:
        return self.at + TICKET_KEPT

    @property
    def key(self) -> tuple[str, str]:
        return self.session_id, self.digest

    @property
    def is_open(self) -> bool:
        return bool(TRANSITIONS[self.state])

    @property
    def waits(self) -> bool:
        return self.state in ("requested", "left_message")

    @property
    def is_settled(self) -> bool:
        """Nothing more is to be done about it."""
        return not self.is_open and self.told >= self.version and self.sent >= self.version

    def covers(self, later: "Ticket") -> bool:
        """The later one says the same so soon after this one that it is no ticket of its own."""
        return self.key == later.key and later.at - self.at < SAME_TICKET

    def after(self, deed: Deed, at: datetime, operator: str | None = None, name: str = "") -> "Ticket | None":
        """The ticket after a deed; None where its state does not allow it. A person who joins again changes nothing."""
        state = TRANSITIONS[self.state].get(deed)
        if state is None:
            return None
        if deed == "join" and self.state == "joined" and self.operator == operator:
            return self
        changed = replace(self, state=state, version=self.version + 1, active_at=at)
        if deed == "join":
            return replace(changed, operator=operator, name=name, joined_at=self.joined_at or at)
        return replace(changed, ended_at=at)


def leading(tickets: Iterable[Ticket]) -> Ticket | None:
    """Of a conversation's tickets the one that counts: a person is in by it, or it has waited longest; else None."""
    opened = [ticket for ticket in tickets if ticket.is_open]
    return min(opened, key=lambda one: (one.waits, one.at, one.ticket_id), default=None)
