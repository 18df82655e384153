"""Reading on in the audit trail where a page of it ended: a cursor that any store understands, for it is a moment and a count.

Entries come the newest first. Several may be of one moment, so a cursor says how many of its moment were told already.
"""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.guardrails.audit import MOST_FOUND, AuditEntry, AuditFound, AuditQuery

MICROSECOND: Final = timedelta(microseconds=1)


class AuditCursor(Struct, frozen=True):
    """``at`` is the moment of the last entry that was told, ``told`` how many of that moment were."""

    at: str
    told: int

    def __str__(self) -> str:
        return f"{self.at}~{self.told}"

    @classmethod
    def read(cls, text: str) -> "AuditCursor":
        """``text`` as ``wire.rest.AuditPlace`` has it. Raises ``ValueError`` for a moment that is none."""
        at, _, told = text.partition("~")
        datetime.fromisoformat(at)
        return cls(at, int(told))


def after(query: AuditQuery, cursor: AuditCursor | None) -> AuditQuery:
    """What to ask so that what comes after the cursor is among it."""
    if cursor is None:
        return query
    end = datetime.fromisoformat(cursor.at) + MICROSECOND
    until = end if query.until is None else min(end, query.until)
    return replace(query, until=until, limit=min(query.limit + cursor.told, MOST_FOUND))


def page(found: AuditFound, cursor: AuditCursor | None) -> tuple[tuple[AuditEntry, ...], AuditCursor | None]:
    """The entries after the cursor, and where to read on; None where that is all."""
    skipped = cursor.told if cursor is not None and found.entries and found.entries[0].at == cursor.at else 0
    entries = found.entries[skipped:]
    if found.is_all or not entries:
        return entries, None
    last = entries[-1].at
    return entries, AuditCursor(last, sum(kept.at == last for kept in found.entries))
