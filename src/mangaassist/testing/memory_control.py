"""Feedback, tickets and idempotency records in memory, for as long as the object lives."""

from msgspec.structs import replace

from mangaassist.desk.ticket import Ticket
from mangaassist.edge.feedback import Feedback
from mangaassist.edge.idempotency import IdempotencyRecord


class MemoryFeedback:
    """``kept`` is all that stands, in the order in which it came."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str | None], Feedback] = {}

    @property
    def kept(self) -> tuple[Feedback, ...]:
        return tuple(self._kept.values())

    async def keep(self, feedback: Feedback) -> Feedback:
        kept = self._kept.get(feedback.key)
        if kept is None or kept.expires_at <= feedback.at:
            kept = self._kept[feedback.key] = feedback
        return kept


class MemoryTickets:
    def __init__(self) -> None:
        self._filed: list[Ticket] = []

    async def file(self, ticket: Ticket) -> Ticket:
        same = (filed for filed in reversed(self._filed) if filed.key == ticket.key)
        newest = next(same, None)
        if newest is not None and newest.covers(ticket):
            return newest
        self._filed.append(ticket)
        return ticket

    async def of_session(self, session_id: str) -> tuple[Ticket, ...]:
        return tuple(ticket for ticket in self._filed if ticket.session_id == session_id)

    async def get(self, ticket_id: str) -> Ticket | None:
        return next((ticket for ticket in self._filed if ticket.ticket_id == ticket_id), None)

    async def change(self, before: Ticket, after: Ticket) -> Ticket | None:
        for place, known in enumerate(self._filed):
            if known.ticket_id == before.ticket_id and known.revision == before.revision:
                self._filed[place] = changed = replace(after, revision=before.revision + 1)
                return changed
        return None

    async def unsettled(self) -> tuple[Ticket, ...]:
        return tuple(ticket for ticket in self._filed if not ticket.is_settled)


class MemoryIdempotency:
    """``records`` by their keys."""

    def __init__(self) -> None:
        self.records: dict[str, IdempotencyRecord] = {}

    async def begin(self, record: IdempotencyRecord) -> IdempotencyRecord:
        kept = self.records.get(record.key)
        if kept is None or kept.expires_at <= record.at:
            kept = self.records[record.key] = record
        return kept

    async def forget(self, record: IdempotencyRecord) -> None:
        kept = self.records.get(record.key)
        if kept is not None and kept.message_id == record.message_id:
            del self.records[record.key]
