"""What operators read in the console and do there (O-6): nothing is shown, and nothing done, before it is in the audit trail."""

from collections.abc import Callable
from datetime import datetime

from mangaassist.console.figures import Watched, overview
from mangaassist.console.knowledge import KnowledgeDesk
from mangaassist.console.pages import PagesDesk
from mangaassist.console.trail import Trail
from mangaassist.console.turns import turns_view
from mangaassist.wire.console import Overview, TurnsView


class Console:
    """Lives as long as the process. Methods raise ``ServiceFailure`` when the trail or a store cannot be reached."""

    def __init__(
        self,
        watched: Watched,
        trail: Trail,
        now: Callable[[], datetime],
        knowledge: KnowledgeDesk,
        pages: PagesDesk,
    ) -> None:
        self.knowledge = knowledge
        self.pages = pages
        self._watched = watched
        self._trail = trail
        self._now = now

    async def overview(self, operator: str) -> Overview:
        """How this process does now."""
        await self._trail.looks(operator, "console_overview")
        return overview(self._watched, self._now())

    async def turns(self, operator: str) -> TurnsView:
        """Its newest turns, and its slowest."""
        await self._trail.looks(operator, "console_turns")
        return turns_view(self._watched.metrics.recent, self._watched.process)
