"""Looking into the audit trail: whoever looks is in it from then on (G-7)."""

from collections.abc import AsyncIterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.errors import BadInput, FieldProblem
from mangaassist.guardrails.audit import (
    MOST_FOUND,
    SHORTEST_TEXT,
    AuditEntry,
    AuditFound,
    AuditLog,
    AuditQuery,
    fits,
    opened,
)
from mangaassist.guardrails.audit_seal import AuditSeal
from mangaassist.guardrails.operator_deeds import noted

WHOLE_TRAIL: Final = AuditQuery(limit=MOST_FOUND)


class Reader(Struct, frozen=True):
    """Who looks: an operator by name, or whoever runs a command on the machine. ``opens``: sealed originals too."""

    name: str
    opens: bool = False


class AuditReading:
    """Lives as long as the process. Nothing is given before the look at it is in the trail: what cannot be audited is not read."""

    def __init__(self, log: AuditLog, seal: AuditSeal) -> None:
        self._log = log
        self._seal = seal

    async def search(self, query: AuditQuery, reader: Reader) -> AuditFound:
        """Raises ``BadInput`` for a text that is too short to be searched for.

        An ASIN is found however it is typed. A text is looked for in what is in clear. Whoever opens what is sealed has it
        looked for there as well, among the newest thousand entries that fit the rest of the query.
        """
        if query.text is not None and len(query.text) < SHORTEST_TEXT:
            wrong = FieldProblem("text", f"must be {SHORTEST_TEXT} characters or longer")
            raise BadInput("invalid_field", str(wrong), [wrong])
        query = replace(query, asin=query.asin and query.asin.strip().upper())
        await self._note("read", query, reader)
        if not reader.opens:
            return await self._log.search(query)
        if query.text is None:
            return self._open(await self._log.search(query), query)
        looked_at = self._open(await self._log.search(replace(query, text=None, limit=MOST_FOUND)), query)
        in_clear = await self._log.search(query)
        entries = dict.fromkeys((*looked_at.entries, *in_clear.entries))
        newest = sorted(entries, key=lambda kept: kept.at, reverse=True)[: query.limit]
        return AuditFound(tuple(newest), looked_at.is_all and in_clear.is_all)

    async def export(self, reader: Reader) -> AsyncIterator[AuditEntry]:
        await self._note("exported", WHOLE_TRAIL, reader)
        async for kept in self._log.entries():
            yield opened(kept, self._seal) if reader.opens else kept

    def _open(self, found: AuditFound, query: AuditQuery) -> AuditFound:
        entries = [opened(kept, self._seal) for kept in found.entries]
        return AuditFound(tuple(kept for kept in entries if fits(kept, query))[: query.limit], found.is_all)

    async def _note(self, kind: str, query: AuditQuery, reader: Reader) -> None:
        how = "sealed originals opened" if reader.opens else "as kept"
        await noted(self._log, reader.name, kind, query, how=how)
