"""Who looks at what in the console, and who does what: written down before anything is shown or done (O-6, G-7)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from mangaassist.guardrails.audit import AuditLog
from mangaassist.guardrails.operator_deeds import noted

NOTED_EVERY: Final = timedelta(minutes=10)
"""A page that stays open asks every few seconds: how often it is noted that somebody is looking."""
MOST_LOOKING: Final = 256
"""Looks that are remembered as noted; of more some are noted again."""


class Trail:
    """Writes down who looks at what, and who does what. ``now`` gives UTC."""

    def __init__(self, audit: AuditLog, now: Callable[[], datetime]) -> None:
        self._audit = audit
        self._now = now
        self._noted: dict[tuple[str, str], datetime] = {}

    async def looks(self, operator: str, kind: str) -> None:
        """A look at figures that hold nothing of a shopper: once for as long as it goes on."""
        last, now = self._noted.get((operator, kind)), self._now()
        if last is not None and now - last < NOTED_EVERY:
            return
        await self.note(operator, kind)
        if len(self._noted) >= MOST_LOOKING:
            del self._noted[next(iter(self._noted))]
        self._noted[operator, kind] = now

    async def note(self, operator: str, kind: str, **what: object) -> None:
        """Raises ``ServiceFailure`` where it cannot be written."""
        await noted(self._audit, operator, kind, what or None)
