"""The tickets' port: a shopper who asks for a person, once for each reason (R-3)."""

from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import Struct

from mangaassist.wire.frames import TicketState

SAME_TICKET: Final = timedelta(minutes=5)
TICKET_KEPT: Final = timedelta(days=90)


class Ticket(Struct, frozen=True, kw_only=True):
    """``reason`` and ``summary`` are screened text (G-1); ``digest`` is that of the reason: same words, same ticket."""

    ticket_id: str
    session_id: str
    customer_id: str | None
    digest: str
    reason: str
    summary: str | None = None
    state: TicketState = "requested"
    at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.at + TICKET_KEPT

    @property
    def key(self) -> tuple[str, str]:
        return self.session_id, self.digest

    def covers(self, later: "Ticket") -> bool:
        """The later one says the same so soon after this one that it is no ticket of its own."""
        return self.key == later.key and later.at - self.at < SAME_TICKET


class TicketStore(Protocol):
    """Methods raise ``ServiceFailure`` when the store cannot be reached."""

    async def file(self, ticket: Ticket) -> Ticket:
        """File a ticket unless the newest of its session and digest covers it; gives the one that is filed.

        A ticket that was filed is never changed by another, and none is lost, whoever files at the same time.
        """
        ...

    async def of_session(self, session_id: str) -> tuple[Ticket, ...]:
        """Those that are kept, oldest first; some that have expired may still be among them."""
        ...
