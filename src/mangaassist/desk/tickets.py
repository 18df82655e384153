"""The tickets' port: filed once for each reason, changed by one at a time, listed until nothing is left to do (R-3, O-6)."""

from typing import Protocol

from mangaassist.desk.ticket import Ticket


class TicketStore(Protocol):
    """Methods raise ``ServiceFailure`` when the store cannot be reached."""

    async def file(self, ticket: Ticket) -> Ticket:
        """File a ticket unless the newest of its session and digest covers it; gives the one that is filed.

        A ticket that was filed is never replaced by another, and none is lost, whoever files at the same time.
        """
        ...

    async def of_session(self, session_id: str) -> tuple[Ticket, ...]:
        """Those that are kept, oldest first; some that have expired may still be among them."""
        ...

    async def get(self, ticket_id: str) -> Ticket | None:
        """The ticket as it is at this moment, or None."""
        ...

    async def change(self, before: Ticket, after: Ticket) -> Ticket | None:
        """Put ``after`` in the place of ``before``, as its next revision; gives it, or None when somebody changed it before."""
        ...

    async def unsettled(self) -> tuple[Ticket, ...]:
        """All that are open, or of which something is still to be told or sent; the oldest first."""
        ...
