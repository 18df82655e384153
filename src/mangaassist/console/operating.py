"""What operators read in the console and do there (O-6): nothing is shown, and nothing done, before it is in the audit trail."""

from collections.abc import Callable
from datetime import datetime

from mangaassist.console.faults import FaultsDesk
from mangaassist.console.figures import Table, overview
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.pages import PagesDesk
from mangaassist.console.sharing import Sharing
from mangaassist.console.trail import Trail
from mangaassist.console.turns import turns_view
from mangaassist.wire.console import Overview, TurnsView


class Console:
    """Lives as long as the process. Methods raise ``ServiceFailure`` when the trail or a store cannot be reached."""

    def __init__(
        self,
        sharing: Sharing,
        table: Table,
        trail: Trail,
        now: Callable[[], datetime],
        knowledge: KnowledgeDesk,
        pages: PagesDesk,
        faults: FaultsDesk,
    ) -> None:
        self.knowledge = knowledge
        self.pages = pages
        self.faults = faults
        self._sharing = sharing
        self._table = table
        self._trail = trail
        self._now = now

    async def overview(self, operator: str) -> Overview:
        """How the processes do now, together."""
        await self._trail.looks(operator, "console_overview")
        covered, is_all = await self._sharing.figures()
        known = await self.knowledge.known()
        return overview(
            covered,
            self._table,
            known.together,
            self._now(),
            is_all=is_all and known.is_all,
            injects_faults=self.faults.is_allowed,
        )

    async def turns(self, operator: str) -> TurnsView:
        """Their newest turns, and their slowest."""
        await self._trail.looks(operator, "console_turns")
        told, is_all = await self._sharing.turns()
        return turns_view(told, is_all=is_all)
